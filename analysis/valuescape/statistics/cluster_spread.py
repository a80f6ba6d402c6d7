"""How far the shares of clusters lie apart, beyond sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import result_frame
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.groups import group_sums, label_codes

if TYPE_CHECKING:
    import pandas as pd


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
