"""How common values and headings are: shares of the frame with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_percent, axis_name, canvas, inches, row_text, rows

COLUMNS = (
    "group",
    "quantity",
    "name",
    "estimate",
    "ci_low",
    "ci_high",
    "method",
    "readings",
    "readings_low",
    "readings_high",
    "n_read",
    "n_frame",
)
_GROUPS = ("ordinary", "adversarial")
OWN_METHOD = "labels"
_TOP, _FOOT, _PALE = 0.27, 0.44, "#808080"
_AXIS = "Share of the frame's subjective conversations (%)"
_OWN_AXIS = "Share of subjective conversations (%)"


def common_values_data(corrected: pd.DataFrame, polarity: pd.Series, n_values: int) -> pd.DataFrame:
    """Take the most common values of the ordinary and the adversarial group.

    Parameters
    ----------
    corrected : DataFrame
        Columns :data:`COLUMNS`.
    polarity : Series
        Polarity by the printed name of the value.
    n_values : int
        Values shown a group.

    Returns
    -------
    DataFrame
        A row a group and value, ``row`` from 1 for the most common, with ``polarity``.
    """
    values = corrected[(corrected["quantity"] == "value") & corrected["group"].isin(_GROUPS)]
    ordered = values.sort_values(["group", "estimate", "name"], ascending=[True, False, True])
    placed = ordered.assign(
        row=ordered.groupby("group").cumcount() + 1, polarity=ordered["name"].map(polarity)
    )
    return placed[placed["row"] <= n_values].reset_index(drop=True)


def headings_data(corrected: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Take the headings of the tree of values in the ordinary and the adversarial group.

    Parameters
    ----------
    corrected : DataFrame
        Columns :data:`COLUMNS`.
    nodes : DataFrame
        ``node_id`` and ``name`` of the tree.

    Returns
    -------
    DataFrame
        A row a group and heading, ``row`` from 1 in the order of the style, with ``node_id``.
    """
    identifiers = nodes.set_index("name")["node_id"]
    chosen = corrected[(corrected["quantity"] == "heading") & corrected["group"].isin(_GROUPS)]
    chosen = chosen.assign(node_id=chosen["name"].map(identifiers))
    present = [name for name in style.HEADING_COLOURS if name in set(chosen["node_id"])]
    places = {name: place for place, name in enumerate(present, start=1)}
    return chosen.assign(row=chosen["node_id"].map(places))


def own_data(shares: pd.DataFrame, n: int, n_rows: int | None = None) -> pd.DataFrame:
    """Take shares of a corpus that has labels of one labeller and no readings to correct them by.

    Parameters
    ----------
    shares : DataFrame
        ``name``, ``estimate``, ``ci_low``, ``ci_high`` and, for values, ``polarity``.
    n : int
        Conversations.
    n_rows : int, optional
        Rows kept, from the first; all when absent.

    Returns
    -------
    DataFrame
        What :func:`draw_common_values` and :func:`draw_headings` draw, ``row`` as in the table.
    """
    shown = shares.head(len(shares) if n_rows is None else n_rows).reset_index(drop=True)
    if "polarity" not in shown:
        shown = shown.assign(polarity="desirable")
    nothing = dict.fromkeys(("readings", "readings_low", "readings_high", "n_read"), np.nan)
    return shown.assign(
        group=style.OWN_GROUP, row=range(1, len(shown) + 1), method=OWN_METHOD, n_frame=n, **nothing
    )


def draw_common_values(data: pd.DataFrame) -> Figure:
    """Draw a panel a group: the estimate with its interval and, below it, that of the readings."""
    n_rows, step = int(data["row"].max()), 0.2
    figure = canvas(_TOP + n_rows * step + _FOOT)
    groups = _present(data)
    left, width = (1.56, 1.62) if len(groups) > 1 else (2.0, 4.2)
    for place, group in enumerate(groups):
        part = data[data["group"] == group]
        axes = inches(figure, left + 3.26 * place, _TOP, width, n_rows * step)
        _draw_panel(axes, part, n_rows, _longest(data))
        axes.set_yticks(
            part["row"],
            [style.marked(v, p) for v, p in zip(part["name"], part["polarity"], strict=True)],
        )
        _head(axes, part.iloc[0], "right")
    axis_name(figure, _axis(data))
    return figure


def draw_headings(data: pd.DataFrame) -> Figure:
    """Draw a panel a group as for the values; a heading without an estimate says so."""
    n_rows, step = int(data["row"].max()), 0.24
    figure = canvas(_TOP + n_rows * step + _FOOT)
    groups = _present(data)
    left, width = (1.34, 2.43) if len(groups) > 1 else (2.0, 4.2)
    for place, group in enumerate(groups):
        part = data[data["group"] == group]
        axes = inches(figure, left + 2.63 * place, _TOP, width, n_rows * step)
        _draw_panel(axes, part, n_rows, _longest(data))
        if place == 0:
            labels = data.drop_duplicates("row").sort_values("row")
            axes.set_yticks(labels["row"], labels["name"])
        for row in sorted(set(data["row"]) - set(part["row"])):
            row_text(axes, 0.02, row, "too few readings", color=style.FAINT, fontstyle="italic")
        _head(axes, part.iloc[0], "left")
    axis_name(figure, _axis(data))
    return figure


def _longest(data: pd.DataFrame) -> float:
    return float(np.nanmax(data[["ci_high", "readings_high"]].to_numpy(dtype=float)))


def _present(data: pd.DataFrame) -> list[str]:
    return style.groups_in(data["group"])


def _axis(data: pd.DataFrame) -> str:
    return _AXIS if set(data["group"]) <= set(_GROUPS) else _OWN_AXIS


def _draw_panel(axes: Axes, part: pd.DataFrame, n_rows: int, longest: float) -> None:
    """Draw the estimates (discs where corrected, else squares), the readings' own hollow."""
    rows(axes, n_rows)
    axes.set_xlim(0, longest * 1.02)
    tenths = 1 if longest < 0.45 else 2
    as_percent(axes, [m / 10 for m in range(0, 11, tenths) if m / 10 <= longest])
    colour = style.group_colour(part["group"].iloc[0])
    own = (part["method"] == OWN_METHOD).all()
    upper, lower = part["row"] - (0.0 if own else 0.14), part["row"] + 0.2
    axes.hlines(lower, part["readings_low"], part["readings_high"], color=_PALE, linewidth=0.9)
    axes.scatter(
        part["readings"], lower, s=8, facecolors="white", edgecolors=_PALE, linewidths=0.8, zorder=3
    )
    axes.hlines(upper, part["ci_low"], part["ci_high"], color=colour, linewidth=1.2)
    marks = {OWN_METHOD: "o"} if own else {"corrected": "o", "readings": "s"}
    for method, mark in marks.items():
        shown = part["method"] == method
        axes.scatter(
            part.loc[shown, "estimate"], upper[shown], s=17, marker=mark, color=colour, zorder=3
        )


def _head(axes: Axes, first: pd.Series, side: str) -> None:
    above: dict[str, Any] = {"transform": axes.transAxes}
    if first["group"] in _GROUPS:
        name = style.GROUP_NAMES[first["group"]]
        axes.text(0.0, 1.012, name, ha=side, fontweight="bold", **above)
    read = f"n = {style.count(first['n_frame'])}"
    if pd.notna(first["n_read"]):
        read = f"{style.count(first['n_read'])} read of {style.count(first['n_frame'])}"
    axes.text(1.0, 1.012, read, ha="right", color=style.FAINT, fontsize=style.SMALL + 0.2, **above)
