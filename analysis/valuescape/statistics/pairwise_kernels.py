"""Compiled loop over the pairwise differences of many draws."""

from __future__ import annotations

import numpy as np
from numba import njit

from valuescape.statistics.arrays import BoolArray, FloatArray

BLOCK = 512
"""Draws taken at a time: a few hundred values of them fit the second-level cache."""


@njit(cache=True)
def largest_differences(
    noise: FloatArray, inverse_error: FloatArray, active: BoolArray, largest: FloatArray
) -> None:
    """Raise `largest` to the largest active studentised difference of every draw.

    Parameters
    ----------
    noise : ndarray of float64, shape (values, draws)
        Draws of the noise of each value.
    inverse_error : ndarray of float64, shape (values, values)
        Symmetric; one over the standard error of each difference.
    active : ndarray of bool, shape (values, values)
        Marks the differences, row minus column, that count.
    largest : ndarray of float64, shape (draws,)
        Changed in place.
    """
    n_values, n_draws = noise.shape
    best = np.empty(BLOCK)
    for start in range(0, n_draws, BLOCK):
        stop = min(start + BLOCK, n_draws)
        best[: stop - start] = largest[start:stop]
        for i in range(n_values):
            one = noise[i, start:stop]
            for j in range(i + 1, n_values):
                upward, downward = active[i, j], active[j, i]
                if not (upward or downward):
                    continue
                other = noise[j, start:stop]
                scale = inverse_error[i, j] if upward else -inverse_error[i, j]
                for d in range(stop - start):
                    value = (one[d] - other[d]) * scale
                    value = abs(value) if upward and downward else value
                    best[d] = max(best[d], value)
        largest[start:stop] = best[: stop - start]
