"""Draws of noise, and the compiled maximum over pairs, against plain numpy."""

import numpy as np
import pytest

from valuescape.statistics.pairwise import Noise, differences_of, surely_above
from valuescape.statistics.pairwise_kernels import largest_differences


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_largest_difference_equals_numpy(share: float) -> None:
    rng = np.random.default_rng(int(10 * share))
    noise, scale = rng.normal(size=(7, 50)), rng.uniform(0.5, 2.0, (7, 7))
    scale = scale + scale.T
    active = (rng.random((7, 7)) < share) & ~np.eye(7, dtype=bool)
    largest = np.full(50, -np.inf)
    largest_differences(noise, scale, active, largest)
    gaps = (noise[:, None] - noise[None, :]) * scale[..., None]
    expected = np.max(gaps, axis=(0, 1), initial=-np.inf, where=active[..., None])
    np.testing.assert_allclose(largest, expected, rtol=1e-14)


def test_draws_have_the_covariance() -> None:
    rng = np.random.default_rng(1)
    root = rng.normal(size=(4, 4))
    matrix = root @ root.T
    noise = Noise(None, matrix, None, n_draws=200_000, seed=2)
    (found,) = differences_of(np.arange(4.0), noise)
    np.testing.assert_allclose(np.cov(found.noise), matrix, atol=0.03 * matrix.max())
    spread = matrix[0, 0] + matrix[2, 2] - 2 * matrix[0, 2]
    assert found.studentised[2, 0] == pytest.approx(2 / np.sqrt(spread))
    np.testing.assert_array_equal(found.studentised, -found.studentised.T)


def test_replicates_are_centred_at_the_estimates() -> None:
    x = np.array([[1.0, 2.0], [0.0, 5.0]])
    drawn = np.random.default_rng(3).normal(size=(20, 2, 2))
    contexts = list(differences_of(x, Noise(None, None, drawn, n_draws=0, seed=0)))
    for index, context in enumerate(contexts):
        np.testing.assert_allclose(context.noise, (drawn[:, index] - x[index]).T)
        deviation = np.std(drawn[:, index, 0] - drawn[:, index, 1], ddof=1)
        assert context.inverse_error[0, 1] == pytest.approx(1 / deviation)


def test_only_active_differences_are_tested() -> None:
    noise = Noise([0.1, 0.1, 0.1], None, None, n_draws=200, seed=4)
    (three,) = differences_of(np.array([2.0, 1.0, 0.0]), noise)
    active = np.zeros((3, 3), dtype=bool)
    active[0, 2] = True
    above, critical = surely_above(three, active, 0.95, k=3, stepwise=True)
    assert np.argwhere(above).tolist() == [[0, 2]]
    assert critical == pytest.approx(1.6, abs=0.4)
