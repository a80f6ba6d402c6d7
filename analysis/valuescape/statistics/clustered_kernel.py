"""Compiled loops over clusters of conversations; imported only where they are called."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray

Narrow: TypeAlias = NDArray[np.int32]


@njit(cache=True)
def starts(codes: IntArray, n: int) -> IntArray:
    """First place of each code 0..n-1 among codes in order, and their number at the end."""
    first = np.zeros(n + 1, np.int64)
    for i in codes:
        first[i + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    return first


@njit(cache=True)
def by_code(codes: IntArray, order: IntArray, n: int) -> IntArray:
    """Sort places by their codes, those of one code in the order given (counting sort)."""
    place = starts(codes, n)[:-1]
    found = np.empty_like(order)
    for i in order:
        found[place[codes[i]]] = i
        place[codes[i]] += 1
    return found


@njit(cache=True)
def rows_of_pairs(conversation: IntArray, value: IntArray, size: int) -> tuple[IntArray, Narrow]:
    """Sort (conversation, value) pairs by conversation: row pointers, and values of the rows."""
    pointer = starts(conversation, size)
    place = pointer[:-1].copy()
    sorted_value = np.empty(value.size, np.int32)
    for j in range(value.size):
        i = conversation[j]
        sorted_value[place[i]] = value[j]
        place[i] += 1
    return pointer, sorted_value


@njit(cache=True)
def first_repeat(pointer: IntArray, value: Narrow, n_values: int) -> int:
    """First conversation that names a value twice, or -1."""
    seen = np.full(n_values, -1, np.int64)
    for i in range(pointer.size - 1):
        for j in range(pointer[i], pointer[i + 1]):
            if seen[value[j]] == i:
                return i
            seen[value[j]] = i
    return -1


@njit(cache=True)
def tally(
    order: IntArray, start: IntArray, pointer: IntArray, value: Narrow, n_values: int
) -> tuple[Narrow, tuple[IntArray, Narrow, Narrow], FloatArray]:
    """Count every cluster's values.

    Cluster g holds the conversations ``order[start[g]:start[g + 1]]``, conversation i the values
    ``value[pointer[i]:pointer[i + 1]]``. Returned are, of every such entry, how often its cluster
    has its value; where each cluster's distinct values begin, they, and their counts; and the
    sums over clusters of `ClusterSums.of_value`.
    """
    own = np.empty(value.size, np.int32)
    first = np.empty(start.size, np.int64)
    distinct, times = np.empty(value.size, np.int32), np.empty(value.size, np.int32)
    of_value = np.zeros((n_values, 3))
    t = np.zeros(n_values, np.int32)
    end = 0
    for g in range(start.size - 1):
        first[g] = end
        members = order[start[g] : start[g + 1]]
        for i in members:
            for v in value[pointer[i] : pointer[i + 1]]:
                if t[v] == 0:
                    distinct[end] = v
                    end += 1
                t[v] += 1
        for i in members:
            for j in range(pointer[i], pointer[i + 1]):
                own[j] = t[value[j]]
        for e in range(first[g], end):
            v = distinct[e]
            times[e] = t[v]
            of_value[v, 0] += float(t[v]) * t[v]
            of_value[v, 1] += float(t[v]) * members.size
            of_value[v, 2] += 1.0
            t[v] = 0
    first[-1] = end
    return own, (first, distinct[:end], times[:end]), of_value


@njit(nogil=True, cache=True)
def add_run(first: int, last: int, held: float, pointer: IntArray, value: Narrow, own: Narrow,
            m: IntArray, sums: FloatArray) -> None:  # fmt: skip
    """Add the conversations first to last, of one cluster and context, to sums by value.

    The sums are of m, m^2, m t, m N_g and m s, `held` being N_g: whole numbers, added exactly.
    """
    s = float(last - first)
    entries = value[pointer[first] : pointer[last]]
    for v in entries:
        m[v] += 1
    for j in range(pointer[first], pointer[last]):
        of_value = sums[value[j]]
        of_value[0] += 1.0
        of_value[1] += m[value[j]]
        of_value[2] += own[j]
        of_value[3] += held
        of_value[4] += s
    for v in entries:
        m[v] = 0


@njit(nogil=True, cache=True)
def context_moments(
    ends: tuple[int, int], start: IntArray, cluster: IntArray, size: IntArray,
    rows: tuple[IntArray, Narrow], own: Narrow, spoken: tuple[IntArray, Narrow, Narrow],
    share_value: FloatArray, apart: BoolArray, together: FloatArray, count: IntArray,
    repeated: FloatArray, joint: FloatArray, of_context: FloatArray,
) -> None:  # fmt: skip
    """Fill the rows between the ends of `ClusterSums`: every context by itself.

    Conversations are sorted by context, then cluster; context c holds those from ``start[c]`` on.
    What it shares with the values of the clusters marked `apart` is given, in `together`.
    """
    (begin, end), (pointer, value), (first, distinct, times) = ends, rows, spoken
    n_values = share_value.size
    m, shared, sums = np.zeros(n_values, np.int64), np.zeros(n_values), np.zeros((n_values, 5))
    for c in range(begin, end):
        shared[:], sums[:] = together[c - begin], 0.0
        place, a = start[c], (start[c + 1] - start[c]) / cluster.size
        while place < start[c + 1]:
            g, opened = cluster[place], place
            while place < start[c + 1] and cluster[place] == g:
                place += 1
            s, held = float(place - opened), float(size[g])
            if not apart[g]:
                for e in range(first[g], first[g + 1]):
                    shared[distinct[e]] += s * times[e]
            add_run(opened, place, held, pointer, value, own, m, sums)
            of_context[c, 0] += s * s
            of_context[c, 1] += s * held
            of_context[c, 2] += 1.0
        for v in range(n_values):
            k, b = sums[v, 0], share_value[v]
            joint[c, v] = 2.0 * a * b * shared[v]
            if k > 0.0:
                count[c, v] = np.int64(k)
                repeated[c, v] = sums[v, 1] - k
                beside = 2.0 * b * (a * sums[v, 3] - sums[v, 4])
                joint[c, v] += sums[v, 1] - 2.0 * a * sums[v, 2] + beside
