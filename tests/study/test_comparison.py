"""Contrasts of assistants on the same prompts: planted ones found, others not, names of no use."""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.study.assistants import RUNS, Answers, answers
from valuescape.errors import InputError
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.study.comparison import (
    BY_PROMPT,
    EXACT,
    SCORE,
    ComparisonPlan,
    corrected_contrasts,
    machine_contrasts,
    paired_tests,
)

PLAN = ComparisonPlan(
    conf_level=0.95,
    rare=0.02,
    minimum_readings=50,
    q_threshold=0.05,
    power=0.8,
    minimum_expected=20,
)


GIVEN = answers(4)


def contrasts_of(given: Answers) -> pd.DataFrame:
    one = given.compared()[0]
    return corrected_contrasts(one, paired_tests(one, PLAN), PLAN)


@cache
def planted() -> pd.DataFrame:
    return contrasts_of(GIVEN)


def test_the_planted_difference_is_found_and_no_other() -> None:
    found = planted()
    care = found[(found["name"] == "care") & (found["arm"] == "source: apple")]
    assert len(care) == 2
    assert care["established"].all()
    for row in care.itertuples():
        truth = GIVEN.difference("care", "apple", str(row.versus).removeprefix("source: "))
        assert row.ci_low < truth < row.ci_high
    rest = found.drop(care.index)
    assert rest["established"].sum() <= 1
    assert (found["estimate"] - found["share_arm"] + found["share_versus"]).abs().max() < 1e-9


def test_a_run_read_too_little_has_machine_labels_alone_and_no_interval() -> None:
    one = GIVEN.compared()[0]
    found = planted()
    assert not found[["arm", "versus"]].isin(["source: dune"]).any(axis=None)
    apart = machine_contrasts(one, PLAN)
    assert (apart["versus"] == "source: dune").all()
    assert set(apart["arm"]) == {f"source: {r}" for r in RUNS[:3]}
    assert not {"ci_low", "log10_p", "q_value"} & set(apart.columns)
    assert apart["method"].str.contains("uncorrected").all()
    row = apart[(apart["name"] == "care") & (apart["arm"] == "source: apple")].iloc[0]
    j = one.names.index[one.names["name"] == "care"][0]
    run = one.table["run"].to_numpy()
    means = [one.machine[run == f"source: {r}", j].mean() for r in ("apple", "dune")]
    assert row["estimate"] == pytest.approx(means[0] - means[1])


@pytest.mark.slow
def test_no_difference_is_declared_where_there_is_none() -> None:
    declared = [contrasts_of(answers(s, planted=False))["established"].any() for s in range(25)]
    assert np.mean(declared) <= 0.2


def test_runs_exchanged_within_prompts_differ_no_more() -> None:
    given = GIVEN
    rng = np.random.default_rng(0)
    table = given.conversations
    table = table.assign(run=table.groupby("prompt_id")["run"].transform(rng.permutation))
    found = contrasts_of(dataclasses.replace(given, conversations=table))
    assert not found.loc[found["name"] == "care", "established"].any()


def test_names_and_order_of_rows_do_not_matter() -> None:
    given, once = GIVEN, planted()
    renamed = given.conversations.assign(
        run=given.conversations["run"].str.replace("source: ", "source: x-")
    )
    rng = np.random.default_rng(1)
    shuffled = dataclasses.replace(
        given,
        conversations=renamed.iloc[rng.permutation(len(renamed))],
        read=given.read.iloc[rng.permutation(len(given.read))],
        machine=given.machine.iloc[rng.permutation(len(given.machine))],
    )
    again = contrasts_of(shuffled)
    again[["arm", "versus"]] = again[["arm", "versus"]].replace("x-", "", regex=True)
    key = ["name", "arm", "versus"]
    left, right = (t.sort_values(key).reset_index(drop=True) for t in (once, again))
    pd.testing.assert_frame_equal(left, right, rtol=1e-9)


def test_the_test_is_chosen_by_margins() -> None:
    found = planted().set_index(["name", "arm", "versus"])
    pair = ("source: apple", "source: birch")
    assert found.loc[("care", *pair), "test"] == SCORE
    rare = found.loc[("rigor", *pair)]
    assert rare["test"] == BY_PROMPT
    one = GIVEN.compared()[0]
    paired = paired_tests(one, PLAN)
    same = (paired["name"] == "rigor") & (paired["arm"] == pair[0]) & (paired["versus"] == pair[1])
    assert rare["log10_p"] == paired.loc[same & (paired["prompts"] == "all"), "log10_p"].item()
    apart = contrasts_of(answers(1, shared=False, n_read=80)).set_index(["name", "arm", "versus"])
    single = apart.loc[("rigor", *pair)]
    assert single["test"] == EXACT
    k, n, m, other = single[["k_arm", "n_read_arm", "k_versus", "n_read_versus"]].astype(int)
    whole = float(exact_log10_p(k, n, k + m, n + other))
    assert whole <= single["log10_p"] == pytest.approx(whole, rel=0.02)


def test_paired_tests_need_prompts_read_of_both() -> None:
    one = answers(1, shared=False, n_read=60).compared(minimum=1)[0]
    assert paired_tests(one, PLAN).empty
    found = paired_tests(GIVEN.compared()[0], PLAN)
    assert set(found["prompts"]) == {"all", "majority subjective"}
    assert set(found.loc[found["prompts"] != "all", "quantity"]) == {"response_type"}
    fewer = found.groupby("prompts")["n_prompts"].max()
    assert fewer["majority subjective"] < fewer["all"]


def test_an_answer_that_is_not_subjective_has_nothing() -> None:
    given = GIVEN
    said = pd.concat(
        [given.said, given.read[["conversation_id"]].assign(value="everywhere")], ignore_index=True
    )
    one = dataclasses.replace(given, said=said).compared()[0]
    j = one.names.index[one.names["name"] == "everywhere"][0]
    subjective = one.table["subjective"].fillna(False).to_numpy(dtype=float)
    np.testing.assert_array_equal(one.reading[:, j], subjective * one.read)
    assert not one.machine[:, j].any(), "the machine does not know this name"
    contrasts = corrected_contrasts(one, paired_tests(one, PLAN), PLAN)
    assert (contrasts.loc[contrasts["name"] == "everywhere", "machine"] == 0).all()


def test_prompts_that_one_run_did_not_answer_are_left_out() -> None:
    given = GIVEN
    gone = given.conversations["run"].eq("source: apple") & (given.conversations.index % 3 == 0)
    one = dataclasses.replace(given, conversations=given.conversations[~gone]).compared()[0]
    found = corrected_contrasts(one, paired_tests(one, PLAN), PLAN)
    answered = given.conversations[~gone & given.conversations["run"].eq("source: apple")]
    with_apple = found["arm"] == "source: apple"
    assert set(found.loc[with_apple, "n_prompts"]) == {answered["prompt_id"].nunique()}


@pytest.mark.parametrize("what", ["one assistant", "no shared prompt"])
def test_nothing_to_compare_is_refused(what: str) -> None:
    given = GIVEN
    table = given.conversations
    if what == "one assistant":
        table = table[table["run"] == "source: apple"]
    else:
        table = table.assign(prompt_id=table["conversation_id"])
    with pytest.raises(InputError, match="did two runs answer the same prompt"):
        dataclasses.replace(given, conversations=table).compared()


def test_an_unknown_source_and_a_minimum_out_of_reach_are_refused() -> None:
    with pytest.raises(InputError, match="no conversations of 'elsewhere'; allowed are source"):
        answers(1).compared(source="elsewhere")
    with pytest.raises(InputError, match="minimum_value_conversations is 100000"):
        answers(1).compared(minimum=100_000)


def test_one_value_can_be_compared() -> None:
    given = GIVEN
    said = given.said[given.said["value"] == "care"]
    one = dataclasses.replace(given, said=said).compared()[0].only(["value"])
    assert one.names["name"].tolist() == ["care"]
    assert len(corrected_contrasts(one, paired_tests(one, PLAN), PLAN)) == 3
