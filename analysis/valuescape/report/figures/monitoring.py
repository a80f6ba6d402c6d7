"""Monitors on simulated streams: false alarms, days to find a drift, and one stream day by day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from valuescape.report import style
from valuescape.report.figures.base import canvas, inches

ALARM_COLUMNS = ("run", "scenario", "monitor", "per_thousand_days", "ci_low", "ci_high")
DELAY_COLUMNS = ("run", "odds_ratio", "prevalence", "monitor", "detected", "median_days")
STREAM_COLUMNS = (
    "day",
    "share",
    "baseline",
    "baseline_standardised",
    "crude_low",
    "crude_high",
    "ci_low",
    "ci_high",
    "evidence",
    "evidence_pooled",
    "threshold",
    "mix_changed",
    "drifted",
    "since_low",
    "since_high",
)
LOOKS = {
    "e_detector": ("o", "#0072B2", "#0072B2", "this study: by task type"),
    "e_detector_pooled": ("D", "#56A0D3", "white", "the same, task types pooled"),
    "chi_square_strict": ("^", "#555555", "white", "chi-square by task type, one alarm in 1,000"),
    "chi_square": ("s", "#D55E00", "white", "chi-square at 5 % each day"),
}
SCENARIOS = {"quiet": "Nothing changes", "composition": "Mix of tasks changes",
             "restless": "Days differ at random"}  # fmt: skip
LEFT_END = 0.005
_NEVER = 150.0


def monitoring_data(alarms: pd.DataFrame, delays: pd.DataFrame) -> pd.DataFrame:
    """Put false alarms and delays of the full run into one table.

    Parameters
    ----------
    alarms, delays : DataFrame
        Columns :data:`ALARM_COLUMNS` and :data:`DELAY_COLUMNS`.

    Returns
    -------
    DataFrame
        ``panel`` ("false_alarms" or a prevalence as text), ``place`` (scenario or odds ratio as
        text), ``monitor``, and the columns of the tables.
    """
    first = alarms[alarms["run"] == "full"]
    first = first.assign(panel="false_alarms", place=first["scenario"])
    second = delays[delays["run"] == "full"]
    second = second.assign(
        panel=second["prevalence"].map("{:g}".format), place=second["odds_ratio"].map("{:g}".format)
    )
    return pd.concat([first, second], ignore_index=True)


def draw_monitoring(data: pd.DataFrame) -> Figure:
    """Draw false alarms above, and below a panel of delays for each prevalence."""
    figure = canvas(4.2)
    above = inches(figure, 1.75, 0.5, 4.65, 1.05)
    _draw_alarms(above, data[data["panel"] == "false_alarms"])
    _name_monitors(above, figure)
    delays = data[data["panel"] != "false_alarms"]
    prevalences = sorted(delays["prevalence"].unique())
    width = 5.9 / len(prevalences)
    for place, prevalence in enumerate(prevalences):
        axes = inches(figure, 0.55 + width * place, 2.4, width - 0.12, 1.4)
        _draw_delays(axes, delays[delays["prevalence"] == prevalence], first=place == 0)
        axes.set_title(f"{100 * prevalence:g} % express it", loc="left", pad=3, fontsize=7.2)
    size = figure.get_figheight()
    figure.text(0.5, 0.0, "Odds ratio of the drift", ha="center", va="bottom")
    figure.text(0.0, 1 - 2.14 / size, "Median days to detection", fontweight="bold")
    return figure


def _draw_alarms(axes: Axes, part: pd.DataFrame) -> None:
    """Draw alarms a thousand days on a logarithmic scale; none is an arrow at its left end."""
    axes.set_xscale("log")
    axes.set_xlim(LEFT_END, 200)
    marks = [0.01, 0.1, 1, 10, 100]
    axes.xaxis.set_major_locator(FixedLocator(marks))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.grid(axis="x")
    axes.axvline(1.0, color=style.INK, linewidth=0.9, zorder=1)
    axes.set_ylim(3.5, 0.5)
    axes.set_yticks(range(1, 4), list(SCENARIOS.values()))
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("False alarms in 1,000 simulated days", labelpad=2)
    order = {name: row for row, name in enumerate(SCENARIOS, start=1)}
    for shift, (name, (mark, colour, face, _)) in zip(
        (-0.27, -0.09, 0.09, 0.27), LOOKS.items(), strict=True
    ):
        cells = part[part["monitor"] == name]
        place = cells["scenario"].map(order) + shift
        low = cells["ci_low"].clip(lower=LEFT_END)
        axes.hlines(place, low, cells["ci_high"].clip(lower=LEFT_END), color=colour, linewidth=1.0)
        some = cells["per_thousand_days"] >= LEFT_END
        look: dict[str, Any] = {"s": 15, "edgecolors": colour, "linewidths": 0.9, "zorder": 3}
        axes.scatter(
            cells.loc[some, "per_thousand_days"], place[some], marker=mark, facecolors=face, **look
        )
        edge = [LEFT_END * 1.15] * int((~some).sum())
        axes.scatter(edge, place[~some], marker="<", facecolors=colour, **look)


def _draw_delays(axes: Axes, part: pd.DataFrame, *, first: bool) -> None:
    axes.set_yscale("log")
    axes.set_ylim(0.8, _NEVER * 1.3)
    axes.yaxis.set_major_locator(FixedLocator([1, 3, 10, 30, 90, _NEVER]))
    axes.yaxis.set_minor_locator(FixedLocator([]))
    names = ["1", "3", "10", "30", "90", "never"] if first else [""] * 6
    axes.set_yticklabels(names)
    axes.grid(axis="y")
    ratios = sorted(part["odds_ratio"].unique())
    axes.set_xlim(-0.4, len(ratios) - 0.6)
    axes.set_xticks(range(len(ratios)), [f"{ratio:g}" for ratio in ratios])
    for shift, (name, (mark, colour, face, _)) in zip(
        (-0.12, -0.04, 0.04, 0.12), LOOKS.items(), strict=True
    ):
        cells = part[part["monitor"] == name].sort_values("odds_ratio")
        days = cells["median_days"].replace(np.inf, _NEVER).fillna(_NEVER)
        x = np.arange(len(cells)) + shift
        axes.plot(x, days, color=colour, linewidth=0.7, zorder=2)
        axes.scatter(
            x, days, s=13, marker=mark, facecolors=face, edgecolors=colour, linewidths=0.9, zorder=3
        )


def _name_monitors(axes: Axes, figure: Figure) -> None:
    common: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
    height = axes.get_window_extent().height / figure.dpi
    for i, (mark, colour, face, name) in enumerate(LOOKS.values()):
        x, y = (-0.36, 0.2)[i % 2], 1 + (0.36 - 0.17 * (i // 2)) / height
        axes.scatter(x, y, s=15, marker=mark, facecolors=face, edgecolors=colour, **common)
        size = style.SMALL + 0.3
        axes.text(x + 0.02, y, name, va="center_baseline", fontsize=size, color=colour, **common)


def draw_stream(data: pd.DataFrame) -> Figure:
    """Draw shares with both confidence sequences above, the evidence below."""
    figure = canvas(3.9)
    above = inches(figure, 0.6, 0.22, 5.7, 1.6)
    below = inches(figure, 0.6, 2.1, 5.7, 1.3)
    day = data["day"]
    above.scatter(day, data["share"], s=4, color=style.FAINT, linewidths=0, zorder=2)
    for low, high, colour, hatch in (
        ("crude_low", "crude_high", "#D55E00", "////"),
        ("ci_low", "ci_high", "#0072B2", ""),
    ):
        above.fill_between(
            day, data[low], data[high], facecolor=colour, alpha=0.3, hatch=hatch, linewidth=0.8,
            edgecolor=colour,
        )  # fmt: skip
    above.axhline(data["baseline_standardised"].iloc[0], color=style.INK, linewidth=0.8)
    shown = data[data["day"] > 5]
    above.set_ylim(0, 1.05 * float(max(shown["share"].max(), shown["crude_high"].max())))
    above.yaxis.set_major_formatter(lambda y, _: f"{100 * y:g} %")
    below.plot(day, data["evidence"], color="#0072B2", linewidth=1.2)
    below.plot(day, data["evidence_pooled"], color="#D55E00", linewidth=1.2, linestyle="--")
    threshold = float(data["threshold"].iloc[0])
    below.axhline(threshold, color=style.INK, linewidth=0.8)
    below.set_ylim(-1.5, 3.2 * threshold)
    below.set_ylabel("log10 evidence")
    below.set_xlabel("Simulated day")
    _mark_changes(above, below, data)
    note: dict[str, Any] = {"transform": above.transAxes, "fontsize": style.SMALL + 0.2}
    above.text(0.62, 0.14, "crude share (hatched)", color="#D55E00", **note)
    above.text(0.62, 0.04, "at the baseline's mix (plain)", color="#0072B2", **note)
    return figure


def _mark_changes(above: Axes, below: Axes, data: pd.DataFrame) -> None:
    size = style.SMALL + 0.2
    last = float(data["day"].max())
    for column, text in (("mix_changed", "mix of tasks changes"), ("drifted", "behaviour drifts")):
        start = float(data.loc[data[column], "day"].min()) - 0.5
        for axes in (above, below):
            axes.axvline(start, color=style.FAINT, linewidth=0.8, linestyle=":")
            axes.set_xlim(0, last + 1)
        above.annotate(
            text, (start, 1.0), xycoords=("data", "axes fraction"), xytext=(2, 2),
            textcoords="offset points", fontsize=size, color=style.FAINT,
        )  # fmt: skip
    since = data[["since_low", "since_high"]].dropna()
    if len(since):
        low, high = since.iloc[0]
        below.axvspan(low - 0.5, high + 0.5, color="#0072B2", alpha=0.15, linewidth=0)
    threshold = float(data["threshold"].iloc[0])
    notes: dict[str, Any] = {"fontsize": size, "va": "bottom"}
    below.text(1, threshold * 1.03, "alarm", **notes)
    below.text(last, -1.3, "by task type", color="#0072B2", ha="right", **notes)
    below.text(last * 0.8, -1.3, "task types pooled (dashed)", color="#D55E00", ha="right", **notes)
