"""Prevalence in a frame from machine labels of all and readings of a probability sample.

The machine labels every conversation of the frame; readers read a sample drawn with known
probabilities.  The difference between the two among the conversations read rectifies the machine's
total (design-based supervised learning, prediction-powered inference).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import check_level, result_frame
from valuescape.statistics.checks import share
from valuescape.statistics.corrected_intervals import corrected_interval, plain_interval
from valuescape.statistics.labelled_frame import LabelledFrame, indicator, probability
from valuescape.statistics.machine_recall import (
    CALLED,
    IDENTIFYING,
    MachineRecall,
    MissedShare,
    machine_recall,
    missed_share,
)
from valuescape.statistics.power_tuning import check_tuning, gain
from valuescape.statistics.rectified import Domain, RectifiedShare, rectified_share

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CorrectedShare",
    "Domain",
    "LabelledFrame",
    "MachineRecall",
    "corrected_prevalence",
    "machine_recall",
]


@dataclass(frozen=True, slots=True)
class CorrectedShare:
    """A share of the frame, with and without correction.

    Attributes
    ----------
    estimate, ci_low, ci_high, standard_error : float
        The corrected share and its interval.
    machine : float
        Share by machine labels alone (mean probability), uncorrected; NaN where the machine finds
        nothing in the domain.
    readings, readings_standard_error : float
        Share by readings alone (design-weighted) and its standard error.
    readings_low, readings_high : float
        Its interval.
    phi_squared : float
        Squared correlation of machine and reading within strata: of the labels themselves or, in
        a domain, of their linearised contributions to the share.
    tuning : float
        Mean weight given to the machine, within 0 (ignored) and 1.
    gain : float
        Variance of the readings-only share over that of the corrected one; infinite where the
        machine never errs.
    effective_readings : float
        Readings that would be as precise without the machine, gain times those in the domain.
    n_read, n_frame, n_clusters, n_positive : int
        Conversations read, in the frame; prompt groups read inside the domain; positive readings.
    n_missed : int
        Positive readings among conversations that the machine calls negative (probability under a
        half).
    missed_high : float
        Upper limit of their share of the frame.
    recall_identifiable : bool
        Whether they come from enough prompt groups to estimate the machine's recall.  If not, what
        it misses has an upper limit only (see `machine_recall`).
    """

    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    machine: float
    readings: float
    readings_standard_error: float
    readings_low: float
    readings_high: float
    phi_squared: float
    tuning: float
    gain: float
    effective_readings: float
    n_read: int
    n_frame: int
    n_clusters: int
    n_positive: int
    n_missed: int
    missed_high: float
    recall_identifiable: bool

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return result_frame(self)


def corrected_prevalence(
    reading: ArrayLike,
    machine: ArrayLike,
    frame: LabelledFrame,
    *,
    domain_reading: ArrayLike | None = None,
    domain_machine: ArrayLike | None = None,
    tuning: float | None = None,
    conf_level: float = 0.95,
    rare: float = 0.02,
) -> CorrectedShare:
    r"""Share of the frame, or of a domain of it, corrected for the machine's errors.

    Over readings y with weights w in sample s, and machine probabilities f in frame U,
    :math:`\hat\theta = \bar y_s + \lambda(\bar f_U - \bar f_s)`, weighted means being
    post-stratified.  Within a domain (say, subjective conversations), which may itself be a label,
    the means are ratios, and the machine's ratio enters linearised about its value in the frame.
    :math:`\lambda` minimises the variance; that of a fold is estimated on the other folds.  The
    variance is that of the readings left over, clustered by prompt group within stratum with
    :math:`G_h / (G_h - 1)`; the frame itself is fixed, and no finite-population correction is made.
    Shares under ``rare``, or above its complement, get a MOVER-Wilson interval, others one on the
    logit scale with t quantiles at G - 1 degrees of freedom.

    Parameters
    ----------
    reading : array_like, shape (n_frame,)
        0/1 where read; ignored elsewhere.
    machine : array_like, shape (n_frame,)
        Cross-fitted probability in [0, 1].
    frame : LabelledFrame
        Which were read, strata, clusters, folds.
    domain_reading, domain_machine : array_like, shape (n_frame,), optional
        The same two for the domain; the numerator must lie inside it.  Where membership is known
        without a label, both are that membership.
    tuning : float, optional
        A weight of the machine fixed beforehand, in [0, 1]: 1 gives design-based supervised
        learning, 0 the readings alone.
    conf_level : float
        Confidence level.
    rare : float
        Share under which the MOVER-Wilson interval is used.

    Returns
    -------
    CorrectedShare
        With and without correction.

    Raises
    ------
    ValueError
        If a probability, `tuning` or `rare` is outside [0, 1], a reading that is needed is missing,
        only one of the two domain arrays is given, a reading lies outside its domain, or the
        domain was read in fewer than two clusters.

    References
    ----------
    Angelopoulos et al. (2023), doi:10.1126/science.adi6000; Angelopoulos, Duchi & Zrnic (2023),
    arXiv:2311.01453; Egami et al. (2023), arXiv:2306.04746; Zrnic & Candes (2024),
    doi:10.1073/pnas.2322083121; Sarndal, Swensson & Wretman (1992), ch. 6,
    doi:10.1007/978-1-4612-4378-6 (difference estimator).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random(4000) < 0.3
    >>> frame = LabelledFrame.of(rng.random(4000) < 0.2, np.zeros(4000), np.arange(4000),
    ...     np.arange(4000) % 10)
    >>> found = corrected_prevalence(truth, np.where(truth, 0.9, 0.3), frame)
    >>> round(found.machine, 2), round(found.estimate, 2), found.gain > 4
    (0.48, 0.3, True)
    """
    if (domain_reading is None) != (domain_machine is None):
        raise ValueError("domain_reading, domain_machine: both are given or none")
    domain = None
    if domain_reading is not None and domain_machine is not None:
        domain = Domain.labelled(domain_reading, domain_machine, frame)
    check_level(conf_level)
    share("rare", rare)
    y = indicator("reading", reading, frame)
    f = probability("machine", machine, frame)
    found = rectified_share(y, f, domain, frame, check_tuning(tuning))
    missed = missed_share(y, f, frame, cut=CALLED, conf_level=conf_level)
    return _reported(found, missed, frame, conf_level, rare)


def _reported(
    found: RectifiedShare,
    missed: MissedShare,
    frame: LabelledFrame,
    conf_level: float,
    rare: float,
) -> CorrectedShare:
    limits = corrected_interval(found, conf_level=conf_level, rare=rare)
    plain = plain_interval(found, conf_level=conf_level, rare=rare)
    gained = gain(found.plain_variance, found.variance)
    return CorrectedShare(
        estimate=found.estimate,
        ci_low=float(limits.low),
        ci_high=float(limits.high),
        standard_error=float(np.sqrt(found.variance)),
        machine=found.machine,
        readings=found.plain,
        readings_standard_error=float(np.sqrt(found.plain_variance)),
        readings_low=float(plain.low),
        readings_high=float(plain.high),
        phi_squared=found.phi_squared,
        tuning=found.tuning,
        gain=gained,
        effective_readings=gained * found.n_read,
        n_read=int(frame.read.sum()),
        n_frame=int(frame.read.size),
        n_clusters=found.n_clusters,
        n_positive=found.n_positive,
        n_missed=missed.n,
        missed_high=float(missed.limits.high),
        recall_identifiable=missed.n_clusters >= IDENTIFYING,
    )
