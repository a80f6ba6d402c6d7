"""Families: which groups, contexts, levels and values are counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import random_frame, random_values
from valuescape.counts.cells import CellTables
from valuescape.counts.families import context_presence, count_families
from valuescape.errors import InputError

FRAME = random_frame(11, n=240)
VALUES = {0: random_values(FRAME, 1), 1: random_values(FRAME, 2, "KL")}
USERS = random_values(FRAME, 3, "ku")


def count(**changes: object) -> CellTables:
    plan: dict[str, object] = {
        "groups": ["ordinary", "adversarial"],
        "context_kinds": ["task_type", "run", "user_value"],
        "levels": [0, 1],
        "minimum_context_clusters": 5,
        "minimum_value_conversations": 3,
    }
    return count_families(FRAME, lambda level: VALUES[level], USERS, **(plan | changes))  # type: ignore[arg-type]


def test_only_subjective_conversations_of_the_group_are_counted() -> None:
    cells = count().cells
    for group, part in cells.groupby("group"):
        size = ((FRAME["group"] == group) & FRAME["subjective"]).sum()
        assert set(part["n_total"]) == {size}


def test_every_family_is_full() -> None:
    cells = count().cells
    sizes = cells.groupby(["group", "context_kind", "level"]).size()
    for group in ("ordinary", "adversarial"):
        assert sizes[group, "task_type", 0] == 3 * 5
        assert sizes[group, "run", 1] == 2 * 2
        assert sizes[group, "user_value", 0] == 2 * 5
    assert not cells.duplicated(["group", "context_kind", "level", "context", "value"]).any()


def test_a_cell_of_a_users_value_counts_both_parties() -> None:
    cells = count().cells.set_index(["group", "context_kind", "level", "context", "value"])
    part = FRAME[(FRAME["group"] == "ordinary") & FRAME["subjective"]]["conversation_id"]
    asks = set(USERS.loc[USERS["value"] == "u", "conversation_id"])
    says = set(VALUES[0].loc[VALUES[0]["value"] == "l", "conversation_id"])
    row = cells.loc[("ordinary", "user_value", 0, "u", "l")]
    assert row["n_both"] == part.isin(asks & says).sum()
    assert row["n_context"] == part.isin(asks).sum()


def test_contexts_left_out_are_listed() -> None:
    tables = count(minimum_context_clusters=31)
    listed = tables.contexts.set_index(["group", "context_kind", "context"])
    used = tables.cells[["group", "context_kind", "context"]].drop_duplicates()
    assert set(listed.index[listed["in_family"]]) == set(used.itertuples(index=False, name=None))
    assert 0 < listed["in_family"].sum() < len(listed)
    assert ((listed["n_clusters"] >= 31) == listed["in_family"]).all()
    part = FRAME[(FRAME["group"] == "ordinary") & FRAME["subjective"]]
    code = part[part["task_type"] == "code"]
    assert listed.loc[("ordinary", "task_type", "code"), "n"] == len(code)
    assert (
        listed.loc[("ordinary", "task_type", "code"), "n_clusters"]
        == code["prompt_group"].nunique()
    )


def test_each_option_changes_what_is_counted() -> None:
    base = len(count().cells)
    for change in (
        {"groups": ["ordinary"]},
        {"context_kinds": ["run"]},
        {"levels": [1]},
        {"minimum_context_clusters": 31},
        {"minimum_value_conversations": 18},
    ):
        assert len(count(**change).cells) < base


def test_the_minimum_of_a_value_looks_at_the_group() -> None:
    cells = count(minimum_value_conversations=18).cells
    assert (cells["n_value"] >= 18).all()


def test_margins_that_nothing_reaches_are_refused() -> None:
    with pytest.raises(InputError, match="10000 prompt groups and a value in 3 conversations"):
        count(minimum_context_clusters=10_000)


def test_single_choice_contexts_sum_to_one() -> None:
    found = context_presence(FRAME, "task_type", pd.DataFrame())
    np.testing.assert_array_equal(found.matrix.sum(axis=1), np.ones(len(FRAME)))
