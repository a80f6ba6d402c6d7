"""Hide small counts of a table so that its totals do not give them back.

A count is small if it rests on few conversations or few users.  The totals that are published with
a table allow a hidden count to be computed, or bounded; so more counts are hidden until every small
one can, as far as an intruder can tell, be lower and higher by the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, as_counts, refuse
from valuescape.statistics.disclosure import Additive, additive_table, cheapest_change
from valuescape.statistics.options import PublishedTotals, check_option

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Suppression:
    """A table with what may be published of it.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_rows + 1, n_columns + 1) or as `totals` says
        The table with its totals as last row and column.
    primary : ndarray of bool
        Hidden because it is small.
    secondary : ndarray of bool
        Hidden to protect another.
    floor, user_floor : int
        Conversations and users under which a count is small.
    totals : {"both", "columns", "rows"}
        Which totals are published.
    publish_zeros : bool
        Whether zeros are shown.
    """

    counts: IntArray
    primary: BoolArray
    secondary: BoolArray
    floor: int
    user_floor: int
    totals: PublishedTotals
    publish_zeros: bool

    @property
    def hidden(self) -> BoolArray:
        """Counts that are not published."""
        return self.primary | self.secondary

    @property
    def published(self) -> FloatArray:
        """The counts, NaN where hidden; NaN is not zero."""
        return np.where(self.hidden, np.nan, self.counts)

    def to_frame(self) -> pd.DataFrame:
        """One row a count: ``row, column, published, why`` (empty, primary or secondary)."""
        import pandas as pd

        rows, columns = np.indices(self.counts.shape)
        why = np.where(self.primary, "primary", np.where(self.secondary, "secondary", ""))
        return pd.DataFrame(
            {
                "row": rows.ravel(),
                "column": columns.ravel(),
                "published": self.published.ravel(),
                "why": why.ravel(),
            }
        )


def suppress(
    counts: ArrayLike,
    *,
    users: ArrayLike | None = None,
    floor: int = 15,
    user_floor: int = 5,
    totals: PublishedTotals = "both",
    publish_zeros: bool = False,
) -> Suppression:
    r"""Hide small counts, and others that protect them, in a table published with its totals.

    An intruder knows the published counts, that hidden ones are not negative (at least 1, if zeros
    are published), and that parts add up to totals.  For each small count a two changes of the
    hidden counts are sought that respect all of this: one that lowers it by min(a, floor), one that
    raises it by the floor.  Where the hidden counts do not allow it, the cheapest counts that do
    are hidden too, a total only where no inner count will do (linear program; Fischetti & Salazar
    1999 call the two changes protection levels).  The intruder's range of every small count thus
    covers 0 to the floor; where zeros are published, it begins at 1, or for a total at its number
    of positive parts.

    Parameters
    ----------
    counts : array_like of int, shape (n_rows, n_columns)
        Conversations; without totals.
    users : array_like of int, optional
        Distinct users behind each count, totals included: users do not add up, so the shape is
        that of the table with the totals of `totals`.  Without it only `floor` counts.
    floor, user_floor : int
        A count under either is small.
    totals : {"both", "columns", "rows"}
        Published sums: "columns" where only the counts of a column add up to something, as when a
        conversation expresses several values (the columns) in one context (the rows).
    publish_zeros : bool
        Show zeros, which concern nobody, and never hide them.

    Returns
    -------
    Suppression
        The table with totals, and what is hidden.

    Raises
    ------
    ValueError
        If counts are negative, not whole or empty, `users` has another shape or exceeds the
        counts, or a floor is below 1.

    References
    ----------
    Fischetti & Salazar (1999), Math. Program. 84, 283-312, doi:10.1007/s101070050023; Hundepool et
    al. (2012), Statistical Disclosure Control, ch. 4, doi:10.1002/9781118348239.

    Examples
    --------
    >>> found = suppress([[40, 3], [30, 50], [60, 70]])
    >>> found.published[:3, :2].tolist()
    [[nan, nan], [nan, nan], [60.0, 70.0]]
    """
    check_option("totals", totals, PublishedTotals)
    for name, value in (("floor", floor), ("user_floor", user_floor)):
        if value < 1:
            raise ValueError(f"{name} = {value}: must be at least 1")
    whole = as_counts("counts", counts)
    table = additive_table(whole, totals)
    primary = _small(table.counts, users, floor, user_floor)
    if publish_zeros:
        primary &= table.counts > 0
    lowest = additive_table((whole > 0) * int(publish_zeros), totals).counts
    hidden = _protected(table, primary, floor, lowest)
    return Suppression(
        table.counts, primary, hidden & ~primary, floor, user_floor, totals, publish_zeros
    )


def _small(counts: IntArray, users: ArrayLike | None, floor: int, user_floor: int) -> BoolArray:
    small = counts < floor
    if users is None:
        return small
    known = as_counts("users", users)
    if known.shape != counts.shape:
        raise ValueError(f"users has shape {known.shape}; with totals the table has {counts.shape}")
    refuse(known > counts, "users", "more users than conversations", known)
    return small | (known < user_floor)


def _protected(table: Additive, primary: BoolArray, floor: int, lowest: IntArray) -> BoolArray:
    """Hide counts until every small one can change by its protection levels.

    No count can fall below what is known of it: where zeros are published, 1 for each positive
    part.
    """
    least = int(lowest.any())
    hidden = primary.ravel().copy()
    values = table.counts.ravel()
    down = np.where(hidden, np.minimum(values - lowest.ravel(), floor), 0)
    up = np.where(hidden, floor, 0)
    for needed in (-down.astype(np.float64), up.astype(np.float64)):
        wanted = needed.copy()
        while wanted.any():
            cell = int(np.argmax(np.abs(wanted)))
            change = cheapest_change(table, hidden, cell, wanted[cell], least)
            hidden |= change != 0
            wanted[np.sign(wanted) * (change - wanted) >= 0] = 0.0
    return hidden.reshape(table.counts.shape)
