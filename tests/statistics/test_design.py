"""The stratified, weighted, clustered score: Cochran-Mantel-Haenszel, loops and null data."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import StratifiedTable

from tests.statistics.simulated import Plan, null_data
from valuescape.statistics.cells import signed_root_deviance
from valuescape.statistics.design import (
    Design,
    DesignTests,
    design_scores,
    design_tests,
    stratum_counts,
)
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.stratified import stratified_exact_log10_p

Column = NDArray[np.int64]


def independent(n: int = 240, strata: int = 4, seed: int = 1) -> tuple[Column, Column, Design]:
    rng = np.random.default_rng(seed)
    h = rng.integers(0, strata, n)
    x, y = rng.random(n) < 0.2 + 0.1 * h, rng.random(n) < 0.6 - 0.1 * h
    return x.astype(int), y.astype(int), Design.of(np.ones(n), h, np.arange(n))


def tables(x: Column, y: Column, stratum: NDArray[np.intp]) -> list[NDArray[np.float64]]:
    return [
        np.array([[np.sum((x == i) & (y == j) & (stratum == h)) for j in (1, 0)] for i in (1, 0)])
        for h in np.unique(stratum)
    ]


def cmh_variance(x: Column, y: Column, stratum: NDArray[np.intp]) -> float:
    """Sum over strata of n1 n0 m1 m0 / (n^2 (n - 1))."""
    total = 0.0
    for t in tables(x, y, stratum):
        n = t.sum()
        margins = np.prod(t.sum(axis=0)) * np.prod(t.sum(axis=1))
        total += margins / (n**2 * (n - 1))
    return total


@pytest.mark.parametrize("seed", range(4))
def test_score_is_that_of_cochran_mantel_haenszel(seed: int) -> None:
    x, y, design = independent(seed=seed)
    found = design_scores(x, y, design)
    counted = tables(x, y, design.stratum)
    excess = sum(t[0, 0] - t[0].sum() * t[:, 0].sum() / t.sum() for t in counted)
    assert found.score[0, 0] == pytest.approx(excess, abs=1e-10)
    cmh = StratifiedTable(np.stack(counted, axis=2)).test_null_odds(correction=False).statistic
    null = cmh_variance(x, y, design.stratum)
    assert found.score[0, 0] ** 2 / null == pytest.approx(cmh, rel=1e-10)
    assert found.score_variance_independent[0, 0] == pytest.approx(null, rel=1e-10)
    robust = found.score_variance[0, 0]
    assert robust == pytest.approx(null, rel=0.15)
    error = max(np.sqrt(robust), (np.sqrt(robust) + 2 * np.sqrt(null)) / 3)
    assert found.z[0, 0] == pytest.approx(found.score[0, 0] / error, rel=1e-10)


def test_z_tends_to_cochran_mantel_haenszel() -> None:
    x, y, design = independent(60_000, seed=6)
    table = StratifiedTable(np.stack(tables(x, y, design.stratum), axis=2))
    cmh = table.test_null_odds(correction=False).statistic
    assert design_scores(x, y, design).z[0, 0] ** 2 == pytest.approx(cmh, rel=0.02)


def test_mean_variance_over_all_assignments_is_cochran_mantel_haenszel() -> None:
    x, y = np.array([1, 0, 0, 1, 1, 0]), np.array([1, 1, 0])
    stratum = np.array([0, 0, 0, 1, 1, 1])
    design = Design.of(np.ones(6), stratum, np.arange(6))
    found = [
        design_scores(x, np.concatenate([a, b]), design)
        for a in permutations(y)
        for b in permutations(1 - y)
    ]
    cmh = cmh_variance(x, np.concatenate([y, 1 - y]), stratum)
    assert np.mean([f.score_variance[0, 0] for f in found]) == pytest.approx(cmh, rel=1e-12)
    assert np.mean([f.score[0, 0] ** 2 for f in found]) == pytest.approx(cmh, rel=1e-12)


def test_scores_equal_loops() -> None:
    x, y, design = null_data(
        Plan(groups=(6, 5, 1), answers=3, n_values=3), np.random.default_rng(2)
    )
    found = design_scores(x, y, design)
    n = design.weight.size
    for c in range(x.shape[1]):
        for v in range(y.shape[1]):
            u, scale = np.zeros(n), np.zeros(n)
            for i in range(n):
                same = design.stratum == design.stratum[i]
                w = design.weight[same] / design.weight[same].sum()
                dx, dy = x[i, c] - w @ x[same, c], y[i, v] - w @ y[same, v]
                u[i] = design.weight[i] * dx * dy
                g = len(set(design.cluster[same]))
                scale[i] = np.sqrt(g / (g - 1)) if g > 1 else 1.0
            sums = [(scale * u)[design.cluster == g].sum() for g in set(design.cluster)]
            assert found.score[c, v] == pytest.approx(u.sum(), abs=1e-9)
            assert found.score_variance[c, v] == pytest.approx(np.square(sums).sum(), rel=1e-9)
            null = 0.0
            for h in set(design.stratum):
                inside = design.stratum == h
                w, size = design.weight[inside], inside.sum()
                dx = x[inside, c] - np.average(x[inside, c], weights=w)
                dy = y[inside, v] - np.average(y[inside, v], weights=w)
                shares = np.sum((w * dx) ** 2) * np.sum((w * dy) ** 2) / np.sum(w**2)
                null += shares * size / (size - 1)
            assert found.score_variance_independent[c, v] == pytest.approx(null, rel=1e-9)


def test_copies_within_their_cluster_add_nothing() -> None:
    x, y, design = independent()
    twice = Design.of(*(np.tile(a, 2) for a in (design.weight, design.stratum, design.cluster)))
    once, copied = design_scores(x, y, design), design_scores(np.tile(x, 2), np.tile(y, 2), twice)
    assert copied.score_variance[0, 0] == pytest.approx(4 * once.score_variance[0, 0], rel=1e-12)
    assert copied.z[0, 0] == pytest.approx(once.z[0, 0], rel=0.01)
    independents = Design.of(twice.weight, twice.stratum, np.arange(twice.weight.size))
    fooled = design_scores(np.tile(x, 2), np.tile(y, 2), independents)
    assert fooled.z[0, 0] == pytest.approx(np.sqrt(2) * once.z[0, 0], rel=0.03)


@given(st.floats(0.01, 100), st.integers(0, 20))
def test_invariances(factor: float, seed: int) -> None:
    x, y, design = independent(80, seed=seed)
    z = design_scores(x, y, design).z[0, 0]
    scaled = Design.of(design.weight * factor, design.stratum, design.cluster)
    assert design_scores(x, y, scaled).z[0, 0] == pytest.approx(z, abs=1e-8)
    assert design_scores(y, x, design).z[0, 0] == pytest.approx(z, abs=1e-8)
    assert design_scores(1 - x, y, design).z[0, 0] == pytest.approx(-z, abs=1e-8)


def test_constant_columns_are_not_significant() -> None:
    rng = np.random.default_rng(7)
    design = Design.of(rng.uniform(0.01, 7, 400), rng.integers(0, 3, 400), np.arange(400))
    y = np.column_stack([np.ones(400), np.zeros(400), rng.integers(0, 2, 400)])
    found = design_scores(y, y, design)
    assert np.all(found.z[:2] == 0)
    assert np.all(found.z[:, :2] == 0)
    assert np.all(design_tests(found, stratum_counts(y, y, design)).log10_p[:2] == 0)


def test_counts_and_expectations() -> None:
    x, y, design = independent()
    found = stratum_counts(x, y, design)
    counted = tables(x, y, design.stratum)
    assert found.both.ravel().tolist() == [t[0, 0] for t in counted]
    assert found.context.ravel().tolist() == [t[0].sum() for t in counted]
    assert found.value.ravel().tolist() == [t[:, 0].sum() for t in counted]
    expected = sum(np.outer(t.sum(axis=1), t.sum(axis=0)) / t.sum() for t in counted)
    assert found.expected[0, 0] == pytest.approx(expected[0, 0])
    assert found.smallest_expected[0, 0] == pytest.approx(expected.min())


def test_few_expected_or_few_clusters_go_to_the_exact_test() -> None:
    x, y, design = null_data(Plan(), np.random.default_rng(3))
    scores, counts = design_scores(x, y, design), stratum_counts(x, y, design)
    found = design_tests(scores, counts)
    assert found.exact.any()
    assert not found.exact.all()
    np.testing.assert_array_equal(found.exact, counts.smallest_expected / scores.design_effect < 20)
    assert design_tests(scores, counts, minimum_clusters=10**6).exact.all()
    assert not design_tests(scores, counts, minimum_expected=0, minimum_clusters=0).exact.any()


def test_without_clusters_the_exact_test_is_that_of_the_counts() -> None:
    x, y, design = independent()
    counts = stratum_counts(x, y, design)
    found = design_tests(design_scores(x, y, design), counts, minimum_expected=1e9)
    margins = counts.both[:, 0, 0], counts.context[:, 0], counts.value[:, 0], counts.total
    assert found.log10_p[0, 0] == stratified_exact_log10_p(*margins)


def test_value_nearly_always_present_goes_to_the_exact_test() -> None:
    """Many are expected with both, few without the value: the score rejects 16 % of true nulls."""
    rng = np.random.default_rng(11)
    n = 1040
    y = (rng.random((n, 200)) < 0.975).astype(int)
    x = (rng.random(n) < 0.08).astype(int)
    design = Design.of(np.ones(n), np.zeros(n), np.arange(n))
    scores, counts = design_scores(x, y, design), stratum_counts(x, y, design)
    assert np.all(counts.expected > 20)
    found = design_tests(scores, counts)
    assert found.exact.all()
    assert np.mean(10**found.log10_p <= 0.05) <= 0.06


def size(found: list[NDArray[np.float64]], level: float) -> tuple[float, float]:
    """Share of p-values at or under a level, and its Monte-Carlo standard error at the level."""
    pooled = np.concatenate(found)
    return float(np.mean(pooled <= np.log10(level) + 1e-12)), np.sqrt(
        level * (1 - level) / pooled.size
    )


PLANS = {
    "study": (Plan(), 60),
    "rarer": (Plan(prevalence=0.08), 30),
    "small strata": (Plan(groups=(3,) * 40, answers=4, strata_differ=False), 50),
    "pairs of prompts": (Plan(groups=(2,) * 100, answers=1, strata_differ=False), 50),
    "near-universal": (Plan(prevalence=0.97, correlation=0.3, strata_differ=False), 30),
}


@pytest.mark.parametrize("name", PLANS)
def test_size(name: str) -> None:
    plan, replicates = PLANS[name]
    rng = np.random.default_rng(20250418)
    trusted, deflated, naive = [], [], []
    for _ in range(replicates):
        x, y, design = null_data(plan, rng)
        counts = stratum_counts(x, y, design)
        found: DesignTests = design_tests(design_scores(x, y, design), counts)
        trusted.append(found.log10_p[~found.exact])
        deflated.append(found.log10_p[found.exact])
        both, context, value, total = (
            a.sum(axis=0) for a in (counts.both, counts.context, counts.value, counts.total)
        )
        naive.append(exact_log10_p(both, context[:, None], value[None, :], int(total))[0])
    for level in (0.05, 0.001):
        for pooled in (p for p in (trusted, deflated) if sum(a.size for a in p)):
            rejected, error = size(pooled, level)
            assert not rejected > level + 3 * error
    if sum(p.size for p in trusted) > 2000:
        assert size(trusted, 0.05)[0] >= 0.025
    rejected, error = size(naive, 0.05)
    assert plan.answers == 1 or rejected > 0.05 + 10 * error


def test_power() -> None:
    """Doubling a value in a context of prompts is found nearly always."""
    rng = np.random.default_rng(12)
    plan = Plan(prevalence=0.15, correlation=0.2, n_values=60, strata_differ=False)
    x, y, design = null_data(plan, rng)
    y = np.where((x[:, [0]] > 0) & (rng.random(y.shape) < 0.25), 1, y)
    found = design_tests(design_scores(x, y, design), stratum_counts(x, y, design))
    assert np.mean(found.log10_p[0] <= np.log10(0.05)) > 0.8


def test_frame_names_cells_by_number() -> None:
    frame = DesignTests(np.array([[-1.0, -2.0]]), np.array([[True, False]])).to_frame()
    assert frame.to_dict("list") == {
        "context": [0, 0],
        "value": [0, 1],
        "log10_p": [-1.0, -2.0],
        "exact": [True, False],
    }


def test_the_null_variance_is_that_of_all_assignments() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.integers(0, 2, (6, 1)), rng.integers(0, 2, (6, 1))
    design = Design.of(np.ones(6), np.zeros(6), np.arange(6))
    scores = [
        design_scores(x, y[list(order)], design).score[0, 0] for order in permutations(range(6))
    ]
    found = design_scores(x, y, design).score_variance_independent[0, 0]
    assert found == pytest.approx(np.mean(np.square(scores)), rel=1e-10)


def test_z_falls_back_on_the_null_variance_where_the_robust_one_collapses() -> None:
    rng = np.random.default_rng(3)
    x = np.repeat([1, 0], [100, 900])[:, None]
    y = np.concatenate([rng.random(100) < 0.02, rng.random(900) < 0.3])[:, None].astype(int)
    design = Design.of(np.ones(1000), np.zeros(1000), np.arange(1000))
    found = design_scores(x, y, design)
    robust = np.sqrt(found.score_variance[0, 0])
    null = np.sqrt(found.score_variance_independent[0, 0])
    assert robust < 0.7 * null
    assert found.z[0, 0] == pytest.approx(found.score[0, 0] * 3 / (robust + 2 * null))
    root = signed_root_deviance(int(y[:100].sum()), 100, int(y.sum()), 1000)
    assert found.z[0, 0] == pytest.approx(float(root), rel=0.1)
    assert abs(found.score[0, 0] / robust) > 1.15 * abs(float(root))


def test_depletions_are_not_declared_far_too_often_at_small_levels() -> None:
    rng = np.random.default_rng(11)
    depleted = []
    for _ in range(60):
        x = np.repeat(rng.random(1000) < 0.1, 1)[:, None].astype(int)
        y = (rng.random((1000, 40)) < 0.3).astype(int)
        found = design_scores(x, y, Design.of(np.ones(1000), np.zeros(1000), np.arange(1000)))
        depleted.append(found.z[0] < -2.807)
    share, n = np.mean(depleted), np.size(depleted)
    assert share <= 0.0025 + 4 * np.sqrt(0.0025 / n)
