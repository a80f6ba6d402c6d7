"""How monitors do on simulated streams: false alarms on quiet days, days to find a drift."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from valuescape.monitoring.evidence import Rules, alarm_looks, evidence_growth
from valuescape.monitoring.profile import Profile, make_profile
from valuescape.monitoring.windows import window_alarms, window_statistics
from valuescape.simulation.drift import Stream, World, draw_mix, draw_stream, draw_world
from valuescape.simulation.rates import monte_carlo_rate
from valuescape.simulation.streams import streams
from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.change_point import locate_change

RESTLESS = 0.1
"""Standard deviation that each day adds to the log odds in the restless scenario."""

Alarms = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """What is simulated.

    Attributes
    ----------
    seed : int
        Seed of all streams.
    rules : Rules
        Rules of this study's monitor.
    tasks : int
        Task types.
    prevalences : tuple of float
        Shares of the simulated values.
    daily : int
        Conversations a day, on average.
    baseline_days, quiet_days, change_day, horizon : int
        Days of the baseline; of a stream without drift; before the drift of one with drift; and
        after it.
    window : int
        Days in a window of the chi-square.
    odds_ratios : tuple of float
        Sizes of drift.
    replicates : int
        Streams of each kind.
    """

    seed: int
    rules: Rules
    tasks: int
    prevalences: tuple[float, ...]
    daily: int
    baseline_days: int
    quiet_days: int
    change_day: int
    horizon: int
    window: int
    odds_ratios: tuple[float, ...]
    replicates: int


def standardised_detector(stream: Stream, profile: Profile, plan: TrialPlan) -> Alarms:
    """Alarms of this study's monitor: e-detectors given the task types."""
    growth = stream_growth(stream, profile, plan)
    return alarm_looks(growth, plan.rules.threshold(growth.shape[1]))


def pooled_detector(stream: Stream, profile: Profile, plan: TrialPlan) -> Alarms:
    """Alarms of the same detectors when the task types are not told apart."""
    pooled = make_profile(profile.successes.sum(axis=0, keepdims=True), [profile.trials.sum()])
    together = Stream(
        stream.trials.sum(axis=1, keepdims=True), stream.successes.sum(axis=1, keepdims=True)
    )
    return standardised_detector(together, pooled, plan)


def pooled_chi_square(stream: Stream, profile: Profile, plan: TrialPlan) -> Alarms:
    """Alarms of a chi-square of the last days against the baseline."""
    found = window_statistics(
        stream.successes.sum(axis=1, keepdims=True),
        stream.trials.sum(axis=1, keepdims=True),
        profile.successes.sum(axis=0, keepdims=True),
        profile.trials.sum(keepdims=True),
        window=plan.window,
    )
    return window_alarms(found, 1 - plan.rules.conf_level, window=plan.window)


def strict_chi_square(stream: Stream, profile: Profile, plan: TrialPlan) -> Alarms:
    """Alarms of a Cochran-Mantel-Haenszel chi-square by task type, one in `run_length` days."""
    found = window_statistics(
        stream.successes,
        stream.trials,
        profile.successes,
        profile.trials,
        window=plan.window,
    )
    return window_alarms(found, 1 / plan.rules.run_length, window=plan.window)


MONITORS: dict[str, Callable[[Stream, Profile, TrialPlan], Alarms]] = {
    "e_detector": standardised_detector,
    "e_detector_pooled": pooled_detector,
    "chi_square": pooled_chi_square,
    "chi_square_strict": strict_chi_square,
}


def false_alarms(plan: TrialPlan) -> pd.DataFrame:
    """Count alarms on simulated streams in which no behaviour drifts.

    Scenarios: ``quiet``; ``composition``, in which the mix of tasks changes for good in the middle
    of the stream; ``restless``, in which each day has log odds of its own.

    Returns
    -------
    DataFrame
        ``scenario``, ``monitor``, ``n_streams``, ``n_days``, ``n_alarms``, ``per_thousand_days``
        with ``ci_low`` and ``ci_high`` (streams being clusters; without an alarm the limits of
        Poisson counts).
    """
    rows = []
    for scenario in ("quiet", "composition", "restless"):
        counts: dict[str, list[int]] = {name: [] for name in MONITORS}
        for rng, world, profile in simulated_worlds(plan, scenario):
            stream = draw_stream(
                rng,
                world,
                plan.quiet_days,
                plan.daily,
                change=plan.quiet_days // 2,
                mix=draw_mix(rng, plan.tasks) if scenario == "composition" else None,
                restless=RESTLESS if scenario == "restless" else 0.0,
            )
            for name, monitor in MONITORS.items():
                counts[name].append(len(monitor(stream, profile, plan)))
        rows += [_alarm_row(scenario, name, found, plan) for name, found in counts.items()]
    return pd.DataFrame(rows)


def detections(plan: TrialPlan) -> pd.DataFrame:
    """Measure how long it takes to find a drift of a given size.

    In each simulated stream one value drifts, each in turn, upward or downward by turns; alarms of
    other values count as not finding it.

    Returns
    -------
    DataFrame
        ``odds_ratio``, ``prevalence`` (of the value before it drifts), ``monitor``, ``n_streams``,
        ``detected`` (share found within the horizon) with ``ci_low`` and ``ci_high``,
        ``median_days`` (infinite where fewer than half are found) and, for this study's monitor,
        ``located`` (share of changes inside the interval of the change point) and ``off_by``
        (median absolute error in days).
    """
    rows = []
    for ratio in plan.odds_ratios:
        for value, prevalence in enumerate(plan.prevalences):
            rows += _detected(plan, ratio, value, prevalence)
    return pd.DataFrame(rows)


def simulated_worlds(
    plan: TrialPlan, scenario: str
) -> Iterator[tuple[np.random.Generator, World, Profile]]:
    """Yield source of randomness, world and estimated baseline of each replicate."""
    for rng in streams(plan.seed, scenario, plan.replicates):
        world = draw_world(rng, plan.tasks, plan.prevalences)
        past = draw_stream(rng, world, plan.baseline_days, plan.daily)
        yield rng, world, make_profile(past.successes.sum(axis=0), past.trials.sum(axis=0))


def stream_growth(stream: Stream, profile: Profile, plan: TrialPlan) -> FloatArray:
    """Weigh a simulated stream in the task types that its baseline holds.

    Returns
    -------
    ndarray of float64, shape (n_days, n_values, n_alternatives)
        As :func:`~valuescape.monitoring.evidence.evidence_growth`.
    """
    known = profile.known
    kept = Profile(profile.trials[known], profile.successes[known], profile.share[known])
    hits = stream.successes[:, known].sum(axis=1)
    return evidence_growth(hits, stream.trials[:, known], kept, plan.rules)


def _alarm_row(scenario: str, name: str, found: list[int], plan: TrialPlan) -> dict[str, object]:
    days = [plan.quiet_days] * len(found)
    rate = monte_carlo_rate(found, days)
    high = rate.rate_high if sum(found) else float(special.gammaincinv(1, 0.975)) / sum(days)
    return {
        "scenario": scenario,
        "monitor": name,
        "n_streams": len(found),
        "n_days": sum(days),
        "n_alarms": sum(found),
        "per_thousand_days": 1000 * rate.rate,
        "ci_low": 1000 * rate.rate_low,
        "ci_high": 1000 * high,
    }


def _detected(
    plan: TrialPlan, ratio: float, value: int, prevalence: float
) -> list[dict[str, object]]:
    delays: dict[str, list[float]] = {name: [] for name in MONITORS}
    located, errors = [], []
    for i, (rng, world, profile) in enumerate(simulated_worlds(plan, f"drift {ratio:g} {value}")):
        shift = np.zeros(len(plan.prevalences))
        shift[value] = np.log(ratio) * (1 if i % 2 == 0 else -1)
        days = plan.change_day + plan.horizon
        stream = draw_stream(rng, world, days, plan.daily, shift=shift, change=plan.change_day)
        for name, monitor in MONITORS.items():
            delays[name].append(_delay(monitor(stream, profile, plan), value, plan.change_day))
        if np.isfinite(delays["e_detector"][-1]):
            day = plan.change_day + int(delays["e_detector"][-1])
            place = locate_change(stream_growth(stream, profile, plan)[:day, value])
            located.append(place.low <= plan.change_day + 1 <= place.high)
            errors.append(abs(place.look - plan.change_day - 1))
    rows = []
    for name, found in delays.items():
        rate = monte_carlo_rate(np.isfinite(found).astype(int), np.ones(len(found), int))
        own = name == "e_detector" and bool(located)
        rows.append(
            {
                "odds_ratio": ratio,
                "prevalence": prevalence,
                "monitor": name,
                "n_streams": len(found),
                "detected": rate.rate,
                "ci_low": rate.rate_low,
                "ci_high": rate.rate_high,
                "median_days": float(np.median(found)),
                "located": float(np.mean(located)) if own else np.nan,
                "off_by": float(np.median(errors)) if own else np.nan,
            }
        )
    return rows


def _delay(alarms: Alarms, value: int, change: int) -> float:
    """Days from the change to the first alarm of the value, the day of the alarm included."""
    return next((float(day - change + 1) for day, v in alarms if v == value and day >= change),
                np.inf)  # fmt: skip
