"""Thresholds chosen on judged names: when two names are one value, when a name fits nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuescape.taxonomy.embedding import Embedding
from valuescape.taxonomy.encoders import FloatArray
from valuescape.taxonomy.names import normal_key, read_rules
from valuescape.taxonomy.near import opposed, similar_pairs
from valuescape.taxonomy.placement import assignments, groups, leave_one_out
from valuescape.taxonomy.similarity import embedding_similarity

LEAST_SHARE_OF_ONE_NODE = 0.9
_LOWEST, _STEP = 0.6, 0.01


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Thresholds of an embedding and what they rest on.

    Attributes
    ----------
    same_value : float or None
        Lowest cosine, in hundredths, from which on at least nine in ten pairs of values that were
        judged distinct and would be merged are at least of one node; None if there is none.
    synonym_recall : float
        Share of the judged synonyms that this cosine would merge.
    merged_pairs : int
        Pairs of values judged distinct that it would merge.
    of_one_node : float
        Share of these pairs that are of one level-1 node.
    least_score : float
        Score at which a judged name, left out, is as likely as not to come to its own node
        (logistic regression of that on the score), in hundredths.
    mapped : float
        Share of the judged names with at least this score.
    right : float
        Share of the mapped names that come to their own node.
    """

    same_value: float | None
    synonym_recall: float
    merged_pairs: int
    of_one_node: float
    least_score: float
    mapped: float
    right: float


def thresholds(embedding: Embedding) -> Thresholds:
    """Choose the thresholds of an embedding on the names with judged places and judged synonyms.

    Parameters
    ----------
    embedding : Embedding
        Where names lie; its own thresholds are not looked at.
    """
    members = assignments()
    names = members["value"].tolist()
    nodes = members["group"].to_numpy(dtype=str)
    synonyms = [(row["canonical"], row["variant"]) for row in read_rules("synonyms.csv")]
    every = sorted({*names, *(name for pair in synonyms for name in pair)})
    points = embedding.encode(every)
    place = {name: i for i, name in enumerate(every)}
    cosine, same = _distinct_pairs(names, nodes, points[[place[name] for name in names]])
    alike = np.array([points[place[a]] @ points[place[b]] for a, b in synonyms])
    chosen = _lowest(cosine, same)
    at = np.inf if chosen is None else chosen - 1e-9
    merged = cosine >= at
    least, score, right = _least_score(embedding)
    mapped = score >= least
    return Thresholds(
        chosen,
        float((alike >= at).mean()),
        int(merged.sum()),
        float(same[merged].mean()) if merged.any() else 0.0,
        least,
        float(mapped.mean()),
        float(right[mapped].mean()),
    )


def _distinct_pairs(
    names: list[str], nodes: np.ndarray, points: FloatArray
) -> tuple[FloatArray, np.ndarray]:
    """Cosines of pairs that a merge could join, and whether they are of one node."""
    polarity = groups().loc[nodes, "polarity"].to_numpy()
    found = [
        (cosine, nodes[i] == nodes[j])
        for i, j, cosine in similar_pairs(points, _LOWEST)
        if polarity[i] == polarity[j]
        and normal_key(names[i]) != normal_key(names[j])
        and not opposed(names[i], names[j])
    ]
    cosine, same = (np.array(column) for column in zip(*found, strict=True))
    return cosine.astype(float), same.astype(bool)


def _lowest(cosine: FloatArray, same: np.ndarray) -> float | None:
    grid = np.arange(1.0, _LOWEST, -_STEP).round(2)
    chosen = None
    for value in grid:
        above = cosine >= value - 1e-9
        if above.any():
            if same[above].mean() < LEAST_SHARE_OF_ONE_NODE:
                break
            chosen = float(value)
    return chosen


def _least_score(embedding: Embedding) -> tuple[float, FloatArray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    tried = leave_one_out(embedding_similarity(embedding))
    right = (tried["judged"] == tried["computed"]).to_numpy()
    score = tried["score"].to_numpy(dtype=float)
    fit = LogisticRegression(C=np.inf, max_iter=1000).fit(score[:, None], right)
    half = float(-fit.intercept_[0] / fit.coef_[0, 0])
    return round(min(max(half, 0.0), 1.0), 2), score, right
