"""Elementwise root of a monotone function inside a bracket."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from valuescape.statistics.arrays import BoolArray, FloatArray

MAX_STEPS = 120
RELATIVE_WIDTH = 4 * np.finfo(float).eps


def bracketed_root(
    function: Callable[[FloatArray, BoolArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
) -> FloatArray:
    """Solve ``function(x) = 0`` for every element at once (Chandrupatla 1997).

    Inverse quadratic interpolation where it is safe, bisection elsewhere; elements that have
    converged leave the active set.

    Parameters
    ----------
    function : callable
        ``function(x, active)`` returns the values at `x`, where `x` holds only the elements
        marked in the boolean array `active` (which has the shape of `low`).
    low, high : ndarray of float64
        One-dimensional ends of the brackets. Where the function has one sign at both ends, the
        end with the smaller absolute value is returned.

    Returns
    -------
    ndarray of float64
        Roots, to a few units in the last place of the bracket's scale.

    References
    ----------
    Chandrupatla, T. R. (1997). A new hybrid quadratic/bisection algorithm for finding the zero
    of a nonlinear function without using derivatives. *Advances in Engineering Software* 28.
    https://doi.org/10.1016/S0965-9978(96)00051-8

    Examples
    --------
    >>> target = np.array([2.0, 9.0])
    >>> ends = np.zeros(2), np.full(2, 10.0)
    >>> bracketed_root(lambda x, active: x**2 - target[active], *ends).round(6)
    array([1.414214, 3.      ])
    """
    everywhere = np.ones(low.shape, dtype=np.bool_)
    at_low, at_high = function(low, everywhere), function(high, everywhere)
    state = np.stack([low, high, high, at_low, at_high, at_high])
    root = _best_end(state)
    active = (np.sign(state[3]) * np.sign(state[4])) < 0
    state = state[:, active]
    fraction = np.full(state.shape[1], 0.5)
    for _ in range(MAX_STEPS):
        if not state.shape[1]:
            break
        trial = state[0] + fraction * (state[1] - state[0])
        state = _advance(state, trial, function(trial, active))
        best = _best_end(state)
        width = np.abs(state[1] - state[0])
        tolerance = RELATIVE_WIDTH * np.abs(best) + np.finfo(float).tiny
        going = (width > 2 * tolerance) & (state[3] != 0)
        root[active] = best
        active[active] = going
        state = state[:, going]
        fraction = _next_fraction(state, (tolerance / np.maximum(width, tolerance))[going])
    return root


def _best_end(state: FloatArray) -> FloatArray:
    """End of each bracket with the smaller absolute function value."""
    return np.asarray(np.where(np.abs(state[3]) <= np.abs(state[4]), state[0], state[1]))


def _advance(state: FloatArray, trial: FloatArray, value: FloatArray) -> FloatArray:
    """Shrink the brackets with the trial points; rows are x1, x2, x3, f1, f2, f3."""
    x1, x2, _, f1, f2, _ = state
    same = np.sign(value) == np.sign(f1)
    return np.stack(
        [
            trial,
            np.where(same, x2, x1),
            np.where(same, x1, x2),
            value,
            np.where(same, f2, f1),
            np.where(same, f1, f2),
        ]
    )


def _next_fraction(state: FloatArray, edge: FloatArray) -> FloatArray:
    """Where in the bracket to try next: quadratic step if it is safe, else the middle."""
    x1, x2, x3, f1, f2, f3 = state
    with np.errstate(divide="ignore", invalid="ignore"):
        position = (x1 - x2) / (x3 - x2)
        ratio = (f1 - f2) / (f3 - f2)
        safe = (ratio**2 < position) & ((1 - ratio) ** 2 < 1 - position)
        step = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (
            f3 - f2
        )
    step = np.where(safe & np.isfinite(step), step, 0.5)
    return np.clip(step, edge, 1 - edge)
