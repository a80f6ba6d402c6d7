r"""Covariance of the table of two sets of items, by its traces only.

Observation k adds to the scaled table :math:`\psi_k = \tilde y_k \otimes \tilde z_k - R`, of
standardised picks and the correlations R they have together.  Inner products of two observations
are products of one inner product a set, so that the trace of the squared covariance is a sum over
pairs of observations and the covariance itself, items by items squared, is never formed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.pick_any import Observations
from valuescape.statistics.rao_scott import cross_trace_squares

ROWS_AT_ONCE = 256
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class PickSet:
    """One set of items.

    Attributes
    ----------
    picks : scipy.sparse.csr_array, shape (n, n_items)
        Checked picks.
    prevalence : ndarray, shape (n_items,)
        Weighted prevalence.
    """

    picks: sparse.csr_array
    prevalence: FloatArray

    @property
    def scale(self) -> FloatArray:
        """Standard deviation of each item."""
        deviation: FloatArray = np.sqrt(self.prevalence * (1 - self.prevalence))
        return deviation

    def standardised(self, rows: slice) -> FloatArray:
        """Dense standardised picks of some observations."""
        dense: FloatArray = (self.picks[rows].toarray() - self.prevalence) / self.scale
        return dense

    def inner_products(self, others: slice, rows: slice) -> FloatArray:
        """Inner products of standardised picks, shape (others, rows)."""
        dense = self.standardised(rows) / self.scale
        products: FloatArray = self.picks[others] @ np.ascontiguousarray(dense.T)
        products -= dense @ self.prevalence
        return products


def joint_trace_squares(
    one: PickSet, other: PickSet, correlation: FloatArray, design: Observations
) -> tuple[float, float]:
    """Trace of the squared cluster-robust covariance of the scaled table.

    Takes time in proportion to the square of the number of observations n, and memory for n times
    the larger of 256 and the largest cluster.

    Parameters
    ----------
    one, other : PickSet
        The two sets.
    correlation : ndarray, shape (n_one, n_other)
        Their weighted correlations.
    design : Observations
        Weights and clusters.

    Returns
    -------
    tuple of float
        That of the estimate and that from different clusters, with the factor G / (G - 1) of the
        design.

    Examples
    --------
    >>> from valuescape.statistics.pick_any import as_picks, observations
    >>> picks = PickSet(as_picks("a", [[1], [0], [1], [0]]), np.array([0.5]))
    >>> other = PickSet(as_picks("b", [[1], [1], [0], [0]]), np.array([0.5]))
    >>> joint_trace_squares(picks, other, np.zeros((1, 1)), observations(4, None, None))
    (1.0, 1.0)
    """
    n = design.weight.size
    order = np.argsort(design.cluster, kind="stable")
    sets = [PickSet(each.picks[order], each.prevalence) for each in (one, other)]
    pull = (np.sqrt(n) * design.weight / design.weight.sum())[order]
    starts = np.flatnonzero(np.r_[True, np.diff(design.cluster[order]) > 0])
    predicted = _predicted(sets[0], sets[1], correlation)
    level = float(np.sum(correlation**2))
    total = own = 0.0
    for rows, firsts in _whole_cluster_rows(starts, n):
        others = slice(rows.start, n)
        product = sets[0].inner_products(others, rows)
        product *= sets[1].inner_products(others, rows)
        product -= predicted[others, None]
        product += level - predicted[rows]
        product *= pull[others, None]
        product *= pull[rows]
        sums = _summed(product, starts[starts >= rows.start] - rows.start, firsts)
        square = sums[: firsts.size]
        total += 2 * float(np.vdot(sums, sums)) - float(np.vdot(square, square))
        own += float(np.sum(np.diagonal(square) ** 2))
    cross = cross_trace_squares(total, own, design.n_clusters)
    return design.factor**2 * total, design.factor**2 * cross


def _summed(product: FloatArray, others: NDArray[np.intp], rows: NDArray[np.intp]) -> FloatArray:
    """Sum over the members of two clusters, given where each cluster begins."""
    if others.size == product.shape[0]:
        return product
    return np.add.reduceat(np.add.reduceat(product, rows, axis=1), others, axis=0)


def _predicted(one: PickSet, other: PickSet, correlation: FloatArray) -> FloatArray:
    """Inner product of each observation's term with the correlations."""
    n = one.picks.shape[0]
    parts = [
        np.sum(
            (one.standardised(slice(s, s + ROWS_AT_ONCE)) @ correlation)
            * other.standardised(slice(s, s + ROWS_AT_ONCE)),
            axis=1,
        )
        for s in range(0, n, ROWS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _whole_cluster_rows(
    starts: NDArray[np.intp], n: int
) -> Iterator[tuple[slice, NDArray[np.intp]]]:
    """Yield runs of rows that hold whole clusters, and where in its run each begins."""
    bounds = np.append(starts, n)
    begin = 0
    while begin < starts.size:
        fitting = np.searchsorted(bounds, bounds[begin] + ROWS_AT_ONCE, side="right") - 1
        end = max(begin + 1, int(fitting))
        yield slice(int(bounds[begin]), int(bounds[end])), starts[begin:end] - bounds[begin]
        begin = end


def pair_traces(
    one: PickSet, other: PickSet, together: FloatArray, design: Observations
) -> tuple[FloatArray, FloatArray]:
    """Variance of each entry of the scaled table, under the design and for plain observations.

    Parameters
    ----------
    one, other : PickSet
        The two sets.
    together : ndarray, shape (n_one, n_other)
        Weighted share of observations with both items.
    design : Observations
        Weights and clusters.

    Returns
    -------
    tuple of ndarray, each shape (n_one, n_other)
        Cluster-robust variance with its G / (G - 1), and the plain one.

    Examples
    --------
    >>> from valuescape.statistics.pick_any import as_picks, observations
    >>> picks = PickSet(as_picks("a", [[1], [0], [1], [0]]), np.array([0.5]))
    >>> other = PickSet(as_picks("b", [[1], [1], [0], [0]]), np.array([0.5]))
    >>> design = observations(4, None, ["p", "p", "q", "q"])
    >>> [float(t[0, 0]) for t in pair_traces(picks, other, np.array([[0.25]]), design)]
    [0.0, 1.0]
    """
    if one.prevalence.size > other.prevalence.size:
        robust, plain = pair_traces(other, one, together.T, design)
        return robust.T, plain.T
    both = np.outer(one.prevalence, other.prevalence)
    scale = np.outer(one.scale, other.scale) ** 2
    p, q = one.prevalence[:, None], other.prevalence
    second = (1 - 2 * p) * ((1 - 2 * q) * together + p * q**2) + p**2 * ((1 - 2 * q) * q + q**2)
    plain = (second - (together - both) ** 2) / scale
    sums = _cluster_sums(one, other, 2 * both - together, design)
    robust = design.factor * one.picks.shape[0] / design.weight.sum() ** 2 * sums / scale
    return np.where(robust > _ROUNDING, robust, 0.0), np.where(plain > _ROUNDING, plain, 0.0)


def _cluster_sums(
    one: PickSet, other: PickSet, level: FloatArray, design: Observations
) -> FloatArray:
    """Sum over clusters of the squared weighted sum of each pair's term.

    A cluster's sum for items a and b is its weight with both, less p_b times that with a, less
    p_a times that with b, plus `level` times its weight.
    """
    n = design.weight.size
    members = sparse.csc_array(
        sparse.coo_array((design.weight, (design.cluster, np.arange(n)))),
    )
    weight = np.bincount(design.cluster, design.weight)
    with_other = members @ other.picks
    other_square = with_other.power(2).sum(axis=0)
    other_weight = with_other.T @ weight
    columns = sparse.csc_array(one.picks)
    found = np.empty(level.shape)
    for a, p in enumerate(one.prevalence):
        rows = columns.indices[columns.indptr[a] : columns.indptr[a + 1]]
        both = members[:, rows] @ other.picks[rows]
        with_one = np.bincount(
            design.cluster[rows], design.weight[rows], minlength=design.n_clusters
        )
        q, k = other.prevalence, level[a]
        cross = both.multiply(with_other).sum(axis=0)
        found[a] = both.power(2).sum(axis=0) - 2 * p * cross + p**2 * other_square
        found[a] += 2 * (k * (both.T @ weight) - q * (both.T @ with_one))
        found[a] += 2 * p * (q * (with_other.T @ with_one) - k * other_weight)
        found[a] += q**2 * (with_one @ with_one) - 2 * k * q * (with_one @ weight)
        found[a] += k**2 * (weight @ weight)
    return found
