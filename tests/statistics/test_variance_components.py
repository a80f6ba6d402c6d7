"""Crossed variance components against lme4, brute force and planted truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.crossed_moments import expected_forms, observed_forms
from valuescape.statistics.variance_components import CrossedComponents, crossed_components

RUNS, READERS = 8, 24


@pytest.mark.parametrize("design", ["numbers", "indicators", "read twice"])
def test_equals_lme4_where_all_cells_are_filled_alike(design: str) -> None:
    rows = oracle("crossed").query("design == @design")
    found = crossed_components(
        rows["y"], {"prompt": rows["prompt"], "run": rows["run"]}, cluster=rows["prompt"], n_boot=0
    )
    expected = rows[["v_prompt", "v_run", "v_residual"]].iloc[0].to_numpy()
    np.testing.assert_allclose(found.variance[0], expected, rtol=2e-4)


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_the_forms_are_quadratic_and_their_expectations_traces(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    codes = [np.unique(rng.integers(0, k, n), return_inverse=True)[1] for k in (7, 3, 12)]
    y = rng.normal(size=(n, 2))
    incidence = [np.eye(c.max() + 1)[c] for c in (np.zeros(n, dtype=int), *codes)]
    projections = [z @ np.diag(1 / z.sum(axis=0)) @ z.T for z in incidence] + [np.eye(n)]
    forms = np.stack([np.einsum("ij,ik,kj->j", y, q, y) for q in projections])
    np.testing.assert_allclose(observed_forms(y, codes), forms, rtol=1e-9)
    covariances = [np.ones((n, n)), *(z @ z.T for z in incidence[1:]), np.eye(n)]
    traces = [[np.trace(q @ v) for v in covariances] for q in projections]
    np.testing.assert_allclose(expected_forms(codes), traces, rtol=1e-9)


def levels(rng: np.random.Generator, n: int, sd: float) -> NDArray[np.float64]:
    """Effects whose own standard deviation is just `sd`."""
    drawn = rng.normal(size=n)
    return sd * (drawn - drawn.mean()) / drawn.std(ddof=1)


TRUTH = {"prompt": 0.04, "run": 0.0025, "reader": 0.0016, "residual": 0.12}


def simulated(seed: int, n_prompts: int, n_boot: int) -> CrossedComponents:
    """Incomplete crossed data with planted components; runs and readers are always the same."""
    fixed, rng = np.random.default_rng(99), np.random.default_rng(seed)
    run = levels(fixed, RUNS, TRUTH["run"] ** 0.5)
    reader = levels(fixed, READERS, TRUTH["reader"] ** 0.5)
    prompts = np.repeat(np.arange(n_prompts), RUNS)
    runs = np.tile(np.arange(RUNS), n_prompts)
    seen = rng.random(prompts.size) < 0.8
    prompts, runs = prompts[seen], runs[seen]
    readers = rng.integers(0, READERS, prompts.size)
    y = 0.3 + rng.normal(0, TRUTH["prompt"] ** 0.5, n_prompts)[prompts] + run[runs]
    y = y + reader[readers] + rng.normal(0, TRUTH["residual"] ** 0.5, prompts.size)
    factors = {"prompt": prompts, "run": runs, "reader": readers}
    return crossed_components(y, factors, cluster=prompts, n_boot=n_boot, seed=seed)


def test_planted_components_are_recovered_without_bias() -> None:
    found = np.array([simulated(seed, 60, 0).variance[0] for seed in range(120)])
    error = found.std(axis=0) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - list(TRUTH.values())) < 4 * error)


@pytest.mark.slow
def test_intervals_cover_the_variance_among_the_levels_at_hand() -> None:
    found = [simulated(seed, 120, 150) for seed in range(150)]
    low, high = (np.array([getattr(f, f"variance_{e}")[0] for f in found]) for e in ("low", "high"))
    covered = np.mean((low <= list(TRUTH.values())) & (list(TRUTH.values()) <= high), axis=0)
    assert np.all(covered > 0.87), covered


def test_names_and_order_of_rows_do_not_matter() -> None:
    rng = np.random.default_rng(4)
    prompt, run = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    y = rng.normal(size=60)
    order = rng.permutation(60)
    once = crossed_components(y, {"p": prompt, "r": run}, cluster=prompt, n_boot=0)
    names = np.array([f"assistant {chr(97 + k)}" for k in (2, 0, 1)])
    again = crossed_components(
        y[order], {"p": prompt[order] + 7, "r": names[run[order]]}, cluster=prompt[order], n_boot=0
    )
    np.testing.assert_allclose(once.variance, again.variance, rtol=1e-9, atol=1e-12)


def test_pools_add_up_and_indicators_of_a_constant_have_no_share() -> None:
    rng = np.random.default_rng(4)
    prompt, run = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    y = np.column_stack([rng.normal(size=(60, 2)), np.ones(60)])
    factors = {"prompt": prompt, "run": run}
    apart = crossed_components(y, factors, cluster=prompt, n_boot=0)
    pooled = crossed_components(y, factors, cluster=prompt, pool=["a", "a", "b"], n_boot=0)
    np.testing.assert_allclose(pooled.variance[0], apart.variance[:2].sum(axis=0))
    assert np.all(np.isnan(pooled.share[1]))
    assert pooled.to_frame()["pool"].tolist() == ["a"] * 3 + ["b"] * 3
    assert pooled.n_levels.tolist() == [20, 3, 60]


def test_an_effect_nested_in_another_is_told_apart_by_second_readings() -> None:
    rng = np.random.default_rng(8)
    answer = np.repeat(np.arange(3000), 2)
    prompt = answer // 10
    y = rng.normal(0, 0.5, 300)[prompt] + rng.normal(0, 0.4, 3000)[answer]
    y = y + rng.normal(0, 0.3, 6000)
    found = crossed_components(y, {"prompt": prompt, "answer": answer}, cluster=prompt, n_boot=0)
    np.testing.assert_allclose(found.variance[0], [0.25, 0.16, 0.09], rtol=0.15)
    once = crossed_components(
        y[::2], {"prompt": prompt[::2], "answer": answer[::2]}, cluster=prompt[::2], n_boot=20
    )
    assert np.isnan(once.variance).all()
    assert np.isnan(once.variance_low).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": [1.0, np.nan, 0, 1]}, "outcome"),
        ({"factors": {}}, "at least one"),
        ({"factors": {"residual": [1, 2, 1, 2]}}, "residual"),
        ({"factors": {"run": [1, 1, 1, 1]}}, "run"),
        ({"factors": {"run": [1, 2, 1]}}, "run"),
        ({"cluster": ["g"] * 4}, "cluster"),
        ({"pool": ["a", "b"]}, "pool"),
        ({"n_boot": -1}, "n_boot"),
        ({"seed": -1}, "seed"),
        ({"conf_level": 1.0}, "conf_level"),
        ({"outcome": []}, "outcome"),
    ],
)
def test_bad_input_is_refused_by_name(change: dict[str, object], message: str) -> None:
    good: dict[str, object] = {
        "outcome": [1.0, 0, 0, 1],
        "factors": {"run": [1, 2, 1, 2]},
        "cluster": [1, 1, 2, 2],
    }
    arguments = good | change
    with pytest.raises(ValueError, match=message):
        crossed_components(**arguments)  # type: ignore[arg-type]


def test_levels_and_seeds_change_the_limits_alone() -> None:
    rng = np.random.default_rng(4)
    prompt, run = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    y = rng.normal(size=60)
    factors = {"prompt": prompt, "run": run}
    wide = crossed_components(y, factors, cluster=prompt, n_boot=80)
    narrow = crossed_components(y, factors, cluster=prompt, n_boot=80, conf_level=0.6)
    other = crossed_components(y, factors, cluster=prompt, n_boot=80, seed=1)
    assert np.all(wide.variance == narrow.variance)
    reach = [f.variance_high[0, 2] - f.variance_low[0, 2] for f in (wide, narrow)]
    assert reach[1] < reach[0]
    assert not np.array_equal(wide.variance_high, other.variance_high)
