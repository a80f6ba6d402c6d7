"""Agreement of built and judged trees with the tree released by Huang et al. (2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from valuescape.errors import InputError
from valuescape.taxonomy.comparison import agreement_of_trees, as_quality, neighbours_share
from valuescape.taxonomy.embedding import Embedding
from valuescape.taxonomy.free_tree import build_tree
from valuescape.taxonomy.matching import as_target, match_names
from valuescape.taxonomy.names import spelling_twins
from valuescape.taxonomy.polarity import judge_polarity

RELEASED_COLUMNS = ("cluster_id", "name", "level", "parent_cluster_id")
_LEVELS = (1, 2, 3)


def released_places(tree: pd.DataFrame, source: str) -> pd.DataFrame:
    """Take the places of the names from the released table of clusters.

    Parameters
    ----------
    tree : DataFrame
        Columns :data:`RELEASED_COLUMNS`.
    source : str
        The file, for the message.

    Returns
    -------
    DataFrame
        ``value_raw``, ``level1``, ``level2``, ``level3``, sorted by name.

    Raises
    ------
    InputError
        If a name has no chain of three clusters.

    Examples
    --------
    >>> tree = pd.DataFrame([("hope", "hope", 0, "a"), ("a", "A", 1, "b"), ("b", "B", 2, "c"),
    ...                      ("c", "C", 3, "")], columns=RELEASED_COLUMNS)
    >>> released_places(tree, "tree.csv").values.tolist()
    [['hope', 'a', 'b', 'c']]
    """
    parent = tree.set_index("cluster_id")["parent_cluster_id"]
    names = tree[tree["level"] == 0].rename(columns={"name": "value_raw"})
    places = names.assign(level1=names["parent_cluster_id"])
    for level in _LEVELS[1:]:
        places[f"level{level}"] = places[f"level{level - 1}"].map(parent)
    places = places[["value_raw", *(f"level{level}" for level in _LEVELS)]]
    if places.empty or places.isna().to_numpy().any() or (places == "").to_numpy().any():
        raise InputError(f"{source}: each name needs clusters on the levels 1, 2 and 3")
    return places.sort_values("value_raw", ignore_index=True)


def agreement_with_released(
    released: pd.DataFrame,
    embeddings: Mapping[str, Embedding],
    judged: pd.DataFrame,
    nodes: pd.DataFrame,
) -> pd.DataFrame:
    """Compare everything that can be compared with the released tree.

    Parameters
    ----------
    released : DataFrame
        From :func:`released_places`.
    embeddings : mapping of str to Embedding
        Ways to place the released names; the first also maps them to the judged tree.
    judged : DataFrame
        ``values.csv`` of the stage ``taxonomy``.
    nodes : DataFrame
        Table ``taxonomy`` of the same.

    Returns
    -------
    DataFrame
        ``quantity``, ``level``, ``method``, ``estimate``, ``unit``, ``n``.
    """
    names = released["value_raw"].tolist()
    sizes = [released[f"level{level}"].nunique() for level in _LEVELS]
    parts = [_spellings(names)]
    for method, embedding in embeddings.items():
        parts.append(_neighbours(released, embedding, method))
        built = build_tree(names, embedding=embedding, sizes=sizes)
        parts.append(agreement_of_trees(released, built.places, f"built by {method}"))
        parts.append(_sizes(built.nodes, method))
    desirable = judged[judged["polarity"] == "desirable"]
    parts.append(agreement_of_trees(released, judged, "judged, names in common"))
    parts.append(agreement_of_trees(released, desirable, "judged, desirable names in common"))
    parts.append(_mapped(released, nodes, next(iter(embeddings.values()))))
    return pd.concat(parts, ignore_index=True)


def _spellings(names: Sequence[str]) -> pd.DataFrame:
    twins = spelling_twins(names)
    polarity = judge_polarity(names)["polarity"]
    rows = [("spelling_twins", 0, "released", float(len(twins)), "groups of names", len(names))]
    rows += [
        ("polarity", 0, kind, float((polarity == kind).mean()), "share", len(names))
        for kind in sorted(polarity.unique())
    ]
    return as_quality(rows)


def _neighbours(released: pd.DataFrame, embedding: Embedding, method: str) -> pd.DataFrame:
    names = released["value_raw"].tolist()
    levels = released[[f"level{level}" for level in _LEVELS]]
    shares = neighbours_share(embedding.encode(names), levels)
    return as_quality(
        [
            ("neighbours_share_node", level, method, share, "share", len(names))
            for level, share in zip(_LEVELS, shares, strict=True)
        ]
    )


def _sizes(nodes: pd.DataFrame, method: str) -> pd.DataFrame:
    rows = []
    for level in (0, *_LEVELS):
        here = nodes[nodes["level"] == level]
        of = f"built by {method}"
        rows.append(("nodes", level, of, float(len(here)), "nodes", len(nodes)))
        repeated = float(here["name"].str.casefold().duplicated().sum())
        rows.append(("repeated_names", level, of, repeated, "nodes", len(here)))
        if level:
            children = nodes.loc[nodes["level"] == level - 1, "parent_id"].value_counts()
            single = float((children == 1).sum())
            rows.append(("single_child_nodes", level, of, single, "nodes", len(here)))
    return as_quality(rows)


def _mapped(released: pd.DataFrame, nodes: pd.DataFrame, embedding: Embedding) -> pd.DataFrame:
    """Shares of the released names that the judged tree lists, takes up and leaves unmapped."""
    found = match_names(released["value_raw"], as_target(nodes), embedding)
    n = len(found)
    rows = [
        (f"mapped_{how}", 0, "judged tree", float((found["placed"] == how).mean()), "share", n)
        for how in ("listed", "computed", "unmapped")
    ]
    mapped = found[found["placed"] != "unmapped"]
    return pd.concat(
        [as_quality(rows), agreement_of_trees(released, mapped, "mapped to the judged tree")]
    )
