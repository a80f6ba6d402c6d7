"""Assistants on the same prompts: the strongest contrasts, and successive releases."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import as_percent, axis_name, canvas, inches, row_text, rows

CONTRAST_COLUMNS = (
    "source",
    "group",
    "quantity",
    "name",
    "arm",
    "versus",
    "estimate",
    "ci_low",
    "ci_high",
    "log10_p",
    "q_value",
    "established",
)
RELEASE_COLUMNS = (
    "quantity",
    "name",
    "step",
    "arm",
    "versus",
    "estimate",
    "ci_low",
    "ci_high",
    "detectable_single",
    "detectable",
    "established",
)
_STEP, _HEAD, _FOOT = 0.178, 0.08, 0.42
_LABELS, _PAIRS = 1.62, 1.9


def contrasts_data(contrasts: pd.DataFrame, polarity: pd.Series, n_rows: int) -> pd.DataFrame:
    """Take the surest contrasts of each source: values and response types.

    Parameters
    ----------
    contrasts : DataFrame
        Columns :data:`CONTRAST_COLUMNS`.
    polarity : Series
        Polarity by the printed name of the value.
    n_rows : int
        Contrasts shown of a source and group.

    Returns
    -------
    DataFrame
        Those of the smallest p-value, turned so that the difference is positive, with ``label``,
        ``pair``, ``block`` and ``row``; one row is left for the name of each source.
    """
    chosen = contrasts[contrasts["quantity"].isin(["value", "response_type"])]
    order = ["log10_p", "name", "arm", "versus"]
    chosen = chosen.sort_values(order).groupby(["source", "group"], sort=False).head(n_rows)
    turned = chosen["estimate"] < 0
    swapped = chosen.rename(columns={"arm": "versus", "versus": "arm"})
    swapped = swapped.assign(
        estimate=-chosen["estimate"], ci_low=-chosen["ci_high"], ci_high=-chosen["ci_low"]
    )
    chosen = chosen.where(~turned, swapped[chosen.columns])
    models = chosen[["arm", "versus"]].map(lambda run: style.run_names(run)[1])
    names = [_outcome(q, n, polarity) for q, n in chosen[["quantity", "name"]].to_numpy()]
    block = [
        f"{style.SOURCE_NAMES.get(s, s)}, {style.GROUP_NAMES[g].lower()}"
        for s, g in chosen[["source", "group"]].to_numpy()
    ]
    chosen = chosen.assign(
        label=names, pair=models["arm"] + " − " + models["versus"], block=block
    ).sort_values(["block", *order])
    before = (chosen["block"] != chosen["block"].shift()).cumsum()
    return chosen.assign(row=range(1, len(chosen) + 1) + before.to_numpy()).reset_index(drop=True)


def _outcome(quantity: str, name: str, polarity: pd.Series) -> str:
    if quantity == "response_type":
        return style.RESPONSE_TYPE_NAMES[name]
    return style.marked(name, str(polarity[name]))


def draw_contrasts(data: pd.DataFrame) -> Figure:
    """Draw differences of two assistants in points, filled where established."""
    n_rows = int(data["row"].max())
    figure = canvas(_HEAD + n_rows * _STEP + _FOOT)
    left = _LABELS + _PAIRS
    axes = inches(figure, left, _HEAD, style.PAPER_WIDTH - left - 0.2, n_rows * _STEP)
    rows(axes, n_rows)
    low, high = min(float(data["ci_low"].min()), 0.0), float(data["ci_high"].max())
    axes.set_xlim(low - 0.02, high + 0.02)
    as_percent(axes, [k / 10 for k in range(-2, 8) if low <= k / 10 <= high])
    axes.axvline(0.0, color=style.FAINT, linewidth=0.8)
    _points(axes, data, style.GROUP_COLOURS["ordinary"])
    width = style.PAPER_WIDTH - left - 0.2
    for block, part in data.groupby("block"):
        start = (-left + 0.05) / width
        row_text(axes, start, part["row"].min() - 1, str(block), fontweight="bold")
        for row, label, pair in part[["row", "label", "pair"]].itertuples(index=False):
            row_text(axes, (-left + 0.15) / width, row, label)
            row_text(axes, -0.06 / width, row, pair, ha="right", color=style.FAINT)
    axis_name(figure, "Difference in shares of all answers (points)")
    return figure


def _points(axes: Axes, data: pd.DataFrame, colour: str) -> None:
    axes.hlines(data["row"], data["ci_low"], data["ci_high"], color=colour, linewidth=1.1)
    for established, part in data.groupby("established"):
        axes.scatter(
            part["estimate"],
            part["row"],
            s=20,
            linewidths=1.0,
            edgecolors=colour,
            facecolors=colour if established else "white",
            zorder=3,
        )


def releases_data(releases: pd.DataFrame) -> pd.DataFrame:
    """Take every contrast of neighbouring releases, headings before response types.

    Parameters
    ----------
    releases : DataFrame
        Columns :data:`RELEASE_COLUMNS`.

    Returns
    -------
    DataFrame
        The same with ``label``, ``panel`` (the two releases) and ``row``, the same in each panel.
    """
    first = releases[releases["step"] == releases["step"].min()]
    order = first.sort_values(["quantity", "name"])[["quantity", "name"]].to_numpy().tolist()
    places = {tuple(pair): place for place, pair in enumerate(order, start=1)}
    pairs = list(map(tuple, releases[["quantity", "name"]].to_numpy().tolist()))
    models = releases[["arm", "versus"]].map(lambda run: style.run_names(run)[1])
    return releases.assign(
        label=[n if q == "heading" else style.RESPONSE_TYPE_NAMES[n] for q, n in pairs],
        panel=models["arm"] + " −\n" + models["versus"],
        row=[places[pair] for pair in pairs],
    )


def draw_releases(data: pd.DataFrame) -> Figure:
    """Draw a panel a step: differences with intervals over bands of what cannot be detected."""
    n_rows, n_steps = int(data["row"].max()), data["step"].nunique()
    step, gap, labels = 0.24, 0.14, 1.3
    figure = canvas(0.5 + n_rows * step + _FOOT)
    width = (style.PAPER_WIDTH - labels - 0.12 - gap * (n_steps - 1)) / n_steps
    ends = data[["ci_low", "ci_high", "detectable"]].abs().to_numpy().max() + 0.01
    for place, (_, part) in enumerate(data.groupby("step")):
        axes = inches(figure, labels + place * (width + gap), 0.5, width, n_rows * step)
        axes.set_xlim(-ends, ends)
        rows(axes, n_rows)
        as_percent(axes, [k / 10 for k in range(-5, 6) if abs(k) / 10 <= ends])
        for name, shade in (("detectable", "#ECECEC"), ("detectable_single", "#D2D2D2")):
            axes.barh(part["row"], 2 * part[name], left=-part[name], height=0.72, color=shade)
        axes.axvline(0.0, color=style.FAINT, linewidth=0.8)
        _points(axes, part, style.GROUP_COLOURS["ordinary"])
        axes.set_title(part["panel"].iloc[0], fontsize=style.SMALL + 0.6, loc="center")
        if place == 0:
            for row, label in part[["row", "label"]].itertuples(index=False):
                row_text(axes, -0.08 / width, row, label, ha="right")
    axis_name(figure, "Later less earlier release, shares of all answers (points)")
    return figure
