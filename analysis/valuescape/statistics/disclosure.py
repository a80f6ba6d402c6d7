"""What the totals of a table say about the counts that are hidden in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_counts, refuse
from valuescape.statistics.options import PublishedTotals

if TYPE_CHECKING:
    import pandas as pd

_TIE = 1e-6
_UNBOUNDED = 3


@dataclass(frozen=True, slots=True)
class Additive:
    """A table with totals, and the sums that hold in it.

    Attributes
    ----------
    counts : ndarray of int64, two-dimensional
        Inner counts, then totals in the last row, column or both.
    sums : sparse array, shape (n_sums, counts.size)
        ``sums @ counts.ravel() == 0``: 1 for parts, -1 for their total.
    total : ndarray of bool, shape of counts
        Whether the count is a total.
    """

    counts: IntArray
    sums: sparse.csr_array
    total: BoolArray


@dataclass(frozen=True, slots=True)
class HiddenBounds:
    """Range of every count as an intruder can compute it.

    Attributes
    ----------
    low, high : ndarray of float64, shape of the table
        Equal for published counts; infinite where nothing bounds a hidden one.
    """

    low: FloatArray
    high: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a count: ``row, column, low, high``."""
        import pandas as pd

        rows, columns = np.indices(self.low.shape)
        cells = {"low": self.low.ravel(), "high": self.high.ravel()}
        return pd.DataFrame({"row": rows.ravel(), "column": columns.ravel(), **cells})


def additive_table(counts: IntArray, totals: PublishedTotals) -> Additive:
    """Add totals to a table.

    Raises
    ------
    ValueError
        If the table is not two-dimensional or has no count.

    Examples
    --------
    >>> additive_table(np.array([[1, 2], [3, 4]]), "columns").counts.tolist()
    [[1, 2], [3, 4], [4, 6]]
    """
    if counts.ndim != 2 or not counts.size:
        raise ValueError(f"counts: shape {counts.shape} is not (rows, columns), at least one each")
    whole = counts
    if totals != "rows":
        whole = np.concatenate([whole, whole.sum(axis=0, keepdims=True)])
    if totals != "columns":
        whole = np.concatenate([whole, whole.sum(axis=1, keepdims=True)], axis=1)
    total = np.ones(whole.shape, dtype=np.bool_)
    total[: counts.shape[0], : counts.shape[1]] = False
    return Additive(whole, _sums(whole.shape, totals), total)


def _sums(shape: tuple[int, ...], totals: PublishedTotals) -> sparse.csr_array:
    rows, columns = shape
    blocks = []
    if totals != "rows":
        parts = np.append(np.ones(rows - 1), -1.0)
        blocks.append(sparse.kron(parts[None, :], sparse.eye_array(columns)))
    if totals != "columns":
        parts = np.append(np.ones(columns - 1), -1.0)
        blocks.append(sparse.kron(sparse.eye_array(rows), parts[None, :]))
    return sparse.csr_array(sparse.vstack(blocks))


def cheapest_change(
    table: Additive, hidden: BoolArray, cell: int, amount: float, least: int
) -> FloatArray:
    r"""Change of the table that moves one count by an amount and keeps every sum.

    Minimises :math:`\sum_j c_j |y_j|` over changes y with ``sums @ y == 0`` and no count below
    `least`; c is 0 for hidden counts, 1 + log(1 + a) for other inner counts, and more than a path
    through all inner counts would cost for totals.

    Parameters
    ----------
    table : Additive
        Counts and sums.
    hidden : ndarray of bool, shape (counts.size,)
        Counts that may change without being hidden anew.
    cell : int
        Position of the count, raveled.
    amount : float
        By how much it changes; not 0.
    least : int
        1 if zeros are published, and so never change; else 0.

    Returns
    -------
    ndarray of float64, shape (counts.size,)
        The change, in whole numbers (sums of a two-way table are a network).

    Examples
    --------
    >>> table = additive_table(np.array([[9, 3], [8, 7]]), "columns")
    >>> cheapest_change(table, np.zeros(6, dtype=bool), 1, 2.0, 0).tolist()
    [0.0, 2.0, 0.0, -2.0, 0.0, 0.0]
    """
    values = table.counts.ravel()
    size = values.size
    cost = np.where(hidden, 0.0, 1.0 + np.log1p(values))
    cost[table.total.ravel() & ~hidden] += cost.sum()
    both = np.concatenate([cost, cost]) + _TIE
    fixed = (values == 0) & (least == 1)
    upper = np.concatenate([np.where(fixed, 0.0, np.inf), np.maximum(values - least, 0)])
    taken, left = (cell, cell + size) if amount > 0 else (cell + size, cell)
    lower = np.zeros(2 * size)
    lower[taken] = upper[taken] = abs(amount)
    upper[left] = 0.0
    signed = sparse.csr_array(sparse.hstack([table.sums, -table.sums]))
    moved = _solved(both, signed, np.zeros(signed.shape[0]), np.stack([lower, upper], axis=1)).x
    return np.asarray(np.rint(moved[:size] - moved[size:]) + 0.0, dtype=np.float64)


def hidden_bounds(
    published: ArrayLike, *, totals: PublishedTotals = "both", publish_zeros: bool = False
) -> HiddenBounds:
    """Narrowest range of every hidden count that the published ones imply.

    Parameters
    ----------
    published : array_like of float, shape of the table with totals
        NaN where hidden.
    totals : {"both", "columns", "rows"}
        Which sums are part of the table.
    publish_zeros : bool
        Whether the intruder knows that no hidden count is zero.

    Returns
    -------
    HiddenBounds
        Both ends are attained by whole numbers.

    Raises
    ------
    ValueError
        If a published count is negative or not whole, or no table has these sums.

    References
    ----------
    Fischetti & Salazar (1999), Math. Program. 84, 283-312, doi:10.1007/s101070050023.

    Examples
    --------
    >>> table = [[np.nan, np.nan, 9], [np.nan, np.nan, 30], [12, 27, 39]]
    >>> hidden_bounds(table).high[0].tolist()
    [9.0, 9.0, 9.0]
    """
    shown = np.asarray(published, dtype=np.float64)
    hidden = np.isnan(shown)
    fixed = as_counts("published", np.where(hidden, 0.0, shown)).astype(np.float64)
    refuse(hidden & np.isinf(shown), "published", "must be finite", shown)
    inner = np.zeros(
        (shown.shape[0] - (totals != "rows"), shown.shape[1] - (totals != "columns")),
        dtype=np.int64,
    )
    sums = additive_table(inner, totals).sums
    unknown = np.flatnonzero(hidden)
    system = sums[:, unknown]
    right = -(sums @ fixed.ravel())
    low, high = fixed.ravel().copy(), fixed.ravel().copy()
    for place, cell in enumerate(unknown):
        goal = np.zeros(unknown.size)
        goal[place] = 1.0
        low[cell] = _extreme(goal, system, right, float(publish_zeros))
        high[cell] = -_extreme(-goal, system, right, float(publish_zeros))
    return HiddenBounds(low.reshape(shown.shape), high.reshape(shown.shape))


def _extreme(goal: FloatArray, system: sparse.csr_array, right: FloatArray, least: float) -> float:
    bounds = np.broadcast_to([least, np.inf], (goal.size, 2))
    found = _solved(goal, system, right, bounds)
    if found.status == _UNBOUNDED:
        return -np.inf
    if found.status != 0:
        raise ValueError("published: no table of counts has these sums")
    return float(np.rint(found.fun))


def _solved(cost: FloatArray, system: Any, right: FloatArray, bounds: FloatArray) -> Any:
    solve: Any = optimize.linprog
    return solve(cost, A_eq=system, b_eq=right, bounds=bounds, method="highs-ds")
