"""Tests of context against value under the study's design: strata, weights, clusters.

Conversations are neither independent (answers to one prompt group resemble each other) nor
drawn with one probability.  A cell is therefore tested by a stratified, weighted score with a
cluster-robust variance; where that variance cannot be trusted (few expected conversations, few
clusters) by the exact stratified test on counts deflated by their design effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.groups import group_sums, stratum_factors
from valuescape.statistics.sampling import (
    Design,
    centred,
    design_effects,
    indicators,
)
from valuescape.statistics.stratified import log_factorials
from valuescape.statistics.stratum_counts import StratumCounts, stratum_counts
from valuescape.statistics.tails import normal_log10_p

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Design",
    "DesignScores",
    "DesignTests",
    "StratumCounts",
    "centred",
    "design_effects",
    "design_scores",
    "design_tests",
    "indicators",
    "stratum_counts",
]


@dataclass(frozen=True, slots=True)
class DesignScores:
    """Sufficient statistics of every context (row) against every value (column).

    Attributes
    ----------
    score, score_variance, score_variance_independent : ndarray, shape (n_contexts, n_values)
        Weighted score sum_i w_i (x_i - x_h)(y_i - y_h), its cluster-robust variance, and the
        variance that the margins imply were conversations independent and the null true.
    design_effect : ndarray, shape (n_contexts, n_values)
        Factor by which clustering multiplies the null variance of the count, at least 1.
    n_clusters_context : ndarray of int, shape (n_contexts,)
        Clusters with a conversation in the context.
    n_clusters_value : ndarray of int, shape (n_values,)
        Clusters with a conversation that has the value.
    """

    score: NDArray[np.float64]
    score_variance: NDArray[np.float64]
    score_variance_independent: NDArray[np.float64]
    design_effect: NDArray[np.float64]
    n_clusters_context: NDArray[np.int64]
    n_clusters_value: NDArray[np.int64]

    @property
    def z(self) -> NDArray[np.float64]:
        r"""Score over its standard error; 0 where the score cannot vary.

        The robust standard error s shrinks with the count of a depleted cell, which makes
        depletions look surer than they are.  The standard error used is
        :math:`\max(s, (s + 2 s_0)/3)`, :math:`s_0` being what margins and design effect imply
        under the null: for independent counts z then equals the signed root of the deviance to
        second order on the depleted side.
        """
        robust = np.sqrt(self.score_variance)
        null = np.sqrt(self.score_variance_independent * self.design_effect)
        error = np.maximum(robust, (robust + 2 * null) / 3)
        varies = error > 0
        return np.where(varies, self.score / np.where(varies, error, 1.0), 0.0)


@dataclass(frozen=True, slots=True)
class DesignTests:
    """Two-sided tests of every context (row) against every value (column).

    Attributes
    ----------
    log10_p : ndarray, shape (n_contexts, n_values)
        log10 of the p-value.
    exact : ndarray of bool, shape (n_contexts, n_values)
        Whether it comes from the exact test on deflated counts.
    """

    log10_p: NDArray[np.float64]
    exact: NDArray[np.bool_]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a cell, numbered by ``context`` and ``value``."""
        import pandas as pd

        rows, columns = np.indices(self.log10_p.shape)
        return pd.DataFrame(
            {
                "context": rows.ravel(),
                "value": columns.ravel(),
                "log10_p": self.log10_p.ravel(),
                "exact": self.exact.ravel(),
            }
        )


def design_scores(context: ArrayLike, value: ArrayLike, design: Design) -> DesignScores:
    r"""Score every context against every value under the design.

    The score of a cell is :math:`U = \sum_i w_i (x_i - \bar x_{h(i)})(y_i - \bar y_{h(i)})`, with
    weighted stratum means; it is the Cochran-Mantel-Haenszel score for strata of one weight.  Its
    variance is :math:`\sum_g (\sum_{i \in g} u_i \sqrt{G_h / (G_h - 1)})^2` over clusters g, with
    :math:`G_h` clusters in the stratum of i; where every cluster is one conversation its mean over
    all assignments of the value within strata is the Cochran-Mantel-Haenszel variance.

    Parameters
    ----------
    context : array_like of 0/1, shape (n, n_contexts)
    value : array_like of 0/1, shape (n, n_values)
    design : Design
        Weights, strata, clusters of the n observations.

    Raises
    ------
    ValueError
        If the arrays differ in length or hold anything but 0 and 1.

    References
    ----------
    Liang & Zeger (1986), doi:10.1093/biomet/73.1.13; Mantel & Haenszel (1959),
    doi:10.1093/jnci/22.4.719.

    Examples
    --------
    >>> x, y = np.array([[1], [1], [0], [0]]), np.array([[1], [1], [1], [0]])
    >>> found = design_scores(x, y, Design.of(np.ones(4), np.zeros(4), np.arange(4)))
    >>> float(found.score[0, 0])
    0.5
    """
    x, y = indicators(context, "context", design), indicators(value, "value", design)
    xc, yc = centred(x, design), centred(y, design)
    score, variance, independent = _scores(xc, yc, design)
    return DesignScores(
        score,
        variance,
        independent,
        design_effects(xc, yc, design),
        _clusters_with(x, design),
        _clusters_with(y, design),
    )


def design_tests(
    scores: DesignScores,
    counts: StratumCounts,
    *,
    minimum_expected: float = 20.0,
    minimum_clusters: int = 20,
) -> DesignTests:
    """Test every cell: by its clustered score where that can be trusted, else exactly.

    A cell for which the smallest expected count of its two-by-two table, divided by its design
    effect, is below ``minimum_expected``, or whose context or value occurs in fewer than
    ``minimum_clusters`` clusters, is tested by
    :func:`~valuescape.statistics.stratified.stratified_exact_log10_p` on counts divided by the
    design effect (first-order Rao-Scott), rounded towards the null.  That test is unweighted.

    Parameters
    ----------
    scores, counts : DesignScores, StratumCounts
        Of the same contexts and values.
    minimum_expected : float
        Smallest effective expected count with which the clustered score is trusted.
    minimum_clusters : int
        Smallest number of clusters for the same.

    References
    ----------
    Rao & Scott (1981), doi:10.1080/01621459.1981.10477633; Rao & Scott (1992),
    doi:10.2307/2532311 (clustered binary data).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.integers(0, 2, (400, 1)), rng.integers(0, 2, (400, 1))
    >>> design = Design.of(np.ones(400), np.zeros(400), np.arange(400))
    >>> found = design_tests(design_scores(x, y, design), stratum_counts(x, y, design))
    >>> bool(found.exact[0, 0]), round(float(found.log10_p[0, 0]), 2)
    (False, -0.24)
    """
    from valuescape.statistics.exact_kernels import deflated_log10_p

    few = (scores.n_clusters_context[:, None] < minimum_clusters) | (
        scores.n_clusters_value[None, :] < minimum_clusters
    )
    exact = few | (counts.smallest_expected / scores.design_effect < minimum_expected)
    log10_p = normal_log10_p(scores.z)
    log10_p[exact] = deflated_log10_p(
        counts.both,
        counts.context,
        counts.value,
        counts.total,
        scores.design_effect,
        np.argwhere(exact),
        log_factorials(int(counts.total.max(initial=0))),
    )
    return DesignTests(np.minimum(log10_p, 0.0), exact)


def _scores(
    xc: NDArray[Any], yc: NDArray[Any], design: Design
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    shape = (xc.shape[1], yc.shape[1])
    score, variance = np.empty(shape), np.empty(shape)
    factor = np.sqrt(stratum_factors(design.stratum, design.cluster))
    for c in range(shape[0]):
        pull = design.weight * xc[:, c]
        score[c] = pull @ yc
        sums = group_sums((factor * pull)[:, None] * yc, design.cluster)
        variance[c] = np.sum(sums**2, axis=0)
    return score, variance, _null_variance(xc, yc, design)


def _null_variance(xc: NDArray[Any], yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    """Variance of independent conversations' scores, context and value being independent."""
    squares = design.weight[:, None] ** 2
    context = group_sums(squares * xc**2, design.stratum)
    value = group_sums(squares * yc**2, design.stratum)
    total = group_sums(squares, design.stratum)
    size = np.bincount(design.stratum)[:, None]
    share = value / total * (size / np.maximum(size - 1, 1))
    variance: NDArray[np.float64] = context.T @ share
    return variance


def _clusters_with(x: NDArray[Any], design: Design) -> NDArray[np.int64]:
    found = group_sums(x, design.cluster) > 0
    return np.asarray(found.sum(axis=0), dtype=np.int64)
