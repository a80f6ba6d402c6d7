"""The tree of values: headings, their groups and how often each is expressed."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valuescape.report import style
from valuescape.report.figures.base import axis_name, canvas, inches, rows

COLUMNS = ("node_id", "name", "level", "parent_id", "polarity", "n")
_ROW, _LABELS, _BARS, _TOP, _FOOT, _MARGIN = 0.132, 1.97, 0.9, 0.03, 0.4, 0.04


def taxonomy_data(nodes: pd.DataFrame) -> pd.DataFrame:
    """Lay out the nodes of levels 1 to 3 in two columns of rows.

    Parameters
    ----------
    nodes : DataFrame
        ``node_id``, ``name``, ``level``, ``parent_id``, ``polarity``, ``n``.

    Returns
    -------
    DataFrame
        The same columns with ``heading`` (its level-3 node), ``column`` (1 or 2) and ``row``
        (from 1 at the top; one row is left free between headings).  Headings come in the order of
        the style, nodes under one parent by falling ``n``.
    """
    tree = nodes[nodes["level"] >= 1].sort_values(["n", "name"], ascending=[False, True])
    children = {
        str(parent): part["node_id"].tolist()
        for parent, part in tree.groupby("parent_id", sort=False)
    }
    known = {name: place for place, name in enumerate(style.HEADING_COLOURS)}
    headings = tree[tree["level"] == tree["level"].max()]
    ordered = headings.sort_values("node_id", key=lambda ids: ids.map(known), kind="stable")
    blocks = []
    for heading in ordered["node_id"]:
        ids = _descendants(heading, children)
        block = tree.set_index("node_id").loc[ids].reset_index()
        blocks.append(block.assign(heading=heading))
    return _placed(blocks)


def _descendants(node: str, children: dict[str, list[str]]) -> list[str]:
    below = children.get(node, [])
    return [node, *(found for child in below for found in _descendants(child, children))]


def _placed(blocks: list[pd.DataFrame]) -> pd.DataFrame:
    half = sum(len(block) for block in blocks) / 2
    column, row, placed = 1, 1, []
    for block in blocks:
        if column == 1 and row > half:
            column, row = 2, 1
        placed.append(block.assign(column=column, row=range(row, row + len(block))))
        row += len(block) + 1
    return pd.concat(placed, ignore_index=True)


def draw_taxonomy(data: pd.DataFrame) -> Figure:
    """Draw one row a node: headings in bold, level 2 outlined, level 1 filled."""
    n_rows = int(data["row"].max())
    top_level = int(data["level"].max())
    longest = float(data.loc[data["level"] < top_level, "n"].max())
    figure = canvas(_TOP + n_rows * _ROW + _FOOT)
    for column, part in data.groupby("column"):
        left = _MARGIN + (int(str(column)) - 1) * (style.PAPER_WIDTH / 2)
        axes = inches(figure, left + _LABELS, _TOP, _BARS, n_rows * _ROW)
        axes.set_xlim(0, longest)
        rows(axes, n_rows)
        for heading, block in part.groupby("heading", sort=False):
            _draw_block(axes, block, style.HEADING_COLOURS[str(heading)], longest / _BARS)
    axis_name(figure, "Conversations in which the assistant expresses the value")
    return figure


def _draw_block(axes: Axes, block: pd.DataFrame, colour: str, inch: float) -> None:
    """Draw one heading with all below it; ``inch`` is an inch in units of the bars."""
    top_level = block["level"].max()
    first, last = block["row"].min(), block["row"].max()
    axes.plot(
        [-(_LABELS - 0.02) * inch] * 2,
        [first - 0.45, last + 0.45],
        color=colour,
        linewidth=2.5,
        solid_capstyle="butt",
        clip_on=False,
    )
    for name, level, row, n, polarity in zip(
        block["name"], block["level"], block["row"], block["n"], block["polarity"], strict=True
    ):
        is_heading = level == top_level
        written: dict[str, Any] = {
            "va": "center_baseline",
            "fontsize": style.NORMAL if is_heading else style.SMALL,
            "fontweight": "bold" if is_heading else "normal",
            "color": colour if is_heading else style.INK,
        }
        indent = _LABELS - 0.08 - 0.1 * (top_level - level)
        axes.text(-indent * inch, row, name, **written)
        axes.text(0.04 * inch + (0 if is_heading else n), row, style.count(n), **written)
        if not is_heading:
            filled = level == 1 and polarity == "desirable"
            axes.barh(
                row,
                n,
                height=0.64,
                edgecolor=colour,
                linewidth=0.8,
                facecolor=colour if filled else "white",
                hatch=style.POLARITY_HATCHES[polarity] if level == 1 else "",
            )
