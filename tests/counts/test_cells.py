"""Counts of a family against loops over conversations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import random_frame, random_values
from valuescape.counts.cells import (
    count_family,
    design_of,
    family_members,
    stratum_counts_of,
)
from valuescape.counts.frame import presence
from valuescape.schema import TABLES
from valuescape.statistics.design import stratum_counts

FAMILY: dict[str, str | int] = {"group": "ordinary", "context_kind": "task_type", "level": 0}


def holders(pairs: pd.DataFrame, name: str) -> set[str]:
    return set(pairs.loc[pairs["value"] == name, "conversation_id"])


@pytest.mark.parametrize("seed", range(4))
def test_counts_and_prevalences_are_what_loops_find(seed: int) -> None:
    frame = random_frame(seed)
    pairs = random_values(frame, seed + 100)
    ids = frame["conversation_id"]
    found = count_family(
        frame, presence(ids, frame, "task_type"), presence(ids, pairs, "value"), FAMILY
    ).cells
    assert list(found.columns) == list(TABLES["counts"].columns)
    assert len(found) == 3 * 5
    for row in found.itertuples():
        inside = frame["task_type"] == row.context
        holds = ids.isin(holders(pairs, row.value))
        assert row.n_both == (inside & holds).sum()
        assert row.n_context == inside.sum()
        assert row.n_value == holds.sum()
        assert row.n_total == len(frame)
        assert row.n_clusters_context == frame.loc[inside, "prompt_group"].nunique()
        assert row.n_clusters_value == frame.loc[holds, "prompt_group"].nunique()
        expected = sum(
            (part["task_type"] == row.context).sum() * holds[part.index].mean()
            for _, part in frame.groupby("stratum")
        )
        assert row.expected == pytest.approx(expected)
        shares = shares_by_loops(frame, inside, holds)
        assert (row.prevalence_inside, row.prevalence_outside) == pytest.approx(shares)
        assert row.score == pytest.approx(score_by_loops(frame, inside, holds))
        assert row.score_variance >= 0
        assert row.design_effect >= 1


def shares_by_loops(frame: pd.DataFrame, x: pd.Series, y: pd.Series) -> tuple[float, float]:
    """Share inside; share outside with each stratum weighted as it is inside."""
    inside = outside = size = 0.0
    for _, part in frame.groupby("stratum"):
        w, within, holds = part["weight"], x[part.index], y[part.index]
        if within.all() or not within.any():
            continue
        inside += (w * holds)[within].sum()
        size += w[within].sum()
        outside += w[within].sum() * (w * holds)[~within].sum() / w[~within].sum()
    return inside / size, outside / size


def score_by_loops(frame: pd.DataFrame, x: pd.Series, y: pd.Series) -> float:
    score = 0.0
    for _, part in frame.groupby("stratum"):
        i, w = part.index, part["weight"]
        for k in i:
            centred_x = x[k] - np.average(x[i], weights=w)
            score += w[k] * centred_x * (y[k] - np.average(y[i], weights=w))
    return score


@pytest.mark.parametrize("seed", range(3))
def test_members_of_a_family_are_those_in_enough_groups_and_conversations(seed: int) -> None:
    frame = random_frame(seed, n=60)
    pairs = random_values(frame, seed)
    found = presence(frame["conversation_id"], pairs, "value")
    joined = pairs.merge(frame, on="conversation_id")
    groups = joined.groupby("value")["prompt_group"].nunique()
    sizes = joined.groupby("value")["conversation_id"].nunique()
    for clusters in (1, 7, 9, 12):
        for minimum in (1, 11, 13):
            kept = family_members(frame, found, minimum_clusters=clusters, minimum=minimum)
            expected = [groups[n] >= clusters and sizes[n] >= minimum for n in found.names]
            assert kept.tolist() == expected


def test_nothing_present_has_no_members() -> None:
    frame = random_frame(1, n=10)
    pairs = pd.DataFrame({"conversation_id": ["nobody"], "value": ["k"]})
    found = presence(frame["conversation_id"], pairs, "value")
    assert family_members(frame, found).tolist() == []


@pytest.mark.parametrize("seed", range(3))
def test_stratum_counts_come_back_from_their_table(seed: int) -> None:
    frame = random_frame(seed, n=70)
    pairs = random_values(frame, seed)
    ids = frame["conversation_id"]
    x, y = presence(ids, frame, "task_type"), presence(ids, pairs, "value")
    table = count_family(frame, x, y, FAMILY).strata
    assert list(table.columns) == list(TABLES["stratum_counts"].columns)
    assert (table["n"] > 0).all()
    shuffled = table.sample(frac=1, random_state=seed)
    found = stratum_counts_of(shuffled, x.names, y.names)
    expected = stratum_counts(x.matrix.toarray(), y.matrix.toarray(), design_of(frame))
    for field in ("both", "context", "value", "total"):
        np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
    np.testing.assert_allclose(found.expected, expected.expected)


def test_strata_of_the_table_are_named_rightly() -> None:
    frame = random_frame(2)
    pairs = random_values(frame, 2)
    ids = frame["conversation_id"]
    table = count_family(
        frame, presence(ids, frame, "task_type"), presence(ids, pairs, "value"), FAMILY
    ).strata
    totals = table[(table["context"] == "") & (table["value"] == "")].set_index("stratum")["n"]
    assert totals.to_dict() == frame["stratum"].value_counts().to_dict()
    margins = table[(table["context"] == "code") & (table["value"] == "")]
    code = frame[frame["task_type"] == "code"]["stratum"].value_counts()
    assert margins.set_index("stratum")["n"].to_dict() == code.to_dict()


def test_a_context_or_value_everywhere_or_nowhere_has_no_variance() -> None:
    frame = random_frame(3, n=30)
    ids = frame["conversation_id"]
    everyone = pd.DataFrame({"conversation_id": ids, "value": "k"})
    x = presence(ids, frame, "task_type")
    y = presence(ids, everyone, "value", np.array(["k", "nowhere"]))
    cells = count_family(frame, x, y, FAMILY).cells
    np.testing.assert_allclose(cells["score"], 0, atol=1e-12)
    np.testing.assert_allclose(cells["score_variance"], 0, atol=1e-12)
    assert np.isfinite(cells["design_effect"]).all()
