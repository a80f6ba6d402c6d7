"""How two trees agree, and how well a tree fits the places of its values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from valuescape.taxonomy.encoders import FloatArray, unit_rows

_BLOCK = 1000
_LEVELS = (1, 2, 3)


def node_jaccard(one: ArrayLike, other: ArrayLike) -> float:
    """Return how well the nodes of one partition are found again in another.

    Each node's largest Jaccard index with a node of the other [1]_, averaged over values (a node
    counts by its size).

    Parameters
    ----------
    one, other : array_like, shape (n_values,)
        Nodes of the same values.

    References
    ----------
    .. [1] Hennig (2007), doi:10.1016/j.csda.2006.11.025

    Examples
    --------
    >>> round(node_jaccard(["a", "a", "a", "b"], ["x", "x", "y", "y"]), 3)
    0.625
    """
    table = pd.crosstab(np.asarray(one), np.asarray(other)).to_numpy(dtype=float)
    sizes, others = table.sum(axis=1), table.sum(axis=0)
    index = table / (sizes[:, None] + others[None, :] - table)
    return float(index.max(axis=1) @ sizes / sizes.sum())


def neighbours_share(points: FloatArray, nodes: pd.DataFrame) -> list[float]:
    """Return the share of values whose nearest neighbour has the same node, for each level.

    Parameters
    ----------
    points : ndarray of float, shape (n_values, n_dimensions)
        Embeddings, rows of unit length.
    nodes : DataFrame, shape (n_values, n_levels)
        Node of each value on each level.

    Examples
    --------
    >>> points = unit_rows(np.array([[1, 0], [1, 0.1], [0, 1.0], [0.1, 1]]))
    >>> neighbours_share(points, pd.DataFrame({"level1": list("aabc"), "level2": list("xxyy")}))
    [0.5, 1.0]
    """
    nearest = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), _BLOCK):
        alike = (points[start : start + _BLOCK] @ points.T).round(9)
        alike[np.arange(len(alike)), start + np.arange(len(alike))] = -np.inf
        nearest[start : start + _BLOCK] = alike.argmax(axis=1)
    own = nodes.to_numpy(dtype=str)
    return [float(share) for share in (own == own[nearest]).mean(axis=0)]


def explained(points: FloatArray, nodes: ArrayLike) -> float:
    """Return the share of the points' variance that lies between nodes.

    Examples
    --------
    >>> round(explained(np.array([[0.0], [1.0], [9.0], [10.0]]), list("aabb")), 3)
    0.988
    """
    codes = np.unique(np.asarray(nodes), return_inverse=True)[1]
    sums = np.zeros((int(codes.max()) + 1, points.shape[1]))
    np.add.at(sums, codes, points)
    means = sums / np.bincount(codes)[:, None]
    total = ((points - points.mean(axis=0)) ** 2).sum()
    within = ((points - means[codes]) ** 2).sum()
    return float(1.0 - within / total) if total > 0 else 0.0


def fit_of_tree(points: FloatArray, nodes: pd.DataFrame, method: str) -> pd.DataFrame:
    """Measure how well nodes gather like values: silhouette and share of variance.

    Parameters
    ----------
    points : ndarray of float, shape (n_values, n_dimensions)
        Embeddings.
    nodes : DataFrame
        ``level1``, ``level2``, ``level3`` of each value.
    method : str
        What to call the tree.

    Returns
    -------
    DataFrame
        ``quantity`` (``silhouette``, Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7, by cosine
        distance; ``explained``), ``level``, ``method``, ``estimate``, ``unit``, ``n``.
    """
    from sklearn.metrics import silhouette_score

    x = unit_rows(points - points.mean(axis=0))
    rows = []
    for level in _LEVELS:
        codes = pd.factorize(nodes[f"level{level}"])[0]
        if 1 < codes.max() + 1 < len(codes):
            width = float(silhouette_score(x, codes, metric="cosine"))
            rows.append(("silhouette", level, method, width, "silhouette width", len(x)))
        rows.append(("explained", level, method, explained(x, codes), "share", len(x)))
    return as_quality(rows)


def agreement_of_trees(one: pd.DataFrame, other: pd.DataFrame, method: str) -> pd.DataFrame:
    """Compare two trees over the names that both have.

    Parameters
    ----------
    one, other : DataFrame
        ``value_raw``, ``level1``, ``level2``, ``level3``.
    method : str
        What to call the comparison.

    Returns
    -------
    DataFrame
        ``quantity`` (``tree_agreement``, the adjusted Rand index of Hubert & Arabie 1985,
        doi:10.1007/BF01908075; ``tree_nodes_found``, :func:`node_jaccard` of the first in the
        second), ``level``, ``method``, ``estimate``, ``unit``, ``n`` (names in common).

    Raises
    ------
    ValueError
        If they have fewer than two names in common.
    """
    from sklearn.metrics import adjusted_rand_score

    both = one.merge(other, on="value_raw", suffixes=("_one", "_other"))
    if len(both) < 2:
        raise ValueError(f"trees: {len(both)} names in common; two are needed")
    rows = []
    for level in _LEVELS:
        pair = both[f"level{level}_one"], both[f"level{level}_other"]
        rand = float(adjusted_rand_score(*pair))
        rows.append(("tree_agreement", level, method, rand, "adjusted Rand", len(both)))
        found = node_jaccard(*pair)
        rows.append(("tree_nodes_found", level, method, found, "Jaccard", len(both)))
    return as_quality(rows)


def as_quality(rows: Sequence[tuple[str, int, str, float, str, int]]) -> pd.DataFrame:
    """Lay out rows of a quality report."""
    columns = ["quantity", "level", "method", "estimate", "unit", "n"]
    return pd.DataFrame(list(rows), columns=columns)
