"""Table-wide error rate by permuting contexts: the smallest exact p of every permuted table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.hypergeometric import exact_log10_p, stirling
from valuescape.statistics.hypergeometric_table import table_log10_p
from valuescape.statistics.resampling_data import (
    Occurrences,
    check_replicates,
    group_codes,
    stream_key,
)
from valuescape.statistics.threads import in_threads, n_threads, slices

if TYPE_CHECKING:
    import pandas as pd

SEARCHED = (1e-5, 1e-3, 1e-1, 1.0)
"""Where the smallest p of a permuted table is looked for, until it is found."""
TIE = 1e-9
PIECES_A_THREAD = 4


@dataclass(frozen=True, slots=True)
class PermutationMinP:
    """Family-wise adjusted p of every cell, and the law of the smallest p under the null.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_contexts, n_values)
        Conversations of the context that express the value.
    log10_p : ndarray of float64, shape (n_contexts, n_values)
        Two-sided exact mid-p of the data.
    log10_p_adjusted : ndarray of float64, shape (n_contexts, n_values)
        log10 of (1 + permutations whose smallest p is at most this p) / (1 + permutations).
    log10_min_p : ndarray of float64, shape (n_permutations,)
        Smallest p of each permuted table.
    movable : float
        Share of conversations that have another to change places with.
    """

    counts: IntArray
    log10_p: FloatArray
    log10_p_adjusted: FloatArray
    log10_min_p: FloatArray
    movable: float

    def to_frame(self) -> pd.DataFrame:
        """One row a cell, contexts first."""
        import pandas as pd

        context, value = np.indices(self.counts.shape)
        return pd.DataFrame(
            {
                "context": context.ravel(),
                "value": value.ravel(),
                "k": self.counts.ravel(),
                "log10_p": self.log10_p.ravel(),
                "log10_p_adjusted": self.log10_p_adjusted.ravel(),
            }
        )


def permutation_min_p(
    context: ArrayLike,
    conversation: ArrayLike,
    value: ArrayLike,
    *,
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    n_permutations: int = 1000,
    seed: int = 0,
) -> PermutationMinP:
    r"""Adjust the p of every cell by the smallest p of tables with permuted contexts.

    The contexts change places among conversations, whose values stay together: the family-wise
    error rate is held under whatever dependence the values have. Single-step min-P:
    :math:`\tilde p = (1 + \#\{b: \min_{cv} p^{(b)}_{cv} \le p\}) / (1 + B)`. With strata contexts
    change places within them only; with clusters, whole clusters of one size (and stratum) change
    places, each taking all its contexts along. The p of a cell is always the exact mid-p of
    independent conversations; the permutations make up for what it leaves out of account.

    Parameters
    ----------
    context : array_like of int, shape (n_conversations,)
        Context of each conversation, codes from 0.
    conversation, value : array_like of int, shape (n_occurrences,)
        Which conversation expresses which value; each pair once.
    stratum, cluster : array_like, shape (n_conversations,), optional
        Stratum and cluster of each conversation; a cluster lies in one stratum.
    n_permutations : int, default 1000
        Permutations B.
    seed : int, default 0
        Seed, not negative.

    Returns
    -------
    PermutationMinP
        Adjusted p of every cell and the smallest p of every permutation.

    Raises
    ------
    ValueError
        If the codes do not fit (see :class:`Occurrences`), a stratum or cluster is missing, a
        cluster spans strata, no conversation can change places, or there is no permutation.

    References
    ----------
    Westfall, P. H. & Young, S. S. (1993). *Resampling-Based Multiple Testing*, section 2.3.
    Wiley. Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero.
    https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    A value that all of one context and none of the other express:

    >>> found = permutation_min_p(np.repeat([0, 1], 10), np.arange(10), np.zeros(10, int))
    >>> found.log10_p_adjusted.round(2).tolist()
    [[-3.0], [-3.0]]
    """
    check_replicates("n_permutations", n_permutations, seed)
    data = Occurrences.of(context, conversation, value)
    n = data.context.size
    blocks = Blocks.of(group_codes("cluster", cluster, n), _strata(stratum, n))
    counts = data.counts()
    sizes = np.bincount(data.context, minlength=data.n_contexts)
    having = np.bincount(data.value, minlength=data.n_values)
    observed = table_log10_p(counts, sizes, having, n)
    smallest = _smallest(data, sizes, having, blocks, n_permutations, seed)
    below = np.searchsorted(np.sort(smallest), observed + TIE, side="right")
    adjusted = np.log10((1 + below) / (1 + n_permutations))
    return PermutationMinP(counts, observed, adjusted, smallest, blocks.movable)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Conversations in order of what may change places with what.

    Attributes
    ----------
    order : ndarray, shape (n_conversations,)
        Conversations, class by class and cluster by cluster.
    start, n_units, size : ndarray, shape (n_classes,)
        First place, number of clusters and conversations a cluster, of each class.
    """

    order: IntArray
    start: IntArray
    n_units: IntArray
    size: IntArray

    @property
    def movable(self) -> float:
        """Share of conversations in classes of two clusters or more."""
        held = self.n_units * self.size
        return float(held[self.n_units > 1].sum() / held.sum())

    @classmethod
    def of(cls, cluster: IntArray, stratum: IntArray) -> Blocks:
        """Sort conversations by stratum, cluster size and cluster.

        Raises
        ------
        ValueError
            If a cluster spans strata or nothing can change places.

        Examples
        --------
        >>> found = Blocks.of(np.array([0, 1, 0, 2]), np.zeros(4, int))
        >>> found.order.tolist(), found.n_units.tolist(), found.size.tolist()
        ([1, 3, 0, 2], [2, 1], [1, 2])
        """
        first = np.zeros(cluster.max() + 1, dtype=np.int64)
        first[cluster] = stratum
        astray = first[cluster] != stratum
        if astray.any():
            raise ValueError(f"cluster[{int(np.argmax(astray))}]: the cluster spans strata")
        sizes = np.bincount(cluster)[cluster]
        order = np.lexsort((cluster, sizes, stratum))
        kind = np.stack([stratum[order], sizes[order]])
        start = np.flatnonzero(np.append(True, np.any(kind[:, 1:] != kind[:, :-1], axis=0)))
        size = sizes[order][start]
        held = np.diff(np.append(start, order.size))
        found = cls(order, start, held // size, size)
        if found.movable == 0.0:
            raise ValueError("stratum, cluster: no conversation has another to change places with")
        return found


def _strata(stratum: ArrayLike | None, n: int) -> IntArray:
    return np.zeros(n, dtype=np.int64) if stratum is None else group_codes("stratum", stratum, n)


def _smallest(
    data: Occurrences,
    sizes: IntArray,
    having: IntArray,
    blocks: Blocks,
    n_permutations: int,
    seed: int,
) -> FloatArray:
    """Smallest log10 p of each permuted table, looked for where it is likely first."""
    search = _Search.of(data, sizes, having, blocks, n_permutations, seed)
    smallest = np.full(n_permutations, np.inf)
    left = np.arange(n_permutations)
    with ThreadPoolExecutor(n_threads()) as pool:
        for limit in SEARCHED:
            search.look(left, limit, pool)
            seen = left[search.found[left, 0] >= 0]
            k, c, v = search.found[seen].T
            smallest[seen] = exact_log10_p(k, sizes[c], having[v], data.context.size)
            left = np.flatnonzero(~(smallest <= np.log10(limit)))
            if left.size == 0:
                break
    return smallest


@dataclass(frozen=True, slots=True)
class _Search:
    """What the search of permuted tables reads, and in `found` what it writes.

    Conversations are in the order of `blocks`; `members` lists those of each value, from
    `value_ptr` on; `found` has count, context and value of each permutation's smallest p.
    """

    blocks: Blocks
    labels: NDArray[np.uint16]
    value_ptr: IntArray
    members: NDArray[np.int32]
    sizes: IntArray
    having: IntArray
    lookup: FloatArray
    keys: NDArray[np.uint64]
    found: IntArray

    @classmethod
    def of(
        cls,
        data: Occurrences,
        sizes: IntArray,
        having: IntArray,
        blocks: Blocks,
        n_permutations: int,
        seed: int,
    ) -> _Search:
        n = data.context.size
        place = np.empty_like(blocks.order)
        place[blocks.order] = np.arange(n)
        by_value = np.argsort(data.value, kind="stable")
        return cls(
            blocks,
            data.context[blocks.order].astype(np.uint16),
            np.searchsorted(data.value[by_value], np.arange(data.n_values + 1)),
            place[data.conversation[by_value]].astype(np.int32),
            sizes,
            having,
            stirling(np.arange(n + 1)) + _leading(n),
            np.array([stream_key(seed, b) for b in range(n_permutations)]),
            np.zeros((n_permutations, 3), dtype=np.int64),
        )

    def look(self, permutations: IntArray, limit: float, pool: ThreadPoolExecutor) -> None:
        """Find the smallest p of some permutations, if it is at most the limit."""
        from valuescape.statistics import resampling_min_p_kernels as kernels

        high, low = self._critical(limit, pool)
        value, context = np.nonzero(low >= 0)
        low_ptr = np.searchsorted(value, np.arange(self.having.size + 1))

        def search(some: IntArray) -> None:
            kernels.smallest_cells(
                some, self.keys, self.labels, self.blocks.start, self.blocks.n_units,
                self.blocks.size, self.value_ptr, self.members, self.sizes, self.having,
                high, low, low_ptr, context, self.lookup, self.found,
            )  # fmt: skip

        pieces = min(PIECES_A_THREAD * n_threads(), permutations.size)
        in_threads(search, np.array_split(permutations, pieces), pool)

    def _critical(
        self, limit: float, pool: ThreadPoolExecutor
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Bound the counts with which a cell can have a p up to the limit."""
        from valuescape.statistics import resampling_min_p_kernels as kernels

        high, low = np.empty((2, self.having.size, self.sizes.size), dtype=np.int32)
        by_size = np.argsort(self.sizes, kind="stable")

        def bound(ends: tuple[int, int]) -> None:
            kernels.critical_counts(
                np.log(limit), *ends, self.having, self.sizes, by_size, self.lookup, high, low
            )

        in_threads(bound, slices(self.having.size, PIECES_A_THREAD * n_threads()), pool)
        return high, low


def _leading(n: int) -> FloatArray:
    """Stirling's leading term ``m ln m - m`` for m = 0..n."""
    m = np.arange(n + 1, dtype=np.float64)
    return np.asarray(m * np.log(np.maximum(m, 1.0)) - m)
