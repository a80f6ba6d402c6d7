"""Points to groups of at least two, level by level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from valuescape.taxonomy.encoders import FloatArray, unit_rows

IntArray = NDArray[np.int64]
MOST_POINTS_OF_WARD = 6000
_ROUNDS, _ROUNDS_AFTER_A_PART = 30, 5
_POINTS_A_GROUP = 3
_BLOCK = 4096


def level_sizes(n_base: int, n_top: int, n_levels: int = 4) -> tuple[int, ...]:
    """Return the sizes of the levels above the names by the geometric rule.

    Each level is the same factor smaller than the one below it [1]_.

    Parameters
    ----------
    n_base : int
        Distinct values, level 0.
    n_top : int
        Headings, the highest level.
    n_levels : int
        Levels with the names.

    Returns
    -------
    tuple of int
        Sizes of level 1 up to the highest.

    References
    ----------
    .. [1] Tamkin et al. (2024), Clio, arXiv:2412.13678, appendix G.7:
       n_l / n_(l-1) = (n_top / n_base)^(1 / (L - 1)).

    Examples
    --------
    >>> level_sizes(3000, 3)
    (300, 30, 3)
    """
    ratio = (n_top / n_base) ** (1.0 / (n_levels - 1))
    return tuple(max(1, round(n_base * ratio**level)) for level in range(1, n_levels))


def shares_of_level(members: Sequence[int], size: int, of_all: Sequence[int]) -> list[int]:
    """Divide the nodes of a level between polarities, by their numbers of values.

    Parameters
    ----------
    members : sequence of int
        Nodes of the level below, of each polarity.
    size : int
        Nodes asked for.
    of_all : sequence of int
        Values of each polarity.

    Returns
    -------
    list of int
        At least one each, and no more than half of the nodes below, so that a node may have two
        children; where that binds, the sum is not ``size``.

    Examples
    --------
    >>> shares_of_level([90, 10, 1], 20, [90, 10, 1])
    [18, 2, 1]
    """
    total = sum(of_all)
    return [
        max(1, min(round(size * n / total), below // 2))
        for n, below in zip(of_all, members, strict=True)
    ]


def group_points(
    points: FloatArray,
    n_groups: int,
    *,
    seed: int = 0,
    most_points_of_ward: int = MOST_POINTS_OF_WARD,
) -> IntArray:
    """Divide points into groups of at least two, compact on the sphere.

    Ward's tree [1]_ is cut and its groups of two and more are the start of spherical k-means [2]_,
    which moves points to the nearest mean direction until none moves, for at most 30 rounds; a
    group left with one point is then dissolved.  Of more than ``most_points_of_ward`` points a
    random part makes the start, and five rounds are made.

    Parameters
    ----------
    points : ndarray of float, shape (n_points, n_dimensions)
        Points; directions count.
    n_groups : int
        Groups wanted; one for each two points is the most that can be had.
    seed : int
        Of the random part.
    most_points_of_ward : int
        Above this number Ward's tree is made of a random part of so many points, or of three for
        each group if that is more.

    Returns
    -------
    ndarray of int, shape (n_points,)
        Group of each, from 0, in the order of the first member.  Now and then there are fewer
        groups than wanted.

    References
    ----------
    .. [1] Ward (1963), doi:10.1080/01621459.1963.10500845
    .. [2] Dhillon & Modha (2001), doi:10.1023/A:1007612920971

    Examples
    --------
    >>> angles = np.array([0.0, 0.1, 1.5, 1.6, 0.05])
    >>> group_points(np.column_stack([np.cos(angles), np.sin(angles)]), 2).tolist()
    [0, 0, 1, 1, 0]
    """
    x = unit_rows(np.asarray(points, dtype=np.float64))
    n = len(x)
    if n_groups <= 1 or n < 4:
        return np.zeros(n, dtype=np.int64)
    part = np.arange(n)
    size = max(most_points_of_ward, _POINTS_A_GROUP * n_groups)
    if n > size:
        part = np.sort(np.random.default_rng(seed).choice(n, size, replace=False))
    start = _means(x[part], _cut(x[part], min(n_groups, n // 2)))
    groups = _settled(x, start, _ROUNDS if len(part) == n else _ROUNDS_AFTER_A_PART)
    return _numbered(_without_singles(x, groups))


def _cut(x: FloatArray, n_groups: int) -> IntArray:
    """Cut Ward's tree where as many groups as wanted hold two points; the rest get -1."""
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(x, "ward")
    best: tuple[int, IntArray] = (0, np.zeros(len(x), dtype=np.int64))
    n_cut = n_groups
    while n_cut <= len(x):
        groups = fcluster(tree, n_cut, "maxclust").astype(np.int64) - 1
        n_large = int((np.bincount(groups) >= 2).sum())
        best = max(best, (n_large, groups), key=lambda cut: cut[0])
        if n_large >= n_groups:
            break
        n_cut += max(1, n_groups - n_large)
    groups = best[1]
    sizes = np.bincount(groups)
    large = np.flatnonzero(sizes >= 2)
    kept = large[np.lexsort((large, -sizes[large]))][:n_groups]
    number = np.full(len(sizes), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return number[groups]


def _means(x: FloatArray, groups: IntArray) -> FloatArray:
    """Mean direction of each group; points of no group are left out."""
    from scipy import sparse

    inside = groups >= 0
    n_groups = int(groups.max()) + 1
    pick = sparse.csr_matrix(
        (np.ones(inside.sum()), (groups[inside], np.flatnonzero(inside))),
        shape=(n_groups, len(x)),
    )
    return unit_rows(np.asarray(pick @ x))


def _nearest(x: FloatArray, means: FloatArray) -> IntArray:
    parts = [
        (x[i : i + _BLOCK] @ means.T).round(9).argmax(axis=1) for i in range(0, len(x), _BLOCK)
    ]
    return np.concatenate(parts).astype(np.int64)


def _settled(x: FloatArray, means: FloatArray, rounds: int) -> IntArray:
    groups = _numbered(_nearest(x, means))
    for _ in range(rounds):
        again = _numbered(_nearest(x, _means(x, groups)))
        if np.array_equal(again, groups):
            break
        groups = again
    return groups


def _without_singles(x: FloatArray, groups: IntArray) -> IntArray:
    """Dissolve groups of one point into the nearest others, until there are none."""
    while True:
        sizes = np.bincount(groups)
        small = np.flatnonzero(sizes == 1)
        if not len(small) or len(sizes) == 1:
            return groups
        if len(small) == len(sizes):
            return np.zeros_like(groups)
        kept = np.flatnonzero(sizes > 1)
        means = _means(x, groups)[kept]
        alone = np.isin(groups, small)
        groups = groups.copy()
        groups[alone] = kept[_nearest(x[alone], means)]
        groups = _numbered(groups)


def _numbered(groups: IntArray) -> IntArray:
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.ravel()]


def group_levels(
    points: FloatArray,
    polarity: Sequence[str],
    sizes: Sequence[int],
    *,
    seed: int = 0,
    most_points_of_ward: int = MOST_POINTS_OF_WARD,
) -> IntArray:
    """Divide points into nested groups on every level, never of two polarities.

    The lowest level is made of the points, the highest of the means of the lowest level's groups,
    and the levels between within the groups above them.

    Parameters
    ----------
    points : ndarray of float, shape (n_points, n_dimensions)
        Points.
    polarity : sequence of str
        Polarity of each.
    sizes : sequence of int
        Groups wanted of each level, lowest first.
    seed, most_points_of_ward
        As :func:`group_points` takes them.

    Returns
    -------
    ndarray of int, shape (n_points, n_levels)
        Group of each point on each level, numbered through all polarities.

    Examples
    --------
    >>> angles = np.repeat(np.arange(8) * 0.7, 2) + np.tile([0.0, 0.01], 8)
    >>> points = np.column_stack([np.cos(angles), np.sin(angles)])
    >>> found = group_levels(points, ["desirable"] * 12 + ["fault"] * 4, [8, 4, 2])
    >>> found.max(axis=0).tolist(), bool((found[:12, 2].max() < found[12:, 2].min()))
    ([7, 3, 1], True)
    """
    judged = np.asarray(polarity)
    kinds = sorted(set(polarity))
    members = [np.flatnonzero(judged == kind) for kind in kinds]
    values = [len(m) for m in members]
    lowest = shares_of_level(values, sizes[0], values)
    found = np.zeros((len(judged), len(sizes)), dtype=np.int64)
    so_far = np.zeros(len(sizes), dtype=np.int64)
    for inside, wanted in zip(members, lowest, strict=True):
        groups = group_points(
            points[inside], wanted, seed=seed, most_points_of_ward=most_points_of_ward
        )
        share = len(inside) / len(judged)
        above = _levels_above(_means(points[inside], groups), [s * share for s in sizes[1:]])
        found[inside] = np.column_stack([groups, above[groups]]) + so_far
        so_far = found[inside].max(axis=0) + 1
    return found


def _levels_above(means: FloatArray, sizes: Sequence[float]) -> IntArray:
    """Group the means on each level above: the highest first, the others within it."""
    at_most = [len(means)]
    for size in sizes:
        at_most.append(max(1, min(round(size), at_most[-1] // 2)))
    found = np.zeros((len(means), len(sizes)), dtype=np.int64)
    if not sizes:
        return found
    found[:, -1] = group_points(means, at_most[-1])
    for level in range(len(sizes) - 2, -1, -1):
        for group in range(int(found[:, level + 1].max()) + 1):
            inside = np.flatnonzero(found[:, level + 1] == group)
            wanted = round(at_most[level + 1] * len(inside) / len(means))
            parts = group_points(means[inside], min(wanted, len(inside) // 2))
            found[inside, level] = parts + found[:, level].max() + 1
    return np.column_stack([_numbered(column) for column in found.T])
