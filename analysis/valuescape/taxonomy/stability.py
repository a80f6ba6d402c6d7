"""How far a built tree depends on its start, on the conversations and on the encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.taxonomy.comparison import agreement_of_trees, fit_of_tree
from valuescape.taxonomy.embedding import Embedding
from valuescape.taxonomy.free_tree import build_tree
from valuescape.taxonomy.merging import raw_names
from valuescape.taxonomy.placement import groups, leave_one_out
from valuescape.taxonomy.similarity import (
    Similarity,
    cooccurrence_similarity,
    embedding_similarity,
    mixed_similarity,
    remembered,
)

COMPANY_WEIGHT = 0.2
_Z = 1.959963984540054
_KEY = ["quantity", "level", "method"]


@dataclass(frozen=True, slots=True)
class Resampling:
    """How conversations are drawn again.

    Attributes
    ----------
    clusters : Series of str
        Prompt group of each conversation, indexed by ``conversation_id``.
    n_resamples : int
        Samples drawn.
    seed : int
        Of the draws.
    """

    clusters: pd.Series
    n_resamples: int
    seed: int

    def draw(self, expressions: pd.DataFrame) -> list[pd.DataFrame]:
        """Draw prompt groups with replacement; a group drawn twice makes other conversations.

        Returns
        -------
        list of DataFrame
            ``conversation_id`` and ``value`` (as written) of each sample.
        """
        said = pd.DataFrame(
            {
                "conversation_id": expressions["conversation_id"].to_numpy(),
                "value": raw_names(expressions).to_numpy(),
            }
        ).sort_values(["conversation_id", "value"], ignore_index=True)
        cluster, names = pd.factorize(said["conversation_id"].map(self.clusters), sort=True)
        rng = np.random.default_rng(self.seed)
        samples = []
        for _ in range(self.n_resamples):
            times = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)))[cluster]
            taken = said.loc[np.repeat(said.index, times)]
            copy = taken.groupby(level=0).cumcount().astype(str)
            made = taken["conversation_id"] + "#" + copy
            samples.append(taken.assign(conversation_id=made).reset_index(drop=True))
        return samples


def tree_stability(
    expressions: pd.DataFrame,
    embeddings: Mapping[str, Embedding],
    sizes: Sequence[int],
    judged: pd.DataFrame,
    resampling: Resampling,
) -> pd.DataFrame:
    """Build the tree again from other starts, conversations and encoders, and compare.

    Parameters
    ----------
    expressions : DataFrame
        Names as written, with ``conversation_id``.
    embeddings : mapping of str to Embedding
        The first builds the tree that all others are compared with.
    sizes : sequence of three int
        Nodes of each level.
    judged : DataFrame
        The judged places: ``value_raw``, ``level1``, ``level2``, ``level3``, ``polarity``.
    resampling : Resampling
        How conversations are drawn again; as many other starts are tried.

    Returns
    -------
    DataFrame
        Rows of :func:`valuescape.taxonomy.comparison.agreement_of_trees`, means over resamples,
        and of :func:`valuescape.taxonomy.comparison.fit_of_tree` for the built and the judged tree.
    """
    first, *others = embeddings.items()
    names = sorted(raw_names(expressions).unique())
    built = build_tree(names, embedding=first[1], sizes=sizes).places
    points = first[1].encode(names)
    placed = judged.set_index("value_raw").loc[names].reset_index()
    desirable = placed[placed["polarity"] == "desirable"]
    parts = [
        fit_of_tree(points, built.set_index("value_raw").loc[names], "built"),
        fit_of_tree(points, placed, "judged"),
        agreement_of_trees(built, placed, "built and judged"),
        agreement_of_trees(built, desirable, "built and judged, desirable values"),
    ]
    half = built["value"].nunique() // 2
    starts = [
        build_tree(
            names, embedding=first[1], sizes=sizes, seed=seed, most_points_of_ward=half
        ).places
        for seed in range(resampling.n_resamples)
    ]
    samples = [
        build_tree(sorted(said["value"].unique()), embedding=first[1], sizes=sizes).places
        for said in resampling.draw(expressions)
    ]
    for method, trees in (("other starts", starts), ("other conversations", samples)):
        parts.append(_mean([agreement_of_trees(built, tree, method) for tree in trees]))
    for name, embedding in others:
        tree = build_tree(names, embedding=embedding, sizes=sizes).places
        parts.append(agreement_of_trees(built, tree, f"{first[0]} and {name}"))
        parts.append(agreement_of_trees(tree, placed, f"built by {name} and judged"))
    return pd.concat(parts, ignore_index=True)


def _mean(tables: list[pd.DataFrame]) -> pd.DataFrame:
    found = pd.concat(tables).groupby(_KEY, sort=False).agg(
        estimate=("estimate", "mean"), unit=("unit", "first"), n=("estimate", "size")
    )  # fmt: skip
    return found.reset_index()


def company_gain(
    expressions: pd.DataFrame,
    similarities: Mapping[str, Similarity],
    resampling: Resampling,
    weight: float = COMPANY_WEIGHT,
) -> pd.DataFrame:
    """Measure whether shared conversations help to file values, beside other similarities.

    Every judged value is left out and filed by a similarity, and by the same mixed with the
    likeness of the company that values keep; the gain is the difference of the shares filed
    right.  Its interval is normal, with the standard deviation over resampled prompt groups.

    Parameters
    ----------
    expressions : DataFrame
        Names as written, with ``conversation_id``.
    similarities : mapping of str to Similarity
        What company is added to, by name.
    resampling : Resampling
        How conversations are drawn again.
    weight : float
        Of the company in the mixture.

    Returns
    -------
    DataFrame
        ``quantity`` (``company_gain``), ``level``, ``method``, ``estimate``, ``ci_low``,
        ``ci_high``, ``unit``, ``n`` (resamples).
    """
    own = pd.DataFrame(
        {"conversation_id": expressions["conversation_id"], "value": raw_names(expressions)}
    )
    samples = [own, *resampling.draw(expressions)]
    company = [cooccurrence_similarity(sample) for sample in samples]
    rows = []
    for name, similarity in similarities.items():
        fixed = remembered(similarity)
        alone = _accuracy(fixed)
        mixed = [
            _accuracy(mixed_similarity([(fixed, 1.0 - weight), (one, weight)])) for one in company
        ]
        gain = np.array(mixed) - alone
        reach = _Z * gain[1:].std(axis=0, ddof=1)
        for level in (1, 2, 3):
            centre, side = gain[0, level - 1], reach[level - 1]
            rows.append((level, name, centre, centre - side, centre + side))
    table = pd.DataFrame(rows, columns=["level", "method", "estimate", "ci_low", "ci_high"])
    return table.assign(quantity="company_gain", unit="share", n=resampling.n_resamples)


def _accuracy(similarity: Similarity) -> np.ndarray:
    tried = leave_one_out(similarity)
    one, other = tried["judged"], tried["computed"]
    parent = groups()["parent_id"]
    shares = []
    for _ in (1, 2, 3):
        shares.append(float((one == other).mean()))
        one, other = one.map(parent), other.map(parent)
    return np.array(shares)


def similarities_of(embeddings: Mapping[str, Embedding]) -> dict[str, Similarity]:
    """Return the similarity that each embedding makes."""
    return {name: embedding_similarity(embedding) for name, embedding in embeddings.items()}
