"""How often true nulls are rejected: the usual way and this study's, scenario by scenario."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from valuescape.report import style
from valuescape.report.figures.base import axis_name, canvas, inches, row_text, rows

COLUMNS = (
    "run",
    "scenario",
    "method",
    "band",
    "level",
    "n_replicates",
    "n_trials",
    "rate",
    "rate_low",
    "rate_high",
)
FAMILY_COLUMNS = ("run", "scenario", "method", "adjustment", "mean_false")
SCENARIOS: dict[str, tuple[str, str, str]] = {
    "exactly_five": ("Exactly five values each", "pooled_residual", "conversation_exact"),
    "heavy_tailed": ("Heavy-tailed number of values", "pooled_residual", "conversation_exact"),
    "bundles": ("Values in bundles of five", "pooled_residual", "conversation_exact"),
    "others_differ": ("Other values differ by context", "pooled_residual", "conversation_exact"),
    "mentions": ("Counted per mention", "pooled_residual", "conversation_exact"),
    "repeated_users": ("Users with tastes return", "pooled_residual", "design_based"),
    "categories": ("Rolled up to categories", "pooled_residual", "conversation_exact"),
    "sparse": ("Sparse table of 1,000 × 3,307", "residual", "conversation_exact"),
    "own_design_ordinary": ("Own design, ordinary", "conversation_exact", "design_based"),
    "own_design_adversarial": ("Own design, adversarial", "conversation_exact", "design_based"),
    "memorising_labeller": ("Labeller that memorises*", "corrected_in_sample", "corrected"),
}
"""Printed name, naive method and own method of each scenario."""
PANELS = {"E < 5": "E < 5", "5 ≤ E < 20": "5 ≤ E < 20", "E ≥ 20": "E ≥ 20"}
LEFT_END, RIGHT_END = 0.003, 1.15
_LOOKS = {
    "naive": (-0.16, "s", "#D55E00", "white", "the usual way"),
    "ours": (0.16, "o", "#0072B2", "#0072B2", "this study"),
}


def calibration_data(sizes: pd.DataFrame, families: pd.DataFrame, level: float) -> pd.DataFrame:
    """Take two methods a scenario from the full run.

    Parameters
    ----------
    sizes : DataFrame
        Columns :data:`COLUMNS`.
    families : DataFrame
        Columns :data:`FAMILY_COLUMNS`.
    level : float
        Nominal level.

    Returns
    -------
    DataFrame
        A row a scenario, ``side`` ("naive" or "ours") and band, with ``row`` from 1, ``label`` and
        ``mean_false``, the cells of a null table that Bonferroni declares.  The scenario of labels,
        which is not one of counts, has the last panel alone and no such cells.
    """
    last = list(PANELS)[-1]
    chosen = sizes[(sizes["run"] == "full") & (sizes["level"] == level)]
    parts = []
    for row, (scenario, (label, naive, own)) in enumerate(SCENARIOS.items(), start=1):
        part = chosen[chosen["scenario"] == scenario]
        counted = part["band"].isin(list(PANELS)).any()
        part = part[part["band"].isin(list(PANELS) if counted else ["all"])]
        for side, method in (("naive", naive), ("ours", own)):
            shown = part[part["method"] == method]
            panel = shown["band"].replace("all", last)
            parts.append(shown.assign(side=side, row=row, label=label, panel=panel))
    false = families[(families["run"] == "full") & (families["adjustment"] == "bonferroni")]
    false = false[["scenario", "method", "mean_false"]]
    return pd.concat(parts).merge(false, on=["scenario", "method"], how="left")


def draw_calibration(data: pd.DataFrame) -> Figure:
    """Draw a panel a band of expected count, on a logarithmic scale, with the nominal level."""
    n_rows, step, top = int(data["row"].max()), 0.31, 0.46
    figure = canvas(top + n_rows * step + 0.62)
    for place, panel in enumerate(PANELS):
        axes = inches(figure, 2.16 + 1.22 * place, top, 1.12, n_rows * step)
        rows(axes, n_rows)
        _scale(axes, float(data["level"].iloc[0]))
        part = data[data["panel"] == panel]
        for side in _LOOKS:
            _draw_side(axes, part[part["side"] == side], side)
        axes.set_title(panel, loc="left", pad=4, fontweight="bold")
        if place == 0:
            _label_rows(axes, data)
            _name_sides(axes)
        if panel == list(PANELS)[-1]:
            _count_false(axes, part)
    axis_name(figure, "Simulated true null hypotheses rejected at 5 % (%), by expected count")
    note = "* true shares not covered by 95 % intervals, at all prevalences"
    figure.text(0.0, 0.17 / figure.get_figheight(), note, fontsize=style.SMALL, color=style.FAINT)
    return figure


def _scale(axes: Axes, level: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(LEFT_END, RIGHT_END)
    marks = [0.01, 0.05, 0.2, 1.0]
    axes.xaxis.set_major_locator(FixedLocator(marks))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:g}")
    axes.grid(axis="x")
    axes.axvline(level, color=style.INK, linewidth=0.9, zorder=1)


def _draw_side(axes: Axes, part: pd.DataFrame, side: str) -> None:
    """Draw rates with Monte-Carlo intervals; a rate left of the scale is an arrow at its edge."""
    shift, mark, colour, face, _ = _LOOKS[side]
    place = part["row"] + shift
    low = part["rate_low"].clip(lower=LEFT_END)
    axes.hlines(place, low, part["rate_high"].clip(lower=LEFT_END), color=colour, linewidth=1.1)
    inside = part["rate"] >= LEFT_END
    axes.scatter(
        part.loc[inside, "rate"],
        place[inside],
        marker=mark,
        s=17,
        linewidths=0.9,
        edgecolors=colour,
        facecolors=face,
        zorder=3,
    )
    edge = [LEFT_END * 1.12] * int((~inside).sum())
    axes.scatter(edge, place[~inside], marker="<", s=17, color=colour, zorder=3)


def _label_rows(axes: Axes, data: pd.DataFrame) -> None:
    for _, cell in data.drop_duplicates("row").iterrows():
        row_text(axes, -0.06, cell["row"], cell["label"], ha="right")


def _count_false(axes: Axes, part: pd.DataFrame) -> None:
    """Write beside each mark how many cells Bonferroni declares falsely."""
    right: dict[str, Any] = {"ha": "right", "fontsize": style.SMALL}
    for _, cell in part[part["mean_false"].notna()].iterrows():
        shift, _, colour, _, _ = _LOOKS[cell["side"]]
        text = _printed(cell["mean_false"])
        row_text(axes, 1.58, cell["row"] + shift, text, color=colour, **right)
    axes.text(
        1.58, 1.02, "false cells,\nBonferroni", transform=axes.transAxes, va="bottom", **right
    )


def _printed(mean: float) -> str:
    if mean >= 100:
        return style.count(round(mean))
    return f"{mean:.{1 if mean >= 10 else 2}f}" if mean > 0 else "0"


def _name_sides(axes: Axes) -> None:
    """Name both marks above the first panel."""
    for x, (_, mark, colour, face, name) in zip((-1.85, -0.95), _LOOKS.values(), strict=True):
        axes.scatter(
            x,
            1.09,
            marker=mark,
            s=17,
            linewidths=0.9,
            edgecolors=colour,
            facecolors=face,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.text(
            x + 0.08,
            1.09,
            name,
            transform=axes.transAxes,
            va="center_baseline",
            fontsize=style.SMALL + 0.3,
            color=colour,
        )
