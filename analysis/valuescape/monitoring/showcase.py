"""One simulated stream, day by day: what a monitor sees while the mix and then a value drifts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from valuescape.monitoring.evidence import allowance
from valuescape.monitoring.profile import Profile, make_profile
from valuescape.monitoring.trials import TrialPlan, simulated_worlds, stream_growth
from valuescape.simulation.drift import Stream, draw_mix, draw_stream
from valuescape.statistics.change_point import locate_change
from valuescape.statistics.confidence_sequence import confidence_sequence
from valuescape.statistics.shift import log10_detector
from valuescape.statistics.shift_sequence import shift_sequence

MIXES = 20
"""Mixes drawn, of which one is taken."""


def example_stream(plan: TrialPlan, odds_ratio: float, value: int) -> tuple[Stream, Profile]:
    """Draw one stream in which the mix changes first and one value drifts later, for a figure.

    Returns
    -------
    tuple of Stream and Profile
        The stream lasts twice ``change_day`` and the horizon; the mix changes on day
        ``change_day``, to the one of several drawn that raises the value's crude share most, and
        the value drifts from twice that day on.
    """
    rng, world, profile = next(simulated_worlds(plan, "example"))
    mixes = [draw_mix(rng, plan.tasks) for _ in range(MIXES)]
    crude = [float(mix @ special.expit(world.log_odds[:, value])) for mix in mixes]
    mixed = mixes[int(np.argmax(crude))]
    first = draw_stream(
        rng, world, 2 * plan.change_day, plan.daily, change=plan.change_day, mix=mixed
    )
    shift = np.zeros(len(plan.prevalences))
    shift[value] = np.log(odds_ratio)
    second = draw_stream(rng, world, plan.horizon, plan.daily, shift=shift, mix=mixed)
    return (
        Stream(
            np.concatenate([first.trials, second.trials]),
            np.concatenate([first.successes, second.successes]),
        ),
        profile,
    )


def stream_table(plan: TrialPlan, odds_ratio: float, value: int) -> pd.DataFrame:
    """Follow one value through the stream of :func:`example_stream`.

    Returns
    -------
    DataFrame
        One row a day: ``day``, ``share`` (crude, of the day), ``baseline`` and
        ``baseline_standardised``, ``crude``, ``crude_low``, ``crude_high`` (sequence of the crude
        share), ``estimate``, ``ci_low``, ``ci_high`` (sequence of the share at the baseline's mix),
        ``evidence`` and ``evidence_pooled`` (log10), ``threshold``, ``mix_changed``, ``drifted``
        and, from the alarm on, ``since``, ``since_low``, ``since_high``.
    """
    stream, profile = example_stream(plan, odds_ratio, value)
    kept = profile.known
    profile = Profile(profile.trials[kept], profile.successes[kept], profile.share[kept])
    stream = Stream(stream.trials[:, kept], stream.successes[:, kept])
    hits, size = stream.successes[:, :, value].sum(axis=1), stream.trials.sum(axis=1)
    level = plan.rules.conf_level
    crude = confidence_sequence(hits, size, conf_level=level)
    band = allowance(stream.trials, profile, value, plan.rules) - np.log(plan.rules.tolerance)
    shift = shift_sequence(
        hits, stream.trials, profile.share[:, value], allowance=band, conf_level=level
    )
    growth = stream_growth(stream, profile, plan)
    pooled = make_profile(profile.successes.sum(axis=0, keepdims=True), [profile.trials.sum()])
    together = Stream(
        stream.trials.sum(axis=1, keepdims=True), stream.successes.sum(axis=1, keepdims=True)
    )
    days = np.arange(1, hits.size + 1)
    table = pd.DataFrame(
        {
            "day": days,
            "share": hits / np.maximum(size, 1),
            "baseline": profile.successes[:, value].sum() / profile.trials.sum(),
            "baseline_standardised": profile.standardised(value, np.zeros(1))[0],
            "crude": crude.estimate,
            "crude_low": crude.low,
            "crude_high": crude.high,
            "estimate": profile.standardised(value, shift.estimate),
            "ci_low": profile.standardised(value, np.maximum(shift.low, -50)),
            "ci_high": profile.standardised(value, np.minimum(shift.high, 50)),
            "evidence": log10_detector(growth[:, value]),
            "evidence_pooled": log10_detector(stream_growth(together, pooled, plan)[:, value]),
            "threshold": plan.rules.threshold(growth.shape[1]),
            "mix_changed": days > plan.change_day,
            "drifted": days > 2 * plan.change_day,
        }
    )
    over = np.flatnonzero(table["evidence"] >= table["threshold"])
    if over.size:
        place = locate_change(growth[: over[0] + 1, value], conf_level=level)
        marks = {"since": place.look, "since_low": place.low, "since_high": place.high}
        for name, day in marks.items():
            table[name] = np.where(days > over[0], float(day), np.nan)
    return table
