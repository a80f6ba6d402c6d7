"""Groups are compact, nested, of one polarity and never of one point; planted ones are found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from valuescape.taxonomy.encoders import unit_rows
from valuescape.taxonomy.grouping import (
    group_levels,
    group_points,
    level_sizes,
    shares_of_level,
)

KINDS = ("contested", "desirable", "fault", "undesirable")


def planted(n_groups: int, size: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_groups, 24))
    truth = np.repeat(np.arange(n_groups), size)
    points = unit_rows(centres[truth] + noise * rng.normal(size=(n_groups * size, 24)))
    return points, truth


@given(st.integers(8, 60_000), st.integers(1, 9))
def test_sizes_shrink_by_one_factor(n_base: int, n_top: int) -> None:
    sizes = level_sizes(n_base, n_top)
    assert sizes[-1] == n_top
    ratio = (n_top / n_base) ** (1 / 3)
    for below, above in zip((n_base, *sizes), sizes, strict=False):
        assert abs(above - below * ratio) <= 1.0
    assert level_sizes(3307, 5)[-1] == 5


def test_every_polarity_gets_a_node_and_nodes_get_two_children() -> None:
    assert shares_of_level([3000, 100, 3, 1], 266, [3000, 100, 3, 1]) == [257, 9, 1, 1]
    assert shares_of_level([5, 5], 10, [5, 5]) == [2, 2]


def test_planted_groups_are_found() -> None:
    points, truth = planted(12, 15, 0.4)
    found = group_points(points, 12)
    assert adjusted_rand_score(truth, found) > 0.97


def test_a_random_part_as_start_finds_them_too_and_its_seed_counts() -> None:
    points, truth = planted(12, 15, 0.4)
    part = group_points(points, 12, most_points_of_ward=60, seed=3)
    assert adjusted_rand_score(truth, part) > 0.9
    noise = unit_rows(np.random.default_rng(1).normal(size=(200, 10)))
    one, other = (group_points(noise, 20, most_points_of_ward=60, seed=s) for s in (1, 2))
    assert adjusted_rand_score(one, other) < 1.0
    assert np.array_equal(one, group_points(noise, 20, most_points_of_ward=60, seed=1))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.integers(1, 40), st.integers(0, 5), st.booleans())
def test_groups_hold_two_or_there_is_one(n: int, wanted: int, seed: int, equal: bool) -> None:
    rng = np.random.default_rng(seed)
    points = np.ones((n, 3)) if equal else rng.integers(0, 3, (n, 3)).astype(float)
    found = group_points(points, wanted)
    sizes = np.bincount(found)
    assert len(found) == n
    assert len(sizes) == 1 or sizes.min() >= 2
    assert len(sizes) <= max(1, wanted)
    assert found[0] == 0


def test_each_point_lies_nearest_to_its_own_mean() -> None:
    points, _ = planted(6, 20, 0.9)
    found = group_points(points, 6)
    means = unit_rows(np.vstack([points[found == g].mean(axis=0) for g in range(6)]))
    assert np.array_equal((points @ means.T).argmax(axis=1), found)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(KINDS), min_size=8, max_size=80), st.integers(0, 3))
def test_levels_nest_and_never_mix_polarities(polarity: list[str], seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(len(polarity), 5))
    found = group_levels(points, polarity, [len(polarity) // 3, len(polarity) // 8, 1])
    kinds = np.array(polarity)
    for level in range(3):
        for node in range(found[:, level].max() + 1):
            inside = found[:, level] == node
            assert inside.any()
            assert len(set(kinds[inside])) == 1
            if level < 2:
                assert len(set(found[inside, level + 1])) == 1


def test_sizes_asked_for_are_met_within_one_polarity() -> None:
    points, _ = planted(40, 6, 0.3)
    found = group_levels(points, ["desirable"] * len(points), [40, 12, 3])
    assert found.max(axis=0).tolist() == [39, 11, 2]
    for level in (1, 2):
        pairs = {(a, b) for a, b in found[:, [level - 1, level]].tolist()}
        children = np.bincount([above for _, above in pairs])
        assert children.min() >= 2


@pytest.mark.parametrize("n_groups", [1, 2])
def test_few_points_make_one_group(n_groups: int) -> None:
    assert group_points(np.eye(3), n_groups).tolist() == [0, 0, 0]
