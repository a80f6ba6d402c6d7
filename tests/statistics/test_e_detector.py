"""The change detector against its definition, its false alarms and its delay."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binom

from valuescape.statistics.e_detector import e_detector


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_equals_the_sum_of_processes_started_at_every_look(alternative: str) -> None:
    s, n, p0 = np.array([3, 5, 0, 9, 7]), np.array([40, 50, 0, 60, 40]), 0.08
    steps = {"greater": [1], "less": [-1], "two-sided": [1, -1]}[alternative]
    shifts = [side * np.log(ratio) for side in steps for ratio in (1.5, 4.0)]
    found = e_detector(s, n, p0, run_length=50, alternative=alternative, odds_ratios=[1.5, 4.0])  # type: ignore[arg-type]
    for t in range(5):
        total = 0.0
        for shift in shifts:
            p1 = expit(logit(p0) + shift)
            ratio = binom.pmf(s, n, p1) / binom.pmf(s, n, p0)
            total += sum(np.prod(ratio[j : t + 1]) for j in range(t + 1))
        assert found.log10_evidence[t] == pytest.approx(np.log10(total / len(shifts)), rel=1e-10)


@pytest.mark.parametrize(("p", "alternative"), [(0.05, "two-sided"), (0.04, "greater")])
def test_mean_time_to_a_false_alarm(p: float, alternative: str) -> None:
    """Streams cut at 600 looks, which only makes the mean shorter."""
    rng, run_length, looks = np.random.default_rng(8), 60.0, 600
    times = []
    for _ in range(160):
        hits = rng.binomial(40, p, looks)
        found = e_detector(
            hits,
            np.full(looks, 40),
            0.05,
            run_length=run_length,
            alternative=alternative,  # type: ignore[arg-type]
        )
        times.append(found.alarm or looks)
    assert np.mean(times) > run_length - 3 * np.std(times) / 160**0.5


def test_delay_is_short_after_a_change() -> None:
    rng, delays = np.random.default_rng(9), []
    for _ in range(100):
        hits = np.concatenate([rng.binomial(100, 0.05, 50), rng.binomial(100, 0.12, 100)])
        alarm = e_detector(hits, np.full(150, 100), 0.05, run_length=1000).alarm
        if alarm > 50 or alarm == 0:
            delays.append((alarm or 150) - 50)
    assert len(delays) > 90
    assert np.mean(delays) < 6


def test_options_change_the_output() -> None:
    hits, trials = [5, 4, 6, 5, 12, 14, 11], [100] * 7
    base = e_detector(hits, trials, 0.05, run_length=100)
    assert base.alarm == 6
    assert base.threshold == 2
    assert e_detector(hits, trials, 0.05, run_length=1e9).alarm == 0
    assert e_detector(hits, trials, 0.05, run_length=100, alternative="less").alarm == 0
    other = e_detector(hits, trials, 0.05, run_length=100, odds_ratios=[1.1])
    assert other.log10_evidence[-1] < base.log10_evidence[-1]
    assert len(base.to_frame()) == 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p0": 1.0}, "p0 = 1.0"),
        ({"run_length": 1.0}, "run_length = 1.0"),
        ({"run_length": np.inf}, "run_length = inf"),
        ({"odds_ratios": [2, 0.5]}, r"odds_ratios\[1\] = 0.5"),
        ({"odds_ratios": []}, "odds_ratios"),
        ({"successes": [9]}, r"successes\[0\] = 9"),
        ({"alternative": "up"}, "alternative: 'up'"),
    ],
)
def test_refuses(options: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {
        "successes": [1],
        "trials": [3],
        "p0": 0.5,
        "run_length": 10.0,
        **options,
    }
    with pytest.raises(ValueError, match=message):
        e_detector(**arguments)  # type: ignore[arg-type]
