"""Watching a share that differs by stratum: evidence of a shift that a new mix cannot make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import FloatArray, IntArray, as_amounts, as_counts, refuse
from valuescape.statistics.e_detector import ODDS_RATIOS, checked_ratios
from valuescape.statistics.tails import LN10

if TYPE_CHECKING:
    import pandas as pd


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
    growth = shift_growth(successes, trials, baseline, allowance=allowance, odds_ratios=odds_ratios)
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
    s, n, p = checked_shift(successes, trials, baseline)
    band = np.broadcast_to(as_amounts("allowance", allowance), s.shape)
    steps = np.log(checked_ratios(odds_ratios))
    sides = [_growth(s, n, p, band, steps), _growth(s, n, p, -band, -steps)]
    return np.concatenate(sides, axis=1)


def checked_shift(
    successes: ArrayLike, trials: ArrayLike, baseline: ArrayLike
) -> tuple[IntArray, IntArray, FloatArray]:
    """Check counts of looks against a baseline.

    Parameters
    ----------
    successes, trials, baseline
        As in :func:`shift_evidence`.

    Returns
    -------
    tuple of ndarray

    Raises
    ------
    ValueError
        As in :func:`shift_evidence`.

    Examples
    --------
    >>> checked_shift([3], [[1, 1]], [0.1, 0.2])
    Traceback (most recent call last):
        ...
    ValueError: successes[0] = 3: must not exceed the trials of the look
    """
    s, n = as_counts("successes", successes), as_counts("trials", trials)
    p = inside_shares(baseline)
    if s.ndim != 1 or not s.size or n.shape != (s.size, p.size):
        raise ValueError(
            f"trials: shape {n.shape} does not fit successes of shape {s.shape} and baseline of "
            f"shape {p.shape}; a row a look and a column a stratum are needed"
        )
    refuse(s > n.sum(axis=1), "successes", "must not exceed the trials of the look", s)
    return s, n, p


def inside_shares(baseline: ArrayLike) -> FloatArray:
    """Shares of strata, none of them 0 or 1.

    Raises
    ------
    ValueError
        If one is not inside (0, 1).

    Examples
    --------
    >>> inside_shares(0.5).tolist()
    [0.5]
    """
    p = np.atleast_1d(as_amounts("baseline", baseline))
    refuse((p <= 0) | (p >= 1), "baseline", "must lie inside (0, 1)", p)
    return p


def _growth(
    s: IntArray, n: IntArray, p: FloatArray, start: FloatArray, steps: FloatArray
) -> FloatArray:
    """Log likelihood ratio of each look and step against the shift `start`."""
    before = partition(p, start[:, None])
    columns = [step * s - np.sum(n * (partition(p, (start + step)[:, None]) - before), axis=1)
               for step in steps]  # fmt: skip
    return np.stack(columns, axis=1)


def partition(p: FloatArray, shift: FloatArray) -> FloatArray:
    """log(1 - p + p e^shift), the log partition function of shifted log odds.

    Examples
    --------
    >>> partition(np.array([0.5]), np.array([0.0])).tolist()
    [0.0]
    """
    return np.asarray(np.log1p(p * np.expm1(shift)))
