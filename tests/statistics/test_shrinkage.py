"""Gamma-Poisson shrinkage against published scores, R, integration and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from tests.statistics.oracle import oracle
from valuescape.statistics import GammaMixture, fit_gamma_mixture, shrunken_log_rr
from valuescape.statistics.gamma_mixture import _family, _log_likelihood, _log_marginals

PUBLISHED = GammaMixture(
    3.25379064, 0.39988801, 2.02613219, 1.90808279, 0.06534557, 0.0, True, False
)
"""Hyperparameters of the CAERS example of the R package openEBGM (Canida & Ihrie 2017)."""

SCORES = np.array(
    [  # N, E, EBGM, 5 % and 95 % quantiles as the package's vignette prints them
        [1, 0.0360548272, 2.23, 0.49, 13.85],
        [1, 0.0038736591, 2.58, 0.52, 15.78],
        [1, 0.0765792610, 1.92, 0.47, 11.77],
        [1, 0.0527413588, 2.09, 0.48, 12.95],
        [16, 0.40643623, 23.26, 15.68, 33.48],
        [19, 0.89690107, 16.78, 11.65, 23.55],
        [6, 0.07866508, 18.28, 10.16, 30.83],
        [8, 0.30482718, 15.25, 9.00, 24.52],
        [11, 0.56317044, 14.28, 8.98, 21.78],
    ]
)
MIXTURE_PROBABILITIES = [0.2819736, 0.3482316, 0.2226354, 0.2556668]


def test_equals_published_scores() -> None:
    found = shrunken_log_rr(SCORES[:, 0], SCORES[:, 1], prior=PUBLISHED, conf_level=0.9)
    np.testing.assert_allclose(np.exp(found.log_rr), SCORES[:, 2], atol=0.0051)
    np.testing.assert_allclose(np.exp(found.log_rr_low), SCORES[:, 3], atol=0.011)
    np.testing.assert_allclose(np.exp(found.log_rr_high), SCORES[:, 4], atol=0.011)
    first = shrunken_log_rr(
        [1, 1, 1, 1], [0.0360548272, 0.0002979738, 0.0765792610, 0.0527413588], prior=PUBLISHED
    ).first_component
    np.testing.assert_allclose(first, MIXTURE_PROBABILITIES, atol=6e-8)


def test_equals_r() -> None:
    rows = oracle("gamma_mixture")
    fitted = fit_gamma_mixture(rows["k"], rows["expected"])
    reference = rows.iloc[0]
    assert fitted.log_likelihood == pytest.approx(reference["log_likelihood"], abs=1e-7)
    for name in ("shape1", "rate1", "shape2", "rate2", "weight"):
        assert getattr(fitted, name) == pytest.approx(reference[name], rel=2e-4)
    assert fitted.converged
    assert not fitted.at_bound
    found = shrunken_log_rr(rows["k"], rows["expected"], prior=fitted)
    checked = rows["log_rr"].notna()
    for name in ("log_rr", "log_rr_low", "log_rr_high"):
        np.testing.assert_allclose(getattr(found, name)[checked], rows[name][checked], atol=2e-4)


@pytest.mark.parametrize(
    ("k", "expected", "weight"),
    [
        (0, 0.05, 0.5),
        (0, 34.0, 0.5),
        (1, 0.3, 0.02),
        (7, 2.0, 0.3),
        (60, 12.0, 0.98),
        (25, 31.0, 0.1),
    ],
)
def test_equals_numerical_integration(k: int, expected: float, weight: float) -> None:
    prior = GammaMixture(3.0, 0.7, 9.0, 10.0, weight, 0.0, True, False)

    def joint(u: float) -> float:
        ratio = np.exp(u)
        density = weight * stats.gamma.pdf(ratio, 3.0, scale=1 / 0.7) + (1 - weight) * (
            stats.gamma.pdf(ratio, 9.0, scale=0.1)
        )
        return float(ratio * density * stats.poisson.pmf(k, ratio * expected))

    def area(f, low: float, high: float) -> float:  # type: ignore[no-untyped-def]
        return float(integrate.quad(f, low, high, limit=400, epsabs=0, epsrel=1e-9)[0])

    found = shrunken_log_rr(k, expected, prior=prior)
    ends, centre = (-14.0, 5.0), float(found.log_rr)
    mass = area(joint, ends[0], centre) + area(joint, centre, ends[1])
    mean = area(lambda u: u * joint(u), ends[0], centre) + area(
        lambda u: u * joint(u), centre, ends[1]
    )
    assert centre == pytest.approx(mean / mass, abs=2e-5)
    assert area(joint, ends[0], float(found.log_rr_low)) / mass == pytest.approx(0.025, abs=2e-5)
    assert area(joint, float(found.log_rr_high), ends[1]) / mass == pytest.approx(0.025, abs=2e-5)


def test_marginal_equals_scipys_negative_binomial() -> None:
    k, expected = np.array([0.0, 3.0, 40.0]), np.array([0.5, 2.0, 9.0])
    parameters = np.array([0.3, 0.4, 1.1, -0.2, 0.5])
    terms = _log_marginals(_family(k, expected, np.ones(3)), parameters)
    for j, weight in ((0, special.expit(0.5)), (1, special.expit(-0.5))):
        shape, mean = np.exp(parameters[2 * j]), np.exp(parameters[2 * j + 1])
        law = stats.nbinom(shape, shape / (shape + mean * expected))
        np.testing.assert_allclose(
            terms[j], np.log(weight) + law.logpmf(k) + special.gammaln(k + 1), rtol=1e-10
        )


def test_gradient_equals_differences() -> None:
    rng = np.random.default_rng(0)
    family = _family(rng.poisson(2.0, 40).astype(float), rng.gamma(2, 1, 40), np.ones(40))
    parameters = np.array([0.3, 0.4, 1.1, -0.2, 0.5])
    numeric = optimize.approx_fprime(parameters, lambda x: _log_likelihood(x, family)[0], 1e-7)
    np.testing.assert_allclose(
        _log_likelihood(parameters, family)[1], numeric, rtol=1e-4, atol=1e-4
    )


def planted(size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    expected = rng.gamma(0.3, 10.0, size) + 0.01
    enriched = rng.random(size) < 0.1
    ratio = np.where(enriched, rng.gamma(4.0, 1.0, size), rng.gamma(20.0, 0.05, size))
    return rng.poisson(ratio * expected), expected, ratio


def test_simulation_recovers_the_prior_and_covers() -> None:
    k, expected, ratio = planted(20_000, 1)
    found = shrunken_log_rr(k, expected)
    prior = found.prior
    assert prior.converged
    assert not prior.at_bound
    assert prior.weight == pytest.approx(0.1, abs=0.02)
    assert prior.shape1 / prior.rate1 == pytest.approx(4.0, rel=0.08)
    assert prior.shape2 / prior.rate2 == pytest.approx(1.0, rel=0.02)
    inside = (found.log_rr_low <= np.log(ratio)) & (np.log(ratio) <= found.log_rr_high)
    assert inside.mean() == pytest.approx(0.95, abs=0.006)


def test_ranking_by_posterior_mean_does_not_overstate_the_top() -> None:
    k, expected, ratio = planted(20_000, 2)
    found = shrunken_log_rr(k, expected)
    raw = np.log((k + 0.0) / expected, where=k > 0, out=np.full(k.size, -np.inf))
    top_raw, top = np.argsort(-raw)[:100], np.argsort(-found.log_rr)[:100]
    assert (raw[top_raw] - np.log(ratio[top_raw])).mean() > 1.0
    assert (found.log_rr[top] - np.log(ratio[top])).mean() == pytest.approx(0, abs=0.1)
    assert np.log(ratio[top]).mean() > np.log(ratio[top_raw]).mean()


def test_null_family_shrinks_to_one_and_says_so() -> None:
    rng = np.random.default_rng(3)
    expected = np.outer(rng.gamma(1, 10, 40), rng.dirichlet(np.ones(60))).ravel() + 0.05
    found = shrunken_log_rr(rng.poisson(expected), expected)
    assert found.prior.at_bound
    assert np.abs(found.log_rr).max() < 0.5
    assert np.all(found.log_rr_low < np.log(1.2))


def test_fit_is_deterministic_and_does_not_depend_on_order() -> None:
    k, expected, _ = planted(3000, 4)
    order = np.random.default_rng(0).permutation(k.size)
    assert fit_gamma_mixture(k, expected) == fit_gamma_mixture(k, expected)
    one, two = fit_gamma_mixture(k, expected), fit_gamma_mixture(k[order], expected[order])
    fields = ("shape1", "rate1", "shape2", "rate2", "weight")
    for field in fields:
        assert getattr(one, field) == pytest.approx(getattr(two, field), rel=1e-9)


@given(k=st.integers(0, 50), expected=st.floats(0.01, 50))
def test_interval_contains_the_mean_and_grows_with_k(k: int, expected: float) -> None:
    found = shrunken_log_rr([k, k + 1], expected, prior=PUBLISHED)
    assert np.all((found.log_rr_low < found.log_rr) & (found.log_rr < found.log_rr_high))
    assert np.all(np.diff([found.log_rr, found.log_rr_low, found.log_rr_high], axis=1) > 0)


def test_more_data_leave_less_shrinkage() -> None:
    found = shrunken_log_rr([3, 30, 3000], [1, 10, 1000], prior=PUBLISHED)
    gaps = np.abs(found.log_rr - np.log(3))
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.002


def test_frames() -> None:
    found = shrunken_log_rr([[1, 2], [3, 4]], 1.0, prior=PUBLISHED)
    assert found.log_rr.shape == (2, 2)
    assert len(found.to_frame()) == 4
    assert PUBLISHED.to_frame()["shape1"].tolist() == [3.25379064]


@pytest.mark.parametrize(
    ("k", "expected", "message"),
    [
        ([1, 2], [1.0, 0.0], r"expected\[1\] = 0.0: an expected count must be above zero"),
        ([-1, 2], 1.0, r"k\[0\] = -1.0: must not be negative"),
        ([np.nan], 1.0, r"k\[0\] = nan: must be a finite number"),
        ([], [], "k: at least one cell is needed"),
    ],
)
def test_bad_input_is_named(k: list[float], expected: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shrunken_log_rr(k, expected)  # type: ignore[arg-type]
