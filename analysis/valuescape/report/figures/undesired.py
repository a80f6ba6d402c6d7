"""Undesired values by source and assistant: rare shares with exact intervals."""

from __future__ import annotations

from collections.abc import Mapping
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
_READ = "of conversations read, weighted to the frame"
_TOP, _STEP = 0.42, 0.33


def by_source_data(prevalence: pd.DataFrame) -> pd.DataFrame:
    """Take the sources of every group.

    Parameters
    ----------
    prevalence : DataFrame
        Columns :data:`COLUMNS`.

    Returns
    -------
    DataFrame
        What :func:`draw_undesired` draws: a row a source, group and outcome, with ``row`` from
        1 and ``label``; by group, then by the share of any undesired value.
    """
    shown = prevalence[prevalence["division"] == "source"]
    return _placed(shown, style.SOURCE_NAMES)


def by_assistant_data(prevalence: pd.DataFrame) -> pd.DataFrame:
    """Take the assistants of the adversarial group, as :func:`by_source_data` takes sources."""
    assistants = prevalence["division"] == "assistant"
    return _placed(
        prevalence[assistants & (prevalence["group"] == "adversarial")], style.SYSTEM_NAMES
    )


def _placed(shares: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    shown = shares[shares["outcome"].isin(list(_LOOKS))]
    order = shown[shown["outcome"] == ANY].assign(
        place=lambda t: t["group"].map({g: i for i, g in enumerate(_GROUPS)})
    )
    order = order.sort_values(["place", "estimate", "part"], ascending=[True, False, True])
    keys = zip(order["group"], order["part"], strict=True)
    places = {key: row for row, key in enumerate(keys, start=1)}
    numbers = [places[key] for key in zip(shown["group"], shown["part"], strict=True)]
    labels = shown["part"].map(lambda name: names.get(name, name))
    return shown.assign(row=numbers, label=labels).reset_index(drop=True)


def own_data(shares: pd.DataFrame) -> pd.DataFrame:
    """Take the assistants of a corpus, under the corpus as a whole.

    Parameters
    ----------
    shares : DataFrame
        ``part`` ("all" or an assistant), ``outcome``, ``estimate``, ``ci_low``, ``ci_high``, ``n``.

    Returns
    -------
    DataFrame
        What :func:`draw_undesired` draws, assistants by the number of their conversations.
    """
    parts = shares.drop_duplicates("part").assign(whole=lambda t: t["part"] != "all")
    order = parts.sort_values(["whole", "n", "part"], ascending=[True, False, True])["part"]
    places = {name: row for row, name in enumerate(order, start=1)}
    names = shares["part"].where(shares["part"] != "all", style.group_name(style.OWN_GROUP))
    place = shares["part"].map(places)
    return shares.assign(group=style.OWN_GROUP, row=place, label=names)


def draw_undesired(data: pd.DataFrame) -> Figure:
    """Draw shares of undesired values and faults, a row a source or assistant."""
    n_rows = int(data["row"].max())
    figure = canvas(_TOP + n_rows * _STEP + 0.46)
    axes = inches(figure, 2.45, _TOP, 3.5, n_rows * _STEP)
    _draw_shares(axes, data, n_rows, float(data["ci_high"].max()))
    _name_marks(figure, set(data["outcome"]))
    own = set(data["group"]) == {style.OWN_GROUP}
    axis_name(figure, f"Share {'of subjective conversations' if own else _READ} (%)")
    return figure


def _draw_shares(axes: Axes, part: pd.DataFrame, n_rows: int, longest: float) -> None:
    rows(axes, n_rows)
    axes.set_xlim(-0.012 * longest, longest * 1.02)
    finest = 50 if longest < 0.1 else 10
    as_percent(axes, [m / finest for m in range(finest + 1) if m / finest <= longest])
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


def _name_marks(figure: Figure, outcomes: set[str]) -> None:
    axes = figure.axes[0]
    common: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
    height = axes.get_window_extent().height / figure.dpi
    for x, (outcome, look) in zip((-0.05, 0.33, 0.75), _LOOKS.items(), strict=True):
        if outcome not in outcomes:
            continue
        _, mark, colour, face, name = look
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
