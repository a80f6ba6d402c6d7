"""Estimates and their limits: which columns belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

_ENDS = (("{}_low", "{}_high"), ("ci_low", "ci_high"), ("low", "high"))


@dataclass(frozen=True, slots=True)
class Joined:
    """One printed column.

    Attributes
    ----------
    column : str
        The column, or the estimate.
    limits : tuple of str
        Its two limits, if they are printed with it.
    """

    column: str
    limits: tuple[str, str] | None = None


def limits_of(frame: pd.DataFrame, column: str) -> tuple[str, str] | None:
    """Return the columns with the limits of a column, if there are any.

    Examples
    --------
    >>> limits_of(pd.DataFrame(columns=["share", "share_low", "share_high"]), "share")
    ('share_low', 'share_high')
    """
    for low, high in _ENDS if column == "estimate" else _ENDS[:1]:
        pair = low.format(column), high.format(column)
        if all(name in frame.columns for name in pair):
            return pair
    return None


def join_intervals(frame: pd.DataFrame, columns: Sequence[str], *, join: bool) -> list[Joined]:
    """Return the printed columns: an estimate and its limits in one, or in three side by side.

    A confidence level that is one for all rows is said in the headers of the intervals instead.

    Examples
    --------
    >>> frame = pd.DataFrame(columns=["n", "estimate", "ci_low", "ci_high"])
    >>> [(found.column, found.limits) for found in join_intervals(frame, list(frame), join=True)]
    [('n', None), ('estimate', ('ci_low', 'ci_high'))]
    """
    limits = {column: limits_of(frame, column) for column in columns}
    hidden = {end for pair in limits.values() if pair for end in pair}
    if join and hidden and level_of(frame) is not None:
        hidden.add("conf_level")
    found = []
    for column in columns:
        if column in hidden:
            continue
        pair = limits[column]
        found.append(Joined(column, pair if join else None))
        if pair and not join:
            found += [Joined(end) for end in pair]
    return found


def level_of(frame: pd.DataFrame) -> float | None:
    """Return the confidence level of all rows, if the table says one."""
    if "conf_level" not in frame.columns:
        return None
    levels = frame["conf_level"].unique()
    return float(levels[0]) if len(levels) == 1 and pd.notna(levels[0]) else None
