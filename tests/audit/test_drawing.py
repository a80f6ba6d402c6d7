"""Chances of being drawn are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.simulated import draw, truth_and_machine
from valuescape.audit.drawing import allocation, inclusion_probabilities, rarity, systematic_sample
from valuescape.errors import InputError


@given(st.lists(st.floats(0.01, 1000), min_size=2, max_size=40), st.data())
def test_chances_add_up_and_samples_have_their_size(
    sizes: list[float], data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(sizes)))
    chance = inclusion_probabilities(np.array(sizes), n)
    assert np.all((chance > 0) & (chance <= 1))
    assert np.isclose(chance.sum(), n)
    assert (
        systematic_sample(chance, np.random.default_rng(data.draw(st.integers(0, 99)))).sum() == n
    )


def test_conversations_are_drawn_as_often_as_their_chance_says() -> None:
    rng = np.random.default_rng(5)
    chance = inclusion_probabilities(rng.lognormal(size=60), 15)
    times = 4000
    often = sum(systematic_sample(chance, rng).astype(float) for _ in range(times)) / times
    error = np.sqrt(chance * (1 - chance) / times)
    assert np.all(np.abs(often - chance) <= 4.5 * error + 1e-9)


def test_rare_labels_are_drawn_more_often() -> None:
    truth, machine = truth_and_machine(3000, np.random.default_rng(0))
    frame = draw(truth, machine, 200, 1)
    chance = frame["inclusion_probability"]
    rare = frame["response_type"] == "strong_resistance"
    assert chance[rare].mean() > 2 * chance[~rare].mean()
    assert chance.sum() == pytest.approx(200)
    assert (1 / chance).max() <= 3000 / 200 * 3
    items = frame.loc[frame["item"] != "", "item"]
    assert sorted(items) == [f"i{k:04d}" for k in range(1, 201)]
    assert not items.is_monotonic_increasing
    again = draw(truth, machine, 200, 1)
    assert frame.equals(again)
    assert not frame.equals(draw(truth, machine, 200, 2))


def test_allocation_and_rarity() -> None:
    assert allocation(np.array([1.0, 1.0]), np.array([3, 90]), 50, 5).tolist() == [3, 47]
    assert allocation(np.array([1.0, 1.0]), np.array([90, 90]), 4, 5).sum() == 10
    assert rarity([["", "a"]]).tolist() == pytest.approx([0.828, 1.172], abs=1e-3)


@pytest.mark.parametrize(("n", "message"), [(1, "--n 1"), (3001, "--n 3001"), (12, "strata need")])
def test_impossible_sizes_are_refused(n: int, message: str) -> None:
    truth, machine = truth_and_machine(3000, np.random.default_rng(0))
    with pytest.raises(InputError, match=message):
        draw(truth, machine, n, 1)
