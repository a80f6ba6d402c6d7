"""Names so alike that they are taken for one value: a threshold chosen on judged names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from valuescape.taxonomy.encoders import FloatArray
from valuescape.taxonomy.names import words

_BLOCK = 1024
_DENYING = frozenset(
    {
        "against", "anti", "avoid", "avoidance", "avoiding", "few", "lack", "less", "minimal", "no",
        "non", "not", "rejecting", "rejection", "without",
    }
)  # fmt: skip
_PREFIXES = ("anti", "dis", "il", "im", "in", "ir", "mis", "non", "over", "un", "under")


def opposed(one: str, other: str) -> bool:
    """Say whether one of two names denies the other, which embeddings hardly see.

    Examples
    --------
    >>> opposed("consistency", "inconsistency"), opposed("privacy", "lack of privacy")
    (True, True)
    >>> opposed("kindness and respect", "respect and kindness")
    False
    """
    first, second = set(words(one)), set(words(other))
    if (first & _DENYING) != (second & _DENYING):
        return True
    only = (first - second, second - first)
    return any(
        longer == prefix + shorter
        for these, those in (only, only[::-1])
        for longer in these
        for shorter in those
        for prefix in _PREFIXES
    )


def similar_pairs(points: FloatArray, at_least: float) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of points of at least a cosine, first the smaller place.

    Parameters
    ----------
    points : ndarray of float, shape (n_points, n_dimensions)
        Rows of unit length.
    at_least : float
        Cosine.

    Examples
    --------
    >>> points = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    >>> list(similar_pairs(points, 0.9))
    [(0, 2, 1.0)]
    """
    single = points.astype(np.float32)
    for start in range(0, len(points), _BLOCK):
        block = single[start : start + _BLOCK] @ single[start:].T
        for i, j in np.argwhere(block >= at_least - 1e-4):
            one, other = start + int(i), start + int(j)
            if one < other and (cosine := float(points[one] @ points[other])) >= at_least:
                yield one, other, cosine


def merge_near(
    names: Sequence[str],
    points: FloatArray,
    polarity: Sequence[str],
    frequencies: Sequence[int],
    at_least: float,
) -> list[int]:
    """Merge names whose every pair is of at least a cosine, of one polarity and not opposed.

    Pairs are taken from the most alike on, so that no chain joins unlike names (complete linkage).

    Parameters
    ----------
    names : sequence of str
        Distinct names, sorted.
    points : ndarray of float, shape (n_names, n_dimensions)
        Their embeddings, rows of unit length.
    polarity : sequence of str
        Polarity of each.
    frequencies : sequence of int
        How often each occurs; of merged names the most frequent is printed.
    at_least : float
        Cosine from which two names are taken for one value.

    Returns
    -------
    list of int
        For each name the place of the name that is printed for it.

    Examples
    --------
    >>> merge_near(["hope", "hopes", "zeal"], np.array([[1, 0.], [1, 0.], [0, 1.]]),
    ...            ["desirable"] * 3, [1, 5, 2], 0.9)
    [1, 1, 2]
    """
    pairs = sorted(
        similar_pairs(points, at_least), key=lambda pair: (-round(pair[2], 9), pair[0], pair[1])
    )
    allowed = {
        (i, j)
        for i, j, _ in pairs
        if polarity[i] == polarity[j] and not opposed(names[i], names[j])
    }
    group = list(range(len(names)))
    members = {i: [i] for i in range(len(names))}
    for i, j, _ in pairs:
        one, other = group[i], group[j]
        if one == other or not _all_alike(members[one], members[other], allowed):
            continue
        for member in members[other]:
            group[member] = one
        members[one] += members.pop(other)
    printed = {
        one: min(those, key=lambda i: (-frequencies[i], names[i])) for one, those in members.items()
    }
    return [printed[one] for one in group]


def _all_alike(these: list[int], those: list[int], allowed: set[tuple[int, int]]) -> bool:
    return all((min(i, j), max(i, j)) in allowed for i in these for j in those)
