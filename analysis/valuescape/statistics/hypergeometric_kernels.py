"""Compiled exact mid-p of single 2 x 2 tables; imported only where it is called."""

from __future__ import annotations

import numpy as np
from numba import njit

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray
from valuescape.statistics.hypergeometric import LN10, SMALL, TAIL_TOLERANCE

_TAU = 2.0 * np.pi
_SMALL_REST = SMALL - 0.5 * np.log(_TAU * np.maximum(np.arange(SMALL.size), 1))
"""What `stirling` has beside its logarithm, for small arguments."""
_ODD = (17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0)
_NEAR = 0.1


@njit(nogil=True, cache=True, error_model="numpy")
def _stirling_rest(m: int) -> float:
    """Stirling's formula leaves out half the log of 2 pi max(m, 1), and this."""
    if m < _SMALL_REST.size:
        return float(_SMALL_REST[m])
    inverse = 1.0 / m
    square = inverse * inverse
    return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))


@njit(nogil=True, cache=True, error_model="numpy")
def _deviance_term(observed: float, expected: float, excess: float) -> float:
    """``O ln(O/E) - O + E``, as :func:`valuescape.statistics.hypergeometric.cell_deviances`."""
    if observed == 0.0:
        return -excess
    v = excess / (observed + expected)
    if abs(v) > _NEAR:
        return float(observed * np.log(observed / expected) - excess)
    square, series = v * v, 0.0
    for odd in _ODD:
        series = (series + 1.0 / odd) * square
    return excess * v + 2.0 * observed * v * series


@njit(nogil=True, cache=True, error_model="numpy")
def _log_point(k: int, n: int, m: int, total: int, excess: float) -> float:
    """Natural log of the hypergeometric probability, for a table in which both can vary."""
    without, outside = total - m, total - n
    b, c, d = n - k, m - k, total - n - m + k
    inside = n / total
    half = _deviance_term(k, inside * m, excess) + _deviance_term(b, inside * without, -excess)
    inside = outside / total
    half += _deviance_term(c, inside * m, -excess) + _deviance_term(d, inside * without, excess)
    rest = _stirling_rest(n) + _stirling_rest(outside) + _stirling_rest(m) + _stirling_rest(without)
    rest -= _stirling_rest(total) + _stirling_rest(k) + _stirling_rest(b)
    rest -= _stirling_rest(c) + _stirling_rest(d)
    over = (float(n) / max(k, 1)) * (float(outside) / max(b, 1)) * (float(m) / max(c, 1))
    over *= (float(without) / max(d, 1)) / (_TAU * total)
    return float(rest + 0.5 * np.log(over) - half)


@njit(nogil=True, cache=True, error_model="numpy")
def _outer_sum(k: int, n: int, m: int, total: int, upward: bool) -> float:
    """See :func:`valuescape.statistics.hypergeometric.outer_sum`."""
    a, b, c, d = float(k), float(n - k), float(m - k), float(total - n - m + k)
    if not upward:
        a, b, c, d = b, a, d, c
    found, term = 0.0, 1.0
    while b > 0.0 and c > 0.0:
        a += 1.0
        d += 1.0
        ratio = (b * c) / (a * d)
        term *= ratio
        found += term
        if term * ratio <= TAIL_TOLERANCE * (1.0 - ratio) * (found + 0.5):
            break
        b -= 1.0
        c -= 1.0
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def mid_log10_p(k: int, n: int, m: int, total: int) -> float:
    """Two-sided mid-p as :func:`~valuescape.statistics.hypergeometric.exact_log10_p` has it."""
    if n == 0 or m == 0 or n == total or m == total:
        return 0.0
    excess = (total * k - n * m) / total
    upward = excess >= 0.0
    twice_tail = _log_point(k, n, m, total, excess)
    twice_tail += np.log1p(2.0 * _outer_sum(k, n, m, total, upward))
    if twice_tail > 0.0:
        return float(np.log1p(-np.expm1(twice_tail)) / LN10)
    return float(twice_tail / LN10)


@njit(nogil=True, cache=True, error_model="numpy")
def _divided(count: int, effect: float, up: bool) -> int:
    quotient = count / effect
    return int(np.ceil(quotient) if up else np.floor(quotient))


@njit(nogil=True, cache=True, error_model="numpy")
def deflated(k: int, n: int, m: int, total: int, effect: float) -> tuple[int, int, int, int]:
    """Divide by a design effect as :func:`~valuescape.statistics.cells.rao_scott_counts` does."""
    if effect == 1.0:
        return k, n, m, total
    enriched = k * total >= n * m
    all_new = _divided(total, effect, not enriched)
    n_new = min(_divided(n, effect, enriched), all_new)
    m_new = min(_divided(m, effect, enriched), all_new)
    middle = int(np.floor(float(n_new * m_new) / max(all_new, 1) + 1 / 3))
    k_new = _divided(k, effect, not enriched)
    return max(k_new, middle) if enriched else min(k_new, middle), n_new, m_new, all_new


@njit(nogil=True, cache=True, error_model="numpy")
def deflated_log10_p(first: int, last: int, k: IntArray, n: IntArray, m: IntArray,
                     effect: FloatArray, wanted: BoolArray, out: FloatArray) -> None:  # fmt: skip
    """Fill the cells wanted of the rows first to last: exact mid-p of deflated counts.

    The rows of `n` add up to all conversations; `effect`, `wanted` and `out` are tables like `k`.
    """
    total = n.sum()
    for c in range(first, last):
        for v in range(m.size):
            if wanted[c, v]:
                both, inside, having, every = deflated(k[c, v], n[c], m[v], total, effect[c, v])
                out[c, v] = mid_log10_p(both, inside, having, every)
