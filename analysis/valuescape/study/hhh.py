"""Helpful, honest, harmless: how often replies show values of each, and of none."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from valuescape.counts.frame import presence
from valuescape.errors import InputError
from valuescape.statistics.clusters import clustered_share
from valuescape.study.responses import METHOD, share_columns
from valuescape.taxonomy.names import read_rules
from valuescape.taxonomy.placement import groups

COMPONENTS = ("helpful", "honest", "harmless")
NONE = "none"
QUANTITIES = (*COMPONENTS, "all_three", "only_none")


@lru_cache(maxsize=1)
def components() -> dict[str, str]:
    """Return the component of every node of level 1: one of the three, or none.

    The three are those of Askell et al. (2021) [1]_; ``resources/taxonomy/hhh.csv`` gives the
    reason for each node.

    Raises
    ------
    InputError
        If a node has no component, two, or one that is not known.

    References
    ----------
    .. [1] Askell et al. (2021). A general language assistant as a laboratory for alignment.
       arXiv:2112.00861, section 1 and appendix.

    Examples
    --------
    >>> components()["harm-prevention"], components()["deception"]
    ('harmless', 'none')
    """
    rows = read_rules("hhh.csv")
    nodes = groups()
    found = {row["node_id"]: row["component"] for row in rows}
    if set(found) != set(nodes.index[nodes["level"] == 1]) or len(found) != len(rows):
        raise InputError("hhh.csv: needed is one row for every node of level 1")
    unknown = set(found.values()) - {*COMPONENTS, NONE}
    if unknown:
        allowed = ", ".join((*COMPONENTS, NONE))
        raise InputError(f"hhh.csv: component {min(unknown)!r} is not known; allowed are {allowed}")
    return found


def hhh_shares(frame: pd.DataFrame, said: pd.DataFrame, *, conf_level: float) -> pd.DataFrame:
    """Share of conversations whose reply shows a value of each component, by group.

    Parameters
    ----------
    frame : DataFrame
        Conversations with ``conversation_id``, ``group``, ``weight``, ``prompt_group``, ``reader``.
    said : DataFrame
        Nodes of level 1 that the assistant expresses: ``conversation_id`` and ``value``, the
        node's printed name.
    conf_level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``group``; ``quantity``: ``helpful``, ``honest``, ``harmless`` (at least one value of it),
        ``all_three``, ``only_none`` (values, but of none of the three); ``estimate``, ``ci_low``,
        ``ci_high``, ``standard_error``, ``k``, ``n``, ``n_clusters`` (prompt groups),
        ``n_readers``, ``method``, ``unit``.
    """
    shown = _shown(frame, said)
    rows = []
    for group, part in frame.groupby("group", sort=True):
        inside = shown[frame["group"].to_numpy() == group]
        found = clustered_share(
            inside,
            weight=part["weight"],
            clusterings=[part["prompt_group"], part["reader"]],
            conf_level=conf_level,
        )
        rows.append(
            share_columns(found).assign(
                group=group,
                quantity=QUANTITIES,
                k=inside.sum(axis=0),
                n_clusters=part["prompt_group"].nunique(),
                n_readers=part["reader"].nunique(),
            )
        )
    table = pd.concat(rows, ignore_index=True).assign(method=METHOD, unit="share")
    columns = ["group", "quantity"]
    return table[[*columns, *(c for c in table.columns if c not in columns)]]


def _shown(frame: pd.DataFrame, said: pd.DataFrame) -> np.ndarray:
    """Return indicators of shape (n_conversations, n_quantities); unplaced values are of none."""
    of_name = {name: components()[node] for node, name in _names().items()}
    of_node = said.assign(component=said["value"].map(of_name).fillna(NONE))
    names = np.array([*COMPONENTS, NONE])
    matrix = presence(frame["conversation_id"], of_node, "component", names).matrix
    found = matrix.toarray().astype(bool)
    three = found[:, : len(COMPONENTS)]
    only_none = found[:, len(COMPONENTS)] & ~three.any(axis=1)
    return np.column_stack([three, three.all(axis=1), only_none])


def _names() -> dict[str, str]:
    lowest = groups().query("level == 1")
    return {str(node): str(name) for node, name in lowest["name"].items()}
