"""The skeleton of the study is what was read: contexts, prevalences, correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.simulation.skeleton import simulated_values
from valuescape.study.calibration import LARGEST_CORRELATION, study_skeleton

MARGINS = {"minimum_context_clusters": 5, "minimum_value_conversations": 10}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(80), 3)
    return pd.DataFrame(
        {
            "conversation_id": [f"c{i:03d}" for i in range(240)],
            "prompt_group": group,
            "stratum": np.where(group % 2, "odd", "even"),
            "weight": np.where(group % 2, 2.0, 6.0),
            "reader": rng.integers(0, 4, 240).astype(str),
            "task_type": np.array(["advice", "coding", "chat"])[group % 3],
            "run": np.array(["s: a", "s: b", "s: c"])[np.arange(240) % 3],
        }
    )


@pytest.fixture(scope="module")
def values(frame: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    shared = rng.random(80)[frame["prompt_group"]] < 0.3
    parts = {"shared": shared, "own": rng.random(240) < 0.2, "rare": np.arange(240) < 3}
    held = [frame.loc[has, ["conversation_id"]].assign(value=name) for name, has in parts.items()]
    return pd.concat(held)


def test_contexts_and_values_are_those_of_the_family(
    frame: pd.DataFrame, values: pd.DataFrame
) -> None:
    found = study_skeleton(frame, values, n_contexts=9, n_values=9, **MARGINS)
    assert found.contexts.shape == (240, 6)
    assert set(found.contexts.sum(axis=0)) == {78, 81, 80}
    assert found.prevalence.shape == (2, 2)
    fewer = study_skeleton(frame, values, n_contexts=2, n_values=1, **MARGINS)
    assert (fewer.contexts.shape[1], fewer.prevalence.shape[1]) == (2, 1)


def test_prevalences_and_correlations_are_those_of_the_readings(
    frame: pd.DataFrame, values: pd.DataFrame
) -> None:
    found = study_skeleton(frame, values, n_contexts=9, n_values=9, **MARGINS)
    held = frame["conversation_id"].isin(values.loc[values["value"] == "shared", "conversation_id"])
    order = 0 if held.sum() > (values["value"] == "own").sum() else 1
    even = held[frame["stratum"] == "even"]
    drawn_in = (even.sum() + 5 * held.mean()) / (even.size + 5)
    assert found.prevalence[0, order] == pytest.approx(drawn_in)
    assert found.prompt_correlation[order] == LARGEST_CORRELATION
    assert found.prompt_correlation[1 - order] < 0.2
    assert found.reader_correlation.max() < 0.1
    assert found.design.weight.tolist() == frame["weight"].tolist()
    assert simulated_values(found, np.random.default_rng(1)).shape == (240, 2)


def test_margins_that_leave_nothing_are_refused(frame: pd.DataFrame, values: pd.DataFrame) -> None:
    for name in MARGINS:
        margins = MARGINS | {name: 1000}
        with pytest.raises(InputError, match="the margins leave no context or no value"):
            study_skeleton(frame, values, n_contexts=3, n_values=3, **margins)
