"""What the sums and inclusions of linked tables say about the counts that are hidden in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_counts

if TYPE_CHECKING:
    import pandas as pd

_TIE = 1e-6
_UNBOUNDED = 3


@dataclass(frozen=True, slots=True)
class LinkedCounts:
    """Counts of several tables at once, each count one entry, and what ties them.

    Attributes
    ----------
    counts : ndarray of int64, shape (n,)
        The true counts.
    most : ndarray of float64, shape (n,)
        What an intruder knows to be the most of each, infinite where nothing is known.
    sums : sparse array, shape (n_sums, n)
        ``sums @ counts == 0``: 1 for parts, -1 for their total.
    limits : sparse array, shape (n_limits, n)
        ``limits @ counts <= 0``: a part is no larger than its whole, a union no larger than the sum
        of its parts.
    """

    counts: IntArray
    most: FloatArray
    sums: sparse.csr_array
    limits: sparse.csr_array

    def __post_init__(self) -> None:
        """Check that the counts obey what is said of them."""
        if (
            (self.counts < 0).any()
            or (self.counts > self.most).any()
            or (self.sums @ self.counts != 0).any()
            or (self.limits @ self.counts > 0).any()
        ):
            raise ValueError("counts: they do not obey the sums, limits and largest values given")


@dataclass(frozen=True, slots=True)
class LinkedBounds:
    """Range of every count as an intruder can compute it.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n,)
        Equal for published counts; infinite where nothing bounds a hidden one.
    """

    low: FloatArray
    high: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a count: ``low, high``."""
        import pandas as pd

        return pd.DataFrame({"low": self.low, "high": self.high})


def linked_counts(
    counts: ArrayLike,
    sums: sparse.csr_array,
    limits: sparse.csr_array,
    most: ArrayLike | None = None,
) -> LinkedCounts:
    """Tie counts together.

    Raises
    ------
    ValueError
        If the counts are negative, not whole, or do not obey what is said of them.

    Examples
    --------
    >>> parts = sparse.csr_array(np.array([[1.0, 1.0, -1.0]]))
    >>> linked_counts([3, 20, 23], parts, parts[:0]).counts.tolist()
    [3, 20, 23]
    """
    whole = as_counts("counts", counts)
    highest = np.full(whole.size, np.inf) if most is None else np.asarray(most, dtype=float)
    return LinkedCounts(whole, highest, sparse.csr_array(sums), sparse.csr_array(limits))


def cheapest_linked_change(
    table: LinkedCounts, hidden: BoolArray, dear: BoolArray, cell: int, amount: float
) -> FloatArray | None:
    r"""Change of linked counts that moves one by an amount and keeps every sum and limit.

    Minimises :math:`\sum_j c_j |y_j|`; c is 0 for hidden counts, 1 + log(1 + a) for others, and
    more than all of these together for dear ones (totals).

    Parameters
    ----------
    table : LinkedCounts
        Counts and what ties them.
    hidden, dear : ndarray of bool, shape (n,)
        Counts that may change for nothing, and those that should be the last to be hidden.
    cell : int
        Which count.
    amount : float
        By how much it changes; not 0.

    Returns
    -------
    ndarray of float64, shape (n,), or None
        The change; None if no counts obey it.

    Examples
    --------
    >>> parts = sparse.csr_array(np.array([[1.0, 1.0, -1.0]]))
    >>> table = linked_counts([3, 20, 23], parts, parts[:0])
    >>> total = np.array([False, False, True])
    >>> cheapest_linked_change(table, ~total & False, total, 0, 12.0).tolist()
    [12.0, -12.0, 0.0]
    """
    values, size = table.counts.astype(float), table.counts.size
    cost = np.where(hidden, 0.0, 1.0 + np.log1p(values))
    cost[dear & ~hidden] += cost.sum()
    upper = np.concatenate([table.most - values, values])
    lower = np.zeros(2 * size)
    taken, left = (cell, cell + size) if amount > 0 else (cell + size, cell)
    if upper[taken] < abs(amount):
        return None
    lower[taken] = upper[taken] = abs(amount)
    upper[left] = 0.0
    solve: Any = optimize.linprog
    found = solve(
        np.concatenate([cost, cost]) + _TIE,
        A_eq=sparse.hstack([table.sums, -table.sums], format="csr"),
        b_eq=np.zeros(table.sums.shape[0]),
        A_ub=sparse.hstack([table.limits, -table.limits], format="csr"),
        b_ub=-(table.limits @ values),
        bounds=np.stack([lower, upper], axis=1),
        method="highs-ds",
    )
    if found.status != 0:
        return None
    return np.asarray(found.x[:size] - found.x[size:] + 0.0, dtype=np.float64)


def extreme_counts(
    table: LinkedCounts, hidden: BoolArray, goal: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray | None:
    """Find counts that agree with the published ones and make a goal as small as can be.

    Parameters
    ----------
    table : LinkedCounts
        Counts and what ties them.
    hidden : ndarray of bool, shape (n,)
        Counts that the intruder does not see.
    goal : ndarray of float64, shape (n,)
        ``goal @ counts`` is minimised.
    lower, upper : ndarray of float64, shape (n,)
        Bounds of hidden counts.

    Returns
    -------
    ndarray of float64, shape (n,), or None
        None if the goal has no end.
    """
    values = table.counts.astype(float)
    rest = np.where(hidden, 0.0, values)
    free = np.flatnonzero(hidden)
    solve: Any = optimize.linprog
    found = solve(
        goal[free],
        A_eq=table.sums[:, free],
        b_eq=-(table.sums @ rest),
        A_ub=table.limits[:, free],
        b_ub=-(table.limits @ rest),
        bounds=np.stack([lower[free], upper[free]], axis=1),
        method="highs-ds",
    )
    if found.status == _UNBOUNDED:
        return None
    if found.status != 0:
        raise ValueError("counts: no table of counts agrees with the published ones")
    rest[free] = found.x
    return rest


def linked_bounds(table: LinkedCounts, hidden: BoolArray) -> LinkedBounds:
    """Range of every count that the published ones, the sums and the limits imply.

    Parameters
    ----------
    table : LinkedCounts
        Counts and what ties them; the values of hidden ones are not used.
    hidden : ndarray of bool, shape (n,)
        Counts that the intruder does not see.

    Returns
    -------
    LinkedBounds
        By two linear programs a hidden count.

    Examples
    --------
    >>> parts = sparse.csr_array(np.array([[1.0, 1.0, 1.0, -1.0]]))
    >>> table = linked_counts([3, 20, 30, 53], parts, parts[:0])
    >>> linked_bounds(table, np.array([True, True, False, False])).high.tolist()
    [23.0, 23.0, 30.0, 53.0]
    """
    low, high = table.counts.astype(float), table.counts.astype(float)
    lower = np.zeros(table.counts.size)
    for cell in np.flatnonzero(hidden):
        goal = np.zeros(table.counts.size)
        goal[cell] = 1.0
        least = extreme_counts(table, hidden, goal, lower, table.most)
        most = extreme_counts(table, hidden, -goal, lower, table.most)
        low[cell] = -np.inf if least is None else least[cell]
        high[cell] = np.inf if most is None else most[cell]
    return LinkedBounds(low, high)
