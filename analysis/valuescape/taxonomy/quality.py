"""How good the tree is: sizes, shares, and the rules tried on values whose place is judged."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from valuescape.schema import POLARITIES
from valuescape.taxonomy.embedding import Embedding
from valuescape.taxonomy.names import read_rules
from valuescape.taxonomy.placement import assignments, groups, leave_one_out
from valuescape.taxonomy.polarity import polarity_by_rule
from valuescape.taxonomy.similarity import Similarity
from valuescape.taxonomy.thresholds import thresholds
from valuescape.taxonomy.tree import Taxonomy
from valuescape.taxonomy.values import LEVELS

QUALITY_KEY = ["quantity", "level", "method"]
QUALITY_COLUMNS = [*QUALITY_KEY, "estimate", "ci_low", "ci_high", "unit", "n"]


def quality_report(taxonomy: Taxonomy, similarities: Mapping[str, Similarity]) -> pd.DataFrame:
    """Measure a tree and the rules that file new names.

    Parameters
    ----------
    taxonomy : Taxonomy
        The tree.
    similarities : mapping of str to Similarity
        Similarities to try on the judged values, by name.

    Returns
    -------
    DataFrame
        ``quantity``, ``level`` (0 to 3; -1 where the quantity has none), ``method``,
        ``estimate``, ``unit`` and ``n``, the number it rests on.
    """
    parts = [
        _sizes(taxonomy.nodes),
        _names(taxonomy),
        *(placement_accuracy(s, name) for name, s in similarities.items()),
        _polarity_rules(),
    ]
    return pd.concat(parts, ignore_index=True)


def _table(rows: list[tuple[str, int, str, float, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*QUALITY_KEY, "estimate", "unit", "n"])


def _sizes(nodes: pd.DataFrame) -> pd.DataFrame:
    leaves = nodes[nodes["level"] == 0]
    above = leaves["node_id"]
    parent = nodes.set_index("node_id")["parent_id"]
    rows: list[tuple[str, int, str, float, str, int]] = []
    for level in LEVELS:
        here = nodes[nodes["level"] == level]
        rows.append(("nodes", level, "count", len(here), "nodes", len(nodes)))
        repeated = int(here["name"].str.casefold().duplicated().sum())
        rows.append(("repeated_names", level, "count", repeated, "nodes", len(here)))
        if level > 0:
            above = above.map(parent)
            children = nodes.loc[nodes["level"] == level - 1, "parent_id"].value_counts()
            single = int((children == 1).sum())
            largest = float(above.value_counts(normalize=True).iloc[0])
            rows.append(("single_child_nodes", level, "count", single, "nodes", len(here)))
            rows.append(("largest_node", level, "share of values", largest, "share", len(leaves)))
    return _table(rows)


def _names(taxonomy: Taxonomy) -> pd.DataFrame:
    values = taxonomy.places.drop_duplicates("value")
    n = len(taxonomy.places)
    rows: list[tuple[str, int, str, float, str, int]] = [
        ("names_read", -1, "count", n, "names", n),
        ("names_merged", -1, "spelling or synonym", len(taxonomy.merged), "names", n),
        ("judged_polarity", -1, "share of values", values["judged"].mean(), "share", len(values)),
    ]
    for placed in ("judged", "computed", "unassigned"):
        share = float((values["placed"] == placed).mean())
        rows.append((f"placed_{placed}", -1, "share of values", share, "share", len(values)))
    return _table(rows)


def placement_accuracy(similarity: Similarity, name: str) -> pd.DataFrame:
    """Measure how often the computed place is the judged one, each value left out in turn.

    Parameters
    ----------
    similarity : callable
        How alike values are.
    name : str
        What to call it in the column ``method``.

    Returns
    -------
    DataFrame
        Rows of :func:`quality_report`, for levels 1 to 3.
    """
    tried = leave_one_out(similarity)
    judged, computed = tried["judged"], tried["computed"]
    parent = groups()["parent_id"]
    rows: list[tuple[str, int, str, float, str, int]] = []
    for level in LEVELS[1:]:
        share = float((judged == computed).mean())
        rows.append(("placement_accuracy", level, name, share, "share", len(tried)))
        judged, computed = judged.map(parent), computed.map(parent)
    return _table(rows)


def threshold_report(embeddings: Mapping[str, Embedding]) -> pd.DataFrame:
    """Choose the thresholds of embeddings on judged names, and say what they rest on.

    Parameters
    ----------
    embeddings : mapping of str to Embedding
        Embeddings by name.

    Returns
    -------
    DataFrame
        Rows of :func:`quality_report`: the fields of
        :class:`valuescape.taxonomy.thresholds.Thresholds`.
    """
    n, n_synonyms = len(assignments()), len(read_rules("synonyms.csv"))
    rows: list[tuple[str, int, str, float, str, int]] = []
    for name, embedding in embeddings.items():
        found = thresholds(embedding)
        merged = found.merged_pairs
        rows += [
            ("synonym_recall", 0, name, found.synonym_recall, "share", n_synonyms),
            ("synonym_pairs_merged", 0, name, merged, "pairs of values judged distinct", n),
            ("synonym_pairs_of_one_node", 1, name, found.of_one_node, "share", merged),
            ("least_score", 1, name, found.least_score, "cosine", n),
            ("least_score_mapped", 1, name, found.mapped, "share", n),
            ("least_score_right", 1, name, found.right, "share", round(found.mapped * n)),
        ]
        if found.same_value is not None:
            rows.append(("synonym_threshold", 0, name, found.same_value, "cosine", n_synonyms))
    return _table(rows)


def _polarity_rules() -> pd.DataFrame:
    """Recall of each polarity when the rules alone speak (the rules have seen these names)."""
    members = assignments()
    judged = groups().loc[members["group"], "polarity"].to_numpy()
    found = members["value"].map(polarity_by_rule).to_numpy()
    rows: list[tuple[str, int, str, float, str, int]] = [
        (
            "polarity_rule_recall",
            -1,
            polarity,
            float((found[judged == polarity] == polarity).mean()),
            "share",
            int((judged == polarity).sum()),
        )
        for polarity in POLARITIES
    ]
    return _table(rows)
