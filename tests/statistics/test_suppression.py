"""Small counts stay hidden from whoever adds and subtracts: enumeration, programs, differencing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from valuescape.statistics.disclosure import additive_table, cheapest_change, hidden_bounds
from valuescape.statistics.suppression import Suppression, suppress

NAN = float("nan")
TABLES = hnp.arrays(
    np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.integers(0, 90)
)


def enumerated(found: Suppression, most: int) -> np.ndarray:
    """Every table of counts up to ``most`` that shows the published numbers, by brute force."""
    rows, columns = (n - 1 for n in found.counts.shape)
    inner = found.counts[:rows, :columns]
    free = np.argwhere(found.hidden[:rows, :columns])
    guesses = np.indices((most + 1,) * len(free)).reshape(len(free), -1).T
    tables = np.repeat(inner[None], len(guesses), axis=0)
    tables[:, free[:, 0], free[:, 1]] = guesses
    tables = np.concatenate([tables, tables.sum(axis=1, keepdims=True)], axis=1)
    tables = np.concatenate([tables, tables.sum(axis=2, keepdims=True)], axis=2)
    fits = (tables == found.counts)[:, ~found.hidden].all(axis=1)
    return tables[fits]


@pytest.mark.parametrize(
    "counts",
    [[[2, 9, 7], [8, 7, 6], [5, 9, 9]], [[1, 8], [6, 7], [9, 9]]],
)
def test_bounds_equal_those_of_every_table_that_fits(counts: list[list[int]]) -> None:
    found = suppress(counts, floor=3)
    assert found.hidden[:-1, :-1].sum() == 4
    assert not found.hidden[-1].any()
    bounds = hidden_bounds(found.published)
    tables = enumerated(found, 20)
    assert np.array_equal(bounds.low, tables.min(axis=0))
    assert np.array_equal(np.minimum(bounds.high, tables.max()), tables.max(axis=0))


@pytest.mark.parametrize("totals", ["both", "columns", "rows"])
@pytest.mark.parametrize("publish_zeros", [False, True])
@settings(max_examples=8)
@example(counts=np.ones((2, 1), dtype=int), floor=3)
@given(counts=TABLES, floor=st.integers(1, 20))
def test_no_small_count_is_known_within_the_floor(
    counts: np.ndarray, floor: int, totals: str, publish_zeros: bool
) -> None:
    found = suppress(counts, floor=floor, totals=totals, publish_zeros=publish_zeros)
    bounds = hidden_bounds(found.published, totals=totals, publish_zeros=publish_zeros)
    small = found.primary
    lowest = additive_table((counts > 0) * int(publish_zeros), totals).counts
    assert np.all(bounds.low[small] <= np.maximum(found.counts - floor, lowest)[small])
    assert np.all(bounds.high[small] >= found.counts[small] + floor)
    assert np.all(bounds.low[found.hidden] < bounds.high[found.hidden])
    assert np.array_equal(bounds.low[~found.hidden], found.counts[~found.hidden])
    assert np.all(found.published[~found.hidden] >= (0 if publish_zeros else floor))
    if publish_zeros:
        assert not found.hidden[found.counts == 0].any()


def test_without_secondary_suppression_differencing_gives_the_count_back() -> None:
    counts = np.array([[40, 3, 31], [30, 50, 44], [60, 70, 52]])
    found = suppress(counts)
    naive = np.where(found.primary, NAN, found.counts)
    assert hidden_bounds(naive).high[0, 1] == hidden_bounds(naive).low[0, 1] == 3
    bounds = hidden_bounds(found.published)
    assert (bounds.low[0, 1], bounds.high[0, 1] >= 18) == (0, True)
    assert found.secondary.sum() == 3
    assert not found.hidden[-1].any()
    assert not found.hidden[:, -1].any()


def test_every_keyword_changes_what_is_hidden() -> None:
    counts = np.array([[40, 0, 31], [30, 50, 44], [60, 70, 52]])
    default = suppress(counts)
    assert default.primary[0, 1]
    assert not suppress(counts, publish_zeros=True).hidden.any()
    assert suppress(counts, floor=31).primary.sum() == 2
    assert suppress(counts, totals="columns").hidden.sum() == 2
    assert suppress(counts, totals="rows").hidden.sum() == 2
    users = default.counts.copy()
    users[1, 1] = 4
    assert suppress(counts, users=users).primary[1, 1]
    assert not suppress(counts, users=users, user_floor=4).primary[1, 1]


def test_the_cheapest_change_is_the_cheapest_of_all_rectangles() -> None:
    counts = np.array([[90, 3, 31], [30, 90, 20], [60, 21, 92]])
    table = additive_table(counts, "both")
    hidden = (table.counts == 3).ravel()
    change = cheapest_change(table, hidden, 1, 15.0, 0).reshape(4, 4)
    costs = {
        (k, j): sum(np.log1p(counts[c]) for c in ((0, j), (k, 1), (k, j)))
        for k in (1, 2)
        for j in (0, 2)
    }
    k, j = min(costs, key=costs.__getitem__)
    expected = np.zeros((4, 4))
    expected[[0, k], [1, j]], expected[[0, k], [j, 1]] = 15, -15
    assert np.array_equal(change, expected)


def test_frames_and_bad_input() -> None:
    found = suppress([[40, 3], [30, 50], [60, 70]])
    frame = found.to_frame()
    assert frame["why"].value_counts().to_dict() == {"": 8, "secondary": 3, "primary": 1}
    assert frame["published"].isna().sum() == 4
    assert len(hidden_bounds(found.published).to_frame()) == 12
    for bad, message in (
        ([[1, -2]], r"counts\[0, 1\]"),
        ([[1, 2.5]], r"counts\[0, 1\]"),
        ([[1, NAN]], r"counts\[0, 1\]"),
        ([], "counts: shape"),
        ([1, 2], "counts: shape"),
    ):
        with pytest.raises(ValueError, match=message):
            suppress(bad)
    with pytest.raises(ValueError, match="users has shape"):
        suppress([[1, 2]], users=[[1, 1]])
    with pytest.raises(ValueError, match=r"users\[0, 0\]"):
        suppress([[1]], users=[[2, 1], [1, 1]])
    with pytest.raises(ValueError, match="floor = 0"):
        suppress([[1]], floor=0)
    with pytest.raises(ValueError, match="totals: 'all'"):
        suppress([[1]], totals="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no table of counts"):
        hidden_bounds([[NAN, 5], [9, 9], [4, 14]])
