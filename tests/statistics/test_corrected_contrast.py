"""Corrected contrasts: rectifier per context, clusters in both, rare values, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from valuescape.statistics.corrected_contrast import corrected_contrast
from valuescape.statistics.correction import Domain, LabelledFrame, corrected_prevalence
from valuescape.statistics.intervals import mover_difference, mover_ratio, wilson
from valuescape.statistics.options import CorrectedScale

SCALES: tuple[CorrectedScale, ...] = ("difference", "ratio", "log_odds")
Array = NDArray[np.float64]


class World:
    """Prompts answered in two contexts; the machine is too generous in the first."""

    def __init__(self, seed: int, shares: tuple[float, float] = (0.3, 0.2), prompts: int = 600):
        rng = np.random.default_rng(seed)
        self.prompt = np.repeat(np.arange(prompts), 4)
        self.context = np.tile([1.0, 1.0, 0.0, 0.0], prompts)
        taste = rng.beta(0.8, 0.8, prompts)[self.prompt]
        share = np.where(self.context > 0, *shares)
        self.y = (rng.random(self.prompt.size) < np.clip(2 * taste * share, 0, 1)) * 1.0
        noise = rng.normal(0, 0.12, self.y.size)
        self.f = np.clip(0.15 + 0.5 * self.y + 0.2 * self.context + noise, 0, 1)
        self.truth = [self.y[self.context == c].mean() for c in (1, 0)]

    def read(self, rng: np.random.Generator, share: float = 0.25) -> LabelledFrame:
        """Whole prompts, so that errors of the two contexts go together."""
        prompts = self.prompt.max() + 1
        drawn = rng.permutation(prompts) < share * prompts
        return LabelledFrame.of(drawn[self.prompt], self.prompt * 0, self.prompt, self.prompt % 10)

    def sides(self, frame: LabelledFrame) -> tuple[Domain, Domain]:
        return Domain.known(self.context, frame), Domain.known(1 - self.context, frame)


WORLD = World(1)
FRAME = WORLD.read(np.random.default_rng(2))
SIDES = WORLD.sides(FRAME)


@pytest.mark.parametrize("scale", SCALES)
def test_shares_are_those_of_the_domains(scale: CorrectedScale) -> None:
    found = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES, scale=scale)
    shares = [
        corrected_prevalence(
            WORLD.y * member,
            WORLD.f * member,
            FRAME,
            domain_reading=member,
            domain_machine=member,
        )
        for member in (WORLD.context, 1 - WORLD.context)
    ]
    a, b = (share.estimate for share in shares)
    assert (found.first, found.second) == pytest.approx((a, b))
    odds = np.log(a / (1 - a)) - np.log(b / (1 - b))
    expected = {"difference": a - b, "ratio": a / b, "log_odds": odds}[scale]
    assert found.estimate == pytest.approx(expected)
    assert found.ci_low < found.estimate < found.ci_high
    assert found.n_read_first == found.n_read_second == FRAME.read.sum() / 2
    assert found.n_clusters_first == FRAME.n_clusters
    assert found.tuning_first == shares[0].tuning
    assert found.phi_squared_second == shares[1].phi_squared


def test_every_scale_has_one_test() -> None:
    found = [corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES, scale=s) for s in SCALES]
    assert len({f.log10_p for f in found}) == 1
    assert len({f.gain for f in found}) == 1
    swapped = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES[::-1])
    assert swapped.log10_p == pytest.approx(found[0].log10_p)
    assert swapped.estimate == pytest.approx(-found[0].estimate)
    assert (swapped.ci_low, swapped.ci_high) == pytest.approx((-found[0].ci_high, -found[0].ci_low))


@pytest.mark.parametrize("scale", SCALES)
def test_error_equals_the_jackknife_by_group(scale: CorrectedScale) -> None:
    world = World(3, prompts=240)
    frame = world.read(np.random.default_rng(4), 0.35)
    found = corrected_contrast(world.y, world.f, frame, *world.sides(frame), scale=scale)

    def left_out(group: int) -> float:
        read = frame.read & (world.prompt != group)
        rest = LabelledFrame.of(read, frame.stratum, frame.cluster, frame.fold)
        value = corrected_contrast(world.y, world.f, rest, *world.sides(rest), scale=scale).estimate
        return float(np.log(value)) if scale == "ratio" else value

    groups = np.unique(world.prompt[frame.read])
    values = np.array([left_out(g) for g in groups])
    variance = (groups.size - 1) / groups.size * np.sum((values - values.mean()) ** 2)
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=0.05)


def test_prompts_in_both_contexts_make_the_contrast_sharper() -> None:
    found = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES)
    apart = LabelledFrame.of(
        FRAME.read, FRAME.stratum, FRAME.cluster * 2 + WORLD.context, FRAME.fold
    )
    separate = corrected_contrast(WORLD.y, WORLD.f, apart, *WORLD.sides(apart))
    assert found.correlation > 0.05
    assert abs(separate.correlation) < 0.01
    assert found.standard_error < separate.standard_error


def test_own_rectifiers_cover_where_a_shared_one_never_does() -> None:
    """The machine errs more in the first context: one rectifier for both leaves that in."""
    rng = np.random.default_rng(5)
    truth = WORLD.truth[0] - WORLD.truth[1]
    own = shared = machine = 0
    replicates = 150
    for _ in range(replicates):
        frame = WORLD.read(rng)
        found = corrected_contrast(WORLD.y, WORLD.f, frame, *WORLD.sides(frame))
        own += found.ci_low <= truth <= found.ci_high
        seen = frame.read
        gap = WORLD.y[seen] - WORLD.f[seen]
        naive = WORLD.f[WORLD.context > 0].mean() - WORLD.f[WORLD.context == 0].mean()
        corrected = naive + gap.mean() - gap.mean()  # the shared rectifier cancels
        reach = 1.96 * np.sqrt(2 * gap.var() / (seen.sum() / 2))
        shared += abs(corrected - truth) <= reach
        spread = WORLD.f.std() * np.sqrt(2 / (WORLD.f.size / 2))
        machine += abs(naive - truth) <= 1.96 * spread
    floor = 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)
    assert own / replicates >= floor
    assert shared == 0
    assert machine == 0


@pytest.mark.parametrize("scale", SCALES)
def test_rare_values_are_covered(scale: CorrectedScale) -> None:
    world = World(6, shares=(0.015, 0.006), prompts=1500)
    rng = np.random.default_rng(7)
    a, b = world.truth
    odds = np.log(a / (1 - a)) - np.log(b / (1 - b))
    truth = {"difference": a - b, "ratio": a / b, "log_odds": odds}[scale]
    replicates, covered = 120, 0
    for _ in range(replicates):
        frame = world.read(rng)
        found = corrected_contrast(world.y, world.f, frame, *world.sides(frame), scale=scale)
        covered += found.ci_low <= truth <= found.ci_high
    assert covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)


@pytest.mark.parametrize("share", [0.01, 0.2])
def test_size_where_the_frame_has_no_difference(share: float) -> None:
    """Frames made equal by taking positives from the side that has more."""
    rejected, replicates = 0, 150
    for seed in range(replicates):
        world = World(1000 + seed, shares=(share, share), prompts=800)
        rng = np.random.default_rng(seed)
        positives = [np.flatnonzero(world.y * (world.context == c)) for c in (0, 1)]
        surplus = len(positives[0]) - len(positives[1])
        more = positives[0] if surplus > 0 else positives[1]
        world.y[rng.choice(more, abs(surplus), replace=False)] = 0.0
        frame = world.read(rng, 0.3)
        found = corrected_contrast(world.y, world.f, frame, *world.sides(frame))
        rejected += found.log10_p < np.log10(0.05)
    assert rejected / replicates <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / replicates)


def test_rare_values_without_machine_are_newcombes() -> None:
    rows = np.arange(4000)
    half = rows % 2
    frame = LabelledFrame.of(rows < 1000, rows * 0, rows, rows % 10)
    y = ((rows % 200 == 0) | (rows % 125 == 1) & (half == 1)) * 1.0
    sides = Domain.known(half, frame), Domain.known(1 - half, frame)
    found = corrected_contrast(y, y * 0, frame, *sides)
    counts = [int(y[frame.read & (half == c)].sum()) for c in (1, 0)]
    assert min(counts) > 2
    by_hand = [wilson(k, 500, df=499) for k in counts]
    joined = mover_difference(*by_hand)
    assert found.ci_low == pytest.approx(float(joined.low), rel=5e-3)
    assert found.ci_high == pytest.approx(float(joined.high), rel=5e-3)
    ratio = corrected_contrast(y, y * 0, frame, *sides, scale="ratio")
    joined = mover_ratio(*by_hand)
    assert ratio.ci_low == pytest.approx(float(joined.low), rel=5e-3)
    assert ratio.ci_high == pytest.approx(float(joined.high), rel=5e-3)


def test_nothing_found_on_one_side_or_both() -> None:
    y = WORLD.y * WORLD.context
    ratio = corrected_contrast(y, y, FRAME, *SIDES, scale="ratio", tuning=0.0)
    assert ratio.estimate == np.inf
    assert 1 < ratio.ci_low < ratio.ci_high
    assert np.isnan(ratio.standard_error)
    odds = corrected_contrast(y, y, FRAME, *SIDES[::-1], scale="log_odds", tuning=0.0)
    assert odds.estimate == odds.ci_low == -np.inf
    assert odds.ci_high < 0
    none = corrected_contrast(y * 0, y * 0, FRAME, *SIDES)
    assert none.estimate == 0.0
    assert none.log10_p == pytest.approx(0.0, abs=1e-12)
    assert none.ci_low < 0 < none.ci_high
    assert np.isnan(corrected_contrast(y * 0, y * 0, FRAME, *SIDES, scale="ratio").estimate)


def test_labelled_contexts_are_corrected_too() -> None:
    """The machine also errs on who is in the context; the truth is still covered."""
    world, rng = World(8, prompts=900), np.random.default_rng(9)
    seen = np.clip(0.15 + 0.6 * world.context + rng.normal(0, 0.1, world.y.size), 0, 1)
    truth, covered, replicates = world.truth[0] - world.truth[1], 0, 60
    for _ in range(replicates):
        frame = world.read(rng)
        sides = (
            Domain.labelled(world.context, seen, frame),
            Domain.labelled(1 - world.context, 1 - seen, frame),
        )
        found = corrected_contrast(world.y, world.f, frame, *sides)
        covered += found.ci_low <= truth <= found.ci_high
        assert abs(found.machine - truth) > 0.03
    assert covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)


def test_each_option_changes_the_contrast() -> None:
    base = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES)
    narrow = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES, conf_level=0.5)
    assert narrow.ci_high - narrow.ci_low < base.ci_high - base.ci_low
    alone = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES, tuning=0.0)
    assert alone.estimate == pytest.approx(base.readings)
    assert alone.gain == pytest.approx(1.0)
    assert base.gain > 1.2
    joined = corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES, rare=0.45)
    assert joined.ci_low != base.ci_low
    assert list(base.to_frame())[:4] == ["scale", "estimate", "ci_low", "ci_high"]
    assert len(base.to_frame()) == 1


@given(st.integers(0, 10_000), st.sampled_from(SCALES), st.floats(0.0, 1.0))
def test_bounds_and_symmetry(seed: int, scale: CorrectedScale, share: float) -> None:
    rng = np.random.default_rng(seed)
    n = 80
    read = np.arange(n) < 50
    frame = LabelledFrame.of(read, np.arange(n) % 2, np.arange(n) // 2, np.arange(n) // 2 % 3)
    y, f = (rng.random(n) < share) * 1.0, rng.random(n)
    side = (rng.random(n) < 0.5) * 1.0
    sides = Domain.known(side, frame), Domain.known(1 - side, frame)
    found = corrected_contrast(y, f, frame, *sides, scale=scale)
    if not np.isnan(found.estimate):
        assert found.ci_low <= found.estimate + 1e-12
        assert found.estimate <= found.ci_high + 1e-12
    assert not np.isnan(found.ci_low)
    assert not np.isnan(found.ci_high)
    assert found.log10_p <= 0
    assert abs(found.correlation) <= 1
    swapped = corrected_contrast(y, f, frame, *sides[::-1], scale=scale)
    assert swapped.log10_p == pytest.approx(found.log10_p, abs=1e-9)
    if scale == "difference":
        assert swapped.ci_low == pytest.approx(-found.ci_high, abs=1e-9)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="scale: 'odds' is not one of"):
        corrected_contrast(WORLD.y, WORLD.f, FRAME, *SIDES, scale="odds")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="domain: it was read in 0 clusters"):
        corrected_contrast(
            WORLD.y, WORLD.f, FRAME, SIDES[0], Domain.known(np.zeros(WORLD.y.size), FRAME)
        )
    with pytest.raises(ValueError, match=r"member\[1\] = 0.5"):
        Domain.known(np.where(np.arange(WORLD.y.size) == 1, 0.5, 1.0), FRAME)
    with pytest.raises(ValueError, match="machine"):
        corrected_contrast(WORLD.y, WORLD.f - 1, FRAME, *SIDES)
