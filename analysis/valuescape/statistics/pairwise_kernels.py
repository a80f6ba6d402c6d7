"""Compiled loop over the pairwise differences of many draws."""

from __future__ import annotations

from numba import njit

from valuescape.statistics.arrays import BoolArray, FloatArray


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
    for i in range(n_values):
        for j in range(i + 1, n_values):
            scale = inverse_error[i, j]
            if active[i, j] and active[j, i]:
                for d in range(n_draws):
                    value = abs(noise[i, d] - noise[j, d]) * scale
                    largest[d] = value if value > largest[d] else largest[d]
            elif active[i, j] or active[j, i]:
                signed = scale if active[i, j] else -scale
                for d in range(n_draws):
                    value = (noise[i, d] - noise[j, d]) * signed
                    largest[d] = value if value > largest[d] else largest[d]
