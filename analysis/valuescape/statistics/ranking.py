"""What confidence sets for tops and for ranks have in common."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_numbers, check_level
from valuescape.statistics.options import RankCoverage, check_option


def checked_estimates(estimate: ArrayLike, conf_level: float, coverage: RankCoverage) -> FloatArray:
    """Return estimates that can be ranked.

    Parameters
    ----------
    estimate : array_like, shape (..., values)
        Estimates.
    conf_level : float
        Nominal coverage.
    coverage : {"simultaneous", "marginal"}
        What the level holds for.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
        If there is no value, one is missing, or the level or coverage is not allowed.

    Examples
    --------
    >>> checked_estimates([1, 2], 0.95, "marginal").tolist()
    [1.0, 2.0]
    """
    check_level(conf_level)
    check_option("coverage", coverage, RankCoverage)
    numbers = as_numbers("estimate", estimate)
    if numbers.ndim == 0 or numbers.size == 0:
        raise ValueError(f"estimate: shape {numbers.shape} holds no values to rank")
    return numbers


def limit_families(
    size: int, coverage: RankCoverage, *, both_ways: bool
) -> Iterator[tuple[slice, BoolArray]]:
    """Values whose limits must hold at once, and the differences that the limits are for.

    Parameters
    ----------
    size : int
        Number of values.
    coverage : {"simultaneous", "marginal"}
        All values at once, or each by itself.
    both_ways : bool
        Whether a value's own differences count beside those of the others to it.

    Yields
    ------
    slice
        The values.
    ndarray of bool, shape (size, size)
        Differences, row minus column.

    Examples
    --------
    >>> [int(active.sum()) for _, active in limit_families(3, "marginal", both_ways=False)]
    [2, 2, 2]
    """
    others = ~np.eye(size, dtype=np.bool_)
    if coverage == "simultaneous":
        yield slice(None), others
        return
    for j in range(size):
        active = np.zeros_like(others)
        active[:, j] = others[:, j]
        if both_ways:
            active[j, :] = others[j, :]
        yield slice(j, j + 1), active


def ranks_of(numbers: FloatArray) -> IntArray:
    """1 plus the number of larger entries of the last axis.

    Parameters
    ----------
    numbers : ndarray, shape (..., values)
        Estimates.

    Returns
    -------
    ndarray of int64, the same shape

    Examples
    --------
    >>> ranks_of(np.array([3.0, 5.0, 3.0])).tolist()
    [2, 1, 2]
    """
    rows = -numbers.reshape(-1, numbers.shape[-1])
    below = [np.searchsorted(np.sort(row), row) for row in rows]
    return np.asarray(below, dtype=np.int64).reshape(numbers.shape) + 1
