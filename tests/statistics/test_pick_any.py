"""Checks and small parts shared by the tests of multiple responses."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from valuescape.statistics.pick_any import (
    as_picks,
    bootstrap_log10_p,
    column_blocks,
    observations,
)
from valuescape.statistics.rao_scott import cross_trace_squares, rao_scott

PICKS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])


@pytest.mark.parametrize(
    "stored",
    [PICKS, PICKS.astype(bool), PICKS.astype(float), PICKS.tolist(), pd.DataFrame(PICKS)],
)
def test_dense_picks_of_any_kind_are_stored_by_their_ones(stored: object) -> None:
    np.testing.assert_array_equal(as_picks("picks", stored).toarray(), PICKS)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_sparse_picks_of_any_kind_are_accepted(kind: type) -> None:
    found = as_picks("picks", kind(PICKS.astype(np.int8)))
    np.testing.assert_array_equal(found.toarray(), PICKS)
    assert found.dtype == np.float64


def test_stored_zeros_are_dropped_and_the_argument_is_kept() -> None:
    given = sparse.csr_array(PICKS.astype(float))
    given.data[0] = 0.0
    before = given.copy()
    assert as_picks("picks", given).nnz == PICKS.sum() - 1
    np.testing.assert_array_equal(given.data, before.data)


@pytest.mark.parametrize(
    ("picks", "message"),
    [
        ([1, 0, 1], r"picks: shape \(3,\) is not"),
        ([[1, 0]], r"picks: shape \(1, 2\) is not"),
        (np.zeros((3, 0)), r"picks: shape \(3, 0\) is not"),
        ([[1, 0], [0, 2]], r"picks\[1, 1\] = 2.0: must be 0 or 1"),
        ([[1, -1], [0, 1]], r"picks\[0, 1\] = -1.0: must be 0 or 1"),
        ([[1, np.nan], [0, 1]], r"picks\[0, 1\] = nan: must be a finite number"),
        ([["a", "b"], ["a", "b"]], "picks: must be numbers"),
        ([[1, 0], [0, 0]], r"picks: column \[1\]: was never picked"),
        ([[1, 1], [0, 1]], r"picks: column \[1\]: was always picked"),
        (sparse.csr_array([[1.0, 0.5], [0, 1]]), r"picks\[0, 1\] = 0.5: must be 0 or 1"),
        (
            sparse.coo_array(([1, 1, 1], ([0, 0, 1], [0, 0, 1])), (3, 2)),
            "picks stored value .*the same entry is stored twice",
        ),
    ],
)
def test_bad_picks_are_named(picks: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_picks("picks", picks)


@pytest.mark.parametrize(
    ("weight", "cluster", "message"),
    [
        ([1, 2], None, r"weight: shape \(2,\) is not one weight for each of 3 rows"),
        ([1, 0, 2], None, r"weight\[1\] = 0.0: must be above zero"),
        ([1, 2, -1], None, r"weight\[2\] = -1.0: must be above zero"),
        ([1, 2, np.inf], None, r"weight\[2\] = inf: must be a finite number"),
        (None, ["p", "p"], r"cluster: shape \(2,\) is not one label"),
        (None, ["p", None, "q"], r"cluster\[1\]: is missing"),
        (None, ["p", "p", "p"], "cluster: all are"),
    ],
)
def test_bad_designs_are_named(weight: object, cluster: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        observations(3, weight, cluster)  # type: ignore[arg-type]


def test_designs_know_whether_they_are_plain() -> None:
    assert observations(3, None, None).plain
    assert observations(3, None, None).factor == 1
    for given in (observations(3, [1, 1, 1], None), observations(3, None, [0, 1, 2])):
        assert not given.plain
        assert given.factor == 1.5


def test_column_blocks_are_the_columns() -> None:
    matrix = sparse.csr_array(np.arange(3 * 1100).reshape(3, 1100) % 7)
    parts = [block.toarray() for block in column_blocks(matrix)]
    np.testing.assert_array_equal(np.hstack(parts), matrix.toarray())


def test_bootstrap_p_counts_the_observation_and_ties() -> None:
    replicates = np.array([1.0, 2.0, 3.0])
    assert 10 ** bootstrap_log10_p(2.0, replicates) == pytest.approx(3 / 4)
    assert 10 ** bootstrap_log10_p(9.0, replicates) == pytest.approx(1 / 4)
    assert np.isnan(bootstrap_log10_p(2.0, np.empty(0)))


def test_equal_eigenvalues_need_no_second_order() -> None:
    found = rao_scott(30.0, 5, 10.0, 20.0)
    assert found.second_order_statistic == found.first_order_statistic == 15
    assert found.second_order_df == 5
    assert found.log10_p == pytest.approx(np.log10(stats.chi2.sf(15, 5)))
    assert found.first_order_log10_p == found.log10_p


def test_second_order_has_the_moments_of_the_weighted_sum() -> None:
    eigenvalues = np.array([3.0, 1.0, 0.5, 0.25])
    trace, squares = eigenvalues.sum(), (eigenvalues**2).sum()
    found = rao_scott(7.0, 4, trace, squares)
    scale = 7.0 / found.second_order_statistic
    assert scale * found.second_order_df == pytest.approx(trace)
    assert scale**2 * 2 * found.second_order_df == pytest.approx(2 * squares)


def test_impossibly_small_trace_of_squares_is_raised() -> None:
    assert rao_scott(7.0, 4, 8.0, -1.0) == rao_scott(7.0, 4, 8.0, 16.0)


def test_trace_must_be_positive() -> None:
    with pytest.raises(ValueError, match=r"trace = 0\.0"):
        rao_scott(7.0, 4, 0.0, 1.0)


def test_cross_trace_squares_is_unbiased_with_more_items_than_clusters() -> None:
    rng = np.random.default_rng(2010)
    spread = np.linspace(0.5, 2, 60)
    truth, plug_in, cross = 20**2 * np.sum(spread**4), [], []
    for _ in range(400):
        gram = (draw := rng.normal(size=(20, 60)) * spread) @ draw.T
        plug_in.append(np.sum(gram**2))
        cross.append(cross_trace_squares(plug_in[-1], np.sum(np.diag(gram) ** 2), 20))
    error = np.std(cross) / np.sqrt(400)
    assert abs(np.mean(cross) - truth) < 4 * error
    assert np.mean(plug_in) > 2 * truth
