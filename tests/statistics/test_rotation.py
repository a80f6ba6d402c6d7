"""Rotations against R, and what they must leave alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.rotation import (
    matched,
    oriented,
    procrustes,
    tucker_congruence,
    varimax,
)


def case(name: str, column: str) -> NDArray[np.float64]:
    rows = oracle("rotation").query("case == @name")
    found: NDArray[np.float64] = rows.pivot_table(
        index="variable", columns="axis", values=column
    ).to_numpy()
    return found


@pytest.mark.parametrize("name", ["three", "two"])
def test_varimax_equals_r_up_to_order_and_sign(name: str) -> None:
    loadings = case(name, "loading")
    for column, normalise in (("plain", False), ("kaiser", True)):
        found = loadings @ varimax(loadings, normalise=normalise)
        expected = case(name, column)
        np.testing.assert_allclose(matched(found, expected), expected, atol=2e-5)


@pytest.mark.parametrize("name", ["three", "two"])
def test_congruence_equals_psych(name: str) -> None:
    found = np.diag(tucker_congruence(case(name, "plain"), case(name, "kaiser")))
    np.testing.assert_allclose(found, case(name, "congruence")[0], atol=1e-9)


def criterion(b: NDArray[np.float64]) -> float:
    return float(np.sum(np.mean(b**4, axis=0) - np.mean(b**2, axis=0) ** 2))


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_varimax_is_orthogonal_and_no_small_turn_is_better(seed: int, axes: int) -> None:
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(9, axes))
    turn = varimax(loadings, normalise=False)
    np.testing.assert_allclose(turn.T @ turn, np.eye(axes), atol=1e-9)
    reached = criterion(loadings @ turn)
    assert reached >= criterion(loadings) - 1e-12
    for _ in range(5):
        noise = 1e-3 * rng.normal(size=(axes, axes))
        near = np.linalg.qr(np.eye(axes) + noise - noise.T)[0]
        assert criterion(loadings @ turn @ near) <= reached + 1e-9


@given(st.integers(0, 10**6))
def test_procrustes_finds_the_turn_that_was_made(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(8, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    np.testing.assert_allclose(target @ turn @ procrustes(target @ turn, target), target, atol=1e-9)


@given(st.integers(0, 10**6))
def test_matching_undoes_order_and_sign(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(10, 4))
    shuffled = target[:, rng.permutation(4)] * rng.choice([-1.0, 1.0], 4)
    np.testing.assert_allclose(matched(shuffled, target), target)


def test_oriented_axes_fall_in_what_they_explain_and_lead_with_a_positive_loading() -> None:
    rng = np.random.default_rng(3)
    loadings = rng.normal(size=(12, 4))
    found = loadings @ oriented(loadings, varimax(loadings))
    assert np.all(np.diff(np.sum(found**2, axis=0)) <= 0)
    assert np.all(found[np.argmax(np.abs(found), axis=0), np.arange(4)] > 0)


def test_bad_matrices_are_refused() -> None:
    with pytest.raises(ValueError, match="3 axes of 2 variables"):
        varimax(np.ones((2, 3)))
    with pytest.raises(ValueError, match="matrix"):
        varimax([1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        tucker_congruence([[np.inf]], [[1.0]])
    with pytest.raises(ValueError, match="2 variables; first has 1"):
        tucker_congruence([[1.0]], [[1.0], [2.0]])
    with pytest.raises(ValueError, match="shape"):
        procrustes(np.ones((3, 2)), np.ones((3, 1)))
