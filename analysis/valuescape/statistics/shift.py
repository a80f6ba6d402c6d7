"""Watching a share that differs by stratum: evidence of a shift that a new mix cannot make."""

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
    as_counts,
    check_level,
    refuse,
    result_frame,
)
from valuescape.statistics.e_detector import ODDS_RATIOS, checked_ratios
from valuescape.statistics.solve import bracketed_root
from valuescape.statistics.tails import LN10

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
class ShiftEvidence:
    """Evidence against no shift, look by look.

    Attributes
    ----------
    log10_e : ndarray of float64, shape (n_looks,)
        log10 of the e-process that began with the stream: under the null its mean at any
        stopping time is at most 1.
    log10_detector : ndarray of float64, shape (n_looks,)
        log10 of the Shiryaev-Roberts sum of such processes begun at every look.
    growth : ndarray of float64, shape (n_looks, n_alternatives)
        Log likelihood ratio of each look; first the upward alternatives, then the downward.
    """

    log10_e: FloatArray
    log10_detector: FloatArray
    growth: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a look."""
        import pandas as pd

        return pd.DataFrame({"log10_e": self.log10_e, "log10_detector": self.log10_detector})


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


def shift_evidence(
    successes: ArrayLike,
    trials: ArrayLike,
    baseline: ArrayLike,
    *,
    allowance: ArrayLike = 0.0,
    odds_ratios: ArrayLike = ODDS_RATIOS,
) -> ShiftEvidence:
    r"""Evidence that the odds of an outcome have moved in all strata alike.

    In stratum h of look t the outcome has, under the alternative k, the log odds
    :math:`\operatorname{logit} p_h + \lambda`.  Given how many trials each stratum has, the total
    of the successes says all about :math:`\lambda`, and the likelihood ratio of a look is

    .. math:: g_t = (\lambda_1 - \lambda_0) s_t
        - \sum_h n_{th} \log\frac{1 - p_h + p_h e^{\lambda_1}}{1 - p_h + p_h e^{\lambda_0}}.

    Upward alternatives :math:`\lambda_1 = \tau_t + \log\theta_k` are held against
    :math:`\lambda_0 = \tau_t`, downward ones against :math:`-\tau_t`; the processes are averaged.
    So a shift within the allowance :math:`\tau_t` is no evidence, and neither is another mix of
    strata: the trials are conditioned on.  With one stratum and no allowance the detector is
    :func:`~valuescape.statistics.e_detector.e_detector`.

    Parameters
    ----------
    successes : array_like of int, shape (n_looks,)
        Successes of each look in all strata together.
    trials : array_like of int, shape (n_looks, n_strata)
        Independent trials of each look in each stratum.
    baseline : array_like, shape (n_strata,)
        Share in each stratum under the null, inside (0, 1).
    allowance : array_like, default 0
        Shift of the log odds that does not count, one for all looks or one a look; it may depend
        on the trials up to the look and on successes before it.
    odds_ratios : array_like, default (1.25, 1.5, 2, 3, 5, 10)
        Changes of the odds looked out for, beyond the allowance and above 1, in both directions.

    Returns
    -------
    ShiftEvidence

    Raises
    ------
    ValueError
        If a count is not whole or negative, successes exceed trials, shapes differ, a baseline
        share is not inside (0, 1), an allowance is negative or an odds ratio is not above 1.

    References
    ----------
    Shin, J., Ramdas, A. & Rinaldo, A. (2024). *New England Journal of Statistics in Data Science*
    2, 229-260. https://doi.org/10.51387/23-NEJSDS51.
    Ramdas, A., Grünwald, P., Vovk, V. & Shafer, G. (2023). *Statistical Science* 38, 576-601.
    https://doi.org/10.1214/23-STS894.

    Examples
    --------
    >>> trials = [[80, 20], [80, 20], [20, 80], [20, 80]]
    >>> same = shift_evidence([14, 14, 26, 26], trials, [0.1, 0.3])
    >>> more = shift_evidence([14, 14, 60, 60], trials, [0.1, 0.3])
    >>> bool(same.log10_e[-1] < 0), bool(more.log10_e[-1] > 2)
    (True, True)
    """
    growth = shift_growth(
        successes, trials, baseline, allowance=allowance, odds_ratios=odds_ratios
    )
    return ShiftEvidence(log10_e_process(growth), log10_detector(growth), growth)


def log10_e_process(growth: FloatArray) -> FloatArray:
    """log10 of the e-process begun at the first look.

    Parameters
    ----------
    growth : ndarray of float64, shape (n_looks, ..., n_alternatives)
        From :func:`shift_growth`.

    Returns
    -------
    ndarray of float64, shape (n_looks, ...)

    Examples
    --------
    >>> log10_e_process(np.log([[10.0], [10.0]])).round(6).tolist()
    [1.0, 2.0]
    """
    grown = np.cumsum(growth, axis=0)
    return np.asarray((special.logsumexp(grown, axis=-1) - np.log(growth.shape[-1])) / LN10)


def log10_detector(growth: FloatArray) -> FloatArray:
    """log10 of the Shiryaev-Roberts sum of processes begun at every look.

    Parameters
    ----------
    growth : ndarray of float64, shape (n_looks, ..., n_alternatives)
        From :func:`shift_growth`.

    Returns
    -------
    ndarray of float64, shape (n_looks, ...)

    Examples
    --------
    >>> log10_detector(np.log([[10.0], [10.0]])).round(4).tolist()
    [1.0, 2.0414]
    """
    grown = np.cumsum(growth, axis=0)
    sums = grown + np.logaddexp.accumulate(growth - grown, axis=0)
    return np.asarray((special.logsumexp(sums, axis=-1) - np.log(growth.shape[-1])) / LN10)


def shift_growth(
    successes: ArrayLike,
    trials: ArrayLike,
    baseline: ArrayLike,
    *,
    allowance: ArrayLike = 0.0,
    odds_ratios: ArrayLike = ODDS_RATIOS,
) -> FloatArray:
    """Log likelihood ratio of each look and alternative: what the evidence is made of.

    Parameters
    ----------
    successes, trials, baseline, allowance, odds_ratios
        As in :func:`shift_evidence`.

    Returns
    -------
    ndarray of float64, shape (n_looks, n_alternatives)
        First the upward alternatives, then the downward.

    Raises
    ------
    ValueError
        As in :func:`shift_evidence`.

    Examples
    --------
    >>> shift_growth([5], [[100]], [0.05], odds_ratios=[2.0]).round(2).tolist()
    [[-1.41, -0.93]]
    """
    s, n, p = _checked(successes, trials, baseline)
    band = np.broadcast_to(as_amounts("allowance", allowance), s.shape)
    steps = np.log(checked_ratios(odds_ratios))
    sides = [_growth(s, n, p, band, steps), _growth(s, n, p, -band, -steps)]
    return np.concatenate(sides, axis=1)


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
        As in :func:`shift_evidence`.
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
        As in :func:`shift_evidence`, or if the level is not inside (0, 1).

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
    s, n, p = _checked(successes, trials, baseline)
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
    r"""Standard error that an estimated baseline gives to the shift.

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
    p = _inside(baseline)
    refuse(size <= 0, "baseline_trials", "must be above zero", size)
    spread = p * (1 - p)
    top = np.sqrt((n**2) @ (spread / size))
    bottom = n @ spread
    return np.asarray(np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 0.0))


def _checked(
    successes: ArrayLike, trials: ArrayLike, baseline: ArrayLike
) -> tuple[IntArray, IntArray, FloatArray]:
    s, n = as_counts("successes", successes), as_counts("trials", trials)
    p = _inside(baseline)
    if s.ndim != 1 or not s.size or n.shape != (s.size, p.size):
        raise ValueError(
            f"trials: shape {n.shape} does not fit successes of shape {s.shape} and baseline of "
            f"shape {p.shape}; a row a look and a column a stratum are needed"
        )
    refuse(s > n.sum(axis=1), "successes", "must not exceed the trials of the look", s)
    return s, n, p


def _inside(baseline: ArrayLike) -> FloatArray:
    p = np.atleast_1d(as_amounts("baseline", baseline))
    refuse((p <= 0) | (p >= 1), "baseline", "must lie inside (0, 1)", p)
    return p


def _growth(
    s: IntArray, n: IntArray, p: FloatArray, start: FloatArray, steps: FloatArray
) -> FloatArray:
    """Log likelihood ratio of each look and step against the shift `start`."""
    before = _partition(p, start[:, None])
    columns = [step * s - np.sum(n * (_partition(p, (start + step)[:, None]) - before), axis=1)
               for step in steps]  # fmt: skip
    return np.stack(columns, axis=1)


def _partition(p: FloatArray, shift: FloatArray) -> FloatArray:
    """log(1 - p + p e^shift)."""
    return np.asarray(np.log1p(p * np.expm1(shift)))


def _log_likelihood(total: IntArray, size: IntArray, p: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(total * x - np.sum(size * _partition(p, x[:, None]), axis=1))


def _most_likely(total: IntArray, size: IntArray, p: FloatArray) -> FloatArray:
    log_odds = special.logit(p)

    def excess(x: FloatArray, active: BoolArray) -> FloatArray:
        expected = np.sum(size[active] * special.expit(log_odds + x[:, None]), axis=1)
        return np.asarray(expected - total[active])

    ends = np.full(total.size, FARTHEST)
    return bracketed_root(excess, -ends, ends)
