"""Axes: planted ones found, none found in noise, stable under names and order."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.axes_resampling import BlockContrast
from valuescape.statistics.component_fit import fit_components, residuals, sign_flip_eigenvalues
from valuescape.statistics.principal_axes import PrincipalAxes, principal_axes
from valuescape.statistics.rotation import tucker_congruence

Matrix = NDArray[np.float64]


def answers(
    seed: int, n_prompts: int = 120, runs: int = 6, strength: float = 0.9
) -> dict[str, Any]:
    """Answers of runs to prompts: two planted axes; run 0 lies high on the first, low otherwise."""
    rng = np.random.default_rng(seed)
    prompt, run = np.repeat(np.arange(n_prompts), runs), np.tile(np.arange(runs), n_prompts)
    n = prompt.size
    cause = 0.6 * rng.normal(size=(n_prompts, 2))[prompt] + 0.8 * rng.normal(size=(n, 2))
    cause[:, 0] += np.where(run == 0, 1.0, -0.2)
    task = rng.integers(0, 3, n_prompts)[prompt]
    pattern = strength * np.kron(np.eye(2), np.ones(5))
    latent = cause @ pattern + rng.normal(size=(n, 10)) + 0.7 * (task[:, None] - 1)
    return {
        "outcome": (latent > 0.8).astype(float),
        "covariates": np.eye(3)[task][:, 1:],
        "cluster": prompt,
        "by": run,
        "block": np.zeros(n),
    }


def found_in(given: dict[str, Any], **options: Any) -> PrincipalAxes:
    chosen = {"n_boot": 40, "n_null": 60, "n_splits": 10} | options
    return principal_axes(**given, **chosen)


def test_planted_axes_and_the_profile_are_recovered() -> None:
    found = found_in(answers(1))
    assert found.n_axes == 2
    planted = np.kron(np.eye(2), np.ones((5, 1)))
    assert np.max(tucker_congruence(found.loading, planted), axis=1).min() > 0.95
    assert found.congruence.min() > 0.9
    first = int(np.argmax(tucker_congruence(found.loading, planted)[:, 0]))
    assert found.profile_low[0, first] > 0.3
    assert np.all(found.profile_high[1:, first] < found.profile_low[0, first])
    assert np.all((found.loading_low <= found.loading) & (found.loading <= found.loading_high))
    np.testing.assert_allclose(found.score.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.score.std(axis=0), 1, rtol=1e-9)
    np.testing.assert_allclose(found.explained.sum(), found.eigenvalue[:2].sum() / 10)


def test_noise_that_depends_on_the_prompt_has_no_axis() -> None:
    none = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        prompt = np.repeat(np.arange(60), 8)
        latent = 1.5 * rng.normal(size=(60, 12))[prompt] + rng.normal(size=(480, 12))
        given = {"outcome": latent > 1, "covariates": np.zeros((480, 0)), "cluster": prompt}
        given |= {"by": np.tile(np.arange(8), 60), "block": np.zeros(480)}
        none += found_in(given, n_boot=0, n_splits=1).n_axes == 0
    assert none >= 9
    signs = sign_flip_eigenvalues(latent, np.arange(480), 40, np.random.default_rng(0))
    kept = sign_flip_eigenvalues(latent, prompt, 40, np.random.default_rng(0))
    assert signs[:, 0].mean() < kept[:, 0].mean(), "single answers as clusters are too sure"


def test_what_covariates_explain_is_no_axis() -> None:
    given = answers(2, strength=0.0)
    freed = found_in(given, n_boot=0)
    left = found_in(given | {"covariates": np.zeros((len(given["by"]), 0))}, n_boot=0)
    assert freed.n_axes == 0
    assert left.eigenvalue[0] > freed.eigenvalue[0]


def test_names_and_order_of_rows_and_variables_do_not_matter() -> None:
    given = answers(3)
    once = found_in(given, n_boot=0)
    order = np.random.default_rng(0).permutation(len(given["by"]))
    turned = {name: np.asarray(value)[order] for name, value in given.items()}
    turned["by"] = np.array([f"run {k}" for k in turned["by"]])
    turned["outcome"] = turned["outcome"][:, ::-1]
    again = found_in(turned, n_boot=0)
    assert again.n_axes == once.n_axes
    np.testing.assert_allclose(again.eigenvalue, once.eigenvalue, rtol=1e-9)
    np.testing.assert_allclose(again.loading[::-1], once.loading, atol=1e-7)
    np.testing.assert_allclose(again.profile, once.profile, atol=1e-7)
    np.testing.assert_allclose(again.score, once.score[order], atol=1e-6)


def test_eigenvalues_equal_r() -> None:
    rows = oracle("rotation").query("case == 'three'")
    loadings = rows.pivot_table(index="variable", columns="axis", values="loading").to_numpy()
    expected = rows.groupby("axis")["eigenvalue"].first().to_numpy()
    np.testing.assert_allclose(np.sum(loadings**2, axis=0), expected, rtol=1e-9)


def test_components_rebuild_the_correlations() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=(90, 5)) @ rng.normal(size=(5, 5))
    weight = rng.integers(0, 3, 90).astype(float)
    fit = fit_components(y, weight)
    repeated = np.repeat(y, weight.astype(int), axis=0)
    expected = np.corrcoef(repeated, rowvar=False)
    np.testing.assert_allclose(fit.loading @ fit.loading.T, expected, atol=1e-9)
    np.testing.assert_allclose(fit.eigenvalue, np.linalg.eigvalsh(expected)[::-1], atol=1e-9)


def test_residuals_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(0)
    y, x, weight = rng.normal(size=(50, 2)), rng.normal(size=(50, 3)), rng.random(50)
    design = np.column_stack([np.ones(50), x]) * np.sqrt(weight)[:, None]
    slopes = np.linalg.lstsq(design, y * np.sqrt(weight)[:, None], rcond=None)[0]
    expected = y - np.column_stack([np.ones(50), x]) @ slopes
    np.testing.assert_allclose(residuals(y, x, weight), expected, atol=1e-9)
    twice = np.column_stack([x, x[:, :1]])
    np.testing.assert_allclose(residuals(y, twice, weight), expected, atol=1e-9)


def test_profiles_are_contrasts_within_blocks() -> None:
    level, block = np.array([0, 0, 1, 2, 2]), np.array([0, 0, 0, 1, 1])
    score = np.array([[1.0], [3.0], [5.0], [7.0], [9.0]])
    contrast = BlockContrast(level, block).of(score, np.ones(5))
    np.testing.assert_allclose(contrast.ravel(), [-1.0, 2.0, 0.0])
    weight = np.array([1.0, 1, 0, 1, 1])
    assert np.isnan(BlockContrast(level, block).of(score, weight)[1, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": np.ones((24, 1))}, "two variables"),
        ({"outcome": np.ones((24, 3))}, "does not vary"),
        ({"covariates": np.ones((3, 1))}, "covariates"),
        ({"cluster": np.zeros(24)}, "cluster"),
        ({"by": np.arange(24) % 2, "block": np.arange(24) // 12}, "two blocks"),
        ({"by": [None] * 24}, "by"),
        ({"n_null": 0}, "n_null"),
        ({"n_splits": 0}, "n_splits"),
        ({"n_boot": -1}, "n_boot"),
        ({"seed": -1}, "seed"),
        ({"conf_level": 2.0}, "conf_level"),
    ],
)
def test_bad_input_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    given = answers(0, n_prompts=4)
    options = {k: change[k] for k in ("n_null", "n_splits", "n_boot", "seed", "conf_level")
               if k in change}  # fmt: skip
    with pytest.raises(ValueError, match=message):
        found_in(given | {k: v for k, v in change.items() if k not in options}, **options)


def test_every_option_changes_something() -> None:
    given = answers(5)
    base = found_in(given)
    assert not np.array_equal(found_in(given, seed=1).loading_low, base.loading_low)
    assert not np.array_equal(found_in(given, n_null=61).null_quantile, base.null_quantile)
    assert not np.array_equal(found_in(given, n_splits=11).congruence, base.congruence)
    assert np.all(found_in(given, conf_level=0.5).null_quantile < base.null_quantile)
    assert np.isnan(found_in(given, n_boot=0).loading_low).all()
    assert base.to_frame()["axis"].tolist() == [1, 2] * 10
