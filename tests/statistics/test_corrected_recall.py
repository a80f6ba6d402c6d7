"""Recall of the machine, and when it cannot be told."""

import numpy as np
import pytest

from valuescape.statistics.correction import LabelledFrame
from valuescape.statistics.intervals import wilson
from valuescape.statistics.machine_recall import machine_recall

ROWS = np.arange(2000)


def frame(share: float = 0.3, seed: int = 0) -> LabelledFrame:
    read = np.random.default_rng(seed).random(ROWS.size) < share
    return LabelledFrame.of(read, ROWS * 0, ROWS, ROWS % 10)


def test_recall_by_hand() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random(ROWS.size) < 0.2) * 1.0
    f = np.where(y > 0, np.where(rng.random(ROWS.size) < 0.7, 0.8, 0.3), 0.1)
    design = frame()
    found = machine_recall(y, f, design)
    positive = design.read & (y > 0)
    caught = int(np.sum(positive & (f >= 0.5)))
    assert found.identifiable
    assert found.recall == pytest.approx(caught / positive.sum())
    assert found.n_missed == positive.sum() - caught
    assert found.missed == pytest.approx(found.n_missed / design.read.sum())
    assert found.n_called_negative == np.sum(design.read & (f < 0.5))
    # conditional on the positives the count is binomial: MOVER comes close to Wilson
    limits = wilson(caught, positive.sum())
    assert found.ci_low == pytest.approx(float(limits.low), abs=0.01)
    assert found.ci_high == pytest.approx(float(limits.high), abs=0.01)
    assert "recall 7" in found.statement


def test_machine_that_misses_nothing_read_has_a_lower_limit_alone() -> None:
    y = (ROWS % 50 == 0) * 1.0
    design = frame()
    found = machine_recall(y, 0.9 * y, design)
    assert not found.identifiable
    assert np.isnan(found.recall)
    assert found.ci_high == 1.0
    assert 0 < found.ci_low < 1
    size = int(design.read.sum())
    assert found.missed_high == pytest.approx(float(wilson(0, size, df=size - 1).high))
    assert "cannot be estimated" in found.statement
    assert f"{found.missed_high:.2%}" in found.statement


def test_machine_that_finds_nothing_has_recall_zero() -> None:
    y = (ROWS % 20 == 0) * 1.0
    found = machine_recall(y, 0.1 * y, frame())
    assert found.recall == 0
    assert found.ci_low == 0
    assert 0 < found.ci_high < 0.2


def test_misses_in_one_prompt_group_tell_nothing() -> None:
    y = ((ROWS % 50 == 0) | (ROWS < 12)) * 1.0
    f = np.where(ROWS < 12, 0.1, 0.9 * y)
    cluster = np.where(ROWS < 12, 0, ROWS)
    design = LabelledFrame.of(ROWS < 900, ROWS * 0, cluster, cluster % 10)
    found = machine_recall(y, f, design)
    assert (found.n_missed, found.n_missed_clusters) == (12, 1)
    assert not found.identifiable


def test_coverage_of_recall_and_of_the_limit_for_what_is_missed() -> None:
    rng = np.random.default_rng(5)
    y = (rng.random(ROWS.size) < 0.15) * 1.0
    f = np.where((y > 0) & (rng.random(ROWS.size) < 0.8), 0.9, 0.1)
    truth, missed = (y * (f > 0.5)).sum() / y.sum(), (y * (f < 0.5)).mean()
    covered = below = 0
    for seed in range(200):
        found = machine_recall(y, f, frame(0.25, seed))
        covered += found.ci_low <= truth <= found.ci_high
        below += missed <= found.missed_high
    floor = 3 * np.sqrt(0.05 * 0.95 / 200)
    assert covered / 200 >= 0.95 - floor
    assert below / 200 >= 0.95 - floor


def test_each_option_changes_the_result() -> None:
    rng = np.random.default_rng(6)
    y = (rng.random(ROWS.size) < 0.1) * 1.0
    f = np.clip(0.3 + 0.4 * y + rng.normal(0, 0.1, ROWS.size), 0, 1)
    base = machine_recall(y, f, frame())
    assert machine_recall(y, f, frame(), cut=0.8).n_missed > base.n_missed
    assert not machine_recall(y, f, frame(), minimum_clusters=1000).identifiable
    assert machine_recall(y, f, frame(), conf_level=0.5).missed_high < base.missed_high
    assert len(base.to_frame()) == 1


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="reading: no positive"):
        machine_recall(ROWS * 0, ROWS * 0, frame())
    with pytest.raises(ValueError, match=r"machine\[1\] = 2.0"):
        machine_recall(ROWS % 2, np.minimum(ROWS * 2.0, 2.0), frame())
