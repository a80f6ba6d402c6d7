"""From expressions to the tree: merged names, places, nodes and their sizes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valuescape.errors import InputError
from valuescape.schema import CODEBOOKS, POLARITIES
from valuescape.taxonomy.merging import merge_names, raw_names
from valuescape.taxonomy.placement import groups, place_values
from valuescape.taxonomy.polarity import judge_polarity
from valuescape.taxonomy.similarity import (
    Similarity,
    cooccurrence_similarity,
    mixed_similarity,
    name_similarity,
)
from valuescape.taxonomy.values import (
    LEVELS,
    VALUE_COLUMNS,
    normalise_values,
    roll_up,
    value_id,
)

PRIMARY_LABELLER = "reading-closed-1"
NAME_WEIGHT = 0.8
_NODE_COLUMNS = ["node_id", "name", "level", "parent_id", "description", "polarity", "n"]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A tree of values.

    Attributes
    ----------
    nodes : DataFrame
        Table ``taxonomy``: ``node_id``, ``name``, ``level``, ``parent_id``, ``description``,
        ``polarity``, ``n`` (conversations in which the assistant expresses the node, by the
        primary labeller).
    places : DataFrame
        One row a raw name, with the columns of
        :data:`valuescape.taxonomy.values.VALUE_COLUMNS`.
    merged : DataFrame
        Raw names that are printed otherwise: ``value_raw``, ``value``, ``reason``, ``n``
        (conversations with the raw name, all labellers and parties).
    """

    nodes: pd.DataFrame
    places: pd.DataFrame
    merged: pd.DataFrame


def default_similarity(
    expressions: pd.DataFrame, names: Similarity = name_similarity
) -> Similarity:
    """Build the similarity of the study: names, and a fifth from shared conversations.

    Parameters
    ----------
    expressions : DataFrame
        ``conversation_id`` and ``value``.
    names : callable
        How alike the names themselves are.

    Returns
    -------
    callable
        A :data:`valuescape.taxonomy.similarity.Similarity`.

    Examples
    --------
    >>> said = pd.DataFrame({"conversation_id": list("abcde"), "value": ["hope"] * 5})
    >>> default_similarity(said)(["Hope"], ["hope", "craft"]).round(6).tolist()
    [[0.8, 0.0]]
    """
    return mixed_similarity(
        [
            (names, NAME_WEIGHT),
            (cooccurrence_similarity(expressions), 1.0 - NAME_WEIGHT),
        ]
    )


def build_taxonomy(
    expressions: pd.DataFrame,
    minimum_similarity: float,
    similarity: Similarity | None = None,
    labeller: str = PRIMARY_LABELLER,
) -> Taxonomy:
    """Build the tree over all values of a table of expressions.

    Parameters
    ----------
    expressions : DataFrame
        ``conversation_id``, ``labeller``, ``party`` and the raw name (``value_raw``, else
        ``value``).
    minimum_similarity : float
        Lowest score, in [0, 1], at which a value without a judged place is filed.
    similarity : callable, optional
        How alike values are; :func:`default_similarity` where none is given.
    labeller : str
        Whose expressions by the assistant are counted in ``n``.

    Returns
    -------
    Taxonomy
        Nodes, places and merged names.

    Raises
    ------
    InputError
        If there are no expressions or a name holds no letter or digit.

    Examples
    --------
    >>> said = pd.DataFrame({"conversation_id": ["a", "b"], "labeller": "reading-closed-1",
    ...                      "party": "assistant", "value": ["harm enabling", "enabling harm"]})
    >>> tree = build_taxonomy(said, 0.12)
    >>> tree.nodes[["level", "name", "polarity", "n"]].values.tolist()
    [[0, 'enabling harm', 'undesirable', 2], [1, 'Enabling harm', 'undesirable', 2],
     [2, 'Harm', 'undesirable', 2], [3, 'Undesirable values', 'undesirable', 2]]
    """
    if expressions.empty:
        raise InputError("expressions: no rows; at least one expressed value is needed")
    raw = raw_names(expressions)
    said = expressions.assign(value_raw=raw, value=raw)
    names = merge_names(said.groupby("value_raw")["conversation_id"].nunique())
    chains = _chains(
        sorted(names["value"].unique()),
        similarity or default_similarity(said),
        minimum_similarity,
    )
    values = names.drop(columns="n").merge(chains, on="value").merge(
        _frequencies(said, labeller), on="value_raw"
    )  # fmt: skip
    values = values[list(VALUE_COLUMNS)]
    merged = names[names["reason"] != ""].reset_index(drop=True)
    return Taxonomy(_nodes(said, values, labeller), values, merged)


def _chains(names: list[str], similarity: Similarity, minimum_similarity: float) -> pd.DataFrame:
    """Give each value its node, its chain of parents and its polarity."""
    judged = judge_polarity(names)
    placed = place_values(names, judged["polarity"].tolist(), similarity, minimum_similarity)
    table = judged.merge(placed, on="value")
    unassigned = table["placed"] == "unassigned"
    parent = groups()["parent_id"]
    table["level2"] = table["level1"].map(parent)
    table["level3"] = table["level2"].map(parent)
    for level in LEVELS[1:]:
        stand_in = "unassigned-" + table["polarity"] + f"-{level}"
        table[f"level{level}"] = table[f"level{level}"].mask(unassigned, stand_in)
    return table.assign(node_id=[value_id(name) for name in names])


def _frequencies(said: pd.DataFrame, labeller: str) -> pd.DataFrame:
    """Count the conversations of each raw name: primary, by codebook, by the user."""
    assistant = said["party"] == "assistant"
    selections = {"n": assistant & (said["labeller"] == labeller)}
    for codebook in CODEBOOKS:
        read = said["labeller"].str.startswith(f"reading-{codebook}-")
        selections[f"n_{codebook}"] = assistant & read
    selections["n_user"] = said["party"] == "user"
    counts = {
        column: said[rows].groupby("value_raw")["conversation_id"].nunique()
        for column, rows in selections.items()
    }
    table = pd.DataFrame(counts).reindex(sorted(said["value_raw"].unique())).fillna(0)
    return table.astype("int64").rename_axis("value_raw").reset_index()


def _nodes(said: pd.DataFrame, values: pd.DataFrame, labeller: str) -> pd.DataFrame:
    rows = said[(said["party"] == "assistant") & (said["labeller"] == labeller)]
    normal = normalise_values(rows, values)
    sizes = pd.concat(roll_up(normal, values, level)["node_id"].value_counts() for level in LEVELS)
    leaves = values.drop_duplicates("value").assign(level=0, description="")
    leaves = leaves.rename(columns={"value": "name"}).drop(columns="n")
    leaves = leaves.assign(parent_id=leaves["level1"])
    used = set(values[["level1", "level2", "level3"]].to_numpy().ravel())
    upper = pd.concat([groups().reset_index(), _unassigned_nodes()])
    nodes = pd.concat([leaves, upper[upper["node_id"].isin(used)]], ignore_index=True)
    nodes["n"] = nodes["node_id"].map(sizes).fillna(0).astype("int64")
    return nodes[_NODE_COLUMNS].sort_values(["level", "node_id"], ignore_index=True)


def _unassigned_nodes() -> pd.DataFrame:
    """Return the bins, one chain a polarity, for values that are like no group."""
    rows = [
        {
            "node_id": f"unassigned-{polarity}-{level}",
            "name": f"Not placed ({polarity})",
            "level": level,
            "parent_id": f"unassigned-{polarity}-{level + 1}" if level < LEVELS[-1] else "",
            "polarity": polarity,
            "description": "Values too unlike every group to be filed.",
        }
        for polarity in POLARITIES
        for level in LEVELS[1:]
    ]
    return pd.DataFrame(rows)
