"""Whether assistants express the user's own values, against what chance would give."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_percent, canvas, inches, row_counts, row_text, rows

COLUMNS = ("group", "stance", "quantity", "estimate", "ci_low", "ci_high", "n", "n_clusters")
_GROUPS = ("ordinary", "adversarial")
_STEP, _HEAD, _BETWEEN, _FOOT = 0.32, 0.24, 0.3, 0.58
_SHIFTS = {"observed": -0.14, "expected": 0.14, "excess": 0.0}
_MARKERS = {"observed": "o", "expected": "s", "excess": "D"}


def mirroring_data(
    mirroring: pd.DataFrame, minimum_clusters: int, groups: Sequence[str] = _GROUPS
) -> pd.DataFrame:
    """Take observed, expected and excess mirroring of groups by stance.

    Parameters
    ----------
    mirroring : DataFrame
        Columns :data:`COLUMNS`.
    minimum_clusters : int
        Stances with fewer prompt groups are left out.
    groups : sequence of str
        Groups of conversations.

    Returns
    -------
    DataFrame
        A row a quantity with ``row``: the stance's place among those of its group.
    """
    chosen = mirroring[
        mirroring["group"].isin(groups)
        & mirroring["quantity"].isin(_SHIFTS)
        & (mirroring["n_clusters"] >= minimum_clusters)
    ]
    parts = []
    for _, part in chosen.groupby("group"):
        present = [name for name in style.STANCE_NAMES if name in set(part["stance"])]
        places = {name: place for place, name in enumerate(present, start=1)}
        parts.append(part.assign(row=part["stance"].map(places)))
    return pd.concat(parts, ignore_index=True)


def draw_mirroring(data: pd.DataFrame) -> Figure:
    """Draw observed and expected shares of each group, and beside them their difference."""
    sizes = {group: int(part["row"].max()) for group, part in data.groupby("group")}
    groups = style.groups_in(data["group"])
    figure = canvas(_HEAD + sum(sizes.values()) * _STEP + _BETWEEN * (len(groups) - 1) + _FOOT)
    low, high = float(data["ci_low"].min()), float(data["ci_high"].max())
    top = _HEAD
    for group in groups:
        part = data[data["group"] == group]
        shares = inches(figure, 1.75, top, 2.55, sizes[group] * _STEP)
        excess = inches(figure, 4.5, top, 1.85, sizes[group] * _STEP)
        shares.set_xlim(-0.02, high + 0.02)
        excess.set_xlim(min(-0.02, low), high + 0.02)
        for axes in (shares, excess):
            rows(axes, sizes[group])
            as_percent(axes, (0.0, 0.25, 0.5, 0.75))
            axes.tick_params(labelbottom=group == groups[-1])
        for quantity in _SHIFTS:
            panel = excess if quantity == "excess" else shares
            _draw_quantity(panel, part[part["quantity"] == quantity], quantity)
        _name_rows(shares, part[part["quantity"] == "observed"], group)
        if group == groups[0]:
            _name_marks(shares, part)
        top += sizes[group] * _STEP + _BETWEEN
    shares.set_xlabel("Share of conversations\nwith a value of the user (%)")
    excess.set_xlabel("Observed less expected\n(percentage points)")
    return figure


def _colour(quantity: str, group: str) -> str:
    return style.FAINT if quantity == "expected" else style.group_colour(group)


def _draw_quantity(axes: Axes, part: pd.DataFrame, quantity: str) -> None:
    colour = _colour(quantity, part["group"].iloc[0])
    row = part["row"] + _SHIFTS[quantity]
    axes.hlines(row, part["ci_low"], part["ci_high"], color=colour, linewidth=1.1)
    axes.scatter(
        part["estimate"],
        row,
        marker=_MARKERS[quantity],
        s=20,
        linewidths=1.0,
        zorder=3,
        edgecolors=colour,
        facecolors="white" if quantity == "expected" else colour,
    )
    if quantity == "excess":
        axes.axvline(0.0, color=style.FAINT, linewidth=0.8, zorder=1)


def _name_rows(axes: Axes, labels: pd.DataFrame, group: str) -> None:
    row_counts(axes, -0.04, labels["row"], labels["n"])
    for row, stance in zip(labels["row"], labels["stance"], strict=True):
        row_text(axes, -0.2, row, style.STANCE_NAMES[stance], ha="right", fontsize=style.NORMAL)
    axes.annotate(
        style.group_name(group),
        (-0.2, 1.0),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        fontweight="bold",
    )


def _name_marks(axes: Axes, part: pd.DataFrame) -> None:
    first = part[part["row"] == 1]
    for quantity, end, offset, side in (
        ("observed", "ci_low", -4, "right"),
        ("expected", "ci_high", 4, "left"),
    ):
        shown = first[first["quantity"] == quantity].iloc[0]
        axes.annotate(
            quantity,
            (shown[end], 1 + _SHIFTS[quantity]),
            xytext=(offset, 0),
            ha=side,
            textcoords="offset points",
            va="center_baseline",
            fontsize=style.SMALL + 0.2,
            color=_colour(quantity, shown["group"]),
        )
