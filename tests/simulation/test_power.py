"""Power rises with size and count, and agrees with what can be computed."""

import numpy as np
import pytest
from scipy import stats

from tests.simulation.designs import small_skeleton
from valuescape.simulation.methods import Trust
from valuescape.simulation.power import design_power, exact_power, null_outcomes, planted_outcomes
from valuescape.simulation.streams import streams
from valuescape.statistics.hypergeometric import exact_log10_p


def test_exact_power_is_the_enumerated_one() -> None:
    """All pairs of counts inside and outside, weighted by their binomial probabilities."""
    table = exact_power(2000, 0.9999, np.random.default_rng(1)).set_index(
        ["risk_ratio", "band", "level"]
    )
    inside = stats.binom.pmf(np.arange(120), 1000, 0.015 * 2)
    outside = stats.binom.pmf(np.arange(150, 450), 19_000, 0.015)
    k, m = np.meshgrid(np.arange(120), np.arange(150, 450), indexing="ij")
    rejected = exact_log10_p(k, 1000, k + m, 20_000) <= np.log10(0.001)
    power = float((np.outer(inside, outside) * rejected).sum())
    found = table.loc[(2.0, "10 ≤ E < 20", 0.001)]
    assert found["rate_low"] < power < found["rate_high"]


def test_power_rises_with_ratio_and_count() -> None:
    table = exact_power(300, 0.95, np.random.default_rng(2))
    grid = table[table["level"] == 0.05].pivot_table(
        index="risk_ratio", columns="expected", values="rate"
    )
    assert (grid.diff().dropna().to_numpy() > -0.05).all()
    assert (grid.T.diff().dropna().to_numpy() > -0.05).all()


def test_the_design_has_power_and_nulls_stay_null() -> None:
    skeleton = small_skeleton(n_groups=200, prompt=0.2)
    done = [planted_outcomes(skeleton, Trust(), rng) for rng in streams(1, "p", 25)]
    table = design_power(done, 0.95)
    strong = table[(table["risk_ratio"] == 3.0) & (table["level"] == 0.05)]
    assert strong["n_trials"].sum() > 5
    assert strong["n_hits"].sum() / strong["n_trials"].sum() > 0.7
    for found, planted in done:
        assert not (found.null & (planted > 1)).any()
        assert set(found.log10_p) == {"design_based", "clustered_score", "conversation_exact"}
    null = null_outcomes(skeleton, Trust(), np.random.default_rng(1))
    assert null.null.all()
    assert null.expected == pytest.approx(skeleton.expected.ravel())
