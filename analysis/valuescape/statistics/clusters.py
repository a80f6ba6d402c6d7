"""Means of clustered, weighted and stratified observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, as_numbers, refuse, result_frame
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.groups import as_codes, group_sums, label_codes
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


@dataclass(frozen=True, slots=True)
class ClusterSpread:
    """How far the shares of clusters lie apart.

    Attributes
    ----------
    lowest, highest : float
        Smallest and largest share of any cluster.
    sd : float
        Standard deviation between clusters beyond sampling.
    n_clusters : int
        Clusters.
    """

    lowest: float
    highest: float
    sd: float
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return result_frame(self)


def cluster_variance(
    score: NDArray[Any], clusterings: list[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Sandwich variance of a sum of scores under one or two clusterings.

    With two clusterings the one-way variances are added and that of their intersection is
    taken off (Cameron, Gelbach & Miller 2011, eq. 2.6, doi:10.1198/jbes.2010.07136), each with
    its G/(G-1); a result below the larger one-way variance is replaced by it, so that the second
    clustering never makes an interval narrower.

    Parameters
    ----------
    score : ndarray, shape (n, m)
        Contributions; they need not add up to zero.
    clusterings : list of one or two ndarray of int, shape (n,)
        Cluster codes from 0.

    Examples
    --------
    >>> one = np.array([[1.0], [1.0], [-2.0]])
    >>> cluster_variance(one, [np.array([0, 1, 2])]).tolist()
    [9.0]
    """
    one_way = [_sandwich(score, codes) for codes in clusterings]
    if len(one_way) == 1:
        return one_way[0]
    first, second = clusterings
    both = as_codes(first.astype(np.int64) * (int(second.max()) + 1) + second)
    combined: NDArray[np.float64] = one_way[0] + one_way[1] - _sandwich(score, both)
    return np.maximum(combined, np.maximum(one_way[0], one_way[1]))


def _sandwich(score: NDArray[Any], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    sums = group_sums(score, codes)
    g = sums.shape[0]
    variance: NDArray[np.float64] = np.sum(sums**2, axis=0) * (g / max(g - 1, 1))
    return variance


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


def between_cluster_spread(y: ArrayLike, *, weight: ArrayLike, cluster: ArrayLike) -> ClusterSpread:
    """Lowest and highest share of any cluster, and the SD between clusters beyond sampling.

    The SD is by the method of moments: the variance of cluster shares less the mean of their
    binomial variances at Kish's effective sizes, not below 0.

    Parameters
    ----------
    y : array_like of 0/1, shape (n,)
        Indicator.
    weight : array_like, shape (n,)
        Design weights, positive.
    cluster : array_like, shape (n,)
        Cluster of each observation, such as its reader.

    Returns
    -------
    ClusterSpread
        With an SD of 0 for a single cluster.

    Raises
    ------
    ValueError
        If an indicator is not 0 or 1, lengths differ, a cluster is missing, or a weight is not
        positive and finite.

    References
    ----------
    Kish (1965), Survey Sampling, Wiley (effective sizes).

    Examples
    --------
    >>> found = between_cluster_spread([1, 0, 1, 0], weight=[1, 1, 1, 1], cluster=[0, 0, 1, 1])
    >>> found.lowest, found.highest, found.sd
    (0.5, 0.5, 0.0)
    """
    indicators = as_indicators("y", y)
    if indicators.shape[1] != 1:
        raise ValueError(f"y: shape {indicators.shape} is not one indicator an observation")
    outcome = indicators[:, 0]
    w = as_weights("weight", weight, outcome.size)
    codes = label_codes("cluster", cluster, outcome.size)[1]
    total = group_sums(w, codes)
    share = group_sums(w * outcome, codes) / total
    size = total**2 / group_sums(w**2, codes)
    noise = float(np.mean(share * (1 - share) / np.maximum(size - 1, 1)))
    spread = float(np.var(share, ddof=1)) if share.size > 1 else 0.0
    sd = float(np.sqrt(max(spread - noise, 0.0)))
    return ClusterSpread(float(share.min()), float(share.max()), sd, share.size)


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


def kish_effect(weight: ArrayLike) -> float:
    """Design effect of unequal weights, n sum(w^2) / sum(w)^2 (Kish 1965).

    Examples
    --------
    >>> kish_effect([1.0, 1.0, 1.0])
    1.0
    """
    w = np.asarray(weight, dtype=float)
    return float(w.size * np.sum(w**2) / np.sum(w) ** 2)


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
