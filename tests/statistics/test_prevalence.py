"""Standardised prevalences against package survey and loops; coverage of their ratio."""

import numpy as np
import pytest

from tests.statistics.oracle import oracle
from tests.statistics.simulated import Plan, null_data
from valuescape.statistics.cluster_variance import kish_effect
from valuescape.statistics.clusters import clustered_share
from valuescape.statistics.prevalence import Prevalences, prevalences, risk_ratio
from valuescape.statistics.sampling import Design, centred, null_correlation


def test_one_stratum_equals_survey() -> None:
    rows = oracle("design_survey").query("case == 'clusters'")
    design = Design.of(rows["weight"], rows["stratum"], rows["cluster"])
    found = prevalences(rows["domain"], rows["y"], design)
    assert found.inside[0, 0] == pytest.approx(rows["ratio"].iloc[0], rel=1e-12)
    inside = rows[rows["domain"] == 1]
    rest = rows[rows["domain"] == 0]
    assert found.outside[0, 0] == pytest.approx(np.average(rest["y"], weights=rest["weight"]))
    share = clustered_share(inside["y"], weight=inside["weight"], clusterings=[inside["cluster"]])
    linearised = share.estimate * (1 - share.estimate) / share.standard_error**2
    assert found.effective_inside[0, 0] <= linearised[0] + 1e-9


def test_effective_size_by_loops() -> None:
    x, y, design = null_data(Plan(groups=(20, 15), answers=4, n_values=5), np.random.default_rng(5))
    found = prevalences(x, y, design)
    rho = null_correlation(centred(y, design), design)
    for c in range(x.shape[1]):
        rows = np.flatnonzero(x[:, c])
        w = design.weight[rows]
        for v in range(y.shape[1]):
            p = w @ y[rows, v] / w.sum()
            members = [rows[design.cluster[rows] == g] for g in set(design.cluster[rows])]
            sums = [design.weight[m] @ (y[m, v] - p) / w.sum() for m in members]
            g = len(members)
            by_sample = np.square(sums).sum() * g / (g - 1) / (p * (1 - p) / rows.size)
            pairs = sum(design.weight[m].sum() ** 2 for m in members) / (w @ w) - 1
            by_model = kish_effect(w) * (1 + rho[v] * pairs)
            assert found.inside[c, v] == pytest.approx(p, rel=1e-12)
            assert found.effective_inside[c, v] == pytest.approx(
                rows.size / max(by_sample, by_model), rel=1e-10
            )


def test_rest_has_the_strata_of_the_context() -> None:
    x = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 1])
    y = np.array([1, 0, 1, 1, 0, 0, 1, 0, 1, 0])
    h = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 3])
    w = np.array([2, 2, 2, 2, 5, 5, 5, 5, 1, 1.0])
    found = prevalences(x, y, Design.of(w, h, np.arange(10)))
    # strata 2 and 3 lie on one side only; strata 0 and 1 weigh 6 and 5 within the context
    assert found.inside[0, 0] == pytest.approx((4 + 0) / 11)
    assert found.outside[0, 0] == pytest.approx(6 / 11 * 1 + 5 / 11 / 3)


def test_no_comparison_is_missing() -> None:
    found = prevalences([1, 1, 0], [1, 0, 1], Design.of([1, 1, 1], [0, 0, 1], [0, 1, 2]))
    assert np.isnan(found.inside[0, 0])
    assert np.isnan(found.outside[0, 0])
    assert found.effective_inside[0, 0] == 0
    ratio = risk_ratio(found)
    assert np.isnan([ratio.estimate[0, 0], ratio.low[0, 0], ratio.high[0, 0]]).all()


def test_zero_counts_have_limits() -> None:
    x = np.repeat([1, 0], 50)
    y = np.column_stack([x * (np.arange(100) < 10), (1 - x) * (np.arange(100) > 90), 0 * x])
    ratio = risk_ratio(prevalences(x, y, Design.of(np.ones(100), np.zeros(100), np.arange(100))))
    assert np.isinf(ratio.estimate[0, 0])
    assert 1 < ratio.low[0, 0] < np.inf
    assert np.isinf(ratio.high[0, 0])
    assert (ratio.estimate[0, 1], ratio.low[0, 1]) == (0, 0)
    assert 0 < ratio.high[0, 1] < 1
    assert (ratio.low[0, 2], ratio.high[0, 2]) == (0, np.inf)


def test_a_value_never_seen_still_pays_for_clusters() -> None:
    """Eight answers to each of ten prompts without the value are not eighty independent ones."""
    rng = np.random.default_rng(6)
    x, y, design = null_data(Plan(correlation=0.8), rng)
    y[:, 0] = 0
    found = prevalences(x, y, design)
    assert found.effective_inside[0, 0] < x[:, 0].sum() / 4


def test_effective_size_never_exceeds_the_sample() -> None:
    x, y, design = null_data(Plan(), np.random.default_rng(7))
    found = prevalences(x, y, design)
    assert np.all(found.effective_inside <= x.sum(axis=0)[:, None] + 1e-9)
    assert np.all(found.effective_outside <= (1 - x).sum(axis=0)[:, None] + 1e-9)


@pytest.mark.parametrize("prevalence", [0.03, 0.3])
def test_ratio_covers(prevalence: float) -> None:
    rng = np.random.default_rng(8)
    covered = []
    for _ in range(30):
        x, y, design = null_data(Plan(prevalence=prevalence), rng)
        ratio = risk_ratio(prevalences(x, y, design))
        covered.append((ratio.low <= 1) & (ratio.high >= 1))
    by_context = np.mean(covered, axis=(0, 2))
    error = np.sqrt(0.95 * 0.05 / (30 * 40))
    assert np.all(by_context >= 0.95 - 3 * error - 0.015)


def test_frame_names_cells_by_number() -> None:
    one = np.array([[0.5, 0.2]])
    frame = Prevalences(one, one, one * 10, one * 20).to_frame()
    assert frame["effective_outside"].tolist() == [10.0, 4.0]
    assert frame["value"].tolist() == [0, 1]
