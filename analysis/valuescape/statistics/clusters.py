"""Means of clustered, weighted and stratified observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.intervals import Interval, critical_value, logit_interval, wilson

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
        import pandas as pd

        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "standard_error": self.standard_error,
                "design_effect": self.design_effect,
                "n": self.n,
                "n_clusters": self.n_clusters,
            }
        )


def group_sums(values: NDArray[Any], codes: NDArray[Any]) -> NDArray[np.float64]:
    """Sum the rows of each group.

    Parameters
    ----------
    values : ndarray, shape (n,) or (n, m)
    codes : ndarray of int, shape (n,)
        Group of each row, from 0.

    Returns
    -------
    ndarray, shape (n_groups,) or (n_groups, m)

    Examples
    --------
    >>> group_sums(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 0])).tolist()
    [5.0, 2.0]
    """
    size = int(codes.max()) + 1 if len(codes) else 0
    if values.ndim == 1:
        return np.bincount(codes, weights=values, minlength=size).astype(np.float64)
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    sums = np.zeros((size, values.shape[1]))
    sums[present] = np.add.reduceat(values[order], starts, axis=0)
    return sums


def as_codes(labels: ArrayLike) -> NDArray[np.intp]:
    """Code distinct labels by whole numbers from 0, in sorted order.

    Examples
    --------
    >>> as_codes(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    return np.unique(np.asarray(labels), return_inverse=True)[1].ravel()


def stratum_factors(stratum: NDArray[np.intp], cluster: NDArray[np.intp]) -> NDArray[np.float64]:
    """G / (G - 1) of the stratum of each row, G being the clusters with a row in that stratum.

    It repays the degree of freedom that a stratum's own mean takes (Sarndal, Swensson & Wretman
    1992, eq. 4.6.2).  A stratum of one cluster, which tells nothing about variance, has 1.

    Parameters
    ----------
    stratum, cluster : ndarray of int, shape (n,)
        Codes from 0.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> stratum_factors(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2])).tolist()
    [2.0, 2.0, 2.0, 1.0]
    """
    pairs = np.unique(np.column_stack([stratum, cluster]), axis=0)
    n_clusters = np.bincount(pairs[:, 0])
    factors: NDArray[np.float64] = n_clusters / np.maximum(n_clusters - 1, 1)
    return factors[stratum]


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
    clusters: list[ArrayLike],
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
    clusters : list of array_like, each shape (n,)
        One or two clusterings (prompt group; reader).
    within : array_like of 0/1, shape (n,), optional
        Domain; all observations when absent.
    conf_level : float
        Confidence level.

    Raises
    ------
    ValueError
        If the domain is empty, not one or two clusterings are given, lengths differ, or a weight
        is not positive and finite.

    References
    ----------
    Cameron, Gelbach & Miller (2011), doi:10.1198/jbes.2010.07136.

    Examples
    --------
    >>> y = np.array([1, 0, 1, 1, 0, 0])
    >>> found = clustered_share(y, weight=np.ones(6), clusters=[np.arange(6)])
    >>> [round(float(v), 3) for v in (found.estimate[0], found.standard_error[0])]
    [0.5, 0.224]
    """
    outcome, w, codes = _domain(y, weight, clusters, within)
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
    clusters: list[ArrayLike],
    conf_level: float = 0.95,
) -> tuple[Interval, int]:
    """Weighted mean of any quantity with a t interval, clustered one or two ways.

    Returns
    -------
    Interval
        Scalar estimate and limits.
    int
        Smallest number of clusters among the clusterings.

    Examples
    --------
    >>> found, g = clustered_mean([0.1, -0.1, 0.3], weight=np.ones(3), clusters=[[0, 1, 2]])
    >>> round(float(found.estimate), 3), g
    (0.1, 3)
    """
    outcome, w, codes = _domain(y, weight, clusters, None)
    mean, variance = _mean_and_variance(outcome, w, codes)
    g = min(int(c.max()) + 1 for c in codes)
    reach = critical_value(conf_level, max(g - 1, 1)) * np.sqrt(variance[0])
    centre = np.asarray(mean[0])
    return Interval(centre, centre - reach, centre + reach, conf_level), g


def between_cluster_spread(
    y: ArrayLike, *, weight: ArrayLike, cluster: ArrayLike
) -> tuple[float, float, float]:
    """Lowest and highest share of any cluster, and the SD between clusters beyond sampling.

    The SD is by the method of moments: the variance of cluster shares less the mean of their
    binomial variances at Kish's effective sizes, not below 0.

    Returns
    -------
    tuple of float
        Lowest share, highest share, SD.

    Examples
    --------
    >>> between_cluster_spread([1, 0, 1, 0], weight=[1, 1, 1, 1], cluster=[0, 0, 1, 1])
    (0.5, 0.5, 0.0)
    """
    outcome, w = np.asarray(y, dtype=float), np.asarray(weight, dtype=float)
    codes = as_codes(cluster)
    total = group_sums(w, codes)
    share = group_sums(w * outcome, codes) / total
    size = total**2 / group_sums(w**2, codes)
    noise = float(np.mean(share * (1 - share) / np.maximum(size - 1, 1)))
    spread = float(np.var(share, ddof=1)) if share.size > 1 else 0.0
    return float(share.min()), float(share.max()), float(np.sqrt(max(spread - noise, 0.0)))


def _domain(
    y: ArrayLike, weight: ArrayLike, clusters: list[ArrayLike], within: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[NDArray[np.intp]]]:
    if not 1 <= len(clusters) <= 2:
        raise ValueError(f"clusters has {len(clusters)} entries; one or two are allowed")
    outcome, w = np.asarray(y, dtype=float), np.asarray(weight, dtype=float)
    outcome = outcome[:, None] if outcome.ndim == 1 else outcome
    inside = np.ones(w.size, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    sizes = [outcome.shape[0], w.size, inside.size, *(np.size(c) for c in clusters)]
    if len(set(sizes)) > 1:
        raise ValueError("y, weight, within and clusters differ in length")
    if not np.all((w > 0) & np.isfinite(w)):
        raise ValueError("weight holds a value that is not positive and finite")
    if not np.all(np.isfinite(outcome)):
        raise ValueError("y holds a value that is missing or infinite")
    if not inside.any():
        raise ValueError("the domain holds no observation")
    return outcome[inside], w[inside], [as_codes(np.asarray(c)[inside]) for c in clusters]


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
