"""How often replies show helpful, honest and harmless values, and none of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_percent, axis_name, canvas, inches, rows

COLUMNS = ("group", "quantity", "estimate", "ci_low", "ci_high", "k", "n", "n_clusters")
QUANTITY_NAMES: dict[str, str] = {
    "helpful": "Helpful",
    "honest": "Honest",
    "harmless": "Harmless",
    "all_three": "All three",
    "only_none": "Other values alone",
}
_GROUPS = ("ordinary", "adversarial", "over_refusal")
_LEFT, _WIDTH, _GAP, _TOP, _STEP, _FOOT = 1.2, 1.6, 0.18, 0.24, 0.2, 0.44


def hhh_data(shares: pd.DataFrame) -> pd.DataFrame:
    """Lay out the shares: a column a group, a row a quantity.

    Parameters
    ----------
    shares : DataFrame
        Columns :data:`COLUMNS`.

    Returns
    -------
    DataFrame
        The rows of the three groups of assistants with ``column`` and ``row``, both from 1.
    """
    columns = {group: place for place, group in enumerate(_GROUPS, start=1)}
    places = {quantity: place for place, quantity in enumerate(QUANTITY_NAMES, start=1)}
    data = shares[shares["group"].isin(_GROUPS)]
    return data.assign(
        column=data["group"].map(columns), row=data["quantity"].map(places)
    ).sort_values(["column", "row"], ignore_index=True)


def draw_hhh(data: pd.DataFrame) -> Figure:
    """Draw a panel a group: a dot with its interval for each quantity."""
    n_rows = int(data["row"].max())
    figure = canvas(_TOP + n_rows * _STEP + _FOOT)
    for column, part in data.groupby("column"):
        left = _LEFT + (int(str(column)) - 1) * (_WIDTH + _GAP)
        axes = inches(figure, left, _TOP, _WIDTH, n_rows * _STEP)
        rows(axes, n_rows)
        axes.set_xlim(0, 1)
        as_percent(axes, [0.0, 0.25, 0.5, 0.75])
        first = part.iloc[0]
        colour = style.GROUP_COLOURS[first["group"]]
        axes.hlines(part["row"], part["ci_low"], part["ci_high"], color=colour, linewidth=1.2)
        axes.scatter(part["estimate"], part["row"], s=17, color=colour, zorder=3)
        if column == 1:
            axes.set_yticks(part["row"], [QUANTITY_NAMES[name] for name in part["quantity"]])
        above: dict[str, Any] = {"transform": axes.transAxes}
        size = style.SMALL + 0.2
        name = style.GROUP_NAMES[first["group"]]
        axes.text(0.0, 1.03, name, fontweight="bold", fontsize=size, **above)
        n = f"n = {style.count(first['n'])}"
        axes.text(1.0, 1.03, n, ha="right", color=style.FAINT, fontsize=size, **above)
    axis_name(figure, "Share of subjective conversations (%)")
    return figure
