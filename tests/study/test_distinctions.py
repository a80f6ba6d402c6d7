"""What distinguishes each assistant: the planted value, or none."""

import numpy as np
import pandas as pd

from valuescape.study.distinctions import distinctions, distinctive_values
from valuescape.study.plan import CellPlan

PLAN = CellPlan(20, 20, 0.95, 0.05, 1.2, 1.0, 100.0)


def frame_and_values(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four runs answer 150 prompts; ``care`` marks the first, nothing the others."""
    rng = np.random.default_rng(seed)
    prompt, run = np.repeat(np.arange(150), 4), np.tile(np.arange(4), 150)
    frame = pd.DataFrame(
        {
            "conversation_id": [f"c{i}" for i in range(600)],
            "source": "s",
            "group": "ordinary",
            "stratum": "s",
            "run": [f"s: {k}" for k in run],
            "prompt_group": prompt.astype(str),
            "weight": 1.0,
            "subjective": True,
        }
    )
    shares = {"care": np.where(run == 0, 0.6, 0.15), "clarity": 0.3, "humour": 0.2, "calm": 0.1}
    said = pd.concat(
        frame.loc[rng.random(600) < share, ["conversation_id"]].assign(value=name)
        for name, share in shares.items()
    )
    return frame, said


def found_in(frame: pd.DataFrame, said: pd.DataFrame, minimum_readings: int = 50) -> pd.DataFrame:
    return distinctions(
        frame,
        lambda _: said,
        PLAN,
        sources=["s"],
        levels=[0],
        minimum_readings=minimum_readings,
        minimum_value_conversations=20,
    )


def test_the_planted_value_is_distinctive_and_the_others_have_none() -> None:
    top = distinctive_values(found_in(*frame_and_values()), 3).set_index("context")
    assert top.loc["s: 0", "value"] == "care"
    for run in ("s: 1", "s: 2", "s: 3"):
        assert top.loc[run, "value"] == "no distinctive value"
        assert top.loc[run, "rank"] == 0
    assert set(top["source"]) == {"s"}


def test_values_of_answers_that_are_not_subjective_do_not_count() -> None:
    frame, said = frame_and_values()
    silent = frame.assign(subjective=frame["run"] != "s: 0")
    found = found_in(silent, said)
    assert (found.loc[found["context"] == "s: 0", "n_both"] == 0).all()
    assert (found["n_total"] == 600).all(), "all answers are the denominator"


def test_runs_read_too_little_or_alone_are_not_described() -> None:
    frame, said = frame_and_values()
    assert found_in(frame, said, minimum_readings=151).empty
    assert found_in(frame[frame["run"] == "s: 0"], said).empty
