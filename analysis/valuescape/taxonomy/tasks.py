"""Task phrases to kinds of task: a hierarchy found in the phrases, blind to the values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.errors import InputError

FloatArray = NDArray[np.float64]
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class TaskTaxonomy:
    """Kinds of task.

    Attributes
    ----------
    nodes : DataFrame
        Table ``task_taxonomy``: ``node_id``, ``name`` (the medoid phrase), ``level`` (1 fine,
        2 coarse), ``parent_id``, ``description`` (its most central phrases), ``n`` conversations.
    places : DataFrame
        Table ``tasks``: every ``task`` with its ``node_id`` at level 1 and the node's ``name``.
    """

    nodes: pd.DataFrame
    places: pd.DataFrame


def cluster_tasks(embeddings: pd.DataFrame, sizes: Sequence[int]) -> NDArray[np.int64]:
    """Cut one Ward tree of phrases at several sizes.

    Parameters
    ----------
    embeddings : DataFrame, shape (n_phrases, n_dimensions)
        One row a phrase; rows are brought to unit length.
    sizes : sequence of int
        Numbers of clusters, finest first.

    Returns
    -------
    ndarray of int, shape (n_phrases, n_sizes)
        Cluster of each phrase, from 0, numbered by falling size; each finer cut lies within the
        coarser ones.

    Raises
    ------
    ValueError
        If a size is below 2 or above the number of phrases, or sizes do not fall.

    References
    ----------
    Ward (1963), doi:10.1080/01621459.1963.10500845; Murtagh & Legendre (2014),
    doi:10.1007/s00357-014-9161-z.

    Examples
    --------
    >>> points = pd.DataFrame([[1.0, 0.0], [0.99, 0.1], [0.0, 1.0], [-1.0, 0.0]])
    >>> cluster_tasks(points, [3, 2]).T.tolist()
    [[0, 0, 1, 2], [0, 0, 1, 1]]
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    wrong = [s for s in sizes if not 2 <= s <= len(embeddings)]
    if wrong or sorted(sizes, reverse=True) != list(sizes):
        raise ValueError(f"sizes: {list(sizes)} must fall and lie between 2 and {len(embeddings)}")
    tree = linkage(_unit_rows(embeddings.to_numpy(dtype=float)), "ward")
    cuts = [fcluster(tree, size, "maxclust") for size in sizes]
    return np.column_stack([_by_size(cut) for cut in cuts])


def _unit_rows(points: FloatArray) -> FloatArray:
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return points / np.where(length > 0, length, 1.0)


def _by_size(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    names, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    return rank[np.searchsorted(names, labels)]


def build_task_taxonomy(
    labels: pd.DataFrame, embeddings: pd.DataFrame, sizes: Sequence[int]
) -> TaskTaxonomy:
    """Arrange the task phrases of all readings in a fine and a coarse level.

    Parameters
    ----------
    labels : DataFrame
        ``conversation_id`` and ``task`` of every reading.
    embeddings : DataFrame
        Indexed by ``task``: sentence embeddings of the phrases.
    sizes : sequence of two int
        Kinds at level 1 and at level 2.

    Raises
    ------
    InputError
        If a phrase has no embedding, or two rows are of one phrase.
    """
    phrases = np.unique(labels["task"].astype(str))
    missing = [p for p in phrases if p not in embeddings.index]
    if missing:
        raise InputError(
            f"task embeddings: {missing[0]!r} has none ({len(missing)} phrases in all); "
            "the stage embed of data/acquire makes them"
        )
    if embeddings.index.has_duplicates:
        twice = embeddings.index[embeddings.index.duplicated()][0]
        raise InputError(f"task embeddings: {twice!r} occurs twice; one row a phrase is allowed")
    chosen = embeddings.loc[phrases]
    cuts = cluster_tasks(chosen, sizes)
    points = _unit_rows(chosen.to_numpy(dtype=float))
    levels = [
        _level_nodes(points, phrases, cut, level) for level, cut in enumerate(cuts.T, start=1)
    ]
    ids = [nodes["node_id"].to_numpy()[cut] for nodes, cut in zip(levels, cuts.T, strict=True)]
    levels[0]["parent_id"] = pd.Series(ids[1], index=ids[0]).groupby(level=0).first()[
        levels[0]["node_id"]
    ].to_numpy()  # fmt: skip
    levels[1]["parent_id"] = ""
    places = pd.DataFrame({"task": phrases, "node_id": ids[0]})
    places["name"] = levels[0]["name"].to_numpy()[cuts[:, 0]]
    return TaskTaxonomy(_counted(pd.concat(levels), labels, phrases, ids), places)


def _level_nodes(
    points: FloatArray, phrases: NDArray[np.str_], cut: NDArray[np.int64], level: int
) -> pd.DataFrame:
    rows = []
    for code in range(int(cut.max()) + 1):
        members = np.flatnonzero(cut == code)
        closeness = points[members] @ points[members].mean(axis=0)
        central = phrases[members[np.lexsort((phrases[members], -closeness.round(9)))]]
        rows.append(
            {
                "node_id": f"task-{level}-{code + 1:02d}",
                "name": central[0],
                "level": level,
                "description": "; ".join(central[:_EXAMPLES]),
            }
        )
    return pd.DataFrame(rows)


def _counted(
    nodes: pd.DataFrame,
    labels: pd.DataFrame,
    phrases: NDArray[np.str_],
    ids: list[NDArray[np.str_]],
) -> pd.DataFrame:
    n: dict[str, int] = {}
    for level in ids:
        kind = labels["task"].map(dict(zip(phrases, level, strict=True)))
        sizes = labels["conversation_id"].groupby(kind).nunique()
        n |= {str(node): int(size) for node, size in sizes.items()}
    counted = nodes.assign(n=nodes["node_id"].map(n))
    return counted[["node_id", "name", "level", "parent_id", "description", "n"]]


def task_stability(
    labels: pd.DataFrame,
    embeddings: pd.DataFrame,
    sizes: Sequence[int],
    *,
    n_resamples: int,
    share: float,
    seed: int,
) -> pd.DataFrame:
    """Measure how far the kinds depend on the phrases clustered and on the reader's wording.

    Two figures a level, both adjusted Rand indices [1]_: between the tree of all phrases and trees
    of random parts of them (mean over resamples), and between the kinds that two readings of one
    conversation fall into.

    Parameters
    ----------
    labels : DataFrame
        ``conversation_id``, ``labeller`` and ``task``.
    embeddings : DataFrame
        Indexed by ``task``, in any order.
    sizes : sequence of int
        Numbers of clusters, finest first.
    n_resamples : int
        Random parts tried.
    share : float
        Share of the phrases in each.
    seed : int
        Of the random parts.

    Returns
    -------
    DataFrame
        ``quantity``, ``level``, ``method``, ``estimate``, ``unit``, ``n``.

    References
    ----------
    .. [1] Hubert & Arabie (1985), doi:10.1007/BF01908075
    """
    from sklearn.metrics import adjusted_rand_score

    phrases = np.unique(labels["task"].astype(str))
    chosen = embeddings.loc[phrases]
    whole = cluster_tasks(chosen, sizes)
    rng = np.random.default_rng(seed)
    size = round(share * len(phrases))
    found = np.empty((n_resamples, len(sizes)))
    for i in range(n_resamples):
        part = np.sort(rng.choice(len(phrases), size, replace=False))
        again = cluster_tasks(chosen.iloc[part], sizes)
        found[i] = [adjusted_rand_score(a, b) for a, b in zip(whole[part].T, again.T, strict=True)]
    pairs = _reading_pairs(labels)
    rows = []
    for j in range(len(sizes)):
        kind = dict(zip(phrases, whole[:, j], strict=True))
        twice = adjusted_rand_score(pairs["task_x"].map(kind), pairs["task_y"].map(kind))
        level = j + 1
        rows.append((level, "parts of the phrases", float(found[:, j].mean()), n_resamples))
        rows.append((level, "two readings", float(twice), len(pairs)))
    table = pd.DataFrame(rows, columns=["level", "method", "estimate", "n"])
    return table.assign(quantity="task_stability", unit="adjusted Rand")[
        ["quantity", "level", "method", "estimate", "unit", "n"]
    ]


def _reading_pairs(labels: pd.DataFrame) -> pd.DataFrame:
    given = labels[["conversation_id", "labeller", "task"]]
    pairs = given.merge(given, on="conversation_id")
    return pairs[pairs["labeller_x"] < pairs["labeller_y"]]
