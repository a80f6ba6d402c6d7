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
from scipy.special import log_ndtr

from valuescape.statistics.clusters import as_codes, group_sums
from valuescape.statistics.stratified import stratified_exact_log10_p

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Design:
    """How the observations were drawn.

    Attributes
    ----------
    weight : ndarray, shape (n,)
        Inverse inclusion probabilities.
    stratum, cluster : ndarray of int, shape (n,)
        Codes from 0.
    """

    weight: NDArray[np.float64]
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]

    @classmethod
    def of(cls, weight: ArrayLike, stratum: ArrayLike, cluster: ArrayLike) -> Design:
        """Code strata and clusters from any labels.

        Raises
        ------
        ValueError
            If lengths differ or a weight is not positive and finite.
        """
        w = np.asarray(weight, dtype=float)
        codes = as_codes(stratum), as_codes(cluster)
        if not w.size == codes[0].size == codes[1].size:
            raise ValueError("weight, stratum and cluster differ in length")
        if not np.all((w > 0) & np.isfinite(w)):
            raise ValueError("weight holds a value that is not positive and finite")
        return cls(w, *codes)


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Unweighted counts of every cell and margin in every stratum.

    Attributes
    ----------
    both : ndarray, shape (n_strata, n_contexts, n_values)
    context : ndarray, shape (n_strata, n_contexts)
    value : ndarray, shape (n_strata, n_values)
    total : ndarray, shape (n_strata,)
    """

    both: NDArray[np.int64]
    context: NDArray[np.int64]
    value: NDArray[np.int64]
    total: NDArray[np.int64]

    @property
    def expected(self) -> NDArray[np.float64]:
        """Expected count of every cell, were context and value independent within strata."""
        share = self.value / np.maximum(self.total, 1)[:, None]
        return np.asarray(self.context.T.astype(float) @ share)


@dataclass(frozen=True, slots=True)
class DesignScores:
    """Sufficient statistics of every context (row) against every value (column).

    Attributes
    ----------
    score, score_variance, score_variance_independent : ndarray, shape (n_contexts, n_values)
        Weighted score sum_i w_i (x_i - x_h)(y_i - y_h), its cluster-robust variance and its
        variance under independence of conversations.
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
        """Score over its cluster-robust standard error; 0 where the score cannot vary."""
        varies = self.score_variance > 0
        error = np.sqrt(np.where(varies, self.score_variance, 1.0))
        return np.where(varies, self.score / error, 0.0)


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
    variance is :math:`\frac{G}{G-1}\sum_g (\sum_{i \in g} u_i)^2` over clusters g.

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
    Liang & Zeger (1986), doi:10.1093/biomet/73.1.13.

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


def stratum_counts(context: ArrayLike, value: ArrayLike, design: Design) -> StratumCounts:
    """Count every cell and margin in every stratum, unweighted.

    Raises
    ------
    ValueError
        If the arrays differ in length or hold anything but 0 and 1.

    Examples
    --------
    >>> design = Design.of(np.ones(3), ["a", "a", "b"], np.arange(3))
    >>> stratum_counts([[1], [0], [1]], [[1], [1], [0]], design).both.ravel().tolist()
    [1, 0]
    """
    x, y = indicators(context, "context", design), indicators(value, "value", design)
    strata = range(int(design.stratum.max()) + 1)
    inside = [design.stratum == h for h in strata]
    both = np.stack([x[m].T @ y[m] for m in inside])
    return StratumCounts(
        np.rint(both).astype(np.int64),
        np.stack([x[m].sum(axis=0) for m in inside]).astype(np.int64),
        np.stack([y[m].sum(axis=0) for m in inside]).astype(np.int64),
        np.array([m.sum() for m in inside], dtype=np.int64),
    )


def design_tests(
    scores: DesignScores,
    counts: StratumCounts,
    *,
    minimum_expected: float = 20.0,
    minimum_clusters: int = 20,
) -> DesignTests:
    """Test every cell: by its clustered score where that can be trusted, else exactly.

    A cell whose expected count, divided by its design effect, is below ``minimum_expected``, or
    whose context or value occurs in fewer than ``minimum_clusters`` clusters, is tested by
    :func:`~valuescape.statistics.stratified.stratified_exact_log10_p` on counts divided by the
    design effect (first-order Rao-Scott), rounded towards the null.

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
    few = (scores.n_clusters_context[:, None] < minimum_clusters) | (
        scores.n_clusters_value[None, :] < minimum_clusters
    )
    exact = few | (counts.expected / scores.design_effect < minimum_expected)
    log10_p = (np.log(2.0) + log_ndtr(-np.abs(scores.z))) / np.log(10.0)
    for c, v in np.argwhere(exact):
        log10_p[c, v] = _deflated_log10_p(
            counts.both[:, c, v],
            counts.context[:, c],
            counts.value[:, v],
            counts.total,
            float(scores.design_effect[c, v]),
        )
    return DesignTests(np.minimum(log10_p, 0.0), exact)


def _deflated_log10_p(
    both: NDArray[Any],
    context: NDArray[Any],
    value: NDArray[Any],
    total: NDArray[Any],
    effect: float,
) -> float:
    used = (context > 0) & (value > 0) & (context < total) & (value < total)
    if not used.any():
        return 0.0
    return stratified_exact_log10_p(
        *deflated_counts(both[used], context[used], value[used], total[used], effect)
    )


def indicators(array: ArrayLike, name: str, design: Design) -> NDArray[np.float64]:
    """Return 0/1 data as a matrix with one row an observation of the design.

    Raises
    ------
    ValueError
        If the lengths differ or anything but 0 and 1 is found.

    Examples
    --------
    >>> indicators([1, 0], "x", Design.of([1, 1], [0, 0], [0, 1])).tolist()
    [[1.0], [0.0]]
    """
    values = np.asarray(array, dtype=float)
    values = values[:, None] if values.ndim == 1 else values
    if values.shape[0] != design.weight.size:
        raise ValueError(f"{name} has {values.shape[0]} rows; the design has {design.weight.size}")
    if not np.all((values == 0) | (values == 1)):
        raise ValueError(f"{name} holds something other than 0 and 1")
    return values


def centred(x: NDArray[Any], design: Design) -> NDArray[np.float64]:
    """Subtract the weighted mean of each stratum from each column.

    Examples
    --------
    >>> design = Design.of([1.0, 3.0, 1.0], [0, 0, 1], [0, 1, 2])
    >>> centred(np.array([[0.0], [1.0], [1.0]]), design).ravel().tolist()
    [-0.75, 0.25, 0.0]
    """
    totals = group_sums(design.weight[:, None] * x, design.stratum)
    sizes = group_sums(design.weight, design.stratum)
    centres: NDArray[np.float64] = x - (totals / sizes[:, None])[design.stratum]
    return centres


def _scores(
    xc: NDArray[Any], yc: NDArray[Any], design: Design
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    shape = (xc.shape[1], yc.shape[1])
    score, variance, independent = np.empty(shape), np.empty(shape), np.empty(shape)
    n_clusters = int(design.cluster.max()) + 1
    correction = n_clusters / max(n_clusters - 1, 1)
    squared = yc**2
    for c in range(shape[0]):
        pull = design.weight * xc[:, c]
        sums = group_sums(pull[:, None] * yc, design.cluster)
        score[c] = sums.sum(axis=0)
        variance[c] = correction * np.sum(sums**2, axis=0)
        independent[c] = pull**2 @ squared
    return score, variance, independent


def design_effects(xc: NDArray[Any], yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    r"""Null design effect of every cell from the intra-cluster correlation of its value.

    With the context fixed, the null variance of the score of conversations whose value has
    intra-cluster correlation :math:`\rho_v` is :math:`1 + \rho_v \kappa_c` times that of
    independent ones, :math:`\kappa_c = \sum_g[(\sum_{i \in g} a_i)^2 - \sum_{i \in g} a_i^2] /
    \sum_i a_i^2`, :math:`a_i = w_i (x_i - \bar x_h)`.  A value's correlation is not taken below
    the mean correlation of all values, since that of a rare value is estimated too noisily to
    grant it a smaller design effect.  Results are at least 1.

    Parameters
    ----------
    xc, yc : ndarray, shapes (n, n_contexts) and (n, n_values)
        Centred indicators.

    Returns
    -------
    ndarray, shape (n_contexts, n_values)
    """
    pull = design.weight[:, None] * xc
    own = np.sum(pull**2, axis=0)
    together = np.sum(group_sums(pull, design.cluster) ** 2, axis=0)
    kappa = np.where(own > 0, (together - own) / np.where(own > 0, own, 1.0), 0.0)
    rho = null_correlation(yc, design)
    effects: NDArray[np.float64] = np.maximum(1.0, 1.0 + np.outer(kappa, rho))
    return effects


def null_correlation(yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    """Intra-cluster correlation of each column, not below that of all columns together.

    Examples
    --------
    >>> y = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    >>> design = Design.of(np.ones(4), np.zeros(4), [0, 0, 1, 1])
    >>> null_correlation(centred(y, design), design).tolist()
    [1.0, 0.0]
    """
    return np.maximum(intracluster_correlation(yc, design), _pooled_correlation(yc, design))


def intracluster_correlation(yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    """Mean product of two different members of a cluster over the variance, per column.

    Negative estimates become 0, and a column without variance has 0.

    Examples
    --------
    >>> y = np.array([[1.0], [1.0], [0.0], [0.0]])
    >>> design = Design.of(np.ones(4), np.zeros(4), [0, 0, 1, 1])
    >>> intracluster_correlation(centred(y, design), design).tolist()
    [1.0]
    """
    own = np.sum(yc**2, axis=0)
    products = np.sum(group_sums(yc, design.cluster) ** 2, axis=0) - own
    pairs = _ordered_pairs(design)
    if pairs == 0:
        return np.zeros(yc.shape[1])
    variance = own / yc.shape[0]
    positive = variance > 0
    return np.clip(
        np.where(positive, products / pairs / np.where(positive, variance, 1.0), 0.0), 0.0, 1.0
    )


def _pooled_correlation(yc: NDArray[Any], design: Design) -> float:
    own = float(np.sum(yc**2))
    pairs = _ordered_pairs(design)
    if own == 0.0 or pairs == 0:
        return 0.0
    products = float(np.sum(group_sums(yc, design.cluster) ** 2)) - own
    return float(np.clip(products / pairs / (own / yc.shape[0]), 0.0, 1.0))


def _ordered_pairs(design: Design) -> int:
    sizes = np.bincount(design.cluster)
    return int(np.sum(sizes * (sizes - 1)))


def _clusters_with(x: NDArray[Any], design: Design) -> NDArray[np.int64]:
    found = group_sums(x, design.cluster) > 0
    return np.asarray(found.sum(axis=0), dtype=np.int64)


def deflated_counts(
    k: NDArray[Any],
    n_context: NDArray[Any],
    n_value: NDArray[Any],
    n_total: NDArray[Any],
    effect: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Divide a stratified table by its design effect and round the cell towards its expectation.

    Margins are rounded to the nearest integer; the total of the cells is rounded so that the
    deflated excess over expectation is never larger than the exact quotient, and each stratum's
    cell stays within what its margins allow.

    Examples
    --------
    >>> table = [np.array([v]) for v in (9, 20, 20, 100)]
    >>> [int(a[0]) for a in deflated_counts(*table, 2.0)]
    [4, 10, 10, 50]
    >>> [int(a[0]) for a in deflated_counts(*table, 1.0)]
    [9, 20, 20, 100]
    """
    total = np.maximum(np.rint(n_total / effect), 1).astype(np.int64)
    context = np.minimum(np.rint(n_context / effect).astype(np.int64), total)
    value = np.minimum(np.rint(n_value / effect).astype(np.int64), total)
    quotient = k / effect
    expected = context * value / total
    surplus = float(np.sum(quotient - expected))
    target = np.floor(quotient.sum()) if surplus >= 0 else np.ceil(quotient.sum())
    low, high = np.maximum(0, context + value - total), np.minimum(context, value)
    cell = np.clip(np.rint(quotient).astype(np.int64), low, high)
    for _ in range(int(np.abs(target - cell.sum()))):
        step = 1 if target > cell.sum() else -1
        room = (cell < high) if step > 0 else (cell > low)
        if not room.any():
            break
        miss = np.where(room, step * (quotient - cell), -np.inf)
        cell[int(np.argmax(miss))] += step
    return cell, context, value, total
