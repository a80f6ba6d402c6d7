"""Replication in halves of the prompt groups."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import random_frame, random_values
from tests.study.test_associations import PLAN
from valuescape.counts.cells import CELL_KEY
from valuescape.counts.families import count_families
from valuescape.study.associations import associate
from valuescape.study.replication import (
    REPLICATIONS,
    HalfTests,
    compare_halves,
    first_half,
    replicate,
)


def analysed(frame: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    tables = count_families(
        frame,
        lambda _: values,
        values,
        groups=["ordinary"],
        context_kinds=["task_type"],
        levels=[0],
        minimum_context_clusters=5,
        minimum_value_conversations=5,
    )
    found = associate(tables.cells, tables.strata, PLAN)
    return found.merge(replicate(frame, lambda _: values, values, found, PLAN), on=CELL_KEY)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return random_frame(8, 3000).assign(subjective=True, group="ordinary")


def test_a_planted_association_shows_in_both_halves(frame: pd.DataFrame) -> None:
    values = random_values(frame, 8)
    code = set(frame.loc[frame["task_type"] == "code", "conversation_id"])
    lost = (values["value"] == "k") & ~values["conversation_id"].isin(code)
    kept = values[~(lost & (np.random.default_rng(1).random(len(values)) < 0.75))]
    found = analysed(frame, kept)
    planted = found[(found["context"] == "code") & (found["value"] == "k")].iloc[0]
    assert planted["replication"] == "both_ways"
    assert planted[["log10_p_first", "log10_p_second"]].max() < -3
    assert (found["replication"].isin(REPLICATIONS)).all()


def test_the_columns_are_those_of_each_half_analysed_alone(frame: pd.DataFrame) -> None:
    values = random_values(frame, 3)
    found = analysed(frame, values)
    half = first_half(frame["prompt_group"])
    for rows, column in ((half, "log10_p_first"), (~half, "log10_p_second")):
        part = frame[rows].reset_index(drop=True)
        inside = values[values["conversation_id"].isin(part["conversation_id"])]
        alone = analysed(part, inside)
        both = found.merge(alone, on=CELL_KEY, suffixes=("", "_alone"))
        assert len(both) > 10
        np.testing.assert_allclose(both[column], both["log10_p_alone"], rtol=1e-9)


def test_halves_are_near_halves_and_keep_groups_together(frame: pd.DataFrame) -> None:
    groups = frame["prompt_group"]
    half = first_half(groups)
    assert 0.4 < half.mean() < 0.6
    assert pd.Series(half).groupby(groups.to_numpy()).nunique().max() == 1
    mixed = groups.sample(frac=1, random_state=2)
    np.testing.assert_array_equal(first_half(mixed), half[mixed.index])


def verdict(first: tuple[int, float], second: tuple[int, float]) -> str:
    """The rule, written out for one cell in a family of one."""
    declared = [p <= np.log10(0.05) for _, p in (first, second)]
    confirmed = [p - np.log10(2) <= np.log10(0.05) for _, p in (first, second)]
    same = first[0] == second[0]
    ways = (declared[0] and confirmed[1] and same) + (declared[1] and confirmed[0] and same)
    if ways:
        return "both_ways" if ways == 2 else "one_way"
    return "not_replicated" if any(declared) else "undeclared"


@pytest.mark.parametrize(
    ("first", "second"),
    list(product([(1, -5.0), (-1, -5.0), (1, -1.2), (1, -0.3), (1, np.nan)], repeat=2)),
)
def test_every_case_of_the_rule(first: tuple[int, float], second: tuple[int, float]) -> None:
    one, two = (HalfTests(np.array([float(d)]), np.array([p])) for d, p in (first, second))
    assert compare_halves(one, two, 0.05).tolist() == [verdict(first, second)]


def test_an_empty_half_says_nothing(frame: pd.DataFrame) -> None:
    part = frame[first_half(frame["prompt_group"])].reset_index(drop=True)
    found = analysed(part, random_values(part, 4))
    assert found["log10_p_second"].isna().all()
    assert set(found["replication"]) <= {"not_replicated", "undeclared"}
