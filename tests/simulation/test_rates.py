"""Monte-Carlo intervals against scipy's exact ones and against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from valuescape.simulation.rates import monte_carlo_rate


@given(st.lists(st.integers(0, 1), min_size=2, max_size=60))
def test_one_trial_a_replicate_is_clopper_pearson(hits: list[int]) -> None:
    found = monte_carlo_rate(hits, np.ones(len(hits), dtype=int))
    exact = binomtest(sum(hits), len(hits)).proportion_ci(0.95, method="exact")
    assert found.rate == sum(hits) / len(hits)
    assert (found.rate_low, found.rate_high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_trials_that_share_a_replicate_widen_the_interval() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(2, 2, 200)
    together = monte_carlo_rate(rng.binomial(50, p), np.full(200, 50))
    apart = monte_carlo_rate(rng.binomial(50, 0.5, 200), np.full(200, 50))
    assert together.monte_carlo_se == pytest.approx(np.sqrt((0.05 + 0.2 / 50) / 200), rel=0.15)
    width = together.rate_high - together.rate_low
    assert width > 3 * (apart.rate_high - apart.rate_low)
    assert width == pytest.approx(2 * 1.96 * together.monte_carlo_se, rel=0.1)


def test_intervals_cover_with_clustered_trials() -> None:
    rng = np.random.default_rng(2)
    runs = [
        monte_carlo_rate(rng.binomial(20, rng.beta(0.5, 9.5, 60)), np.full(60, 20))
        for _ in range(400)
    ]
    covered = np.mean([run.rate_low <= 0.05 <= run.rate_high for run in runs])
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 400)


def test_replicates_without_a_trial_do_not_count() -> None:
    found = monte_carlo_rate([1, 0, 0], [1, 0, 1])
    assert (found.n_replicates, found.n_trials, found.n_hits) == (2, 2, 1)
    nothing = monte_carlo_rate([0], [0])
    assert nothing.n_trials == 0
    assert np.isnan(nothing.rate)
    assert (nothing.rate_low, nothing.rate_high) == (0.0, 1.0)


def test_one_replicate_is_one_trial_and_levels_matter() -> None:
    one = monte_carlo_rate([30], [100])
    assert np.isnan(one.monte_carlo_se)
    assert one.rate_high - one.rate_low > 0.9
    wide = monte_carlo_rate([1, 0, 1, 0], [1] * 4, conf_level=0.99)
    assert wide.rate_low < monte_carlo_rate([1, 0, 1, 0], [1] * 4).rate_low
    assert list(wide.to_frame().columns) == list(wide.__slots__)


@pytest.mark.parametrize(
    ("hits", "trials", "message"),
    [([2], [1], r"hits\[0\] = 2"), ([-1], [1], r"hits\[0\]"), ([0], [0.5], r"trials\[0\]")],
)
def test_impossible_counts_are_refused(hits: list[int], trials: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        monte_carlo_rate(hits, trials)
