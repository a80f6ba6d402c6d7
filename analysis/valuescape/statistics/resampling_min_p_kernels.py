"""Compiled loops of the min-P permutation test. Imported only when it is called."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from valuescape.statistics.resampling_kernels import _GOLDEN, _LOW, _S32, mixed

NEVER = 2_000_000_000


@njit(nogil=True, cache=True, inline="always")
def log_point(k: Any, n: Any, m: Any, total: Any, lookup: Any) -> Any:
    """Natural log of the hypergeometric probability, from log factorials."""
    margins = lookup[n] + lookup[total - n] + lookup[m] + lookup[total - m] - lookup[total]
    cells = lookup[k] + lookup[n - k] + lookup[m - k] + lookup[total - n - m + k]
    return margins - cells


@njit(nogil=True, cache=True)
def critical_counts(log_limit: Any, first: Any, last: Any, having: Any, sizes: Any, by_size: Any,
                    lookup: Any, high: Any, low: Any) -> None:  # fmt: skip
    """Find, per cell, the counts at which the point probability falls to a limit.

    A two-sided mid-p is at least the point probability, so that counts between `low` and `high`
    cannot have a p up to the limit.
    """
    total = lookup.size - 1
    for v in range(first, last):
        m = having[v]
        up, down = 0, -1
        for c in by_size:
            n = sizes[c]
            middle = (n * m) // total
            most, least = min(n, m), max(0, n + m - total)
            up = min(max(up, middle + 1), most + 1)
            while up - 1 > middle and log_point(up - 1, n, m, total, lookup) <= log_limit:
                up -= 1
            while up <= most and log_point(up, n, m, total, lookup) > log_limit:
                up += 1
            high[v, c] = up if up <= most else NEVER
            down = min(max(down, least - 1), middle)
            while down + 1 <= middle and log_point(down + 1, n, m, total, lookup) <= log_limit:
                down += 1
            while down >= least and log_point(down, n, m, total, lookup) > log_limit:
                down -= 1
            low[v, c] = down if down >= least else -1


@njit(nogil=True, cache=True)
def log_mid_p(k: Any, n: Any, m: Any, total: Any, lookup: Any) -> Any:
    """Natural log of the two-sided mid-p, good to about 1e-9: enough to find the smallest."""
    point = log_point(k, n, m, total, lookup)
    up = k * total >= n * m
    down_1, down_2 = (n - k, m - k) if up else (k, total - n - m + k)
    grow_1, grow_2 = (k, total - n - m + k) if up else (n - k, m - k)
    term, tail = 1.0, 0.0
    while down_1 > 0 and down_2 > 0:
        grow_1 += 1
        grow_2 += 1
        term *= (float(down_1) / grow_1) * (float(down_2) / grow_2)
        down_1 -= 1
        down_2 -= 1
        tail += term
        if term < 1e-12 * tail:
            break
    return min(point + np.log(1.0 + 2.0 * tail), 0.0)


@njit(nogil=True, cache=True)
def shuffle(key: Any, labels: Any, start: Any, n_units: Any, size: Any) -> None:
    """Let clusters of each class change places at random (Durstenfeld; Lemire's bounded draws)."""
    state = key
    for g in range(start.size):
        width = size[g]
        for i in range(n_units[g] - 1, 0, -1):
            bound = np.uint64(i + 1)
            state += _GOLDEN
            product = (mixed(state) >> _S32) * bound
            if product & _LOW < bound:
                reject = ((_LOW - bound) + np.uint64(1)) % bound
                while product & _LOW < reject:
                    state += _GOLDEN
                    product = (mixed(state) >> _S32) * bound
            a, b = start[g] + i * width, start[g] + np.int64(product >> _S32) * width
            for t in range(width):
                labels[a + t], labels[b + t] = labels[b + t], labels[a + t]


@njit(nogil=True, cache=True)
def _look(v: Any, c: Any, k: Any, best: Any, sizes: Any, having: Any, lookup: Any,
          cell: Any) -> Any:  # fmt: skip
    """Keep a cell if its p is the smallest so far."""
    p = log_mid_p(k, sizes[c], having[v], lookup.size - 1, lookup)
    if p < best:
        cell[0], cell[1], cell[2] = k, c, v
    return min(p, best)


@njit(nogil=True, cache=True)
def _room_left(labels: Any, members: Any, limits: Any, room: Any) -> Any:
    """Count one value's conversations down from the limits of the contexts; return the least."""
    room[:] = limits
    for e in range(members.size):
        room[labels[members[e]]] -= 1
    least = room[0]
    for c in range(room.size):
        least = min(least, room[c])
    return least


@njit(nogil=True, cache=True)
def smallest_cells(permutations: Any, keys: Any, given: Any, start: Any, n_units: Any, size: Any,
                   value_ptr: Any, members: Any, sizes: Any, having: Any, high: Any, low: Any,
                   low_ptr: Any, low_context: Any, lookup: Any, found: Any) -> None:  # fmt: skip
    """Find count, context and value of the smallest p of some permuted tables; -1 if none."""
    n_contexts = high.shape[1]
    reachable = np.array([row.min() < NEVER for row in high]) | (low_ptr[1:] > low_ptr[:-1])
    values = np.flatnonzero(reachable)
    labels = np.empty_like(given)
    room = np.empty(n_contexts, dtype=np.int32)
    for b in permutations:
        labels[:] = given
        shuffle(keys[b], labels, start, n_units, size)
        best = np.inf
        cell = found[b]
        cell[0] = -1
        for v in values:
            least = _room_left(labels, members[value_ptr[v] : value_ptr[v + 1]], high[v], room)
            if least <= 0:
                for c in range(n_contexts):
                    if room[c] <= 0:
                        k = np.int64(high[v, c] - room[c])
                        best = _look(v, c, k, best, sizes, having, lookup, cell)
            for j in range(low_ptr[v], low_ptr[v + 1]):
                c = low_context[j]
                k = np.int64(high[v, c] - room[c])
                if k <= low[v, c]:
                    best = _look(v, c, k, best, sizes, having, lookup, cell)
