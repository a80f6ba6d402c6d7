"""Equality of two corrected shares: which test is made, its formula, and how often it rejects."""

import numpy as np
import pytest
from numpy.typing import NDArray

from valuescape.statistics.corrected_contrast import CorrectedContrast, corrected_contrast
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.labelled_frame import LabelledFrame
from valuescape.statistics.rectified import Domain

N_PROMPTS = 600


def answers(
    share: float, n_read: tuple[int, int], strength: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], LabelledFrame, tuple[Domain, Domain]]:
    """Answers of two runs to the same prompts, whose shares over the frame are equal."""
    propensity = rng.beta(9 * share, 9 * (1 - share), N_PROMPTS)
    n_positive = max(1, round(share * N_PROMPTS))
    truth = np.zeros(2 * N_PROMPTS)
    for half in (0, 1):
        order = np.argsort(rng.random(N_PROMPTS) - 3 * (rng.random(N_PROMPTS) < propensity))
        truth[half * N_PROMPTS + order[:n_positive]] = 1.0
    read = np.zeros(2 * N_PROMPTS, dtype=bool)
    for half, n in enumerate(n_read):
        read[half * N_PROMPTS + rng.choice(N_PROMPTS, n, replace=False)] = True
    prompt = np.tile(np.arange(N_PROMPTS), 2)
    run = np.repeat([0, 1], N_PROMPTS)
    logit = np.log(share / (1 - share)) + strength * (truth - share) + rng.normal(size=run.size)
    machine = 1 / (1 + np.exp(-logit))
    frame = LabelledFrame.of(read, run * 0, prompt, prompt % 10)
    sides = (Domain.known(run == 0, frame), Domain.known(run == 1, frame))
    return np.where(read, truth, 0.0), machine, frame, sides


def contrast_of(k: tuple[int, int], n: int) -> CorrectedContrast:
    """Contrast of two contexts of independent readings by readings alone."""
    rows = np.arange(4 * n)
    context, within = rows % 2, rows // 2
    reading = (within < np.array(k)[context]) * 1.0
    frame = LabelledFrame.of(within < n, rows * 0, rows, rows % 10)
    sides = (Domain.known(context == 0, frame), Domain.known(context == 1, frame))
    read = np.where(within < n, reading, 0.0)
    return corrected_contrast(read, rows * 0.0, frame, *sides, tuning=0.0)


@pytest.mark.parametrize("k", [(3, 0), (4, 0), (5, 1), (0, 0), (131, 128)])
def test_few_expected_readings_are_tested_exactly(k: tuple[int, int]) -> None:
    found = contrast_of(k, 132)
    exact = float(exact_log10_p(k[0], 132, sum(k), 264))
    assert found.test == "exact"
    assert exact <= found.log10_p <= 0.97 * exact


def test_many_are_tested_by_score() -> None:
    found = contrast_of((30, 12), 132)
    pooled = 42 / 264
    z = (18 / 132) / np.sqrt(pooled * (1 - pooled) * 2 / 132)
    assert found.test == "score"
    assert found.log10_p == pytest.approx(np.log10(2) + np.log10(0.5) - 2.47, abs=0.1)
    assert 2.9 < z < 3.1


def test_one_value_in_one_cluster_is_no_evidence() -> None:
    rows = np.arange(600)
    reading = np.where((rows % 2 == 0) & (rows < 12), 1.0, 0.0)
    sides = [rows % 2 == j for j in (0, 1)]
    found = {}
    for name, cluster in (("apart", rows), ("together", np.maximum(rows, 12))):
        frame = LabelledFrame.of(rows < 300, rows * 0, cluster, cluster % 10)
        domains = [Domain.known(side, frame) for side in sides]
        found[name] = corrected_contrast(reading, rows * 0.0, frame, *domains, tuning=0.0)
    assert found["apart"].log10_p < np.log10(0.05) < found["together"].log10_p


def test_a_small_estimated_variance_says_little_under_equality() -> None:
    """Two readings that a machine knows are no measure of its errors where it is wrong."""
    rows = np.arange(1600)
    context, within = rows % 2, rows // 2
    truth = (within < np.array([2, 14])[context]) * 1.0
    sure = (context == 0) & (truth == 1)
    machine = np.where(sure, 0.98, np.where(truth == 1, 0.3, 0.002))
    frame = LabelledFrame.of(within < 132, rows * 0, rows, rows % 10)
    sides = (Domain.known(context == 0, frame), Domain.known(context == 1, frame))
    found = corrected_contrast(np.where(within < 132, truth, 0.0), machine, frame, *sides)
    assert found.test == "score"
    assert -4.0 < found.log10_p < np.log10(0.05)


def drawn_answers(rng: np.random.Generator) -> CorrectedContrast:
    """Answers of two runs alike to prompts that are drawn; a third is read, the machine is good."""
    n = 240
    propensity = rng.beta(1, 2, n)
    truth = (rng.random((2, n)) < propensity).ravel() * 1.0
    prompt, run = np.tile(np.arange(n), 2), np.repeat([0, 1], n)
    machine = np.clip(0.1 + 0.7 * truth + rng.normal(0, 0.1, 2 * n), 0, 1)
    read = np.isin(prompt, rng.choice(n, n // 3, replace=False))
    frame = LabelledFrame.of(read, run * 0, prompt, prompt % 5)
    sides = (Domain.known(run == 0, frame), Domain.known(run == 1, frame))
    given = (np.where(read, truth, 0.0), machine, frame, *sides)
    fixed, beyond = (corrected_contrast(*given, beyond_frame=b) for b in (False, True))
    assert beyond.estimate == fixed.estimate
    assert beyond.standard_error > fixed.standard_error
    assert beyond.ci_low < fixed.ci_low < fixed.ci_high < beyond.ci_high
    return beyond


def test_the_error_beyond_the_frame_is_that_of_drawing_prompts_anew() -> None:
    rng = np.random.default_rng(3)
    found = [drawn_answers(rng) for _ in range(300)]
    spread = np.std([f.estimate for f in found], ddof=1)
    assert np.mean([f.standard_error for f in found]) == pytest.approx(spread, rel=0.12)
    assert np.mean([f.log10_p < np.log10(0.05) for f in found]) < 0.085


@pytest.mark.slow
@pytest.mark.parametrize("n_read", [(130, 130), (60, 300)])
@pytest.mark.parametrize("strength", [0.0, 4.0])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.15])
def test_equal_shares_are_rejected_no_more_often_than_the_level(
    share: float, strength: float, n_read: tuple[int, int]
) -> None:
    rng, n_runs = np.random.default_rng(4), 1000
    found = np.array(
        [
            corrected_contrast(*drawn[:3], *drawn[3]).log10_p
            for drawn in (answers(share, n_read, strength, rng) for _ in range(n_runs))
        ]
    )
    for level, limit in ((0.05, 0.064), (0.001, 0.004)):
        assert np.mean(found < np.log10(level)) <= limit
