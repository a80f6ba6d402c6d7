"""Counts divided by their design effect: rounded margins, and an excess that only shrinks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from valuescape.statistics.deflation import deflated_counts
from valuescape.statistics.stratified import stratified_exact_log10_p

Counts = tuple[NDArray[np.int64], ...]


@st.composite
def tables(draw: st.DrawFn) -> Counts:
    rows = []
    for _ in range(draw(st.integers(1, 12))):
        n = draw(st.integers(1, 60))
        m, r = draw(st.integers(0, n)), draw(st.integers(0, n))
        rows.append((draw(st.integers(max(0, m + r - n), min(m, r))), m, r, n))
    return tuple(np.array(rows).T)


def moments(
    k: NDArray[np.int64], m: NDArray[np.int64], r: NDArray[np.int64], n: NDArray[np.int64]
) -> tuple[float, float]:
    """Excess over expectation and hypergeometric variance."""
    size = np.maximum(n, 1)
    expected = m * r / size
    variance = expected * (size - m) * (size - r) / (size * np.maximum(size - 1, 1))
    return float(np.sum(k - expected)), float(variance.sum())


@given(tables(), st.floats(1.0, 9.0))
def test_tables_stay_possible(table: Counts, effect: float) -> None:
    k, m, r, n = deflated_counts(*table, effect)
    assert np.all(k >= np.maximum(0, m + r - n))
    assert np.all(k <= np.minimum(m, r))
    assert np.all((m <= n) & (r <= n) & (n >= 0))
    assert abs(n.sum() - table[3].sum() / effect) <= 0.5 + 1e-9


@given(tables())
def test_effect_of_one_changes_nothing(table: Counts) -> None:
    np.testing.assert_array_equal(deflated_counts(*table, 1.0), table)


@given(tables(), st.floats(1.0, 9.0))
def test_excess_never_grows(table: Counts, effect: float) -> None:
    excess, variance = moments(*table)
    left, left_variance = moments(*deflated_counts(*table, effect))
    # rounding moves the total towards the expectation, by less than one conversation past it
    if excess >= 1e-9:
        assert -1 <= left <= excess / effect + 1e-6
    elif excess <= -1e-9:
        assert excess / effect - 1e-6 <= left <= 1
    if left * excess > 0 and left_variance > 0:
        assert left**2 / left_variance <= excess**2 / (variance * effect) + 1e-6


def test_margins_lost_by_rounding_make_no_excess() -> None:
    """Twenty strata whose one value rounds away, and a large one exactly at its expectation."""
    k = np.array([1] * 10 + [0] * 10 + [25])
    table = k, np.array([4] * 20 + [50]), np.array([1] * 20 + [50]), np.array([8] * 20 + [100])
    assert moments(*table)[0] == 0
    for effect in (2.0, 3.0, 5.0):
        assert stratified_exact_log10_p(*deflated_counts(*table, effect)) > np.log10(0.5)


def test_one_stratum_by_hand() -> None:
    table = [np.array([v]) for v in (30, 60, 40, 120)]
    # a surplus of 10 becomes 2.5 over an expectation of 5 (15 x 10 / 30)
    assert [int(a[0]) for a in deflated_counts(*table, 4.0)] == [7, 15, 10, 30]
    table[0] = np.array([10])
    assert [int(a[0]) for a in deflated_counts(*table, 4.0)] == [3, 15, 10, 30]


@pytest.mark.parametrize("effect", [1.5, 3.0, 7.0])
def test_p_is_never_much_smaller_than_that_of_the_quotient(effect: float) -> None:
    rng = np.random.default_rng(8)
    n = np.full(6, 400)
    for _ in range(40):
        m, r = rng.integers(40, 200, 6), rng.integers(20, 120, 6)
        k = rng.hypergeometric(r, n - r, m)
        p = stratified_exact_log10_p(*deflated_counts(k, m, r, n, effect))
        excess, variance = moments(k, m, r, n)
        z = abs(excess) / np.sqrt(variance * effect)
        assert p >= (np.log(2) + norm.logsf(z)) / np.log(10) - 0.12
