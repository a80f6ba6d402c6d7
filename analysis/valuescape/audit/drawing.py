"""Draw a probability sample of fixed size in which rare labels are not rare."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-9


def rarity(columns: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    r"""Size of each conversation: :math:`\max_\ell n_\ell^{-1/2}` over the labels it has.

    Parameters
    ----------
    columns : sequence of sequences of str
        One column a question, one label a conversation; an empty label does not count.

    Returns
    -------
    ndarray, shape (n,)
        Scaled to mean 1.

    Examples
    --------
    >>> rarity([["a", "a", "a", "a", "b"]]).round(2).tolist()
    [0.83, 0.83, 0.83, 0.83, 1.67]
    """
    sizes = np.zeros(len(columns[0]))
    for column in columns:
        names, codes, counts = np.unique(
            np.asarray(column, dtype=str), return_inverse=True, return_counts=True
        )
        root = np.where(names == "", 0.0, counts**-0.5)
        sizes = np.maximum(sizes, root[codes.ravel()])
    sizes = np.where(sizes > 0, sizes, len(sizes) ** -0.5)
    return np.asarray(sizes / sizes.mean())


def inclusion_probabilities(sizes: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    r"""Chances of being drawn that add up to n, half of each shared equally.

    :math:`\pi_i = n\,(x_i / \sum x + 1 / N) / 2`; what exceeds 1 is drawn for certain and the rest
    shared out anew.  The equal half keeps the largest weight at no more than about 2 N / n.

    Parameters
    ----------
    sizes : ndarray, shape (N,)
        Positive.
    n : int
        Conversations to draw, at most N.

    Returns
    -------
    ndarray, shape (N,)
        In (0, 1].

    References
    ----------
    Sarndal, Swensson & Wretman (1992), section 3.6, doi:10.1007/978-1-4612-4378-6.

    Examples
    --------
    >>> inclusion_probabilities(np.array([1.0, 1.0, 1.0, 9.0]), 2).round(3).tolist()
    [0.333, 0.333, 0.333, 1.0]
    """
    shares = sizes / sizes.sum() + 1.0 / sizes.size
    certain = np.zeros(sizes.size, dtype=bool)
    while True:
        rest = np.where(certain, 0.0, shares)
        left = n - int(certain.sum())
        chance = np.where(certain, 1.0, left * rest / max(rest.sum(), _ROUNDING))
        above = chance > 1.0 + _ROUNDING
        if not above.any():
            return np.asarray(np.minimum(chance, 1.0))
        certain |= above


def systematic_sample(chance: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw with the given chances, in random order, by one random start.

    Parameters
    ----------
    chance : ndarray, shape (N,)
        In (0, 1], adding up to a whole number n.
    rng : Generator
        Gives the order and the start.

    Returns
    -------
    ndarray of bool, shape (N,)
        Exactly n are true.

    References
    ----------
    Madow (1949), doi:10.1214/aoms/1177729988.

    Examples
    --------
    >>> drawn = systematic_sample(np.full(10, 0.3), np.random.default_rng(0))
    >>> int(drawn.sum())
    3
    """
    order = rng.permutation(chance.size)
    ends = np.cumsum(chance[order])
    ends[-1] = np.rint(ends[-1])
    passed = np.ceil(ends - rng.random() - _ROUNDING)
    drawn = np.zeros(chance.size, dtype=bool)
    drawn[order] = np.diff(passed, prepend=0.0) > 0
    return drawn


def allocation(
    weights: NDArray[np.float64], sizes: NDArray[np.intp], n: int, least: int
) -> NDArray[np.intp]:
    """Share n among strata: at least ``least`` each (or all there are), the rest by weight.

    Parameters
    ----------
    weights : ndarray, shape (n_strata,)
        What the rest is proportional to.
    sizes : ndarray of int, shape (n_strata,)
        Conversations in each; n is at most their sum.
    n, least : int
        Conversations in all, and in each stratum.

    Returns
    -------
    ndarray of int, shape (n_strata,)
        Adds up to n, unless ``least`` asks for more.

    Examples
    --------
    >>> allocation(np.array([8.0, 1.0, 1.0]), np.array([80, 10, 3]), 20, 4).tolist()
    [13, 4, 3]
    """
    given = np.minimum(sizes, least)
    while given.sum() < n:
        wanted = np.where(given < sizes, weights / (given + 0.5), -1.0)
        given[int(np.argmax(wanted))] += 1
    return given


def pooled_strata(
    strata: Sequence[str], clusters: Sequence[str], smallest: int
) -> NDArray[np.str_]:
    """Join small strata with each other, or with the largest if that is not enough.

    Parameters
    ----------
    strata, clusters : sequence of str
        One a conversation.
    smallest : int
        Clusters that a stratum needs.

    Returns
    -------
    ndarray of str
        Strata with ``other`` in place of the small ones.

    Examples
    --------
    >>> pooled_strata(["a", "a", "a", "b", "c"], ["p", "q", "r", "s", "t"], 2).tolist()
    ['a', 'a', 'a', 'other', 'other']
    """
    found = np.asarray(strata, dtype=object)
    group = np.asarray(clusters, dtype=object)

    def n_clusters(name: str) -> int:
        return len(set(group[found == name]))

    small = [name for name in sorted(set(found)) if n_clusters(name) < smallest]
    found[np.isin(found.astype(str), small)] = "other"
    if small and n_clusters("other") < smallest:
        rest = sorted(set(found) - {"other"}) or ["other"]
        found[found == "other"] = max(rest, key=n_clusters)
    return found.astype(str)
