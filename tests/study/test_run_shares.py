"""Shares of runs over all answers, and human-written replies for reference."""

import numpy as np
import pandas as pd
import pytest

from tests.study.assistants import RUNS, answers
from valuescape.errors import InputError
from valuescape.study.correction import CorrectionPlan
from valuescape.study.run_shares import REFERENCE, reference_shares, run_shares

PLAN = CorrectionPlan(0.95, 0.1, 0.02, 10, 50)
GIVEN = answers(4)


def test_corrected_shares_cover_the_frame_and_runs_hardly_read_have_machine_labels() -> None:
    found = run_shares(GIVEN.compared()[0], PLAN)
    assert set(found["run"]) == {f"source: {name}" for name in RUNS}
    alone = found["run"] == "source: dune"
    assert found.loc[alone, "method"].str.startswith("machine").all()
    assert found.loc[alone, ["ci_low", "ci_high"]].isna().all(axis=None)
    run = GIVEN.conversations["run"].to_numpy()
    hits = []
    for row in found[~alone & (found["quantity"] == "value")].itertuples():
        truth = GIVEN.truth[str(row.name)].to_numpy()[run == row.run].mean()
        hits.append(row.ci_low <= truth <= row.ci_high)
    assert np.mean(hits) > 0.7
    assert set(found["unit"]) == {"share of answers"}


def replies(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "conversation_id": [f"h{i}" for i in range(n)],
            "source": "trees",
            "group": "human_reference",
            "run": "trees: volunteer",
            "subjective": rng.random(n) < 0.6,
            "response_type": "mild_support",
            "weight": 2.0,
            "prompt_group": [f"g{i // 2}" for i in range(n)],
            "reader": [f"r{i % 5}" for i in range(n)],
        }
    )


def test_human_replies_are_shares_of_all_of_them_by_readings_alone() -> None:
    frame = replies()
    said = {"heading": frame[["conversation_id"]].iloc[:30].assign(value="Care")}
    found = reference_shares(frame, said, PLAN).set_index("name")
    assert set(found["method"]) == {REFERENCE}
    assert found.loc["mild_support", "estimate"] == pytest.approx(frame["subjective"].mean())
    expected = frame["subjective"].iloc[:30].sum() / len(frame)
    assert found.loc["Care", "estimate"] == pytest.approx(expected)
    assert found.loc["Care", "ci_low"] < expected < found.loc["Care", "ci_high"]
    assert found["machine"].isna().all()


def test_no_human_reply_is_refused() -> None:
    with pytest.raises(InputError, match="human-written"):
        reference_shares(replies().iloc[:0], {}, PLAN)
