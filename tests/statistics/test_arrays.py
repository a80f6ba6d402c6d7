"""The checks that every function shares, and the elementwise root finder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from valuescape.statistics.arrays import as_amounts, as_counts, as_numbers, divide, refuse
from valuescape.statistics.options import AdjustMethod, check_option
from valuescape.statistics.solve import bracketed_root


def test_first_offender_is_named_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"^k\[1, 0\] = 7: is wrong$"):
        refuse(np.array([[False, False], [True, True]]), "k", "is wrong", [[1, 2], [7, 8]])
    with pytest.raises(ValueError, match=r"^k: is wrong$"):
        refuse(np.array(True), "k", "is wrong")


@pytest.mark.parametrize("check", [as_counts, as_amounts, as_numbers])
def test_what_is_not_a_finite_number_is_refused(check) -> None:  # type: ignore[no-untyped-def]
    for bad in (["a"], [None], [np.nan], [np.inf], [1 + 2j]):
        with pytest.raises(ValueError, match=r"^n"):
            check("n", bad)


def test_whole_floats_and_booleans_are_counts() -> None:
    assert as_counts("k", [1.0, 2.0]).dtype == np.int64
    assert as_counts("k", np.array([True, False])).tolist() == [1, 0]
    assert as_counts("k", np.uint8(200)) == 200


def test_division_by_zero_is_quiet() -> None:
    np.testing.assert_array_equal(divide([1, -1, 0], 0), [np.inf, -np.inf, np.nan])


def test_options_are_listed_in_the_message() -> None:
    with pytest.raises(ValueError, match="method: 'x' is not one of bonferroni, holm, hochberg"):
        check_option("method", "x", AdjustMethod)


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=8))
def test_root_finder_equals_brent(targets: list[float]) -> None:
    goal = np.array(targets)

    def cubic(x: np.ndarray, active: np.ndarray) -> np.ndarray:
        return x**3 + x - goal[active]

    found = bracketed_root(cubic, np.zeros(goal.size), np.full(goal.size, 20.0))
    for root, target in zip(found, targets, strict=True):
        reference = optimize.brentq(lambda x, t=target: x**3 + x - t, 0, 20, xtol=1e-14)
        assert root == pytest.approx(reference, rel=1e-12)


def test_root_finder_takes_steep_steps_and_roots_at_the_ends() -> None:
    def step(x: np.ndarray, active: np.ndarray) -> np.ndarray:
        return np.where(x < 0.3, -1e300, 1.0)

    assert bracketed_root(step, np.zeros(1), np.ones(1)) == pytest.approx(0.3)
    assert bracketed_root(lambda x, a: x, np.zeros(1), np.ones(1)) == 0
    assert bracketed_root(lambda x, a: x - 1, np.zeros(1), np.ones(1)) == 1
    assert bracketed_root(lambda x, a: x + 1, np.zeros(1), np.ones(1)) == 0
