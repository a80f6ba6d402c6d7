"""Axes of values: which values lie at their ends, and where assistants lie on them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import axis_name, canvas, inches, row_text, rows

AXES_COLUMNS = ("group", "axis", "retained", "congruence")
LOADING_COLUMNS = ("group", "axis", "value", "loading", "loading_low", "loading_high")
PROFILE_COLUMNS = ("group", "axis", "run", "estimate", "ci_low", "ci_high", "n")
_STEP, _HEAD, _FOOT, _GAP = 0.172, 0.3, 0.42, 0.34


def most_stable(axes: pd.DataFrame, group: str, n_axes: int) -> list[int]:
    """Return the axes of a group that two halves of the prompts agree on most, in order.

    Parameters
    ----------
    axes : DataFrame
        ``group``, ``axis``, ``retained``, ``congruence``.
    group : str
        Group of conversations.
    n_axes : int
        How many at most.

    Examples
    --------
    >>> table = pd.DataFrame({"group": "g", "axis": [1, 2, 3], "retained": [True, True, False],
    ...                       "congruence": [0.2, 0.9, None]})
    >>> most_stable(table, "g", 1)
    [2]
    """
    kept = axes[(axes["group"] == group) & axes["retained"]]
    best = kept.sort_values(["congruence", "axis"], ascending=[False, True]).head(n_axes)
    return sorted(int(a) for a in best["axis"])


def loadings_data(
    loadings: pd.DataFrame, group: str, shown: Sequence[int], n_values: int
) -> pd.DataFrame:
    """Take the values with the largest loadings on some axes of a group.

    Parameters
    ----------
    loadings : DataFrame
        Columns :data:`LOADING_COLUMNS`.
    group : str
        Group of conversations.
    shown : sequence of int
        Axes.
    n_values : int
        Values an axis.

    Returns
    -------
    DataFrame
        Their rows with ``row`` from 1 within each axis, the largest loading first.
    """
    chosen = loadings[(loadings["group"] == group) & loadings["axis"].isin(shown)]
    size = chosen["loading"].abs()
    chosen = chosen.assign(size=size).sort_values(
        ["axis", "size", "value"], ascending=[True, False, True]
    )
    chosen = chosen.groupby("axis").head(n_values).drop(columns="size")
    chosen = chosen.sort_values(["axis", "loading", "value"], ascending=[True, False, True])
    return chosen.assign(row=chosen.groupby("axis").cumcount() + 1).reset_index(drop=True)


def draw_loadings(data: pd.DataFrame) -> Figure:
    """Draw a panel an axis, two beside each other: loadings with intervals."""
    axes_shown, n_rows = sorted(data["axis"].unique()), int(data["row"].max())
    lines = -(-len(axes_shown) // 2)
    height = _HEAD + n_rows * _STEP + _GAP
    figure = canvas(lines * height + _FOOT - _GAP + 0.1)
    labels, width = 1.86, (style.PAPER_WIDTH - 0.1) / 2 - 1.86 - 0.08
    for place, axis in enumerate(axes_shown):
        part = data[data["axis"] == axis]
        left = (place % 2) * (labels + width + 0.08) + labels
        panel = inches(figure, left, (place // 2) * height + _HEAD, width, n_rows * _STEP)
        panel.set_xlim(-1, 1)
        panel.set_xticks([-0.5, 0, 0.5], ["−.5", "0", ".5"])
        panel.grid(axis="x")
        rows(panel, n_rows)
        panel.axvline(0.0, color=style.FAINT, linewidth=0.8)
        _interval(panel, part, "loading", ("loading_low", "loading_high"))
        panel.set_title(f"Axis {axis}", fontsize=style.NORMAL, fontweight="bold")
        for row, value in part[["row", "value"]].itertuples(index=False):
            row_text(panel, -0.05 / width, row, value, ha="right")
    axis_name(figure, "Loading")
    return figure


def profiles_data(profiles: pd.DataFrame, group: str, shown: Sequence[int]) -> pd.DataFrame:
    """Take the profiles of a group's runs on some axes, source by source.

    Parameters
    ----------
    profiles : DataFrame
        Columns :data:`PROFILE_COLUMNS`.
    group : str
        Group of conversations.
    shown : sequence of int
        Axes.

    Returns
    -------
    DataFrame
        Their rows with ``label`` (the model), ``block`` (the source) and ``row``, with one row left
        for the name of each source.
    """
    chosen = profiles[(profiles["group"] == group) & profiles["axis"].isin(shown)]
    names = [style.run_names(run) for run in chosen["run"]]
    chosen = chosen.assign(block=[b for b, _ in names], label=[m for _, m in names])
    runs = chosen.drop_duplicates("run")
    runs = runs.assign(folded=runs["label"].str.casefold()).sort_values(["block", "folded", "run"])
    before = (runs["block"] != runs["block"].shift()).cumsum().to_numpy()
    places = dict(zip(runs["run"], range(1, len(runs) + 1) + before, strict=True))
    return chosen.assign(row=chosen["run"].map(places)).sort_values(["row", "axis"])


def draw_profiles(data: pd.DataFrame) -> Figure:
    """Draw a column an axis: mean scores of assistants with intervals."""
    axes_shown, n_rows = sorted(data["axis"].unique()), int(data["row"].max())
    figure = canvas(_HEAD + n_rows * 0.2 + _FOOT)
    labels, gap = 1.75, 0.1
    width = (style.PAPER_WIDTH - labels - 0.1 - gap * (len(axes_shown) - 1)) / len(axes_shown)
    ends = float(data[["ci_low", "ci_high"]].abs().to_numpy().max()) + 0.05
    for place, axis in enumerate(axes_shown):
        part = data[data["axis"] == axis]
        panel = inches(figure, labels + place * (width + gap), _HEAD, width, n_rows * 0.2)
        panel.set_xlim(-ends, ends)
        panel.set_xticks([-0.5, 0.5], ["−.5", ".5"])
        panel.grid(axis="x")
        rows(panel, n_rows)
        panel.axvline(0.0, color=style.FAINT, linewidth=0.8)
        _interval(panel, part, "estimate", ("ci_low", "ci_high"))
        panel.set_title(f"Axis {axis}", fontsize=style.SMALL + 0.6)
        if place == 0:
            for block, inside in part.groupby("block"):
                start = (-labels + 0.05) / width
                row_text(panel, start, inside["row"].min() - 1, str(block), fontweight="bold")
                for row, label in inside[["row", "label"]].itertuples(index=False):
                    row_text(panel, (-labels + 0.15) / width, row, label)
    axis_name(figure, "Mean score against the other runs of the source (standard deviations)")
    return figure


def _interval(panel: Axes, part: pd.DataFrame, name: str, limits: tuple[str, str]) -> None:
    """Draw points with intervals, filled where the interval leaves out zero."""
    colour = style.GROUP_COLOURS["ordinary"]
    low, high = part[limits[0]], part[limits[1]]
    panel.hlines(part["row"], low, high, color=colour, linewidth=1.0)
    for sure, chosen in part.groupby((low > 0) | (high < 0)):
        panel.scatter(
            chosen[name],
            chosen["row"],
            s=14,
            linewidths=0.9,
            edgecolors=colour,
            facecolors=colour if sure else "white",
            zorder=3,
        )
