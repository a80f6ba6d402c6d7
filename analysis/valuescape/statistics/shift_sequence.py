"""Confidence sequences of a shift of log odds that strata have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_amounts,
    check_level,
    refuse,
    result_frame,
)
from valuescape.statistics.shift import checked_shift, inside_shares, partition
from valuescape.statistics.solve import bracketed_root

if TYPE_CHECKING:
    import pandas as pd

FARTHEST = 12.0
"""Largest shift of the log odds that is solved for."""

PRIOR_SCALE = 0.3
"""Scale of the Cauchy prior of a shift, on the log odds."""

_NODES = np.sinh(np.linspace(-np.arcsinh(4 / 0.02), np.arcsinh(4 / 0.02), 201)) * 0.02
_LOG_PRIOR = np.log(np.gradient(_NODES)) - np.log1p((_NODES / PRIOR_SCALE) ** 2)
_LOG_PRIOR -= special.logsumexp(_LOG_PRIOR)


@dataclass(frozen=True, slots=True)
class ShiftSequence:
    """Intervals of a common shift of the log odds, one a look.

    Attributes
    ----------
    estimate : ndarray of float64, shape (n_looks,)
        Most likely shift, within 12 of zero; NaN while there are no trials.
    low, high : ndarray of float64, shape (n_looks,)
        All intervals hold the shift together with probability at least the level.
    conf_level : float
        Time-uniform coverage.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a look."""
        return result_frame(self)


def shift_sequence(
    successes: ArrayLike,
    trials: ArrayLike,
    baseline: ArrayLike,
    *,
    allowance: ArrayLike = 0.0,
    conf_level: float = 0.95,
) -> ShiftSequence:
    r"""Confidence sequence of the shift: look as often as you like, stop when you like.

    With :math:`L_t(\lambda)` the likelihood so far, the set of :math:`\lambda` with

    .. math:: \frac{\int L_t(l)\,d\pi(l)}{L_t(\lambda)} < \frac1\alpha

    is an interval, since :math:`\log L_t` is concave; the ratio is a martingale of mean 1 at the
    true shift (Robbins' mixture).  The prior is a discretised Cauchy around no shift; it changes
    the width only.

    Parameters
    ----------
    successes, trials, baseline
        As in :func:`~valuescape.statistics.shift.shift_evidence`.
    allowance : array_like, default 0
        By how much each interval is widened to either side: what the baseline may be off.
    conf_level : float, default 0.95
        Time-uniform coverage where the baseline is known.

    Returns
    -------
    ShiftSequence

    Raises
    ------
    ValueError
        As in :func:`~valuescape.statistics.shift.shift_evidence`, or if the level is not inside
        (0, 1).

    References
    ----------
    Howard, S. R., Ramdas, A., McAuliffe, J. & Sekhon, J. (2021). *Annals of Statistics* 49,
    1055-1080. https://doi.org/10.1214/20-AOS1991.

    Examples
    --------
    >>> found = shift_sequence([30, 30], [[100, 20], [20, 100]], [0.1, 0.3])
    >>> bool(found.low[1] < np.log(1.2) < found.high[1])
    True
    """
    alpha = 1 - check_level(conf_level)
    s, n, p = checked_shift(successes, trials, baseline)
    band = np.broadcast_to(as_amounts("allowance", allowance), s.shape)
    total, size = np.cumsum(s), np.cumsum(n, axis=0)
    nodes = np.stack([_log_likelihood(total, size, p, np.full(s.size, x)) for x in _NODES], axis=1)
    bound = special.logsumexp(nodes + _LOG_PRIOR, axis=1) + np.log(alpha)
    best = _most_likely(total, size, p)

    def beyond(x: FloatArray, active: BoolArray) -> FloatArray:
        fit = _log_likelihood(total[active], size[active], p, x)
        return np.asarray(np.clip(bound[active] - fit, -1e300, 1e300))

    ends = np.full(s.size, FARTHEST)
    low = np.where(total == 0, -np.inf, bracketed_root(beyond, -ends, best) - band)
    everything = total == size.sum(axis=1)
    high = np.where(everything, np.inf, bracketed_root(beyond, best, ends) + band)
    seen = size.sum(axis=1) > 0
    return ShiftSequence(np.where(seen, best, np.nan), low, high, conf_level)


def shift_error(trials: ArrayLike, baseline: ArrayLike, baseline_trials: ArrayLike) -> FloatArray:
    r"""Give the standard error of the shift that comes from an estimated baseline.

    .. math:: \sigma^2 = \frac{\sum_h n_h^2 v_h / N_h}{(\sum_h n_h v_h)^2},
        \quad v_h = p_h(1-p_h),

    for strata with :math:`N_h` trials in the baseline and :math:`n_h` in the stream: what the log
    odds of the stream's successes would be off on average, to first order.

    Parameters
    ----------
    trials : array_like, shape (..., n_strata)
        Trials of the stream so far.
    baseline : array_like, shape (n_strata,)
        Shares inside (0, 1).
    baseline_trials : array_like, shape (n_strata,)
        Trials they rest on, above zero.

    Returns
    -------
    ndarray of float64
        Of the shape of `trials` without its last axis; 0 without a trial.

    Raises
    ------
    ValueError
        If a number is negative or missing, or a stratum of the baseline has no trial.

    Examples
    --------
    >>> float(shift_error([10, 0], [0.5, 0.1], [400, 100]).round(3))
    0.1
    """
    n, size = as_amounts("trials", trials), as_amounts("baseline_trials", baseline_trials)
    p = inside_shares(baseline)
    refuse(size <= 0, "baseline_trials", "must be above zero", size)
    spread = p * (1 - p)
    top = np.sqrt((n**2) @ (spread / size))
    bottom = n @ spread
    return np.asarray(np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 0.0))


def _log_likelihood(total: IntArray, size: IntArray, p: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(total * x - np.sum(size * partition(p, x[:, None]), axis=1))


def _most_likely(total: IntArray, size: IntArray, p: FloatArray) -> FloatArray:
    log_odds = special.logit(p)

    def excess(x: FloatArray, active: BoolArray) -> FloatArray:
        expected = np.sum(size[active] * special.expit(log_odds + x[:, None]), axis=1)
        return np.asarray(expected - total[active])

    ends = np.full(total.size, FARTHEST)
    return bracketed_root(excess, -ends, ends)
