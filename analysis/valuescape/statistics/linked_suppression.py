"""Hide small counts of several tables that share totals, and others that protect them.

A value and the heading above it are counted in the same conversations, by kind of task, by stance
and by assistant.  Every table adds up to the same totals, and a heading holds at least as many
conversations as its largest value and at most as many as all its values together.  So what is
hidden in one table may follow from another, and all are protected at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.linked_disclosure import (
    LinkedCounts,
    cheapest_linked_change,
    extreme_counts,
)

_NEAR = 1e-6
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Protection:
    """What is hidden of linked counts.

    Attributes
    ----------
    primary, secondary : ndarray of bool, shape (n,)
        Hidden because small, and hidden to protect another.
    low, high : ndarray of float64, shape (n,)
        The intruder's range of every primary count reaches at least from `low` to `high`.
    """

    primary: BoolArray
    secondary: BoolArray
    low: FloatArray
    high: FloatArray

    @property
    def hidden(self) -> BoolArray:
        """Counts that are not published."""
        return self.primary | self.secondary


def protect_linked(
    table: LinkedCounts,
    primary: BoolArray,
    *,
    floor: int,
    dear: BoolArray,
    given: BoolArray | None = None,
) -> Protection:
    r"""Hide more counts until every small one can be anything up to the floor.

    Of each primary count a two tables are sought that agree with all that is published, with the
    sums and with the limits: one in which it is at most ``max(0, a - floor)``, one in which it is
    at least the floor (for counts above the floor that come from few users, at least
    ``a + floor``), or as large as it is known to be at most.  One linear program serves many;
    where none is found, the cheapest counts are hidden that allow it.

    Parameters
    ----------
    table : LinkedCounts
        Counts and what ties them.
    primary : ndarray of bool, shape (n,)
        Small counts.
    floor : int
        Conversations under which a count is small.
    dear : ndarray of bool, shape (n,)
        Totals: hidden only where nothing else will do.
    given : ndarray of bool, shape (n,), optional
        Counts that are hidden for another reason and need no protection.

    Returns
    -------
    Protection
        Every primary count has a witness at both ends, in real numbers; published counts are those
        that no witness had to change.

    Raises
    ------
    ValueError
        If a count cannot be protected, even by hiding every count.

    References
    ----------
    Fischetti & Salazar (1999), Math. Program. 84, 283-312, doi:10.1007/s101070050023.

    Examples
    --------
    >>> from scipy import sparse
    >>> from valuescape.statistics.linked_disclosure import linked_counts
    >>> parts = sparse.csr_array(np.array([[1.0, 1.0, 1.0, -1.0]]))
    >>> table = linked_counts([3, 20, 30, 53], parts, parts[:0])
    >>> total = np.array([False, False, False, True])
    >>> protect_linked(table, table.counts < 15, floor=15, dear=total).secondary.tolist()
    [False, True, False, False]
    """
    counts = table.counts.astype(float)
    hidden = primary.copy() if given is None else primary | given
    few_users = primary & (counts >= floor)
    low = np.where(primary, np.maximum(counts - floor, 0.0), counts)
    reach = np.where(few_users, counts + floor, float(floor))
    high = np.where(primary, np.minimum(reach, table.most), counts)
    for wanted, downwards in ((low, True), (high, False)):
        todo = primary & (np.abs(wanted - counts) > _NEAR)
        todo &= ~_witnessed(table, hidden, todo, wanted, downwards)
        for cell in np.flatnonzero(todo):
            if not todo[cell]:
                continue
            change = cheapest_linked_change(
                table, hidden, dear, int(cell), float(wanted[cell] - counts[cell])
            )
            if change is None:
                raise ValueError(f"counts: number {cell} cannot be protected")
            hidden |= np.abs(change) > _NEAR
            todo &= ~_reached(counts + change, wanted, downwards)
            todo[cell] = False
    return Protection(primary, hidden & ~primary, low, high)


def _reached(found: FloatArray, wanted: FloatArray, downwards: bool) -> BoolArray:
    return found <= wanted + _NEAR if downwards else found >= wanted - _NEAR


def _witnessed(
    table: LinkedCounts, hidden: BoolArray, todo: BoolArray, wanted: FloatArray, downwards: bool
) -> BoolArray:
    """Tell which counts some tables that agree with the published counts bring where they should.

    Each linear program aims at one part of the counts still wanted; a seed makes the parts the same
    on every run.
    """
    rng = np.random.default_rng(0)
    done = np.zeros(hidden.size, dtype=np.bool_)
    barren = 0
    for _ in range(_ROUNDS):
        left = np.flatnonzero(todo & ~done)
        if not left.size or barren > 2:
            break
        aimed = rng.permutation(left)[: max(1, left.size // (2 if downwards else 4))]
        lower, upper = np.zeros(hidden.size), table.most.copy()
        (lower if downwards else upper)[aimed] = wanted[aimed]
        goal = np.zeros(hidden.size)
        goal[aimed] = (1.0 if downwards else -1.0) * rng.uniform(0.5, 1.0, aimed.size)
        found = extreme_counts(table, hidden, goal, lower, upper)
        if found is None:
            break
        fresh = todo & ~done & _reached(found, wanted, downwards)
        barren = 0 if fresh.any() else barren + 1
        done |= fresh
    return done
