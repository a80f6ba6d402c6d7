"""The embedded labeller against readings, with two readings of one conversation as reference."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import (
    as_percent,
    axis_name,
    canvas,
    inches,
    row_counts,
    row_text,
    rows,
)

AGREEMENT_COLUMNS = ("pair", "group", "facet", "statistic", "estimate", "ci_low", "ci_high", "n")
PRECISION_COLUMNS = (
    "pair",
    "facet",
    "name",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "recall_low",
    "recall_high",
    "n_reference",
    "n_predicted",
    "n",
)
_MEASURES = {
    "subjective": "cohen_kappa",
    "task_type": "cohen_kappa",
    "response_type": "cohen_kappa",
    "response_type_subjective": "cohen_kappa",
    "values": "jaccard",
}
_SIGNS = {"cohen_kappa": "κ", "jaccard": "Jaccard index"}
_MACHINE = "#0072B2"
_MARKS = {
    "machine": (-0.17, "o", _MACHINE, "embedded labeller"),
    "reading": (0.17, "s", "#555555", "second reading"),
}


def agreement_data(agreement: pd.DataFrame, reading: str, second: str) -> pd.DataFrame:
    """Take one coefficient a facet for two pairs: two readings, and a reading and the machine.

    Parameters
    ----------
    agreement : DataFrame
        Columns :data:`AGREEMENT_COLUMNS`; the machine's labeller begins with "embedded".
    reading, second : str
        Labellers of the first and the second reading.

    Returns
    -------
    DataFrame
        A row a facet and ``against`` ("reading" or "machine"), with ``row`` from 1.
    """
    against = {f"{reading} and {second}": "reading"}
    machine = agreement["pair"].str.startswith(f"{reading} and embedded")
    named = agreement["pair"].map(against).where(~machine, "machine")
    wanted = agreement["facet"].map(_MEASURES) == agreement["statistic"]
    chosen = agreement[named.notna() & wanted & (agreement["group"] == "all")]
    places = {facet: place for place, facet in enumerate(_MEASURES, start=1)}
    return chosen.assign(against=named, row=chosen["facet"].map(places))


def draw_agreement(data: pd.DataFrame) -> Figure:
    """Draw a row a facet: the machine filled, the second reading hollow."""
    n_rows, step, top = len(_MEASURES), 0.36, 0.22
    figure = canvas(top + n_rows * step + 0.46)
    axes = inches(figure, 2.45, top, 3.45, n_rows * step)
    rows(axes, n_rows)
    axes.set_xlim(0, 1)
    axes.grid(axis="x")
    for against in _MARKS:
        _draw_pair(axes, data[data["against"] == against].sort_values("row"), against)
    shifts = data["against"].map({name: mark[0] for name, mark in _MARKS.items()})
    row_counts(axes, 1.15, data["row"] + shifts, data["n"])
    axes.set_yticks(
        range(1, n_rows + 1),
        [f"{style.FACET_NAMES[facet]} ({_SIGNS[of]})" for facet, of in _MEASURES.items()],
    )
    axes.set_xlabel("Agreement with the first reading")
    return figure


def _draw_pair(axes: Axes, part: pd.DataFrame, against: str) -> None:
    """Draw one kind of mark in every row and name it beside the first."""
    shift, mark, colour, name = _MARKS[against]
    row = part["row"] + shift
    axes.hlines(row, part["ci_low"], part["ci_high"], color=colour, linewidth=1.2)
    axes.scatter(
        part["estimate"],
        row,
        marker=mark,
        s=22,
        linewidths=1.0,
        edgecolors=colour,
        facecolors=colour if against == "machine" else "white",
        zorder=3,
    )
    axes.annotate(
        name,
        (part["ci_low"].iloc[0], row.iloc[0]),
        xytext=(-5, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        fontsize=style.SMALL + 0.2,
        color=colour,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )


def precision_data(
    precision: pd.DataFrame, reading: str, polarity: pd.Series, n_values: int
) -> pd.DataFrame:
    """Take precision and recall of the machine: every category, and the commonest values.

    Parameters
    ----------
    precision : DataFrame
        Columns :data:`PRECISION_COLUMNS`.
    reading : str
        Labeller of the reading compared with.
    polarity : Series
        Polarity by the printed name of the value.
    n_values : int
        Values shown: those the reading names most often.

    Returns
    -------
    DataFrame
        A row a category with ``label``, ``block`` (its facet) and ``row``; one row is left above
        each facet for its name.
    """
    machine = precision[precision["pair"].str.startswith(f"{reading} and embedded")]
    orders = {
        "response_type": dict(style.RESPONSE_TYPE_NAMES),
        "task_type": dict(style.TASK_TYPE_NAMES),
        "value": _common_names(machine, polarity, n_values),
    }
    parts, row = [], 1
    for facet, labels in orders.items():
        part = machine[(machine["facet"] == facet) & machine["name"].isin(labels)]
        present = [name for name in labels if name in set(part["name"])]
        places = {name: place for place, name in enumerate(present, start=row + 1)}
        parts.append(
            part.assign(label=part["name"].map(labels), block=facet, row=part["name"].map(places))
        )
        row += 1 + len(places)
    return pd.concat(parts, ignore_index=True)


def _common_names(machine: pd.DataFrame, polarity: pd.Series, n_values: int) -> dict[str, str]:
    values = machine[machine["facet"] == "value"]
    ordered = values.sort_values(["n_reference", "name"], ascending=[False, True]).head(n_values)
    return {name: style.marked(name, polarity[name]) for name in ordered["name"]}


def draw_precision(data: pd.DataFrame) -> Figure:
    """Draw precision and recall beside each other, a row a category."""
    n_rows, step, top, left, width = int(data["row"].max()), 0.163, 0.2, 2.25, 1.95
    figure = canvas(top + n_rows * step + 0.44)
    for place, measure in enumerate(("precision", "recall")):
        axes = inches(figure, left + place * (width + 0.2), top, width, n_rows * step)
        rows(axes, n_rows)
        axes.set_xlim(0, 1)
        as_percent(axes, (0.0, 0.25, 0.5, 0.75, 1.0))
        low, high = data[f"{measure}_low"], data[f"{measure}_high"]
        axes.hlines(data["row"], low, high, color=_MACHINE, linewidth=1.1)
        axes.scatter(data[measure], data["row"], s=15, color=_MACHINE, zorder=3)
        axes.set_title(measure.capitalize(), loc="left", pad=3, fontweight="bold")
        if place == 0:
            _label_rows(axes, data, left, width)
    axis_name(
        figure, "Share (%) of those the labeller names (precision) or the reading names (recall)"
    )
    return figure


def _label_rows(axes: Axes, data: pd.DataFrame, left: float, width: float) -> None:
    names = (0.05 - left) / width
    row_counts(axes, -0.08 / width, data["row"], data["n_reference"])
    for block, part in data.groupby("block"):
        name = style.FACET_NAMES[str(block)]
        row_text(axes, names, part["row"].min() - 1, name, fontweight="bold")
    for row, label in zip(data["row"], data["label"], strict=True):
        row_text(axes, names + 0.1 / width, row, label)
