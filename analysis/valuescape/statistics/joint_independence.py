"""Many items against many items: the omnibus test of simultaneous pairwise independence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from valuescape.statistics.arrays import FloatArray, divide
from valuescape.statistics.checks import whole_number
from valuescape.statistics.joint_covariance import PickSet, joint_trace_squares, pair_traces
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.options import TraceSquares, check_option
from valuescape.statistics.pick_any import (
    Observations,
    as_picks,
    bootstrap_log10_p,
    observations,
)
from valuescape.statistics.rao_scott import rao_scott
from valuescape.statistics.tails import chi2_log10_p

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class JointIndependence:
    """Test of whether every item of one set is independent of every item of another.

    Attributes
    ----------
    statistic : float
        Sum of the Pearson statistics of all pairs.
    df : int
        Number of pairs.
    design_effect : float
        Mean eigenvalue of the covariance: 1 without weights and clusters.
    first_order_statistic, first_order_log10_p : float
        Statistic over the design effect, and log10 p on `df`: too small for correlated items.
    second_order_statistic, second_order_df, log10_p : float
        Rao-Scott second order.
    bonferroni_log10_p : float
        Smallest pair p times the number of pairs tested, at most 1.  It rests on the chi-square
        tails of single pairs: with rare ones it rejects too often.
    bootstrap_log10_p : float
        NaN without replicates.
    pair_statistic : ndarray, shape (n_items_a, n_items_b)
        Pearson statistic of each pair.
    pair_residual : ndarray, the same shape
        Adjusted residual over the root of the pair's design effect; positive where the two items
        come together more often than by chance.
    pair_design_effect : ndarray, the same shape
        NaN where the pair's variance between clusters is zero, which tells nothing about it.
    pair_log10_p : ndarray, the same shape
        Two-sided; NaN where the design effect is.
    n, n_clusters : int
        Observations, clusters.
    """

    statistic: float
    df: int
    design_effect: float
    first_order_statistic: float
    first_order_log10_p: float
    second_order_statistic: float
    second_order_df: float
    log10_p: float
    bonferroni_log10_p: float
    bootstrap_log10_p: float
    pair_statistic: FloatArray
    pair_residual: FloatArray
    pair_design_effect: FloatArray
    pair_log10_p: FloatArray
    n: int
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: item numbers, statistic, residual, design effect, log10 p."""
        import pandas as pd

        rows, columns = np.indices(self.pair_statistic.shape)
        return pd.DataFrame(
            {
                "item_a": rows.ravel(),
                "item_b": columns.ravel(),
                "statistic": self.pair_statistic.ravel(),
                "residual": self.pair_residual.ravel(),
                "design_effect": self.pair_design_effect.ravel(),
                "log10_p": self.pair_log10_p.ravel(),
            }
        )


def joint_independence(
    picks_a: Any,
    picks_b: Any,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    trace_squares: TraceSquares = "plug-in",
    n_boot: int = 0,
    seed: int = 0,
) -> JointIndependence:
    r"""Test many items against many items, of which each observation may have any number.

    With the share :math:`p_{ab}` of observations that have both items the statistic is

    .. math:: X_S^2 = \sum_{ab} X_{ab}^2,\qquad
        X_{ab}^2 = n \frac{(p_{ab} - p_a p_b)^2}{p_a (1 - p_a)\, p_b (1 - p_b)}

    and its null distribution :math:`\sum_k \lambda_k \chi^2_1`, with the eigenvalues of the
    covariance of the scaled :math:`p_{ab} - p_a p_b`.  The second-order correction takes their sum
    to be the number of pairs, times the mean design effect where weights or clusters are given,
    and the sum of their squares from the covariance by the delta method (Bilder & Loughin 2004,
    appendix), summed over clusters times G / (G - 1).

    Parameters
    ----------
    picks_a, picks_b : array_like of 0/1 or scipy.sparse matrix, shapes (n, n_items)
        Which items of either set each observation has.
    weight : array_like, shape (n,), optional
        Inverse inclusion probabilities.
    cluster : array_like, shape (n,), optional
        Groups of observations that resemble each other.
    trace_squares : {"plug-in", "cross"}, default "plug-in"
        Plug-in is the published correction; noise in the covariance takes its power where pairs
        outnumber clusters.  Cross takes products of different clusters only, which has no such
        bias: the better choice for many pairs.
    n_boot : int, default 0
        Replicates of the statistic under the null.  Without weights and clusters rows of the two
        sets are drawn independently of each other.  Otherwise whole clusters are drawn with all
        they hold, and each replicate measures deviations from those observed.  A pair with an item
        that a replicate leaves constant adds its mean.  Replicates vary as the plug-in says, and
        lose power with many pairs as it does.
    seed : int, default 0
        Of the bootstrap, not negative.

    Returns
    -------
    JointIndependence
        The omnibus test and one test a pair.

    Raises
    ------
    ValueError
        If lengths differ, picks are not 0/1, an item was picked always or never, a cluster is
        missing or the only one, a weight is not above zero, `n_boot` or `seed` is negative,
        `trace_squares` is unknown, or clusters or weights are given and no pair varies.

    Notes
    -----
    Takes time in proportion to :math:`n^2`.

    References
    ----------
    Bilder, C. R. & Loughin, T. M. (2004). *Biometrics* 60, 241-248.
    https://doi.org/10.1111/j.0006-341X.2004.00147.x.
    Bilder, C. R. & Loughin, T. M. (2007). *Communications in Statistics - Theory and Methods* 36,
    433-451. https://doi.org/10.1080/03610920600974419

    Examples
    --------
    >>> one = [[1, 0], [1, 1], [0, 1], [1, 0], [0, 1], [0, 0]]
    >>> other = [[1], [1], [0], [1], [0], [1]]
    >>> found = joint_independence(one, other)
    >>> round(found.statistic, 3), found.df, found.pair_residual.round(2).ravel().tolist()
    (6.0, 2, [1.73, -1.73])
    """
    check_option("trace_squares", trace_squares, TraceSquares)
    one, other = as_picks("picks_a", picks_a), as_picks("picks_b", picks_b)
    if one.shape[0] != other.shape[0]:
        raise ValueError(f"picks_b: {other.shape[0]} rows, but picks_a has {one.shape[0]}")
    design = observations(one.shape[0], weight, cluster)
    table = _table(one, other, design.weight)
    mean, pair_effect = _effects(one, other, table, design)
    draw = _independent_rows if design.plain else _whole_clusters
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    times = range(whole_number("n_boot", n_boot, least=0))
    drawn = (draw(one, other, table, design, rng) for _ in times)
    replicates = [float(np.where(np.isnan(pairs), mean, pairs).sum()) for pairs in drawn]
    plug_in, cross = joint_trace_squares(
        PickSet(one, table.first), PickSet(other, table.second), table.correlation, design
    )
    squares = cross if trace_squares == "cross" else plug_in
    return _tests(table, design, squares, (mean, pair_effect), np.array(replicates))


@dataclass(frozen=True, slots=True)
class _Table:
    """Weighted shares of the items of either set and of their pairs."""

    first: FloatArray
    second: FloatArray
    together: FloatArray

    @property
    def excess(self) -> FloatArray:
        return self.together - np.outer(self.first, self.second)

    @property
    def scale(self) -> FloatArray:
        """Standard deviations, multiplied; NaN with a constant item."""
        variance = np.outer(self.first * (1 - self.first), self.second * (1 - self.second))
        return np.sqrt(np.where(variance > _ROUNDING, variance, np.nan))

    @property
    def correlation(self) -> FloatArray:
        return self.excess / self.scale


def _tests(
    table: _Table,
    design: Observations,
    squares: float,
    effects: tuple[float, FloatArray],
    replicates: FloatArray,
) -> JointIndependence:
    """Omnibus test and the test of every pair."""
    mean, pair_effect = effects
    n, correlation = design.weight.size, table.correlation
    statistic = n * float(np.sum(correlation**2))
    omnibus = rao_scott(statistic, correlation.size, correlation.size * mean, squares)
    residual = np.sqrt(n) * divide(correlation, np.sqrt(pair_effect))
    pair_log10_p = chi2_log10_p(residual**2, 1)
    return JointIndependence(
        statistic=statistic,
        df=correlation.size,
        design_effect=mean,
        first_order_statistic=omnibus.first_order_statistic,
        first_order_log10_p=omnibus.first_order_log10_p,
        second_order_statistic=omnibus.second_order_statistic,
        second_order_df=omnibus.second_order_df,
        log10_p=omnibus.log10_p,
        bonferroni_log10_p=float(np.nanmin(adjust_p(pair_log10_p, "bonferroni"))),
        bootstrap_log10_p=bootstrap_log10_p(statistic, replicates),
        pair_statistic=n * correlation**2,
        pair_residual=residual,
        pair_design_effect=pair_effect,
        pair_log10_p=pair_log10_p,
        n=n,
        n_clusters=design.n_clusters,
    )


def _effects(
    one: sparse.csr_array, other: sparse.csr_array, table: _Table, design: Observations
) -> tuple[float, FloatArray]:
    """Design effect of the sum and of every pair."""
    if design.plain:
        return 1.0, np.ones(table.together.shape)
    robust, plain = pair_traces(
        PickSet(one, table.first), PickSet(other, table.second), table.together, design
    )
    if not (plain.sum() > 0 and robust.sum() > 0):
        raise ValueError("cluster: no pair of items varies between clusters")
    varies = (plain > 0) & (robust > 0)
    return float(robust.sum() / plain.sum()), np.where(varies, divide(robust, plain), np.nan)


def _table(one: sparse.csr_array, other: sparse.csr_array, weight: FloatArray) -> _Table:
    """Weighted shares."""
    share = weight / weight.sum()
    weighted = sparse.csr_array(one * share[:, None])
    together = (weighted.T @ other).toarray()
    return _Table(one.T @ share, other.T @ share, together)


def _independent_rows(
    one: sparse.csr_array,
    other: sparse.csr_array,
    _: _Table,
    design: Observations,
    rng: np.random.Generator,
) -> FloatArray:
    """Pair statistics of rows of the two sets drawn independently of each other."""
    n = design.weight.size
    first, second = rng.integers(n, size=(2, n))
    table = _table(one[first], other[second], design.weight)
    return np.asarray(n * table.correlation**2)


def _whole_clusters(
    one: sparse.csr_array,
    other: sparse.csr_array,
    observed: _Table,
    design: Observations,
    rng: np.random.Generator,
) -> FloatArray:
    """Pair statistics of resampled clusters about the observed deviations."""
    size = design.n_clusters
    times = np.bincount(rng.integers(size, size=size), minlength=size)[design.cluster]
    table = _table(one, other, design.weight * times)
    return np.asarray(times.sum() * ((table.excess - observed.excess) / table.scale) ** 2)
