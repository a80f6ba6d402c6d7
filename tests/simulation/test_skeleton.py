"""Values filled into a design: prevalences, correlations, planted ratios, and no more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from tests.simulation.designs import small_skeleton
from valuescape.simulation.skeleton import (
    Skeleton,
    latent_correlation,
    null_cells,
    planted_ratio,
    simulated_values,
)


@given(st.floats(0.01, 0.9), st.floats(0.01, 0.8))
def test_latent_correlations_are_scipys(p: float, rho: float) -> None:
    r = float(latent_correlation(np.array(p), np.array(rho)))
    h = norm.ppf(p)
    both = multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([h, h])
    assert (both - p**2) / (p * (1 - p)) == pytest.approx(rho, abs=1e-4)


def test_no_correlation_stays_none() -> None:
    assert float(latent_correlation(np.array(0.2), np.array(0.0))) == 0.0


def drawn(skeleton: Skeleton, n: int) -> np.ndarray:
    return np.stack([simulated_values(skeleton, np.random.default_rng(i)) for i in range(n)])


@pytest.fixture(scope="module")
def mean_values() -> np.ndarray:
    return np.asarray(drawn(small_skeleton(), 250).mean(axis=0))


def test_prevalences_are_those_of_the_strata(mean_values: np.ndarray) -> None:
    skeleton, y = small_skeleton(), mean_values
    for h in (0, 1):
        inside = skeleton.design.stratum == h
        found = y[inside].mean(axis=0)
        assert found == pytest.approx(skeleton.prevalence[h], abs=0.02)
    w = skeleton.design.weight
    assert skeleton.shares == pytest.approx(w @ y / w.sum(), abs=0.02)


def test_correlations_within_prompts_and_readers_are_those_asked_for() -> None:
    skeleton = small_skeleton(prompt=0.4, reader=0.1)
    flat = np.full((2, 4), 0.2)
    skeleton = replace(skeleton, prevalence=flat)
    y = drawn(skeleton, 250) - 0.2
    cluster, reader = skeleton.design.cluster, skeleton.reader
    other = np.flatnonzero((cluster[:-1] == cluster[1:]) & (reader[:-1] != reader[1:]))
    together = (y[:, other] * y[:, other + 1]).mean() / 0.16
    assert together == pytest.approx(0.4, abs=0.03)
    pairs = [
        (i, j)
        for i in range(0, 200, 5)
        for j in range(i + 4, 240, 7)
        if reader[i] == reader[j] and cluster[i] != cluster[j]
    ]
    i, j = np.array(pairs).T
    assert (y[:, i] * y[:, j]).mean() / 0.16 == pytest.approx(0.1, abs=0.03)
    apart = [
        (i, j)
        for i in range(0, 200, 5)
        for j in range(i + 4, 240, 7)
        if reader[i] != reader[j] and cluster[i] != cluster[j]
    ]
    i, j = np.array(apart).T
    assert (y[:, i] * y[:, j]).mean() / 0.16 == pytest.approx(0.0, abs=0.02)


def test_a_planted_ratio_holds_in_its_context_alone() -> None:
    skeleton = small_skeleton(prompt=0.0, reader=0.0)
    factor, planted = planted_ratio(skeleton, (2.0,), np.random.default_rng(3))
    assert (planted[:, [1, 3]] == 1).all()
    assert (planted[:, [0, 2]] == 2).sum() == 2
    draws = [simulated_values(skeleton, np.random.default_rng(i), factor) for i in range(200)]
    mean = np.mean(draws, axis=0) / skeleton.prevalence[skeleton.design.stratum]
    for v in range(4):
        raised = factor[:, v] > 1
        assert mean[~raised, v].mean() == pytest.approx(1.0, abs=0.1)
        if raised.any():
            assert mean[raised, v].mean() == pytest.approx(2.0, abs=0.2)
    assert null_cells(planted).tolist() == [[False, True, False, True]] * 2


def test_ratios_too_large_are_not_planted_and_refused_if_given() -> None:
    skeleton = small_skeleton()
    high = replace(skeleton, prevalence=np.full((2, 4), 0.9))
    assert (planted_ratio(high, (1.5, 3.0), np.random.default_rng(1))[1] == 1.0).all()
    with pytest.raises(ValueError, match=r"ratio\[0, 0\]"):
        simulated_values(high, np.random.default_rng(1), np.full((240, 4), 3.0))


def test_expected_counts_are_means_under_the_null(mean_values: np.ndarray) -> None:
    skeleton = small_skeleton()
    assert skeleton.contexts.T @ mean_values == pytest.approx(skeleton.expected, rel=0.12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prevalence", np.array([[0.0, 0.1, 0.1, 0.1]] * 2)),
        ("prevalence", np.array([[0.2, np.nan, 0.1, 0.1]] * 2)),
        ("prompt_correlation", np.array([0.1, 1.0, 0.0, 0.0])),
        ("reader_correlation", np.array([-0.1, 0.0, 0.0, 0.0])),
    ],
)
def test_what_cannot_be_simulated_is_refused(name: str, value: np.ndarray) -> None:
    with pytest.raises(ValueError, match=rf"{name}\["):
        replace(small_skeleton(), **{name: value})
