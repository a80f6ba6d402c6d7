"""Stratified two-by-two tables divided by their design effect."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SLACK = 1e-9
"""Allowance for rounding errors where a bound is a whole number."""


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
    total = _rounded(n_total / effect)
    context = np.minimum(_rounded(n_context / effect), total)
    value = np.minimum(_rounded(n_value / effect), total)
    before, needed = _null_moments(n_context, n_value, n_total)
    expected, left = _null_moments(context, value, total)
    shrink = np.sqrt(min(1.0, left * effect / needed)) if needed > 0 else 1.0
    excess = shrink * (float(np.sum(k)) - before) / effect
    slack = _SLACK if excess >= 0 else -_SLACK
    target = (np.floor if excess >= 0 else np.ceil)(expected + excess + slack)
    low, high = np.maximum(0, context + value - total), np.minimum(context, value)
    return _allotted(int(target), k / effect, low, high), context, value, total


def _rounded(quotient: NDArray[Any]) -> NDArray[np.int64]:
    running = np.rint(np.cumsum(quotient)).astype(np.int64)
    return np.asarray(np.diff(running, prepend=0))


def _null_moments(
    context: NDArray[Any], value: NDArray[Any], total: NDArray[Any]
) -> tuple[float, float]:
    """Mean and variance of the cell, summed over strata, given the margins."""
    m, r, n = (np.asarray(a, dtype=float) for a in (context, value, total))
    expected = m * r / np.maximum(n, 1.0)
    variance = expected * (n - m) * (n - r) / np.maximum(n * (n - 1.0), 1.0)
    return float(expected.sum()), float(variance.sum())


def _allotted(
    target: int, quotient: NDArray[Any], low: NDArray[np.int64], high: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Whole numbers near the quotients that add up to the target, as far as limits allow."""
    cell: NDArray[np.int64] = np.clip(np.rint(quotient).astype(np.int64), low, high)
    for _ in range(abs(target - int(cell.sum()))):
        step = 1 if target > cell.sum() else -1
        room = (cell < high) if step > 0 else (cell > low)
        if not room.any():
            break
        miss = np.where(room, step * (quotient - cell), -np.inf)
        cell[int(np.argmax(miss))] += step
    return cell
