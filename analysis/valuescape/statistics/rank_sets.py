"""Confidence sets for the rank of every value of a context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, IntArray, result_frame
from valuescape.statistics.options import RankCoverage
from valuescape.statistics.pairwise import Noise, differences_of, surely_above
from valuescape.statistics.ranking import checked_estimates, limit_families, ranks_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RankSets:
    """Confidence set of the rank of every value within its context.

    Attributes
    ----------
    estimate : ndarray of float64, shape (..., values)
        The estimates as given.
    rank : ndarray of int64, shape (..., values)
        Rank of each estimate: 1 plus the number of larger ones.
    low, high : ndarray of int64, shape (..., values)
        Best and worst rank that cannot be excluded.
    critical_value : ndarray of float64, shape (..., values)
        Critical value of the last step; NaN where there is no other value to compare with.
    conf_level : float
        Nominal coverage.
    coverage : str
        ``simultaneous`` or ``marginal``.
    """

    estimate: FloatArray
    rank: IntArray
    low: IntArray
    high: IntArray
    critical_value: FloatArray
    conf_level: float
    coverage: RankCoverage

    def to_frame(self) -> pd.DataFrame:
        """One row a value, contexts in C order; the limits are ``rank_low`` and ``rank_high``."""
        return result_frame(self).rename(columns={"ci_low": "rank_low", "ci_high": "rank_high"})


def rank_sets(
    estimate: ArrayLike,
    *,
    standard_error: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    replicates: ArrayLike | None = None,
    conf_level: float = 0.95,
    coverage: RankCoverage = "simultaneous",
    stepwise: bool = True,
    n_draws: int = 4000,
    seed: int = 0,
) -> RankSets:
    r"""Confidence set of the rank of every value: from its best to its worst possible rank.

    .. math:: \{1 + \#\{i: i \text{ surely above } j\}, \ldots,
        V - \#\{i: j \text{ surely above } i\}\}

    with the pairwise limits of `tied_top_set`, for all pairs at once (simultaneous) or for the
    pairs of one value at a time (marginal). The true rank is 1 plus the number of values with a
    larger true parameter.

    Parameters
    ----------
    estimate : array_like, shape (..., values)
        Estimates, larger is higher; leading axes are contexts.
    standard_error, covariance, replicates : array_like, optional
        Noise of the estimates, as in `tied_top_set`; exactly one of the three.
    conf_level : float, default 0.95
        Nominal coverage.
    coverage : {"simultaneous", "marginal"}, default "simultaneous"
        Whether the level holds for the ranks of all values of a context at once, or of each.
    stepwise : bool, default True
        Whether to refine the critical value.
    n_draws : int, default 4000
        Normal draws for the critical value; not used with `replicates`.
    seed : int, default 0
        Seed of the draws; not used with `replicates`.

    Returns
    -------
    RankSets
        Best and worst ranks.

    Raises
    ------
    ValueError
        As in `tied_top_set`.

    References
    ----------
    Mogstad et al. (2024), https://doi.org/10.1093/restud/rdad006.

    Examples
    --------
    >>> found = rank_sets([1.2, 1.0, 0.1, -0.4], standard_error=[0.2, 0.2, 0.2, 0.2])
    >>> found.low.tolist(), found.high.tolist()
    ([1, 1, 3, 3], [2, 2, 4, 4])
    """
    numbers = checked_estimates(estimate, conf_level, coverage)
    size = numbers.shape[-1]
    noise = Noise(standard_error, covariance, replicates, n_draws, seed)
    low = np.ones((numbers.size // size, size), dtype=np.int64)
    high, critical = low.copy(), np.full(low.shape, np.nan)
    for index, context in enumerate(differences_of(numbers, noise)):
        for members, active in limit_families(size, coverage, both_ways=True):
            above, used = surely_above(context, active, conf_level, k=size, stepwise=stepwise)
            low[index, members] = 1 + above.sum(axis=0)[members]
            high[index, members] = size - above.sum(axis=1)[members]
            critical[index, members] = used
    shape = numbers.shape
    return RankSets(
        estimate=numbers,
        rank=ranks_of(numbers),
        low=low.reshape(shape),
        high=high.reshape(shape),
        critical_value=critical.reshape(shape),
        conf_level=conf_level,
        coverage=coverage,
    )
