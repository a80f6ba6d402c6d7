"""Names and descriptions of nodes, offline: the medoid and what sets it apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from valuescape.taxonomy.encoders import FloatArray, unit_rows
from valuescape.taxonomy.grouping import IntArray

N_EXAMPLES = 50
_CENTRAL, _LISTED, _TERMS = 5, 3, 3
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class NodeSketch:
    """What a namer sees of a node.

    Attributes
    ----------
    level : int
        1 to 3.
    polarity : str
        Of all its values.
    medoid : str
        The most frequent of its five most central values.
    inside : tuple of str
        Its most central values, at most 50.
    outside : tuple of str
        The nearest values outside, of the same level's nodes, at most 50: the contrast.
    neighbour : int
        Place of the nearest other node of the level in the list of sketches; its own if alone.
    terms : tuple of str
        Words more frequent in its values than in those of the neighbour.
    """

    level: int
    polarity: str
    medoid: str
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    neighbour: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeName:
    """Printed name and description of a node."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ParentChoice:
    """A node and the nodes above among which it gets one parent.

    Attributes
    ----------
    child : NodeName
        The node.
    inside : tuple of str
        Its most central values.
    parents : tuple of NodeName
        Nodes above, of the child's polarity, in shuffled order.
    computed : int
        Place among them of the parent that the clustering gave.
    """

    child: NodeName
    inside: tuple[str, ...]
    parents: tuple[NodeName, ...]
    computed: int


class Namer(Protocol):
    """Names the nodes of a level, and may move a node to another parent."""

    def name(self, sketches: Sequence[NodeSketch]) -> list[NodeName]:
        """Return a name for each node, all different."""

    def choose(self, choices: Sequence[ParentChoice]) -> list[int]:
        """Return for each node the place of its one parent."""


@dataclass(frozen=True, slots=True)
class MedoidNamer:
    """Names nodes by their medoids and leaves them where they are; needs no model."""

    def name(self, sketches: Sequence[NodeSketch]) -> list[NodeName]:
        """Return medoids, with central values and the contrast to the nearest node."""
        names = [sketch.medoid[:1].upper() + sketch.medoid[1:] for sketch in sketches]
        return [
            NodeName(name, _described(sketch, names))
            for name, sketch in zip(names, sketches, strict=True)
        ]

    def choose(self, choices: Sequence[ParentChoice]) -> list[int]:
        """Return the computed parents."""
        return [choice.computed for choice in choices]


def _described(sketch: NodeSketch, names: Sequence[str]) -> str:
    text = "; ".join(sketch.inside[:_LISTED])
    neighbour = names[sketch.neighbour]
    if sketch.terms and neighbour.casefold() != sketch.medoid.casefold():
        text += f". Nearest is {neighbour}; more here of: {', '.join(sketch.terms)}"
    return text + "."


def sketch_level(
    names: list[str],
    points: FloatArray,
    polarity: Sequence[str],
    frequencies: Sequence[int],
    groups: IntArray,
    level: int,
) -> list[NodeSketch]:
    """Describe the nodes of a level by their central values and by their nearest neighbours.

    Parameters
    ----------
    names : list of str
        Values.
    points : ndarray of float, shape (n_values, n_dimensions)
        Their embeddings, rows of unit length.
    polarity : sequence of str
        Polarity of each.
    frequencies : sequence of int
        How often each occurs.
    groups : ndarray of int, shape (n_values,)
        Node of each, from 0.
    level : int
        Level of the nodes.

    Returns
    -------
    list of NodeSketch
        One a node, in the order of the numbers.
    """
    members = [np.flatnonzero(groups == g) for g in range(int(groups.max()) + 1)]
    means = unit_rows(np.vstack([points[inside].mean(axis=0) for inside in members]))
    kinds = np.array([polarity[inside[0]] for inside in members])
    alike = (means @ means.T).round(9) + (kinds[:, None] == kinds[None, :]) * 2.0
    np.fill_diagonal(alike, -np.inf)
    neighbour = [int(g) for g in alike.argmax(axis=1)]
    central: list[list[int]] = [
        _by_closeness(names, points, mean, m) for mean, m in zip(means, members, strict=True)
    ]
    return [
        NodeSketch(
            level,
            str(kinds[g]),
            names[min(central[g][:_CENTRAL], key=lambda i: (-frequencies[i], names[i]))],
            tuple(names[i] for i in central[g][:N_EXAMPLES]),
            _nearest_outside(names, points, means[g], groups, alike[g]),
            neighbour[g],
            _terms([names[i] for i in central[g]], [names[i] for i in central[neighbour[g]]]),
        )
        for g in range(len(members))
    ]


def _by_closeness(
    names: list[str], points: FloatArray, mean: FloatArray, members: IntArray
) -> list[int]:
    closeness = (points[members] @ mean).round(9)
    order = sorted(range(len(members)), key=lambda k: (-closeness[k], names[members[k]]))
    return [int(members[k]) for k in order]


def _nearest_outside(
    names: list[str], points: FloatArray, mean: FloatArray, groups: IntArray, alike: FloatArray
) -> tuple[str, ...]:
    """Values of the three nearest nodes, the nearest to this node's mean first."""
    near = np.argsort(-alike, kind="stable")[: min(3, len(alike) - 1)]
    outside = np.flatnonzero(np.isin(groups, near))
    return tuple(names[i] for i in _by_closeness(names, points, mean, outside)[:N_EXAMPLES])


def _terms(inside: Sequence[str], outside: Sequence[str]) -> tuple[str, ...]:
    if list(inside) == list(outside):
        return ()
    here, there = (
        Counter(w for name in part for w in set(_WORD.findall(name.casefold())))
        for part in (inside, outside)
    )
    gain = {
        word: here[word] / len(inside) - there[word] / len(outside)
        for word in here
        if len(word) > 3
    }
    best = sorted(gain, key=lambda word: (-gain[word], word))[:_TERMS]
    return tuple(word for word in best if gain[word] > 0)
