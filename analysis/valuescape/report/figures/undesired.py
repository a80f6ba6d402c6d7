"""Undesired values by source and assistant: rare shares with exact intervals."""

from __future__ import annotations

from typing import Any

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
    rows,
)

COLUMNS = (
    "polarity",
    "division",
    "group",
    "part",
    "outcome",
    "estimate",
    "ci_low",
    "ci_high",
    "k",
    "n",
)
ANY, MERGED, FAULT = "any undesired value", "harm-enabling or amoral", "any fault"
_LOOKS = {
    ANY: (-0.22, "o", "#A63603", "#A63603", "any undesired value"),
    MERGED: (0.02, "D", "#A63603", "white", "harm-enabling or amoral"),
    FAULT: (0.26, "s", "#6E6E6E", "white", "any fault of the reply"),
}
_GROUPS = ("adversarial", "over_refusal", "ordinary")
_TOP, _STEP = 0.42, 0.33


def undesired_data(prevalence: pd.DataFrame) -> pd.DataFrame:
    """Take the sources, and the assistants of the adversarial group.

    Parameters
    ----------
    prevalence : DataFrame
        Columns :data:`COLUMNS`.

    Returns
    -------
    DataFrame
        A row a part and outcome, ``panel`` ("source" or "assistant"), ``row`` from 1 within it and
        ``label``; sources by group, assistants by the share of any undesired value.
    """
    shown = prevalence[prevalence["outcome"].isin(list(_LOOKS))]
    sources = shown[shown["division"] == "source"]
    assistants = shown[(shown["division"] == "assistant") & (shown["group"] == "adversarial")]
    parts = []
    for panel, part in (("source", sources), ("assistant", assistants)):
        order = part[part["outcome"] == ANY].assign(
            place=lambda t: t["group"].map({g: i for i, g in enumerate(_GROUPS)})
        )
        order = order.sort_values(["place", "estimate", "part"], ascending=[True, False, True])
        keys = list(zip(order["group"], order["part"], strict=True))
        places = {key: row for row, key in enumerate(keys, start=1)}
        numbers = [places[key] for key in zip(part["group"], part["part"], strict=True)]
        names = style.SOURCE_NAMES if panel == "source" else style.SYSTEM_NAMES
        label = part["part"].map(lambda name, names=names: names.get(name, name))
        parts.append(part.assign(panel=panel, row=numbers, label=label))
    return pd.concat(parts, ignore_index=True)


def draw_undesired(data: pd.DataFrame) -> Figure:
    """Draw a panel of sources and, below it, one of assistants on adversarial prompts."""
    sizes = data.groupby("panel")["row"].max()
    middle = _TOP + sizes["source"] * _STEP
    figure = canvas(middle + 0.42 + sizes["assistant"] * _STEP + 0.46)
    longest = float(data["ci_high"].max())
    for panel, top in (("source", _TOP), ("assistant", middle + 0.42)):
        part = data[data["panel"] == panel]
        axes = inches(figure, 2.45, top, 3.5, sizes[panel] * _STEP)
        _draw_panel(axes, part, int(sizes[panel]), longest)
        title = "By source" if panel == "source" else "By assistant, adversarial prompts"
        axes.text(-0.02, 1.015, title, transform=axes.transAxes, ha="right", fontweight="bold")
    _name_marks(figure)
    axis_name(figure, "Share of conversations read, weighted to the frame (%)")
    return figure


def _draw_panel(axes: Axes, part: pd.DataFrame, n_rows: int, longest: float) -> None:
    rows(axes, n_rows)
    axes.set_xlim(-0.012 * longest, longest * 1.02)
    as_percent(axes, [m / 10 for m in range(11) if m / 10 <= longest])
    for outcome, (shift, mark, colour, face, _) in _LOOKS.items():
        cells = part[part["outcome"] == outcome]
        place = cells["row"] + shift
        axes.hlines(place, cells["ci_low"], cells["ci_high"], color=colour, linewidth=1.0)
        axes.scatter(
            cells["estimate"],
            place,
            s=15,
            marker=mark,
            facecolors=face,
            edgecolors=colour,
            linewidths=0.9,
            zorder=3,
        )
    labels = part.drop_duplicates("row").sort_values("row")
    several = len(set(labels["group"])) > 1
    short = {"ordinary": "ordinary", "adversarial": "adversarial", "over_refusal": "over-refusal"}
    names = [
        f"{label} ({short[group]})" if several else label
        for label, group in zip(labels["label"], labels["group"], strict=True)
    ]
    axes.set_yticks(labels["row"], names)
    row_counts(axes, 1.12, labels["row"], labels["n"])


def _name_marks(figure: Figure) -> None:
    axes = figure.axes[0]
    common: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
    height = axes.get_window_extent().height / figure.dpi
    for x, (_, mark, colour, face, name) in zip((-0.05, 0.33, 0.75), _LOOKS.values(), strict=True):
        y = 1 + 0.3 / height
        axes.scatter(x, y, s=15, marker=mark, facecolors=face, edgecolors=colour, **common)
        axes.text(
            x + 0.02,
            y,
            name,
            va="center_baseline",
            fontsize=style.SMALL + 0.3,
            color=colour,
            **common,
        )
