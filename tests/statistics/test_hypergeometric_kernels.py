"""The compiled exact test of single tables against the vectorised one, itself held to R."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.statistics import exact_log10_p, rao_scott_counts
from valuescape.statistics.hypergeometric_kernels import deflated, mid_log10_p


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    total = draw(st.sampled_from([1, 2, 9, 70, 3_000, 300_000, 10_000_000]))
    n, m = (draw(st.one_of(st.integers(0, total), st.integers(0, min(total, 50)))) for _ in "nm")
    low, high = max(0, n + m - total), min(n, m)
    return draw(st.one_of(st.just(low), st.integers(low, high))), n, m, total


@settings(max_examples=300)
@given(tables())
def test_mid_p_equals_the_vectorised_one(table: tuple[int, int, int, int]) -> None:
    expected = float(exact_log10_p(*table))
    assert mid_log10_p(*table) == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("p", [(9_000, 10_000, 10_000, 1_000_000), (0, 20_000, 90_000, 150_000)])
def test_far_tails(p: tuple[int, int, int, int]) -> None:
    assert mid_log10_p(*p) == pytest.approx(float(exact_log10_p(*p)), rel=1e-13)
    assert mid_log10_p(*p) < -5_000


@settings(max_examples=300)
@given(tables(), st.one_of(st.just(1.0), st.floats(1, 50), st.floats(1, 1.001)))
def test_deflated_counts_are_those_of_rao_and_scott(
    table: tuple[int, int, int, int], effect: float
) -> None:
    expected = rao_scott_counts(*table, effect)
    np.testing.assert_array_equal(deflated(*table, effect), [int(count) for count in expected])
