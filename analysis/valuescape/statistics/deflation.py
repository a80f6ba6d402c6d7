"""Stratified two-by-two tables divided by their design effect."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def deflated_counts(
    k: NDArray[Any],
    n_context: NDArray[Any],
    n_value: NDArray[Any],
    n_total: NDArray[Any],
    effect: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    r"""Divide a stratified table by its design effect and round the cell towards its expectation.

    Margins are rounded so that their running totals over the strata are right to one half.  The
    total of the cells is the integer next to :math:`\sum_h E_h' + s \sum_h (k_h - E_h)/d`, on the
    side of its expectation :math:`\sum_h E_h'`; where the rounded margins leave less than the
    hypergeometric variance over d, s is the square root of the share left, otherwise 1.  So the
    excess over expectation never exceeds the quotient, neither as a count nor in standard errors.

    Parameters
    ----------
    k, n_context, n_value, n_total : ndarray of int, shape (n_strata,)
        Cell, its two margins and the total.
    effect : float
        Design effect d, at least 1.

    Returns
    -------
    tuple of ndarray of int, each shape (n_strata,)
        The same four, deflated; each cell within what its margins allow.

    Examples
    --------
    >>> table = [np.array([v]) for v in (9, 20, 20, 100)]
    >>> [int(a[0]) for a in deflated_counts(*table, 2.0)]
    [4, 10, 10, 50]
    >>> [int(a[0]) for a in deflated_counts(*table, 1.0)]
    [9, 20, 20, 100]
    """
    from valuescape.statistics.exact_kernels import deflate

    both, margin, other, every = (
        np.asarray(a, dtype=np.int64) for a in (k, n_context, n_value, n_total)
    )
    cell, context, value, total = deflate(both, margin, other, every, float(effect))
    return cell, context, value, total
