"""Rates over replicates with their Monte-Carlo intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import as_counts, refuse
from valuescape.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened in a simulation.

    Attributes
    ----------
    n_replicates : int
        Replicates with at least one trial.
    n_trials, n_hits : int
        Trials and hits in all of them.
    rate, rate_low, rate_high : float
        Hits over trials with its Monte-Carlo interval; NaN without a trial.
    monte_carlo_se : float
        Its standard error, replicates being clusters; NaN with fewer than two replicates.
    """

    n_replicates: int
    n_trials: int
    n_hits: int
    rate: float
    rate_low: float
    rate_high: float
    monte_carlo_se: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        import pandas as pd

        return pd.DataFrame([{name: getattr(self, name) for name in self.__slots__}])


def monte_carlo_rate(hits: ArrayLike, trials: ArrayLike, *, conf_level: float = 0.95) -> Rate:
    r"""Rate of hits with a Clopper-Pearson interval at the effective number of trials.

    The trials of one replicate share its data.  The variance of the rate is therefore clustered,
    :math:`v = \sum_g (h_g - \hat p\,t_g)^2 / (\sum_g t_g)^2`, and the interval that of
    :math:`\hat p(1-\hat p)/v` trials, at most those made (Korn & Graubard 1998); with one trial a
    replicate it is exact.  The standard error has the factor :math:`\sqrt{G/(G-1)}`.
    Where nothing is known of the variance (one replicate, a rate of 0 or 1, equal replicates) each
    replicate counts as one trial.

    Parameters
    ----------
    hits, trials : array_like of int, shape (n_replicates,)
        Of each replicate, hits not above trials.
    conf_level : float
        Level of the Monte-Carlo interval.

    Raises
    ------
    ValueError
        If a count is negative, missing or not whole, or hits exceed trials.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201; Clopper & Pearson (1934),
    doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> found = monte_carlo_rate([1, 0, 0, 1], [1, 1, 1, 1])
    >>> found.rate, round(found.rate_low, 3), round(found.rate_high, 3)
    (0.5, 0.068, 0.932)
    """
    h, t = np.broadcast_arrays(as_counts("hits", hits), as_counts("trials", trials))
    refuse(h > t, "hits", "must not exceed trials", h)
    h, t = h[t > 0].astype(float), t[t > 0].astype(float)
    n, total = h.size, float(t.sum())
    if n == 0:
        return Rate(0, 0, 0, np.nan, 0.0, 1.0, np.nan)
    rate = float(h.sum()) / total
    variance = float(np.sum((h - rate * t) ** 2)) / total**2
    varies = n > 1 and 0.0 < rate < 1.0 and variance > 0
    size = min(rate * (1 - rate) / variance, total) if varies else float(n)
    limits = clopper_pearson(rate * size, size, conf_level=conf_level)
    error = float(np.sqrt(variance * n / (n - 1))) if n > 1 else np.nan
    return Rate(n, int(total), int(h.sum()), rate, float(limits.low), float(limits.high), error)
