"""Generators have the planted truth: presence apart from context, and the reason planted."""

import numpy as np
import pytest

from valuescape.simulation import conversations as nulls
from valuescape.simulation.conversations import Sizes
from valuescape.simulation.runs import INDEPENDENT
from valuescape.statistics.groups import group_sums

LARGE = Sizes(40_000, 4, 20)
NULLS = {n: f for n, f in INDEPENDENT.items() if n != "planted"}


@pytest.mark.parametrize("name", NULLS)
def test_presence_of_tested_values_does_not_depend_on_the_context(name: str) -> None:
    data = NULLS[name](LARGE, np.random.default_rng(3))
    y = data.presence[:, data.tested]
    overall = y.mean(axis=0)
    for c in range(4):
        inside = data.context == c
        error = np.sqrt(overall * (1 - overall) / inside.sum())
        assert np.abs((y[inside].mean(axis=0) - overall) / error).max() < 4.5


@pytest.mark.parametrize("name", [*INDEPENDENT, "repeated_users"])
def test_the_same_stream_gives_the_same_data(name: str) -> None:
    draw = {**INDEPENDENT, "repeated_users": nulls.repeated_users}[name]
    sizes = Sizes(300, 3, 10)
    one, two = (draw(sizes, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one.occurrences, two.occurrences)
    assert np.array_equal(one.context, two.context)
    assert one.context.size == one.user.size == one.occurrences.shape[0] == 300
    assert one.contexts.sum() == 300


def test_each_reason_is_planted() -> None:
    rng = np.random.default_rng(5)
    five = nulls.exactly_five(LARGE, rng).occurrences
    assert (five.sum(axis=1) == 5).all()
    assert five.max() == 1
    tail = nulls.heavy_tailed(LARGE, rng).occurrences.sum(axis=1)
    assert tail.max() == LARGE.n_values
    assert np.median(tail) <= 3
    packed = nulls.bundles(LARGE, rng).occurrences.reshape(-1, 4, 5)
    assert (packed.min(axis=2) == packed.max(axis=2)).all()
    said = nulls.mentions(LARGE, rng).occurrences
    assert said[said > 0].mean() == pytest.approx(3, rel=0.01)


def test_other_values_differ_threefold_and_tested_shares_of_occurrences_with_them() -> None:
    data = nulls.others_differ(LARGE, np.random.default_rng(6))
    even = data.context % 2 == 0
    inside, outside = data.presence[even].mean(axis=0), data.presence[~even].mean(axis=0)
    assert (inside / outside)[~data.tested] == pytest.approx(np.full(12, 3.0), rel=0.2)
    share = [
        data.occurrences[m][:, data.tested].sum() / data.occurrences[m].sum() for m in (even, ~even)
    ]
    assert share[0] < 0.8 * share[1]


def test_category_counts_have_the_stated_correlation() -> None:
    counts = nulls.categories(LARGE, np.random.default_rng(7)).occurrences[:, 0]
    p = counts.mean() / 5
    assert counts.var() / (5 * p * (1 - p)) == pytest.approx(1 + 4 * 0.6, rel=0.03)


def test_users_have_skewed_numbers_of_conversations_and_tastes() -> None:
    data = nulls.repeated_users(LARGE, np.random.default_rng(8))
    size = np.bincount(data.user)
    assert size.min() >= 1
    assert size.max() > 10 * np.median(size)
    y = data.presence - data.presence.mean(axis=0)
    same = group_sums(y, data.user) ** 2 - group_sums(y**2, data.user)
    correlation = same.sum(axis=0) / (size * (size - 1)).sum() / y.var(axis=0)
    assert correlation.mean() == pytest.approx(1 / 6, abs=0.02)


def test_planted_values_are_twice_as_frequent_in_their_context() -> None:
    data = nulls.planted(LARGE, np.random.default_rng(9))
    assert data.tested.sum() == 15
    inside = data.presence[data.context == 0, 0].mean()
    assert inside / data.presence[data.context != 0, 0].mean() == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((49, 3, 10), "n_conversations"), ((100, 1, 10), "n_contexts"), ((100, 3, 15), "n_values")],
)
def test_sizes_that_leave_nothing_to_test_are_refused(
    arguments: tuple[int, int, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Sizes(*arguments)
