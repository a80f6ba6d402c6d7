"""Where the rectangles of the taxonomy lie, view by view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.errors import InputError

ROOT = -1
"""Parent of the headings, and the view of the whole tree."""

WIDTH, HEIGHT = 1000.0, 560.0
STRIP = 30.0
"""Height that a rectangle keeps for its own name above those of its children."""

GAP = 2.0
COLUMNS = ("node_id", "parent_id", "level", "n")


@dataclass(frozen=True, slots=True)
class Rectangle:
    """One node in one view.

    Attributes
    ----------
    node : int
        Row of the node in the table.
    depth : int
        1 for a child of the view, 2 for a grandchild.
    x, y, width, height : float
        Place in a drawing of :data:`WIDTH` by :data:`HEIGHT` units.
    """

    node: int
    depth: int
    x: float
    y: float
    width: float
    height: float


def treemap_views(nodes: pd.DataFrame) -> dict[int, list[Rectangle]]:
    """Lay out the children and grandchildren of every node that has some.

    Areas of siblings are proportional to ``n``; a node without readings keeps the area of a
    hundredth of a reading, so that it can be found.

    Parameters
    ----------
    nodes : DataFrame
        Columns ``node_id``, ``parent_id`` (empty for a heading), ``level`` and ``n``.

    Returns
    -------
    dict of int to list of Rectangle
        By the row of the node that is looked into; -1 for the whole tree. The larger come first,
        ties by row.

    Raises
    ------
    InputError
        If a node's parent is not in the table.

    References
    ----------
    Bruls, M., Huizing, K. & van Wijk, J. J. (2000). Squarified treemaps. *Data Visualization 2000*,
    33-42. https://doi.org/10.1007/978-3-7091-6783-0_4

    Examples
    --------
    >>> tree = pd.DataFrame({"node_id": ["a", "b", "c"], "parent_id": ["", "a", "a"],
    ...                      "level": [1, 0, 0], "n": [4, 3, 1]})
    >>> [round(r.width) for r in treemap_views(tree)[0]]
    [750, 250]
    """
    children = _children(nodes)
    sizes = np.maximum(nodes["n"].to_numpy(dtype=float), 0.01)
    views: dict[int, list[Rectangle]] = {}
    for node in children:
        views[node] = []
        for child in _placed(children[node], sizes, 1, (0.0, 0.0, WIDTH, HEIGHT)):
            views[node].append(child)
            if child.node in children and child.height > STRIP + 2 * GAP and child.width > 4 * GAP:
                inside = (
                    child.x + GAP,
                    child.y + STRIP,
                    child.width - 2 * GAP,
                    child.height - STRIP - GAP,
                )
                views[node] += _placed(children[child.node], sizes, 2, inside)
    return views


def _children(nodes: pd.DataFrame) -> dict[int, list[int]]:
    """Rows of the children of each row, the whole tree first, larger children first."""
    row = {node: i for i, node in enumerate(nodes["node_id"])}
    found: dict[int, list[int]] = {ROOT: []}
    order = nodes.assign(row=range(len(nodes))).sort_values(
        ["level", "n", "row"], ascending=[False, False, True]
    )
    for i, parent in zip(order["row"], order["parent_id"].fillna(""), strict=True):
        if parent and parent not in row:
            raise InputError(f"taxonomy: the parent {parent!r} of row {i + 1} is not in the table")
        found.setdefault(row[parent] if parent else ROOT, []).append(int(i))
    return found


def _placed(
    rows: list[int], sizes: np.ndarray, depth: int, box: tuple[float, float, float, float]
) -> list[Rectangle]:
    import squarify

    x, y, width, height = box
    scaled = squarify.normalize_sizes(sizes[rows].tolist(), width, height)
    placed = squarify.squarify(scaled, x, y, width, height)
    return [
        Rectangle(node, depth, r["x"], r["y"], r["dx"], r["dy"])
        for node, r in zip(rows, placed, strict=True)
    ]
