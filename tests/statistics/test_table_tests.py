"""Tests of whole tables against R, the cell-wise functions and plain formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.statistics.oracle import oracle
from valuescape.statistics import adjust_p, adjusted_residual, exact_log10_p
from valuescape.statistics.cooccurrence import cooccurrence
from valuescape.statistics.hypergeometric_table import LARGE_COUNT, table_log10_p
from valuescape.statistics.table_tests import LARGEST_Q, small_log10_q, table_tests

Margins = tuple[np.ndarray, np.ndarray, np.ndarray, int]


def random_table(rng: np.random.Generator, total: int) -> Margins:
    """Any margins and any counts that fit them."""
    n, m = (np.floor(total * rng.random(size) ** 3).astype(int) for size in (5, 7))
    low = np.maximum(0, n[:, None] + m - total)
    high = np.minimum(n[:, None], m)
    k = low + np.floor((high - low + 1) * rng.random(low.shape) ** rng.choice([1, 6])).astype(int)
    k[rng.random(k.shape) < 0.3] = 0
    return np.maximum(k, low), n, m, total


@settings(max_examples=120)
@given(st.integers(0, 10**6), st.sampled_from([1, 8, 40, 300, 5_000, 300_000, 6_000_000]))
def test_p_of_a_table_is_that_of_its_cells(seed: int, total: int) -> None:
    k, n, m, total = random_table(np.random.default_rng(seed), total)
    expected = exact_log10_p(k, n[:, None], m, total)
    np.testing.assert_allclose(table_log10_p(k, n, m, total), expected, rtol=1e-11, atol=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([1.0, 3.0, 0.3]))
def test_p_of_small_counts_is_that_of_their_cells(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    n, m, total = rng.integers(1, 4_000, 12), rng.integers(1, 3_000, 40), 200_000
    n[:3], m[:5] = n[0], m[0]
    k = np.minimum(rng.poisson(factor * np.outer(n, m) / total), np.minimum(n[:, None], m))
    expected = exact_log10_p(k, n[:, None], m, total)
    np.testing.assert_allclose(table_log10_p(k, n, m, total), expected, rtol=1e-11, atol=1e-12)


def test_the_number_of_threads_changes_no_p(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    n, m = rng.integers(1, 3_000, 300), rng.integers(1, 2_000, 400)
    k = np.minimum(rng.poisson(np.outer(n, m) / 400_000), np.minimum(n[:, None], m))
    results = []
    for threads in ("1", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        results.append(table_log10_p(k, n, m, 400_000))
    np.testing.assert_array_equal(*results)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_no_p_is_above_one(seed: int, total: int) -> None:
    k, n, m, total = random_table(np.random.default_rng(seed), total)
    assert table_log10_p(k, n, m, total).max() <= 0


def test_p_of_empty_cells_is_scipys() -> None:
    n, m, total = np.array([3, 500, 9_000]), np.array([1, 40, 2_000]), 50_000
    found = table_log10_p(np.zeros((3, 3), int), n, m, total)
    expected = [[stats.hypergeom(total, b, a).logpmf(0) for b in m] for a in n]
    np.testing.assert_allclose(found * np.log(10), expected, rtol=1e-8, atol=1e-9)


def test_very_large_counts_go_the_careful_way() -> None:
    k = np.array([[LARGE_COUNT + 50, LARGE_COUNT - 50], [3_000_000, 2_900_000]])
    n, m, total = np.array([2_100_000, 6_000_000]), np.array([5_000_000, 4_900_000]), 10_000_000
    expected = exact_log10_p(k, n[:, None], m, total)
    np.testing.assert_allclose(table_log10_p(k, n, m, total), expected, rtol=1e-11)


def test_residuals_equal_rs_at_counts_up_to_1e7() -> None:
    rows = oracle("residuals_large")
    assert rows["count"].max() == 1e7
    for _, part in rows.groupby("table"):
        k = part.pivot(index="row", columns="column", values="count").to_numpy()
        expected = part.pivot(index="row", columns="column", values="stdres").to_numpy()
        found = table_tests(k, k.sum(axis=1), k.sum(axis=0), int(k.sum()))
        np.testing.assert_allclose(found.adjusted_residual, expected, rtol=1e-9, atol=1e-9)


@given(st.integers(0, 10**6))
def test_residuals_are_those_of_the_cells(seed: int) -> None:
    k, n, m, total = random_table(np.random.default_rng(seed), 400)
    expected = adjusted_residual(k, n[:, None], m, total)
    found = table_tests(k, n, m, total).adjusted_residual
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@given(st.lists(st.floats(-30, 0), min_size=1, max_size=60), st.sampled_from([0.05, 0.25, 0.9]))
def test_small_q_is_the_full_adjustment_up_to_its_limit(logs: list[float], limit: float) -> None:
    family = np.array(logs)
    full = adjust_p(family, "bh")
    found = small_log10_q(family, limit)
    small = full <= np.log10(limit)
    np.testing.assert_allclose(found[small], full[small], rtol=1e-13)
    assert np.all(found[~small] == 0)


def test_a_null_table_is_declared_empty_and_a_planted_cell_is_not() -> None:
    rng = np.random.default_rng(2)
    n, shares = rng.integers(20, 2_000, 80), 0.02 * rng.random(120) ** 3
    k = rng.binomial(n[:, None], shares)
    k[3, 5] += 15
    tests = table_tests(k, n, k.sum(axis=0), int(n.sum()))
    declared = np.argwhere(tests.log10_q <= np.log10(0.01))
    assert declared.tolist() == [[3, 5]]
    assert (tests.adjusted_residual > 6).sum() > 1  # the residual's normal law would declare more


def test_a_frame_has_a_row_a_cell() -> None:
    tests = table_tests([[12, 3], [28, 9]], [40, 360], [40, 12], 400)
    frame = tests.to_frame()
    assert frame.loc[2, ["context", "value", "k", "n_context", "n_value", "n_total"]].tolist() == [
        1, 0, 28, 360, 40, 400,
    ]  # fmt: skip
    assert frame["log10_q"].tolist() == tests.log10_q.ravel().tolist()


@pytest.mark.parametrize(
    ("given_table", "message"),
    [
        (([[1, -1]], [5], [3, 3], 9), r"counts\[0, 1\] = -1: a count must not be negative"),
        (([[1, 0.5]], [5], [3, 3], 9), r"counts\[0, 1\] = 0.5: a count must be a whole number"),
        (([[1, np.nan]], [5], [3, 3], 9), r"counts\[0, 1\] = nan: a count must be a finite"),
        (([[1, 6]], [5], [3, 7], 9), r"counts\[0, 1\] = 6: must not exceed n_context"),
        (([[1, 4]], [5], [3, 3], 9), r"counts\[0, 1\] = 4: must not exceed n_value"),
        (([[1, 1]], [9], [3, 3], 9), r"counts\[0, 0\] = 1: must be at least n_context"),
        (([[1, 1]], [10], [3, 3], 9), r"n_context\[0\] = 10: must not exceed n_total"),
        (([[1, 1]], [9], [3, 10], 9), r"n_value\[1\] = 10: must not exceed n_total"),
        (([[1, 1]], [9, 9], [3, 3], 9), r"counts: shape \(1, 2\) does not fit n_context \(2,\)"),
        (([1, 1], [9], [3, 3], 9), r"counts: shape \(2,\) does not fit"),
        ((np.zeros((0, 2)), [], [3, 3], 9), r"counts: shape \(0, 2\) has no cell"),
    ],
)
def test_bad_tables_are_named(given_table: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table_tests(*given_table)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [0.0, 1.0])
def test_a_limit_of_q_lies_inside(limit: float) -> None:
    assert LARGEST_Q == 0.25
    with pytest.raises(ValueError, match=f"largest_q = {limit}: must lie strictly"):
        small_log10_q(np.array([-1.0]), limit)


def test_q_of_a_missing_p_is_refused() -> None:
    with pytest.raises(ValueError, match=r"log10_p\[1\] = nan: must be a number not above 0"):
        small_log10_q(np.array([-1.0, np.nan]))


@given(st.integers(0, 10**6))
def test_pairs_are_what_a_matrix_product_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    has = (rng.random((30, 6)) < rng.random(6)).astype(int)
    rows, values = np.nonzero(has)
    if rows.size == 0:
        return
    shuffled = rng.permutation(rows.size)
    found = cooccurrence(rows[shuffled], values[shuffled], 30)
    has = has[:, : values.max() + 1]
    np.testing.assert_array_equal(found.counts, has.T @ has)
    having = has.sum(axis=0)
    expected = adjusted_residual(has.T @ has, having[:, None], having, 30)
    np.fill_diagonal(expected, np.nan)
    np.testing.assert_allclose(found.adjusted_residual, expected, rtol=1e-10, atol=1e-10)
    frame = found.to_frame()
    assert (frame["value"] < frame["other_value"]).all()
    assert frame["k"].sum() == np.triu(has.T @ has, 1).sum()


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (([0, 0], [1, 1], 3), r"value\[1\] = 1: the conversation has this value in an earlier"),
        (([0, 3], [1, 1], 3), r"conversation\[1\] = 3: must be below n_total = 3"),
        (([0], [1, 1], 3), r"shapes \(1,\) and \(2,\); allowed is one dimension of one length"),
        (([], [], 3), r"allowed is one dimension of one length, not empty"),
        (([0], [-1], 3), r"value\[0\] = -1: a count must not be negative"),
    ],
)
def test_bad_pairs_are_named(codes: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cooccurrence(*codes)  # type: ignore[arg-type]
