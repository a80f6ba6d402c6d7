"""Means corrected as shares are: the same on indicators, and the truth of any quantity."""

import numpy as np
import pytest

from valuescape.statistics import Domain, LabelledFrame, corrected_mean, corrected_prevalence

N = 4000
GROUP = np.arange(N) // 2
STRATUM = GROUP % 2


def drawn(rng: np.random.Generator) -> LabelledFrame:
    chance = np.where(np.arange(N // 2) % 2 == 0, 0.1, 0.2)
    return LabelledFrame.of((rng.random(N // 2) < chance)[GROUP], STRATUM, GROUP, GROUP % 10)


def world(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A quantity in a labelled domain, and a machine that is biased on both."""
    rng = np.random.default_rng(seed)
    inside = (rng.random(N) < 0.4).astype(float)
    z = rng.normal(0.3 + 0.2 * STRATUM, 0.5, N)
    seen = np.clip(0.2 + 0.6 * inside + rng.normal(0, 0.1, N), 0, 1)
    return z, inside, seen * (0.4 + z + rng.normal(0, 0.2, N)), seen


@pytest.mark.parametrize("tuning", [None, 0.0, 1.0])
def test_the_mean_of_an_indicator_is_the_corrected_share(tuning: float | None) -> None:
    rng = np.random.default_rng(5)
    y, frame = (rng.random(N) < 0.3).astype(float), drawn(rng)
    _, inside, _, seen = world(5)
    f = seen * np.clip(0.2 + 0.5 * y + rng.normal(0, 0.1, N), 0, 1)
    domain = Domain.labelled(inside, seen, frame)
    one = corrected_mean(y, f, frame, domain, tuning=tuning)
    two = corrected_prevalence(
        y * inside, f, frame, domain_reading=inside, domain_machine=seen, tuning=tuning
    )
    for name in ("estimate", "standard_error", "readings", "readings_standard_error", "machine",
                 "phi_squared", "tuning", "gain", "n_read", "n_clusters", "n_frame"):  # fmt: skip
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-12), name


def test_a_biased_machine_is_corrected_to_the_truth_of_any_quantity() -> None:
    z, inside, f, seen = world(7)
    truth = z[inside > 0].mean()
    covered, narrower, rng = [], [], np.random.default_rng(8)
    for _ in range(150):
        frame = drawn(rng)
        found = corrected_mean(z, f, frame, Domain.labelled(inside, seen, frame))
        covered.append(found.ci_low <= truth <= found.ci_high)
        narrower.append(found.ci_high - found.ci_low < found.readings_high - found.readings_low)
        assert abs(found.machine - truth) > 0.1
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150)
    assert np.mean(narrower) > 0.95


def test_unit_and_origin_pass_through() -> None:
    z, inside, f, seen = world(9)
    frame = drawn(np.random.default_rng(9))
    domain = Domain.labelled(inside, seen, frame)
    one = corrected_mean(z, f, frame, domain)
    other = corrected_mean(3 * z - 2, 3 * f - 2 * seen, frame, domain)
    for name in ("estimate", "ci_low", "ci_high", "readings", "machine"):
        assert getattr(other, name) == pytest.approx(3 * getattr(one, name) - 2)
    assert (one.n_domain, one.n_read) == (int(inside[frame.read].sum()), int(frame.read.sum()))


def test_readings_outside_the_domain_are_not_looked_at() -> None:
    z, inside, f, seen = world(10)
    frame = drawn(np.random.default_rng(10))
    domain = Domain.labelled(inside, seen, frame)
    hidden = np.where(frame.read & (inside > 0), z, np.nan)
    one, other = (corrected_mean(given, f, frame, domain) for given in (z, hidden))
    assert one == other
