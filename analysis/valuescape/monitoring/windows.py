"""The usual way, for comparison: chi-square of the last days against the baseline, every day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from valuescape.statistics.arrays import FloatArray, IntArray


def window_statistics(
    successes: IntArray,
    trials: IntArray,
    baseline_successes: IntArray,
    baseline_trials: IntArray,
    *,
    window: int,
) -> FloatArray:
    r"""Cochran-Mantel-Haenszel chi-square of a sliding window against the baseline.

    With one stratum it is Pearson's chi-square of a two-by-two table (times (N-1)/N).

    Parameters
    ----------
    successes : ndarray of int64, shape (n_days, n_strata, n_outcomes)
        Conversations with the outcome.
    trials : ndarray of int64, shape (n_days, n_strata)
        Conversations.
    baseline_successes : ndarray of int64, shape (n_strata, n_outcomes)
        The same of the baseline.
    baseline_trials : ndarray of int64, shape (n_strata,)
        The same of the baseline.
    window : int
        Days in a window.

    Returns
    -------
    ndarray of float64, shape (n_days, n_outcomes)
        0 until a window is full, and where nothing varies.

    References
    ----------
    Mantel, N. & Haenszel, W. (1959). https://doi.org/10.1093/jnci/22.4.719.

    Examples
    --------
    >>> found = window_statistics(
    ...     np.full((3, 1, 1), 20), np.full((3, 1), 100), np.array([[100]]), np.array([1000]),
    ...     window=2)
    >>> found.round(1).ravel().tolist()
    [0.0, 16.2, 16.2]
    """
    hits, size = _rolled(successes, window), _rolled(trials, window)[:, :, None]
    total = size + baseline_trials[:, None]
    having = hits + baseline_successes
    share = having / np.maximum(total, 1)
    excess = (hits - size * share).sum(axis=1)
    other = baseline_trials[:, None]
    variance = size * other * share * (1 - share) / np.maximum(total - 1, 1)
    spread = variance.sum(axis=1)
    found = np.where(spread > 0, excess**2 / np.where(spread > 0, spread, 1.0), 0.0)
    found[: window - 1] = 0.0
    return np.asarray(found)


def window_alarms(statistics: FloatArray, level: float, *, window: int) -> list[tuple[int, int]]:
    """Days at which a chi-square is significant after Bonferroni, a fresh window after each.

    Parameters
    ----------
    statistics : ndarray of float64, shape (n_days, n_outcomes)
        From :func:`window_statistics`.
    level : float
        Level of each day for all outcomes together.
    window : int
        Days that must pass after an alarm before the next window is full.

    Returns
    -------
    list of tuple of int
        Day (from 0) and outcome of each alarm.

    Examples
    --------
    >>> window_alarms(np.array([[0.0], [9.0], [9.0], [9.0]]), 0.05, window=2)
    [(1, 0), (3, 0)]
    """
    bound = stats.chi2.isf(level / statistics.shape[1], 1)
    found, free = [], 0
    for day in np.flatnonzero(statistics.max(axis=1) >= bound):
        if day >= free:
            found.append((int(day), int(np.argmax(statistics[day]))))
            free = int(day) + window
    return found


def _rolled(counts: NDArray[np.int64], window: int) -> NDArray[np.float64]:
    upto = np.cumsum(counts, axis=0, dtype=np.float64)
    upto[window:] = upto[window:] - upto[:-window].copy()
    return upto
