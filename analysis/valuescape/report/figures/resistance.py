"""What assistants express when they resist, against when they support."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_ratio, canvas, inches, row_text, rows

COLUMNS = (
    "group",
    "value",
    "n_both",
    "n_context",
    "n_value",
    "n_total",
    "risk_ratio",
    "ci_low",
    "ci_high",
    "q_value",
)
_STEP, _TOP, _FOOT, _LEFT, _WIDTH = 0.178, 0.42, 0.46, 1.85, 3.5


def resistance_data(
    resistance: pd.DataFrame, polarity: pd.Series, group: str, n_values: int, q_threshold: float
) -> pd.DataFrame:
    """Take the commonest values of a group's resisting and supporting replies.

    Parameters
    ----------
    resistance : DataFrame
        Columns :data:`COLUMNS`; ``n_both`` of ``n_context`` are resisting replies.
    polarity : Series
        Polarity by the printed name of the value.
    group : str
        Group of conversations.
    n_values : int
        Values shown: those in most conversations of either stance, which does not depend on the
        tests.
    q_threshold : float
        Values at or below it are marked.

    Returns
    -------
    DataFrame
        A row a value: what the results hold of it, ``polarity``, ``marked`` and ``row`` by falling
        risk ratio (equal ones by the end of the interval that is known).
    """
    chosen = resistance[resistance["group"] == group]
    chosen = chosen.sort_values(["n_value", "value"], ascending=[False, True]).head(n_values)
    ordered = chosen.sort_values(
        ["risk_ratio", "ci_low", "ci_high", "value"], ascending=[False, False, False, True]
    )
    return ordered.assign(
        polarity=ordered["value"].map(polarity),
        marked=ordered["q_value"] <= q_threshold,
        row=range(1, len(ordered) + 1),
    )


def draw_resistance(data: pd.DataFrame) -> Figure:
    """Draw risk ratios on a logarithmic axis; arrows where a ratio is zero or infinite."""
    n_rows = len(data)
    figure = canvas(_TOP + n_rows * _STEP + _FOOT)
    axes = inches(figure, _LEFT, _TOP, _WIDTH, n_rows * _STEP)
    rows(axes, n_rows)
    low, high = _reach(data)
    as_ratio(axes, [10.0**k for k in range(-3, 5) if low <= 10.0**k <= high])
    axes.set_xlim(low, high)
    for polarity, part in data.groupby("polarity"):
        _draw_part(axes, part, style.POLARITY_COLOURS[str(polarity)])
    axes.set_yticks(
        data["row"],
        [style.marked(v, p) for v, p in zip(data["value"], data["polarity"], strict=True)],
    )
    axes.set_xlabel("Risk ratio, resistance against support")
    _head(axes)
    _counts(axes, data)
    return figure


def _reach(data: pd.DataFrame) -> tuple[float, float]:
    ends = data[["risk_ratio", "ci_low", "ci_high"]].to_numpy(dtype=float).ravel()
    known = ends[np.isfinite(ends) & (ends > 0)]
    return float(known.min()) / 1.6, float(known.max()) * 1.6


def _draw_part(axes: Axes, part: pd.DataFrame, colour: str) -> None:
    low, high = axes.get_xlim()
    starts = part["ci_low"].clip(lower=low)
    ends = part["ci_high"].clip(upper=high)
    axes.hlines(part["row"], starts, ends, color=colour, linewidth=1.1)
    for mark, chosen, place in (
        ("o", np.isfinite(part["risk_ratio"]) & (part["risk_ratio"] > 0), part["risk_ratio"]),
        (">", np.isposinf(part["risk_ratio"]), ends / 1.12),
        ("<", part["risk_ratio"] == 0, starts * 1.12),
    ):
        for marked in (True, False):
            shown = chosen & (part["marked"] == marked)
            axes.scatter(
                place[shown],
                part.loc[shown, "row"],
                marker=mark,
                s=20,
                linewidths=1.0,
                edgecolors=colour,
                facecolors=colour if marked else "white",
                zorder=3,
            )


def _head(axes: Axes) -> None:
    place: dict[str, Any] = {
        "transform": axes.get_xaxis_transform(),
        "va": "baseline",
        "fontsize": style.SMALL + 0.4,
    }
    axes.text(0.9, 1.016, "← more under support", ha="right", **place)
    axes.text(1.1, 1.016, "more under resistance →", ha="left", **place)


def _counts(axes: Axes, data: pd.DataFrame) -> None:
    first = data.iloc[0]
    for x, name, of in (
        (1.17, "resist", first["n_context"]),
        (1.31, "support", first["n_total"] - first["n_context"]),
    ):
        for line, height in ((name, 13), (f"of {style.count(of)}", 4)):
            axes.annotate(
                line,
                (x, 1.0),
                xycoords="axes fraction",
                xytext=(0, height),
                ha="right",
                textcoords="offset points",
                fontsize=style.SMALL,
                color=style.FAINT,
            )
    for row, both, value in zip(data["row"], data["n_both"], data["n_value"], strict=True):
        for x, k in ((1.17, both), (1.31, value - both)):
            row_text(axes, x, row, style.count(k), ha="right")
