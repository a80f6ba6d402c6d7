"""Near names merge only if all are alike, of one polarity, and none denies another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.taxonomy.encoders import unit_rows
from valuescape.taxonomy.near import merge_near, opposed, similar_pairs


@pytest.mark.parametrize(
    ("one", "other", "denies"),
    [
        ("privacy", "lack of privacy", True),
        ("consistency", "inconsistency", True),
        ("legal compliance", "illegal compliance", True),
        ("respect for elders", "disrespect for elders", True),
        ("avoidance of harm", "harm", True),
        ("care for partner", "care for a partner", False),
        ("quality of content", "content quality", False),
        ("inner peace", "peace", False),
    ],
)
def test_denials_are_seen(one: str, other: str, denies: bool) -> None:
    assert opposed(one, other) is denies
    assert opposed(other, one) is denies


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(0, 50), st.floats(0.1, 0.99))
def test_pairs_equal_brute_force(n: int, seed: int, at_least: float) -> None:
    points = unit_rows(np.random.default_rng(seed).normal(size=(n, 3)))
    found = {(i, j) for i, j, _ in similar_pairs(points, at_least)}
    brute = {(i, j) for i in range(n) for j in range(i + 1, n) if points[i] @ points[j] >= at_least}
    assert found == brute


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 25), st.integers(0, 50), st.floats(0.3, 0.95))
def test_merged_names_are_alike_pair_by_pair(n: int, seed: int, at_least: float) -> None:
    rng = np.random.default_rng(seed)
    points = unit_rows(rng.normal(size=(n, 2)))
    names = [f"value {chr(97 + i)}" for i in range(n)]
    polarity = rng.choice(["desirable", "fault"], n).tolist()
    often = rng.integers(1, 5, n).tolist()
    printed = merge_near(names, points, polarity, often, at_least)
    for i in range(n):
        assert printed[printed[i]] == printed[i]
        for j in range(n):
            if printed[i] == printed[j] and i != j:
                assert points[i] @ points[j] >= at_least
                assert polarity[i] == polarity[j]
                assert often[printed[i]] >= max(often[i], often[j])


def test_no_chain_joins_unlike_names() -> None:
    angles = np.array([0.0, 0.4, 0.8])
    points = np.column_stack([np.cos(angles), np.sin(angles)])
    printed = merge_near(["a", "b", "c"], points, ["desirable"] * 3, [1, 2, 1], np.cos(0.5))
    assert len(set(printed)) == 2
