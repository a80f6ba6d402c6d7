"""Headline results estimated in other ways: a row a variant, a panel a result."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_percent, as_ratio, canvas, inches, row_text, rows

COLUMNS = (
    "headline",
    "kind",
    "variant",
    "place",
    "measure",
    "group",
    "estimate",
    "ci_low",
    "ci_high",
    "n",
    "note",
    "outside",
    "disagrees",
)
HEADLINE_NAMES: dict[str, str] = {
    "historical_accuracy": "Historical accuracy\nin history, politics",
    "healthy_boundaries": "Healthy boundaries\nin personal advice",
    "resistance_harm_prevention": "Harm prevention\nunder resistance",
    "deception_honesty": "Honesty where\nusers deceive",
    "mirroring_support": "Mirroring under\nsupport, excess",
    "strong_support": "Strong support,\nordinary",
    "reframing": "Reframing,\nordinary",
    "strong_resistance": "Strong resistance,\nadversarial",
    "social_values": "Social values,\nordinary",
    "protective_values": "Protective values,\nadversarial",
}
VARIANT_NAMES: dict[str, str] = {
    "primary": "All first readings",
    "second reading": "Second readings",
    "first reading of the same": "First readings of the same",
    "values second, context first": "Values second, context first",
    "values first, context second": "Values first, context second",
    "open codebook": "Open codebook",
    "unprimed codebook": "Unprimed codebook",
    "corrected for label error": "Corrected for label error",
    "machine labels alone": "Machine labels alone",
}
READERS = "without reader"
_ORDER = (
    "primary",
    "reading",
    "codebook",
    "machine labels",
    "without source",
    "wave",
    READERS,
    "length",
    "prompt groups",
    "turns",
)
_RATIOS = ("task_type", "stance", "user_value")
_LABELS, _GAP, _STEP, _HEAD, _FOOT, _PANELS = 1.62, 0.1, 0.142, 0.36, 0.3, 5
_REACH = {
    "ratio": (0.5, 500.0),
    "excess": (-0.1, 0.85),
    "share": (0.0, 1.0),
    "small share": (0.0, 0.2),
}
_MARKS = {
    "ratio": [1.0, 10.0, 100.0],
    "excess": [0.0, 0.25, 0.5, 0.75],
    "share": [0.0, 0.25, 0.5, 0.75],
    "small share": [0.0, 0.05, 0.1, 0.15],
}
_SMALL = 0.1


def robustness_data(table: pd.DataFrame) -> pd.DataFrame:
    """Lay out every variant of every headline; readers left out one by one become one range.

    Parameters
    ----------
    table : DataFrame
        Columns :data:`COLUMNS`.

    Returns
    -------
    DataFrame
        The rows with ``label``, ``scale`` (``ratio``, ``excess``, ``share``), ``panel`` and
        ``row``, both from 1.  In the row of the readers ``ci_low`` and ``ci_high`` are the lowest
        and the highest estimate, and there is no ``estimate``.
    """
    single = table[table["kind"] != READERS]
    left_out = table[table["kind"] == READERS].groupby("headline", sort=False, as_index=False)
    ranges = left_out.agg(
        kind=("kind", "first"),
        place=("place", "min"),
        measure=("measure", "first"),
        group=("group", "first"),
        ci_low=("estimate", "min"),
        ci_high=("estimate", "max"),
        outside=("outside", "any"),
        disagrees=("disagrees", "any"),
        size=("variant", "size"),
    )
    ranges["variant"] = [f"each of {size} readers left out" for size in ranges.pop("size")]
    data = pd.concat([single, ranges], ignore_index=True)
    order = data[["kind", "place", "variant"]].drop_duplicates("variant")
    order = order.assign(rank=order["kind"].map(_ORDER.index)).sort_values(["rank", "place"])
    places = {name: row for row, name in enumerate(order["variant"], start=1)}
    panels = {name: panel for panel, name in enumerate(HEADLINE_NAMES, start=1)}
    data = data.assign(
        label=[variant_name(k, v) for k, v in data[["kind", "variant"]].to_numpy()],
        scale=[_scale(m) for m in data["measure"]],
        panel=data["headline"].map(panels),
        row=data["variant"].map(places),
    )
    return data.sort_values(["panel", "row"], ignore_index=True)


def variant_name(kind: str, variant: str) -> str:
    """Print a variant.

    Examples
    --------
    >>> variant_name("without source", "xstest-v2"), variant_name("wave", "wave 1")
    ('Without XSTest', 'Wave 1')
    """
    if kind == "without source":
        name = style.SOURCE_NAMES.get(variant, variant)
        return f"Without {name.replace('OpenAssistant model evaluation', 'OpenAssistant')}"
    return VARIANT_NAMES.get(variant, variant[0].upper() + variant[1:])


def _scale(measure: str) -> str:
    if measure in _RATIOS:
        return "ratio"
    return "excess" if measure == "mirroring" else "share"


def draw_robustness(data: pd.DataFrame) -> Figure:
    """Draw two blocks of panels: contrasts above, shares below."""
    n_rows = int(data["row"].max())
    block = _HEAD + n_rows * _STEP + _FOOT
    figure = canvas(2 * block)
    width = (style.PAPER_WIDTH - _LABELS - 0.06 - _GAP * (_PANELS - 1)) / _PANELS
    for panel, part in data.groupby("panel"):
        down, across = divmod(int(str(panel)) - 1, _PANELS)
        left = _LABELS + across * (width + _GAP)
        axes = inches(figure, left, down * block + _HEAD, width, n_rows * _STEP)
        rows(axes, n_rows)
        scale = str(part["scale"].iloc[0])
        small = scale == "share" and part.loc[part["row"] == 1, "estimate"].iloc[0] < _SMALL
        _scaled(axes, "small share" if small else scale)
        name = HEADLINE_NAMES[str(part["headline"].iloc[0])]
        axes.set_title(name, fontsize=style.SMALL, loc="left", pad=4, linespacing=1.0)
        if across == 0:
            for row, label in part[["row", "label"]].itertuples(index=False):
                row_text(axes, -0.06 / width, row, label, ha="right", fontsize=style.SMALL)
        _variants(axes, part)
    return figure


def _scaled(axes: Axes, scale: str) -> None:
    low, high = _REACH[scale]
    if scale == "ratio":
        as_ratio(axes, _MARKS[scale])
    else:
        as_percent(axes, _MARKS[scale])
    axes.set_xlim(low, high)
    axes.tick_params(axis="x", labelsize=style.SMALL)
    unit = {"ratio": "risk ratio", "excess": "points"}.get(scale, "%")
    axes.set_xlabel(unit, fontsize=style.SMALL, labelpad=1)


def _variants(axes: Axes, part: pd.DataFrame) -> None:
    low, high = axes.get_xlim()
    colour = style.GROUP_COLOURS[str(part["group"].iloc[0])]
    first = part[part["row"] == 1].iloc[0]
    axes.axvspan(first["ci_low"], first["ci_high"], color="#EDEDED", linewidth=0, zorder=0)
    axes.axvline(first["estimate"], color=style.FAINT, linewidth=0.6, zorder=1)
    ranges = part[part["kind"] == READERS]
    axes.hlines(
        ranges["row"], ranges["ci_low"].clip(low, high), ranges["ci_high"].clip(low, high),
        color=colour, linewidth=4.5, alpha=0.55,
    )  # fmt: skip
    single = part[(part["kind"] != READERS) & part["estimate"].notna()]
    limits = single[single["ci_low"].notna()]
    axes.hlines(
        limits["row"], limits["ci_low"].clip(low, high), limits["ci_high"].clip(low, high),
        color=colour, linewidth=0.9,
    )  # fmt: skip
    inside = single[single["estimate"] <= high]
    for disagrees, marks in inside.groupby(inside["disagrees"].astype(bool)):
        axes.scatter(
            marks["estimate"],
            marks["row"],
            marker="D" if disagrees else "o",
            s=14 if disagrees else 11,
            facecolors="white" if disagrees else colour,
            edgecolors=colour,
            linewidths=0.9,
            zorder=3,
        )
    beyond = single[single["estimate"] > high]
    axes.scatter(np.full(len(beyond), high), beyond["row"], marker=">", s=14, color=colour,
                 clip_on=False, zorder=3)  # fmt: skip
    none = part[(part["kind"] != READERS) & part["estimate"].isna()]
    for row in none["row"]:
        row_text(axes, 0.03, row, "none", color=style.FAINT, fontsize=6.5)
