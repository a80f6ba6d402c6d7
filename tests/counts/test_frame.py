"""Conversations under analysis and what is present in each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.counts.frame import analysis_frame, presence

NAMES = ["b", "a", "d", "c"]
pair_lists = st.lists(st.tuples(st.sampled_from("wxyz"), st.sampled_from(NAMES)), max_size=20)


@given(pair_lists)
def test_presence_is_what_loops_find(pairs: list[tuple[str, str]]) -> None:
    ids = pd.Series(["z", "x", "y"])
    table = pd.DataFrame(pairs, columns=["conversation_id", "value"])
    found = presence(ids, table, "value")
    inside = sorted({value for i, value in pairs if i in "xyz"})
    assert found.names.tolist() == inside
    expected = [[float((i, value) in pairs) for value in inside] for i in ids]
    np.testing.assert_array_equal(found.matrix.toarray(), np.array(expected).reshape(3, -1))


@given(pair_lists)
def test_wanted_names_are_laid_out_in_the_order_given(pairs: list[tuple[str, str]]) -> None:
    ids = pd.Series(["x", "y"])
    table = pd.DataFrame(pairs, columns=["conversation_id", "value"])
    found = presence(ids, table, "value", np.array(["c", "nowhere", "a"]))
    expected = [[float((i, v) in pairs) for v in ("c", "nowhere", "a")] for i in ids]
    np.testing.assert_array_equal(found.matrix.toarray(), np.array(expected))


def tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    conversations = pd.DataFrame(
        {"conversation_id": ["c", "a", "b"], "stratum": "s", "group": "ordinary"}
    )
    labels = pd.DataFrame(
        {"conversation_id": ["b", "a", "a"], "labeller": ["r1", "r1", "r2"], "subjective": True}
    )
    sample = pd.DataFrame(
        {"conversation_id": ["a", "b"], "stratum": "s", "inclusion_probability": [0.5, 0.1]}
    )
    return conversations, labels, sample


def test_a_frame_holds_one_labellers_conversations_in_order() -> None:
    found = analysis_frame(*tables(), "r1")
    assert found["conversation_id"].tolist() == ["a", "b"]
    np.testing.assert_allclose(found["weight"], [2.0, 10.0])
    assert analysis_frame(*tables(), "r2")["conversation_id"].tolist() == ["a"]


def test_a_conversation_labelled_twice_is_refused() -> None:
    conversations, labels, sample = tables()
    twice = pd.concat([labels, labels.iloc[:1]])
    with pytest.raises(pd.errors.MergeError):
        analysis_frame(conversations, twice, sample, "r1")
