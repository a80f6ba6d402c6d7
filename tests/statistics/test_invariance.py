"""Corrected variation across contexts against R, brute force and simulated truth."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import betabinom, spearmanr

from tests.statistics.oracle import oracle
from valuescape.statistics.beta_binomial import beta_binomial_moments
from valuescape.statistics.invariance import CorrectedCV, corrected_cv

REPLICATES = 800


def simulated(
    cv: float, *, mean: float, contexts: int, size: float, seed: int, deff: float = 1.0
) -> CorrectedCV:
    """One value a replicate: beta prevalences, log-normal sizes, blocks of `deff` like answers."""
    rng = np.random.default_rng(seed)
    shape = (contexts, REPLICATES)
    n = np.maximum(5, rng.lognormal(np.log(size / deff), 0.8, shape)).astype(int)
    p = np.full(shape, mean)
    if cv:
        strength = (1 - mean) / (mean * cv**2) - 1
        p = rng.beta(mean * strength, (1 - mean) * strength, shape)
    k = rng.binomial(n, p)
    some = k.sum(axis=0) > 0
    block = int(deff)
    return corrected_cv(block * k[:, some], block * n[:, some], deff=None if block == 1 else block)


def covers(found: CorrectedCV, truth: float) -> float:
    return float(np.mean((found.low <= truth + 1e-9) & (truth <= found.high)))


@pytest.mark.parametrize("table", ["common", "rare", "many"])
def test_equals_r(table: str) -> None:
    rows = oracle("invariance").query("table == @table")
    found = corrected_cv(rows["k"], rows["n"], conf_level=0.9)
    for name in ("estimate", "low", "high", "prevalence"):
        assert getattr(found, name)[0] == pytest.approx(rows[name].iloc[0], rel=1e-6), name
    share = rows["k"] / rows["n"]
    assert found.raw_cv[0] == pytest.approx(share.std() / share.mean(), rel=1e-12)
    assert found.between_sd[0] == pytest.approx(found.estimate[0] * found.prevalence[0], rel=1e-12)


@given(st.floats(0.3, 20), st.floats(0.3, 20), st.integers(1, 60))
def test_moments_equal_scipy(a: float, b: float, m: int) -> None:
    mean = a / (a + b)
    x, mass = np.arange(m + 1) / m, betabinom(m, a, b).pmf(np.arange(m + 1))
    expected = [np.sum(mass * (x - mean) ** j) for j in (2, 3, 4)]
    found = [float(v) for v in beta_binomial_moments(mean, 1 / (a + b + 1), m)]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_without_differences_the_statistic_is_pearsons_with_haldanes_variance() -> None:
    k, n = np.array([3, 9, 5, 4, 11]), np.full(5, 40)
    found = corrected_cv(k, n)
    share = k.sum() / n.sum()
    pearson = np.sum((k - n * share) ** 2 / (n * share * (1 - share)))
    assert found.statistic[0] == pytest.approx(pearson, rel=1e-12)
    haldane = 2 * 5 * (1 - 5 / 200)
    assert found.df[0] == pytest.approx(2 * 4**2 / haldane, rel=1e-12)


def test_raw_variation_is_frequency_and_the_corrected_is_not() -> None:
    """Null data: every value has one prevalence in all contexts."""
    rng = np.random.default_rng(11)
    n = rng.integers(60, 600, 40)
    p = np.geomspace(0.004, 0.4, 300)
    k = rng.binomial(n[:, None], p)
    found = corrected_cv(k, n)
    assert spearmanr(found.raw_cv, p).statistic < -0.96
    different = found.low > 0
    assert different.mean() < 0.025 + 3 * np.sqrt(0.025 * 0.975 / 300)
    significant = found.log10_p < np.log10(0.05)
    assert significant.mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert abs(spearmanr(found.truncated, p).statistic) < 3 / np.sqrt(300)
    assert np.median(found.estimate) < 0.2 * np.median(found.raw_cv)


@pytest.mark.parametrize("cv", [0.0, 0.15, 0.5, 1.0])
@pytest.mark.parametrize(
    ("mean", "contexts", "size"), [(0.2, 20, 200.0), (0.01, 20, 500.0), (0.003, 40, 400.0)]
)
def test_coverage(cv: float, mean: float, contexts: int, size: float) -> None:
    found = simulated(cv, mean=mean, contexts=contexts, size=size, seed=3)
    error = np.sqrt(0.95 * 0.05 / found.estimate.size)
    assert covers(found, cv) > 0.95 - 3 * error
    if cv == 0:
        assert np.mean(found.log10_p < np.log10(0.05)) < 0.05 + 3 * error
    elif cv >= 0.5:
        squares = found.estimate**2
        assert abs(squares.mean() - cv**2) < 3 * squares.std() / np.sqrt(squares.size) + 0.08 * cv


def test_design_effect_restores_coverage() -> None:
    """Every conversation is there four times over."""
    honest = simulated(0.3, mean=0.1, contexts=15, size=300, seed=5, deff=4)
    assert covers(honest, 0.3) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / REPLICATES)
    rng = np.random.default_rng(6)
    k = 4 * rng.binomial(75, 0.1, (15, 300))
    assert np.mean(corrected_cv(k, np.full(15, 300)).low > 0) > 0.5
    assert np.mean(corrected_cv(k, np.full(15, 300), deff=4).low > 0) < 0.06


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)), min_size=3, max_size=9))
def test_properties(pairs: list[tuple[int, int]]) -> None:
    k: NDArray[np.int64] = np.array([min(pair) for pair in pairs])
    n: NDArray[np.int64] = np.array([max(pair) for pair in pairs])
    assume(0 < k.sum() < n.sum())
    assume(n.max() > 1)
    found, wide = corrected_cv(k, n), corrected_cv(k, n, conf_level=0.99)
    assert 0 <= found.low[0] <= found.high[0]
    assert wide.low[0] <= found.low[0] + 1e-9
    assert found.truncated[0] == (found.estimate[0] == 0)
    assert found.low[0] <= found.estimate[0] + 1e-9
    order = np.random.default_rng(0).permutation(k.size)
    assert corrected_cv(k[order], n[order]).estimate[0] == pytest.approx(
        found.estimate[0], rel=1e-6, abs=1e-6
    )
    assert len(found.to_frame()) == 1


@pytest.mark.parametrize(
    ("k", "n", "deff", "message"),
    [
        ([1, 2], [3, 3], None, "at least three contexts"),
        ([1, -2, 3], [5, 5, 5], None, r"k\[1\] = -2"),
        ([1, 2.5, 3], [5, 5, 5], None, r"k\[1\] = 2.5"),
        ([1, 6, 3], [5, 5, 5], None, r"k\[1, 0\] = 6"),
        ([0, 0, 0], [5, 5, 5], None, r"k\[:, value\]\[0\] = 0: no conversation"),
        ([5, 5, 5], [5, 5, 5], None, r"every conversation"),
        ([1, 0, 3], [5, 0, 5], None, r"n\[1, 0\] = 0"),
        ([1, 0, 1], [1, 1, 1], None, "effective size above 1"),
        ([1, 2, 3], [5, 5], None, "n: shape"),
        ([1, 2, 3], [5, 5, 5], [1, 0.5, 1], r"deff\[1, 0\] = 0.5"),
        ([1, 2, 3], [5, 5, 5], [1, np.nan, 1], r"deff\[1\]"),
    ],
)
def test_refuses(k: list[float], n: list[float], deff: list[float] | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        corrected_cv(k, n, deff=deff)


def test_refuses_a_level() -> None:
    with pytest.raises(ValueError, match="conf_level"):
        corrected_cv([1, 2, 3], [5, 5, 5], conf_level=1.0)
