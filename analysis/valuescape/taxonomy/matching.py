"""Names to the places of a given tree, with a score and a bin for what fits nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.store import read_table
from valuescape.taxonomy.embedding import Embedding
from valuescape.taxonomy.encoders import FloatArray
from valuescape.taxonomy.merging import canonical_key
from valuescape.taxonomy.namelist import as_frequencies, check_name
from valuescape.taxonomy.names import normal_key
from valuescape.taxonomy.placement import N_NEIGHBOURS, group_scores
from valuescape.taxonomy.polarity import judge_polarity

LISTED, COMPUTED, UNMAPPED = "listed", "computed", "unmapped"
MATCH_COLUMNS = (
    "value_raw",
    "value",
    "node_id",
    "level1",
    "level2",
    "level3",
    "polarity",
    "placed",
    "score",
    "margin",
    "n",
)
_TOP = 3
_BLOCK = 1000


@dataclass(frozen=True, slots=True)
class TargetTree:
    """A tree that names are mapped to.

    Attributes
    ----------
    leaves : DataFrame
        One row a value: ``node_id``, ``name``, ``polarity``, ``level1``, ``level2``, ``level3``.
    """

    leaves: pd.DataFrame


def read_tree(path: Path) -> TargetTree:
    """Read a tree from a table ``taxonomy``, as a build or the stage of that name writes it.

    Raises
    ------
    InputError
        If the file is no such table, or a node's parent is not on the level above.
    """
    return as_target(read_table(path, "taxonomy"), str(path))


def as_target(nodes: pd.DataFrame, source: str = "tree") -> TargetTree:
    """Take the values of a table of nodes with all that is above them.

    Raises
    ------
    InputError
        If there is no value, a value's name is not allowed, or a node's parent is not on the level
        above.

    Examples
    --------
    >>> nodes = pd.DataFrame({"node_id": list("abcd"), "name": ["hope", "A", "B", "C"],
    ...     "level": range(4), "parent_id": ["b", "c", "d", ""], "polarity": "desirable"})
    >>> as_target(nodes).leaves[["name", "level1", "level3"]].values.tolist()
    [['hope', 'b', 'd']]
    """
    by_id = nodes.set_index("node_id")
    lower = nodes[nodes["level"] < _TOP]
    above = lower["parent_id"].map(by_id["level"])
    astray = lower[above.to_numpy() != lower["level"].to_numpy() + 1]
    if not astray.empty:
        raise InputError(
            f"{source}: the parent of node {astray['node_id'].iloc[0]!r} is not a node of the "
            "level above; needed is one for each node below level 3"
        )
    leaves = nodes[nodes["level"] == 0][["node_id", "name", "polarity", "parent_id"]]
    for node, name in zip(leaves["node_id"], leaves["name"], strict=True):
        check_name(name, f"{source}: node {node!r}")
    if leaves.empty:
        raise InputError(f"{source}: no node of level 0; at least one value is needed")
    leaves = leaves.rename(columns={"parent_id": "level1"}).reset_index(drop=True)
    for level in range(2, _TOP + 1):
        leaves[f"level{level}"] = leaves[f"level{level - 1}"].map(by_id["parent_id"])
    return TargetTree(leaves)


def match_names(
    names: Iterable[str] | Mapping[str, int],
    tree: TargetTree,
    embedding: Embedding,
    *,
    least_score: float | None = None,
    n_neighbours: int = N_NEIGHBOURS,
) -> pd.DataFrame:
    """Map names to a tree.

    A name that the tree lists, in any spelling or as a judged synonym, goes to that value.  Any
    other goes to the level-1 node whose nearest values of the name's own polarity it is most like
    (mean of the ``n_neighbours`` highest cosines), unless the score is below the least.

    Parameters
    ----------
    names : iterable of str, or mapping of str to int
        Names, repeats allowed, or how often each occurs.
    tree : TargetTree
        The tree.
    embedding : Embedding
        Where names lie.
    least_score : float, optional
        Lowest score, in [0, 1], at which a name is mapped; the embedding's own where absent.
    n_neighbours : int
        Values of a node that count; one with fewer is scored as if the missing ones were unlike.

    Returns
    -------
    DataFrame
        One row a name, sorted: ``value_raw``; ``value`` (the tree's, empty if not listed);
        ``node_id`` (of the value, else of level 1); ``level1``, ``level2``, ``level3`` (empty if
        unmapped); ``polarity``; ``placed`` (``listed``, ``computed``, ``unmapped``); ``score`` (1
        if listed); ``margin`` over the second node; ``n``.

    Raises
    ------
    InputError
        If a name is not allowed, there are none, or the least score is not in [0, 1].

    Examples
    --------
    >>> from valuescape.taxonomy.embedding import stem_embedding
    >>> nodes = pd.DataFrame({"node_id": list("abcd"), "name": ["hope", "A", "B", "C"],
    ...     "level": range(4), "parent_id": ["b", "c", "d", ""], "polarity": "desirable"})
    >>> match_names(["Hope", "zeal"], as_target(nodes), stem_embedding())["placed"].tolist()
    ['listed', 'unmapped']
    """
    least = embedding.least_score if least_score is None else least_score
    if not 0.0 <= least <= 1.0:
        raise InputError(f"least score: {least:g} is not allowed; allowed is 0 to 1")
    counts = as_frequencies(names)
    table = pd.DataFrame({"value_raw": counts.index.astype(str), "n": counts.to_numpy()})
    table["polarity"] = judge_polarity(table["value_raw"].tolist())["polarity"]
    leaf = _listed(table["value_raw"], tree.leaves["name"])
    known = leaf >= 0
    found = tree.leaves.iloc[leaf].reset_index(drop=True)
    table["value"] = found["name"].where(known, "")
    for column in ("node_id", "level1", "level2", "level3"):
        table[column] = found[column].where(known, "")
    table["polarity"] = found["polarity"].where(known, table["polarity"])
    table["placed"] = np.where(known, LISTED, UNMAPPED)
    table["score"], table["margin"] = np.where(known, 1.0, np.nan), np.nan
    if not known.all():
        _compute(table, ~known, tree, embedding, least, n_neighbours)
    return table[list(MATCH_COLUMNS)]


def _listed(raw: pd.Series, leaves: pd.Series) -> np.ndarray:
    """Place of the leaf that is the name: letter by letter, else by spelling, else as a synonym."""
    rules: tuple[Callable[[str], str], ...] = (str, normal_key, canonical_key)
    places = [{rule(name): i for i, name in reversed(list(enumerate(leaves)))} for rule in rules]
    return np.array(
        [
            next((p[rule(n)] for rule, p in zip(rules, places, strict=True) if rule(n) in p), -1)
            for n in raw
        ],
        dtype=np.int64,
    )


def _compute(
    table: pd.DataFrame,
    rows: np.ndarray,
    tree: TargetTree,
    embedding: Embedding,
    least: float,
    n_neighbours: int,
) -> None:
    leaves = tree.leaves
    asked = table.loc[rows, "value_raw"].tolist()
    points = embedding.encode([*leaves["name"], *asked])
    groups, members = np.unique(leaves["level1"], return_inverse=True)
    upper = leaves.drop_duplicates("level1").set_index("level1")
    best, score, margin = _best(
        points[len(leaves) :],
        points[: len(leaves)],
        table.loc[rows, "polarity"].to_numpy()[:, None] == leaves["polarity"].to_numpy()[None, :],
        members,
        n_neighbours,
    )
    mapped = score >= max(least, np.finfo(float).eps)
    place = pd.Series(groups[best], index=table.index[rows])
    table.loc[rows, "score"], table.loc[rows, "margin"] = score, margin
    table.loc[rows, "placed"] = np.where(mapped, COMPUTED, UNMAPPED)
    for column in ("node_id", "level1"):
        table.loc[rows, column] = place.where(mapped, "")
    for column in ("level2", "level3"):
        table.loc[rows, column] = place.map(upper[column]).where(mapped, "")


def _best(
    asked: FloatArray,
    leaves: FloatArray,
    allowed: np.ndarray,
    members: np.ndarray,
    n_neighbours: int,
) -> tuple[np.ndarray, FloatArray, FloatArray]:
    """Best node of each name, its score and the distance to the second; in blocks of names."""
    n_groups = int(members.max()) + 1
    parts = []
    for start in range(0, len(asked), _BLOCK):
        here = slice(start, start + _BLOCK)
        alike = np.where(allowed[here], np.clip(asked[here] @ leaves.T, 0.0, 1.0), 0.0)
        parts.append(group_scores(alike, members, n_groups, n_neighbours).round(9))
    scores = np.vstack(parts)
    ordered = np.sort(np.hstack([scores, np.zeros((len(scores), 1))]), axis=1)
    return scores.argmax(axis=1), ordered[:, -1], ordered[:, -1] - ordered[:, -2]
