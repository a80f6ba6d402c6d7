"""Stability tells planted structure from noise; company helps where it carries the places."""

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT
from tests.taxonomy.test_free_tree import planted
from valuescape.taxonomy.embedding import (
    LEAST_SCORE,
    SAME_VALUE,
    STEMS_LEAST_SCORE,
    Embedding,
    choose_embedding,
)
from valuescape.taxonomy.encoders import unit_rows
from valuescape.taxonomy.placement import assignments
from valuescape.taxonomy.similarity import name_similarity, remembered
from valuescape.taxonomy.stability import Resampling, company_gain, tree_stability
from valuescape.taxonomy.thresholds import thresholds


def _conversations(values: list[list[str]]) -> tuple[pd.DataFrame, pd.Series]:
    rows = [(f"c{i}", v) for i, part in enumerate(values) for v in part]
    table = pd.DataFrame(rows, columns=["conversation_id", "value"])
    clusters = pd.Series({f"c{i}": f"p{i // 2}" for i in range(len(values))})
    return table, clusters


def test_resamples_keep_prompt_groups_whole_and_copies_apart() -> None:
    said, clusters = _conversations([["hope", "zeal"], ["tact"], ["hope"], ["zeal"]])
    plan = Resampling(clusters, 20, 4)
    for sample in plan.draw(said):
        assert not sample.duplicated().any()
        origin = sample["conversation_id"].str.split("#").str[0]
        times = sample.assign(origin=origin).drop_duplicates("conversation_id")["origin"]
        counts = times.value_counts()
        for one, other in (("c0", "c1"), ("c2", "c3")):
            assert counts.get(one, 0) == counts.get(other, 0)
        assert counts.sum() == 4
    mixed = plan.draw(said.sample(frac=1, random_state=1))
    for one, other in zip(plan.draw(said), mixed, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_planted_trees_are_stable_and_noise_is_not() -> None:
    clear, truth = planted(noise=0.1)
    rng = np.random.default_rng(8)
    place = dict(zip(truth, unit_rows(rng.normal(size=(120, 20))), strict=True))
    noise = Embedding("noise", lambda asked: np.vstack([place[n] for n in asked]), None, 0.3)
    names = list(truth)
    said, clusters = _conversations([[names[i], names[(7 * i) % 120]] for i in range(120)] * 2)
    said = said.drop_duplicates()
    judged = pd.DataFrame({"value_raw": names, "polarity": "desirable", "level3": "t",
                           "level1": [f"n{g}" for g in truth.values()], "level2": "m"})  # fmt: skip
    plan = Resampling(clusters, 2, 3)
    tables = [
        tree_stability(said, {"one": e, "other": clear}, [12, 4, 2], judged, plan).set_index(
            ["quantity", "level", "method"]
        )["estimate"]
        for e in (clear, noise)
    ]
    for method in ("other starts", "other conversations", "built and judged", "one and other"):
        good, bad = (t["tree_agreement", 1, method] for t in tables)
        assert good > 0.95
        assert good > bad
    assert tables[0]["silhouette", 1, "built"] > 0.5 > tables[1]["silhouette", 1, "built"]
    assert tables[0]["explained", 1, "judged"] > 0.9


@pytest.mark.slow
def test_company_helps_where_values_of_one_node_keep_company() -> None:
    members = assignments().groupby("group")["value"].apply(list)
    together = [part[i : i + 4] for part in members for i in range(0, len(part), 2)] * 3
    said, clusters = _conversations(together)
    plan = Resampling(clusters, 2, 1)
    alike = {"names": remembered(name_similarity)}
    found = company_gain(said, alike, plan).set_index("level")
    assert (found["ci_low"] > 0.05).all()
    heavier = company_gain(said, alike, plan, weight=0.6).set_index("level")
    assert (heavier["estimate"] != found["estimate"]).any()


@pytest.mark.slow
def test_thresholds_in_use_are_those_that_the_judged_names_choose() -> None:
    table = choose_embedding(str(ROOT / "data" / "labels" / "embeddings" / "values.parquet"))
    found = thresholds(table)
    assert found.same_value == SAME_VALUE
    assert found.least_score == LEAST_SCORE
    assert found.of_one_node >= 0.9
    assert thresholds(choose_embedding("stems")).least_score == STEMS_LEAST_SCORE
