"""Compiled loops of the exact stratified test: many cells, few strata, small supports."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

_CONTINUITY = 0.5
_SLACK = 1e-9
"""Allowance for rounding errors where a bound is a whole number."""


@nb.njit(cache=True)
def _running_rounded(quotient: NDArray[np.float64]) -> NDArray[np.int64]:
    rounded = np.empty(quotient.size, dtype=np.int64)
    running, before = 0.0, 0
    for h in range(quotient.size):
        running += quotient[h]
        now = int(np.rint(running))
        rounded[h] = now - before
        before = now
    return rounded


@nb.njit(cache=True)
def _null_moments(
    m: NDArray[np.int64], r: NDArray[np.int64], n: NDArray[np.int64]
) -> tuple[float, float]:
    expected, variance = 0.0, 0.0
    for h in range(m.size):
        mean = m[h] * r[h] / max(n[h], 1)
        expected += mean
        variance += mean * float(n[h] - m[h]) * float(n[h] - r[h]) / max(n[h] * (n[h] - 1.0), 1.0)
    return expected, variance


@nb.njit(cache=True)
def _allot(
    target: int, quotient: NDArray[np.float64], low: NDArray[np.int64], high: NDArray[np.int64]
) -> NDArray[np.int64]:
    cell = np.empty(quotient.size, dtype=np.int64)
    for h in range(quotient.size):
        cell[h] = min(max(int(np.rint(quotient[h])), low[h]), high[h])
    missing = target - cell.sum()
    step = 1 if missing > 0 else -1
    for _ in range(abs(missing)):
        best, widest = -1, -np.inf
        for h in range(quotient.size):
            room = cell[h] < high[h] if step > 0 else cell[h] > low[h]
            miss = step * (quotient[h] - cell[h])
            if room and miss > widest:
                best, widest = h, miss
        if best < 0:
            break
        cell[best] += step
    return cell


@nb.njit(cache=True)
def deflate(
    k: NDArray[np.int64],
    m: NDArray[np.int64],
    r: NDArray[np.int64],
    n: NDArray[np.int64],
    effect: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """See :func:`valuescape.statistics.deflation.deflated_counts`."""
    total = _running_rounded(n / effect)
    context = np.minimum(_running_rounded(m / effect), total)
    value = np.minimum(_running_rounded(r / effect), total)
    before, needed = _null_moments(m, r, n)
    expected, left = _null_moments(context, value, total)
    shrink = np.sqrt(min(1.0, left * effect / needed)) if needed > 0 else 1.0
    excess = shrink * (k.sum() - before) / effect
    if excess >= 0:
        target = int(np.floor(expected + excess + _SLACK))
    else:
        target = int(np.ceil(expected + excess - _SLACK))
    low = np.maximum(0, context + value - total)
    high = np.minimum(context, value)
    return _allot(target, k / effect, low, high), context, value, total


@nb.njit(cache=True)
def _log_odds(
    k: NDArray[np.int64], m: NDArray[np.int64], r: NDArray[np.int64], n: NDArray[np.int64]
) -> float:
    agree, differ = _CONTINUITY, _CONTINUITY
    for h in range(k.size):
        size = max(n[h], 1)
        agree += k[h] * (n[h] - m[h] - r[h] + k[h]) / size
        differ += (m[h] - k[h]) * (r[h] - k[h]) / size
    return float(np.log(agree / differ))


@nb.njit(cache=True)
def _stratum_terms(
    m: int, r: int, n: int, tilt: float, log_factorial: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Tilted hypergeometric terms over their peak, and the log of the peak."""
    low, high = max(0, m + r - n), min(m, r)
    f = log_factorial
    ways = f[n] - f[m] - f[n - m]
    terms = np.empty(high - low + 1)
    for k in range(low, high + 1):
        log_p = f[r] - f[k] - f[r - k] + f[n - r] - f[m - k] - f[n - r - m + k] - ways
        terms[k - low] = log_p + tilt * k
    peak = terms.max()
    return np.exp(terms - peak), peak


@nb.njit(cache=True)
def _convolve(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros(a.size + b.size - 1)
    for i in range(a.size):
        for j in range(b.size):
            out[i + j] += a[i] * b[j]
    return out


@nb.njit(cache=True)
def _log_sum(log_terms: NDArray[np.float64]) -> float:
    peak = log_terms.max()
    return float(peak + np.log(np.sum(np.exp(log_terms - peak))))


@nb.njit(cache=True)
def stratified_log10_p(
    k: NDArray[np.int64],
    m: NDArray[np.int64],
    r: NDArray[np.int64],
    n: NDArray[np.int64],
    log_factorial: NDArray[np.float64],
) -> float:
    """See :func:`valuescape.statistics.stratified.stratified_exact_log10_p`."""
    tilt = _log_odds(k, m, r, n)
    tilted, shift, at = np.ones(1), 0.0, 0
    for h in range(k.size):
        terms, peak = _stratum_terms(m[h], r[h], n[h], tilt, log_factorial)
        tilted = _convolve(tilted, terms)
        low = max(0, m[h] + r[h] - n[h])
        shift += peak - tilt * low
        at += k[h] - low
    log_terms = np.log(tilted) - tilt * np.arange(tilted.size) + shift
    log_terms[at] -= np.log(2.0)
    smaller = min(_log_sum(log_terms[: at + 1]), _log_sum(log_terms[at:]))
    return min(0.0, float((smaller + np.log(2.0)) / np.log(10.0)))


@nb.njit(cache=True)
def deflated_log10_p(
    both: NDArray[np.int64],
    context: NDArray[np.int64],
    value: NDArray[np.int64],
    total: NDArray[np.int64],
    effect: NDArray[np.float64],
    cells: NDArray[np.int64],
    log_factorial: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Exact mid-p of some cells on deflated counts.

    Parameters
    ----------
    both : ndarray, shape (n_strata, n_contexts, n_values)
    context : ndarray, shape (n_strata, n_contexts)
    value : ndarray, shape (n_strata, n_values)
    total : ndarray, shape (n_strata,)
    effect : ndarray, shape (n_contexts, n_values)
        Design effects.
    cells : ndarray, shape (n_cells, 2)
        Context and value of each cell wanted.
    log_factorial : ndarray
        log of 0!, 1!, ... up to the largest total.

    Returns
    -------
    ndarray, shape (n_cells,)
        log10 p; 0 where no stratum lets both vary.
    """
    out = np.zeros(len(cells))
    for i in range(len(cells)):
        c, v = cells[i]
        m, r = context[:, c], value[:, v]
        used = np.flatnonzero((m > 0) & (r > 0) & (m < total) & (r < total))
        if used.size > 0:
            small = deflate(both[used, c, v], m[used], r[used], total[used], effect[c, v])
            out[i] = stratified_log10_p(small[0], small[1], small[2], small[3], log_factorial)
    return out
