"""Poisson bootstrap of every cell of a contexts x values table, by conversation or by cluster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, IntArray, as_counts, check_level, refuse
from valuescape.statistics.options import CellStatistic, check_option
from valuescape.statistics.resampling_data import (
    Layout,
    Occurrences,
    check_replicates,
    group_codes,
    stream_key,
)
from valuescape.statistics.threads import in_threads, n_threads, slices

if TYPE_CHECKING:
    import pandas as pd

PIECES_A_THREAD = 8


@dataclass(frozen=True, slots=True)
class PoissonBootstrap:
    """Bootstrap moments of every cell that is not empty.

    Attributes
    ----------
    context, value : ndarray of int64, shape (n_cells,)
        Codes of the cells, contexts first.
    estimate : ndarray of float64, shape (n_cells,)
        The statistic of the data.
    mean, standard_error : ndarray of float64, shape (n_cells,)
        Mean and standard deviation over the replicates in which the statistic is defined; NaN
        where fewer than two are.
    n_defined : ndarray of int64, shape (n_cells,)
        Replicates in which it is: some conversation of the context, and for differences some
        outside it, has weight.
    kept : ndarray of int64, shape (n_kept,)
        Positions, among the cells, of those whose replicates are kept, in the order asked for.
    replicates : ndarray of float64, shape (n_kept, n_boot)
        Their statistic in each replicate; NaN where it is not defined.
    """

    context: IntArray
    value: IntArray
    estimate: FloatArray
    mean: FloatArray
    standard_error: FloatArray
    n_defined: IntArray
    kept: IntArray
    replicates: FloatArray

    def percentile_interval(self, conf_level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Percentile limits of the kept cells, over the replicates in which they are defined.

        Raises
        ------
        ValueError
            If the level is not inside (0, 1), or no cell was kept.
        """
        tail = (1.0 - check_level(conf_level)) / 2
        if self.kept.size == 0:
            raise ValueError("keep: no cell was kept; name cells in `keep` for intervals")
        low, high = np.nanquantile(self.replicates, [tail, 1 - tail], axis=1)
        return low, high

    def to_frame(self) -> pd.DataFrame:
        """One row a cell: codes, estimate, bootstrap mean, standard error, replicates defined."""
        import pandas as pd

        names = ("context", "value", "estimate", "mean", "standard_error", "n_defined")
        return pd.DataFrame({name: getattr(self, name) for name in names})


def poisson_bootstrap(
    context: ArrayLike,
    conversation: ArrayLike,
    value: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    statistic: CellStatistic = "prevalence",
    keep: ArrayLike | None = None,
    n_boot: int = 1000,
    seed: int = 0,
) -> PoissonBootstrap:
    r"""Bootstrap a statistic of every non-empty cell with Poisson weights.

    In each replicate every cluster (user, prompt, or each conversation by itself) has an
    independent weight :math:`w \sim \text{Poisson}(1)`, drawn from 16 random bits by a law whose
    mean and variance are exactly 1, and each sum over conversations becomes a weighted sum.
    Counts are exact; the result is the same for any number of threads.

    Parameters
    ----------
    context : array_like of int, shape (n_conversations,)
        Context of each conversation, codes from 0.
    conversation, value : array_like of int, shape (n_occurrences,)
        Which conversation expresses which value; each pair once.
    cluster : array_like, shape (n_conversations,), optional
        Cluster of each conversation; each by itself when absent.
    statistic : {"count", "prevalence", "risk_difference"}, default "prevalence"
        Conversations of the context with the value; their share of the context; that share less
        the share outside the context.
    keep : array_like of int, shape (n_kept, 2), optional
        Context and value of the cells whose replicates are to be kept.
    n_boot : int, default 1000
        Replicates.
    seed : int, default 0
        Seed, not negative.

    Returns
    -------
    PoissonBootstrap
        One entry a cell that is not empty.

    Raises
    ------
    ValueError
        If the codes do not fit (see :class:`Occurrences`), a cluster is missing or there is only
        one, a kept cell is empty, or there is no replicate.

    References
    ----------
    Chamandy, N., Muralidharan, O., Najmi, A. & Naidu, S. (2012). *Estimating Uncertainty for
    Massive Data Streams*. Google Research. Hanley, J. A. & MacGibbon, B. (2006). Creating
    non-parametric bootstrap samples using Poisson frequencies.
    https://doi.org/10.1016/j.cmpb.2006.04.006

    Examples
    --------
    Half of 200 conversations of a task express a value: standard error sqrt(0.25 / 200).

    >>> task = np.repeat([0, 1], 200)
    >>> found = poisson_bootstrap(task, np.arange(0, 400, 2), np.zeros(200, int), n_boot=2000)
    >>> found.estimate.tolist(), found.standard_error.round(3).tolist()
    ([0.5, 0.5], [0.035, 0.036])
    """
    check_option("statistic", statistic, CellStatistic)
    check_replicates("n_boot", n_boot, seed)
    data = Occurrences.of(context, conversation, value)
    codes = group_codes("cluster", cluster, data.context.size)
    if codes.max() == 0:
        raise ValueError("cluster: there is only one; at least two are needed")
    layout = Layout.of(data, codes)
    estimate = _estimates(data, layout, statistic)
    kept = _kept_cells(keep, data, layout)
    sums = _Sums.empty(layout, kept.size, n_boot)
    _replicate(layout, statistic, estimate, kept, sums, seed)
    n = sums.defined[layout.cell_context]
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where(n > 0, sums.moments[:, 0] / n, np.nan)
        squares = np.maximum(sums.moments[:, 1] - n * shift**2, 0.0)
        error = np.sqrt(np.where(n > 1, squares / (n - 1), np.nan))
    return PoissonBootstrap(
        layout.cell_context,
        layout.cell_value,
        estimate,
        estimate + shift,
        error,
        n,
        kept,
        sums.replicates,
    )


def _estimates(data: Occurrences, layout: Layout, statistic: CellStatistic) -> FloatArray:
    """Return the statistic of the data, cell by cell."""
    k = layout.cell_count.astype(np.float64)
    if statistic == "count":
        return k
    inside = np.diff(layout.context_ptr)[layout.cell_context]
    if statistic == "prevalence":
        return np.asarray(k / inside)
    having = np.bincount(data.value, minlength=data.n_values)[layout.cell_value]
    return np.asarray(k / inside - (having - k) / (data.context.size - inside))


def _kept_cells(keep: ArrayLike | None, data: Occurrences, layout: Layout) -> IntArray:
    """Positions, among the non-empty cells, of those asked for."""
    if keep is None:
        return np.zeros(0, dtype=np.int64)
    asked = as_counts("keep", keep)
    if asked.ndim != 2 or asked.shape[1] != 2:
        raise ValueError(f"keep: shape {asked.shape}; allowed is (n_kept, 2): context and value")
    wanted = asked[:, 0] * data.n_values + asked[:, 1]
    cells = layout.cell_context * data.n_values + layout.cell_value
    found = np.minimum(np.searchsorted(cells, wanted), cells.size - 1)
    absent = (cells[found] != wanted) | (asked[:, 1] >= data.n_values)
    refuse(absent, "keep", "the cell is empty; only cells with a count are bootstrapped")
    _, first = np.unique(found, return_index=True)
    again = np.ones(found.size, dtype=bool)
    again[first] = False
    refuse(again, "keep", "the cell is named in an earlier row")
    return found


@dataclass(frozen=True, slots=True)
class _Sums:
    """What is added up over replicates."""

    moments: FloatArray
    defined: IntArray
    replicates: FloatArray

    @classmethod
    def empty(cls, layout: Layout, n_kept: int, n_boot: int) -> _Sums:
        return cls(
            np.zeros((layout.cell_count.size, 2)),
            np.zeros(layout.context_ptr.size - 1, dtype=np.int64),
            np.empty((n_kept, n_boot)),
        )


def _replicate(
    layout: Layout,
    statistic: CellStatistic,
    estimate: FloatArray,
    kept: IntArray,
    sums: _Sums,
    seed: int,
) -> None:
    """Run all replicates, a block of lanes at a time, each step of it shared among threads."""
    from valuescape.statistics import resampling_kernels as kernels

    n_boot = sums.replicates.shape[1]
    place = np.full(estimate.size, -1, dtype=np.int64)
    place[kept] = np.arange(kept.size)
    kind = get_args(CellStatistic).index(statistic)
    shares = _contexts_by_load(layout, n_threads() * PIECES_A_THREAD)
    weights = np.empty((int(layout.cluster.max()) + 1, kernels.LANES), dtype=np.uint8)
    block_kept = np.empty((kept.size, kernels.LANES))
    with ThreadPoolExecutor(n_threads()) as pool:
        for block, start in enumerate(range(0, n_boot, kernels.LANES)):
            used = min(kernels.LANES, n_boot - start)
            sizes = _draw(layout, weights, stream_key(seed, block), pool)
            values = _value_sums(layout, weights, kind, pool)
            add = partial(
                kernels.bootstrap_contexts, kind, used, layout.context_ptr, layout.conv_ptr,
                layout.cell, layout.cell_ptr, layout.cell_value, layout.cluster, weights, sizes,
                values, estimate, place, sums.moments, sums.defined, block_kept,
            )  # fmt: skip
            in_threads(add, shares, pool)
            sums.replicates[:, start : start + used] = block_kept[:, :used]


def _draw(
    layout: Layout, weights: NDArray[np.uint8], key: np.uint64, pool: ThreadPoolExecutor
) -> IntArray:
    """Fill one block of weights; return the weighted number of conversations, by lane."""
    from valuescape.statistics import resampling_kernels as kernels

    members = np.bincount(layout.cluster)
    parts = slices(weights.shape[0], n_threads())
    sizes = np.zeros((len(parts), kernels.LANES), dtype=np.int64)

    def fill(number: int) -> None:
        kernels.fill_weights(
            key, *parts[number], kernels.THRESHOLDS, members, weights, sizes[number]
        )

    in_threads(fill, range(len(parts)), pool)
    return np.asarray(sizes.sum(axis=0))


def _value_sums(
    layout: Layout, weights: NDArray[np.uint8], kind: int, pool: ThreadPoolExecutor
) -> NDArray[np.uint32]:
    """Weighted conversations with each value, by lane; all zero where the statistic needs none."""
    from valuescape.statistics import resampling_kernels as kernels

    n_values = int(layout.value.max()) + 1
    parts = slices(layout.cluster.size, n_threads() if kind == kernels.DIFFERENCE else 0)
    tables = np.zeros((max(len(parts), 1), n_values, kernels.LANES), dtype=np.uint32)

    def add(number: int) -> None:
        kernels.value_sums(
            *parts[number], layout.conv_ptr, layout.value, layout.cluster, weights, tables[number]
        )

    in_threads(add, range(len(parts)), pool)
    return np.asarray(tables.sum(axis=0, dtype=np.uint32))


def _contexts_by_load(layout: Layout, pieces: int) -> list[IntArray]:
    """Deal contexts out so that every piece has about as many occurrences, largest first."""
    load = np.diff(layout.conv_ptr[layout.context_ptr]) + np.diff(layout.cell_ptr)
    order = np.argsort(-load, kind="stable")
    totals = np.zeros(min(pieces, order.size))
    dealt: list[list[int]] = [[] for _ in totals]
    for context in order:
        lightest = int(np.argmin(totals))
        totals[lightest] += load[context]
        dealt[lightest].append(int(context))
    return [np.array(sorted(part), dtype=np.int64) for part in dealt]
