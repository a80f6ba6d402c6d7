"""The conversations behind a family of cells, for tests that need more than its counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.counts.families import RollUp, context_presence
from valuescape.counts.frame import Presence, presence
from valuescape.study.plan import FAMILY


@dataclass(frozen=True, slots=True)
class FamilyData:
    """One family, conversation by conversation.

    Attributes
    ----------
    family : dict
        ``group``, ``context_kind`` and ``level``.
    frame : DataFrame
        Subjective conversations of the group.
    contexts, values : Presence
        Which of them is in which context and expresses which value of the family.
    """

    family: dict[str, str | int]
    frame: pd.DataFrame
    contexts: Presence
    values: Presence


def each_family(
    frame: pd.DataFrame, values_at: RollUp, user_values: pd.DataFrame, cells: pd.DataFrame
) -> Iterator[FamilyData]:
    """Lay out every family that a table of cells names.

    Parameters
    ----------
    frame : DataFrame
        The analysis frame that was counted.
    values_at, user_values
        As for :func:`valuescape.counts.families.count_families`.
    cells : DataFrame
        With the key of the cells.
    """
    for key, part in cells.groupby(FAMILY, sort=True):
        group, kind = str(key[0]), str(key[1])
        level = int(part["level"].iloc[0])
        rows = (frame["group"] == group) & frame["subjective"]
        inside = frame[rows].reset_index(drop=True)
        found = context_presence(inside, kind, user_values)
        wanted = np.unique(part["context"].astype(str))
        columns = pd.Index(found.names).get_indexer(pd.Index(wanted))
        expressed = values_at(level)
        values = np.unique(part["value"].astype(str))
        yield FamilyData(
            {"group": group, "context_kind": kind, "level": level},
            inside,
            Presence(found.matrix[:, columns], wanted),
            presence(inside["conversation_id"], expressed, "value", values),
        )
