"""Sums over clusters of conversations from long codes, and the moments they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from valuescape.statistics.arrays import FloatArray, IntArray, as_counts, divide, refuse
from valuescape.statistics.groups import label_codes
from valuescape.statistics.threads import shared_out

CONTEXTS_A_PIECE = 64
LOOPS_A_PRODUCT = 64
LARGEST_WIDE = 1 << 22

SparseMatrix: TypeAlias = (
    "sparse.csr_array | sparse.csr_matrix | sparse.csc_array | sparse.coo_array"
)
Expressions: TypeAlias = "tuple[ArrayLike, ArrayLike] | SparseMatrix"
"""Pairs (conversation, value) as two arrays of codes, or a sparse 0/1 matrix."""
Spoken: TypeAlias = "tuple[IntArray, NDArray[np.int32], NDArray[np.int32]]"
"""Where each cluster's distinct values begin, they, and their counts."""


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums over clusters g of N_g conversations, s of them in a context and t with a value.

    Attributes
    ----------
    n_clusters, squared_size : int
        How many clusters there are, and N_g^2.
    n_context, n_value : ndarray of int64, shapes (n_contexts,) and (n_values,)
        Conversations of each context, and with each value; their shares are a and b.
    k : ndarray of int64, shape (n_contexts, n_values)
        Conversations of the context that have the value, m summed over clusters.
    repeated : ndarray, shape (n_contexts, n_values)
        m (m - 1).
    variance : ndarray, shape (n_contexts, n_values)
        Cluster-robust variance of the count's excess over expectation, G / (G - 1) times
        (m - a t - b s + a b N_g)^2.
    of_context : ndarray, shape (n_contexts, 3)
        s^2, s N_g, and the number of clusters with s > 0.
    of_value : ndarray, shape (n_values, 3)
        t^2, t N_g, and the number of clusters with t > 0.
    """

    n_clusters: int
    squared_size: int
    n_context: IntArray
    n_value: IntArray
    k: IntArray
    repeated: FloatArray
    variance: FloatArray
    of_context: FloatArray
    of_value: FloatArray

    @property
    def n_total(self) -> int:
        """All conversations."""
        return int(self.n_context.sum())

    @property
    def n_clusters_context(self) -> IntArray:
        """Clusters with a conversation in each context."""
        return self.of_context[:, 2].astype(np.int64)

    @property
    def n_clusters_value(self) -> IntArray:
        """Clusters with a conversation that has each value."""
        return self.of_value[:, 2].astype(np.int64)

    @property
    def expected(self) -> FloatArray:
        """Count of every cell under independence of context and value."""
        return np.outer(self.n_context, self.n_value / self.n_total)

    @property
    def smallest_expected(self) -> FloatArray:
        """Smallest expected count in the four cells of every two-by-two table."""
        rarer = [np.minimum(n, self.n_total - n) for n in (self.n_context, self.n_value)]
        return np.outer(rarer[0], rarer[1] / self.n_total)

    @property
    def independent_variance(self) -> FloatArray:
        """Null variance of every count, were all conversations independent: E (1 - a)(1 - b)."""
        a, b = self.n_context / self.n_total, self.n_value / self.n_total
        return np.outer(self.n_context * (1.0 - a), b * (1.0 - b))


def cluster_sums(context: ArrayLike, values: Expressions, cluster: ArrayLike) -> ClusterSums:
    """Sum over clusters, each cluster's conversations sorted by context.

    Parameters
    ----------
    context, values, cluster
        As in :func:`~valuescape.statistics.clustered_residual.clustered_residual`.

    Raises
    ------
    ValueError
        As there.

    Examples
    --------
    >>> found = cluster_sums([0, 1, 1], ([0, 2], [0, 0]), ["a", "b", "b"])
    >>> found.k.tolist(), found.squared_size, found.of_value.tolist()
    ([[1], [1]], 5, [[2.0, 3.0, 2.0]])
    """
    found = _added_up(context, values, cluster)
    complete_variance(found)
    return found


def _added_up(context: ArrayLike, values: Expressions, cluster: ArrayLike) -> ClusterSums:
    """Return the sums, and in the place of the variance what `complete_variance` makes it of."""
    from valuescape.statistics import clustered_kernel

    codes = _context_codes(context)
    group = _group_codes(cluster, codes.size)
    n_context, size = np.bincount(codes), np.bincount(group)
    by_cluster = clustered_kernel.by_code(group, np.arange(codes.size), size.size)
    by_context = clustered_kernel.by_code(codes, by_cluster, n_context.size)
    place = np.empty_like(by_context)
    place[by_context] = np.arange(codes.size)
    rows, n_value = _rows(values, place)
    repeat = clustered_kernel.first_repeat(*rows, n_value.size)
    if repeat >= 0:
        raise ValueError(f"values: conversation {by_context[repeat]} has a value twice")
    own, spoken, of_value = clustered_kernel.tally(
        place[by_cluster], _starts(size), *rows, n_value.size
    )
    shape = n_context.size, n_value.size
    wide = _Wide.of(group, codes, size, spoken, shape)
    k, repeated, joint = np.zeros(shape, dtype=np.int64), np.zeros(shape), np.empty(shape)
    of_context = np.zeros((n_context.size, 3))

    start, cluster = _starts(n_context), group[by_context]

    def fill(ends: tuple[int, int]) -> None:
        clustered_kernel.context_moments(
            ends, start, cluster, size, rows, own, spoken, n_value / codes.size,
            wide.rank >= 0, wide.together(*ends), k, repeated, joint, of_context,
        )  # fmt: skip

    shared_out(fill, n_context.size, CONTEXTS_A_PIECE)
    return ClusterSums(
        size.size,
        int(np.sum(size**2)),
        n_context,
        n_value,
        k,
        repeated,
        joint,
        of_context,
        of_value,
    )


def _starts(sizes: IntArray) -> IntArray:
    """First place of each group among members in order, and their number at the end."""
    return np.concatenate([[0], np.cumsum(sizes)])


@dataclass(frozen=True, slots=True)
class _Wide:
    """Clusters with many contexts and values, as dense matrices.

    Attributes
    ----------
    rank : ndarray of int64, shape (n_clusters,)
        Place of each cluster among the wide ones; -1 for the others.
    of_context, of_value : ndarray, shapes (n_wide, n_contexts) and (n_wide, n_values)
        s and t, in a float type that holds every sum of their products exactly.
    """

    rank: IntArray
    of_context: NDArray[np.float32 | np.float64]
    of_value: NDArray[np.float32 | np.float64]

    @classmethod
    def of(
        cls,
        group: NDArray[np.intp],
        codes: IntArray,
        size: IntArray,
        spoken: Spoken,
        shape: tuple[int, int],
    ) -> _Wide:
        """Choose those for which a row of the matrix product costs less than loops."""
        first, distinct, times = spoken
        work = np.minimum(size, shape[0]) * np.diff(first)
        limit = max(shape[0] * shape[1] // LOOPS_A_PRODUCT, 1)
        chosen = np.argsort(-work, kind="stable")[: LARGEST_WIDE // shape[1]]
        chosen = chosen[work[chosen] > limit]
        rank = np.full(size.size, -1)
        rank[chosen] = np.arange(chosen.size)
        own = rank[group]
        s = np.bincount(
            own[own >= 0] * shape[0] + codes[own >= 0], minlength=chosen.size * shape[0]
        )
        t = np.zeros((chosen.size, shape[1]))
        for g, row in zip(chosen, t, strict=True):
            entries = slice(first[g], first[g + 1])
            row[distinct[entries]] = times[entries]
        s = s.reshape(chosen.size, shape[0])
        most = float(np.sum(s.max(axis=1, initial=0) * t.max(axis=1, initial=0.0)))
        kind = np.float32 if most < 2**24 else np.float64
        return cls(rank, s.astype(kind), t.astype(kind))

    @property
    def shape(self) -> tuple[int, int]:
        """Contexts and values."""
        return self.of_context.shape[1], self.of_value.shape[1]

    def together(self, begin: int, end: int) -> FloatArray:
        """Sum of s t over the wide clusters, for some contexts and every value."""
        return (self.of_context[:, begin:end].T @ self.of_value).astype(np.float64)


def complete_variance(sums: ClusterSums) -> None:
    """Turn the sums that take both, m^2 - 2 a m t - 2 b m s + 2 a b (m N_g + s t), to variances.

    In place: a table of this size counts in the peak of memory.
    """
    joint = sums.variance
    total, clusters = sums.n_total, sums.n_clusters
    a, b = sums.n_context / total, sums.n_value / total
    s2, sn, t2, tn = *sums.of_context.T[:2], *sums.of_value.T[:2]
    joint += np.outer(a**2, t2 - 2.0 * b * tn)
    joint += np.outer(s2 - 2.0 * a * sn + a**2 * float(sums.squared_size), b**2)
    joint[:, sums.n_value == total] = 0.0
    np.maximum(joint, 0.0, out=joint)
    joint *= clusters / (clusters - 1)


def spread(sums: ClusterSums) -> FloatArray:
    r"""How far each context gathers in clusters: :math:`\kappa_c` of the null design effect.

    Examples
    --------
    >>> spread(cluster_sums([0, 0, 1, 1], ([0, 1], [0, 0]), [0, 0, 1, 1])).tolist()
    [1.0, 1.0]
    """
    a = sums.n_context / sums.n_total
    own = sums.n_context * (1.0 - a)
    return divide(_together(sums, sums.of_context, sums.n_context) - own, own)


def null_correlation(sums: ClusterSums) -> FloatArray:
    """Intra-cluster correlation of each value, not below that of all values together.

    The closed form of :func:`~valuescape.statistics.sampling.null_correlation` for one stratum.

    Examples
    --------
    >>> null_correlation(cluster_sums([0, 0, 1, 1], ([0, 1], [0, 0]), [0, 0, 1, 1])).tolist()
    [1.0]
    """
    total, clusters = sums.n_total, sums.n_clusters
    pairs = float(sums.squared_size - total)
    if pairs == 0:
        return np.zeros(sums.n_value.size)
    together = _together(sums, sums.of_value, sums.n_value) * clusters / (clusters - 1)
    own = sums.n_value * (1.0 - sums.n_value / total) + together / total
    ratio = divide((together - own) / pairs, own / total)
    pooled = float(divide((together - own).sum() / pairs, own.sum() / total))
    return np.clip(np.fmax(ratio, pooled), 0.0, 1.0)


def _together(sums: ClusterSums, of_column: FloatArray, count: IntArray) -> FloatArray:
    """Squared sums over clusters of a centred indicator."""
    share = count / sums.n_total
    squares, products = of_column.T[:2]
    centred = squares - 2.0 * share * products + share**2 * float(sums.squared_size)
    return np.asarray(np.where(count < sums.n_total, centred, 0.0))


def _context_codes(context: ArrayLike) -> IntArray:
    codes = as_counts("context", context)
    if codes.ndim != 1 or codes.size == 0:
        raise ValueError(f"context: shape {codes.shape} is not one code a conversation")
    present = np.bincount(codes)
    refuse(present == 0, "context", "no conversation is in the context of this code", present)
    if present.size < 2:
        raise ValueError("context: at least two contexts are needed to compare them")
    return codes


def _rows(
    values: Expressions, place: NDArray[np.intp]
) -> tuple[tuple[IntArray, NDArray[np.int32]], IntArray]:
    """Return the values of the conversations in their new places, and how often each occurs."""
    from valuescape.statistics import clustered_kernel

    conversation, value = _pairs(values, place.size)
    n_value = np.bincount(value)
    refuse(n_value == 0, "values", "no conversation has the value of this code", n_value)
    return clustered_kernel.rows_of_pairs(place[conversation], value, place.size), n_value


def _pairs(values: Expressions, size: int) -> tuple[IntArray, IntArray]:
    """Return conversation and value of each expression."""
    if not isinstance(values, tuple):
        return _matrix_pairs(values, size)
    conversation, value = (as_counts("values", part) for part in values)
    if conversation.shape != value.shape or value.ndim != 1 or value.size == 0:
        raise ValueError(f"values: shapes {conversation.shape}, {value.shape} are not pairs")
    refuse(conversation >= size, "values", f"there are {size} conversations", conversation)
    return conversation, value


def _matrix_pairs(values: sparse.sparray | sparse.spmatrix, size: int) -> tuple[IntArray, IntArray]:
    if not hasattr(values, "tocoo"):
        raise ValueError("values: neither a pair of code arrays nor a sparse matrix")
    matrix = values.tocoo()
    if matrix.shape[0] != size:
        raise ValueError(f"values has {matrix.shape[0]} rows; context has {size} entries")
    kept = matrix.data != 0
    row, column = (part[kept].astype(np.int64) for part in (matrix.row, matrix.col))
    refuse(matrix.data[kept] != 1, "values", "an entry must be 0 or 1", matrix.data[kept])
    absent = np.bincount(column, minlength=matrix.shape[1]) == 0
    refuse(absent, "values", "no conversation has the value of this column")
    return row, column


def _group_codes(cluster: ArrayLike, size: int) -> NDArray[np.intp]:
    """Code clusters from 0 without gaps; whole numbers in a short range without sorting."""
    labels = np.asarray(cluster)
    if labels.dtype.kind in "iu" and labels.shape == (size,) and labels.size:
        lowest, highest = int(labels.min()), int(labels.max())
        if highest - lowest < 4 * size:
            present = np.bincount(labels.astype(np.int64) - lowest) > 0
            codes = (np.cumsum(present) - 1)[labels.astype(np.int64) - lowest]
            if codes.max() > 0:
                return np.asarray(codes)
    return label_codes("cluster", cluster, size, fewest=2)[1]
