"""Exact hypergeometric mid-p of every cell of one large table, sharing what its margins share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_counts, refuse
from valuescape.statistics.hypergeometric import LN10, exact_log10_p, outer_sum, stirling
from valuescape.statistics.threads import shared_out

ROW_BLOCK_CELLS = 1 << 15
CELL_CHUNK = 1 << 16
CELLS_COPIED = 1 << 18
SMALL_REST = 32
LARGE_COUNT = 1 << 20
FACTORIALS_A_CELL = 4
SMALL_COUNT = 32
LEAST_EMPTY, LEAST_OTHER = -100.0, 1e-2
NEARLY_ONE = 1.0 - 1e-15


def table_log10_p(
    counts: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: int
) -> FloatArray:
    r"""Two-sided exact mid-p of every cell of a contexts x values table, as log10.

    What :func:`exact_log10_p` gives for each cell, at a fraction of its cost for tables of
    millions of mostly empty cells. A cell with a count of 0 has mid-p

    .. math:: P(X = 0) = \frac{(N-n)!\,(N-K)!}{N!\,(N-n-K)!}

    which takes one logarithm once the factors of its row and column are known:
    :math:`\ln P = K\ln(1-n/N) + n\ln(1-K/N) - (d+\tfrac12)\ln(1-nK/((N-n)(N-K)))` plus what
    Stirling's formula leaves out, :math:`d = N-n-K`.

    Parameters
    ----------
    counts : array_like, shape (n_contexts, n_values)
        Conversations of each context that express each value.
    n_context : array_like, shape (n_contexts,)
        Conversations of each context.
    n_value : array_like, shape (n_values,)
        Conversations with each value.
    n_total : int
        All conversations.

    Returns
    -------
    ndarray of float64, shape (n_contexts, n_values)

    Raises
    ------
    ValueError
        If a count is negative, not whole or missing, shapes do not fit, or a cell does not fit
        its margins.

    Examples
    --------
    >>> table_log10_p([[3, 0], [1, 2]], [4, 4], [4, 2], 8).round(4).tolist()
    [[-0.5898, -0.669], [-0.5898, -0.669]]
    """
    return log10_p_of(*checked_table(counts, n_context, n_value, n_total))


def log10_p_of(k: IntArray, n: IntArray, m: IntArray, total: int) -> FloatArray:
    """Return what `table_log10_p` does, of a table that `checked_table` has let through.

    Examples
    --------
    >>> log10_p_of(*checked_table([[3, 0], [1, 2]], [4, 4], [4, 2], 8)).round(4).tolist()
    [[-0.5898, -0.669], [-0.5898, -0.669]]
    """
    out = empty_cells(n, m, total).ravel()
    wanted = k > 0
    if k.size and n.max() + m.max() > total - SMALL_REST:
        wanted |= n[:, None] > total - m - SMALL_REST
    flat = np.flatnonzero(wanted)
    row = np.repeat(np.arange(n.size), np.count_nonzero(wanted, axis=1))
    counted, known = k.ravel(), (n, m, total)
    left = _from_empty(flat, row, counted[flat], known, out)
    flat, row = flat[left], row[left]
    shared = _Shared.of(*known, flat.size)

    def fill(ends: tuple[int, int]) -> None:
        cells, r = flat[slice(*ends)], row[slice(*ends)]
        out[cells] = _filled_cells(counted[cells], r, cells - r * m.size, shared)

    shared_out(fill, flat.size, CELL_CHUNK)
    return out.reshape(k.shape)


def _from_empty(
    cells: IntArray, row: IntArray, k: IntArray, margins: tuple[IntArray, IntArray, int],
    out: FloatArray,
) -> BoolArray:  # fmt: skip
    r"""Turn log10 P(X = 0) of cells with a small count into their p; mark the cells left.

    With :math:`t_j = P(X = j)/P(X = 0)`, a product of simple ratios, the lower mid-p is
    :math:`P(X = 0)(t_0 + \dots + t_{k-1} + t_k/2)`. Cells are left where P(X = 0) is not known or
    too small for that, or the upper tail so small that the lower one does not give it.
    """
    n, m, total = margins
    usable = (k > 0) & (k <= SMALL_COUNT) & (out[cells] > LEAST_EMPTY)
    if k.size and n.max() + m.max() > total - SMALL_REST:
        usable &= n[row] + m[cells - row * m.size] <= total - SMALL_REST
    places = np.flatnonzero(usable)

    def fill(ends: tuple[int, int]) -> None:
        some = places[slice(*ends)]
        some = some[np.argsort(-k[some].astype(np.int8), kind="stable")]
        where, r = cells[some], row[some]
        term, below = _terms_below(k[some], n[r], m[where - r * m.size], total)
        twice_tail = np.exp(LN10 * out[where]) * (2.0 * below + term)
        trusted = twice_tail < 2.0 - LEAST_OTHER
        out[where[trusted]] = np.log10(np.minimum(twice_tail, 2.0 - twice_tail)[trusted])
        usable[some[~trusted]] = False

    shared_out(fill, places.size, CELL_CHUNK)
    return ~usable


def _terms_below(
    k: IntArray, n: IntArray, m: IntArray, total: int
) -> tuple[FloatArray, FloatArray]:
    """P(k) and the sum of P(0), ..., P(k - 1), over P(0), for counts in falling order."""
    term, below, ratio = np.ones(k.size), np.zeros(k.size), np.empty(k.size)
    inside, having = n.astype(np.float64), m.astype(np.float64)
    rest = total - inside - having
    ends = k.size - np.cumsum(np.bincount(k))
    for step, end in enumerate(ends[:-1]):
        factor, rest_now = ratio[:end], rest[:end]
        below[:end] += term[:end]
        rest_now += 1.0
        np.multiply(rest_now, step + 1.0, out=factor)
        np.divide(having[:end], factor, out=factor)
        factor *= inside[:end]
        term[:end] *= factor
        inside[:end] -= 1.0
        having[:end] -= 1.0
    return term, below


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the cells of a table share: margins, and what Stirling leaves out of their factorials.

    ``stirling_of`` is a look-up where there are more factorials to come than numbers up to the
    total.
    """

    n: IntArray
    m: IntArray
    total: int
    per_row: FloatArray
    per_value: FloatArray
    stirling_of: Callable[[IntArray], FloatArray]

    @classmethod
    def of(cls, n: IntArray, m: IntArray, total: int, n_cells: int) -> _Shared:
        of: Callable[[IntArray], FloatArray] = stirling
        if total <= FACTORIALS_A_CELL * n_cells:
            of = partial(np.take, stirling(np.arange(total + 1)))
        per_value = of(m) + of(total - m) - of(np.asarray(total))
        return cls(n, m, total, of(n) + of(total - n), per_value, of)


def checked_table(
    counts: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: int
) -> tuple[IntArray, IntArray, IntArray, int]:
    """Whole counts with margins that every cell fits.

    Raises
    ------
    ValueError
        As in `table_log10_p`.

    Examples
    --------
    >>> checked_table([[3]], [2], [3], 8)
    Traceback (most recent call last):
        ...
    ValueError: counts[0, 0] = 3: must not exceed n_context
    """
    k, n = as_counts("counts", counts), as_counts("n_context", n_context)
    m, total = as_counts("n_value", n_value), int(as_counts("n_total", n_total))
    if k.ndim != 2 or k.shape != (n.size, m.size) or n.ndim != 1 or m.ndim != 1:
        raise ValueError(
            f"counts: shape {k.shape} does not fit n_context {n.shape} and n_value {m.shape}"
        )
    refuse(n > total, "n_context", "must not exceed n_total", n)
    refuse(m > total, "n_value", "must not exceed n_total", m)
    if k.size and (np.any(k.max(axis=1) > n) or np.any(k.max(axis=0) > m)):
        refuse(k > n[:, None], "counts", "must not exceed n_context", k)
        refuse(k > m, "counts", "must not exceed n_value", k)
    if k.size and n.max() + m.max() > total:
        least = n[:, None] + m - total
        refuse(k < least, "counts", "must be at least n_context + n_value - n_total", k)
    return k, n, m, total


def empty_cells(n: IntArray, m: IntArray, total: int) -> FloatArray:
    """log10 P(X = 0) where at least SMALL_REST conversations have neither; else any number.

    Margins that several contexts or values have are worked out once.

    Parameters
    ----------
    n, m : ndarray of int64, shapes (n_contexts,) and (n_values,)
        Conversations of each context, and with each value.
    total : int
        All conversations.

    Returns
    -------
    ndarray of float64, shape (n_contexts, n_values)

    Examples
    --------
    >>> empty_cells(np.array([10, 10]), np.array([9]), 100).round(4).tolist()
    [[-0.4303], [-0.4303]]
    """
    sizes, row = np.unique(n, return_inverse=True)
    having, column = np.unique(m, return_inverse=True)
    distinct = _distinct_empty_cells(sizes, having, total)
    out = np.empty((n.size, m.size))

    def fill(ends: tuple[int, int]) -> None:
        for c in range(*ends):
            np.take(distinct[row[c]], column, out=out[c], mode="clip")

    shared_out(fill, n.size, max(1, CELLS_COPIED // max(m.size, 1)))
    return out


def _distinct_empty_cells(n: IntArray, m: IntArray, total: int) -> FloatArray:
    """See `empty_cells`."""
    size, having = n[:, None].astype(np.float64), m.astype(np.float64)
    whole = float(max(total, 1))
    outside, without = np.maximum(total - size, 1.0), np.maximum(total - having, 1.0)
    per_row, per_value = np.log(outside / whole), np.log(without / whole)
    near = size < whole / 2, having < whole / 2
    per_row[near[0]] = np.log1p(-size[near[0]] / whole)
    per_value[near[1]] = np.log1p(-having[near[1]] / whole)
    left_out = _stirling_rest(outside), _stirling_rest(without) - _stirling_rest(np.array(whole))
    out = np.empty((n.size, m.size))

    def fill(ends: tuple[int, int]) -> None:
        part = slice(*ends)
        rest = np.maximum(outside[part] - having, 1.0)
        share = np.minimum(size[part] / outside[part] * (having / without), NEARLY_ONE)
        found = out[part]
        np.multiply(having, per_row[part], out=found)
        found += size[part] * per_value
        found += left_out[0][part] + left_out[1] - _stirling_rest(rest)
        found -= (rest + 0.5) * np.log1p(-share)
        found /= LN10
        np.minimum(found, 0.0, out=found)

    shared_out(fill, n.size, max(1, ROW_BLOCK_CELLS // max(m.size, 1)))
    return out


def _stirling_rest(m: FloatArray) -> FloatArray:
    """``ln m!`` less Stirling's ``m ln m - m + ln(2 pi m)/2``, for m of SMALL_REST or more."""
    inverse = 1.0 / m
    square = inverse * inverse
    return np.asarray(inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260))))


def _filled_cells(k: IntArray, r: IntArray, c: IntArray, shared: _Shared) -> FloatArray:
    """log10 mid-p of the cells of rows r and columns c."""
    n, m, total = shared.n[r], shared.m[c], shared.total
    table = k, n - k, m - k, total - n - m + k
    excess = (total * k - n * m) / total
    inside, having = n / total, m / total
    expected = n * having, n * (1 - having), (1 - inside) * m, (total - n) * (1 - having)
    point = shared.per_row[r] + shared.per_value[c]
    for cell, mean, sign in zip(table, expected, (1.0, -1.0, -1.0, 1.0), strict=True):
        point -= shared.stirling_of(cell)
        point -= _weighted_log(cell.astype(np.float64), mean, sign * excess)
    twice_tail = point + np.log1p(2 * outer_sum(table, excess >= 0))
    found = np.minimum(twice_tail, np.log1p(-np.expm1(twice_tail))) / LN10
    large = np.flatnonzero(k > LARGE_COUNT)
    if large.size:
        found[large] = exact_log10_p(k[large], n[large], m[large], total)
    return np.asarray(found)


def _weighted_log(observed: FloatArray, expected: FloatArray, excess: FloatArray) -> FloatArray:
    """``O ln(O/E)``, by ``O ln(1 + (O-E)/E)`` where O is near E."""
    safe = np.maximum(expected, 1e-300)
    ratio = excess / safe
    near = np.abs(ratio) < 0.5
    far_log = np.log(np.maximum(observed, 0.5) / safe)
    return np.asarray(observed * np.where(near, np.log1p(np.where(near, ratio, 0.0)), far_log))
