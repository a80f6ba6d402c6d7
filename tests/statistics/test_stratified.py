"""The exact test across strata against exact rational arithmetic and scipy."""

from fractions import Fraction
from math import comb, log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.stratified import stratified_exact_log10_p

Table = list[tuple[int, int, int, int]]
"""Per stratum: both, in the context, with the value, all."""


def distribution(table: Table) -> dict[int, Fraction]:
    """Null distribution of the total cell, by convolution of exact fractions."""
    found = {0: Fraction(1)}
    for _, m, r, n in table:
        stratum = {
            k: Fraction(comb(r, k) * comb(n - r, m - k), comb(n, m))
            for k in range(max(0, m + r - n), min(m, r) + 1)
        }
        grown: dict[int, Fraction] = {}
        for total, p in found.items():
            for k, q in stratum.items():
                grown[total + k] = grown.get(total + k, Fraction(0)) + p * q
        found = grown
    return found


def brute_log10_p(table: Table) -> float:
    found = distribution(table)
    at = sum(row[0] for row in table)
    below = sum((p for k, p in found.items() if k < at), Fraction(0)) + found[at] / 2
    p = min(Fraction(1), 2 * min(below, 1 - below))
    return log10(p.numerator) - log10(p.denominator)


def log10_p(table: Table) -> float:
    return stratified_exact_log10_p(*np.array(table).T)


@st.composite
def tables(draw: st.DrawFn, largest: int = 25, strata: int = 5) -> Table:
    rows = []
    for _ in range(draw(st.integers(1, strata))):
        n = draw(st.integers(1, largest))
        m, r = draw(st.integers(0, n)), draw(st.integers(0, n))
        rows.append((draw(st.integers(max(0, m + r - n), min(m, r))), m, r, n))
    return rows


@given(tables())
def test_equal_brute_force(table: Table) -> None:
    assert log10_p(table) == pytest.approx(brute_log10_p(table), abs=1e-11)


@given(tables(largest=300, strata=1))
def test_one_stratum_is_the_hypergeometric_mid_p(table: Table) -> None:
    k, m, r, n = table[0]
    below = hypergeom.cdf(k - 1, n, r, m) + hypergeom.pmf(k, n, r, m) / 2
    above = hypergeom.sf(k, n, r, m) + hypergeom.pmf(k, n, r, m) / 2
    p = min(1.0, 2 * min(below, above))
    assert 10 ** log10_p(table) == pytest.approx(p, rel=1e-8, abs=1e-280)
    assert log10_p(table) == pytest.approx(float(exact_log10_p(k, m, r, n)), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    "table",
    [
        [(500, 500, 500, 1000)],
        [(1700, 1700, 1700, 3400)],
        [(300, 300, 300, 600), (200, 250, 230, 500), (0, 3, 2, 40)],
        [(0, 250, 250, 520), (3, 200, 180, 430)],
        [(300, 300, 300, 600), (0, 60, 60, 300)],
        [(100, 100, 100, 5000), (0, 400, 400, 810), (5, 5, 300, 600)],
    ],
)
def test_far_tails_keep_their_digits(table: Table) -> None:
    assert log10_p(table) == pytest.approx(brute_log10_p(table), rel=1e-11, abs=1e-10)


def test_p_of_one_thousand_digits() -> None:
    assert log10_p([(1700, 1700, 1700, 3400)]) == pytest.approx(-1021.638153927, abs=1e-8)


@given(tables())
def test_symmetries(table: Table) -> None:
    swapped = [(k, r, m, n) for k, m, r, n in table]
    complement = [(r - k, n - m, r, n) for k, m, r, n in table]
    assert log10_p(swapped) == pytest.approx(log10_p(table), abs=1e-11)
    assert log10_p(complement) == pytest.approx(log10_p(table), abs=1e-11)
    assert log10_p(table[::-1]) == pytest.approx(log10_p(table), abs=1e-11)


@given(tables())
def test_strata_without_variation_say_nothing(table: Table) -> None:
    mute = [(0, 0, 4, 9), (4, 9, 4, 9), (0, 0, 0, 0)]
    assert log10_p(table + mute) == pytest.approx(log10_p(table), abs=1e-11)


def test_size_never_exceeds_that_of_a_mid_p() -> None:
    table = [(0, 12, 9, 40), (0, 5, 8, 25)]
    for at_most in (0.05, 0.01, 0.001):
        reject = Fraction(0)
        for k, p in distribution(table).items():
            split = (min(k, 9), max(k - 9, 0))
            rows = [(a, *row[1:]) for a, row in zip(split, table, strict=True)]
            reject += p * (log10_p(rows) <= log10(at_most))
        assert reject <= 1.5 * at_most


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"k\[1\] = 5: its margins allow 0 to 4"):
        stratified_exact_log10_p([1, 5], [2, 4], [2, 4], [8, 8])
    with pytest.raises(ValueError, match=r"k\[0\] = 0: its margins allow 1 to 5"):
        stratified_exact_log10_p([0], [5], [6], [10])
    with pytest.raises(ValueError, match="more than 200000 points"):
        stratified_exact_log10_p([10**5], [3 * 10**5], [3 * 10**5], [10**6])
