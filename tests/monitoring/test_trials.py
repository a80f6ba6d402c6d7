"""Simulated streams: what is planted is there, and each monitor does what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import chi2_contingency

from valuescape.monitoring.evidence import Rules, alarm_looks, allowance
from valuescape.monitoring.profile import make_profile
from valuescape.monitoring.showcase import stream_table
from valuescape.monitoring.trials import MONITORS, TrialPlan, detections, false_alarms
from valuescape.monitoring.windows import window_alarms, window_statistics
from valuescape.simulation.drift import draw_stream, draw_world
from valuescape.statistics.e_detector import e_detector

PLAN = TrialPlan(
    seed=3,
    rules=Rules(),
    tasks=6,
    prevalences=(0.03, 0.2),
    daily=150,
    baseline_days=28,
    quiet_days=150,
    change_day=20,
    horizon=40,
    window=7,
    odds_ratios=(3.0,),
    replicates=6,
)


def test_streams_hold_what_was_planted() -> None:
    rng = np.random.default_rng(1)
    world = draw_world(rng, 4, [0.1, 0.3])
    mix = np.array([0.7, 0.1, 0.1, 0.1])
    stream = draw_stream(rng, world, 400, 100, shift=[1.0, 0.0], change=200, mix=mix)
    late = stream.trials[200:].sum(axis=0)
    assert late / late.sum() == pytest.approx(mix, abs=0.01)
    early = stream.trials[:200].sum(axis=0)
    assert early / early.sum() == pytest.approx(world.mix, abs=0.02)
    share = stream.successes[200:].sum(axis=0) / late[:, None]
    assert share == pytest.approx(expit(world.log_odds + np.array([1.0, 0.0])), abs=0.05)
    again = draw_world(np.random.default_rng(1), 4, [0.1, 0.3])
    assert np.array_equal(again.log_odds, world.log_odds)
    even = draw_world(rng, 4, [0.1, 0.3], even=True)
    assert np.ptp(even.log_odds, axis=0) == pytest.approx(0)
    quiet = draw_stream(rng, even, 300, 400).successes.sum(axis=1)[:, 1]
    restless = draw_stream(rng, even, 300, 400, restless=0.3).successes.sum(axis=1)[:, 1]
    assert restless.std() > 1.3 * quiet.std()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: draw_world(rng, 0, [0.1]), "n_tasks = 0"),
        (lambda rng: draw_world(rng, 2, [1.0]), "prevalence"),
        (lambda rng: draw_stream(rng, draw_world(rng, 2, [0.1]), 5, 9, change=6), "change = 6"),
    ],
)
def test_streams_that_cannot_be_drawn(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(1))


def test_one_stratum_is_pearsons_chi_square() -> None:
    hits, size = np.array([[[12]], [[9]], [[14]]]), np.full((3, 1), 100)
    found = window_statistics(hits, size, np.array([[80]]), np.array([1000]), window=2)
    table = [[23, 177], [80, 920]]
    pearson = chi2_contingency(table, correction=False).statistic
    assert found[2, 0] == pytest.approx(pearson * 1199 / 1200)
    assert found[0, 0] == 0


def test_windows_are_not_raised_by_a_mix_when_stratified() -> None:
    rng = np.random.default_rng(2)
    world = draw_world(rng, 2, [0.1])
    world = replace(world, log_odds=np.array([[-3.0], [1.0]]), mix=np.array([0.9, 0.1]))
    past = draw_stream(rng, world, 40, 200)
    stream = draw_stream(rng, world, 60, 200, mix=[0.2, 0.8])
    base = past.successes.sum(axis=0), past.trials.sum(axis=0)
    apart = window_statistics(stream.successes, stream.trials, *base, window=7)
    pooled = window_statistics(
        stream.successes.sum(axis=1, keepdims=True),
        stream.trials.sum(axis=1, keepdims=True),
        base[0].sum(axis=0, keepdims=True),
        base[1].sum(keepdims=True),
        window=7,
    )
    assert pooled[10:].min() > 100
    assert np.median(apart[10:]) < 4
    assert window_alarms(pooled, 0.05, window=7)[0] == (6, 0)


def test_alarms_are_those_of_the_detector_and_begin_anew() -> None:
    hits, size = np.array([4, 6, 20, 25, 5, 4, 30, 28]), np.full(8, 100)
    from valuescape.statistics.shift import shift_growth

    growth = shift_growth(hits, size[:, None], [0.05])[:, None, :]
    first = e_detector(hits, size, 0.05, run_length=1000).alarm - 1
    rest = e_detector(hits[first + 1 :], size[first + 1 :], 0.05, run_length=1000).alarm
    looks = [look for look, _ in alarm_looks(growth, 3.0)]
    assert looks[0] == first
    assert looks[1] == first + rest


def test_the_threshold_is_for_all_outcomes_together() -> None:
    rules = Rules(run_length=200)
    assert 10 ** rules.threshold(5) == pytest.approx(1000)


def test_a_baseline_that_is_short_allows_more() -> None:
    trials = np.array([[50, 50]])
    short = make_profile([[10], [4]], [100, 100])
    long = make_profile([[1000], [400]], [10_000, 10_000])
    both = [allowance(trials, one, 0, Rules())[0] for one in (short, long)]
    assert both[0] > 3 * both[1] > 3 * np.log(1.1)
    narrow = allowance(trials, short, 0, Rules(conf_level=0.5))[0]
    assert narrow < both[0]


def test_profiles_are_inside_the_unit_interval_and_refuse_nonsense() -> None:
    found = make_profile([[0, 50], [0, 50]], [50, 50])
    assert ((found.share > 0) & (found.share < 1)).all()
    assert found.standardised(1, np.array([0.0]))[0] > 0.9
    for successes, trials, message in (
        ([[2]], [1], "must not exceed"),
        ([[0]], [0], "holds no conversation"),
        ([1], [1], "does not fit"),
    ):
        with pytest.raises(ValueError, match=message):
            make_profile(successes, trials)


def test_quiet_days_are_quiet_and_drift_is_found() -> None:
    alarms = false_alarms(PLAN).set_index(["scenario", "monitor"])
    assert set(alarms.index.get_level_values("monitor")) == set(MONITORS)
    own = alarms.xs("e_detector", level="monitor")
    assert own["n_alarms"].sum() <= 3
    assert alarms.loc[("composition", "chi_square"), "n_alarms"] > 10
    assert (alarms["ci_low"] <= alarms["per_thousand_days"]).all()
    assert (alarms["per_thousand_days"] <= alarms["ci_high"]).all()
    found = detections(PLAN).set_index(["prevalence", "monitor"])
    common = found.loc[(0.2, "e_detector")]
    assert common["detected"] == 1
    assert common["median_days"] <= 4
    assert common["off_by"] <= 1
    assert common["located"] >= 0.5


@pytest.mark.slow
def test_the_same_seed_gives_the_same_tables_and_replicates_only_add() -> None:
    small = replace(PLAN, replicates=2)
    one, two = false_alarms(small), false_alarms(small)
    assert one.equals(two)
    assert not one.equals(false_alarms(replace(small, seed=4)))


def test_the_shown_stream_drifts_twice_and_only_the_second_is_alarmed() -> None:
    table = stream_table(replace(PLAN, seed=5), 3.0, 0)
    assert len(table) == 80
    before = table[~table["drifted"]]
    assert (before["evidence"] < before["threshold"]).all()
    assert (table["evidence"].iloc[-10:] > table["threshold"].iloc[0]).all()
    assert table["mix_changed"].sum() == 60
    since = table[["since_low", "since", "since_high"]].dropna()
    assert (since.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert since["since"].iloc[0] == pytest.approx(41, abs=3)
    assert (table["ci_low"] <= table["estimate"]).all()
