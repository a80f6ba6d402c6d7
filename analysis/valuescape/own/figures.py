"""Figures of a report on someone's own conversations, by the modules that draw the study's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.report.figures import (
    associations,
    mirroring,
    prevalences,
    resistance,
    responses,
    undesired,
)
from valuescape.report.figures.base import Drawing
from valuescape.report.own.contents import HEADING_LEVEL, Q_THRESHOLD, Contents
from valuescape.report.own.wording import context, inside, listed, percent, span, times
from valuescape.report.style import HEADING_COLOURS, OWN_GROUP, RESPONSE_TYPE_NAMES

VALUES_SHOWN, HEAT_MAP_VALUES, RANKED, DEFENDED = 20, 30, 4, 24
MINIMUM_CLUSTERS = 10


@dataclass(frozen=True, slots=True)
class Captioned:
    """A figure with its words.

    Attributes
    ----------
    drawing : Drawing
        What is drawn.
    title, caption, alt : str
        Heading, what to see and how to read it, and what it shows for those who do not see it.
    """

    drawing: Drawing
    title: str
    caption: str
    alt: str


def own_figures(contents: Contents) -> list[Captioned]:
    """Prepare every figure that the tables can fill, in the order of the page."""
    makers: list[Callable[[Contents], Captioned | None]] = [
        _tasks,
        _values,
        _headings,
        _heat_map,
        _ranked,
        _responses,
        _mirroring,
        _resistance,
        _undesired,
    ]
    return [found for make in makers if (found := make(contents)) is not None]


def _n(contents: Contents) -> int:
    return int(contents.sizes["subjective"] or 0)


def _shares_in_words(table: pd.DataFrame, n: int = 3) -> str:
    return listed(
        [f"{row['name']} {percent(row['estimate'])}" for _, row in table.head(n).iterrows()]
    )


def _tasks(contents: Contents) -> Captioned | None:
    table = contents.tables["task_types"]
    if table.empty:
        return None
    ordered = table.sort_values(["estimate", "name"], ascending=[False, True])
    named = ordered.assign(name=[context("task_type", name) for name in ordered["name"]])
    return Captioned(
        Drawing(
            "task_types",
            prevalences.own_data(named, _n(contents)),
            ("row",),
            prevalences.draw_common_values,
        ),
        "What users come for",
        "Share of each kind of task among subjective conversations, with 95 % intervals.",
        f"Dots with intervals, a row a kind of task. The largest: {_shares_in_words(named)}.",
    )


def _values(contents: Contents) -> Captioned | None:
    table = contents.of_level(0)
    if table.empty:
        return None
    return Captioned(
        Drawing(
            "common_values",
            prevalences.own_data(table, _n(contents), VALUES_SHOWN),
            ("group", "row"),
            prevalences.draw_common_values,
        ),
        "The most common values",
        "Share of subjective conversations in which the assistant expresses a value, with 95 % "
        "intervals. † undesirable, ‡ contested, § fault of the reply.",
        f"Dots with intervals, a row a value. The most common: {_shares_in_words(table)}.",
    )


def _headings(contents: Contents) -> Captioned | None:
    table = contents.of_level(HEADING_LEVEL)
    if table.empty:
        return None
    order = {node: place for place, node in enumerate(HEADING_COLOURS)}
    placed = table.assign(place=table["node_id"].map(order)).sort_values("place")
    return Captioned(
        Drawing(
            "headings",
            prevalences.own_data(placed.drop(columns="place"), _n(contents)),
            ("group", "row"),
            prevalences.draw_headings,
        ),
        "The headings above the values",
        "A conversation counts under a heading if the assistant expresses any value below it; so "
        "shares do not add up to 100 %.",
        f"Dots with intervals, a row a heading. The most common: {_shares_in_words(table)}.",
    )


def _heat_map(contents: Contents) -> Captioned | None:
    cells = contents.tables["associations"]
    if cells.empty:
        return None
    polarity = contents.of_level(0).set_index("name")["polarity"]
    seen = cells[(cells["level"] == 0) & (cells["context_kind"] == "task_type")]
    seen = seen[seen["adjusted_residual"].notna()]
    if seen["context"].nunique() < 2 or seen["value"].nunique() < 2:
        return None
    limit = max(10.0, 10.0 * np.ceil(seen["adjusted_residual"].abs().quantile(0.8) / 10.0))
    data = associations.heat_map_data(
        seen, polarity, OWN_GROUP, HEAT_MAP_VALUES, limit, Q_THRESHOLD
    )
    marked = int(data["marked"].sum())
    blank = " White cells are below a floor and hidden." if contents.floors else ""
    return Captioned(
        Drawing("task_values", data, ("row", "column"), associations.draw_heat_map),
        "Which values go with which task",
        "Adjusted residuals: how far, in standard deviations under independence, a count lies "
        "above (orange) or below (violet) what the margins lead one to expect. A disc marks more, "
        f"a ring fewer than elsewhere by the test that respects clusters (q ≤ "
        f"{Q_THRESHOLD:g}).{blank}",
        f"Heat map of {data['row'].nunique()} values by {data['column'].nunique()} kinds of task; "
        f"{marked} cells are marked as established.",
    )


def _ranked(contents: Contents) -> Captioned | None:
    table = contents.tables["top_values"]
    if table.empty:
        return None
    ranked = associations.top_values_data(table, OWN_GROUP, RANKED)
    named = ranked[ranked["rank"] > 0]
    if named.empty:
        return None
    first = named[named["rank"] == 1]
    told = [
        f"{row['value']} in {inside('task_type', row['context'])} "
        f"({times(row['risk_ratio'])} times)"
        for _, row in first.sort_values("log_rr", ascending=False).head(3).iterrows()
    ]
    return Captioned(
        Drawing("top_values", ranked, ("row",), associations.draw_top_values),
        "What is distinctive of each task",
        "The values most over-represented in each kind of task: risk ratio against the other "
        "kinds, shrunken towards 1 where little is known (empirical Bayes), with 95 % intervals.",
        f"Dots with intervals, up to {RANKED} values a kind of task. The strongest: "
        f"{listed(told)}.",
    )


def _responses(contents: Contents) -> Captioned | None:
    overall = contents.tables["response_types"]
    if overall.empty:
        return None
    by_task = contents.tables["response_types_by_task_type"]
    data = responses.own_data(overall, by_task, _n(contents))
    named = overall.sort_values("estimate", ascending=False)
    dark = " A dash stands for what is below a floor and hidden." if contents.floors else ""
    named = named.assign(name=[RESPONSE_TYPE_NAMES[name].lower() for name in named["name"]])
    return Captioned(
        Drawing("response_types", data, ("row", "response_type"), responses.draw_shares),
        "How users are answered",
        "Stance of the reply towards the values that the user expresses, by kind of task (with "
        f"five {contents.clusters} or more): shares of the row with 95 % intervals. Strong support "
        "to strong resistance from left to right; last, replies to users who bring no values to "
        f"respond to.{dark}",
        f"Bars with intervals. Over all kinds of task: {_shares_in_words(named)}.",
    )


def _mirroring(contents: Contents) -> Captioned | None:
    table = contents.tables["mirroring"]
    if table.empty:
        return None
    data = mirroring.mirroring_data(table, MINIMUM_CLUSTERS, (OWN_GROUP,))
    rows = table[table["stance"] == table["stance"].iloc[0]].set_index("quantity")
    return Captioned(
        Drawing("mirroring", data, ("group", "row", "quantity"), mirroring.draw_mirroring),
        "Whether users hear their own values back",
        "Share of conversations in which the assistant expresses a value that the user expresses; "
        "expected: the same had the assistant's values come from another conversation of the same "
        "task type and with as many values.",
        "Dots with intervals, a row a stance. Observed "
        f"{percent(rows.loc['observed', 'estimate'])} ({span(rows.loc['observed'])}), expected "
        f"{percent(rows.loc['expected', 'estimate'])}.",
    )


def _resistance(contents: Contents) -> Captioned | None:
    table = contents.tables["resistance"]
    if table.empty or not (table["risk_ratio"] > 0).any():
        return None
    polarity = contents.of_level(0).set_index("name")["polarity"]
    data = resistance.resistance_data(table, polarity, OWN_GROUP, DEFENDED, Q_THRESHOLD)
    first = data.iloc[0]
    return Captioned(
        Drawing("resistance", data, ("row",), resistance.draw_resistance),
        "What is said when assistants resist",
        "How many times as frequent a value is when the assistant resists as when it supports, "
        f"with 95 % intervals; filled where established (q ≤ {Q_THRESHOLD:g}).",
        f"Risk ratios of {len(data)} values on a logarithmic axis. Highest: {first['value']}, "
        f"{times(first['risk_ratio'])} times.",
    )


def _undesired(contents: Contents) -> Captioned | None:
    table = contents.tables["undesired"]
    if table.empty:
        return None
    whole = table[table["part"] == "all"]
    told = [f"{row['outcome']} {percent(row['estimate'])}" for _, row in whole.iterrows()]
    return Captioned(
        Drawing("undesired_values", undesired.own_data(table), ("row", "outcome"),
                undesired.draw_undesired),
        "Undesired values and faults of the reply",
        "Share of subjective conversations, with exact 95 % intervals on effective counts.",
        f"Dots with intervals, a row an assistant. Over all: {listed(told)}.",
    )  # fmt: skip
