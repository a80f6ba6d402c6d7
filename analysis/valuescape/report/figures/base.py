"""What every figure shares: axes of the study, writing three files a figure."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, PercentFormatter

from valuescape.errors import InputError
from valuescape.report import style
from valuescape.store import read_columns, write_bytes, write_table


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure before it is drawn.

    Attributes
    ----------
    name : str
        Name of its three files.
    data : DataFrame
        The data behind, as written beside it.
    key : tuple of str
        Columns that identify and order the rows.
    draw : callable
        From the data behind to the figure.
    """

    name: str
    data: pd.DataFrame
    key: tuple[str, ...]
    draw: Callable[[pd.DataFrame], Figure]


def write_drawing(drawing: Drawing, folder: Path) -> None:
    """Write ``NAME.csv`` and, drawn from it, ``NAME.svg`` and ``NAME.png``.

    The same data give the same bytes: no date, no software version, a fixed salt for identifiers,
    glyphs as outlines.

    Raises
    ------
    InputError
        If there is nothing to draw.
    """
    if drawing.data.empty:
        raise InputError(f"figure {drawing.name!r}: the results hold no row that it would show")
    behind = folder / f"{drawing.name}.csv"
    write_table(drawing.data, behind, key=list(drawing.key))
    with style.applied():
        figure = drawing.draw(read_columns(behind, drawing.key))
        for ending, metadata in (
            ("svg", {"Date": None, "Creator": None}),
            ("png", {"Software": None}),
        ):
            content = io.BytesIO()
            figure.savefig(content, format=ending, metadata=metadata)
            write_bytes(content.getvalue(), folder / f"{drawing.name}.{ending}")


def canvas(height: float) -> Figure:
    """Return an empty figure of the paper's width and the given height in inches."""
    return Figure(figsize=(style.PAPER_WIDTH, height))


def inches(
    figure: Figure, left: float, top: float, width: float, height: float, **options: object
) -> Axes:
    """Add axes placed in inches from the left and upper edges of the figure."""
    across, down = (float(side) for side in figure.get_size_inches())
    place = (left / across, 1 - (top + height) / down, width / across, height / down)
    axes: Axes = figure.add_axes(place, **options)  # type: ignore[call-overload]
    return axes


def rows(axes: Axes, n_rows: int) -> None:
    """Let the vertical axis count rows from 1 at the top, without marks."""
    axes.set_ylim(n_rows + 0.5, 0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def row_text(axes: Axes, x: float, row: float, text: str, **options: Any) -> None:
    """Write beside a row; ``x`` counts widths of the axes from their left edge."""
    chosen = {"va": "center_baseline", "fontsize": style.SMALL + 0.3, **options}
    axes.text(x, row, text, transform=axes.get_yaxis_transform(), **chosen)


def row_counts(axes: Axes, x: float, places: Iterable[float], counts: Iterable[float]) -> None:
    """Write a faint column of counts that ends at ``x``, headed n."""
    faint: dict[str, Any] = {"ha": "right", "color": style.FAINT}
    for row, n in zip(places, counts, strict=True):
        row_text(axes, x, row, style.count(n), **faint)
    size = style.SMALL + 0.3
    axes.annotate(
        "n",
        (x, 1.0),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=size,
        **faint,
    )


def axis_name(figure: Figure, text: str) -> None:
    """Name the horizontal axis that all panels share."""
    figure.supxlabel(text, y=0.0, va="bottom", fontsize=style.NORMAL)


def as_percent(axes: Axes, marks: Sequence[float]) -> None:
    """Print shares on the horizontal axis in per cent, with a light line at each mark."""
    axes.xaxis.set_major_locator(FixedLocator(list(marks)))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=""))
    axes.grid(axis="x")


def as_ratio(axes: Axes, marks: Sequence[float]) -> None:
    """Make the horizontal axis logarithmic with plainly printed ratios and a line at one."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(marks)))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}" if x >= 1 else f"1/{1 / x:g}")
    axes.grid(axis="x")
    axes.axvline(1.0, color=style.FAINT, linewidth=0.8, zorder=1)
