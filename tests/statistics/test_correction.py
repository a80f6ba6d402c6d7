"""Corrected shares against package survey, formulas by hand, the jackknife and simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.correction import LabelledFrame, corrected_prevalence
from valuescape.statistics.intervals import wilson


def surveyed() -> tuple[pd.DataFrame, LabelledFrame]:
    """The stratified sample that package survey saw, with the conversations left unread."""
    rows = oracle("design_survey").query("case == 'strata'")
    unread = [
        part.sample(n=int((part["weight"].iloc[0] - 1) * len(part)), replace=True, random_state=0)
        for _, part in rows.groupby("stratum")
    ]
    frame = pd.concat([rows.assign(read=True), *(u.assign(read=False) for u in unread)])
    design = LabelledFrame.of(
        frame["read"], frame["stratum"], frame["cluster"], frame["cluster"] % 5
    )
    return frame, design


def simple(
    n: int = 900, seed: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.float64], LabelledFrame]:
    """One stratum, single conversations, a machine that is often right."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3) * 1.0
    f = np.clip(0.3 + 0.4 * y + rng.normal(0, 0.25, n), 0, 1)
    read = rng.permutation(n) < n // 4
    return y, f, LabelledFrame.of(read, np.zeros(n), np.arange(n), rng.integers(0, 10, n))


@pytest.mark.parametrize("constant", [0.0, 0.5, 1.0])
def test_constant_machine_leaves_the_readings_as_survey_has_them(constant: float) -> None:
    frame, design = surveyed()
    f = np.full(len(frame), constant)
    whole = corrected_prevalence(frame["y"], f, design)
    domain = corrected_prevalence(
        frame["y"], f, design, domain_reading=frame["domain"], domain_machine=f
    )
    for found, name in ((whole, "share"), (domain, "ratio")):
        expected, error = frame[name].iloc[0], frame[f"{name}_se"].iloc[0]
        assert found.estimate == pytest.approx(expected, rel=1e-10)
        assert found.standard_error == pytest.approx(error, rel=1e-10)
        assert found.readings == pytest.approx(expected, rel=1e-10)
        assert found.readings_standard_error == pytest.approx(error, rel=1e-10)
        assert (found.tuning, found.phi_squared, found.gain) == pytest.approx((0, 0, 1))


def test_one_stratum_is_prediction_powered_inference_by_hand() -> None:
    """PPI++ mean: mean of lambda f over all + mean of y - lambda f over those read."""
    y, f, design = simple()
    found = corrected_prevalence(y, f, design)
    yl, fl, fold = y[design.read], f[design.read], design.fold[design.read]
    dy, df = yl - yl.mean(), fl - fl.mean()
    tuned, tuned_read = np.zeros(y.size), np.zeros(yl.size)
    for k in range(10):
        others = fold != k
        power = np.sum(dy[others] * df[others]) / np.sum(df[others] ** 2)
        assert 0 < power < 1
        tuned[design.fold == k] = power * f[design.fold == k]
        tuned_read[fold == k] = power * fl[fold == k]
    gap = yl - tuned_read
    assert found.estimate == pytest.approx(tuned.mean() + gap.mean(), rel=1e-12)
    assert found.standard_error**2 == pytest.approx(gap.var(ddof=1) / gap.size, rel=1e-12)
    assert found.phi_squared == pytest.approx(np.corrcoef(yl, fl)[0, 1] ** 2, rel=1e-12)
    assert found.gain == pytest.approx(1 / (1 - found.phi_squared), rel=0.05)
    assert found.machine == pytest.approx(f.mean())


def test_readings_of_a_simple_sample() -> None:
    y, f, design = simple()
    found = corrected_prevalence(y, f, design)
    seen = y[design.read]
    assert found.readings == pytest.approx(seen.mean(), rel=1e-12)
    assert found.readings_standard_error**2 == pytest.approx(seen.var(ddof=1) / seen.size)


def test_perfect_machine_tells_the_truth() -> None:
    y, _, design = simple()
    found = corrected_prevalence(y, y, design)
    assert found.estimate == pytest.approx(y.mean(), rel=1e-12)
    assert found.standard_error == 0
    assert (found.tuning, found.phi_squared, found.gain) == pytest.approx((1, 1, np.inf))
    assert found.ci_low < y.mean() < found.ci_high


def test_timid_machine_is_given_a_weight_of_at_most_one() -> None:
    y, f, design = simple()
    found = corrected_prevalence(y, 0.4 + 0.1 * f, design)
    assert found.tuning == 1
    assert found.standard_error < found.readings_standard_error


def test_contrary_machine_is_ignored() -> None:
    y, f, design = simple()
    found = corrected_prevalence(y, 1 - f, design)
    assert found.tuning == 0
    assert found.estimate == pytest.approx(found.readings)


def test_equals_readings_where_all_are_read() -> None:
    y, f, _ = simple()
    n = np.arange(y.size)
    found = corrected_prevalence(y, f, LabelledFrame.of(np.ones(y.size), n % 3, n, n % 7))
    assert found.estimate == pytest.approx(y.mean(), rel=1e-12)


def test_unread_readings_are_not_looked_at() -> None:
    y, f, design = simple()
    hidden = np.where(design.read, y, np.nan)
    assert corrected_prevalence(hidden, f, design) == corrected_prevalence(y, f, design)


def population(rng: np.random.Generator, n_groups: int = 900) -> tuple[NDArray[np.float64], ...]:
    """Group, stratum, domain, outcome and the machine's two probabilities of a frame."""
    group = np.repeat(np.arange(n_groups), 3)
    stratum = np.repeat(np.arange(n_groups) % 3, 3)
    taste = rng.beta(0.8, 2.0, n_groups)[group]
    domain = rng.random(group.size) < 0.5 + 0.15 * stratum
    y = domain & (rng.random(group.size) < taste)
    noise = rng.normal(0, 0.1, (2, group.size))
    p_domain = np.clip(0.2 + 0.6 * domain + noise[0], 0, 1)
    return group, stratum, domain * 1.0, y * 1.0, p_domain, np.clip(0.25 + 0.5 * y + noise[1], 0, 1)


def drawn(
    group: NDArray[np.float64], stratum: NDArray[np.float64], rng: np.random.Generator
) -> LabelledFrame:
    share = np.array([0.12, 0.2, 0.3])
    read = np.zeros(group.size, dtype=bool)
    for h in range(3):
        groups = np.unique(group[stratum == h])
        chosen = rng.choice(groups, int(share[h] * groups.size), replace=False)
        read |= np.isin(group, chosen)
    return LabelledFrame.of(read, stratum, group, group % 10)


def test_ratio_equals_the_jackknife_by_group() -> None:
    rng = np.random.default_rng(31)
    group, stratum, domain, y, p_domain, p = population(rng, 450)
    frame = drawn(group, stratum, rng)
    found = corrected_prevalence(y, p, frame, domain_reading=domain, domain_machine=p_domain)

    def left_out(g: int) -> float:
        # without its readings a group stays in the frame, so that the strata keep their sizes
        rest = LabelledFrame(frame.read & (group != g), frame.stratum, frame.cluster, frame.fold)
        return corrected_prevalence(
            y, p, rest, domain_reading=domain, domain_machine=p_domain
        ).estimate

    variance = 0.0
    for h in range(3):
        groups = np.unique(group[frame.read & (stratum == h)])
        values = np.array([left_out(g) for g in groups])
        variance += (groups.size - 1) / groups.size * np.sum((values - values.mean()) ** 2)
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=0.03)


def test_coverage_of_share_and_ratio() -> None:
    rng = np.random.default_rng(32)
    group, stratum, domain, y, p_domain, p = population(rng)
    truth = np.array([y.mean(), y.sum() / domain.sum()])
    covered, machine, estimates, errors = np.zeros(2), 0.0, [], []
    replicates = 300
    for _ in range(replicates):
        frame = drawn(group, stratum, rng)
        whole = corrected_prevalence(y, p, frame)
        ratio = corrected_prevalence(y, p, frame, domain_reading=domain, domain_machine=p_domain)
        for j, found in enumerate((whole, ratio)):
            covered[j] += found.ci_low <= truth[j] <= found.ci_high
        estimates.append((whole.estimate, ratio.estimate))
        errors.append((whole.standard_error, ratio.standard_error))
        assert whole.gain > 1
        machine += abs(whole.machine - truth[0])
    assert np.all(covered / replicates >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates))
    spread, error = np.std(estimates, axis=0), np.mean(errors, axis=0)
    # without a finite-population correction the error is too large by 1 / sqrt(1 - f), f = 0.2
    assert np.all((error > 0.93 * spread) & (error < 1.25 * spread))
    assert np.all(np.abs(np.mean(estimates, axis=0) - truth) < 4 * spread / np.sqrt(replicates))
    assert machine / replicates > 0.03


def test_small_strata_are_not_understated() -> None:
    """Two conversations read in each of sixty strata: without 2 / (2 - 1) the variance halves."""
    rng = np.random.default_rng(33)
    stratum, n = np.repeat(np.arange(60), 20), 1200
    y = (rng.random(n) < 0.4) * 1.0
    errors, estimates = [], []
    for _ in range(200):
        read = np.concatenate([rng.permutation(20) < 2 for _ in range(60)])
        frame = LabelledFrame.of(read, stratum, np.arange(n), np.arange(n) % 10)
        found = corrected_prevalence(y, np.full(n, 0.5), frame)
        errors.append(found.standard_error**2)
        estimates.append(found.estimate)
    # the design variance carries 1 - 2/20
    assert np.mean(errors) * 0.9 == pytest.approx(np.var(estimates), rel=0.3)


def test_rare_share_has_a_wilson_interval() -> None:
    y, f, design = simple(4000, seed=3)
    rare = y * (np.arange(4000) % 40 == 0)
    found = corrected_prevalence(rare, f, design)
    assert 0 < found.estimate < 0.02
    size = found.estimate * (1 - found.estimate) / found.standard_error**2
    limits = wilson(found.estimate * size, size)
    assert (found.ci_low, found.ci_high) == pytest.approx((float(limits.low), float(limits.high)))


def test_nothing_found_has_the_interval_of_its_groups() -> None:
    y, f, design = simple()
    found = corrected_prevalence(y * 0, f, design)
    assert found.estimate == 0
    assert found.ci_high == pytest.approx(float(wilson(0, found.n_clusters).high))


@given(st.integers(0, 300))
def test_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    read = np.concatenate([np.ones(20), rng.integers(0, 2, n - 20)])
    frame = LabelledFrame.of(read, np.arange(n) % 2, np.arange(n), np.arange(n) % 3)
    y, f = rng.integers(0, 2, n) * 1.0, rng.random(n)
    found = corrected_prevalence(y, f, frame)
    assert 0 <= found.ci_low <= found.estimate <= found.ci_high <= 1
    assert 0 <= found.tuning <= 1
    assert 0 <= found.phi_squared <= 1 + 1e-12
    assert found.n_read == read.sum()


def test_bad_frame_is_named() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        LabelledFrame.of([1, 1], [0, 0], [0, 1], [0])
    with pytest.raises(ValueError, match="stratum b has conversations read of 1 clusters"):
        LabelledFrame.of([1, 1, 1, 1], ["a", "a", "b", "b"], [0, 1, 2, 2], [0, 1, 0, 1])
    with pytest.raises(ValueError, match="stratum b has conversations read of 0 clusters"):
        LabelledFrame.of([1, 1, 0], ["a", "a", "b"], [0, 1, 2], [0, 1, 0])
    with pytest.raises(ValueError, match="one fold"):
        LabelledFrame.of([1, 1], [0, 0], [0, 1], [0, 0])


def test_bad_labels_are_named() -> None:
    y, f, design = simple()
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        corrected_prevalence(y, f + 1, design)
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        corrected_prevalence(y, np.full_like(f, np.nan), design)
    with pytest.raises(ValueError, match="reading has 3, machine 900, the frame 900 rows"):
        corrected_prevalence([1, 0, 1], f, design)
    with pytest.raises(ValueError, match="other than 0 and 1 among the conversations read"):
        corrected_prevalence(np.full_like(y, np.nan), f, design)
    with pytest.raises(ValueError, match="given together or not at all"):
        corrected_prevalence(y, f, design, domain_reading=y)
    with pytest.raises(ValueError, match="reading is 1 outside the domain in row"):
        corrected_prevalence(y, f, design, domain_reading=1 - y, domain_machine=f)
    with pytest.raises(ValueError, match="no conversation of the domain"):
        corrected_prevalence(y * 0, f, design, domain_reading=y * 0, domain_machine=f)


def test_frame_has_one_row() -> None:
    y, f, design = simple()
    frame = corrected_prevalence(y, f, design).to_frame()
    assert len(frame) == 1
    assert list(frame)[:3] == ["estimate", "ci_low", "ci_high"]
