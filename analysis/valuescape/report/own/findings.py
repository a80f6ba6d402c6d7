"""Headline findings of a report in words, each with its interval."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from valuescape.report.own.contents import HEADING_LEVEL, Q_THRESHOLD, Contents
from valuescape.report.own.wording import SPACE, inside, listed, percent, share, span, times
from valuescape.report.style import RESPONSE_TYPE_NAMES

_SHOWN, _PRECISE = 3, 0.5


def findings(contents: Contents) -> list[tuple[str, str]]:
    """Say what was found, the plainest first.

    Returns
    -------
    list of (str, str)
        A few words that name the finding, and its sentence.
    """
    told: list[Callable[[Contents], tuple[str, str] | None]] = [
        _common,
        _headings,
        _tasks,
        _answers,
        _mirroring,
        _resistance,
        _undesired,
    ]
    return [found for tell in told if (found := tell(contents)) is not None]


def _common(contents: Contents) -> tuple[str, str] | None:
    values = contents.of_level(0)
    if values.empty:
        return None
    first, rest = values.iloc[0], values.iloc[1:_SHOWN]
    also = [f"{row['name']} in {_exact(row)}" for _, row in rest.iterrows()]
    more = f", then {listed(also)}" if also else ""
    return "Common values", (
        f"{_who(contents)} express {first['name']} most often: in {share(first)} of subjective "
        f"conversations{more}.{_caution(contents, str(first['name']))}"
    )


def _who(contents: Contents) -> str:
    """Begin a sentence on the commonest: what is hidden may be more common."""
    return "Of the values that may be shown, assistants" if contents.floors else "Assistants"


def _caution(contents: Contents, value: str) -> str:
    """Say how often the label of a value was right elsewhere, where that is known and low."""
    if contents.quality is None:
        return ""
    known = contents.quality.values.set_index("name")["precision"]
    if value not in known.index or known[value] >= _PRECISE:
        return ""
    return (
        f" On other conversations {percent(known[value])} of the labels {value} agreed with a "
        "reading: the order is provisional."
    )


def _headings(contents: Contents) -> tuple[str, str] | None:
    headings = contents.of_level(HEADING_LEVEL)
    if len(headings) < 2:
        return None
    first, second = headings.iloc[0], headings.iloc[1]
    return "Kinds of values", (
        f"{first['name']} are expressed in {share(first)}, {second['name'].lower()} in "
        f"{share(second)}."
    )


def _tasks(contents: Contents) -> tuple[str, str] | None:
    cells = contents.tables["associations"]
    if cells.empty:
        return None
    tested = cells[(cells["context_kind"] == "task_type") & (cells["level"] == 0)]
    found = contents.established("task_type")
    if found.empty:
        if tested.empty:
            return None
        which = "of the counts that may be shown none" if contents.floors else "no count"
        return "Values and tasks", (
            f"No value can be shown to go with a kind of task: {which} passes the test at a false "
            f"discovery rate of {100 * Q_THRESHOLD:g}{SPACE}%. That is no evidence of independence."
        )
    strongest = found.sort_values("fcr_low", ascending=False).head(2)
    parts = [
        f"{row['value']} is {times(row['risk_ratio'])} times as frequent in "
        f"{inside('task_type', row['context'])} as elsewhere "
        f"({times(row['fcr_low'])} to {times(row['fcr_high'])})"
        for _, row in strongest.iterrows()
    ]
    text = f"{parts[0][0].upper()}{'; '.join(parts)[1:]}."
    if len(found) > len(parts):
        text += f" In all, {len(found):,} pairs of value and task are established."
    return "Values follow the task", f"{text} Intervals allow for the selection."


def _answers(contents: Contents) -> tuple[str, str] | None:
    types = contents.tables["response_types"]
    if types.empty:
        return None
    answered = types[types["name"] != "no_values"].sort_values("estimate", ascending=False)
    parts = [
        f"{inside('response_type', row['name'])} in {_exact(row)}"
        for _, row in answered.head(_SHOWN).iterrows()
    ]
    told = []
    if parts:
        of = (
            "Of the answers that may be shown"
            if len(types) < len(RESPONSE_TYPE_NAMES)
            else "Of all answers"
        )
        many = "is" if len(parts) == 1 else "are"
        told.append(f"{of}, the commonest to what users value {many} {listed(parts)}.")
    none = types[types["name"] == "no_values"]
    if not none.empty:
        told.append(f"In {_exact(none.iloc[0])} the user brings no values to respond to.")
    return "How users are answered", " ".join(told)


def _mirroring(contents: Contents) -> tuple[str, str] | None:
    table = contents.tables["mirroring"]
    if table.empty or not (table["stance"] == "any").any():
        return None
    every = table[table["stance"] == "any"]
    rows = {str(row["quantity"]): row for _, row in every.iterrows()}
    return "Mirroring", (
        "Where a user states a value, the assistant expresses one of the user's values in "
        f"{share(rows['observed'])} of conversations, against "
        f"{percent(rows['expected']['estimate'])} expected from the task and the number of values."
    )


def _resistance(contents: Contents) -> tuple[str, str] | None:
    table = contents.tables["resistance"]
    if table.empty:
        return None
    found = table[(table["q_value"] <= Q_THRESHOLD) & (table["risk_ratio"] > 1)]
    if found.empty:
        return None
    row = found.sort_values("fcr_low", ascending=False).iloc[0]
    return "Under resistance", (
        f"When assistants resist, {row['value']} is {times(row['risk_ratio'])} times as frequent "
        f"as when they support ({times(row['fcr_low'])} to {times(row['fcr_high'])})."
    )


def _undesired(contents: Contents) -> tuple[str, str] | None:
    table = contents.tables["undesired"]
    whole = table[table["part"] == "all"] if not table.empty else table
    if whole.empty:
        return None
    names = {"any undesired value": "an undesired value", "any fault": "a fault of the reply"}
    parts = [f"{names[row['outcome']]} in {_exact(row)}" for _, row in whole.iterrows()]
    text = listed(parts)
    return "Undesired values and faults", (
        f"The labeller finds {text} of subjective conversations. Such labels are the weakest: read "
        "conversations before you conclude."
    )


def _exact(row: pd.Series) -> str:
    return f"{percent(row['estimate'])} ({span(row)})"
