r"""Covariance of a table of one choice against many items, by its traces only.

Write the table's deviations from marginal independence as a vector over contexts and items whose
squared length is the statistic.  Cluster g adds to it :math:`U_g = (Q \otimes I) Z_g`, with
:math:`Q = I - \sqrt a \sqrt a'` over the shares a of the contexts.  Z is a sparse matrix (weighted
picks) less one of low rank (what the contexts' prevalences predict), so that the traces of
:math:`S = \sum_g U_g U_g'` and of its square need only the sparse Gram matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.pick_any import Observations, column_blocks
from valuescape.statistics.rao_scott import cross_trace_squares


@dataclass(frozen=True, slots=True)
class MarginalTable:
    """Weighted prevalence of every item in every context.

    Attributes
    ----------
    share : ndarray, shape (n_contexts,)
        Weighted share of each context.
    prevalence : ndarray, shape (n_contexts, n_items)
        Weighted prevalence within contexts.
    variance : ndarray, shape (n_items,)
        p(1 - p) of the prevalence over all contexts.
    """

    share: FloatArray
    prevalence: FloatArray
    variance: FloatArray

    @property
    def deviation(self) -> FloatArray:
        """Prevalence within a context less that over all contexts, the same shape."""
        centred: FloatArray = self.prevalence - self.share @ self.prevalence
        return centred

    @property
    def within(self) -> FloatArray:
        """Variance within a context over that over all contexts, the same shape."""
        ratio: FloatArray = self.prevalence * (1 - self.prevalence) / self.variance
        return ratio


@dataclass(frozen=True, slots=True)
class MarginalMoments:
    """Traces of the covariance of the table and of each item's column of it.

    Attributes
    ----------
    trace_squares, cross_squares : float
        Trace of the square of the whole covariance, and its estimate from different clusters.
    item_trace, item_trace_squares : ndarray, shape (n_items,)
        The same of the block of each item.
    """

    trace_squares: float
    cross_squares: float
    item_trace: FloatArray
    item_trace_squares: FloatArray


@dataclass(frozen=True, slots=True)
class _Deviations:
    """A matrix with one row a cluster: ``picks - loading @ centre``."""

    picks: sparse.csr_array
    loading: FloatArray
    centre: sparse.csr_array

    @property
    def cross(self) -> FloatArray:
        """H of the Gram matrix ``picks' picks - H centre - (H centre)'``."""
        own = self.loading.T @ self.loading
        return np.asarray(self.picks.T @ self.loading - self.centre.T @ own / 2)


def marginal_moments(
    code: NDArray[np.intp], picks: sparse.csr_array, table: MarginalTable, design: Observations
) -> MarginalMoments:
    """Traces of the cluster-robust covariance of all deviations from marginal independence.

    Parameters
    ----------
    code : ndarray of int, shape (n,)
        Context of each observation, from 0.
    picks : scipy.sparse.csr_array, shape (n, n_items)
        Checked picks.
    table : MarginalTable
        Their prevalences.
    design : Observations
        Weights and clusters.

    Returns
    -------
    MarginalMoments
        With the factor G / (G - 1) of the design.

    Examples
    --------
    >>> from valuescape.statistics.pick_any import as_picks, observations
    >>> picks, code = as_picks("picks", [[1], [0], [1], [0]]), np.array([0, 0, 1, 1])
    >>> table = MarginalTable(np.array([0.5, 0.5]), np.full((2, 1), 0.5), np.array([0.25]))
    >>> found = marginal_moments(code, picks, table, observations(4, None, None))
    >>> found.item_trace.round(9).tolist()
    [1.0]
    """
    whole = _deviations(code, picks, table, design)
    n_contexts, n_items = table.prevalence.shape
    root = np.sqrt(table.share)[:, None]
    pooling = sparse.csr_array(sparse.kron(root, sparse.eye_array(n_items)))
    pooled = _Deviations(whole.picks @ pooling, whole.loading, whole.centre @ pooling)
    trace_squares = (
        _gram_norm(whole, whole) - 2 * _gram_norm(whole, pooled) + _gram_norm(pooled, pooled)
    )
    length = np.maximum(_row_squares(whole) - _row_squares(pooled), 0.0)
    cross = cross_trace_squares(trace_squares, float(length @ length), design.n_clusters)
    projection = np.eye(n_contexts) - root * root.T
    blocks = projection @ _item_blocks(whole, n_contexts) @ projection
    return MarginalMoments(
        design.factor**2 * trace_squares,
        design.factor**2 * cross,
        design.factor * np.trace(blocks, axis1=1, axis2=2),
        design.factor**2 * np.sum(blocks**2, axis=(1, 2)),
    )


def plain_moments(table: MarginalTable) -> tuple[FloatArray, FloatArray]:
    """Traces of each item's block, were the observations independent and of one weight.

    Parameters
    ----------
    table : MarginalTable

    Returns
    -------
    tuple of ndarray, each shape (n_items,)
        Trace and trace of the square.

    Examples
    --------
    >>> table = MarginalTable(np.array([0.5, 0.5]), np.full((2, 1), 0.5), np.array([0.25]))
    >>> [moment.tolist() for moment in plain_moments(table)]
    [[1.0], [1.0]]
    """
    root = np.sqrt(table.share)
    squared = (np.eye(root.size) - np.outer(root, root)) ** 2
    trace = (1 - table.share) @ table.within
    return trace, np.einsum("iv,ij,jv->v", table.within, squared, table.within)


def _deviations(
    code: NDArray[np.intp], picks: sparse.csr_array, table: MarginalTable, design: Observations
) -> _Deviations:
    """Matrix Z: columns are contexts, and items within contexts."""
    n_contexts, n_items = table.prevalence.shape
    n, scale = code.size, 1 / np.sqrt(table.variance)
    pull = np.sqrt(n) * design.weight / (design.weight.sum() * np.sqrt(table.share[code]))
    ones = sparse.coo_array(picks)
    rows, items = ones.coords
    found = sparse.coo_array(
        (pull[rows] * scale[items], (design.cluster[rows], code[rows] * n_items + items)),
        shape=(design.n_clusters, n_contexts * n_items),
    )
    place = design.cluster * n_contexts + code
    loading = np.bincount(place, pull, minlength=design.n_clusters * n_contexts)
    contexts, columns = np.indices((n_contexts, n_items))
    centre = sparse.coo_array(
        (
            (table.prevalence * scale).ravel(),
            (contexts.ravel(), (contexts * n_items + columns).ravel()),
        ),
        shape=(n_contexts, n_contexts * n_items),
    )
    return _Deviations(
        sparse.csr_array(found),
        loading.reshape(design.n_clusters, n_contexts).astype(np.float64),
        sparse.csr_array(centre),
    )


def _gram_norm(left: _Deviations, right: _Deviations) -> float:
    """Squared Frobenius norm of ``left' right``; both have the same loading."""
    transposed = left.picks.T
    total = sum(float(np.sum((transposed @ b).data ** 2)) for b in column_blocks(right.picks))
    h_left, h_right = left.cross, right.cross
    onto_right = left.picks.T @ (right.picks @ right.centre.T).toarray()
    onto_left = right.picks.T @ (left.picks @ left.centre.T).toarray()
    total -= 2 * float(np.sum(onto_right * h_left) + np.sum(onto_left * h_right))
    total += _inner(h_left.T @ h_left, right.centre @ right.centre.T)
    total += _inner(h_right.T @ h_right, left.centre @ left.centre.T)
    return total + 2 * float(np.sum((left.centre @ h_left).T * (right.centre @ h_right)))


def _row_squares(matrix: _Deviations) -> FloatArray:
    """Squared length of each row."""
    onto = (matrix.picks @ matrix.centre.T).toarray()
    own = (matrix.centre @ matrix.centre.T).toarray()
    low_rank = np.sum((matrix.loading @ own - 2 * onto) * matrix.loading, axis=1)
    return np.asarray(matrix.picks.power(2).sum(axis=1) + low_rank)


def _inner(dense: FloatArray, other: Any) -> float:
    return float(np.sum(dense * other.toarray()))


def _item_blocks(whole: _Deviations, n_contexts: int) -> FloatArray:
    """Gram matrix of the columns of each item, shape (n_items, n_contexts, n_contexts)."""
    n_items = whole.picks.shape[1] // n_contexts
    columns = sparse.csc_array(whole.picks)
    parts = [
        sparse.csr_array(columns[:, start : start + n_items])
        for start in range(0, columns.shape[1], n_items)
    ]
    gram = np.empty((n_items, n_contexts, n_contexts))
    for i, one in enumerate(parts):
        for j in range(i, n_contexts):
            gram[:, i, j] = gram[:, j, i] = one.multiply(parts[j]).sum(axis=0)
    centre = whole.centre.sum(axis=0).reshape(n_contexts, n_items)
    predicted = np.einsum("ivj,jv->vij", whole.cross.reshape(n_contexts, n_items, -1), centre)
    blocks: FloatArray = gram - predicted - predicted.transpose(0, 2, 1)
    return blocks
