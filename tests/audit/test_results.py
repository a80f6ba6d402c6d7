"""Simulated coders: corrected shares cover the truth; agreement is theirs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audit.simulated import TYPES, coder, draw, rare_answers, truth_and_machine
from valuescape.audit.questions import YES_NO, Question
from valuescape.audit.results import agreement_table, corrected_table, gold_table
from valuescape.statistics import LabelledFrame, cohen_kappa, corrected_prevalence

ASKED = (
    Question("response_type", "?", tuple(TYPES)),
    Question("value:care", "?", YES_NO),
)


def test_corrected_shares_cover_the_truth_and_the_machines_do_not() -> None:
    covered, naive, error = [], [], []
    for seed in range(120):
        truth, machine = truth_and_machine(2000, np.random.default_rng(seed))
        frame = draw(truth, machine, 250, seed)
        found = corrected_table(frame, coder(truth, frame, 0.0, seed), ASKED).set_index(
            ["question", "answer"]
        )
        for question, answer in (("value:care", "yes"), ("response_type", "reframing")):
            row, right = found.loc[(question, answer)], (truth[question] == answer).mean()
            covered.append(row["ci_low"] <= right <= row["ci_high"])
            naive.append(abs(row["machine"] - right) <= 1.96 * np.sqrt(right * (1 - right) / 2000))
            error.append((row["estimate"] - right) / row["standard_error"])
    low = 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(covered))
    assert np.mean(covered) >= low
    assert np.mean(naive[::2]) < 0.05
    assert abs(np.mean(error)) < 3 / np.sqrt(len(error)) * np.std(error)


@pytest.mark.parametrize(
    ("prevalence", "replicates"),
    [(0.03, 30), *(pytest.param(p, 400, marks=pytest.mark.slow) for p in (0.03, 0.05, 0.1, 0.3))],
)
@pytest.mark.parametrize("right", [0.8, 0.95])
def test_intervals_cover_rare_and_common_answers(
    prevalence: float, replicates: int, right: float
) -> None:
    """200 of 2,000 coded; an answer that the draw is stratified by, and one that it is not."""
    covered: dict[str, list[bool]] = {"response_type": [], "value:care": []}
    for seed in range(replicates):
        rng = np.random.default_rng(seed)
        truth, machine = rare_answers(2000, prevalence, right, rng)
        frame = draw(truth, machine, 200, seed)
        found = corrected_table(frame, coder(truth, frame, 0.0, seed), ASKED).set_index(
            ["question", "answer"]
        )
        for question, answer in (("response_type", TYPES[-1]), ("value:care", "yes")):
            row, share = found.loc[(question, answer)], (truth[question] == answer).mean()
            covered[question].append(row["ci_low"] <= share <= row["ci_high"])
    for hits in covered.values():
        assert np.mean(hits) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)
        if replicates >= 400:
            assert np.mean(hits) >= 0.93


def test_an_answer_that_the_machine_never_misses_in_the_sample_has_wider_limits() -> None:
    truth, machine = rare_answers(2000, 0.03, 0.95, np.random.default_rng(1))
    frame = draw(truth, machine, 200, 1)
    first = coder(truth, frame, 0.0, 1)
    row = (
        corrected_table(frame, first, ASKED)
        .set_index(["question", "answer"])
        .loc[("value:care", "yes")]
    )
    assert not row["recall_identifiable"]
    assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
    reach = 1.96 * row["standard_error"]
    assert row["ci_high"] - row["estimate"] > reach


def test_the_gold_table_is_what_the_correction_needs() -> None:
    truth, machine = truth_and_machine(2000, np.random.default_rng(3))
    frame = draw(truth, machine, 200, 3)
    first, second = coder(truth, frame, 0.1, 1), coder(truth, frame, 0.3, 2)
    gold = gold_table(frame, first, second, ASKED)
    assert len(gold) == 400
    part = gold[gold["question"] == "value:care"].set_index("conversation_id")
    read = frame["conversation_id"].isin(part.index)
    design = LabelledFrame.of(
        read, frame["stratum"], frame["cluster"], frame["fold"],
        inclusion=frame["conversation_id"].map(part["inclusion_probability"]),
    )  # fmt: skip
    reading = frame["conversation_id"].map(part["reading"] == "yes").astype(float)
    says = (frame["value:care"] == "yes").astype(float)
    one = corrected_prevalence(reading.fillna(0.0), says, design)
    two = corrected_table(frame, first, ASKED).set_index("question").loc["value:care"]
    assert one.estimate == pytest.approx(two["estimate"], rel=1e-12)
    narrow = corrected_table(frame, first, ASKED, conf_level=0.5).set_index("question")
    assert narrow.loc["value:care", "ci_low"] > two["ci_low"]


def test_agreement_is_that_of_the_coders() -> None:
    truth, machine = truth_and_machine(2000, np.random.default_rng(3))
    frame = draw(truth, machine, 300, 3)
    first, second = coder(truth, frame, 0.0, 1), coder(truth, frame, 0.3, 2)
    found = agreement_table(gold_table(frame, first, second, ASKED), ASKED, n_boot=200)
    row = found.set_index(["question", "between", "coefficient"]).loc[
        ("value:care", "coders", "cohen_kappa")
    ]
    right = cohen_kappa(first["value:care"], second["value:care"])
    assert row["estimate"] == pytest.approx(right.estimate)
    assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert set(found["between"]) == {"coders", "machine"}
    alone = agreement_table(gold_table(frame, first, None, ASKED), ASKED, n_boot=50, seed=1)
    assert set(alone["between"]) == {"machine"}
