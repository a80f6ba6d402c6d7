"""Compiled loops over clusters of conversations; imported only where they are called."""

from __future__ import annotations

import numpy as np
from numba import njit

from valuescape.statistics.arrays import FloatArray, IntArray

DENSE = 6
"""A cluster with more than one in so many values is added to all of a row."""


@njit(cache=True)
def rows_of_pairs(conversation: IntArray, value: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Sort (conversation, value) pairs by conversation: row pointers, and values of the rows."""
    pointer = np.zeros(size + 1, np.int64)
    for i in conversation:
        pointer[i + 1] += 1
    for i in range(size):
        pointer[i + 1] += pointer[i]
    place = pointer[:-1].copy()
    sorted_value = np.empty(value.size, np.int64)
    for j in range(value.size):
        i = conversation[j]
        sorted_value[place[i]] = value[j]
        place[i] += 1
    return pointer, sorted_value


@njit(cache=True)
def first_repeat(pointer: IntArray, value: IntArray, n_values: int) -> int:
    """First conversation that names a value twice, or -1."""
    seen = np.full(n_values, -1, np.int64)
    for i in range(pointer.size - 1):
        for j in range(pointer[i], pointer[i + 1]):
            if seen[value[j]] == i:
                return i
            seen[value[j]] = i
    return -1


@njit(cache=True)
def add_ones(m: IntArray, run: IntArray) -> None:
    """Count the values of a run of conversations."""
    for v in run:
        m[v] += 1


@njit(cache=True)
def tally(
    here: IntArray, share: FloatArray, t: IntArray, expected: FloatArray, present: IntArray
) -> int:
    """Count a cluster's values, list the distinct ones, and weigh the counts by their shares."""
    n_present = 0
    for v in here:
        if t[v] == 0:
            present[n_present] = v
            n_present += 1
        t[v] += 1
    for v in present[:n_present]:
        expected[v] = share[v] * t[v]
    return n_present


@njit(cache=True)
def add_products(row: FloatArray, expected: FloatArray, present: IntArray, weight: float) -> None:
    """Add to one context's row what it shares with every value of the cluster."""
    if DENSE * present.size > row.size:
        for v in range(row.size):
            row[v] += weight * expected[v]
    else:
        for v in present:
            row[v] += weight * expected[v]


@njit(cache=True)
def clear(
    present: IntArray, t: IntArray, expected: FloatArray, of_value: FloatArray, size: int
) -> None:
    """Enter a cluster's values into their sums, and reset its counts."""
    for v in present:
        of_value[v, 0] += t[v] * t[v]
        of_value[v, 1] += t[v] * size
        of_value[v, 2] += 1.0
        t[v], expected[v] = 0, 0.0


@njit(cache=True)
def cluster_moments(
    context: IntArray,
    pointer: IntArray,
    value: IntArray,
    start: IntArray,
    share_context: FloatArray,
    share_value: FloatArray,
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Fields of `ClusterSums` from `k` on; conversations are sorted by cluster, then context.

    Cluster g holds the conversations ``start[g]`` to ``start[g + 1]``, conversation i the values
    ``value[pointer[i]:pointer[i + 1]]``. Whole rows are added for clusters that have much of the
    vocabulary, single cells for the others.
    """
    shape = (share_context.size, share_value.size)
    count, repeated, joint = np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
    of_context, of_value = np.zeros((shape[0], 3)), np.zeros((shape[1], 3))
    t, m = np.zeros(shape[1], np.int64), np.zeros(shape[1], np.int64)
    present, expected = np.empty(shape[1], np.int64), np.zeros(shape[1])
    for g in range(start.size - 1):
        begin, end = start[g], start[g + 1]
        here = value[pointer[begin] : pointer[end]]
        n_present = tally(here, share_value, t, expected, present)
        first = begin
        while first < end:
            c, last = context[first], first
            while last < end and context[last] == c:
                last += 1
            s, a = last - first, share_context[c]
            add_products(joint[c], expected, present[:n_present], 2.0 * a * s)
            run = value[pointer[first] : pointer[last]]
            add_ones(m, run)
            for v in run:
                if m[v] > 0:
                    both = m[v]
                    b = share_value[v]
                    inner = both - 2.0 * (a * t[v] + b * s) + 2.0 * a * b * (end - begin)
                    joint[c, v] += both * inner
                    count[c, v] += both
                    if both > 1:
                        repeated[c, v] += both * (both - 1.0)
                    m[v] = 0
            of_context[c, 0] += s * s
            of_context[c, 1] += s * (end - begin)
            of_context[c, 2] += 1.0
            first = last
        clear(present[:n_present], t, expected, of_value, end - begin)
    return count, repeated, joint, of_context, of_value
