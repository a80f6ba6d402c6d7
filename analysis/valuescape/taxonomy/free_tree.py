"""From any names of values to a tree of four levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.taxonomy.embedding import Embedding, stem_embedding
from valuescape.taxonomy.encoders import FloatArray, unit_rows
from valuescape.taxonomy.grouping import (
    MOST_POINTS_OF_WARD,
    IntArray,
    group_levels,
    level_sizes,
)
from valuescape.taxonomy.merging import merge_names
from valuescape.taxonomy.namelist import as_frequencies
from valuescape.taxonomy.naming import MedoidNamer, Namer, NodeName, sketch_level
from valuescape.taxonomy.near import merge_near
from valuescape.taxonomy.parents import choose_parents
from valuescape.taxonomy.polarity import judge_polarity
from valuescape.taxonomy.values import value_id

N_HEADINGS = 5
FEWEST_VALUES = 8
_LEVELS = (1, 2, 3)
_NODE_COLUMNS = ["node_id", "name", "level", "parent_id", "description", "polarity", "n"]


@dataclass(frozen=True, slots=True)
class ValueTree:
    """A tree over a list of names.

    Attributes
    ----------
    nodes : DataFrame
        Table ``taxonomy``: ``node_id``, ``name``, ``level``, ``parent_id``, ``description``,
        ``polarity``, ``n`` (how often its names occur in the list).
    places : DataFrame
        One row a name: ``value_raw``, ``value`` (as printed), ``reason`` (why it is printed so:
        empty, ``spelling``, ``synonym: …`` or ``near: …``), ``node_id``, ``level1``, ``level2``,
        ``level3``, ``polarity``, ``judged`` (false where a rule gave the polarity), ``n``.
    """

    nodes: pd.DataFrame
    places: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Values:
    """Distinct values in the order of their names."""

    names: list[str]
    points: FloatArray
    polarity: list[str]
    judged: list[bool]
    n: list[int]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Draft:
    """Nodes without names.

    Attributes
    ----------
    values, places : Values, DataFrame
        Distinct values, and the one that is printed for each raw name.
    points, levels : ndarray, shape (n_values, n_dimensions) and (n_values, 3)
        Their embeddings, centred, rows of unit length; their nodes of each level.
    """

    values: Values
    points: FloatArray
    levels: IntArray
    places: pd.DataFrame

    @property
    def sizes(self) -> tuple[int, ...]:
        """Nodes of levels 1, 2 and 3."""
        return tuple(int(level.max()) + 1 for level in self.levels.T)


def build_tree(
    names: Iterable[str] | Mapping[str, int],
    *,
    embedding: Embedding | None = None,
    sizes: Sequence[int] | None = None,
    n_headings: int | None = None,
    namer: Namer | None = None,
    seed: int = 0,
    most_points_of_ward: int = MOST_POINTS_OF_WARD,
) -> ValueTree:
    """Arrange any names of values in a tree of four levels.

    Spellings and judged synonyms are merged, then names nearer than the embedding's threshold; each
    value is judged desirable, undesirable, contested or a fault; values of one polarity are
    clustered, so that no node holds two.  Every polarity has a node on every level, so that a level
    may hold up to three nodes more than asked for.

    Parameters
    ----------
    names : iterable of str, or mapping of str to int
        Names, repeats allowed, or how often each occurs.
    embedding : Embedding, optional
        Where names lie; by their words where absent.
    sizes : sequence of three int, optional
        Nodes of levels 1, 2 and 3; by :func:`valuescape.taxonomy.grouping.level_sizes` where
        absent.
    n_headings : int, optional
        Nodes of level 3 where ``sizes`` is absent; five, or one for each eight values if that is
        less, where it is absent too.
    namer : Namer, optional
        Names the nodes; by their medoids where absent.
    seed : int
        Decides where Ward's tree is made of a part of the values, and the order in which a namer
        is offered parents.
    most_points_of_ward : int
        Above this number of values Ward's tree is made of a part.

    Returns
    -------
    ValueTree
        The same for any order of the names.

    Raises
    ------
    InputError
        If there are no names, fewer than eight distinct values, a name is not allowed, or sizes do
        not fall by at least a half from level to level.

    Examples
    --------
    >>> kinds = ("care", "safety", "truth", "beauty")
    >>> names = [f"{kind} {part}" for kind in kinds for part in ("at work", "at home", "abroad")]
    >>> tree = build_tree(names, sizes=[4, 2, 1])
    >>> tree.nodes["level"].value_counts().sort_index().to_dict()
    {0: 12, 1: 4, 2: 2, 3: 1}
    """
    draft = draft_tree(
        names,
        embedding=embedding,
        sizes=sizes,
        n_headings=n_headings,
        seed=seed,
        most_points_of_ward=most_points_of_ward,
    )
    return name_tree(draft, namer, seed)


def draft_tree(
    names: Iterable[str] | Mapping[str, int],
    *,
    embedding: Embedding | None = None,
    sizes: Sequence[int] | None = None,
    n_headings: int | None = None,
    seed: int = 0,
    most_points_of_ward: int = MOST_POINTS_OF_WARD,
) -> Draft:
    """Arrange names in nodes and leave the nodes without names; takes what `build_tree` takes."""
    values, places = _merged(as_frequencies(names), embedding or stem_embedding())
    wanted = _checked_sizes(sizes, n_headings, len(values))
    points = unit_rows(values.points - values.points.mean(axis=0))
    levels = group_levels(
        points, values.polarity, wanted, seed=seed, most_points_of_ward=most_points_of_ward
    )
    return Draft(values, points, levels, places)


def name_tree(draft: Draft, namer: Namer | None = None, seed: int = 0) -> ValueTree:
    """Name the nodes of a draft, by their medoids without a namer, and give each one parent."""
    levels, named = _named(draft.values, draft.points, draft.levels, namer or MedoidNamer(), seed)
    return _tabled(draft.values, draft.places, levels, named)


def _merged(frequencies: pd.Series, embedding: Embedding) -> tuple[Values, pd.DataFrame]:
    """Merge spellings, synonyms and near names; give each raw name the one printed for it."""
    places = merge_names(frequencies)
    sums = places.groupby("value")["n"].sum().sort_index()
    names = sums.index.tolist()
    points = embedding.encode(names)
    judged = judge_polarity(names)
    polarity = judged["polarity"].tolist()
    printed = list(range(len(names)))
    if embedding.same_value is not None:
        printed = merge_near(names, points, polarity, sums.tolist(), embedding.same_value)
    moved = places["value"].map(dict(zip(names, (names[i] for i in printed), strict=True)))
    near = f"near: cosine of at least {embedding.same_value} ({embedding.name})"
    places["reason"] = places["reason"].mask(moved != places["value"], near)
    places["value"] = moved
    kept = sorted(set(printed))
    n = places.groupby("value")["n"].sum()
    values = Values(
        [names[i] for i in kept],
        points[kept],
        [polarity[i] for i in kept],
        [bool(judged["judged"].iloc[i]) for i in kept],
        [int(n[names[i]]) for i in kept],
    )
    return values, places


def _checked_sizes(
    sizes: Sequence[int] | None, n_headings: int | None, n_values: int
) -> tuple[int, ...]:
    if n_values < FEWEST_VALUES:
        raise InputError(
            f"names: {n_values} distinct values; a tree of four levels needs at least "
            f"{FEWEST_VALUES}"
        )
    if sizes is None:
        most = n_values // FEWEST_VALUES
        n_top = min(N_HEADINGS, most) if n_headings is None else n_headings
        if not 1 <= n_top <= most:
            raise InputError(f"headings: {n_top} of {n_values:,} values; allowed is 1 to {most:,}")
        return level_sizes(n_values, n_top)
    below = (n_values, *sizes[:-1])
    if len(sizes) != len(_LEVELS) or any(
        not 1 <= size <= least // 2 for size, least in zip(sizes, below, strict=True)
    ):
        raise InputError(
            f"sizes: {', '.join(map(str, sizes))} of {n_values:,} values; three numbers are "
            "needed, each at least 1 and at most half of the one before"
        )
    return tuple(sizes)


def _named(
    values: Values, points: FloatArray, levels: IntArray, namer: Namer, seed: int
) -> tuple[IntArray, list[list[NodeName]]]:
    """Name every level; let the namer move nodes to other parents, and name again what changed."""

    def name(level: int) -> list[NodeName]:
        sketches = sketch_level(
            values.names, points, values.polarity, values.n, levels[:, level - 1], level
        )
        return namer.name(sketches)

    named = [name(level) for level in _LEVELS]
    for level in _LEVELS[:-1]:
        moved = choose_parents(points, values, levels, named, namer, level, seed)
        if not np.array_equal(moved, levels):
            levels = moved
            named[level:] = [name(upper) for upper in _LEVELS[level:]]
    return levels, named


def _tabled(
    values: Values, places: pd.DataFrame, levels: IntArray, named: list[list[NodeName]]
) -> ValueTree:
    table = pd.DataFrame(
        {
            "value": values.names,
            "node_id": [value_id(name) for name in values.names],
            "polarity": values.polarity,
            "judged": values.judged,
            "total": values.n,
        }
    )
    parts = []
    for level in _LEVELS:
        groups = pd.Series(levels[:, level - 1])
        table[f"level{level}"] = groups.map(_identifiers(groups, table["total"], level))
    for level in _LEVELS:
        nodes = table.groupby(f"level{level}", sort=True).agg(
            n=("total", "sum"), polarity=("polarity", "first")
        )
        first = ~pd.Series(levels[:, level - 1]).duplicated()
        number = pd.Series(levels[first, level - 1], index=table.loc[first, f"level{level}"])
        name = [named[level - 1][i] for i in number[nodes.index]]
        above = table.drop_duplicates(f"level{level}").set_index(f"level{level}")
        parent = above[f"level{level + 1}"][nodes.index] if level < _LEVELS[-1] else ""
        nodes = nodes.assign(
            name=[n.name for n in name], description=[n.description for n in name], level=level
        )
        parts.append(nodes.assign(parent_id=parent).rename_axis("node_id").reset_index())
    leaves = table.rename(columns={"value": "name", "level1": "parent_id", "total": "n"})
    parts.append(leaves.assign(level=0, description=""))
    nodes = pd.concat(parts)[_NODE_COLUMNS].sort_values(["level", "node_id"], ignore_index=True)
    placed = places.merge(table.drop(columns="total"), on="value").sort_values("value_raw")
    columns = ["value_raw", "value", "reason", "node_id", *(f"level{i}" for i in _LEVELS)]
    return ValueTree(nodes, placed[[*columns, "polarity", "judged", "n"]].reset_index(drop=True))


def _identifiers(groups: pd.Series, n: pd.Series, level: int) -> dict[int, str]:
    """Return the identifiers of a level's nodes, numbered from the most frequent on."""
    sums = n.groupby(groups).sum()
    order = sorted(sums.index, key=lambda group: (-sums[group], group))
    width = len(str(len(order)))
    return {
        int(group): f"node-{level}-{place:0{width}d}" for place, group in enumerate(order, start=1)
    }
