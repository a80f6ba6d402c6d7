"""Time against the number of conversations, both on logarithmic axes."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from valuescape.report import style
from valuescape.report.figures.base import canvas, inches

LINES = {
    ("local", "count"): ("cells, one machine", "o", "#0072B2", "-"),
    ("duckdb", "count"): ("cells, DuckDB in 1 GB", "s", "#D55E00", "-"),
    ("spark", "count"): ("cells, Spark on one machine", "^", "#009E73", "-"),
    ("pairs", "count"): ("pairs of values, DuckDB in 1 GB", "D", "#CC79A7", "--"),
    ("users", "count"): ("moments of users, DuckDB in 4 GB", "v", "#96650A", "--"),
    ("bootstrap", "count"): ("1,000 bootstraps, one machine", "P", "#555555", "-"),
    ("duckdb", "closed"): ("exact tests after counts", "X", "#1A1A1A", ":"),
}
"""What is drawn: name, mark, colour and line of each job and part."""


def draw_scale(data: pd.DataFrame) -> Figure:
    """Draw processor seconds as marks on lines and wall seconds as hollow marks.

    Parameters
    ----------
    data : DataFrame
        ``job``, ``part``, ``n_conversations``, ``wall_seconds``, ``processor_seconds``.
    """
    figure = canvas(4.1)
    axes = inches(figure, 0.62, 0.12, 3.5, 3.45)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(True)
    handles = []
    for (job, part), (name, mark, colour, line) in LINES.items():
        rows = data[(data["job"] == job) & (data["part"] == part)]
        if rows.empty:
            continue
        rows = rows.sort_values("n_conversations")
        n = rows["n_conversations"]
        handles += axes.plot(
            n,
            rows["processor_seconds"],
            line,
            marker=mark,
            color=colour,
            ms=4.5,
            lw=1.2,
            label=name,
        )
        axes.plot(n, rows["wall_seconds"], mark, mec=colour, mfc="none", ms=4.5, mew=0.8)
    axes.set_xlim(7e3, 3e7)
    axes.xaxis.set_major_locator(FixedLocator([1e4, 1e5, 1e6, 5e6, 2e7]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _words(x)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if x < 1e3 else f"{x:,.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("conversations")
    axes.set_ylabel("seconds")
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(4.2 / style.PAPER_WIDTH, 1 - 0.1 / 4.1),
        frameon=False,
        borderaxespad=0,
        labelspacing=0.9,
    )
    figure.text(
        4.25 / style.PAPER_WIDTH,
        0.62 / 4.1,
        "Filled: processor time.\nHollow: wall time.\n1,000 tasks by 3,307 values,\n"
        "five values a conversation.",
        fontsize=style.SMALL,
        color=style.FAINT,
        linespacing=1.35,
    )
    return figure


def _words(n: float) -> str:
    """Print a number of conversations.

    Examples
    --------
    >>> _words(1e4), _words(5e6)
    ('10,000', '5 M')
    """
    return f"{n / 1e6:g} M" if n >= 1e6 else f"{n:,.0f}"
