"""Linked tables: what is hidden is hidden under all sums and limits together, and little more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from valuescape.statistics.linked_disclosure import LinkedCounts, linked_bounds, linked_counts
from valuescape.statistics.linked_suppression import Protection, protect_linked
from valuescape.statistics.suppression import suppress

FLOOR = 15


def heading_and_values(values: np.ndarray, union: np.ndarray) -> LinkedCounts:
    """Values and their heading (last column) in contexts, with totals as last row."""
    grid = np.column_stack([values, union])
    grid = np.vstack([grid, grid.sum(axis=0)])
    rows, columns = grid.shape
    adds = sparse.kron(np.append(np.ones(rows - 1), -1.0)[None, :], sparse.eye_array(columns))
    within = np.hstack([np.eye(columns - 1), -np.ones((columns - 1, 1))])
    covered = np.append(-np.ones(columns - 1), 1.0)[None, :]
    limits = sparse.kron(sparse.eye_array(rows), np.vstack([within, covered]))
    return linked_counts(grid.ravel(), sparse.csr_array(adds), sparse.csr_array(limits))


def protected(table: LinkedCounts, columns: int) -> Protection:
    dear = np.zeros(table.counts.size, dtype=bool)
    dear[-columns:] = True
    return protect_linked(table, table.counts < FLOOR, floor=FLOOR, dear=dear)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 4))
def test_an_intruder_bounds_no_small_count_tighter_than_the_floor(
    seed: int, contexts: int, n_values: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.negative_binomial(1, 0.04, (contexts, n_values))
    union = rng.integers(values.max(axis=1), values.sum(axis=1) + 1)
    table = heading_and_values(values, union)
    found = protected(table, n_values + 1)
    bounds = linked_bounds(table, found.hidden)
    small = found.primary
    assert (bounds.low[small] < 1e-6).all()
    assert (bounds.high[small] >= FLOOR - 1e-6).all()
    shown = ~found.hidden
    np.testing.assert_array_equal(bounds.low[shown], table.counts[shown])


def test_a_value_that_follows_from_its_heading_is_protected_by_hiding_the_heading() -> None:
    values, union = np.array([[3], [40], [50]]), np.array([3, 40, 50])
    table = heading_and_values(values, union)
    hidden = protected(table, 2).hidden.reshape(4, 2)
    assert (hidden[:, 0] == hidden[:, 1]).all()
    assert hidden[0].all()
    assert hidden[1:3].any()


def test_hiding_by_each_table_alone_would_give_the_count_away() -> None:
    """One value under a heading is the heading: different cells hidden in each show both."""
    values, union = np.array([[3], [40], [50]]), np.array([3, 40, 50])
    table = heading_and_values(values, union)
    alone = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=bool).ravel()
    assert linked_bounds(table, alone).high[0] == pytest.approx(3)


def test_with_sums_alone_it_hides_no_more_than_the_two_way_method() -> None:
    rng = np.random.default_rng(4)
    column = rng.negative_binomial(1, 0.03, 12)
    parts = sparse.csr_array(np.append(np.ones(12), -1.0)[None, :])
    table = linked_counts(np.append(column, column.sum()), parts, parts[:0])
    dear = np.arange(13) == 12
    linked = protect_linked(table, table.counts < FLOOR, floor=FLOOR, dear=dear)
    other = suppress(column[:, None], floor=FLOOR, totals="columns")
    assert linked.hidden.sum() <= other.hidden.sum()


def test_few_users_are_protected_on_both_sides() -> None:
    parts = sparse.csr_array(np.array([[1.0, 1.0, 1.0, -1.0]]))
    table = linked_counts([40, 60, 70, 170], parts, parts[:0])
    few = np.array([True, False, False, False])
    found = protect_linked(table, few, floor=FLOOR, dear=np.arange(4) == 3)
    bounds = linked_bounds(table, found.hidden)
    assert bounds.low[0] <= 40 - FLOOR
    assert bounds.high[0] >= 40 + FLOOR


def test_what_an_intruder_knows_to_be_most_is_the_end_of_a_range() -> None:
    parts = sparse.csr_array(np.array([[1.0, 1.0, 1.0, -1.0]]))
    table = linked_counts([2, 30, 40, 72], parts, parts[:0], most=[10, 100, 100, 100])
    found = protect_linked(table, table.counts < FLOOR, floor=FLOOR, dear=np.arange(4) == 3)
    assert found.high[0] == 10
    assert linked_bounds(table, found.hidden).high[0] == pytest.approx(10)


def test_counts_that_do_not_add_up_are_refused() -> None:
    parts = sparse.csr_array(np.array([[1.0, 1.0, -1.0]]))
    with pytest.raises(ValueError, match="do not obey"):
        linked_counts([3, 20, 24], parts, parts[:0])
    with pytest.raises(ValueError, match="do not obey"):
        linked_counts([3, 20, 23], parts, sparse.csr_array(np.array([[-1.0, 1.0, 0.0]])))
