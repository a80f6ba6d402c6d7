"""Areas under ROC curves, precision at a budget and exact shares: oracles, coverage, bad input."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from valuescape.statistics.effective_share import effective_share
from valuescape.statistics.intervals import clopper_pearson
from valuescape.statistics.roc import budget_precision, roc_area


def one_each(n: int) -> dict:
    return {"weight": np.ones(n), "clusterings": [np.arange(n)]}


def test_area_is_that_of_scikit_learn_with_weights_and_ties() -> None:
    rng = np.random.default_rng(1)
    y, w = rng.integers(0, 2, 200), rng.uniform(0.5, 4, 200)
    score = np.round(y + rng.normal(0, 1.5, 200), 1)
    found = roc_area(score, y, weight=w, clusterings=[np.arange(200)])
    assert found.estimate == pytest.approx(roc_auc_score(y, score, sample_weight=w))


def test_variance_of_single_observations_is_delongs() -> None:
    rng = np.random.default_rng(2)
    y = np.repeat([1, 0], [40, 80])
    score = y + rng.normal(0, 1, 120)
    found = roc_area(score, y, **one_each(120))
    wins = (score[:40, None] > score[None, 40:]).astype(float)
    delong = wins.mean(axis=1).var(ddof=1) / 40 + wins.mean(axis=0).var(ddof=1) / 80
    assert found.standard_error == pytest.approx(delong**0.5, rel=0.02)


@pytest.mark.slow
def test_intervals_cover_with_clusters() -> None:
    rng, hit, naive = np.random.default_rng(3), 0, 0
    truth = norm.cdf(1 / np.sqrt(2 * (1 + 1.5**2)))
    for _ in range(200):
        cluster = np.repeat(np.arange(50), 6)
        y = np.tile([1, 0, 0], 100)
        shared = rng.normal(0, 1.5, (2, 50))[y, cluster]
        score = y + shared + rng.normal(0, 1, 300)
        found = roc_area(score, y, weight=np.ones(300), clusterings=[cluster])
        other = roc_area(score, y, **one_each(300))
        hit += int(found.ci_low <= truth <= found.ci_high)
        naive += int(other.ci_low <= truth <= other.ci_high)
    assert hit >= 200 * 0.95 - 3 * (200 * 0.95 * 0.05) ** 0.5
    assert naive < hit


def test_rank_alone_counts_and_order_does_not() -> None:
    rng = np.random.default_rng(4)
    y, score, cluster = rng.integers(0, 2, 60), rng.normal(0, 1, 60), rng.integers(0, 20, 60)
    design = {"weight": rng.uniform(1, 2, 60), "clusterings": [cluster]}
    base = roc_area(score, y, **design)
    assert roc_area(np.exp(score), y, **design) == base
    turned = roc_area(-score, y, **design)
    assert turned.estimate == pytest.approx(1 - base.estimate)
    assert turned.standard_error == pytest.approx(base.standard_error)


def test_budget_splits_ties_and_weights() -> None:
    score, y = [0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0]
    found = budget_precision(score, y, 0.5, **one_each(4))
    assert found.precision == pytest.approx(0.75)
    assert found.recall == pytest.approx(0.75)
    assert found.lift == pytest.approx(1.5)
    assert found.threshold == 0.5
    heavy = budget_precision(score, y, 0.5, weight=[2, 1, 1, 1], clusterings=[np.arange(4)])
    assert heavy.precision == pytest.approx((2 + 0.25) / 2.5)


def test_budget_at_random_has_the_precision_of_the_prevalence() -> None:
    rng = np.random.default_rng(5)
    y = (rng.random(20_000) < 0.1).astype(int)
    found = budget_precision(rng.random(20_000), y, 0.05, **one_each(20_000))
    assert found.precision_low < 0.1 < found.precision_high
    assert found.n_alerts == 1000
    assert found.recall == pytest.approx(0.05, abs=0.01)


def test_nothing_to_find_has_no_recall() -> None:
    found = budget_precision([0.2, 0.1], [0, 0], 0.5, **one_each(2))
    assert found.precision == 0
    assert np.isnan(found.recall)
    assert np.isnan(found.lift)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": [1, 1, 1]}, "both 0 and 1"),
        ({"outcome": [1, 0]}, "outcome: shape"),
        ({"outcome": [1, 0, 2]}, "outcome"),
        ({"score": [1, np.nan, 0]}, "score"),
        ({"weight": [1, 0, 1]}, "weight"),
        ({"clusterings": []}, "clusterings: 0"),
    ],
)
def test_bad_input_is_named(change: dict, message: str) -> None:
    good = {"score": [3, 2, 1], "outcome": [1, 0, 1]} | one_each(3)
    with pytest.raises(ValueError, match=message):
        roc_area(**(good | change))


def test_shares_of_single_observations_are_nearly_clopper_pearsons() -> None:
    y = np.repeat([1, 0], [7, 193])
    found = effective_share(y, **one_each(200))
    exact = clopper_pearson(7, 200)
    assert found.ci_low[0] == pytest.approx(float(exact.low), rel=0.03)
    assert found.ci_high[0] == pytest.approx(float(exact.high), rel=0.03)
    none = effective_share(np.zeros(200), **one_each(200))
    assert none.ci_high[0] == pytest.approx(float(clopper_pearson(0, 200).high))


def test_rare_shares_of_clusters_are_covered() -> None:
    rng, hit = np.random.default_rng(6), 0
    for _ in range(300):
        share = rng.beta(0.02 * 8, 0.98 * 8, 100)
        y = rng.binomial(1, np.repeat(share, 4))
        found = effective_share(y, weight=np.ones(400), clusterings=[np.repeat(np.arange(100), 4)])
        hit += int(found.ci_low[0] <= 0.02 <= found.ci_high[0])
    assert hit >= 300 * 0.95 - 3 * (300 * 0.95 * 0.05) ** 0.5


def test_unequal_weights_and_two_clusterings_cost_trials() -> None:
    rng = np.random.default_rng(7)
    y, w = rng.binomial(1, 0.2, 300), rng.uniform(0.2, 5, 300)
    even = effective_share(y, **one_each(300))
    uneven = effective_share(y, weight=w, clusterings=[np.arange(300)])
    assert uneven.effective[0] < even.effective[0] <= 300
    two = effective_share(y, weight=w, clusterings=[np.arange(300), np.arange(300) % 10])
    assert two.effective[0] < uneven.effective[0]
    assert two.n_clusters == 10
    with pytest.raises(ValueError, match="is not observations"):
        effective_share(np.zeros(0), weight=[], clusterings=[[]])
