"""Clustered shares against package survey, statsmodels, loops and simulation."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import t as student
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from tests.statistics.oracle import oracle
from valuescape.statistics.cluster_spread import between_cluster_spread
from valuescape.statistics.cluster_variance import cluster_variance, kish_effect
from valuescape.statistics.clusters import clustered_mean, clustered_share
from valuescape.statistics.groups import as_codes
from valuescape.statistics.intervals import wilson


def crossed(
    seed: int, n: int = 400
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Outcome, weight, prompt and reader."""
    rng = np.random.default_rng(seed)
    prompt, reader = rng.integers(0, 90, n), rng.integers(0, 12, n)
    taste = rng.normal(0, 1, 90)[prompt] + rng.normal(0, 0.6, 12)[reader]
    return (rng.random(n) < expit(taste)) * 1.0, rng.uniform(0.5, 4, n), prompt, reader


def test_one_way_equals_survey() -> None:
    rows = oracle("design_survey").query("case == 'clusters'")
    found = clustered_share(rows["y"], weight=rows["weight"], clusterings=[rows["cluster"]])
    assert found.estimate[0] == pytest.approx(rows["share"].iloc[0], rel=1e-12)
    assert found.standard_error[0] == pytest.approx(rows["share_se"].iloc[0], rel=1e-12)
    centre, reach = logit(found.estimate[0]), found.standard_error[0]
    reach *= student.ppf(0.975, 59) / (found.estimate[0] * (1 - found.estimate[0]))
    assert found.ci_low[0] == pytest.approx(expit(centre - reach), rel=1e-10)
    assert found.ci_high[0] == pytest.approx(expit(centre + reach), rel=1e-10)


def test_domain_equals_survey_but_for_the_clusters_counted() -> None:
    """Package survey counts every cluster in G / (G - 1), ours those of the domain."""
    rows = oracle("design_survey").query("case == 'clusters'")
    found = clustered_share(
        rows["y"], weight=rows["weight"], clusterings=[rows["cluster"]], within=rows["domain"]
    )
    g, everything = found.n_clusters, rows["cluster"].nunique()
    scale = np.sqrt(g / (g - 1) * (everything - 1) / everything)
    assert g < everything
    assert found.estimate[0] == pytest.approx(rows["ratio"].iloc[0], rel=1e-12)
    assert found.standard_error[0] == pytest.approx(rows["ratio_se"].iloc[0] * scale, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_two_way_equals_statsmodels(seed: int) -> None:
    """An intercept-only weighted regression; k = 1, so its small-sample factor is G / (G - 1)."""
    y, w, prompt, reader = crossed(seed)
    fit = sm.WLS(y, np.ones(y.size), weights=w).fit()
    both, of_prompt, of_reader = cov_cluster_2groups(fit, prompt, reader)
    found = clustered_share(y, weight=w, clusterings=[prompt, reader])
    variance = max(both.item(), of_prompt.item(), of_reader.item())
    assert found.estimate[0] == pytest.approx(fit.params[0], rel=1e-12)
    assert found.standard_error[0] ** 2 == pytest.approx(variance, rel=1e-10)
    assert found.n_clusters == 12
    alone = clustered_share(y, weight=w, clusterings=[prompt])
    assert alone.standard_error[0] ** 2 == pytest.approx(cov_cluster(fit, prompt).item(), rel=1e-10)


def test_two_way_equals_loops() -> None:
    y, w, prompt, reader = crossed(9, n=60)
    u = (y - y.mean()) * w

    def one_way(codes: list[tuple[int, ...]]) -> float:
        groups = set(codes)
        squares = [sum(u[i] for i, c in enumerate(codes) if c == g) ** 2 for g in groups]
        return sum(squares) * len(groups) / (len(groups) - 1)

    a, b = [(int(p),) for p in prompt], [(int(r),) for r in reader]
    expected = one_way(a) + one_way(b) - one_way([p + r for p, r in zip(a, b, strict=True)])
    found = cluster_variance(u[:, None], [as_codes(prompt), as_codes(reader)])
    assert found[0] == pytest.approx(max(expected, one_way(a), one_way(b)), rel=1e-12)


@given(st.integers(0, 500))
def test_second_clustering_never_narrows(seed: int) -> None:
    y, w, prompt, reader = crossed(seed, n=50)
    found = clustered_share(y, weight=w, clusterings=[prompt, reader])
    for one in (prompt, reader):
        alone = clustered_share(y, weight=w, clusterings=[one])
        assert found.standard_error[0] >= alone.standard_error[0] - 1e-12
    swapped = clustered_share(y, weight=w, clusterings=[reader, prompt])
    assert found.standard_error[0] == pytest.approx(swapped.standard_error[0], rel=1e-12)
    mirrored = clustered_share(1 - y, weight=w * 3, clusterings=[prompt, reader])
    assert mirrored.ci_low[0] == pytest.approx(1 - found.ci_high[0], abs=1e-12)


def test_single_answers_of_one_weight_are_a_simple_sample() -> None:
    y = np.array([1, 0, 0, 1, 1, 0, 0, 0])
    found = clustered_share(y, weight=np.full(8, 3.0), clusterings=[np.arange(8)])
    assert found.standard_error[0] ** 2 == pytest.approx(y.var(ddof=1) / 8, rel=1e-12)
    assert found.design_effect[0] == pytest.approx(8 / 7)


@pytest.mark.parametrize("share", [0, 1])
def test_extreme_share_has_the_wilson_interval_of_its_clusters(share: int) -> None:
    weight = np.array([1.0, 2, 3, 1, 1, 1])
    found = clustered_share(np.full(6, share), weight=weight, clusterings=[[0, 0, 1, 1, 2, 2]])
    limits = wilson(3 * share, 3)
    assert found.ci_low[0] == pytest.approx(float(limits.low))
    assert found.ci_high[0] == pytest.approx(float(limits.high))
    assert found.design_effect[0] == pytest.approx(kish_effect(weight))


def test_share_without_variance_between_clusters() -> None:
    found = clustered_share([1, 0, 1, 0], weight=np.ones(4), clusterings=[[0, 0, 1, 1]])
    assert found.standard_error[0] == 0
    assert found.ci_low[0] < 0.2 < 0.8 < found.ci_high[0]


def test_mean_has_the_t_interval() -> None:
    y = np.array([0.3, -0.2, 0.9, 0.1, 0.4])
    found = clustered_mean(y, weight=np.ones(5), clusterings=[np.arange(5)])
    reach = student.ppf(0.975, 4) * y.std(ddof=1) / np.sqrt(5)
    assert (found.n, found.n_clusters) == (5, 5)
    assert found.ci_high - found.estimate == pytest.approx(reach, rel=1e-12)


def test_spread_between_readers_is_recovered() -> None:
    rng = np.random.default_rng(21)
    reader = np.repeat(np.arange(24), 120)
    found = []
    for _ in range(150):
        taste = rng.beta(6, 14, 24)
        y = rng.random(reader.size) < taste[reader]
        found.append(between_cluster_spread(y, weight=np.ones(y.size), cluster=reader).sd ** 2)
    truth = 6 * 14 / (20**2 * 21)
    assert np.mean(found) == pytest.approx(truth, rel=0.06)


def test_no_spread_is_found_where_there_is_none() -> None:
    rng = np.random.default_rng(22)
    reader = np.repeat(np.arange(24), 120)
    y = rng.random((reader.size, 100)) < 0.3
    found = [between_cluster_spread(c, weight=np.ones(c.size), cluster=reader).sd for c in y.T]
    assert np.median(found) < 0.015


def test_coverage_two_way() -> None:
    """Prompts and 24 readers both move the answer; clustering by prompt alone undercovers."""
    rng = np.random.default_rng(23)
    truth = expit(rng.normal(-0.8, np.sqrt(1.0**2 + 0.4**2), 400_000)).mean()
    covered = np.zeros(2)
    for _ in range(300):
        prompt = np.repeat(np.arange(200), 3)
        reader = rng.integers(0, 24, 600)
        taste = -0.8 + rng.normal(0, 1, 200)[prompt] + rng.normal(0, 0.4, 24)[reader]
        y = rng.random(600) < expit(taste)
        for j, clusters in enumerate(([prompt, reader], [prompt])):
            found = clustered_share(y, weight=np.ones(600), clusterings=list(clusters))
            covered[j] += found.ci_low[0] <= truth <= found.ci_high[0]
    assert 0.912 <= covered[0] / 300 <= 0.99
    assert covered[1] / 300 < 0.90


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_kish_effect(weight: list[float]) -> None:
    w = np.array(weight)
    assert kish_effect(w) == pytest.approx(1 + np.var(w) / np.mean(w) ** 2)


def test_bad_input_is_named() -> None:
    y, w = [1, 0], [1.0, 1.0]
    with pytest.raises(ValueError, match="clusterings: 3 are given; one or two"):
        clustered_share(y, weight=w, clusterings=[y, y, y])
    with pytest.raises(ValueError, match="within: the domain holds no observation"):
        clustered_share(y, weight=w, clusterings=[y], within=[0, 0])
    with pytest.raises(ValueError, match=r"clusterings\[0\]: shape \(3,\) is not one label"):
        clustered_share(y, weight=w, clusterings=[[0, 1, 2]])
    with pytest.raises(ValueError, match=r"weight\[1\] = 0.0: must be above zero"):
        clustered_share(y, weight=[1, 0], clusterings=[y])
    with pytest.raises(ValueError, match=r"y\[0\] = nan: must be a finite number"):
        clustered_mean([np.nan, 1], weight=w, clusterings=[y])


def test_frame_has_a_row_a_share() -> None:
    y = np.array([[1, 0], [0, 0], [1, 1]])
    frame = clustered_share(y, weight=np.ones(3), clusterings=[np.arange(3)]).to_frame()
    assert frame["estimate"].round(3).tolist() == [0.667, 0.333]
    assert frame["n"].tolist() == [3, 3]
