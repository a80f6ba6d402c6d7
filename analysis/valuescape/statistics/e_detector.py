"""Watching a stream for a change of a share, with a bound on false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    FloatArray,
    IntArray,
    as_amounts,
    inside_unit,
    refuse,
    result_frame,
)
from valuescape.statistics.confidence_sequence import checked_looks
from valuescape.statistics.options import Alternative, check_option
from valuescape.statistics.tails import LN10

if TYPE_CHECKING:
    import pandas as pd

ODDS_RATIOS = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Changes of the odds that the detector looks out for."""


@dataclass(frozen=True, slots=True)
class EDetector:
    """Evidence that the share has changed at some look so far.

    Attributes
    ----------
    look : ndarray of int, shape (n_looks,)
        From 1.
    log10_evidence : ndarray of float64, shape (n_looks,)
        log10 of the Shiryaev-Roberts sum.
    threshold : float
        log10 of the average run length asked for.
    alarm : int
        First look at which the evidence reaches the threshold; 0 if none does.
    """

    look: IntArray
    log10_evidence: FloatArray
    threshold: float
    alarm: int

    def to_frame(self) -> pd.DataFrame:
        """One row a look."""
        return result_frame(self)


def e_detector(
    successes: ArrayLike,
    trials: ArrayLike,
    p0: float,
    *,
    run_length: float,
    alternative: Alternative = "two-sided",
    odds_ratios: ArrayLike = ODDS_RATIOS,
) -> EDetector:
    r"""Watch a stream for a change of its share, with few false alarms.

    A likelihood ratio process against p0 is started at every look; their sum, averaged over
    alternatives at the given odds ratios (and their inverses), is the Shiryaev-Roberts e-detector

    .. math:: M_t = \frac1K \sum_k R_t^{(k)}, \quad R_t^{(k)} = (1 + R_{t-1}^{(k)})
        \Big(\frac{p_k}{p_0}\Big)^{s_t} \Big(\frac{1-p_k}{1-p_0}\Big)^{n_t - s_t}.

    While the share is p0 (or on the null's side of it, one-sided), the mean number of looks to an
    alarm at :math:`M_t \ge` `run_length` is at least `run_length`: :math:`M_t - t` is a
    supermartingale.

    Parameters
    ----------
    successes, trials : array_like of int, shape (n_looks,)
        Of each look (not running totals), independent trials.
    p0 : float
        Share before the change, inside (0, 1).
    run_length : float
        Mean number of looks to a false alarm, at least; above 1.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Which changes count.
    odds_ratios : array_like, default (1.25, 1.5, 2, 3, 5, 10)
        Changes of the odds looked out for, above 1; taken upward, downward or both.

    Returns
    -------
    EDetector

    Raises
    ------
    ValueError
        If a count is not whole or negative, ``successes > trials``, there is no look, or `p0`,
        `run_length` or an odds ratio is out of range.

    References
    ----------
    Shin, J., Ramdas, A. & Rinaldo, A. (2024). E-detectors: a nonparametric framework for
    sequential change detection. *New England Journal of Statistics in Data Science* 2, 229-260.
    https://doi.org/10.51387/23-NEJSDS51.

    Examples
    --------
    >>> hits = [5, 4, 6, 5, 12, 14, 11]
    >>> e_detector(hits, [100] * 7, 0.05, run_length=100).alarm
    6
    """
    check_option("alternative", alternative, Alternative)
    null = inside_unit("p0", p0)
    s, n = checked_looks(successes, trials)
    if not run_length > 1 or not np.isfinite(run_length):
        raise ValueError(f"run_length = {run_length}: must be above 1 and finite")
    steps = np.log(checked_ratios(odds_ratios))
    sides = {"greater": [steps], "less": [-steps], "two-sided": [steps, -steps]}[alternative]
    logits = special.logit(null) + np.concatenate(sides)
    up = special.log_expit(logits) - np.log(null)
    down = special.log_expit(-logits) - np.log1p(-null)
    growth = np.outer(s, up) + np.outer(n - s, down)
    grown = np.cumsum(growth, axis=0)
    started = np.logaddexp.accumulate(growth - grown, axis=0)
    evidence = (special.logsumexp(grown + started, axis=1) - np.log(logits.size)) / LN10
    threshold = float(np.log10(run_length))
    over = np.flatnonzero(evidence >= threshold)
    alarm = int(over[0]) + 1 if over.size else 0
    return EDetector(np.arange(1, s.size + 1), evidence, threshold, alarm)


def checked_ratios(odds_ratios: ArrayLike) -> FloatArray:
    """Odds ratios above 1.

    Parameters
    ----------
    odds_ratios : array_like
        One or more.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
        If there is none, or one is not above 1.

    Examples
    --------
    >>> checked_ratios(2).tolist()
    [2.0]
    """
    ratios = np.atleast_1d(as_amounts("odds_ratios", odds_ratios))
    if not ratios.size:
        raise ValueError("odds_ratios: at least one is needed")
    refuse(ratios <= 1, "odds_ratios", "must be above 1", ratios)
    return ratios
