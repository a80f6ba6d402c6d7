"""Which values go with which context, and what is said under resistance, as far as may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.counts.families import count_families
from valuescape.errors import InputError
from valuescape.own.counting import KINDS, LEVELS
from valuescape.own.floors import Floors, Shown
from valuescape.own.frame import GROUP, STANCES, Frame
from valuescape.own.skipped import Skipped
from valuescape.study.associations import associate
from valuescape.study.overview import MINIMUM_CLUSTERS, MINIMUM_CONVERSATIONS, PLAN
from valuescape.study.rankings import top_values
from valuescape.study.resistance import resistance_against_support

_MARGINS = (
    "group",
    "context_kind",
    "level",
    "context",
    "value",
    "n_context",
    "n_value",
    "n_total",
    "n_clusters_context",
    "n_clusters_value",
)
TOP_K = 5


def association_tables(
    frame: Frame, shown: Shown, floors: Floors | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[Skipped]]:
    """Test every context against every value and heading, and rank those of each kind of task.

    Contexts and values enter a family by their margins, which do not see the associations. Cells
    under a floor are tested with the others, so that q-values hold; they are emptied afterwards.

    Returns
    -------
    associations, top_values : DataFrame
        As :func:`~valuescape.study.associations.associate` and
        :func:`~valuescape.study.rankings.top_values`, numbers empty where a cell may not be shown.
    skipped : list of Skipped
        Why there are none, if so.
    """
    part = frame.subjective
    try:
        found = count_families(
            part,
            frame.values_of_assistants(),
            frame.expressed("user"),
            groups=[GROUP],
            context_kinds=KINDS,
            levels=LEVELS,
            minimum_context_clusters=max(MINIMUM_CLUSTERS, floors.users if floors else 0),
            minimum_value_conversations=minimum_conversations(floors),
        )
        tested = associate(found.cells, found.strata, PLAN)
    except InputError as error:
        why = str(error)
        return pd.DataFrame(), pd.DataFrame(), [Skipped("report", "associations", None, why)]
    cells = _masked(tested, shown)
    seen = cells[cells["n_both"].notna()].assign(
        distinctive=lambda t: t["distinctive"].astype(bool)
    )
    if seen.empty or not (seen["context_kind"] == "task_type").any():
        why = "no value or heading is in enough conversations of any one kind of task"
        return (
            cells,
            pd.DataFrame(),
            [Skipped(_step(floors), "rankings by kind of task", None, why)],
        )
    return cells, top_values(seen, context_kind="task_type", top_k=TOP_K), []


def _step(floors: Floors | None) -> str:
    return "floors" if floors else "report"


def minimum_conversations(floors: Floors | None) -> int:
    """Return in how many conversations a value must be to be tested."""
    return max(MINIMUM_CONVERSATIONS, floors.conversations if floors else 0)


def _masked(tested: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Leave out margins that may not be shown, and empty such cells."""
    listed = [
        shown.contexts.get((kind, context), False) and shown.nodes.get((level, value), False)
        for kind, level, context, value in _keys(tested)
    ]
    table = tested[np.array(listed, dtype=bool)].reset_index(drop=True)
    seen = np.array([shown.cells.get(key, False) for key in _keys(table)], dtype=bool)
    for column in table.columns.difference(list(_MARGINS)):
        numbers = pd.api.types.is_float_dtype(table[column])
        kept = table[column] if numbers else table[column].astype(object)
        table[column] = kept.where(seen, np.nan if numbers else None)
    return table.astype({"n_both": "Int64"})


def _keys(table: pd.DataFrame) -> list[tuple[str, int, str, str]]:
    columns = ["context_kind", "level", "context", "value"]
    return [(k, int(level), c, v) for k, level, c, v in table[columns].itertuples(index=False)]


def resistance_table(
    frame: Frame, shown: Shown, floors: Floors | None
) -> tuple[pd.DataFrame, list[Skipped]]:
    """Compare values under resistance with those under support.

    Returns
    -------
    table : DataFrame
        As :func:`~valuescape.study.resistance.resistance_against_support`: values whose counts on
        both sides may be shown.
    skipped : list of Skipped
        Why there is none, if so.
    """
    support, resistance = STANCES[0], STANCES[1]
    missing = [s for s in (resistance, support) if not shown.contexts.get(("stance", s))]
    if missing:
        why = f"too few replies of {missing[0]}"
        return pd.DataFrame(), [Skipped(_step(floors), "resistance against support", None, why)]
    try:
        found = resistance_against_support(
            frame.subjective,
            frame.expressed("assistant"),
            PLAN,
            groups=[GROUP],
            minimum_value_conversations=minimum_conversations(floors),
        )
    except InputError as error:
        return pd.DataFrame(), [Skipped("report", "resistance against support", None, str(error))]
    seen = [
        all(shown.cells.get(("stance", 0, stance, value)) for stance in (support, resistance))
        for value in found["value"]
    ]
    table = found[np.array(seen, dtype=bool)].reset_index(drop=True)
    if table.empty:
        why = "no value is in enough replies of both support and resistance"
        return table, [Skipped(_step(floors), "resistance against support", None, why)]
    return table, []
