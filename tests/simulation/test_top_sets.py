"""Tied sets of simulated contexts hold the best value; bootstrap ranks do not."""

from dataclasses import replace

import numpy as np
import pytest

from valuescape.simulation.ranking import RankingPlan
from valuescape.simulation.top_sets import SOURCES, top_set_coverage

PLAN = RankingPlan(n_contexts=10, n_values=60, minimum_expected=1.0)


def test_tied_sets_cover_and_posteriors_keep_them_small() -> None:
    found = top_set_coverage(PLAN, n_runs=8, seed=1)
    coverage = dict(zip(SOURCES, found.coverage, strict=True))
    size = dict(zip(SOURCES, found.size, strict=True))
    slack = 3 * np.sqrt(0.95 * 0.05 / 80)
    assert coverage["posterior"] >= 0.95 - slack
    assert coverage["counts"] >= 0.95 - slack
    assert coverage["bootstrap_ranks"] < coverage["counts"]
    assert size["bootstrap_ranks"] < size["posterior"] < 0.7 * size["counts"]


def test_level_and_seed_are_read() -> None:
    base = top_set_coverage(PLAN, n_runs=2, seed=2)
    assert np.all(top_set_coverage(PLAN, n_runs=2, seed=2, conf_level=0.5).size < base.size)
    assert not np.array_equal(top_set_coverage(PLAN, n_runs=2, seed=3).size, base.size)
    np.testing.assert_array_equal(top_set_coverage(PLAN, n_runs=2, seed=2).size, base.size)


def test_frame() -> None:
    frame = top_set_coverage(PLAN, n_runs=2, seed=4).to_frame()
    assert frame["source"].tolist() == list(SOURCES)
    assert frame["coverage"].between(0, 1).all()
    assert (frame["single"] <= 1).all()


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="n_runs = 0: at least two"):
        top_set_coverage(PLAN, n_runs=0, seed=0)
    with pytest.raises(ValueError, match="minimum_expected: no value is frequent enough"):
        top_set_coverage(replace(PLAN, minimum_expected=1e6), n_runs=2, seed=0)
