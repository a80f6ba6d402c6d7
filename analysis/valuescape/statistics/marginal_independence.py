"""One choice against many items: the omnibus test of multiple marginal independence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from valuescape.statistics.arrays import FloatArray, divide
from valuescape.statistics.checks import whole_number
from valuescape.statistics.groups import label_codes
from valuescape.statistics.marginal_covariance import (
    MarginalMoments,
    MarginalTable,
    marginal_moments,
    plain_moments,
)
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
class MarginalIndependence:
    """Test of whether the prevalence of every item is the same in all contexts.

    Attributes
    ----------
    statistic : float
        Sum of the Pearson statistics of all items.
    df : int
        (contexts - 1) times items.
    design_effect : float
        Mean eigenvalue of the covariance: 1 without weights and clusters.
    first_order_statistic, first_order_log10_p : float
        Statistic over the design effect, and log10 p on `df`: too small for correlated items.
    second_order_statistic, second_order_df, log10_p : float
        Rao-Scott second order.
    bonferroni_log10_p : float
        Smallest item p times the number of items tested, at most 1.  It rests on the chi-square
        tails of single items: with rare ones it rejects too often.
    bootstrap_log10_p : float
        NaN without replicates.
    item_statistic : ndarray, shape (n_items,)
        Pearson statistic of each item.
    item_design_effect : ndarray, shape (n_items,)
        NaN where an item does not vary within any context, which tells nothing about clusters.
    item_df : ndarray, shape (n_items,)
        Contexts - 1, or less where clusters act unequally on the contexts.
    item_log10_p : ndarray, shape (n_items,)
        NaN where the design effect is.
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
    item_statistic: FloatArray
    item_design_effect: FloatArray
    item_df: FloatArray
    item_log10_p: FloatArray
    n: int
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """One row an item: number, statistic, design effect, degrees of freedom, log10 p."""
        import pandas as pd

        return pd.DataFrame(
            {
                "item": np.arange(self.item_statistic.size),
                "statistic": self.item_statistic,
                "design_effect": self.item_design_effect,
                "df": self.item_df,
                "log10_p": self.item_log10_p,
            }
        )


def marginal_independence(
    choice: ArrayLike,
    picks: Any,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    trace_squares: TraceSquares = "plug-in",
    n_boot: int = 0,
    seed: int = 0,
) -> MarginalIndependence:
    r"""Test one choice against many items, of which each observation may have any number.

    With shares :math:`a_i` of the contexts, prevalences :math:`p_{iv}` and
    :math:`p_v = \sum_i a_i p_{iv}` the statistic is

    .. math:: X_S^2 = \sum_v X_v^2,\qquad
        X_v^2 = n \sum_i a_i \frac{(p_{iv} - p_v)^2}{p_v (1 - p_v)}

    Items picked together make the :math:`X_v^2` depend on each other.  Under the null
    :math:`X_S^2 \sim \sum_k \lambda_k \chi^2_1` with the eigenvalues of the covariance S of the
    scaled deviations :math:`\sqrt{n a_i / (p_v(1 - p_v))}\,(p_{iv} - p_v)`.  Its second-order
    correction needs :math:`\sum\lambda_k` and :math:`\sum\lambda_k^2` only.  Without weights and
    clusters these are (contexts - 1) x items and the trace of the squared multinomial covariance
    of Bilder, Loughin & Nettleton (2000).  With either, S is summed over clusters (times
    G / (G - 1)), and the first is multiplied by the mean design effect, the ratio of its trace to
    that of the plain covariance; items likewise, each with a second-order correction of its own,
    :math:`\nu = \min(I - 1,\ (I - 1)\,t^2 / u)` with the ratios t and u of its trace and squared
    trace to the plain ones.

    Parameters
    ----------
    choice : array_like, shape (n,)
        Context of each observation: numbers or strings, at least two different ones.
    picks : array_like of 0/1 or scipy.sparse matrix, shape (n, n_items)
        Which items each observation has.  Leave out items picked so rarely that no context can
        differ: each adds noise to the sum, and in very uneven contexts more than its chi-square.
    weight : array_like, shape (n,), optional
        Inverse inclusion probabilities.
    cluster : array_like, shape (n,), optional
        Groups of observations that resemble each other.
    trace_squares : {"plug-in", "cross"}, default "plug-in"
        Plug-in is the published correction; noise in the covariance takes its power where items
        outnumber the clusters of a context.  Cross takes products of different clusters only,
        which has no such bias: the better choice for many items.
    n_boot : int, default 0
        Replicates of the statistic under the null.  Without weights and clusters the contexts are
        kept and the rows of picks are drawn anew, independently of them (Bilder & Loughin 2004).
        Otherwise whole clusters are drawn with all they hold, and each replicate measures
        deviations from those observed.  An item that a replicate leaves constant adds its mean.
        Replicates vary as the plug-in says, and lose power with many items as it does.
    seed : int, default 0
        Of the bootstrap, not negative.

    Returns
    -------
    MarginalIndependence
        The omnibus test and one test an item.

    Raises
    ------
    ValueError
        If lengths differ, picks are not 0/1, an item was picked always or never, a context or
        cluster is missing or the only one, a weight is not above zero, `n_boot` or `seed` is
        negative, `trace_squares` is unknown, or clusters or weights are given and no item varies
        within a context.

    References
    ----------
    Agresti, A. & Liu, I.-M. (1999). *Biometrics* 55, 936-943.
    https://doi.org/10.1111/j.0006-341X.1999.00936.x.
    Bilder, C. R., Loughin, T. M. & Nettleton, D. (2000). *Communications in Statistics -
    Simulation and Computation* 29, 1285-1316. https://doi.org/10.1080/03610910008813665.
    Bilder, C. R. & Loughin, T. M. (2004). *Biometrics* 60, 241-248.
    https://doi.org/10.1111/j.0006-341X.2004.00147.x.
    Rao, J. N. K. & Scott, A. J. (1984). *Annals of Statistics* 12, 46-60.
    https://doi.org/10.1214/aos/1176346391

    Examples
    --------
    >>> picks = [[1, 0], [1, 1], [0, 1], [1, 0], [0, 1], [0, 0], [0, 1], [0, 1]]
    >>> found = marginal_independence(["a"] * 4 + ["b"] * 4, picks)
    >>> round(found.statistic, 3), found.df, round(found.second_order_df, 2)
    (5.333, 2, 2.0)
    """
    check_option("trace_squares", trace_squares, TraceSquares)
    matrix = as_picks("picks", picks)
    data = _Data(
        label_codes("choice", choice, matrix.shape[0], fewest=2)[1],
        matrix,
        observations(matrix.shape[0], weight, cluster),
    )
    table = _table(data, data.design.weight)
    moments = marginal_moments(data.code, matrix, table, data.design)
    effects = _effects(table, moments, data.design)
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    draws = _draws(data, table, whole_number("n_boot", n_boot, least=0), rng)
    mean = (table.share.size - 1) * effects.mean
    replicates = [float(np.where(np.isnan(items), mean, items).sum()) for items in draws]
    squares = moments.cross_squares if trace_squares == "cross" else moments.trace_squares
    return _tests(data, table, squares, effects, np.array(replicates))


@dataclass(frozen=True, slots=True)
class _Data:
    """Checked arguments."""

    code: NDArray[np.intp]
    picks: sparse.csr_array
    design: Observations


@dataclass(frozen=True, slots=True)
class _Effects:
    """Ratios of traces to those of plain observations."""

    mean: float
    item: FloatArray
    item_squares: FloatArray


def _tests(
    data: _Data,
    table: MarginalTable,
    squares: float,
    effects: _Effects,
    replicates: FloatArray,
) -> MarginalIndependence:
    """Omnibus test and the test of every item."""
    item_statistic = _statistics(table, table.deviation, data.code.size)
    df, statistic = table.share.size - 1, float(item_statistic.sum())
    nominal = df * item_statistic.size
    omnibus = rao_scott(statistic, nominal, nominal * effects.mean, squares)
    item_df = np.minimum(df, df * divide(effects.item**2, effects.item_squares))
    corrected = item_statistic * item_df / (df * effects.item)
    item_log10_p = chi2_log10_p(corrected, np.where(np.isnan(item_df), df, item_df))
    return MarginalIndependence(
        statistic=statistic,
        df=nominal,
        design_effect=effects.mean,
        first_order_statistic=omnibus.first_order_statistic,
        first_order_log10_p=omnibus.first_order_log10_p,
        second_order_statistic=omnibus.second_order_statistic,
        second_order_df=omnibus.second_order_df,
        log10_p=omnibus.log10_p,
        bonferroni_log10_p=float(np.nanmin(adjust_p(item_log10_p, "bonferroni"))),
        bootstrap_log10_p=bootstrap_log10_p(statistic, replicates),
        item_statistic=item_statistic,
        item_design_effect=effects.item,
        item_df=item_df,
        item_log10_p=item_log10_p,
        n=data.code.size,
        n_clusters=data.design.n_clusters,
    )


def _effects(table: MarginalTable, moments: MarginalMoments, design: Observations) -> _Effects:
    """Design effects of the sum and of every item."""
    trace, squares = plain_moments(table)
    if design.plain:
        return _Effects(1.0, np.ones(trace.size), np.ones(trace.size))
    if not trace.sum() > _ROUNDING:
        raise ValueError("picks: no item varies within a context, so its clusters say nothing")
    varies = (trace > _ROUNDING) & (moments.item_trace > _ROUNDING)
    return _Effects(
        float(moments.item_trace.sum() / trace.sum()),
        np.where(varies, divide(moments.item_trace, trace), np.nan),
        np.where(varies, divide(moments.item_trace_squares, squares), np.nan),
    )


def _table(data: _Data, weight: FloatArray) -> MarginalTable:
    """Weighted prevalences; a context without weight, in a bootstrap replicate, has none."""
    size = np.bincount(data.code, weight)
    members = sparse.coo_array((weight, (data.code, np.arange(data.code.size))))
    total = (sparse.csr_array(members) @ data.picks).toarray()
    pooled = total.sum(axis=0) / size.sum()
    prevalence = total / np.where(size > 0, size, 1.0)[:, None]
    return MarginalTable(size / size.sum(), prevalence, pooled * (1 - pooled))


def _statistics(table: MarginalTable, deviation: FloatArray, n: int) -> FloatArray:
    """Pearson statistic of every item; NaN where it is constant."""
    spread = table.share @ deviation**2
    return divide(n * spread, np.where(table.variance > _ROUNDING, table.variance, np.nan))


def _draws(
    data: _Data, table: MarginalTable, n_boot: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Item statistics of replicates under the null."""
    draw = _independent_rows if data.design.plain else _whole_clusters
    return (draw(data, table, rng) for _ in range(n_boot))


def _independent_rows(data: _Data, _: MarginalTable, rng: np.random.Generator) -> FloatArray:
    """Keep the contexts and draw rows of picks independently of them."""
    n = data.code.size
    drawn = _Data(data.code, data.picks[rng.integers(n, size=n)], data.design)
    table = _table(drawn, data.design.weight)
    return _statistics(table, table.deviation, n)


def _whole_clusters(data: _Data, observed: MarginalTable, rng: np.random.Generator) -> FloatArray:
    """Draw clusters with all they hold and measure deviations from those observed."""
    size = data.design.n_clusters
    times = np.bincount(rng.integers(size, size=size), minlength=size)[data.design.cluster]
    table = _table(data, data.design.weight * times)
    moved = np.where((table.share > 0)[:, None], table.prevalence - observed.prevalence, 0.0)
    return _statistics(table, moved - table.share @ moved, int(times.sum()))
