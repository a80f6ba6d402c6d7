"""Means of clustered, weighted and stratified observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, as_numbers, refuse, result_frame
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.cluster_variance import cluster_variance, kish_effect
from valuescape.statistics.groups import as_codes, label_codes
from valuescape.statistics.intervals import critical_value, logit_interval, wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ClusteredShare:
    """Weighted shares with cluster-robust intervals.

    Attributes
    ----------
    estimate : ndarray, shape (n_shares,)
        Weighted share.
    ci_low, ci_high : ndarray, shape (n_shares,)
        Ends of the interval.
    standard_error : ndarray, shape (n_shares,)
        Cluster-robust standard error of the share.
    design_effect : ndarray, shape (n_shares,)
        Variance over that of an equally large simple random sample.
    n : int
        Observations.
    n_clusters : int
        Smallest number of clusters among the clusterings.
    """

    estimate: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    design_effect: NDArray[np.float64]
    n: int
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a share."""
        return result_frame(self)


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """Weighted mean with a cluster-robust interval.

    Attributes
    ----------
    estimate, ci_low, ci_high : float
        Weighted mean and its interval.
    standard_error : float
        Cluster-robust standard error.
    n : int
        Observations.
    n_clusters : int
        Smallest number of clusters among the clusterings.
    """

    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    n: int
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return result_frame(self)


def clustered_share(
    y: ArrayLike,
    *,
    weight: ArrayLike,
    clusterings: Sequence[ArrayLike],
    within: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> ClusteredShare:
    """Weighted share of each column, its variance clustered one or two ways.

    The share is the ratio sum(w d y) / sum(w d) over the domain d, linearised; the interval is
    formed on the logit scale with t quantiles at min(G) - 1 degrees of freedom.  A share of 0 or
    1, or one with no variance between clusters, gets the Wilson interval of as many independent
    trials as there are clusters.

    Parameters
    ----------
    y : array_like of 0/1, shape (n,) or (n, m)
        Indicators.
    weight : array_like, shape (n,)
        Design weights, positive.
    clusterings : sequence of array_like, each shape (n,)
        One or two ways to cluster the observations (by prompt group; by reader).
    within : array_like of 0/1, shape (n,), optional
        Domain; all observations when absent.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    ClusteredShare
        Arrays of shape (1,) or (m,).

    Raises
    ------
    ValueError
        If an indicator is not 0 or 1, the domain is empty, not one or two clusterings are given,
        lengths differ, a label is missing, or a weight is not positive and finite.

    References
    ----------
    Cameron, Gelbach & Miller (2011), doi:10.1198/jbes.2010.07136.

    Examples
    --------
    >>> y = np.array([1, 0, 1, 1, 0, 0])
    >>> found = clustered_share(y, weight=np.ones(6), clusterings=[np.arange(6)])
    >>> [round(float(v), 3) for v in (found.estimate[0], found.standard_error[0])]
    [0.5, 0.224]
    """
    inside = _inside(as_indicators("y", y), weight, clusterings, within)
    outcome, w, codes = inside.outcome, inside.weight, inside.codes
    share, variance = _mean_and_variance(outcome, w, codes)
    g = min(int(c.max()) + 1 for c in codes)
    low, high = _share_interval(share, variance, g, conf_level)
    plain = np.maximum(share * (1.0 - share), 1e-300) / w.size
    effect = np.where((share > 0) & (share < 1), variance / plain, kish_effect(w))
    return ClusteredShare(share, low, high, np.sqrt(variance), effect, w.size, g)


def clustered_mean(
    y: ArrayLike,
    *,
    weight: ArrayLike,
    clusterings: Sequence[ArrayLike],
    conf_level: float = 0.95,
) -> ClusteredMean:
    """Weighted mean of any quantity with a t interval, clustered one or two ways.

    Parameters
    ----------
    y : array_like, shape (n,)
        Quantity.
    weight : array_like, shape (n,)
        Design weights, positive.
    clusterings : sequence of array_like, each shape (n,)
        One or two ways to cluster the observations.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    ClusteredMean
        With t quantiles at min(G) - 1 degrees of freedom.

    Raises
    ------
    ValueError
        If there is no observation, not one or two clusterings of at least two clusters are given,
        lengths differ, a label or a number is missing, or a weight is not positive and finite.

    References
    ----------
    Cameron, Gelbach & Miller (2011), doi:10.1198/jbes.2010.07136.

    Examples
    --------
    >>> found = clustered_mean([0.1, -0.1, 0.3], weight=np.ones(3), clusterings=[[0, 1, 2]])
    >>> round(found.estimate, 3), found.n_clusters
    (0.1, 3)
    """
    numbers = as_numbers("y", y)
    if numbers.ndim != 1 or numbers.size == 0:
        raise ValueError(f"y: shape {numbers.shape} is not one number an observation")
    inside = _inside(numbers[:, None], weight, clusterings, None)
    mean, variance = _mean_and_variance(inside.outcome, inside.weight, inside.codes)
    g = min(int(c.max()) + 1 for c in inside.codes)
    if g < 2:
        raise ValueError("clusterings: all observations lie in one cluster; two are needed")
    centre, error = float(mean[0]), float(np.sqrt(variance[0]))
    reach = float(critical_value(conf_level, g - 1)) * error
    return ClusteredMean(centre, centre - reach, centre + reach, error, numbers.size, g)


@dataclass(frozen=True, slots=True)
class _Inside:
    """Observations of the domain."""

    outcome: FloatArray
    weight: FloatArray
    codes: list[NDArray[np.intp]]


def _inside(
    outcome: FloatArray,
    weight: ArrayLike,
    clusterings: Sequence[ArrayLike],
    within: ArrayLike | None,
) -> _Inside:
    if not 1 <= len(clusterings) <= 2:
        raise ValueError(f"clusterings: {len(clusterings)} are given; one or two are allowed")
    n = outcome.shape[0]
    w = as_weights("weight", weight, n)
    codes = [label_codes(f"clusterings[{i}]", one, n)[1] for i, one in enumerate(clusterings)]
    inside = _domain(within, n)
    return _Inside(outcome[inside], w[inside], [as_codes(one[inside]) for one in codes])


def _domain(within: ArrayLike | None, n: int) -> BoolArray:
    if within is None:
        return np.ones(n, dtype=np.bool_)
    member = as_indicators("within", within)
    if member.shape != (n, 1):
        raise ValueError(f"within: shape {member.shape} is not one flag for each of {n} rows")
    refuse(np.asarray(not member.any()), "within", "the domain holds no observation")
    return np.asarray(member[:, 0] > 0)


def _mean_and_variance(
    outcome: NDArray[np.float64], w: NDArray[np.float64], codes: list[NDArray[np.intp]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = w @ outcome / w.sum()
    return mean, cluster_variance(w[:, None] * (outcome - mean) / w.sum(), codes)


def _share_interval(
    share: NDArray[Any], variance: NDArray[Any], n_clusters: int, conf_level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    df = max(n_clusters - 1, 1)
    regular = (share > 0) & (share < 1) & (variance > 1e-20)
    inner = logit_interval(
        np.where(regular, share, 0.5),
        np.where(regular, np.sqrt(variance), 0.1),
        df=df,
        conf_level=conf_level,
    )
    successes = np.clip(share, 0.0, 1.0) * n_clusters
    outer = wilson(successes, float(n_clusters), conf_level=conf_level)
    return np.where(regular, inner.low, outer.low), np.where(regular, inner.high, outer.high)
