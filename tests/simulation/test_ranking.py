"""Planted truth of ranking simulations, and what ranking methods make of it."""

from dataclasses import replace

import numpy as np
import pytest

from valuescape.simulation.ranking import (
    METHODS,
    RankingPlan,
    rankable,
    ranking_bias,
    simulate_ranking,
)

SMALL = RankingPlan(n_conversations=4000, n_contexts=6, n_values=80)


def test_truth_by_loops() -> None:
    world = simulate_ranking(SMALL, np.random.default_rng(0))
    assert world.n_total == 4000
    np.testing.assert_array_equal(world.n_value, world.k.sum(axis=0))
    for c in range(6):
        for v in range(world.k.shape[1]):
            inside = world.share[c, v]
            others = [d for d in range(6) if d != c]
            rest = np.average(world.share[others, v], weights=world.n_context[others, 0])
            every = np.average(world.share[:, v], weights=world.n_context[:, 0])
            odds = inside / (1 - inside) / (rest / (1 - rest))
            assert world.true_log_ratio[c, v] == pytest.approx(np.log(inside / every), abs=1e-12)
            assert world.true_log_odds[c, v] == pytest.approx(np.log(odds), abs=1e-12)
            expected = world.n_context[c, 0] * world.n_value[v] / 4000
            assert world.expected[c, v] == pytest.approx(expected)


def test_counts_follow_the_truth() -> None:
    plan = replace(SMALL, n_conversations=400_000, smallest_prevalence=0.05)
    world = simulate_ranking(plan, np.random.default_rng(1))
    error = np.sqrt(world.share * (1 - world.share) / world.n_context)
    z = (world.k / world.n_context - world.share) / error
    assert z.std() == pytest.approx(1, abs=0.1)
    assert np.abs(z).max() < 5


def test_without_planted_differences_nothing_is_true() -> None:
    plan = replace(SMALL, enriched_share=0.0, common_spread=0.0)
    world = simulate_ranking(plan, np.random.default_rng(2))
    assert np.abs(world.true_log_ratio).max() < 1e-12
    found = ranking_bias(plan, n_runs=3, seed=2)
    assert np.abs(found.true).max() < 1e-12
    shown = dict(zip(METHODS, found.shown, strict=True))
    assert shown["risk_ratio"] > 1.0
    assert shown["adjusted_residual"] > 0.3
    assert abs(shown["posterior"]) < 0.1


def test_raw_ratios_overstate_and_posterior_means_do_not() -> None:
    found = ranking_bias(RankingPlan(), n_runs=8, seed=3)
    bias = dict(zip(METHODS, found.bias, strict=True))
    truth = dict(zip(METHODS, found.true_log_ratio, strict=True))
    assert bias["risk_ratio"] > 0.8
    assert abs(bias["posterior"]) < 0.05
    assert bias["log_odds_z"] < -0.2
    assert max(truth, key=lambda method: truth[method]) == "posterior"
    assert np.all(found.true_log_ratio <= found.best_log_ratio)
    counts = dict(zip(METHODS, found.expected_count, strict=True))
    assert counts["risk_ratio"] < 1 < counts["posterior"] < counts["adjusted_residual"]


def test_residuals_overstate_where_values_are_sparse() -> None:
    plan = RankingPlan(4000, n_contexts=40, n_values=300, smallest_prevalence=5e-5)
    found = ranking_bias(plan, n_runs=3, seed=4)
    bias = dict(zip(METHODS, found.bias, strict=True))
    assert bias["adjusted_residual"] > 0.2
    assert abs(bias["posterior"]) < 0.12


def test_same_seed_same_result() -> None:
    one, two = (ranking_bias(SMALL, n_runs=2, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.shown, two.shown)
    assert not np.array_equal(one.shown, ranking_bias(SMALL, n_runs=2, seed=6).shown)
    assert one.to_frame()["method"].tolist() == list(METHODS)


@pytest.mark.parametrize(
    "change",
    [
        {"n_conversations": 5000},
        {"n_contexts": 7},
        {"n_values": 81},
        {"largest_prevalence": 0.2},
        {"smallest_prevalence": 0.001},
        {"enriched_share": 0.2},
        {"enriched_log_ratio": 0.5},
        {"enriched_spread": 0.1},
        {"common_spread": 0.05},
        {"minimum_expected": 5.0},
    ],
)
def test_every_part_of_the_plan_is_read(change: dict[str, float]) -> None:
    base = ranking_bias(SMALL, n_runs=2, seed=7)
    other = ranking_bias(replace(SMALL, **change), n_runs=2, seed=7)  # type: ignore[arg-type]
    assert not np.array_equal(base.shown, other.shown)


def test_only_frequent_values_are_ranked() -> None:
    plan = replace(SMALL, minimum_expected=3.0)
    world = simulate_ranking(plan, np.random.default_rng(8))
    np.testing.assert_array_equal(rankable(world, plan), world.expected >= 3.0)
    assert ranking_bias(plan, n_runs=2, seed=8).expected_count.min() >= 3.0


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="n_runs = 1: at least two"):
        ranking_bias(SMALL, n_runs=1, seed=0)
    with pytest.raises(ValueError, match="minimum_expected: no value is frequent enough in con"):
        ranking_bias(replace(SMALL, minimum_expected=500.0), n_runs=2, seed=0)
    rare = RankingPlan(500, n_contexts=40, largest_prevalence=0.01)
    with pytest.raises(
        ValueError, match=r"n_conversations\[\d+\]: no value occurs in this context"
    ):
        ranking_bias(rare, n_runs=2, seed=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_contexts": 1}, "n_contexts = 1: must be at least 2"),
        ({"n_values": 1}, "n_values = 1: must be at least 2"),
        ({"n_conversations": 59}, "n_conversations = 59: must be at least 60"),
        ({"common_spread": -1.0}, "common_spread = -1.0: must be at least 0"),
        ({"minimum_expected": float("nan")}, "minimum_expected = nan: must be at least 0"),
        ({"smallest_prevalence": 0.5}, "smallest_prevalence, largest_prevalence: must rise"),
        ({"enriched_share": 1.5}, "enriched_share = 1.5: must lie between 0 and 1"),
    ],
)
def test_bad_plans_are_named(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate_ranking(replace(SMALL, **change), np.random.default_rng(0))  # type: ignore[arg-type]
