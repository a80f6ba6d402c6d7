"""Compiled loops of the resampling functions. Imported only when one of them is called."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

LANES = 64
WORDS = LANES // 4
SMALL_CONTEXT = 8_000
POISSON_16_BIT = (24107, 24113, 12055, 4017, 1004, 201, 33, 5, 1)
"""How many of 65,536 equally likely draws give weight 0, 1, ..., 8.

Nearest to 65,536 e^-1 / w! among the whole numbers that make mean and variance exactly 1.
"""
THRESHOLDS = np.cumsum(POISSON_16_BIT)[:-1].astype(np.uint16)
COUNT, PREVALENCE, DIFFERENCE = 0, 1, 2

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True, inline="always")
def mixed(counter: Any) -> Any:
    """SplitMix64 output for one counter (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195)."""
    z = (counter ^ (counter >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@njit(nogil=True, cache=True)
def fill_weights(key: Any, first: Any, last: Any, thresholds: Any, members: Any, weights: Any,
                 size: Any) -> None:  # fmt: skip
    """Draw Poisson(1) weights of clusters first to last; add up those of their members."""
    words = np.empty(WORDS, dtype=np.uint64)
    draws = words.view(np.uint16)
    row = np.empty(LANES, dtype=np.uint8)
    for g in range(first, last):
        start = key + np.uint64(g) * np.uint64(WORDS) * _GOLDEN
        for j in range(WORDS):
            words[j] = mixed(start + np.uint64(j) * _GOLDEN)
        for lane in range(LANES):
            row[lane] = 0
        for t in range(thresholds.size):
            limit = thresholds[t]
            for lane in range(LANES):
                row[lane] += np.uint8(draws[lane] >= limit)
        for lane in range(LANES):
            weights[g, lane] = row[lane]
            size[lane] += members[g] * np.int64(row[lane])


@njit(nogil=True, cache=True)
def value_sums(first: Any, last: Any, conv_ptr: Any, value: Any, cluster: Any, weights: Any,
               sums: Any) -> None:  # fmt: skip
    """Add the weights of conversations first to last to the values they express."""
    for i in range(first, last):
        row = weights[cluster[i]]
        for e in range(conv_ptr[i], conv_ptr[i + 1]):
            total = sums[value[e]]
            for lane in range(LANES):
                total[lane] += np.uint32(row[lane])


@njit(nogil=True, cache=True)
def _cell_sums(first: Any, last: Any, conv_ptr: Any, cell: Any, offset: Any, cluster: Any,
               weights: Any, sums: Any, size: Any) -> None:  # fmt: skip
    """Sum weights of one context: in all, and by cell."""
    for i in range(first, last):
        row = weights[cluster[i]]
        for lane in range(LANES):
            size[lane] += np.uint32(row[lane])
        for e in range(conv_ptr[i], conv_ptr[i + 1]):
            total = sums[cell[e] - offset]
            for lane in range(LANES):
                total[lane] += row[lane]


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz"})
def _add_statistics(kind: Any, offset: Any, n_cells: Any, used: Any, cell_value: Any, sums: Any,
                    inside: Any, outside: Any, ok: Any, values: Any, estimate: Any, place: Any,
                    moments: Any, kept: Any) -> None:  # fmt: skip
    """Add the deviations of one context's cells in all lanes to their moments."""
    x = np.empty(LANES, dtype=np.float64)
    for r in range(n_cells):
        c = offset + r
        total, whole, centre = sums[r], values[cell_value[c]], estimate[c]
        for lane in range(LANES):
            x[lane] = total[lane] * inside[lane]
        if kind == DIFFERENCE:
            for lane in range(LANES):
                rest = np.int64(whole[lane]) - np.int64(total[lane])
                x[lane] -= rest * outside[lane]
        first, second = 0.0, 0.0
        for lane in range(used):
            deviation = (x[lane] - centre) * ok[lane]
            first += deviation
            second += deviation * deviation
        moments[c, 0] += first
        moments[c, 1] += second
        if place[c] >= 0:
            for lane in range(used):
                kept[place[c], lane] = x[lane] if ok[lane] > 0 else np.nan


@njit(nogil=True, cache=True)
def bootstrap_contexts(kind: Any, used: Any, context_ptr: Any, conv_ptr: Any, cell: Any,
                       cell_ptr: Any, cell_value: Any, cluster: Any, weights: Any, all_sizes: Any,
                       values: Any, estimate: Any, place: Any, moments: Any, defined: Any,
                       kept: Any, contexts: Any) -> None:  # fmt: skip
    """Add one block of replicates of some contexts to the moments of their cells."""
    widest = 0
    for c in contexts:
        widest = max(widest, cell_ptr[c + 1] - cell_ptr[c])
    narrow = np.empty((widest, LANES), dtype=np.uint16)
    wide = np.empty((widest, LANES), dtype=np.uint32)
    size = np.empty(LANES, dtype=np.uint32)
    inside, outside, ok = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    for c in contexts:
        first, last, offset = context_ptr[c], context_ptr[c + 1], cell_ptr[c]
        n_cells = cell_ptr[c + 1] - offset
        size[:] = 0
        small = last - first < SMALL_CONTEXT
        if small:
            narrow[:n_cells] = 0
            _cell_sums(first, last, conv_ptr, cell, offset, cluster, weights, narrow, size)
        else:
            wide[:n_cells] = 0
            _cell_sums(first, last, conv_ptr, cell, offset, cluster, weights, wide, size)
        for lane in range(LANES):
            rest = np.int64(all_sizes[lane]) - np.int64(size[lane])
            fits = kind == COUNT or (size[lane] > 0 and (kind == PREVALENCE or rest > 0))
            ok[lane] = 1.0 if fits else 0.0
            inside[lane] = 1.0 if kind == COUNT else (1.0 / size[lane] if fits else 0.0)
            outside[lane] = 1.0 / rest if fits and rest > 0 else 0.0
        for lane in range(used):
            defined[c] += np.int64(ok[lane])
        if small:
            _add_statistics(kind, offset, n_cells, used, cell_value, narrow, inside, outside, ok,
                            values, estimate, place, moments, kept)  # fmt: skip
        else:
            _add_statistics(kind, offset, n_cells, used, cell_value, wide, inside, outside, ok,
                            values, estimate, place, moments, kept)  # fmt: skip
