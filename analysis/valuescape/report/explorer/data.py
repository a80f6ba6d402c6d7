"""What the explorer's page holds: tables turned into compact lists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from valuescape.errors import InputError
from valuescape.report import style
from valuescape.report.explorer.treemap import HEIGHT, ROOT, STRIP, WIDTH, treemap_views

NODE_COLUMNS = ("node_id", "name", "level", "parent_id", "description", "polarity", "n")
CELL_COLUMNS = (
    "group",
    "context_kind",
    "level",
    "context",
    "value",
    "n_both",
    "prevalence_inside",
    "prevalence_outside",
    "risk_ratio",
    "ci_low",
    "ci_high",
    "q_value",
)
CONTEXT_COLUMNS = ("group", "context_kind", "context", "n", "n_clusters")
SHARE_COLUMNS = ("group", "quantity", "name", "estimate", "ci_low", "ci_high", "method")
SMALLEST_Q = 1e-6
KIND_NAMES = {
    "task_type": "Kind of task",
    "run": "Assistant",
    "response_type": "Response type",
    "user_value": "Value of the user",
    "task_cluster": "Task, from phrases",
    "stance": "Stance of the reply",
    "assistant": "Assistant",
}
CONTEXT_NAMES = {
    "task_type": style.TASK_TYPE_NAMES,
    "response_type": style.RESPONSE_TYPE_NAMES,
    "stance": style.STANCE_NAMES,
}


@dataclass(frozen=True, slots=True)
class ExplorerTables:
    """The tables that the page is made of; none of them holds text of conversations.

    Attributes
    ----------
    nodes : DataFrame
        The taxonomy, :data:`NODE_COLUMNS`; values are the nodes of level 0.
    cells : DataFrame
        Associations, :data:`CELL_COLUMNS`; a hidden number is missing.
    contexts : DataFrame
        Contexts with their numbers of conversations, :data:`CONTEXT_COLUMNS`.
    shares : DataFrame
        Prevalence of values and headings by group, :data:`SHARE_COLUMNS`.
    q_threshold : float
        Largest q at which the page takes an association for established.
    digits : int
        Significant digits that shares, ratios and q keep.
    """

    nodes: pd.DataFrame
    cells: pd.DataFrame
    contexts: pd.DataFrame
    shares: pd.DataFrame
    q_threshold: float = 0.05
    digits: int = 3


def explorer_data(tables: ExplorerTables) -> dict[str, Any]:
    """Turn the tables into what the page reads.

    Parameters
    ----------
    tables : ExplorerTables
        The tables.

    Returns
    -------
    dict
        Lists and numbers only: ``nodes``, ``views`` (the treemap's rectangles), ``groups``,
        ``kinds``, ``contexts``, ``cells`` (one list a column), ``shares`` and ``q``. None stands
        for what is missing or infinite.

    Raises
    ------
    InputError
        If a node's parent, or the context of a cell, is in none of the tables.
    """
    nodes = tables.nodes.sort_values(["level", "node_id"], ascending=[False, True])
    nodes = nodes.reset_index(drop=True)
    row = {key: i for i, key in enumerate(zip(nodes["level"], nodes["name"], strict=True))}
    groups = [g for g in style.GROUP_NAMES if g in set(tables.contexts["group"])]
    groups += sorted(set(tables.contexts["group"]) - set(groups))
    kinds = [k for k in KIND_NAMES if k in set(tables.contexts["context_kind"])]
    kinds += sorted(set(tables.contexts["context_kind"]) - set(kinds))
    contexts, place = _contexts(tables.contexts, groups, kinds)
    return {
        "nodes": _nodes(nodes),
        "size": [WIDTH, HEIGHT, STRIP],
        "views": _views(nodes),
        "groups": [[g, _group_name(g)] for g in groups],
        "kinds": [[k, KIND_NAMES.get(k, k)] for k in kinds],
        "contexts": contexts,
        "cells": _cells(tables.cells, row, place, tables.digits),
        "shares": _shares(tables.shares, row, groups, tables.digits),
        "q": tables.q_threshold,
    }


def _group_name(group: str) -> str:
    known = group in style.GROUP_NAMES or group == style.OWN_GROUP
    return style.group_name(group) if known else group


def _nodes(nodes: pd.DataFrame) -> list[list[Any]]:
    row = {node: i for i, node in enumerate(nodes["node_id"])}
    heading = _headings(nodes, row)
    listed = nodes.fillna({"description": ""})
    return [
        [
            node["node_id"],
            node["name"],
            int(node["level"]),
            row.get(node["parent_id"], ROOT),
            style.POLARITY_NAMES.get(node["polarity"], node["polarity"]),
            style.POLARITY_MARKS.get(node["polarity"], ""),
            int(node["n"]),
            node["description"],
            style.HEADING_COLOURS.get(above, style.FAINT),
        ]
        for node, above in zip(listed.to_dict("records"), heading, strict=True)
    ]


def _headings(nodes: pd.DataFrame, row: dict[str, int]) -> list[str]:
    """Give the id of the topmost ancestor of every row; parents come before their children."""
    found: list[str] = []
    for node, parent in zip(nodes["node_id"], nodes["parent_id"], strict=True):
        found.append(found[row[parent]] if parent in row else node)
    return found


def _views(nodes: pd.DataFrame) -> dict[str, list[list[float]]]:
    return {
        str(node): [
            [r.node, r.depth, *(round(side, 1) for side in (r.x, r.y, r.width, r.height))]
            for r in rectangles
        ]
        for node, rectangles in treemap_views(nodes).items()
    }


def _contexts(
    contexts: pd.DataFrame, groups: list[str], kinds: list[str]
) -> tuple[list[list[Any]], dict[Any, int]]:
    listed = contexts.sort_values(["group", "context_kind", "context"])
    keys = list(zip(listed["group"], listed["context_kind"], listed["context"], strict=True))
    made = [
        [groups.index(g), kinds.index(k), c, _context_name(k, c), _whole(n), _whole(clusters)]
        for (g, k, c), n, clusters in zip(keys, listed["n"], listed["n_clusters"], strict=True)
    ]
    return made, {key: i for i, key in enumerate(keys)}


def _context_name(kind: str, context: str) -> str:
    if kind == "run":
        source, model = style.run_names(context)
        return f"{model} ({source})"
    return CONTEXT_NAMES.get(kind, {}).get(context, context)


def _cells(
    cells: pd.DataFrame,
    row: dict[Any, int],
    place: dict[Any, int],
    digits: int,
) -> dict[str, list[Any]]:
    ordered = cells.sort_values(["group", "context_kind", "context", "level", "value"])
    keys = zip(ordered["group"], ordered["context_kind"], ordered["context"], strict=True)
    found = [place.get(key, ROOT) for key in keys]
    if ROOT in found:
        cell = ordered.iloc[found.index(ROOT)]
        raise InputError(
            f"associations: context {cell['context']!r} of {cell['group']}, "
            f"{cell['context_kind']} is not in the table of contexts"
        )
    values = [row.get(key, ROOT) for key in zip(ordered["level"], ordered["value"], strict=True)]
    columns: dict[str, list[Any]] = {
        "context": found,
        "node": values,
        "k": [_whole(x) for x in ordered["n_both"]],
        "inside": [_short(x, digits) for x in ordered["prevalence_inside"]],
        "outside": [_short(x, digits) for x in ordered["prevalence_outside"]],
        "ratio": [_short(x, digits) for x in ordered["risk_ratio"]],
        "low": [_short(x, digits) for x in ordered["ci_low"]],
        "high": [_short(x, digits) for x in ordered["ci_high"]],
        "q": [
            None if pd.isna(x) else _short(max(x, SMALLEST_Q), digits) for x in ordered["q_value"]
        ],
    }
    kept = [i for i, value in enumerate(values) if value != ROOT]
    return {name: [column[i] for i in kept] for name, column in columns.items()}


def _shares(
    shares: pd.DataFrame, row: dict[Any, int], groups: list[str], digits: int
) -> list[list[Any]]:
    """Node, group, estimate, limits and method of each share of a value or heading."""
    made, top = [], max(level for level, _ in row)
    level = {"heading": top, "value": 0}
    for share in shares.sort_values(["group", "quantity", "name"]).to_dict("records"):
        node = row.get((level.get(share["quantity"]), share["name"]))
        if node is not None and share["group"] in groups:
            numbers = [_short(share[x], digits) for x in ("estimate", "ci_low", "ci_high")]
            made.append([node, groups.index(share["group"]), *numbers, share["method"]])
    return made


def _short(number: Any, digits: int) -> float | None:
    """Keep so many digits; None for what is missing or infinite.

    Examples
    --------
    >>> _short(0.123456, 3), _short(1234.5, 3), _short(float("inf"), 3)
    (0.123, 1230.0, None)
    """
    if not math.isfinite(number):
        return None
    return float(f"{number:.{digits}g}")


def _whole(number: Any) -> int | None:
    return None if pd.isna(number) else int(number)
