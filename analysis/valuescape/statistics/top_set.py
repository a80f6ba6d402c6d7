"""Confidence sets for the top values of a context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    result_frame,
)
from valuescape.statistics.checks import whole_number
from valuescape.statistics.options import RankCoverage
from valuescape.statistics.pairwise import Noise, differences_of, surely_above
from valuescape.statistics.ranking import checked_estimates, limit_families, ranks_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class TiedTopSet:
    """Values that cannot be excluded from the top k of their context.

    Attributes
    ----------
    estimate : ndarray of float64, shape (..., values)
        The estimates as given.
    rank : ndarray of int64, shape (..., values)
        Rank of each estimate: 1 plus the number of larger ones.
    in_set : ndarray of bool, shape (..., values)
        Whether the value may be among the top k.
    n_above : ndarray of int64, shape (..., values)
        Values that surely exceed it, at least as many as the last step needed: `in_set` is
        ``n_above < k``.
    critical_value : ndarray of float64, shape (..., values)
        Critical value of the last step, of the context or of the value by itself; NaN where there
        is no other value to compare with.
    k : int
        Size of the top.
    conf_level : float
        Nominal coverage.
    coverage : str
        ``simultaneous`` or ``marginal``.
    """

    estimate: FloatArray
    rank: IntArray
    in_set: BoolArray
    n_above: IntArray
    critical_value: FloatArray
    k: int
    conf_level: float
    coverage: RankCoverage

    @property
    def size(self) -> IntArray:
        """Number of values in the set of each context."""
        return np.asarray(self.in_set.sum(axis=-1), dtype=np.int64)

    def to_frame(self) -> pd.DataFrame:
        """One row a value, contexts in C order."""
        return result_frame(self)


def tied_top_set(
    estimate: ArrayLike,
    *,
    standard_error: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    replicates: ArrayLike | None = None,
    k: int = 1,
    conf_level: float = 0.95,
    coverage: RankCoverage = "simultaneous",
    stepwise: bool = True,
    n_draws: int = 4000,
    seed: int = 0,
) -> TiedTopSet:
    r"""Values that cannot be excluded from being among the top k of their context.

    A value j is excluded when at least k others surely exceed it, that is when k of the lower
    limits of :math:`\theta_i - \theta_j` lie above zero:

    .. math:: \hat\theta_i - \hat\theta_j - c\,\hat\sigma_{ij} > 0

    with c the :math:`\gamma` quantile of the largest studentised difference of the noise, over all
    pairs (simultaneous: the set contains the whole true top k with probability of at least
    :math:`\gamma`) or over the pairs of j alone (marginal: each member of the true top k is in the
    set with probability of at least :math:`\gamma`; with k = 1 this is multiple comparison with
    the best). Stepwise, c is found again for the values not yet excluded until none is added;
    coverage is kept because no member of the top is excluded unless a true limit fails.

    Parameters
    ----------
    estimate : array_like, shape (..., values)
        Estimates, larger is higher; leading axes are contexts.
    standard_error : array_like, shape (..., values), optional
        Standard errors, where the estimates are independent.
    covariance : array_like, shape (..., values, values), optional
        Covariances, where they are not. It may be singular: two values of equal estimates and
        fully correlated are tied.
    replicates : array_like, shape (replicates, ..., values), optional
        Bootstrap replicates; their deviations from the estimates are the noise. Exactly one of
        the three must be given.
    k : int, default 1
        Size of the top.
    conf_level : float, default 0.95
        Nominal coverage.
    coverage : {"simultaneous", "marginal"}, default "simultaneous"
        What the level holds for.
    stepwise : bool, default True
        Whether to refine the critical value.
    n_draws : int, default 4000
        Normal draws for the critical value; not used with `replicates`.
    seed : int, default 0
        Seed of the draws; not used with `replicates`.

    Returns
    -------
    TiedTopSet
        Memberships; the highest estimates are always in the set.

    Raises
    ------
    ValueError
        If an entry is missing, shapes do not fit, k is not between 1 and the number of values, a
        standard error is not above zero, a matrix is no covariance matrix, or there are too few
        draws for the level.

    Notes
    -----
    Posterior means with posterior standard deviations may be passed as well. Coverage then holds on
    average over contexts whose parameters follow the prior; a true top value with hardly any data
    is shrunken towards the rest and is missed more often.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for ranks with
    applications to mobility across neighbourhoods and academic achievement across countries.
    *Review of Economic Studies* 91, 476-518. https://doi.org/10.1093/restud/rdad006.
    Hsu, J. C. (1984). Constrained simultaneous confidence intervals for multiple comparisons with
    the best. *Annals of Statistics* 12, 1136-1144. https://doi.org/10.1214/aos/1176346732

    Examples
    --------
    The second value may be the top one, the others not:

    >>> top = tied_top_set([1.2, 1.0, 0.1, -0.4], standard_error=[0.2, 0.2, 0.2, 0.2])
    >>> top.in_set.tolist(), int(top.size)
    ([True, True, False, False], 2)

    Where the first two are strongly correlated, their difference is known better:

    >>> matrix = 0.04 * np.eye(4)
    >>> matrix[0, 1] = matrix[1, 0] = 0.039
    >>> tied_top_set([1.2, 1.0, 0.1, -0.4], covariance=matrix).in_set.tolist()
    [True, False, False, False]
    """
    numbers = checked_estimates(estimate, conf_level, coverage)
    size = numbers.shape[-1]
    if whole_number("k", k, least=1) > size:
        raise ValueError(f"k = {k}: must not exceed the number of values, {size}")
    noise = Noise(standard_error, covariance, replicates, n_draws, seed)
    n_above = np.zeros((numbers.size // size, size), dtype=np.int64)
    critical = np.full(n_above.shape, np.nan)
    for index, context in enumerate(differences_of(numbers, noise)):
        for members, active in limit_families(size, coverage, both_ways=False):
            above, used = surely_above(context, active, conf_level, k=k, stepwise=stepwise)
            n_above[index, members] = above.sum(axis=0)[members]
            critical[index, members] = used
    shaped = n_above.reshape(numbers.shape)
    return TiedTopSet(
        estimate=numbers,
        rank=ranks_of(numbers),
        in_set=np.asarray(shaped < k),
        n_above=shaped,
        critical_value=critical.reshape(numbers.shape),
        k=k,
        conf_level=conf_level,
        coverage=coverage,
    )
