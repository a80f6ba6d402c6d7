"""One parent each: nodes may be moved to a parent that their namer prefers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from valuescape.taxonomy.encoders import FloatArray, unit_rows
from valuescape.taxonomy.grouping import IntArray
from valuescape.taxonomy.naming import Namer, NodeName, ParentChoice

N_PARENTS = 5
_EXAMPLES = 10


class Judged(Protocol):
    """Values with their polarity."""

    @property
    def names(self) -> Sequence[str]:
        """Printed names."""

    @property
    def polarity(self) -> Sequence[str]:
        """Polarity of each."""


def choose_parents(
    points: FloatArray,
    values: Judged,
    levels: IntArray,
    named: Sequence[Sequence[NodeName]],
    namer: Namer,
    level: int,
    seed: int,
) -> IntArray:
    """Offer each node of a level the nearest nodes above, and move it where the namer says.

    Only nodes of the node's own polarity are offered, in an order shuffled by the seed.  A move
    that would leave a node above with fewer than two children is not made.

    Parameters
    ----------
    points : ndarray of float, shape (n_values, n_dimensions)
        Embeddings of the values.
    values : Judged
        The values, with ``names`` and ``polarity``.
    levels : ndarray of int, shape (n_values, n_levels)
        Nodes of each value.
    named : sequence of sequence of NodeName
        Names of the nodes of every level.
    namer : Namer
        Who decides.
    level : int
        Level whose nodes choose, from 1.
    seed : int
        Of the order.

    Returns
    -------
    ndarray of int, shape (n_values, n_levels)
        The nodes after the moves; above a moved node everything follows its new parent.
    """
    below, above = levels[:, level - 1], levels[:, level]
    means, upper = _means(points, below), _means(points, above)
    first = np.array([np.flatnonzero(below == g)[0] for g in range(len(means))])
    kind_above = np.array(
        [values.polarity[np.flatnonzero(above == g)[0]] for g in range(len(upper))]
    )
    rng = np.random.default_rng([seed, level])
    offers = []
    for g in range(len(means)):
        alike = (upper @ means[g]).round(9) - 9.0 * (kind_above != values.polarity[first[g]])
        alike[above[first[g]]] = np.inf
        near = np.argsort(-alike, kind="stable")[:N_PARENTS]
        offers.append(rng.permutation(near[alike[near] > -2.0]))
    order = [np.flatnonzero(below == g) for g in range(len(means))]
    choices = [
        ParentChoice(
            named[level - 1][g],
            tuple(values.names[i] for i in order[g][:_EXAMPLES]),
            tuple(named[level][p] for p in offers[g]),
            int(np.flatnonzero(offers[g] == above[first[g]])[0]),
        )
        for g in range(len(means))
    ]
    return _moved(levels, level, [o[c] for o, c in zip(offers, namer.choose(choices), strict=True)])


def _means(points: FloatArray, groups: IntArray) -> FloatArray:
    return unit_rows(
        np.vstack([points[groups == g].mean(axis=0) for g in range(int(groups.max()) + 1)])
    )


def _moved(levels: IntArray, level: int, wanted: Sequence[int]) -> IntArray:
    found = levels.copy()
    for node, parent in enumerate(wanted):
        inside = found[:, level - 1] == node
        now = found[inside, level][0]
        children = np.unique(found[found[:, level] == now, level - 1])
        if parent != now and len(children) > 2:
            example = np.flatnonzero(found[:, level] == parent)[0]
            found[inside, level:] = found[example, level:]
    return found
