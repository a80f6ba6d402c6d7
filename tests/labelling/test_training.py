"""Readings become targets: further readings are averaged in, headings stand beside values."""

import numpy as np
import pandas as pd
import pytest

from valuescape.labelling.fitting import HEADING
from valuescape.labelling.training import TrainingReadings, build_targets, learnable_values
from valuescape.schema import TASK_TYPES

FACETS = ["conversation_id", "subjective", "task_type", "response_type"]
NAMES = (("assistant", "empathy"), (HEADING, "Social values"))


def labels(*rows: tuple[str, bool, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=FACETS).assign(prompt_group="g")


def expressions(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["conversation_id", "party", "value"])


def test_a_second_reading_is_averaged_in_and_an_open_one_leaves_values_alone() -> None:
    first = labels(
        ("a", True, "personal_advice", "mild_support"), ("b", True, "casual_chat", "no_values")
    )
    second = labels(("a", True, "health_advice", "mild_support"))
    opened = labels(("b", False, "casual_chat", "no_values"))
    said = expressions(("a", "assistant", "empathy"), ("a", HEADING, "Social values"))
    readings = TrainingReadings(
        first, said, ((second, expressions(("b", "assistant", "empathy"))[:0]), (opened, None))
    )
    found = build_targets(readings, NAMES)
    at = {name: 1 + i for i, name in enumerate(TASK_TYPES)}
    assert found.taught[:, 0].tolist() == [1.0, 0.5]
    assert found.taught[0, [at["personal_advice"], at["health_advice"]]].tolist() == [0.5, 0.5]
    assert found.taught[1, at["casual_chat"]] == 1.0
    assert found.taught[:, -2:].tolist() == [[0.5, 0.5], [0.0, 0.0]]
    assert found.values.tolist() == [[True, True], [False, False]]
    assert found.taught[:, 1:17].sum(axis=1) == pytest.approx([1.0, 1.0])
    assert found.rows(np.array([1])).taught.tolist() == [found.taught[1].tolist()]


def test_headings_follow_the_frequent_values() -> None:
    said = expressions(
        ("a", "assistant", "empathy"),
        ("b", "assistant", "empathy"),
        ("a", "assistant", "rare"),
        ("a", HEADING, "Social values"),
    )
    assert learnable_values(said, 2) == NAMES
