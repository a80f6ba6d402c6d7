"""Contexts against items within strata: the stratified omnibus test of multiple responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, divide
from valuescape.statistics.conditional_covariance import Layout, Scores, scores
from valuescape.statistics.groups import label_codes
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.options import TraceSquares, check_option
from valuescape.statistics.pick_any import as_picks, observations
from valuescape.statistics.rao_scott import cross_trace_squares, rao_scott
from valuescape.statistics.tails import chi2_log10_p

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class ConditionalIndependence:
    """Test of whether the prevalence of every item is the same in all contexts of a stratum.

    Attributes
    ----------
    statistic : float
        Sum of the generalised Cochran-Mantel-Haenszel statistics of all items.
    df : int
        Sum of their ranks.
    design_effect : float
        Mean eigenvalue of the covariance: 1 without weights and clusters.
    first_order_statistic, first_order_log10_p : float
        Statistic over the design effect, and log10 p on `df`: too small for correlated items.
    second_order_statistic, second_order_df, log10_p : float
        Rao-Scott second order.
    bonferroni_log10_p : float
        Smallest item p times the number of items tested, at most 1.
    item_statistic, item_design_effect, item_df, item_log10_p : ndarray
        Shape (1, n_items) for one choice, (n_contexts, n_items) for contexts that may be several.
        The statistic is 0 and the others NaN where no stratum compares anything.
    n, n_clusters, n_strata : int
        Observations, clusters, strata.
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
    item_statistic: FloatArray
    item_design_effect: FloatArray
    item_df: FloatArray
    item_log10_p: FloatArray
    n: int
    n_clusters: int
    n_strata: int

    def to_frame(self) -> pd.DataFrame:
        """One row a context tested and item: numbers, statistic, design effect, df, log10 p."""
        import pandas as pd

        context, item = np.indices(self.item_statistic.shape)
        return pd.DataFrame(
            {
                "context": context.ravel(),
                "item": item.ravel(),
                "statistic": self.item_statistic.ravel(),
                "design_effect": self.item_design_effect.ravel(),
                "df": self.item_df.ravel(),
                "log10_p": self.item_log10_p.ravel(),
            }
        )


def conditional_independence(
    context: Any,
    picks: Any,
    stratum: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    trace_squares: TraceSquares = "plug-in",
) -> ConditionalIndependence:
    r"""Test contexts against items, of which each observation may have any number, within strata.

    Observed less expected is summed over strata before it is squared, so that differences between
    strata count for nothing:

    .. math:: X_S^2 = \sum_v D_v' V_v^- D_v,\qquad D_v = \sum_h (O_{vh} - E_{vh})

    with the covariance :math:`V_v` of :math:`D_v` under independence within strata.  Without
    weights the statistic of an item is the generalised Cochran-Mantel-Haenszel statistic with
    :math:`n_h` in place of :math:`n_h - 1`.  The null distribution is
    :math:`\sum_k \lambda_k \chi^2_1`; the second-order correction takes its two traces from the
    cluster-robust covariance of all scaled :math:`D_v`, summed over strata, each times
    :math:`G_h / (G_h - 1)`.  With one stratum this is `marginal_independence` for one choice, and
    `joint_independence` for contexts of which an observation may have several.

    Parameters
    ----------
    context : array_like, shape (n,), or array_like of 0/1 or sparse matrix, shape (n, n_contexts)
        Labels of one choice, at least two different ones; or which contexts each observation has,
        each of which is then compared with its absence.
    picks : array_like of 0/1 or scipy.sparse matrix, shape (n, n_items)
        Which items each observation has.
    stratum : array_like, shape (n,)
        Numbers or strings.
    weight : array_like, shape (n,), optional
        Inverse inclusion probabilities.
    cluster : array_like, shape (n,), optional
        Groups of observations that resemble each other.
    trace_squares : {"plug-in", "cross"}, default "plug-in"
        As in `marginal_independence`: cross for many items.

    Returns
    -------
    ConditionalIndependence
        The omnibus test and one test an item.

    Raises
    ------
    ValueError
        If lengths differ, picks are not 0/1, an item was picked always or never, a label is
        missing, there is one context or one cluster only, a weight is not above zero,
        `trace_squares` is unknown, or in no stratum both contexts and picks vary.

    Notes
    -----
    Holds clusters x contexts x items in memory.

    References
    ----------
    Bilder, C. R. & Loughin, T. M. (2002). Testing for conditional multiple marginal independence.
    *Biometrics* 58, 200-208. https://doi.org/10.1111/j.0006-341X.2002.00200.x.
    Landis, J. R., Heyman, E. R. & Koch, G. G. (1978). *International Statistical Review* 46,
    237-254. https://doi.org/10.2307/1402373.
    Rao, J. N. K. & Scott, A. J. (1984). *Annals of Statistics* 12, 46-60.
    https://doi.org/10.1214/aos/1176346391

    Examples
    --------
    Two strata that differ in both, and independence in each:

    >>> context = ["a", "a", "a", "b", "a", "b", "b", "b"] * 2
    >>> stratum = ["s"] * 4 + ["t"] * 4 + ["s"] * 4 + ["t"] * 4
    >>> picks = [[1]] * 4 + [[0]] * 4 + [[0]] + [[1]] * 3 + [[1]] + [[0]] * 3
    >>> found = conditional_independence(context, picks, stratum)
    >>> found.df, found.log10_p > -0.5
    (1, True)
    """
    check_option("trace_squares", trace_squares, TraceSquares)
    matrix = as_picks("picks", picks)
    n = matrix.shape[0]
    factors, choice = _factors(context, n)
    codes = label_codes("stratum", stratum, n)[1]
    design = observations(n, weight, cluster)
    layout = Layout.of(matrix.toarray(), codes, design)
    found = [scores(factor, layout, choice=choice) for factor in factors]
    if not sum(int(part.rank.sum()) for part in found):
        raise ValueError("stratum: in none do both contexts and picks vary")
    return _tests(found, layout, trace_squares)


def _factors(context: Any, n: int) -> tuple[list[FloatArray], bool]:
    """Lay out the indicators of one choice together, or each context by itself."""
    if len(np.shape(context)) == 2:
        several = as_picks("context", context)
        if several.shape[0] != n:
            raise ValueError(f"context: {several.shape[0]} rows, but picks has {n}")
        dense = several.toarray()
        return [dense[:, [j]] for j in range(dense.shape[1])], False
    names, codes = label_codes("context", context, n, fewest=2)
    return [(codes[:, None] == np.arange(names.size)).astype(np.float64)], True


def _tests(
    found: list[Scores], layout: Layout, trace_squares: TraceSquares
) -> ConditionalIndependence:
    """Omnibus test and the test of every item."""
    statistic, trace, squares, plain, plain_squares = (
        np.stack([getattr(part, name) for part in found])
        for name in ("statistic", "trace", "trace_squares", "plain_trace", "plain_trace_squares")
    )
    rank = np.stack([part.rank for part in found])
    design, nominal = layout.design, int(rank.sum())
    mean, item_effect, item_df = 1.0, np.where(rank > 0, 1.0, np.nan), rank.astype(np.float64)
    if not design.plain:
        if not (plain.sum() > _ROUNDING and trace.sum() > _ROUNDING):
            raise ValueError("picks: no item varies within a context, so its clusters say nothing")
        varies = (plain > _ROUNDING) & (trace > _ROUNDING)
        mean = float(trace.sum() / plain.sum())
        item_effect = np.where(varies, divide(trace, plain), np.nan)
        ratio = np.where(varies, divide(squares, plain_squares), np.nan)
        item_df = np.minimum(rank, rank * item_effect**2 / ratio)
    both = _whole_squares(found, layout)[trace_squares == "cross"]
    omnibus = rao_scott(float(statistic.sum()), nominal, nominal * mean, both)
    tested = (rank > 0) & ~np.isnan(item_effect)
    item_df = np.where(tested, item_df, np.nan)
    corrected = np.where(tested, statistic * item_df / (np.maximum(rank, 1) * item_effect), np.nan)
    log10_p = chi2_log10_p(corrected, np.where(tested, item_df, 1.0))
    return ConditionalIndependence(
        statistic=float(statistic.sum()),
        df=nominal,
        design_effect=mean,
        first_order_statistic=omnibus.first_order_statistic,
        first_order_log10_p=omnibus.first_order_log10_p,
        second_order_statistic=omnibus.second_order_statistic,
        second_order_df=omnibus.second_order_df,
        log10_p=omnibus.log10_p,
        bonferroni_log10_p=float(np.nanmin(adjust_p(log10_p.ravel(), "bonferroni"))),
        item_statistic=statistic,
        item_design_effect=item_effect,
        item_df=item_df,
        item_log10_p=log10_p,
        n=layout.items.shape[0],
        n_clusters=design.n_clusters,
        n_strata=layout.size.size,
    )


def _whole_squares(found: list[Scores], layout: Layout) -> tuple[float, float]:
    """Trace of the squared covariance of everything: plug-in, and from different clusters."""
    scaled = np.hstack([part.by_cluster for part in found])
    wide = scaled.shape[1] > scaled.shape[0]
    gram = scaled @ scaled.T if wide else scaled.T @ scaled
    plug_in = float(np.sum(gram**2))
    own = float(np.sum(np.sum(scaled**2, axis=1) ** 2))
    return plug_in, cross_trace_squares(plug_in, own, layout.design.n_clusters)
