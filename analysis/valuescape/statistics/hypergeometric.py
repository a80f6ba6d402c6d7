"""Exact hypergeometric probabilities on the log scale, for every cell of a table at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_counts, refuse
from valuescape.statistics.options import Alternative, check_option

CHUNK = 1 << 15
STEP_CHUNK = 1 << 12
STEPS, STEPS_A_CHECK = (16, 80), 8
BLOCK_CHUNK = 1 << 10
FIRST_BLOCK = 64
LARGEST_BLOCK = 256
TAIL_TOLERANCE = 1e-15
LN10 = float(np.log(10.0))

Table = tuple[IntArray, IntArray, IntArray, IntArray]
"""The four cells a, b, c, d of 2 x 2 tables: inside with and without, outside with and without."""


def exact_log10_p(
    k: ArrayLike,
    n_context: ArrayLike,
    n_value: ArrayLike,
    n_total: ArrayLike,
    *,
    alternative: Alternative = "two-sided",
) -> FloatArray:
    r"""Exact hypergeometric mid-p of a 2 x 2 table, as log10.

    With :math:`X \sim \text{Hypergeometric}(N, K, n)`, the upper mid-p is
    :math:`P(X > k) + P(X = k)/2`, the lower its complement, and the two-sided p twice the smaller,
    at most 1. The tail away from the mean is summed from the observed count outward by the ratio
    of neighbouring terms until what is left cannot change it by 1e-15, on top of a log
    probability free of cancellation, so that p = 1e-5000 is as exact as p = 0.1.

    Parameters
    ----------
    k : array_like
        Conversations of the context that express the value.
    n_context, n_value, n_total : array_like
        Conversations of the context, conversations with the value, and all conversations.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``greater`` is enrichment.

    Returns
    -------
    ndarray of float64
        log10 p, of the broadcast shape. A margin of 0 or ``n_total`` allows one table only:
        two-sided p is then 1 (log10 p = 0) and one-sided p 1/2.

    Raises
    ------
    ValueError
        If a count is negative, not whole or missing, or the four do not fit one 2 x 2 table; the
        message names the argument and the first offending index.

    References
    ----------
    Lancaster, H. O. (1961). Significance tests in discrete distributions. *JASA* 56, 223-234.
    https://doi.org/10.1080/01621459.1961.10482105.
    Agresti, A. (2013). *Categorical Data Analysis*, 3rd ed., section 3.5. Wiley.

    Examples
    --------
    >>> round(float(10 ** exact_log10_p(3, 4, 4, 8)), 4)
    0.2571
    >>> exact_log10_p([5, 9000], 10_000, 10_000, 1_000_000).round(3).tolist()
    [-35.863, -19481.008]
    """
    check_option("alternative", alternative, Alternative)
    table, shape = two_by_two(k, n_context, n_value, n_total)
    a, b, c, d = (cell.ravel() for cell in table)
    out = np.empty(a.size)
    for start in range(0, out.size, CHUNK):
        part = slice(start, start + CHUNK)
        out[part] = _log10_p((a[part], b[part], c[part], d[part]), alternative)
    return out.reshape(shape)


def two_by_two(
    k: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: ArrayLike
) -> tuple[Table, tuple[int, ...]]:
    """Split each 2 x 2 table into its cells, and give the shape its margins broadcast to.

    Parameters
    ----------
    k, n_context, n_value, n_total : array_like
        Count of the cell, its row total, its column total and the grand total.

    Returns
    -------
    tuple of ndarray of int64
        Cells a, b, c, d, each of the broadcast shape.
    tuple of int
        That shape.

    Raises
    ------
    ValueError
        If a count is negative, not whole or missing, or the four do not fit one table.

    Examples
    --------
    >>> [int(cell) for cell in two_by_two(3, 4, 5, 10)[0]]
    [3, 1, 2, 4]
    """
    a, n, m, total = np.broadcast_arrays(
        as_counts("k", k),
        as_counts("n_context", n_context),
        as_counts("n_value", n_value),
        as_counts("n_total", n_total),
    )
    refuse(n > total, "n_context", "must not exceed n_total", n)
    refuse(m > total, "n_value", "must not exceed n_total", m)
    refuse(a > n, "k", "must not exceed n_context", a)
    refuse(a > m, "k", "must not exceed n_value", a)
    rest = total - n - m + a
    refuse(rest < 0, "k", "must be at least n_context + n_value - n_total", a)
    return (np.asarray(a), np.asarray(n - a), np.asarray(m - a), np.asarray(rest)), a.shape


def cell_deviances(table: Table) -> tuple[FloatArray, FloatArray]:
    """Count minus expected count of cell a, and half the deviance G^2 of the table.

    Each term ``O ln(O/E) - O + E`` is taken in a form that keeps its digits when O is near E
    (Loader 2000), from the cross-product difference computed in whole numbers.

    Parameters
    ----------
    table : tuple of ndarray of int64
        Cells a, b, c, d.

    Returns
    -------
    tuple of ndarray of float64
        The excess ``a - E(a)`` and the half deviance; zero for an empty table.

    References
    ----------
    Loader, C. (2000). *Fast and Accurate Computation of Binomial Probabilities*.

    Examples
    --------
    >>> excess, half = cell_deviances(two_by_two(30, 40, 50, 100)[0])
    >>> float(excess), round(2 * float(half), 4)
    (10.0, 17.2609)
    """
    a, b, c, d = table
    total = np.maximum(a + b + c + d, 1)
    excess = ((a + b + c + d) * a - (a + b) * (a + c)) / total
    half = np.zeros(np.shape(a))
    for cell, row, column, sign in (
        (a, a + b, a + c, 1.0),
        (b, a + b, b + d, -1.0),
        (c, c + d, a + c, -1.0),
        (d, c + d, b + d, 1.0),
    ):
        half += _deviance_term(cell.astype(np.float64), row / total * column, sign * excess)
    return excess, half


def _deviance_term(observed: FloatArray, expected: FloatArray, excess: FloatArray) -> FloatArray:
    """``O ln(O/E) - O + E`` with ``excess = O - E`` known exactly."""
    total = observed + expected
    v = excess / np.where(total > 0, total, 1.0)
    v2 = v * v
    series = np.zeros_like(v)
    for odd in (17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        series = (series + 1.0 / odd) * v2
    near = excess * v + 2.0 * observed * v * series
    far = np.abs(v) > 0.1
    if not np.any(far):
        return np.asarray(near)
    safe = np.where(expected > 0, expected, 1.0)
    return np.asarray(np.where(far, special.xlogy(observed, observed / safe) - excess, near))


def stirling(m: IntArray) -> FloatArray:
    """``ln m! - (m ln m - m)``: what Stirling's leading term leaves out; 0 for m = 0.

    Parameters
    ----------
    m : ndarray of int64
        Whole numbers, not negative.

    Examples
    --------
    >>> stirling(np.array([0, 1, 100])).round(6).tolist()
    [0.0, 1.0, 3.222357]
    """
    x = np.maximum(m, 1).astype(np.float64)
    inverse = 1.0 / (x * x)
    series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x
    large = 0.5 * np.log(2 * np.pi * x) + series
    return np.asarray(np.where(m < SMALL.size, SMALL[np.minimum(m, SMALL.size - 1)], large))


def _small_stirling(size: int) -> FloatArray:
    """Exact values of `stirling` for small arguments."""
    m = np.arange(size, dtype=np.float64)
    return np.asarray(special.gammaln(m + 1) - special.xlogy(m, m) + m)


SMALL = _small_stirling(32)


def _log_point_probability(table: Table, half_deviance: FloatArray) -> FloatArray:
    """Natural log of the hypergeometric probability of each table."""
    a, b, c, d = table
    margins = stirling(a + b) + stirling(c + d) + stirling(a + c) + stirling(b + d)
    cells = stirling(a) + stirling(b) + stirling(c) + stirling(d)
    return np.asarray(margins - stirling(a + b + c + d) - cells - half_deviance)


def outer_sum(table: Table, upward: BoolArray) -> FloatArray:
    """Sum of P(x) / P(k) over all x farther from the mean than k.

    Neighbouring terms have a simple ratio. The first terms of all tables are summed one by one,
    those of the few tables that need more in blocks, until what is left cannot change the sum by
    1e-15.

    Parameters
    ----------
    table : tuple of ndarray of int64, shape (n,)
        Cells a, b, c, d of each 2 x 2 table; a is the count k.
    upward : ndarray of bool, shape (n,)
        Whether larger counts are farther from the mean.

    Examples
    --------
    >>> cells = tuple(np.array([cell]) for cell in (1, 1, 1, 1))
    >>> outer_sum(cells, np.array([True])).tolist()
    [0.25]
    """
    a, b, c, d = (cell.astype(np.float64) for cell in table)
    shrink = np.where(upward, b, a), np.where(upward, c, d)
    grow = np.where(upward, a, b), np.where(upward, d, c)
    total = np.empty(a.shape)
    left = np.arange(a.size)
    for steps in STEPS:
        unfinished = [np.empty(0, dtype=np.intp)]
        for start in range(0, left.size, STEP_CHUNK):
            some = left[start : start + STEP_CHUNK]
            total[some], going = _stepwise([side[some] for side in (*shrink, *grow)], steps)
            unfinished.append(some[going])
        left = np.concatenate(unfinished)
    left = left[np.argsort(a[left], kind="stable")]
    for start in range(0, left.size, BLOCK_CHUNK):
        some = left[start : start + BLOCK_CHUNK]
        total[some] = _blockwise(
            np.stack([side[some] for side in shrink]), np.stack([side[some] for side in grow])
        )
    return total


def _stepwise(sides: list[FloatArray], steps: int) -> tuple[FloatArray, BoolArray]:
    """Sum the first terms one by one; say which sums need more.

    The products of neighbouring sides are updated by their differences, in whole numbers.
    """
    down, other_down, up, other_up = sides
    above, below = down * other_down, (up + 1.0) * (other_up + 1.0)
    fall, rise = down + other_down - 1.0, up + other_up + 3.0
    total, term = np.zeros(down.size), np.ones(down.size)
    ratio, going = np.empty(down.size), np.ones(down.size, dtype=bool)
    for step in range(1, steps + 1):
        np.divide(above, below, out=ratio)
        term *= ratio
        total += term
        if step % STEPS_A_CHECK == 0:
            going = _going(term, ratio, total)
            if not going.any():
                break
        above -= fall
        fall -= 2.0
        below += rise
        rise += 2.0
    return total, going


def _going(term: FloatArray, ratio: FloatArray, total: FloatArray) -> BoolArray:
    """Tell where the terms to come can still change the sum."""
    return np.asarray(term * ratio > TAIL_TOLERANCE * (1.0 - ratio) * (total + 0.5))


def _blockwise(shrink: FloatArray, grow: FloatArray) -> FloatArray:
    """Sum all terms in blocks that grow, for sums of many terms."""
    total = np.zeros(shrink.shape[1])
    active, term, width = np.arange(total.size), np.ones(total.size), FIRST_BLOCK
    while active.size:
        step = np.arange(width, dtype=np.float64)[:, None]
        ratio = np.maximum(shrink[0] - step, 0.0) / (grow[0] + 1.0 + step)
        ratio *= np.maximum(shrink[1] - step, 0.0) / (grow[1] + 1.0 + step)
        last = ratio[-1].copy()
        ratio[0] *= term
        terms = np.cumprod(ratio, axis=0, out=ratio)
        total[active] += terms.sum(axis=0)
        term = terms[-1]
        going = _going(term, last, total[active])
        active, term = active[going], term[going]
        shrink, grow = shrink[:, going] - width, grow[:, going] + width
        width = min(2 * width, LARGEST_BLOCK)
    return total


def _log10_p(table: Table, alternative: Alternative) -> FloatArray:
    """log10 mid-p of flat arrays of tables."""
    excess, half = cell_deviances(table)
    upward = excess >= 0
    twice_tail = _log_point_probability(table, half) + np.log1p(2 * outer_sum(table, upward))
    twice_other = np.log1p(-np.expm1(twice_tail))
    if alternative == "two-sided":
        return np.asarray(np.minimum(twice_tail, twice_other) / LN10)
    one_sided = np.where(upward == (alternative == "greater"), twice_tail, twice_other)
    return np.asarray((one_sided - np.log(2.0)) / LN10)
