"""Corrected logistic regression: equations by hand, jackknife, coverage, bad input."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from valuescape.statistics.corrected_contrast import corrected_contrast
from valuescape.statistics.corrected_logit import corrected_logit
from valuescape.statistics.correction import Domain, LabelledFrame, corrected_prevalence

Array = NDArray[np.float64]
BETA = np.array([-1.5, 0.8, 0.6])


class World:
    """Three answers a prompt, in two strata; the machine leans on the second covariate."""

    def __init__(self, seed: int, prompts: int = 900):
        rng = np.random.default_rng(seed)
        self.prompt = np.repeat(np.arange(prompts), 3)
        n = self.prompt.size
        self.stratum = self.prompt % 2
        self.x = np.column_stack([np.ones(n), rng.random(n) < 0.4, rng.normal(size=n)])
        taste = rng.normal(0, 0.7, prompts)[self.prompt]
        self.y = (rng.random(n) < expit(self.x @ BETA + taste)) * 1.0
        lean = 0.25 * self.x[:, 1] + rng.normal(0, 0.12, n)
        self.f = np.clip(0.15 + 0.5 * self.y + lean, 0, 1)

    def read(self, rng: np.random.Generator) -> LabelledFrame:
        share = np.where(np.arange(self.prompt.max() + 1) % 2 == 0, 0.15, 0.3)
        drawn = rng.random(share.size) < share
        return LabelledFrame.of(drawn[self.prompt], self.stratum, self.prompt, self.prompt % 10)


WORLD = World(1)
FRAME = WORLD.read(np.random.default_rng(2))


def in_frame() -> Array:
    """Coefficients, were everything read."""
    n = np.arange(WORLD.y.size)
    everything = LabelledFrame.of(n >= 0, n * 0, n, n % 2)
    return corrected_logit(WORLD.y, WORLD.f, everything, WORLD.x).readings


TRUTH = in_frame()


def test_full_weight_solves_the_equations_of_design_based_supervised_learning() -> None:
    found = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x, tuning=1.0)
    pseudo = WORLD.f + FRAME.weight * (np.where(FRAME.read, WORLD.y, 0) - WORLD.f * FRAME.read)
    equations = WORLD.x.T @ (pseudo - expit(WORLD.x @ found.coefficient))
    assert np.abs(equations).max() < 1e-8
    machine = WORLD.x.T @ (WORLD.f - expit(WORLD.x @ found.machine))
    assert np.abs(machine).max() < 1e-8


def test_constant_alone_is_the_corrected_prevalence() -> None:
    constant = np.ones((WORLD.y.size, 1))
    for power in (0.0, 0.5, 1.0):
        found = corrected_logit(WORLD.y, WORLD.f, FRAME, constant, tuning=power)
        share = corrected_prevalence(WORLD.y, WORLD.f, FRAME, tuning=power)
        assert expit(found.coefficient[0]) == pytest.approx(share.estimate, rel=1e-9)
        slope = share.estimate * (1 - share.estimate)
        assert found.standard_error[0] * slope == pytest.approx(share.standard_error, rel=1e-9)
    tuned = corrected_logit(WORLD.y, WORLD.f, FRAME, constant)
    share = corrected_prevalence(WORLD.y, WORLD.f, FRAME)
    assert tuned.tuning == pytest.approx(share.tuning, rel=1e-9)
    assert tuned.gain[0] == pytest.approx(share.gain, rel=0.1)


def test_two_groups_by_readings_are_the_contrast_of_their_log_odds() -> None:
    found = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x[:, :2], tuning=0.0)
    inside = WORLD.x[:, 1]
    sides = Domain.known(inside, FRAME), Domain.known(1 - inside, FRAME)
    contrast = corrected_contrast(WORLD.y, WORLD.f, FRAME, *sides, scale="log_odds", tuning=0.0)
    assert found.coefficient[1] == pytest.approx(contrast.estimate, rel=1e-9)
    assert found.standard_error[1] == pytest.approx(contrast.standard_error, rel=1e-9)


@pytest.mark.parametrize("tuning", [0.0, 1.0])
def test_error_equals_the_jackknife_by_group(tuning: float) -> None:
    world = World(3, prompts=300)
    frame = world.read(np.random.default_rng(4))
    found = corrected_logit(world.y, world.f, frame, world.x, tuning=tuning)
    variance = np.zeros(3)
    for h in range(2):
        groups = np.unique(world.prompt[frame.read & (world.stratum == h)])
        values = []
        for g in groups:
            read = frame.read & (world.prompt != g)
            rest = LabelledFrame.of(read, frame.stratum, frame.cluster, frame.fold)
            values.append(
                corrected_logit(world.y, world.f, rest, world.x, tuning=tuning).coefficient
            )
        spread = np.array(values) - np.mean(values, axis=0)
        variance += (groups.size - 1) / groups.size * np.sum(spread**2, axis=0)
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=0.12)


def test_coverage_in_the_frame() -> None:
    """Every coefficient covered, at less variance than by readings; the machine's are wrong."""
    rng, replicates = np.random.default_rng(5), 150
    covered, gains, readings = np.zeros(3), [], []
    for _ in range(replicates):
        found = corrected_logit(WORLD.y, WORLD.f, WORLD.read(rng), WORLD.x)
        covered += (found.ci_low <= TRUTH) & (found.ci_high >= TRUTH)
        gains.append(found.gain)
        readings.append((found.coefficient - TRUTH, found.readings - TRUTH))
    assert np.all(covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates))
    error, plain = np.std(np.array(readings), axis=0)
    assert np.all(error < plain)
    assert np.mean(gains) > 1.3
    assert abs(found.machine[1] - TRUTH[1]) > 0.3


def test_coverage_of_a_superpopulation() -> None:
    """Frames drawn anew: their own sampling error is in the interval, and has to be."""
    replicates, covered, of_frame = 80, 0, 0
    # the marginal coefficients of the mixed model, from one very large frame
    large = World(99, prompts=20_000)
    n = np.arange(large.y.size)
    everything = LabelledFrame.of(n >= 0, n * 0, n, n % 2)
    truth = corrected_logit(large.y, large.f, everything, large.x, tuning=0.0).readings
    for seed in range(replicates):
        world = World(200 + seed, prompts=500)
        frame = world.read(np.random.default_rng(seed))
        whole, fixed = (
            corrected_logit(world.y, world.f, frame, world.x, inference=kind)
            for kind in ("superpopulation", "frame")
        )
        covered += whole.ci_low[2] <= truth[2] <= whole.ci_high[2]
        of_frame += fixed.ci_low[2] <= truth[2] <= fixed.ci_high[2]
        assert whole.standard_error[2] > fixed.standard_error[2] * 0.95
    assert covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates)
    assert of_frame <= covered


def test_units_of_covariates_do_not_matter() -> None:
    found = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x)
    scaled = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x * np.array([1, 100, 0.01]))
    assert scaled.tuning == pytest.approx(found.tuning, rel=1e-8)
    assert scaled.coefficient * np.array([1, 100, 0.01]) == pytest.approx(found.coefficient)
    assert scaled.log10_p == pytest.approx(found.log10_p, rel=1e-7)
    assert np.diag(found.covariance) == pytest.approx(found.standard_error**2)


def test_regression_within_a_labelled_domain() -> None:
    """A third of the frame is outside; the machine sees that only roughly."""
    rng = np.random.default_rng(6)
    inside = (rng.random(WORLD.y.size) < 0.65) * 1.0
    seen = np.clip(0.2 + 0.6 * inside + rng.normal(0, 0.1, inside.size), 0, 1)
    n = np.arange(inside.size)
    everything = LabelledFrame.of(n >= 0, n * 0, n, n % 2)
    member = Domain.known(inside, everything)
    truth = corrected_logit(WORLD.y * inside, WORLD.f, everything, WORLD.x, domain=member).readings
    replicates, covered = 60, np.zeros(3)
    for _ in range(replicates):
        frame = WORLD.read(rng)
        domain = Domain.labelled(inside, seen, frame)
        found = corrected_logit(WORLD.y * inside, WORLD.f * seen, frame, WORLD.x, domain=domain)
        covered += (found.ci_low <= truth) & (found.ci_high >= truth)
    assert np.all(covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates))


def test_each_option_changes_the_result() -> None:
    base = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x)
    narrow = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x, conf_level=0.5)
    assert np.all(narrow.ci_high - narrow.ci_low < base.ci_high - base.ci_low)
    whole = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x, inference="superpopulation")
    assert np.all(whole.standard_error > base.standard_error)
    assert base.names == ("x0", "x1", "x2")
    named = corrected_logit(WORLD.y, WORLD.f, FRAME, WORLD.x, names=["one", "task", "length"])
    table = named.to_frame()
    assert table["name"].tolist() == ["one", "task", "length"]
    assert "covariance" not in table
    assert table["standard_error"].to_numpy() == pytest.approx(base.standard_error)
    assert base.effective_readings == pytest.approx(base.gain * base.n_read)
    assert base.df == base.n_clusters - 3


def test_bad_input_is_named() -> None:
    y, f, x = WORLD.y, WORLD.f, WORLD.x
    twice = np.column_stack([x, x[:, 1] * 2])
    with pytest.raises(ValueError, match="column 'again' is a combination of those before it"):
        corrected_logit(y, f, FRAME, twice, names=["a", "b", "c", "again"])
    with pytest.raises(ValueError, match="all conversations read in the domain are of one kind"):
        corrected_logit(y * 0, f, FRAME, x)
    with pytest.raises(ValueError, match="no finite coefficients fit the readings"):
        corrected_logit(x[:, 1], f, FRAME, x)
    with pytest.raises(ValueError, match="names: 1 entries"):
        corrected_logit(y, f, FRAME, x, names=["a"])
    with pytest.raises(ValueError, match="design_matrix: shape"):
        corrected_logit(y, f, FRAME, x[:5])
    with pytest.raises(ValueError, match="design_matrix: shape"):
        corrected_logit(y, f, FRAME, x[:, 1])
    gap = x.copy()
    gap[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"design_matrix\[3, 1\] = nan"):
        corrected_logit(y, f, FRAME, gap)
    with pytest.raises(ValueError, match="inference: 'sample' is not one of"):
        corrected_logit(y, f, FRAME, x, inference="sample")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is 1 outside the domain"):
        corrected_logit(y, f, FRAME, x, domain=Domain.known(1 - y, FRAME))
    rows = np.arange(12)
    few = LabelledFrame.of(rows < 9, rows * 0, rows // 3, rows // 3 % 2)
    wide = np.random.default_rng(0).normal(size=(12, 3))
    with pytest.raises(ValueError, match="3 columns for 3 clusters read"):
        corrected_logit(rows % 2, rows / 12, few, wide)
