"""Exact intervals of rare shares under weights and clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, IntArray, check_level, result_frame
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.cluster_variance import cluster_variance
from valuescape.statistics.groups import group_sums, label_codes
from valuescape.statistics.intervals import clopper_pearson, critical_value

if TYPE_CHECKING:
    import pandas as pd

SMALLEST_VARIANCE = 1e-20


@dataclass(frozen=True, slots=True)
class EffectiveShare:
    """Weighted shares with exact intervals on effective counts.

    Attributes
    ----------
    estimate, ci_low, ci_high : ndarray of float64, shape (n_shares,)
        Weighted share and its interval.
    effective : ndarray of float64, shape (n_shares,)
        Independent trials that the share is worth, at most `n`.
    k : ndarray of int64, shape (n_shares,)
        Observations with the outcome, unweighted.
    n : int
        Observations.
    n_clusters : int
        Smallest number of clusters among the clusterings.
    """

    estimate: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    effective: FloatArray
    k: IntArray
    n: int
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """One row a share."""
        return result_frame(self)


def effective_share(
    y: ArrayLike,
    *,
    weight: ArrayLike,
    clusterings: Sequence[ArrayLike],
    conf_level: float = 0.95,
) -> EffectiveShare:
    r"""Weighted shares, clustered one or two ways, with Clopper-Pearson limits.

    The limits are those of :math:`n^* \hat p` successes in :math:`n^*` trials, where

    .. math:: n^* = \frac{\hat p(1 - \hat p)}{\hat v}
        \left(\frac{t_{n-1}}{t_{G-1}}\right)^2, \quad n^* \le n,

    and :math:`\hat v` is the clustered variance of the weighted share.  At a share of 0 or 1, where
    the variance says nothing, each cluster is one trial: :math:`n^* = (\sum w)^2 / \sum_g w_g^2`,
    over the finer clustering.

    Parameters
    ----------
    y : array_like of 0/1, shape (n,) or (n, n_shares)
        Indicators.
    weight : array_like, shape (n,)
        Design weights, positive.
    clusterings : sequence of array_like, each shape (n,)
        One or two ways to cluster the observations.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    EffectiveShare

    Raises
    ------
    ValueError
        If an indicator is not 0 or 1, there is no observation, not one or two clusterings are
        given, lengths differ, a label is missing or a weight is not positive.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected
    number of positive counts estimated from survey data. *Survey Methodology* 24, 193-201.
    Clopper, C. J. & Pearson, E. S. (1934). https://doi.org/10.1093/biomet/26.4.404.

    Examples
    --------
    >>> found = effective_share([0] * 9 + [1], weight=np.ones(10), clusterings=[np.arange(10)])
    >>> found.ci_low.round(4).tolist(), found.ci_high.round(4).tolist()
    ([0.0018], [0.4695])
    """
    level = check_level(conf_level)
    outcome = as_indicators("y", y)
    n = outcome.shape[0]
    if not 1 <= len(clusterings) <= 2:
        raise ValueError(f"clusterings: {len(clusterings)} are given; one or two are allowed")
    w = as_weights("weight", weight, n)
    codes = [label_codes(f"clusterings[{i}]", c, n)[1] for i, c in enumerate(clusterings)]
    share = w @ outcome / w.sum()
    variance = cluster_variance(w[:, None] * (outcome - share) / w.sum(), codes)
    clusters = min(int(c.max()) + 1 for c in codes)
    shrink = 1.0
    if clusters > 1:
        quantiles = critical_value(level, n - 1), critical_value(level, clusters - 1)
        shrink = float(quantiles[0] / quantiles[1]) ** 2
    regular = (share > 0) & (share < 1) & (variance > SMALLEST_VARIANCE) & (clusters > 1)
    apart = max(float(w.sum() ** 2 / np.sum(group_sums(w, c) ** 2)) for c in codes)
    effective = np.where(
        regular, shrink * share * (1 - share) / np.where(regular, variance, 1.0), apart
    )
    effective = np.minimum(effective, n)
    limits = clopper_pearson(np.clip(share, 0, 1) * effective, effective, conf_level=level)
    k = outcome.sum(axis=0).astype(np.int64)
    return EffectiveShare(share, limits.low, limits.high, effective, k, n, clusters)
