"""Agreement of labellers against scikit-learn, sets and counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, precision_score, recall_score

from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.study.agreement import (
    FACETS,
    Resampling,
    agreement_table,
    category_precision,
    compare_labellers,
    machine_precision,
    paired_labels,
    value_overlap,
    value_precision,
)

N = 160
IDS = [f"c{i:03}" for i in range(N)]
GROUPS = pd.Series(np.where(np.arange(N) % 3 == 0, "adversarial", "ordinary"), index=IDS)
PLAN = Resampling(pd.Series([f"g{i // 2}" for i in range(N)], index=IDS), 60, 3, 0.95)


def labelled() -> pd.DataFrame:
    """Labels of two readers and a machine that repeats the first four times in five."""
    rng = np.random.default_rng(6)
    first = pd.DataFrame(
        {
            "conversation_id": IDS,
            "labeller": "r1",
            "subjective": rng.random(N) < 0.7,
            "task_type": rng.choice(TASK_TYPES[:4], N),
            "response_type": rng.choice(RESPONSE_TYPES[:3], N),
        }
    )
    tables = [first]
    for name in ("r2", "machine"):
        other = first.assign(labeller=name)
        for facet in FACETS:
            changed = rng.random(N) < 0.2
            other[facet] = np.where(changed, rng.permutation(first[facet]), first[facet])
        other["subjective"] = other["subjective"].astype(bool)
        tables.append(other)
    return pd.concat(tables, ignore_index=True).sample(frac=1, random_state=1)


def expressed() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    for i, name in enumerate(IDS):
        base = set(rng.choice(list("klmnop"), 2, replace=False))
        for labeller in ("r1", "r2", "machine"):
            said = base if rng.random() < 0.6 else set(rng.choice(list("klmnop"), 2))
            if i % 10 or labeller == "r1":
                rows += [(name, labeller, value) for value in sorted(said)]
    return pd.DataFrame(rows, columns=["conversation_id", "labeller", "value"])


LABELS, VALUES = labelled(), expressed()
PAIRS = paired_labels(LABELS, "r1", "r2")


def said_by(labeller: str) -> pd.DataFrame:
    return VALUES[VALUES["labeller"] == labeller]


def test_pairs_hold_both_labels_of_a_conversation() -> None:
    assert len(PAIRS) == N
    first = LABELS[LABELS["labeller"] == "r1"].set_index("conversation_id")
    for facet in FACETS:
        expected = first.loc[PAIRS["conversation_id"], facet].tolist()
        assert PAIRS[f"{facet}_1"].tolist() == expected
    some = LABELS[(LABELS["labeller"] == "r1") | LABELS["conversation_id"].isin(IDS[:9])]
    assert sorted(paired_labels(some, "r1", "r2")["conversation_id"]) == IDS[:9]
    assert paired_labels(LABELS, "r1", "nobody").empty


def test_kappa_is_that_of_scikit_learn_and_percent_is_counted() -> None:
    table = agreement_table(PAIRS, PLAN).set_index(["facet", "statistic"])
    for facet in FACETS:
        pair = PAIRS[f"{facet}_1"], PAIRS[f"{facet}_2"]
        row = table.loc[(facet, "cohen_kappa")]
        assert row["estimate"] == pytest.approx(cohen_kappa_score(*pair))
        assert row["ci_low"] < row["estimate"] < row["ci_high"]
        assert (row["n"], row["n_clusters"]) == (N, N // 2)
        percent = table.loc[(facet, "percent"), "estimate"]
        assert percent == pytest.approx((pair[0] == pair[1]).mean())
    both = PAIRS[PAIRS["subjective_1"] & PAIRS["subjective_2"]]
    row = table.loc[("response_type_subjective", "cohen_kappa")]
    kappa = cohen_kappa_score(both["response_type_1"], both["response_type_2"])
    assert row["estimate"] == pytest.approx(kappa)
    assert row["n"] == len(both)
    statistics = set(table.index.get_level_values("statistic"))
    assert statistics == {"percent", "krippendorff_alpha", "gwet_ac1", "cohen_kappa"}


def test_a_labeller_agrees_with_itself() -> None:
    same = paired_labels(LABELS, "r1", "r1")
    assert (agreement_table(same, PLAN)["estimate"] == 1).all()
    own = said_by("r1")
    assert value_overlap(same, own, own, PLAN)["estimate"].item() == 1


def test_overlap_is_the_mean_jaccard_index_where_both_name_a_value() -> None:
    found = value_overlap(PAIRS, said_by("r1"), said_by("r2"), PLAN).iloc[0]
    sets = {name: part.groupby("conversation_id")["value"].agg(set) for name, part in
            VALUES.groupby("labeller")}  # fmt: skip
    shared = sets["r1"].index.intersection(sets["r2"].index)
    scores = [
        len(sets["r1"][i] & sets["r2"][i]) / len(sets["r1"][i] | sets["r2"][i]) for i in shared
    ]
    assert found["n"] == len(shared) < N
    assert found["estimate"] == pytest.approx(np.mean(scores))
    assert found["ci_low"] < found["estimate"] < found["ci_high"]


def test_precision_and_recall_of_categories_are_those_of_scikit_learn() -> None:
    table = category_precision(PAIRS, PLAN).set_index(["facet", "name"])
    for name in TASK_TYPES[:4]:
        truth, guess = PAIRS["task_type_1"] == name, PAIRS["task_type_2"] == name
        row = table.loc[("task_type", name)]
        assert row["precision"] == pytest.approx(precision_score(truth, guess))
        assert row["recall"] == pytest.approx(recall_score(truth, guess))
        assert (row["n_reference"], row["n_predicted"], row["n"]) == (truth.sum(), guess.sum(), N)
        assert row["precision_low"] <= row["precision"] <= row["precision_high"]
        assert row["recall_low"] <= row["recall"] <= row["recall_high"]
    row = table.loc[("subjective", "subjective")]
    assert row["recall"] == pytest.approx(
        recall_score(PAIRS["subjective_1"], PAIRS["subjective_2"])
    )
    assert len(table) == 1 + len(TASK_TYPES) + len(RESPONSE_TYPES)


def test_precision_of_values_leaves_rare_ones_out() -> None:
    found = value_precision(PAIRS, said_by("r1"), said_by("machine"), PLAN, minimum=1)
    assert found["name"].tolist() == list("klmnop")
    for row in found.itertuples():
        truth = PAIRS["conversation_id"].isin(ids_of("r1", row.name))
        guess = PAIRS["conversation_id"].isin(ids_of("machine", row.name))
        assert row.precision == pytest.approx(precision_score(truth, guess))
        assert row.recall == pytest.approx(recall_score(truth, guess))
    bound = int(found["n_reference"].median())
    fewer = value_precision(PAIRS, said_by("r1"), said_by("machine"), PLAN, minimum=bound)
    assert set(fewer["name"]) == set(found.loc[found["n_reference"] >= bound, "name"])


def ids_of(labeller: str, value: str) -> pd.Series:
    said = said_by(labeller)
    return said.loc[said["value"] == value, "conversation_id"]


def test_comparisons_are_made_over_all_and_within_groups() -> None:
    table = compare_labellers(LABELS, VALUES, "r1", ["r2", "machine"], GROUPS, PLAN)
    assert not table.duplicated(["pair", "group", "facet", "statistic"]).any()
    assert set(table["pair"]) == {"r1 and r2", "r1 and machine"}
    assert set(table["group"]) == {"all", "ordinary", "adversarial"}
    row = table[(table["pair"] == "r1 and r2") & (table["facet"] == "task_type")]
    row = row[(row["statistic"] == "cohen_kappa") & (row["group"] == "ordinary")].iloc[0]
    part = PAIRS[PAIRS["conversation_id"].map(GROUPS) == "ordinary"]
    kappa = cohen_kappa_score(part["task_type_1"], part["task_type_2"])
    assert row["estimate"] == pytest.approx(kappa)


def test_machine_precision_joins_categories_and_values() -> None:
    table = machine_precision(LABELS, VALUES, "r1", "machine", PLAN, minimum=5)
    assert set(table["facet"]) == {"subjective", "task_type", "response_type", "value"}
    assert set(table["pair"]) == {"r1 and machine"}
    assert not table.duplicated(["pair", "facet", "name"]).any()


def test_a_wider_level_and_another_seed_change_the_intervals() -> None:
    base = agreement_table(PAIRS, PLAN)
    narrow = agreement_table(PAIRS, Resampling(PLAN.prompt_group, 60, 3, 0.5))
    assert ((narrow["ci_high"] - narrow["ci_low"]) < (base["ci_high"] - base["ci_low"])).all()
    again = agreement_table(PAIRS, Resampling(PLAN.prompt_group, 60, 3, 0.95))
    pd.testing.assert_frame_equal(again, base)
    other = agreement_table(PAIRS, Resampling(PLAN.prompt_group, 60, 4, 0.95))
    assert (other["ci_low"] != base["ci_low"]).any()
    np.testing.assert_array_equal(other["estimate"], base["estimate"])
