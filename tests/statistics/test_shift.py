"""Evidence of a shift given strata: identities, error control, the change's place, the sequence."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binom

from valuescape.statistics.change_point import locate_change
from valuescape.statistics.e_bh import e_bh
from valuescape.statistics.e_detector import e_detector
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.shift import log10_e_process, shift_evidence, shift_growth
from valuescape.statistics.shift_sequence import shift_error, shift_sequence

BASE = np.array([0.03, 0.1, 0.4])


def draw(rng: np.random.Generator, looks: int, shift: np.ndarray | float, daily: int = 60):
    mixes = rng.dirichlet([1, 1, 1], looks)
    trials = np.stack([rng.multinomial(daily, mix) for mix in mixes])
    moved = expit(logit(BASE) + np.broadcast_to(shift, (looks,))[:, None])
    return rng.binomial(trials, moved).sum(axis=1), trials


def test_one_stratum_gives_the_detector_of_a_share() -> None:
    s, n = np.array([3, 5, 0, 9, 7]), np.array([40, 50, 0, 60, 40])
    found = shift_evidence(s, n[:, None], [0.08], odds_ratios=[1.5, 4.0])
    other = e_detector(s, n, 0.08, run_length=50, odds_ratios=[1.5, 4.0])
    assert found.log10_detector == pytest.approx(other.log10_evidence, abs=1e-10)


def test_is_the_product_of_binomial_likelihood_ratios_over_strata() -> None:
    rng = np.random.default_rng(1)
    trials = rng.integers(0, 30, (6, 3))
    hits = rng.binomial(trials, BASE)
    growth = shift_growth(
        hits.sum(axis=1), trials, BASE, allowance=np.full(6, 0.2), odds_ratios=[2.0]
    )
    for column, (start, end) in enumerate([(0.2, 0.2 + np.log(2)), (-0.2, -0.2 - np.log(2))]):
        one = binom.logpmf(hits, trials, expit(logit(BASE) + end))
        null = binom.logpmf(hits, trials, expit(logit(BASE) + start))
        assert growth[:, column] == pytest.approx((one - null).sum(axis=1), abs=1e-9)


def test_a_new_mix_of_strata_is_no_evidence_and_stopping_when_one_likes_is_allowed() -> None:
    rng, crossed = np.random.default_rng(2), 0
    for _ in range(150):
        hits, trials = draw(rng, 60, 0.0)
        crossed += int((shift_evidence(hits, trials, BASE).log10_e >= np.log10(20)).any())
    assert crossed <= 150 * 0.05 + 3 * (150 * 0.05 * 0.95) ** 0.5


def test_shifts_within_the_allowance_are_no_evidence() -> None:
    rng, crossed = np.random.default_rng(3), 0
    for i in range(150):
        hits, trials = draw(rng, 60, 0.25 * (-1) ** i)
        found = shift_evidence(hits, trials, BASE, allowance=0.25)
        crossed += int((found.log10_e >= 1).any())
    assert crossed <= 150 * 0.1 + 3 * (150 * 0.1 * 0.9) ** 0.5
    assert shift_evidence(hits, trials, BASE).log10_e.max() > found.log10_e.max()


def test_a_planted_shift_is_found_and_placed() -> None:
    rng, inside, far = np.random.default_rng(4), 0, []
    for _ in range(40):
        hits, trials = draw(rng, 60, np.repeat([0.0, 0.9], [30, 30]))
        found = shift_evidence(hits, trials, BASE)
        over = np.flatnonzero(found.log10_detector >= 3)
        assert over.size
        place = locate_change(found.growth[: over[0] + 1])
        inside += int(place.low <= 31 <= place.high)
        far.append(abs(place.look - 31))
        assert place.upward
    assert inside >= 0.85 * 40
    assert np.median(far) <= 2


@pytest.mark.parametrize(
    ("shift", "n"), [(0.4, 20), pytest.param(-0.6, 300, marks=pytest.mark.slow)]
)
def test_the_sequence_covers_at_all_looks_at_once(shift: float, n: int) -> None:
    rng, missed = np.random.default_rng(5), 0
    for _ in range(n):
        hits, trials = draw(rng, 40, shift)
        found = shift_sequence(hits, trials, BASE, conf_level=0.9)
        missed += int(((found.low > shift) | (found.high < shift)).any())
    assert missed <= n * 0.1 + 3 * (n * 0.1 * 0.9) ** 0.5


def test_with_one_stratum_the_sequence_is_near_that_of_a_share() -> None:
    found = shift_sequence([40], [[1000]], [0.05])
    share = expit(logit(0.05) + np.array([found.low[0], found.high[0]]))
    assert share == pytest.approx([0.025, 0.062], abs=0.006)
    assert expit(logit(0.05) + found.estimate[0]) == pytest.approx(0.04)


def test_the_allowance_widens_and_extremes_are_endless() -> None:
    plain = shift_sequence([5, 0], [[50], [0]], [0.1])
    wide = shift_sequence([5, 0], [[50], [0]], [0.1], allowance=0.3)
    assert wide.low == pytest.approx(plain.low - 0.3)
    assert wide.high == pytest.approx(plain.high + 0.3)
    assert shift_sequence([0], [[50]], [0.1]).low[0] == -np.inf
    assert shift_sequence([50], [[50]], [0.1]).high[0] == np.inf


def test_the_error_of_the_baseline_is_that_of_repeated_baselines() -> None:
    rng = np.random.default_rng(6)
    sizes, mix = np.array([900, 300, 500]), np.array([100, 400, 200])
    found = []
    for _ in range(400):
        known = rng.binomial(sizes, BASE) / sizes
        weight = mix * BASE * (1 - BASE)
        found.append(float(weight @ (logit(known) - logit(BASE)) / weight.sum()))
    assert float(shift_error(mix, BASE, sizes)) == pytest.approx(np.std(found), rel=0.12)


def test_e_bh_is_bh_on_inverted_e_values() -> None:
    logs = np.array([3.0, 2.2, 0.4, -1.0, np.nan])
    assert e_bh(logs) == pytest.approx(adjust_p(np.minimum(-logs, 0), "bh"), nan_ok=True)


@pytest.mark.slow
def test_e_bh_controls_false_discoveries_wherever_one_stops() -> None:
    rng, shares = np.random.default_rng(7), []
    for _ in range(50):
        shift = np.repeat([0.0, 0.8], [12, 3])
        growth = np.stack([shift_growth(*draw(rng, 25, one), BASE) for one in shift], axis=1)
        e = log10_e_process(growth)
        stop = int(np.argmax(e[:, :12].max(axis=1)))
        found = e_bh(e[stop]) <= np.log10(0.2)
        shares.append(found[:12].sum() / max(found.sum(), 1))
    assert np.mean(shares) <= 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"successes": [5, 1]}, "trials: shape"),
        ({"successes": [200]}, r"successes\[0\] = 200: must not exceed"),
        ({"baseline": [0.0]}, r"baseline\[0\] = 0"),
        ({"allowance": -0.1}, "allowance"),
        ({"odds_ratios": [1.0]}, "odds_ratios"),
        ({"trials": [[-1]]}, "trials"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    good = {"successes": [5], "trials": [[100]], "baseline": [0.1]}
    with pytest.raises(ValueError, match=message):
        shift_evidence(**(good | change))  # type: ignore[arg-type]


def test_no_look_no_change() -> None:
    with pytest.raises(ValueError, match="growth"):
        locate_change(np.zeros((0, 4)))
