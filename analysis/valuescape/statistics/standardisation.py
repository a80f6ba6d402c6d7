"""Direct standardisation: what the shares would be, were all arms asked for one mix of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, check_level
from valuescape.statistics.mover import mover_difference
from valuescape.statistics.options import MissingCells, check_option
from valuescape.statistics.shares import Interval, wilson
from valuescape.statistics.standardisation_data import Sample, checked_sample, target_mix

if TYPE_CHECKING:
    import pandas as pd

SMALLEST_VARIANCE = 1e-20
"""Below this a variance is rounding error."""

FEWEST_IN_STRATUM = 5
"""Observations with and without the outcome in every stratum for its variance to be trusted."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """Standardised shares of every arm and their differences.

    Attributes
    ----------
    arms : tuple
        Names of the arms, sorted.
    share : Interval
        Fields of shape (n_arms, n_outcomes).
    standard_error : ndarray, shape (n_arms, n_outcomes)
        Cluster-robust.
    crude : ndarray, shape (n_arms, n_outcomes)
        Weighted shares in the arm's own mix.
    n, n_clusters : ndarray of int, shape (n_arms,)
        Observations in the strata used, and clusters that hold them.
    pairs : tuple of tuple
        Names of the arms compared.
    difference : Interval
        First less second arm of each pair; fields of shape (n_pairs, n_outcomes).
    difference_error : ndarray, shape (n_pairs, n_outcomes)
        Cluster-robust standard error, with what clusters in both arms have in common.
    coverage : float
        Share of the target mix in strata where every arm has observations; the estimates are
        for that part of the mix.
    dropped : tuple
        Strata of the target left out.
    """

    arms: tuple[object, ...]
    share: Interval
    standard_error: FloatArray
    crude: FloatArray
    n: NDArray[np.int64]
    n_clusters: NDArray[np.int64]
    pairs: tuple[tuple[object, object], ...]
    difference: Interval
    difference_error: FloatArray
    coverage: float
    dropped: tuple[object, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row an arm and outcome."""
        import pandas as pd

        rows = self.share.estimate.shape[1]
        return pd.DataFrame(
            {
                "arm": [arm for arm in self.arms for _ in range(rows)],
                "outcome": np.tile(np.arange(rows), len(self.arms)),
                **_columns(self.share, self.standard_error),
                "crude": self.crude.ravel(),
                "n": np.repeat(self.n, rows),
                "n_clusters": np.repeat(self.n_clusters, rows),
                "coverage": self.coverage,
            }
        )

    def differences(self) -> pd.DataFrame:
        """One row a pair of arms and outcome."""
        import pandas as pd

        rows = self.share.estimate.shape[1]
        return pd.DataFrame(
            {
                "first": [first for first, _ in self.pairs for _ in range(rows)],
                "second": [second for _, second in self.pairs for _ in range(rows)],
                "outcome": np.tile(np.arange(rows), len(self.pairs)),
                **_columns(self.difference, self.difference_error),
                "coverage": self.coverage,
            }
        )


@dataclass(frozen=True, slots=True)
class _Arm:
    """One arm: its shares and errors, and its score of every cluster (zero outside the arm)."""

    share: Interval
    error: FloatArray
    score: FloatArray
    n: int
    n_clusters: int


def standardise(
    y: ArrayLike,
    *,
    weight: ArrayLike,
    stratum: ArrayLike,
    arm: ArrayLike,
    target: Mapping[Any, float],
    cluster: ArrayLike,
    missing: MissingCells = "refuse",
    conf_level: float = 0.95,
) -> Standardised:
    r"""Shares of each arm, standardised to one mix of strata, and their differences.

    With :math:`\bar y_{ah}` the weighted share of arm a in stratum h and :math:`t_h` the target's
    share of the stratum, :math:`\hat p_a = \sum_h t_h \bar y_{ah}`.  Its variance is the sandwich
    of the scores :math:`t_h w_i(y_i - \bar y_{ah})/\sum_{j \in ah} w_j` summed within clusters
    of the arm, times G/(G-1); the target is taken as known.  The interval is Wilson's with
    the effective sample size :math:`\hat p(1-\hat p)/\hat v` and a t quantile at G-1 degrees of
    freedom. Where a stratum has fewer than five observations with or without the outcome,
    its variance is not to be trusted (a stratum without any has none), and the effective size
    is at most that of independent observations of these weights,
    :math:`1/\sum_i (t_h w_i/W_{ah})^2`; such intervals are wider than need be. For a share of
    0 or 1 each cluster counts as one observation. Differences get Zou and Donner's
    interval from those of the two arms, with the correlation that clusters in both arms make.

    Parameters
    ----------
    y : array_like of 0/1, shape (n,) or (n, n_outcomes)
        Indicators.
    weight : array_like, shape (n,)
        Design weights, positive.
    stratum : array_like, shape (n,)
        Task type, or whatever the mix is of.
    arm : array_like, shape (n,)
        Assistant, version or period.
    target : mapping
        Stratum to its share of the common mix; shares are divided by their sum.
    cluster : array_like, shape (n,)
        Prompt group, user or conversation.
    missing : {"refuse", "drop"}, default "refuse"
        Where an arm has no observation in a stratum of the target: an error, or that stratum is
        left out for all arms and the rest of the mix scaled up (see `coverage`).
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    Standardised
        Shares and their differences.

    Raises
    ------
    ValueError
        If indicators are not 0 or 1, a weight is not positive, lengths differ, a cluster is
        missing, the target is empty, holds a negative share or none above zero, or an arm has
        fewer than two clusters or misses a stratum as said above.

    References
    ----------
    Keiding, N. & Clayton, D. (2014). Standardization and control for confounding in observational
    studies: a historical perspective. *Statistical Science* 29, 529-558.
    https://doi.org/10.1214/13-STS453.
    Korn, E. L. & Graubard, B. I. (1998). *Survey Methodology* 24, 193-201 (effective size).
    Zou, G. Y. & Donner, A. (2008). *Statistics in Medicine* 27, 1693-1702.
    https://doi.org/10.1002/sim.3095.

    Examples
    --------
    >>> y = [1, 0, 0, 0, 1, 1, 1, 0]
    >>> found = standardise(y, weight=np.ones(8), stratum=list("aabbabbb"),
    ...     arm=[1, 1, 1, 1, 2, 2, 2, 2], target={"a": 3, "b": 1}, cluster=np.arange(8))
    >>> found.share.estimate.ravel().round(4).tolist(), found.coverage
    ([0.375, 0.9167], 1.0)
    >>> found.differences()[["first", "second", "estimate"]].round(4).values.tolist()
    [[1.0, 2.0, -0.5417]]
    """
    check_level(conf_level)
    check_option("missing", missing, MissingCells)
    sample = checked_sample(y, weight, stratum, arm, cluster)
    used, dropped, coverage = target_mix(sample, target, missing)
    parts = [_standardised_arm(sample, used, a, conf_level) for a in range(len(sample.arms))]
    pairs = list(combinations(range(len(parts)), 2))
    contrasts = [_difference(parts[i], parts[j]) for i, j in pairs]
    return Standardised(
        tuple(sample.arms),
        _stacked([part.share for part in parts], sample.y.shape[1], conf_level),
        np.stack([part.error for part in parts]),
        np.stack([_crude(sample, a) for a in range(len(parts))]),
        np.array([part.n for part in parts], dtype=np.int64),
        np.array([part.n_clusters for part in parts], dtype=np.int64),
        tuple((sample.arms[i], sample.arms[j]) for i, j in pairs),
        _stacked([interval for interval, _ in contrasts], sample.y.shape[1], conf_level),
        np.array([error for _, error in contrasts]).reshape(len(pairs), sample.y.shape[1]),
        coverage,
        dropped,
    )


def _columns(interval: Interval, error: FloatArray) -> dict[str, FloatArray]:
    return {
        "estimate": interval.estimate.ravel(),
        "ci_low": interval.low.ravel(),
        "ci_high": interval.high.ravel(),
        "standard_error": error.ravel(),
    }


def _stacked(intervals: list[Interval], n_outcomes: int, conf_level: float) -> Interval:
    shape = (len(intervals), n_outcomes)
    return Interval(
        np.array([one.estimate for one in intervals]).reshape(shape),
        np.array([one.low for one in intervals]).reshape(shape),
        np.array([one.high for one in intervals]).reshape(shape),
        conf_level,
    )


def _crude(sample: Sample, arm: int) -> FloatArray:
    inside = sample.arm == arm
    return np.asarray(np.average(sample.y[inside], axis=0, weights=sample.weight[inside]))


def _standardised_arm(sample: Sample, mix: FloatArray, arm: int, conf_level: float) -> _Arm:
    """Estimate, interval and cluster scores of one arm."""
    inside = (sample.arm == arm) & (mix[sample.stratum] > 0)
    y, w, h = sample.y[inside], sample.weight[inside], sample.stratum[inside]
    size = mix.size
    total = np.bincount(h, w, size)
    pull = mix[h] * w / total[h]
    mean = _sums(w[:, None] * y, h, size) / np.where(total > 0, total, 1.0)[:, None]
    codes = sample.cluster[inside]
    present = np.unique(codes)
    if present.size < 2:
        raise ValueError(f"cluster: arm {sample.arms[arm]!r} lies in one cluster; two are needed")
    score = _sums(pull[:, None] * (y - mean[h]), codes, int(sample.cluster.max()) + 1)
    estimate = np.clip(mix @ mean, 0.0, 1.0)
    variance = np.sum(score**2, axis=0) * (present.size / (present.size - 1))
    regular = (estimate > 0) & (estimate < 1) & (variance > SMALLEST_VARIANCE)
    effective = estimate * (1 - estimate) / np.where(regular, variance, 1.0)
    cells = np.stack([_sums(side, h, size)[mix > 0].min(axis=0) for side in (y, 1 - y)])
    sparse = cells.min(axis=0) < FEWEST_IN_STRATUM
    effective = np.where(sparse, np.minimum(effective, 1 / np.sum(pull**2)), effective)
    trials = np.where(regular, effective, 1 / np.sum(np.bincount(codes, pull) ** 2))
    interval = wilson(estimate * trials, trials, conf_level=conf_level, df=present.size - 1)
    return _Arm(
        Interval(estimate, interval.low, interval.high, conf_level),
        np.sqrt(variance),
        score,
        int(inside.sum()),
        present.size,
    )


def _sums(values: FloatArray, codes: NDArray[np.intp], size: int) -> FloatArray:
    return np.stack([np.bincount(codes, column, size) for column in values.T], axis=1)


def _difference(first: _Arm, second: _Arm) -> tuple[Interval, FloatArray]:
    """Interval and standard error of first less second, clusters in both arms correlated."""
    shared = int(np.count_nonzero(np.any(first.score, axis=1) & np.any(second.score, axis=1)))
    factor = shared / (shared - 1) if shared > 1 else 1.0
    together = factor * np.sum(first.score * second.score, axis=0)
    product = first.error * second.error
    varies = product > 0
    correlation = np.clip(together / np.where(varies, product, 1.0), -1.0, 1.0)
    correlation = np.where(varies, correlation, 0.0)
    interval = mover_difference(first.share, second.share, correlation=correlation)
    variance = first.error**2 + second.error**2 - 2 * correlation * product
    return interval, np.sqrt(np.maximum(variance, 0.0))
