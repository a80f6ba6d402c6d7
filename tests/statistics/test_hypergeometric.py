"""exact_log10_p against exact rational arithmetic, R, scipy and its own symmetries."""

from fractions import Fraction
from math import comb, log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.statistics.oracle import oracle
from valuescape.statistics import exact_log10_p
from valuescape.statistics.options import Alternative

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")


@st.composite
def tables(draw: st.DrawFn, largest: int = 400) -> tuple[int, int, int, int]:
    total = draw(st.integers(1, largest))
    n = draw(st.integers(0, total))
    m = draw(st.integers(0, total))
    k = draw(st.integers(max(0, n + m - total), min(n, m)))
    return k, n, m, total


def log10_fraction(p: Fraction) -> float:
    """log10 of a fraction of any size: big integers have no float."""

    def part(x: int) -> float:
        shift = max(0, x.bit_length() - 900)
        return log10(x >> shift) + shift * log10(2)

    return part(p.numerator) - part(p.denominator)


def brute_force(k: int, n: int, m: int, total: int, alternative: Alternative) -> float:
    def ways(x: int) -> int:
        return comb(m, x) * comb(total - m, n - x)

    low, high = max(0, n + m - total), min(n, m)
    if high - k <= k - low:
        greater = Fraction(
            2 * sum(ways(x) for x in range(k + 1, high + 1)) + ways(k), 2 * comb(total, n)
        )
    else:
        below = sum(ways(x) for x in range(low, k))
        greater = 1 - Fraction(2 * below + ways(k), 2 * comb(total, n))
    both = {"greater": greater, "less": 1 - greater, "two-sided": 2 * min(greater, 1 - greater)}
    return log10_fraction(min(both[alternative], Fraction(1)))


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@given(table=tables())
def test_equals_rational_arithmetic(
    table: tuple[int, int, int, int], alternative: Alternative
) -> None:
    found = float(exact_log10_p(*table, alternative=alternative))
    assert found == pytest.approx(brute_force(*table, alternative), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    "table",
    [(9000, 10_000, 10_000, 1_000_000), (5, 10_000, 10_000, 1_000_000), (900, 1000, 5000, 308_210)],
)
def test_far_tail_equals_rational_arithmetic(table: tuple[int, int, int, int]) -> None:
    assert float(exact_log10_p(*table)) == pytest.approx(
        brute_force(*table, "two-sided"), rel=1e-12
    )


def test_p_below_1e_5000_is_finite() -> None:
    assert float(exact_log10_p(9000, 10_000, 10_000, 1_000_000)) < -19_000


def test_equals_r() -> None:
    rows = oracle("hypergeometric")
    counts = [rows[name] for name in ("k", "n_context", "n_value", "n_total")]
    for alternative, column in (
        ("greater", "greater"),
        ("less", "less"),
        ("two-sided", "two_sided"),
    ):
        found = exact_log10_p(*counts, alternative=alternative)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, rows[column], rtol=1e-9, atol=1e-9)


def test_equals_scipy_at_large_counts() -> None:
    k, n, m, total = 2_501_500, 5_000_000, 5_000_000, 10_000_000
    law = stats.hypergeom(total, m, n)
    greater = law.sf(k) + law.pmf(k) / 2
    found = float(exact_log10_p(k, n, m, total, alternative="greater"))
    assert found == pytest.approx(float(np.log10(greater)), rel=1e-7)


@given(table=tables())
def test_context_and_value_may_swap(table: tuple[int, int, int, int]) -> None:
    k, n, m, total = table
    assert float(exact_log10_p(k, n, m, total)) == pytest.approx(
        float(exact_log10_p(k, m, n, total)), rel=1e-11, abs=1e-13
    )


@given(table=tables())
def test_complement_reverses_the_direction(table: tuple[int, int, int, int]) -> None:
    k, n, m, total = table
    inside = float(exact_log10_p(k, n, m, total, alternative="greater"))
    outside = float(exact_log10_p(m - k, total - n, m, total, alternative="less"))
    assert inside == pytest.approx(outside, rel=1e-10, abs=1e-12)


@given(table=tables())
def test_one_sided_mid_p_add_to_one(table: tuple[int, int, int, int]) -> None:
    greater, less = (
        10 ** float(exact_log10_p(*table, alternative=side)) for side in ("greater", "less")
    )
    assert greater + less == pytest.approx(1.0, abs=1e-12)


@given(table=tables())
def test_more_of_the_value_is_more_evidence_of_enrichment(
    table: tuple[int, int, int, int],
) -> None:
    _, n, m, total = table
    k = np.arange(max(0, n + m - total), min(n, m) + 1)
    found = exact_log10_p(k, n, m, total, alternative="greater")
    assert np.all(np.diff(found) < 1e-12)


def test_mid_p_is_near_its_level_under_the_null() -> None:
    n, m, total = 400, 900, 6000
    k = np.arange(0, 401)
    weights = stats.hypergeom(total, m, n).pmf(k)
    rejected = exact_log10_p(k, n, m, total) <= np.log10(0.05)
    assert weights[rejected].sum() == pytest.approx(0.05, abs=0.006)


def test_degenerate_margins_give_p_one() -> None:
    counts = [0, 0, 3, 5, 0], [0, 3, 3, 9, 0], [4, 0, 9, 5, 0], [9, 9, 9, 9, 0]
    np.testing.assert_allclose(exact_log10_p(*counts), 0, atol=1e-14)
    one_sided = exact_log10_p(*counts, alternative="greater")
    np.testing.assert_allclose(one_sided, np.log10(0.5), rtol=1e-13)


def test_broadcasts() -> None:
    found = exact_log10_p(np.array([[1], [2]]), [[5], [6]], [4, 5, 6], 20)
    assert found.shape == (2, 3)
    assert found[1, 2] == exact_log10_p(2, 6, 6, 20)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (([1, -1], 5, 5, 10), r"k\[1\] = -1: a count must not be negative"),
        (([1, 1.5], 5, 5, 10), r"k\[1\] = 1.5: a count must be a whole number"),
        ((np.nan, 5, 5, 10), "k = nan: a count must be a finite number"),
        ((3, [4, 2], 5, 10), r"k\[1\] = 3: must not exceed n_context"),
        ((3, 4, [5, 2], 10), r"k\[1\] = 3: must not exceed n_value"),
        ((3, 11, 5, 10), "n_context = 11: must not exceed n_total"),
        ((1, 8, 8, 10), "k = 1: must be at least n_context"),
        ((1, 2, 3, 4e9), "n_total = 4000000000.0: a count must be at most 3,000,000,000"),
        (("a", 2, 3, 4), "k: counts must be numbers"),
    ],
)
def test_bad_counts_are_named(table: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        exact_log10_p(*table)  # type: ignore[arg-type]


def test_unknown_alternative_is_refused() -> None:
    with pytest.raises(ValueError, match="alternative: 'both' is not one of two-sided, greater"):
        exact_log10_p(1, 2, 2, 4, alternative="both")  # type: ignore[arg-type]
