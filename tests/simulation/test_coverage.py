"""Intervals are checked against the truth that was planted, band by band."""

import numpy as np
import pytest

from tests.simulation.designs import small_skeleton
from valuescape.simulation import coverage
from valuescape.simulation.coverage import Covered, coverage_frame
from valuescape.simulation.streams import streams

BANDS = {"low": (0.0, 0.5), "high": (0.5, 1.0)}


def test_bands_and_unknown_intervals_by_hand() -> None:
    one = Covered(
        {"m": np.array([True, False, True])},
        {"m": np.array([1.0, 2.0, 9.0])},
        np.array([0.2, 0.5, 0.7]),
        np.array([True, True, False]),
    )
    found = coverage_frame("s", [one, one], BANDS, 0.95).set_index("band")
    assert found.loc["low", ["n_trials", "n_hits", "median_width"]].tolist() == [2, 2, 1.0]
    assert found.loc["high", ["n_trials", "n_hits", "median_width"]].tolist() == [2, 0, 2.0]


def rates(simulate, bands, n: int) -> dict[tuple[str, str], float]:  # type: ignore[no-untyped-def]
    found = coverage_frame("s", (simulate(rng) for rng in streams(1, "s", n)), bands, 0.95)
    return dict(zip(zip(found["method"], found["band"], strict=True), found["rate"], strict=True))


def test_wilson_covers_rare_shares_where_wald_does_not() -> None:
    found = rates(lambda r: coverage.simple_shares(100, 0.95, r), coverage.PREVALENCE_BANDS, 400)
    assert found["wald", "p < 2 %"] < 0.7
    assert found["wilson", "p < 2 %"] > 0.85
    assert found["clopper_pearson", "p < 2 %"] > 0.95


def test_clustered_shares_cover_where_independent_ones_do_not() -> None:
    skeleton = small_skeleton(prompt=0.6, reader=0.03)
    found = rates(
        lambda r: coverage.design_shares(skeleton, 0.95, r), coverage.PREVALENCE_BANDS, 80
    )
    assert found["wald", "p ≥ 10 %"] < 0.85
    assert found["clustered_by_prompt_and_reader", "p ≥ 10 %"] > 0.88
    assert (
        found["clustered_by_prompt", "p ≥ 10 %"]
        < found["clustered_by_prompt_and_reader", "p ≥ 10 %"]
    )


def test_risk_ratios_cover_planted_ratios() -> None:
    skeleton = small_skeleton(n_groups=120, prompt=0.5)
    found = rates(lambda r: coverage.design_ratios(skeleton, 0.95, r), coverage.EXPECTED_BANDS, 40)
    for band in coverage.EXPECTED_BANDS:
        assert found["design_based", band] > 0.88
    assert found["koopman", "5 ≤ E < 20"] < found["design_based", "5 ≤ E < 20"]


def test_only_cross_fitted_corrections_cover() -> None:
    found = rates(
        lambda r: coverage.corrected_shares(0.2, 0.95, 0.02, r), coverage.PREVALENCE_BANDS, 60
    )
    band = "p ≥ 10 %"
    assert found["machine_uncorrected", band] == 0.0
    assert found["corrected_in_sample", band] < 0.2
    assert found["corrected", band] > 0.85
    assert found["readings", band] > 0.85


def test_a_rectifier_per_context_is_needed_for_contrasts() -> None:
    found = rates(
        lambda r: coverage.corrected_contrasts(0.2, 0.95, 0.02, r), coverage.PREVALENCE_BANDS, 50
    )
    assert found["shared_rectifier", "p ≥ 10 %"] == 0.0
    assert found["rectifier_per_context", "p ≥ 10 %"] > 0.85


@pytest.mark.parametrize("level", [0.8, 0.99])
def test_a_higher_level_makes_wider_intervals(level: float) -> None:
    skeleton = small_skeleton()
    for simulate in (coverage.design_shares, coverage.design_ratios):
        usual = simulate(skeleton, 0.95, np.random.default_rng(1))
        other = simulate(skeleton, level, np.random.default_rng(1))
        for method, width in usual.width.items():
            used = usual.known & np.isfinite(width)
            assert ((other.width[method] > width) == (level > 0.95))[used].all()
