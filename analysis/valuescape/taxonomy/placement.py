"""File each value under a group: by judgement where there is one, else by similarity."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from valuescape.taxonomy.merging import canonical_key
from valuescape.taxonomy.names import read_rules
from valuescape.taxonomy.similarity import FloatArray, Similarity

N_NEIGHBOURS = 5
_NOWHERE = -1.0


@lru_cache(maxsize=1)
def groups() -> pd.DataFrame:
    """Return the groups and headings of the tree, indexed by ``node_id``.

    Returns
    -------
    DataFrame
        ``level`` (1 to 3), ``name``, ``parent_id`` (empty for a heading), ``polarity`` and
        ``description``.

    Examples
    --------
    >>> groups().loc["personal-values", ["parent_id", "polarity"]].tolist()
    ['', 'desirable']
    """
    table = pd.DataFrame(read_rules("groups.csv")).astype({"level": "int64"})
    return table.set_index("node_id")


@lru_cache(maxsize=1)
def assignments() -> pd.DataFrame:
    """Return the judged places: ``value``, ``key`` and ``group``, one row a value.

    Examples
    --------
    >>> assignments().set_index("value").loc["honesty", "group"]
    'honesty-and-openness'
    """
    table = pd.DataFrame(read_rules("assignments.csv"))
    return table.assign(key=table["value"].map(canonical_key))


def group_scores(
    similarity: FloatArray, membership: np.ndarray, n_groups: int, n_neighbours: int = N_NEIGHBOURS
) -> FloatArray:
    """Score each value against each group by its nearest members.

    Parameters
    ----------
    similarity : ndarray of float, shape (n_values, n_members)
        Similarity of each value to each member of a group.
    membership : ndarray of int, shape (n_members,)
        Group of each member, from 0.
    n_groups : int
        Number of groups.
    n_neighbours : int
        Members that count; a group with fewer is scored as if the missing ones were unlike.

    Returns
    -------
    ndarray of float, shape (n_values, n_groups)
        Sum of the ``n_neighbours`` highest similarities to members, divided by
        ``n_neighbours``.

    Examples
    --------
    >>> group_scores(np.array([[0.9, 0.5, 0.6]]), np.array([0, 0, 1]), 2, n_neighbours=2).tolist()
    [[0.7, 0.3]]
    """
    scores = np.zeros((len(similarity), n_groups))
    for group in range(n_groups):
        members = similarity[:, membership == group]
        scores[:, group] = _highest(members, n_neighbours).sum(axis=1) / n_neighbours
    return scores


def _highest(similarity: FloatArray, n: int) -> FloatArray:
    """Return the n highest of each row, in rising order; all where there are no more."""
    if similarity.shape[1] <= n:
        return np.sort(similarity, axis=1)
    return np.sort(np.partition(similarity, -n, axis=1)[:, -n:], axis=1)


def place_values(
    names: Sequence[str],
    polarity: Sequence[str],
    similarity: Similarity,
    minimum_similarity: float,
    n_neighbours: int = N_NEIGHBOURS,
) -> pd.DataFrame:
    """File values under the groups of their polarity.

    A value with a judged place goes there.  Any other goes to the group of its own polarity
    whose nearest members it is most like, unless the score is below the minimum.

    Parameters
    ----------
    names : sequence of str
        Value names, one a value.
    polarity : sequence of str
        Polarity of each.
    similarity : callable
        How alike names are; :mod:`valuescape.taxonomy.similarity` has some.
    minimum_similarity : float
        Lowest score, in [0, 1], at which a value is filed.
    n_neighbours : int
        Members of a group that a value is compared with.

    Returns
    -------
    DataFrame
        ``value``, ``level1`` (node of the group, empty if not filed), ``placed`` (``judged``,
        ``computed``, ``unassigned``), ``score`` and ``margin`` (over the second group); the last
        two are missing where the place was judged.

    Examples
    --------
    >>> from valuescape.taxonomy.similarity import name_similarity
    >>> place_values(["honesty", "bicycle safety"], ["desirable"] * 2, name_similarity, 0.1)[
    ...     ["value", "level1", "placed"]]
                value                level1    placed
    0         honesty  honesty-and-openness    judged
    1  bicycle safety                safety  computed
    """
    known = assignments().set_index("key")["group"]
    table = pd.DataFrame({"value": list(names), "polarity": list(polarity)})
    table["level1"] = table["value"].map(canonical_key).map(known)
    table["placed"] = np.where(table["level1"].notna(), "judged", "computed")
    table[["score", "margin"]] = np.nan
    open_rows = table.index[table["level1"].isna()]
    if len(open_rows):
        found = _nearest(table.loc[open_rows], similarity, n_neighbours)
        low = found["score"] < minimum_similarity
        table.loc[open_rows, ["score", "margin"]] = found[["score", "margin"]]
        table.loc[open_rows, "level1"] = found["level1"].mask(low, "")
        table.loc[open_rows[low], "placed"] = "unassigned"
    return table[["value", "level1", "placed", "score", "margin"]]


def _nearest(table: pd.DataFrame, similarity: Similarity, n_neighbours: int) -> pd.DataFrame:
    members = assignments()
    nodes = sorted(members["group"].unique())
    membership = members["group"].map({node: i for i, node in enumerate(nodes)}).to_numpy()
    compared = similarity(table["value"].tolist(), members["value"].tolist())
    scores = group_scores(compared, membership, len(nodes), n_neighbours)
    allowed = _same_polarity(table["polarity"].tolist(), nodes)
    return _best(np.where(allowed, scores, _NOWHERE), nodes).set_index(table.index)


def _same_polarity(polarity: Sequence[str], nodes: Sequence[str]) -> np.ndarray:
    of_node = groups().loc[list(nodes), "polarity"].to_numpy()
    same: np.ndarray = np.asarray(polarity)[:, None] == of_node[None, :]
    return same


def _best(scores: FloatArray, nodes: Sequence[str]) -> pd.DataFrame:
    best = scores.argmax(axis=1)
    ordered = np.sort(scores, axis=1)
    return pd.DataFrame(
        {
            "level1": [nodes[i] for i in best],
            "score": ordered[:, -1],
            "margin": ordered[:, -1] - np.maximum(ordered[:, -2], 0.0),
        }
    )


def leave_one_out(similarity: Similarity, n_neighbours: int = N_NEIGHBOURS) -> pd.DataFrame:
    """Place every judged value as if it alone were not judged.

    Parameters
    ----------
    similarity : callable
        How alike names are.
    n_neighbours : int
        Members of a group that a value is compared with.

    Returns
    -------
    DataFrame
        ``value``, ``judged`` and ``computed`` (nodes of level 1) and ``score``.
    """
    members = assignments()
    nodes = sorted(members["group"].unique())
    membership = members["group"].map({node: i for i, node in enumerate(nodes)}).to_numpy()
    compared = similarity(members["value"].tolist(), members["value"].tolist()).copy()
    np.fill_diagonal(compared, 0.0)
    scores = group_scores(compared, membership, len(nodes), n_neighbours)
    polarity = groups().loc[members["group"], "polarity"].tolist()
    found = _best(np.where(_same_polarity(polarity, nodes), scores, _NOWHERE), nodes)
    return pd.DataFrame(
        {
            "value": members["value"],
            "judged": members["group"],
            "computed": found["level1"],
            "score": found["score"],
        }
    )
