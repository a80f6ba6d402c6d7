"""Two-by-two tables divided by their design effect, single or in strata."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_numbers, refuse
from valuescape.statistics.hypergeometric import two_by_two


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


def rao_scott_counts(
    k: ArrayLike,
    n_context: ArrayLike,
    n_value: ArrayLike,
    n_total: ArrayLike,
    deff: ArrayLike,
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Whole counts of a 2 x 2 table divided by its design effect, rounded towards independence.

    An exact test on counts divided by the design effect accounts for clustering at first order.
    The quotients are seldom whole. For an enriched cell the count and the total are rounded down
    and the margins up, for a depleted cell the reverse, and a count that would pass the expected
    count is put next to it: rounding never adds evidence.

    Parameters
    ----------
    k, n_context, n_value, n_total : array_like
        As in `cell_tests`.
    deff : array_like
        Design effects, at least 1 (raise smaller estimates to 1 first).

    Returns
    -------
    tuple of ndarray of int64
        Deflated `k`, `n_context`, `n_value` and `n_total`, in the order of the arguments of
        `exact_log10_p`, which fit one table. With ``deff = 1`` they equal the input.

    Raises
    ------
    ValueError
        If a design effect is below 1 or missing, or the counts do not fit one table.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1992). A simple method for the analysis of clustered binary data.
    *Biometrics* 48, 577-585. https://doi.org/10.2307/2532311

    Examples
    --------
    >>> [int(count) for count in rao_scott_counts(13, 40, 45, 400, 2.0)]
    [6, 20, 23, 200]
    """
    table, _ = two_by_two(k, n_context, n_value, n_total)
    a, n, m, total, effect = np.broadcast_arrays(
        table[0], table[0] + table[1], table[0] + table[2], sum(table), as_numbers("deff", deff)
    )
    refuse(effect < 1, "deff", "a design effect must be at least 1", effect)
    enriched = a * total >= n * m
    total_new = _divided(total, effect, ~enriched)
    n_new = np.minimum(_divided(n, effect, enriched), total_new)
    m_new = np.minimum(_divided(m, effect, enriched), total_new)
    middle = np.floor(n_new * m_new / np.maximum(total_new, 1) + 1 / 3).astype(np.int64)
    k_new = _divided(a, effect, ~enriched)
    clipped = np.where(enriched, np.maximum(k_new, middle), np.minimum(k_new, middle))
    k_new = np.where(effect == 1, a, clipped)
    return k_new, n_new, m_new, total_new


def _divided(count: IntArray, effect: FloatArray, up: BoolArray) -> IntArray:
    """Count over design effect, rounded up where marked and down elsewhere."""
    quotient = count / effect
    return np.where(up, np.ceil(quotient), np.floor(quotient)).astype(np.int64)
