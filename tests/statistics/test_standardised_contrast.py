"""Corrected contrasts at one mix of strata: the primary test's ratio, and planted truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.statistics import Domain, LabelledFrame, corrected_contrast
from valuescape.statistics.design import Design
from valuescape.statistics.labelled_frame import LabelledFrame as Frame
from valuescape.statistics.prevalence import prevalences
from valuescape.statistics.standardised_domain import at_one_mix, of_mix

N = 4000
GROUP = np.arange(N) // 2
STRATUM = GROUP % 3


def drawn(rng: np.random.Generator) -> LabelledFrame:
    chance = np.array([0.1, 0.15, 0.25])[np.arange(N // 2) % 3]
    return LabelledFrame.of((rng.random(N // 2) < chance)[GROUP], STRATUM, GROUP, GROUP % 10)


def world(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Strata that differ in context and in value, with a ratio of 1.5 in each."""
    rng = np.random.default_rng(seed)
    inside = (rng.random(N) < np.array([0.15, 0.4, 0.7])[STRATUM]).astype(float)
    p = np.array([0.08, 0.2, 0.5])[STRATUM] * np.where(inside > 0, 1.5, 1.0)
    y = (rng.random(N) < p).astype(float)
    seen = np.clip(0.15 + 0.6 * inside + rng.normal(0, 0.1, N), 0, 1)
    f = np.clip(0.1 + 0.5 * y + 0.2 * inside + rng.normal(0, 0.1, N), 0, 1)
    return inside, y, seen, f


def sides(inside: np.ndarray, seen: np.ndarray, frame: Frame) -> tuple[Domain, Domain]:
    return (
        Domain.labelled(inside, seen, frame),
        Domain.labelled(1 - inside, 1 - seen, frame),
    )


def truth(inside: np.ndarray, y: np.ndarray) -> float:
    size = np.bincount(STRATUM, inside)
    first = np.bincount(STRATUM, inside * y).sum() / size.sum()
    rest = np.bincount(STRATUM, (1 - inside) * y) / np.bincount(STRATUM, 1 - inside)
    return float(first / (size @ rest / size.sum()))


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_readings_alone_are_the_prevalences_of_the_primary_test(seed: int) -> None:
    inside, y, seen, f = world(seed)
    frame = drawn(np.random.default_rng(seed))
    lonely = np.where(STRATUM == 2, 1.0, inside)
    found = corrected_contrast(
        y, f, frame, *sides(lonely, seen, frame), scale="ratio", standardised=True, tuning=0.0
    )
    read = frame.read
    design = Design.of(frame.weight[read], frame.stratum[read], frame.cluster[read])
    other = prevalences(lonely[read][:, None], y[read][:, None], design)
    assert found.first == pytest.approx(float(other.inside[0, 0]))
    assert found.second == pytest.approx(float(other.outside[0, 0]))
    assert found.n_read_first == int(lonely[read & (STRATUM < 2)].sum())
    assert found.n_read_second == int((1 - lonely)[read].sum())


def test_one_stratum_has_one_mix() -> None:
    inside, y, seen, f = world(3)
    rng = np.random.default_rng(3)
    frame = LabelledFrame.of((rng.random(N // 2) < 0.2)[GROUP], GROUP * 0, GROUP, GROUP % 10)
    both = sides(inside, seen, frame)
    plain, found = (
        corrected_contrast(y, f, frame, *both, scale="ratio", standardised=given)
        for given in (False, True)
    )
    for name in ("estimate", "ci_low", "ci_high", "log10_p", "machine", "gain"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-9), name


def test_the_part_of_the_mix_is_the_derivative_of_the_share() -> None:
    """Perturb the weight of one conversation and see the standardised share move."""
    inside, y, _, _ = world(4)
    frame = drawn(np.random.default_rng(4))
    d1, d2 = inside * frame.read, (1 - inside) * frame.read

    def share(weight: np.ndarray) -> float:
        one, other, hits = (np.bincount(STRATUM, weight * a) for a in (d1, d2, d2 * y))
        return float(one @ (hits / other) / one.sum())

    one, other = Domain(d1, inside), Domain(d2, 1 - inside)
    given, scaled, mix = at_one_mix(one, other, frame)
    total = frame.weight @ given.reading
    extra = of_mix(y * scaled.reading, scaled.reading, mix.reading, frame.weight, mix.stratum)
    linear = scaled.reading * (y - share(frame.weight)) + extra
    for i in np.flatnonzero(frame.read)[:25]:
        step = np.zeros(N)
        step[i] = 1e-4
        moved = (share(frame.weight + step) - share(frame.weight - step)) / 2e-4
        assert moved == pytest.approx(linear[i] / total, rel=1e-4, abs=1e-10)
    assert frame.weight @ linear == pytest.approx(0, abs=1e-6)


def test_the_standardised_ratio_covers_its_truth_and_the_crude_one_does_not() -> None:
    inside, y, seen, f = world(5)
    right, rng = truth(inside, y), np.random.default_rng(5)
    hits, crude, gains = [], [], []
    for _ in range(120):
        frame = drawn(rng)
        both = sides(inside, seen, frame)
        found = corrected_contrast(y, f, frame, *both, scale="ratio", standardised=True)
        hits.append(found.ci_low <= right <= found.ci_high)
        other = corrected_contrast(y, f, frame, *both, scale="ratio")
        crude.append(other.ci_low <= right <= other.ci_high)
        gains.append(found.gain)
        assert abs(np.log(found.machine / right)) > 0.05
    assert np.mean(hits) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 120)
    assert np.mean(crude) < 0.1
    assert np.median(gains) > 1


def test_a_machine_that_finds_nothing_and_strata_without_both() -> None:
    inside, y, _, _ = world(6)
    frame = drawn(np.random.default_rng(6))
    nothing = np.zeros(N)
    both = (Domain.labelled(inside, nothing, frame), Domain.labelled(1 - inside, nothing, frame))
    found = corrected_contrast(y, nothing, frame, *both, scale="ratio", standardised=True)
    assert np.isnan(found.machine)
    assert found.gain == pytest.approx(1.0)
    apart = (STRATUM == 0).astype(float)
    with pytest.raises(ValueError, match="second: in no stratum were both contexts read"):
        corrected_contrast(y, nothing, frame, *sides(apart, apart, frame), standardised=True)
