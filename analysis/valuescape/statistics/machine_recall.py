"""What the machine misses, and whether the readings can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, check_level, inside_unit, result_frame
from valuescape.statistics.checks import whole_number
from valuescape.statistics.corrected_intervals import effective_size
from valuescape.statistics.groups import group_sums
from valuescape.statistics.intervals import Interval, mover_ratio, wilson
from valuescape.statistics.labelled_frame import (
    LabelledFrame,
    cluster_sums,
    indicator,
    probability,
    sampling_error,
    snapped,
)
from valuescape.statistics.power_tuning import inner

if TYPE_CHECKING:
    import pandas as pd

CALLED = 0.5
"""Probability from which the machine calls a conversation positive."""

IDENTIFYING = 5
"""Prompt groups with a missed positive from which recall is estimated."""


@dataclass(frozen=True, slots=True)
class MachineRecall:
    """Share of what readers find that the machine finds too.

    Attributes
    ----------
    identifiable : bool
        Whether enough of what the machine misses was read for recall to be estimated.
    recall, ci_low, ci_high : float
        Design-weighted recall and its interval.  Where it is not identifiable the estimate is NaN
        and the upper end 1: only a lower bound is known.
    missed, missed_high : float
        Share of the frame positive by reading and negative by machine, and its upper limit.
    n_missed, n_missed_clusters : int
        Such conversations among those read, and their prompt groups.
    n_called_negative : int
        Conversations read that the machine calls negative.
    """

    identifiable: bool
    recall: float
    ci_low: float
    ci_high: float
    missed: float
    missed_high: float
    n_missed: int
    n_missed_clusters: int
    n_called_negative: int

    @property
    def statement(self) -> str:
        """One sentence on what is known of recall."""
        said = (
            f"{self.n_missed} of {self.n_called_negative} conversations that the machine calls "
            "negative were read as positive"
        )
        if self.identifiable:
            return f"{said}: recall {self.recall:.0%} ({self.ci_low:.0%} to {self.ci_high:.0%})"
        return (
            f"{said}: recall cannot be estimated; the machine misses at most "
            f"{self.missed_high:.2%} of the frame, and recall is at least {self.ci_low:.0%}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row; the limits are ``recall_low`` and ``recall_high``."""
        limits = {"ci_low": "recall_low", "ci_high": "recall_high"}
        return result_frame(self).rename(columns=limits)


def machine_recall(
    reading: ArrayLike,
    machine: ArrayLike,
    frame: LabelledFrame,
    *,
    cut: float = CALLED,
    minimum_clusters: int = IDENTIFYING,
    conf_level: float = 0.95,
) -> MachineRecall:
    r"""Recall of the machine, with a plain statement where the readings do not identify it.

    Recall is :math:`1/(1 + m/t)`, m being the share of the frame that the machine misses and t the
    share that both find.  Each has the Wilson interval of its effective sample size and the two
    are joined with their correlation (MOVER).  A value that readers never found where the machine
    says no may be missed any number of times up to the limit for m: fewer than
    ``minimum_clusters`` prompt groups with a miss give an upper limit for m and none for recall.

    Parameters
    ----------
    reading, machine : array_like, shape (n_frame,)
        0/1 where read; cross-fitted probability everywhere.
    frame : LabelledFrame
        Which were read, strata, clusters.
    cut : float, default 0.5
        Probability from which the machine calls a conversation positive.
    minimum_clusters : int, default 5
        Prompt groups with a missed positive from which recall is estimated.
    conf_level : float
        Confidence level.

    Returns
    -------
    MachineRecall
        With a `statement` in words.

    Raises
    ------
    ValueError
        If nothing was read as positive, an array is not as described, or `cut` is outside (0, 1).

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; Donner & Zou (2012),
    doi:10.1177/0962280210383082.

    Examples
    --------
    >>> rows = np.arange(400)
    >>> frame = LabelledFrame.of(rows < 200, rows * 0, rows, rows % 10)
    >>> found = machine_recall(rows % 20 == 0, np.where(rows % 20 == 0, 0.9, 0.1), frame)
    >>> found.identifiable, found.n_missed
    (False, 0)
    >>> print(found.statement)
    0 of 190 conversations that the machine calls negative were read as positive: recall cannot
    be estimated; the machine misses at most 1.91% of the frame, and recall is at least 70%
    """
    check_level(conf_level)
    inside_unit("cut", cut)
    whole_number("minimum_clusters", minimum_clusters, least=1)
    y = indicator("reading", reading, frame)
    f = probability("machine", machine, frame)
    if not y.any():
        raise ValueError("reading: no positive; recall is of positives")
    lost = missed_share(y, f, frame, cut=cut, conf_level=conf_level)
    missed, error = lost.share, lost.error
    found, found_error = _share(y * (f >= cut), frame)
    spread = np.sqrt(inner(error, error) * inner(found_error, found_error))
    rho = float(np.clip(inner(error, found_error) / spread, -1, 1)) if spread > 0 else 0.0
    ratio = mover_ratio(
        lost.limits, _wilson(found, found_error, frame, conf_level), correlation=rho
    )
    known = lost.n_clusters >= minimum_clusters
    return MachineRecall(
        identifiable=known,
        recall=found / (missed + found) if known else float("nan"),
        ci_low=float(1.0 / (1.0 + ratio.high)),
        ci_high=float(1.0 / (1.0 + ratio.low)) if known else 1.0,
        missed=missed,
        missed_high=float(lost.limits.high),
        n_missed=lost.n,
        n_missed_clusters=lost.n_clusters,
        n_called_negative=int(np.count_nonzero(frame.read & (f < cut))),
    )


@dataclass(frozen=True, slots=True)
class MissedShare:
    """Share of the frame positive by reading and negative by machine.

    Attributes
    ----------
    share : float
        Design-weighted share.
    error : ndarray, shape (n_clusters_frame,)
        Contributions of clusters to its error.
    limits : Interval
        Wilson's at the effective sample size.
    n, n_clusters : int
        Such conversations among those read, and their prompt groups.
    """

    share: float
    error: FloatArray
    limits: Interval
    n: int
    n_clusters: int


def missed_share(
    y: FloatArray, f: FloatArray, frame: LabelledFrame, *, cut: float, conf_level: float
) -> MissedShare:
    """Estimate the share of the frame that readers find and the machine does not.

    Parameters
    ----------
    y, f : ndarray, shape (n_frame,)
        Readings (0 where not read) and machine probabilities.
    frame : LabelledFrame
        Which were read, strata, clusters.
    cut : float
        Probability from which the machine calls a conversation positive.
    conf_level : float
        Confidence level.

    Examples
    --------
    >>> rows = np.arange(400)
    >>> frame = LabelledFrame.of(rows < 200, rows * 0, rows, rows % 10)
    >>> y = (rows < 10) * 1.0
    >>> found = missed_share(y, y * 0, frame, cut=0.5, conf_level=0.95)
    >>> found.n, round(found.share, 3)
    (10, 0.05)
    """
    missed = y * (f < cut)
    share, error = _share(missed, frame)
    limits = _wilson(share, error, frame, conf_level)
    n_clusters = int(np.unique(frame.cluster[missed > 0]).size)
    return MissedShare(share, error, limits, int(missed.sum()), n_clusters)


def _share(y: FloatArray, frame: LabelledFrame) -> tuple[float, FloatArray]:
    share = snapped(float(frame.weight @ y) / frame.read.size)
    return share, cluster_sums(sampling_error(y, frame), frame)


def _wilson(share: float, error: FloatArray, frame: LabelledFrame, conf_level: float) -> Interval:
    weights = group_sums(frame.weight, frame.cluster)
    clusters = float(weights.sum() ** 2 / (weights @ weights))
    size = effective_size(share, inner(error, error), clusters)
    return wilson(share * size, size, conf_level=conf_level, df=max(frame.n_clusters - 1, 1))
