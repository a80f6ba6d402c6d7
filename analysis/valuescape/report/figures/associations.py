"""Which values go with which task: a heat map of residuals and the top values of each task."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import axis_name, canvas, inches, row_text, rows

CELL_COLUMNS = (
    "group",
    "context_kind",
    "level",
    "context",
    "value",
    "n_both",
    "n_context",
    "n_value",
    "n_total",
    "risk_ratio",
    "ci_low",
    "ci_high",
    "adjusted_residual",
    "z",
    "q_value",
)
TOP_COLUMNS = (
    "group",
    "level",
    "context",
    "rank",
    "value",
    "n_both",
    "n_context",
    "n_clusters_context",
    "log_rr",
    "log_rr_low",
    "log_rr_high",
    "q_value",
)
NOTHING = "no distinctive value"


def heat_map_data(
    associations: pd.DataFrame,
    polarity: pd.Series,
    group: str,
    n_values: int,
    residual_limit: float,
    q_threshold: float,
) -> pd.DataFrame:
    """Take the commonest values of a group and order them by the task in which they peak.

    Parameters
    ----------
    associations : DataFrame
        Columns :data:`CELL_COLUMNS`.
    polarity : Series
        Polarity by the printed name of the value.
    group : str
        Group of conversations.
    n_values : int
        Values shown: those in most conversations, which does not depend on the tests.
    residual_limit : float
        Size of residual at which the colours end.
    q_threshold : float
        Cells at or below it are marked.

    Returns
    -------
    DataFrame
        A row a cell: ``row`` and ``column`` (from 1), what the results hold of it, ``polarity``,
        ``residual_limit`` and ``marked``.
    """
    cells = associations[
        (associations["group"] == group)
        & (associations["context_kind"] == "task_type")
        & (associations["level"] == 0)
    ]
    margins = cells.drop_duplicates("value").sort_values(
        ["n_value", "value"], ascending=[False, True]
    )
    cells = cells[cells["value"].isin(margins["value"].head(n_values))]
    contexts = [name for name in style.TASK_TYPE_NAMES if name in set(cells["context"])]
    columns = {name: place for place, name in enumerate(contexts, start=1)}
    cells = cells.assign(column=cells["context"].map(columns))
    peaks = cells.sort_values(["adjusted_residual", "column"], ascending=[False, True])
    peaks = peaks.drop_duplicates("value").sort_values(
        ["column", "adjusted_residual", "value"], ascending=[True, False, True]
    )
    places = {name: place for place, name in enumerate(peaks["value"], start=1)}
    return cells.assign(
        row=cells["value"].map(places),
        polarity=cells["value"].map(polarity),
        residual_limit=residual_limit,
        marked=cells["q_value"] <= q_threshold,
    ).drop(columns=["context_kind", "level"])


def draw_heat_map(data: pd.DataFrame) -> Figure:
    """Draw adjusted residuals as colours.

    Marked cells carry a disc (by the test, more than expected) or a ring (less).
    """
    import seaborn as sns

    grid = data.pivot_table(index="row", columns="column", values="adjusted_residual")
    limit = float(data["residual_limit"].iloc[0])
    n_rows = len(grid)
    height, width, left, top = n_rows * 0.178, 4.1, 1.75, 1.3
    figure = canvas(top + height + 0.08)
    axes = inches(figure, left, top, width, height)
    scale = inches(figure, 0.25, 0.62, 1.15, 0.1)
    sns.heatmap(
        grid,
        ax=axes,
        cmap="PuOr_r",
        center=0,
        vmin=-limit,
        vmax=limit,
        linewidths=0.6,
        linecolor="white",
        cbar_ax=scale,
        cbar_kws={"orientation": "horizontal"},
    )
    _label_heat_map(axes, data)
    _mark_cells(axes, data)
    _label_scale(scale, limit)
    _explain_marks(inches(figure, 0.25, 0.98, 1.15, 0.28))
    return figure


def _label_heat_map(axes: Axes, data: pd.DataFrame) -> None:
    values = data.drop_duplicates("row").sort_values("row")
    tasks = data.drop_duplicates("column").sort_values("column")
    axes.set_yticks(
        values["row"] - 0.5,
        [style.marked(v, p) for v, p in zip(values["value"], values["polarity"], strict=True)],
        rotation=0,
        fontsize=style.SMALL + 0.3,
    )
    axes.xaxis.tick_top()
    axes.set_xticks(
        tasks["column"] - 0.5,
        [
            f"{style.TASK_TYPE_NAMES[c]} ({style.count(n)})"
            for c, n in zip(tasks["context"], tasks["n_context"], strict=True)
        ],
        rotation=52,
        ha="left",
        rotation_mode="anchor",
        fontsize=style.SMALL + 0.3,
    )
    axes.tick_params(length=0, pad=2)
    axes.set(xlabel="", ylabel="")


def _mark_cells(axes: Axes, data: pd.DataFrame) -> None:
    marked = data[data["marked"]]
    strong = marked["adjusted_residual"].abs() > 0.6 * marked["residual_limit"]
    for more, inverse in ((True, False), (True, True), (False, False), (False, True)):
        part = marked[((marked["z"] > 0) == more) & (strong == inverse)]
        ink = "white" if inverse else style.INK
        axes.scatter(
            part["column"] - 0.5,
            part["row"] - 0.5,
            s=11,
            linewidths=0.8,
            edgecolors=ink,
            facecolors=ink if more else "none",
            zorder=3,
        )


def _label_scale(scale: Axes, limit: float) -> None:
    scale.set_xticks([-limit, 0, limit], [f"≤ −{limit:g}", "0", f"≥ {limit:g}"])
    scale.tick_params(length=2, labelsize=style.SMALL)
    scale.set_title("Adjusted residual", fontsize=style.SMALL + 0.4, pad=3)
    for spine in scale.spines.values():
        spine.set_visible(False)


def _explain_marks(axes: Axes) -> None:
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 2))
    for height, face, meaning in ((1.5, style.INK, "more"), (0.5, "none", "less")):
        axes.scatter(0.03, height, s=11, linewidths=0.8, edgecolors=style.INK, facecolors=face)
        axes.text(
            0.1, height, f"significantly {meaning}", va="center_baseline", fontsize=style.SMALL
        )


def top_values_data(top: pd.DataFrame, group: str, n_values: int) -> pd.DataFrame:
    """Take the first distinctive values of each task type.

    Parameters
    ----------
    top : DataFrame
        Columns :data:`TOP_COLUMNS`.
    group : str
        Group of conversations.
    n_values : int
        Values kept a task type.

    Returns
    -------
    DataFrame
        A row a value: what the results hold of it and ``row`` (from 1, over all task types in the
        order of the style).
    """
    chosen = top[(top["group"] == group) & (top["level"] == 0) & (top["rank"] <= n_values)]
    known = {name: place for place, name in enumerate(style.TASK_TYPE_NAMES)}
    place = chosen["context"].map(known)
    ordered = chosen.assign(place=place).sort_values(["place", "rank"]).drop(columns="place")
    return ordered.drop(columns="level").assign(row=range(1, len(ordered) + 1))


def draw_top_values(data: pd.DataFrame) -> Figure:
    """Draw the ranked values of each task type in two columns of dots and whiskers."""
    blocks = [part for _, part in data.sort_values("row").groupby("context", sort=False)]
    halves = _halved(blocks)
    tallest = max(sum(1 + len(block) for block in half) for half in halves)
    step, top = 0.168, 0.03
    figure = canvas(top + tallest * step + 0.44)
    marks = [1, 2, 4, 8, 16, 32, 64]
    marks = [m for m in marks if m / 2 < np.exp(data["log_rr_high"].max())]
    for side, half in enumerate(halves):
        if not half:
            continue
        axes = inches(figure, 1.52 + 3.28 * side, top, 1.62, tallest * step)
        rows(axes, tallest)
        axes.set_xlim(0, np.log(marks[-1]))
        axes.set_xticks(np.log(marks), [str(m) for m in marks])
        axes.grid(axis="x")
        row = 1
        for block in half:
            row = _draw_ranked(axes, block, row)
    axis_name(figure, "Shrunken risk ratio against the other task types")
    return figure


def _halved(blocks: list[pd.DataFrame]) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    sizes = np.cumsum([1 + len(block) for block in blocks])
    cut = int(np.argmin(np.abs(sizes - sizes[-1] / 2))) + 1
    return blocks[:cut], blocks[cut:]


def _draw_ranked(axes: Axes, block: pd.DataFrame, row: int) -> int:
    """Draw one task type from ``row`` on and return the row after it."""
    first = block.iloc[0]
    name = f"{style.TASK_TYPE_NAMES[first['context']]}, n = {style.count(first['n_context'])}"
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    row_text(axes, -0.92, row, name, fontweight="bold", bbox=paper)
    for place, (_, cell) in enumerate(block.iterrows(), start=row + 1):
        if cell["value"] == NOTHING:
            row_text(axes, -0.04, place, NOTHING, ha="right", color=style.FAINT, fontstyle="italic")
            continue
        row_text(axes, -0.04, place, cell["value"], ha="right")
        axes.plot([cell["log_rr_low"], cell["log_rr_high"]], [place] * 2, color=style.INK, lw=1)
        axes.plot(cell["log_rr"], place, "o", color=style.group_colour(cell["group"]), ms=4)
    return row + 1 + len(block)
