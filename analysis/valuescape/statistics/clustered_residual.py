"""Residual of every context x value cell when users or prompts repeat, from long codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, divide
from valuescape.statistics.clustered_moments import (
    CONTEXTS_A_PIECE,
    ClusterSums,
    Expressions,
    cluster_sums,
    null_correlation,
    spread,
)
from valuescape.statistics.hypergeometric_table import SMALL_REST, empty_cells
from valuescape.statistics.tails import normal_log10_p
from valuescape.statistics.threads import shared_out

if TYPE_CHECKING:
    import pandas as pd

SCORE, DEFLATED = "clustered score", "exact on deflated counts"


@dataclass(frozen=True, slots=True)
class ClusteredResidual:
    """Test of every context (row) against every value (column), robust to repeated clusters.

    Attributes
    ----------
    k : ndarray of int64, shape (n_contexts, n_values)
        Conversations of the context that have the value.
    n_context, n_value : ndarray of int64, shapes (n_contexts,) and (n_values,)
        Conversations of each context, and with each value.
    n_total, n_clusters : int
        All conversations, and their clusters.
    n_clusters_context, n_clusters_value : ndarray of int64, shapes as `n_context` and `n_value`
        Clusters with a conversation in the context, and with one that has the value.
    variance : ndarray, shape (n_contexts, n_values)
        Cluster-robust variance of the count's excess over expectation.
    design_effect : ndarray, shape (n_contexts, n_values)
        Null design effect max(1, 1 + rho kappa), from margins only.
    z : ndarray, shape (n_contexts, n_values)
        Count less its expectation, over its guarded standard error; 0 where it cannot vary.
    log10_p : ndarray, shape (n_contexts, n_values)
        Two-sided, from `z` where `valid`, elsewhere exact on deflated counts; finite everywhere.
    valid : ndarray of bool, shape (n_contexts, n_values)
        Whether the normal approximation of the score is trusted; it looks at margins only.
    """

    k: IntArray
    n_context: IntArray
    n_value: IntArray
    n_total: int
    n_clusters: int
    n_clusters_context: IntArray
    n_clusters_value: IntArray
    variance: FloatArray
    design_effect: FloatArray
    z: FloatArray
    log10_p: FloatArray
    valid: BoolArray

    @property
    def expected(self) -> FloatArray:
        """Count of every cell expected under independence of context and value, E."""
        return np.outer(self.n_context, self.n_value / self.n_total)

    @property
    def variance_ratio(self) -> FloatArray:
        """`variance` over the null variance E (1 - a)(1 - b) of independent conversations.

        NaN for a value that all conversations have.
        """
        left = np.outer(1.0 - self.n_context / self.n_total, 1.0 - self.n_value / self.n_total)
        return divide(self.variance, self.expected * left)

    @property
    def robust_z(self) -> FloatArray:
        """Excess over its cluster-robust standard error; 0 where the count cannot vary."""
        return _ratio(self.k - self.expected, np.sqrt(self.variance))

    @property
    def method(self) -> NDArray[np.str_]:
        """What each p-value comes from."""
        return np.where(self.valid, SCORE, DEFLATED)

    def to_frame(self) -> pd.DataFrame:
        """One row a cell, numbered by ``context`` and ``value``."""
        import pandas as pd

        rows, columns = np.indices(self.k.shape)
        return pd.DataFrame(
            {
                "context": rows.ravel(),
                "value": columns.ravel(),
                "k": self.k.ravel(),
                "n_context": self.n_context[rows.ravel()],
                "n_value": self.n_value[columns.ravel()],
                "n_total": self.n_total,
                "n_clusters_context": self.n_clusters_context[rows.ravel()],
                "n_clusters_value": self.n_clusters_value[columns.ravel()],
                "expected": self.expected.ravel(),
                "variance": self.variance.ravel(),
                "variance_ratio": self.variance_ratio.ravel(),
                "design_effect": self.design_effect.ravel(),
                "z": self.z.ravel(),
                "log10_p": self.log10_p.ravel(),
                "method": self.method.ravel(),
            }
        )


def clustered_residual(
    context: ArrayLike,
    values: Expressions,
    cluster: ArrayLike,
    *,
    minimum_expected: float = 20.0,
    minimum_clusters: int = 20,
) -> ClusteredResidual:
    r"""Test every context against every value when conversations come in clusters.

    The score of a cell is :math:`U = \sum_i (x_i - a)(y_i - b)` with :math:`a = n_c/N` and
    :math:`b = K_v/N`, the excess of its count over expectation. Its robust variance is
    :math:`\frac{G}{G-1}\sum_g u_g^2` over the G clusters,
    :math:`u_g = m_g - a t_g - b s_g + a b N_g`, where cluster g has :math:`N_g` conversations,
    :math:`s_g` in the context, :math:`t_g` with the value, :math:`m_g` both. The square is
    expanded into sums over the clusters that have both, and margins: nothing of the size
    conversations x contexts x values is ever formed.

    The robust variance of a depleted cell falls with its count, so that depletions would look
    certain: of independent conversations, 20 expected and 5 seen, it gives z = -6.7 where the
    signed root deviance is -4.0 (context and value rare), and at level 1e-6 false depletions are
    255 times too frequent. Hence three guards:

    * ``z`` divides by :math:`\max\{s, (s + 2 s_0)/3\}`, s being the robust standard error and
      :math:`s_0` that of independent conversations, :math:`\sqrt{E(1-a)(1-b)}`; for a depleted
      Poisson count the mean of one s and two :math:`s_0` gives the signed root deviance up to
      second order in :math:`(k - E)/E`;
    * it is trusted only where the smallest expected count of the two-by-two table, over the null
      design effect :math:`\max(1, 1 + \rho_v\kappa_c)` of
      :func:`~valuescape.statistics.sampling.design_effects` (one stratum, equal weights), reaches
      `minimum_expected`, and context and value occur in `minimum_clusters` clusters;
    * all other cells get the exact mid-p of their counts divided by the larger of that design
      effect and :math:`1 + [\sum_g m_g(m_g - 1) - p^2 \sum_g s_g(s_g - 1)]_+ / \sum_g m_g`,
      :math:`p = \sum_g m_g / n_c`, so that a value one user repeats counts about once
      (:func:`~valuescape.statistics.cells.rao_scott_counts`).

    For a frame drawn in strata with unequal weights use
    :func:`~valuescape.statistics.design.design_scores`, which holds indicators as dense matrices;
    use this for large corpora of equally likely conversations.

    Parameters
    ----------
    context : array_like of int, shape (n,)
        Code of each conversation's context, from 0; every code up to the largest occurs.
    values : tuple of two array_like of int, or sparse 0/1 matrix of shape (n, n_values)
        Expressions, as pairs (conversation, value) without repetition; every value occurs.
    cluster : array_like, shape (n,)
        User or prompt of each conversation: numbers or strings, none missing.
    minimum_expected : float, default 20
        Smallest effective expected count at which the score is trusted.
    minimum_clusters : int, default 20
        Smallest number of clusters for the same.

    Returns
    -------
    ClusteredResidual
        Arrays of shape (n_contexts, n_values).

    Raises
    ------
    ValueError
        If codes are negative, not whole, out of range or repeated, a code never occurs, there are
        fewer than two contexts or clusters, lengths differ, or a cluster is missing.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). *Biometrika* 73, 13-22.
    https://doi.org/10.1093/biomet/73.1.13; Boos, D. D. (1992). On generalized score tests.
    *American Statistician* 46, 327-333. https://doi.org/10.1080/00031305.1992.10475921;
    Rao, J. N. K. & Scott, A. J. (1992). *Biometrics* 48, 577-585.
    https://doi.org/10.2307/2532311.

    Examples
    --------
    Six conversations of three users, two contexts, two values:

    >>> pairs = [0, 0, 1, 3, 4], [0, 1, 0, 1, 1]
    >>> found = clustered_residual([0, 0, 1, 1, 1, 0], pairs, ["a", "a", "b", "b", "c", "c"])
    >>> found.k.tolist(), found.expected[0].tolist()
    ([[2, 1], [0, 2]], [1.0, 1.5])
    >>> found.variance[0].round(3).tolist()
    [0.833, 0.375]
    """
    return residual_of_sums(
        cluster_sums(context, values, cluster),
        minimum_expected=minimum_expected,
        minimum_clusters=minimum_clusters,
    )


def residual_of_sums(
    sums: ClusterSums, *, minimum_expected: float = 20.0, minimum_clusters: int = 20
) -> ClusteredResidual:
    """Test every cell from sums over clusters, wherever they were added up.

    Parameters
    ----------
    sums : ClusterSums
        From :func:`~valuescape.statistics.clustered_moments.cluster_sums`, or from
        :func:`~valuescape.statistics.cluster_products.sums_of_products`; its table ``repeated`` is
        written over.
    minimum_expected, minimum_clusters
        As in :func:`clustered_residual`.

    Returns
    -------
    ClusteredResidual
        Arrays of shape (n_contexts, n_values).
    """
    z = _ratio(sums.k - sums.expected, _guarded_error(sums.variance, sums.independent_variance))
    effect = np.maximum(1.0, 1.0 + np.outer(spread(sums), null_correlation(sums)))
    few = (sums.n_clusters_context[:, None] < minimum_clusters) | (
        sums.n_clusters_value < minimum_clusters
    )
    valid = ~few & (sums.smallest_expected >= minimum_expected * effect)
    deflation = _concentration(sums)
    np.maximum(deflation, effect, out=deflation)
    log10_p = _deflated_log10_p(sums, deflation, ~valid)
    log10_p[valid] = normal_log10_p(z[valid])
    return ClusteredResidual(
        k=sums.k,
        n_context=sums.n_context,
        n_value=sums.n_value,
        n_total=sums.n_total,
        n_clusters=sums.n_clusters,
        n_clusters_context=sums.n_clusters_context,
        n_clusters_value=sums.n_clusters_value,
        variance=sums.variance,
        design_effect=effect,
        z=z,
        log10_p=log10_p,
        valid=valid,
    )


def _concentration(sums: ClusterSums) -> FloatArray:
    """Conversations of the cell in the cluster of a typical one, beyond what their rate brings.

    Worked out in the place of ``sums.repeated``, which nothing else needs.
    """
    pairs = sums.of_context[:, 0] - sums.n_context
    by_rate = sums.k / sums.n_context[:, None]
    by_rate *= by_rate
    by_rate *= pairs[:, None]
    excess = np.subtract(sums.repeated, by_rate, out=sums.repeated)
    np.maximum(excess, 0.0, out=excess)
    excess /= np.maximum(sums.k, 1)
    excess += 1.0
    return excess


def _guarded_error(variance: FloatArray, independent: FloatArray) -> FloatArray:
    """Robust standard error, drawn up where it is below that of independent conversations."""
    robust = np.sqrt(variance)
    guard = np.sqrt(independent)
    guard *= 2.0
    guard += robust
    guard /= 3.0
    return np.maximum(robust, guard, out=guard)


def _ratio(excess: FloatArray, error: FloatArray) -> FloatArray:
    """Excess over standard error; 0 where the count cannot vary."""
    return np.divide(excess, error, out=np.zeros(error.shape), where=error > 0)


def _deflated_log10_p(sums: ClusterSums, effect: FloatArray, wanted: BoolArray) -> FloatArray:
    """Exact mid-p of deflated counts in the cells wanted; any number in the others.

    An empty cell with a design effect of 1 is one of the table of independent conversations.
    """
    from valuescape.statistics import hypergeometric_kernels as kernels

    rest = sums.n_total - sums.n_context.max() - sums.n_value.max()
    alike = (sums.k == 0) & (effect == 1.0) if rest >= SMALL_REST else False
    found = empty_cells(sums.n_context, sums.n_value, sums.n_total)
    left = wanted & ~np.asarray(alike)

    def fill(ends: tuple[int, int]) -> None:
        kernels.deflated_log10_p(*ends, sums.k, sums.n_context, sums.n_value, effect, left, found)

    shared_out(fill, found.shape[0], CONTEXTS_A_PIECE)
    return found
