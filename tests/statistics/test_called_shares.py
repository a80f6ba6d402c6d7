"""Limits of a share that allow for what the machine misses unseen."""

import numpy as np
import pytest

from valuescape.statistics import LabelledFrame, mover_difference, wilson
from valuescape.statistics.called_shares import called_interval

ROWS = np.arange(600)
FRAME = LabelledFrame.of(ROWS % 3 == 0, ROWS * 0, ROWS, ROWS % 10)


def test_a_machine_that_calls_nothing_or_all_leaves_wilsons_interval() -> None:
    y = ((ROWS % 24 == 0) & FRAME.read).astype(float)
    n = FRAME.read.sum()
    plain = wilson(y.sum() * (n - 1) / n, n - 1, df=n - 1)
    for called in (ROWS < 0, ROWS >= 0):
        found = called_interval(y, called, FRAME, conf_level=0.95)
        assert float(found.estimate) == pytest.approx(y.sum() / n)
        assert float(found.low) == pytest.approx(float(plain.low), abs=2e-3)
        assert float(found.high) == pytest.approx(float(plain.high), abs=2e-3)


def test_independent_parts_are_joined_by_mover() -> None:
    called = ROWS < 60
    y = (FRAME.read & ((called & (ROWS % 2 == 0)) | (ROWS % 150 == 0))).astype(float)
    found = called_interval(y, called, FRAME, conf_level=0.9)
    parts = []
    for inside in (called, ~called):
        n = int((FRAME.read & inside).sum())
        alone = wilson(y[inside].sum(), n, conf_level=0.9)
        scaled = [inside.mean() * side for side in (alone.estimate, alone.low, alone.high)]
        parts.append(type(alone)(*scaled, 0.9))
    minus = type(parts[1])(-parts[1].estimate, -parts[1].high, -parts[1].low, 0.9)
    joined = mover_difference(parts[0], minus)
    for end in ("estimate", "low", "high"):
        assert float(getattr(found, end)) == pytest.approx(float(getattr(joined, end)), abs=4e-3)


def test_a_part_that_was_not_read_may_hold_anything() -> None:
    called = (ROWS % 3 == 1) & (ROWS < 60)
    found = called_interval(np.zeros(600), called, FRAME, conf_level=0.95)
    assert float(found.high) > called.mean()
    assert float(found.low) == 0
