"""Precision and recall of early warning at fixed budgets of alerts."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_percent, axis_name, canvas, inches, row_text, rows

AREA_COLUMNS = ("population", "score", "estimate", "ci_low", "ci_high", "k", "n")
BUDGET_COLUMNS = (
    "population",
    "score",
    "one_in",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "recall_low",
    "recall_high",
    "n_alerts",
)
POPULATION_NAMES = {
    "all": "Whole frame",
    "adversarial": "Adversarial",
    "xstest_unsafe": "XSTest, unsafe prompts",
    "ordinary": "Ordinary",
}
SCORE_LOOKS = {
    "undesired_values": ("o", "#0072B2", "#0072B2", "undesired values"),
    "supported_harm": ("s", "#D55E00", "white", "support of a harmful request"),
    "like_requests": ("^", "#555555", "white", "other replies to like requests"),
}
_STEP = 0.19


def early_warning_data(areas: pd.DataFrame, budgets: pd.DataFrame) -> pd.DataFrame:
    """Join precision, recall and area under the curve.

    Parameters
    ----------
    areas : DataFrame
        Columns :data:`AREA_COLUMNS`.
    budgets : DataFrame
        Columns :data:`BUDGET_COLUMNS`.

    Returns
    -------
    DataFrame
        A row a population, score and budget with ``row`` from 1 and ``label``; ``area``,
        ``area_low``, ``area_high``.
    """
    names = {"estimate": "area", "ci_low": "area_low", "ci_high": "area_high"}
    joined = budgets.merge(areas.rename(columns=names), on=["population", "score"])
    joined = joined[joined["population"].isin(list(POPULATION_NAMES))]
    order = {name: place for place, name in enumerate(POPULATION_NAMES)}
    budget = joined["one_in"].rank(method="dense").astype(int)
    n_budgets = int(budget.max())
    row = joined["population"].map(order) * (n_budgets + 1) + budget
    return joined.assign(row=row, label=joined["population"].map(POPULATION_NAMES))


def draw_early_warning(data: pd.DataFrame) -> Figure:
    """Draw precision left and recall right, rows of budgets under each population."""
    n_rows = int(data["row"].max())
    figure = canvas(0.5 + (n_rows + 0.6) * _STEP + 0.44)
    for place, quantity in enumerate(("precision", "recall")):
        axes = inches(figure, 1.75 + 2.4 * place, 0.5, 2.25, (n_rows + 0.6) * _STEP)
        rows(axes, n_rows)
        axes.set_ylim(n_rows + 0.6, 0.0)
        axes.set_xlim(-0.02, 1.02)
        as_percent(axes, [0, 0.2, 0.4, 0.6, 0.8, 1.0])
        _draw_scores(axes, data, quantity)
        axes.set_title(quantity.capitalize(), loc="left", pad=4, fontweight="bold")
        if place == 0:
            _label_rows(axes, data)
            _name_scores(axes, figure)
    axis_name(figure, "Share of alerts that complied with harm; share of these alerted (%)")
    return figure


def _draw_scores(axes: Axes, data: pd.DataFrame, quantity: str) -> None:
    for shift, (score, (mark, colour, face, _)) in zip(
        (-0.24, 0.0, 0.24), SCORE_LOOKS.items(), strict=True
    ):
        part = data[data["score"] == score]
        place = part["row"] + shift
        axes.hlines(
            place, part[f"{quantity}_low"], part[f"{quantity}_high"], color=colour, linewidth=0.8
        )
        axes.scatter(
            part[quantity],
            place,
            s=11,
            marker=mark,
            facecolors=face,
            edgecolors=colour,
            linewidths=0.8,
            zorder=3,
        )


def _label_rows(axes: Axes, data: pd.DataFrame) -> None:
    for _, cells in data.groupby("population"):
        first = cells.sort_values("row").iloc[0]
        row_text(axes, -0.74, first["row"] - 0.95, first["label"], fontweight="bold")
        for _, cell in cells.drop_duplicates("row").iterrows():
            text = f"one alert in {cell['one_in']}"
            row_text(axes, -0.04, cell["row"], text, ha="right")


def _name_scores(axes: Axes, figure: Figure) -> None:
    common: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
    y = 1 + 0.37 / (axes.get_window_extent().height / figure.dpi)
    for x, (mark, colour, face, name) in zip(
        (-0.6, -0.02, 0.83), SCORE_LOOKS.values(), strict=True
    ):
        axes.scatter(x, y, s=13, marker=mark, facecolors=face, edgecolors=colour, **common)
        size = style.SMALL + 0.3
        axes.text(x + 0.03, y, name, va="center_baseline", fontsize=size, color=colour, **common)
