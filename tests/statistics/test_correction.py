"""Corrected shares against package survey, formulas by hand, the jackknife and simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.correction import (
    LabelledFrame,
    corrected_prevalence,
    machine_recall,
)
from valuescape.statistics.intervals import mover_difference, wilson


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
    tuned, tuned_read, level = np.zeros(y.size), np.zeros(yl.size), f.mean()
    for k in range(10):
        others = fold != k
        power = np.sum(dy[others] * df[others]) / np.sum(df[others] ** 2)
        assert 0 < power < 1
        tuned[design.fold == k] = power * (f[design.fold == k] - level)
        tuned_read[fold == k] = power * (fl[fold == k] - level)
    gap = yl - tuned_read
    assert found.estimate == pytest.approx(tuned.mean() + gap.mean(), rel=1e-12)
    assert found.standard_error**2 == pytest.approx(gap.var(ddof=1) / gap.size, rel=1e-12)
    assert found.phi_squared == pytest.approx(np.corrcoef(yl, fl)[0, 1] ** 2, rel=1e-12)
    assert found.gain == pytest.approx(1 / (1 - found.phi_squared), rel=0.05)
    assert found.effective_readings == pytest.approx(found.gain * found.n_read)
    assert found.machine == pytest.approx(f.mean())


@pytest.mark.parametrize("power", [0.3, 1.0])
def test_fixed_power_is_the_classical_estimator(power: float) -> None:
    """With one weight the machine's mean cancels: lambda mean(f) + mean(y - lambda f)."""
    y, f, design = simple()
    found = corrected_prevalence(y, f, design, tuning=power)
    gap = y[design.read] - power * f[design.read]
    assert found.estimate == pytest.approx(power * f.mean() + gap.mean(), rel=1e-12)
    assert found.standard_error**2 == pytest.approx(gap.var(ddof=1) / gap.size, rel=1e-12)
    assert found.tuning == pytest.approx(power)


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
        rest = LabelledFrame.of(frame.read & (group != g), stratum, group, group % 10)
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
    replicates = 200
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


def test_rare_share_without_machine_has_the_wilson_interval() -> None:
    y, f, design = simple(4000, seed=3)
    rare = y * (np.arange(4000) % 40 == 0)
    found = corrected_prevalence(rare, f, design, tuning=0.0)
    assert 0 < found.estimate < 0.02
    size = found.estimate * (1 - found.estimate) / found.standard_error**2
    limits = wilson(found.estimate * size, size, df=found.n_clusters - 1)
    assert (found.ci_low, found.ci_high) == pytest.approx((float(limits.low), float(limits.high)))


def test_rare_share_with_binary_machine_joins_missed_and_invented() -> None:
    """For 0/1 labels of one weight: misses and false alarms, Newcombe's join with correlation."""
    rng = np.random.default_rng(4)
    n = 6000
    y = (rng.random(n) < 0.01) * 1.0
    f = np.where(rng.random(n) < 0.004, 1.0, y * (rng.random(n) < 0.6))
    read = rng.random(n) < 0.25
    frame = LabelledFrame.of(read, np.zeros(n), np.arange(n), np.arange(n) % 10)
    found = corrected_prevalence(y, f, frame, tuning=1.0)
    size = int(read.sum())
    counts = [int(np.sum(a[read])) for a in (y * (1 - f), f * (1 - y))]
    assert min(counts) > 2
    missed, invented = (wilson(k * (size - 1) / size, size - 1, df=size - 1) for k in counts)
    shares = np.array(counts) / size
    rho = -np.sqrt(np.prod(shares) / np.prod(1 - shares))
    joined = mover_difference(missed, invented, correlation=rho)
    offset = f.mean() + float(missed.estimate - invented.estimate) - found.estimate
    assert offset == pytest.approx(0, abs=1e-12)
    assert found.ci_low == pytest.approx(f.mean() + float(joined.low), rel=0.02)
    assert found.ci_high == pytest.approx(f.mean() + float(joined.high), rel=0.02)


def test_common_share_is_the_mirror_of_its_complement() -> None:
    y, f, design = simple(4000, seed=3)
    rare, timid = y * (np.arange(4000) % 40 == 0), 0.2 * f
    found = corrected_prevalence(rare, timid, design)
    rest = corrected_prevalence(1 - rare, 1 - timid, design)
    assert rest.estimate == pytest.approx(1 - found.estimate)
    assert (rest.ci_low, rest.ci_high) == pytest.approx((1 - found.ci_high, 1 - found.ci_low))


def test_nothing_found_has_the_interval_of_its_groups() -> None:
    y, _, design = simple()
    found = corrected_prevalence(y * 0, y * 0, design)
    assert found.estimate == 0
    assert found.ci_high == pytest.approx(
        float(wilson(0, found.n_clusters, df=found.n_clusters - 1).high)
    )


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
    with pytest.raises(ValueError, match=r"fold: shape \(1,\) is not one label"):
        LabelledFrame.of([1, 1], [0, 0], [0, 1], [0])
    with pytest.raises(ValueError, match="stratum: b has conversations read of 1 clusters"):
        LabelledFrame.of([1, 1, 1, 1], ["a", "a", "b", "b"], [0, 1, 2, 2], [0, 1, 0, 0])
    with pytest.raises(ValueError, match="stratum: b has conversations read of 0 clusters"):
        LabelledFrame.of([1, 1, 0], ["a", "a", "b"], [0, 1, 2], [0, 1, 0])
    with pytest.raises(ValueError, match="fold: machine labels have one"):
        LabelledFrame.of([1, 1], [0, 0], [0, 1], [0, 0])
    with pytest.raises(ValueError, match=r"fold\[0\]: the cluster of this conversation is in"):
        LabelledFrame.of([1, 1, 1], [0, 0, 0], ["p", "p", "q"], [0, 1, 1])
    with pytest.raises(ValueError, match="at least one"):
        LabelledFrame.of([], [], [], [])


@pytest.mark.parametrize("name", ["read", "stratum", "cluster", "fold"])
@pytest.mark.parametrize("gap", [None, np.nan])
def test_a_missing_label_is_named(name: str, gap: float | None) -> None:
    columns: dict[str, list[object]] = {
        "read": [1, 1, 0],
        "stratum": ["s", "s", "s"],
        "cluster": ["a", "b", "c"],
        "fold": [7, 8, 7],
    }
    columns[name][2] = gap
    with pytest.raises(ValueError, match=rf"{name}\[2\]: is missing"):
        LabelledFrame.of(**{k: np.array(v, dtype=object) for k, v in columns.items()})


def test_readings_need_inclusion_probabilities() -> None:
    rows = np.arange(4)
    for bad in (np.nan, 0.0, 1.2, -0.1):
        with pytest.raises(ValueError, match=r"inclusion\[1\] = .*: a conversation that was read"):
            LabelledFrame.of(
                [1, 1, 0, 0], rows * 0, rows, rows % 2, inclusion=[0.5, bad, np.nan, np.nan]
            )
    with pytest.raises(ValueError, match=r"inclusion: shape \(1,\)"):
        LabelledFrame.of([1, 1, 0, 0], rows * 0, rows, rows % 2, inclusion=[0.5])


def test_inclusion_probabilities_weight_the_readings() -> None:
    rows = np.arange(6)
    frame = LabelledFrame.of(
        [1, 1, 1, 0, 0, 0], rows * 0, rows, rows % 2, inclusion=[0.2, 0.4, 0.4, np.nan, 1, 1]
    )
    assert frame.weight == pytest.approx(6 * np.array([2, 1, 1, 0, 0, 0]) / 4)
    found = corrected_prevalence([1, 0, 0, 0, 0, 0], np.full(6, 0.5), frame)
    assert found.readings == pytest.approx(0.5)


def test_bad_labels_are_named() -> None:
    y, f, design = simple()
    with pytest.raises(ValueError, match=r"machine\[0\] = .*: a machine probability lies in"):
        corrected_prevalence(y, f + 1.1, design)
    with pytest.raises(ValueError, match=r"machine\[0\] = nan: a machine probability lies in"):
        corrected_prevalence(y, np.full_like(f, np.nan), design)
    with pytest.raises(ValueError, match=r"reading: shape \(3,\); the frame has 900 rows"):
        corrected_prevalence([1, 0, 1], f, design)
    first = int(np.argmax(design.read))
    with pytest.raises(ValueError, match=rf"reading\[{first}\] = nan: a reading is 0 or 1"):
        corrected_prevalence(np.full_like(y, np.nan), f, design)
    with pytest.raises(ValueError, match="both are given or none"):
        corrected_prevalence(y, f, design, domain_reading=y)
    with pytest.raises(ValueError, match=r"reading\[\d+\]: is 1 outside the domain"):
        corrected_prevalence(y, f, design, domain_reading=1 - y, domain_machine=f)
    with pytest.raises(ValueError, match="domain: it was read in 0 clusters"):
        corrected_prevalence(y * 0, f, design, domain_reading=y * 0, domain_machine=f)
    with pytest.raises(ValueError, match="tuning = 2"):
        corrected_prevalence(y, f, design, tuning=2.0)
    with pytest.raises(ValueError, match="conf_level"):
        corrected_prevalence(y, f, design, conf_level=95)


def test_says_where_recall_is_not_identifiable() -> None:
    y, f, design = simple()
    known = corrected_prevalence(y, f, design)
    recall = machine_recall(y, f, design)
    assert known.recall_identifiable
    assert recall.identifiable
    assert (known.n_missed, known.missed_high) == (recall.n_missed, recall.missed_high)
    unknown = corrected_prevalence(y, 0.1 + 0.8 * y, design)
    assert not unknown.recall_identifiable
    assert unknown.n_missed == 0
    assert unknown.missed_high > 0
    assert not corrected_prevalence(y * 0, y * 0, design).recall_identifiable


def test_frame_has_one_row() -> None:
    y, f, design = simple()
    frame = corrected_prevalence(y, f, design).to_frame()
    assert len(frame) == 1
    assert list(frame)[:3] == ["estimate", "ci_low", "ci_high"]
