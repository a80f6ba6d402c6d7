"""Coverage at every band of prevalence, and labellers that must not be trusted."""

import numpy as np
import pytest
from numpy.typing import NDArray

from valuescape.statistics.correction import LabelledFrame, corrected_prevalence
from valuescape.statistics.intervals import wilson

Array = NDArray[np.float64]
REPLICATES = 100
FLOOR = 0.95 - 3 * np.sqrt(0.95 * 0.05 / REPLICATES)
N = 9000
GROUP = np.arange(N) // 3
STRATUM = GROUP % 3


def drawn(rng: np.random.Generator) -> LabelledFrame:
    """Prompt groups by stratum: 8, 16 and 25 percent."""
    chance = np.array([0.08, 0.16, 0.25])[np.arange(N // 3) % 3]
    return LabelledFrame.of((rng.random(N // 3) < chance)[GROUP], STRATUM, GROUP, GROUP % 10)


def labelled(prevalence: float, rng: np.random.Generator, skill: float) -> tuple[Array, Array]:
    """Truth that groups share, and a machine that exaggerates."""
    taste = rng.beta(prevalence * 4, (1 - prevalence) * 4, N // 3)[GROUP]
    y = (rng.random(N) < taste) * 1.0
    logit = np.log(prevalence / (1 - prevalence)) + 0.8 + rng.normal(0, 1, N) + skill * y
    return y, 1 / (1 + np.exp(-logit))


@pytest.mark.parametrize("skill", [0.0, 4.0])
@pytest.mark.parametrize("prevalence", [0.005, 0.01, 0.02, 0.05, 0.2])
def test_coverage_by_prevalence(prevalence: float, skill: float) -> None:
    rng = np.random.default_rng(int(1e4 * prevalence) + int(skill))
    y, f = labelled(prevalence, rng, skill)
    truth, covered, naive = y.mean(), 0, 0
    for _ in range(REPLICATES):
        found = corrected_prevalence(y, f, drawn(rng))
        covered += found.ci_low <= truth <= found.ci_high
        reach = 1.96 * np.sqrt(found.machine * (1 - found.machine) / N)
        naive += abs(found.machine - truth) <= reach
    assert covered / REPLICATES >= FLOOR
    assert naive == 0


def test_folds_save_coverage_from_a_labeller_that_memorises() -> None:
    """In-sample labels repeat the readings: the rectifier is 0 and the error stays."""
    rng = np.random.default_rng(41)
    y, outside = labelled(0.1, rng, 1.0)
    truth, in_sample, crossed = y.mean(), 0, 0
    for _ in range(REPLICATES):
        frame = drawn(rng)
        memorised = np.where(frame.read, y, outside)
        found = corrected_prevalence(y, memorised, frame, tuning=1.0)
        in_sample += found.ci_low <= truth <= found.ci_high
        assert found.standard_error == 0
        honest = corrected_prevalence(y, outside, frame)
        crossed += honest.ci_low <= truth <= honest.ci_high
    assert in_sample / REPLICATES < 0.2
    assert crossed / REPLICATES >= FLOOR


def test_contexts_that_are_labels_are_covered() -> None:
    """A task type that the machine finds too often, and a value inside it."""
    rng = np.random.default_rng(42)
    inside = (rng.random(N) < 0.3) * 1.0
    seen = np.clip(0.2 + 0.5 * inside + rng.normal(0, 0.1, N), 0, 1)
    value, f = labelled(0.1, rng, 4.0)
    y = value * inside
    truth, covered = y.sum() / inside.sum(), 0
    for _ in range(REPLICATES):
        found = corrected_prevalence(
            y, f * seen, drawn(rng), domain_reading=inside, domain_machine=seen
        )
        covered += found.ci_low <= truth <= found.ci_high
        assert abs(found.machine - truth) > 0.02
    assert covered / REPLICATES >= FLOOR


def test_one_weight_never_loses_to_the_readings_by_much() -> None:
    """The weight is tuned for the share itself, also where it is a ratio of labels."""
    rng = np.random.default_rng(43)
    inside = (rng.random(N) < 0.5) * 1.0
    value, _ = labelled(0.3, rng, 4.0)
    gains = []
    for _ in range(40):
        found = corrected_prevalence(
            value * inside,
            rng.random(N) * 0.3,
            drawn(rng),
            domain_reading=inside,
            domain_machine=np.clip(inside * 0.8 + rng.normal(0, 0.1, N), 0, 1),
        )
        gains.append(found.gain)
    assert min(gains) > 0.95


def test_few_positives_where_weights_are_small_say_little() -> None:
    """All positives read are in the stratum read most: the interval is not the narrower for it."""
    rows = np.arange(1100)
    stratum = (rows >= 1000) * 1
    read = (rows < 50) | (rows >= 1050)
    frame = LabelledFrame.of(read, stratum, rows, rows % 10)
    found = corrected_prevalence((rows >= 1096) * 1.0, rows * 0.0, frame)
    assert found.readings == pytest.approx(4 * 2 / 1100)
    even = found.readings * (1 - found.readings) * float(frame.weight @ frame.weight) / 1100**2
    assert found.readings_standard_error**2 < even / 2
    size = found.readings * (1 - found.readings) / even
    limits = wilson(found.readings * size, size, df=99)
    assert found.readings_high == pytest.approx(float(limits.high))
    assert found.ci_high == pytest.approx(float(limits.high))


@pytest.mark.slow
@pytest.mark.parametrize("skill", [0.0, 4.0])
@pytest.mark.parametrize("prevalence", [0.005, 0.01, 0.02, 0.05, 0.2])
def test_coverage_by_prevalence_at_length(prevalence: float, skill: float) -> None:
    rng = np.random.default_rng(int(1e4 * prevalence) + int(skill) + 7)
    y, f = labelled(prevalence, rng, skill)
    truth, covered, replicates = y.mean(), 0, 800
    for _ in range(replicates):
        found = corrected_prevalence(y, f, drawn(rng))
        covered += found.ci_low <= truth <= found.ci_high
    assert covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)
