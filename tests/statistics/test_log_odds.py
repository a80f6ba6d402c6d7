"""log_odds against the written-out formulas; prior_strength against scipy's distributions."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from valuescape.statistics import log_odds, prior_strength
from valuescape.statistics.dirichlet_prior import STRONGEST
from valuescape.statistics.options import PriorModel

counts = hnp.arrays(np.int64, 6, elements=st.integers(0, 500))
priors = hnp.arrays(np.float64, 6, elements=st.floats(0.05, 40))


@given(group=counts, rest=counts, prior=priors)
def test_equals_the_formulas_term_by_term(
    group: np.ndarray, rest: np.ndarray, prior: np.ndarray
) -> None:
    n_i, n_j, a_0 = int(group.sum()), int(rest.sum()), float(prior.sum())
    full = log_odds(group, n_i, rest, n_j, prior=prior)
    short = log_odds(group, n_i, rest, n_j, prior=prior, variance="approximate")
    for w in range(6):
        y_i, y_j, a = int(group[w]), int(rest[w]), float(prior[w])
        delta = log((y_i + a) / (n_i + a_0 - y_i - a)) - log((y_j + a) / (n_j + a_0 - y_j - a))
        two = 1 / (y_i + a) + 1 / (y_j + a)
        four = two + 1 / (n_i + a_0 - y_i - a) + 1 / (n_j + a_0 - y_j - a)
        assert full.log_odds[w] == pytest.approx(delta, rel=1e-9, abs=1e-9)
        assert full.standard_error[w] == pytest.approx(sqrt(four), rel=1e-9)
        assert full.z[w] == pytest.approx(delta / sqrt(four), rel=1e-9, abs=1e-9)
        assert short.standard_error[w] == pytest.approx(sqrt(two), rel=1e-12)
    assert (full.variance, short.variance) == ("full", "approximate")


@given(group=counts, rest=counts, prior=priors)
def test_group_and_rest_may_swap(group: np.ndarray, rest: np.ndarray, prior: np.ndarray) -> None:
    one = log_odds(group, group.sum(), rest, rest.sum(), prior=prior)
    two = log_odds(rest, rest.sum(), group, group.sum(), prior=prior)
    np.testing.assert_allclose(one.z, -two.z, atol=1e-9)


def test_weak_prior_gives_the_plain_log_odds_ratio_and_its_woolf_variance() -> None:
    found = log_odds([30, 70], 100, [100, 900], 1000, prior=[1e-9, 1e-9])
    assert found.log_odds[0] == pytest.approx(log(30 * 900 / (70 * 100)), rel=1e-8)
    assert found.standard_error[0] == pytest.approx(
        sqrt(1 / 30 + 1 / 70 + 1 / 100 + 1 / 900), rel=1e-8
    )


def test_strong_prior_shrinks_to_no_difference() -> None:
    weak, strong = (
        log_odds([9, 1], 10, [100, 900], 1000, prior=np.array([0.1, 0.9]) * size)
        for size in (1, 10_000)
    )
    assert abs(strong.log_odds[0]) < 0.05 < abs(weak.log_odds[0])


def test_conversations_take_the_prior_total_as_given() -> None:
    found = log_odds([8, 5], 10, [30, 20], 90, prior=[3.0, 2.5], prior_total=9.0)
    assert found.log_odds[0] == pytest.approx(log(11 / 8) - log(33 / 66))


def test_groups_by_values() -> None:
    group = np.array([[3, 7, 90], [20, 10, 20]])
    rest = group.sum(axis=0) - group
    found = log_odds(
        group,
        group.sum(axis=1, keepdims=True),
        rest,
        rest.sum(axis=1, keepdims=True),
        prior=[1.5, 1.5, 7.0],
    )
    assert found.z.shape == (2, 3)
    np.testing.assert_allclose(found.z[0], -found.z[1])
    assert len(found.to_frame()) == 6


def test_marginal_likelihood_equals_scipy() -> None:
    table = np.array([[30, 70, 5], [12, 88, 9], [9, 91, 2]])
    shares = np.array([0.2, 0.75, 0.05])
    found = prior_strength(table, table.sum(axis=1), shares)
    best = sum(stats.dirichlet_multinomial.logpmf(row, found.prior, row.sum()) for row in table)
    for factor in (0.8, 1.25):
        other = sum(
            stats.dirichlet_multinomial.logpmf(row, found.prior * factor, row.sum())
            for row in table
        )
        assert other < best
    constant = sum(
        stats.dirichlet_multinomial.logpmf(row, shares, row.sum()) for row in table
    ) - _log_likelihood_at_one(table, shares)
    assert found.log_likelihood + constant == pytest.approx(best)


def _log_likelihood_at_one(table: np.ndarray, shares: np.ndarray) -> float:
    from valuescape.statistics.dirichlet_prior import _marginal_log_likelihood

    return _marginal_log_likelihood(
        1.0, table.astype(float), table.sum(axis=1).astype(float), shares, "dirichlet-multinomial"
    )


def test_beta_binomial_maximum_equals_scipy() -> None:
    table, sizes = np.array([[4, 30], [9, 44], [1, 18]]), np.array([50, 60, 40])
    shares = np.array([0.1, 0.6])
    found = prior_strength(table, sizes, shares, model="beta-binomial")

    def likelihood(strength: float) -> float:
        a, b = strength * shares, strength * (1 - shares)
        return float(stats.betabinom.logpmf(table, sizes[:, None], a, b).sum())

    grid = np.exp(np.linspace(-3, 9, 4001))
    assert likelihood(found.strength) >= max(likelihood(float(s)) for s in grid) - 1e-9


@pytest.mark.parametrize("model", ["dirichlet-multinomial", "beta-binomial"])
def test_the_maximum_is_found_to_all_digits(model: PriorModel) -> None:
    from valuescape.statistics.dirichlet_prior import _marginal_log_likelihood, _marginal_slope

    table = np.random.default_rng(5).poisson([3.0, 11.0, 40.0], (30, 3)).astype(float)
    shares, sums = np.array([0.06, 0.2, 0.74]), table.sum(axis=1)
    found = prior_strength(table, sums, shares, model=model)
    again = prior_strength(table[::-1], sums[::-1], shares, model=model)
    assert found.strength == pytest.approx(again.strength, rel=1e-9)
    for strength in (0.5, 7.0, 300.0):
        step = 1e-4 * strength
        ends = [
            _marginal_log_likelihood(strength + sign * step, table, sums, shares, model)
            for sign in (1, -1)
        ]
        slope = _marginal_slope(strength, table, sums, shares, model)
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)


@pytest.mark.parametrize("truth", [5.0, 60.0, 800.0])
def test_prior_strength_recovers_the_truth(truth: float) -> None:
    rng = np.random.default_rng(2008)
    shares = rng.dirichlet(np.ones(40))
    table = np.array(
        [rng.multinomial(900, rng.dirichlet(truth * shares + 1e-12)) for _ in range(150)]
    )
    found = prior_strength(table, table.sum(axis=1), shares)
    assert found.strength == pytest.approx(truth, rel=0.1)
    assert not found.at_bound
    np.testing.assert_allclose(found.prior, found.strength * shares)


def test_groups_alike_ask_for_the_strongest_prior() -> None:
    shares = np.array([0.2, 0.3, 0.5])
    table = np.tile([200, 300, 500], (8, 1))
    found = prior_strength(table, table.sum(axis=1), shares)
    assert found.at_bound
    assert found.strength == pytest.approx(np.exp(STRONGEST), rel=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: log_odds([5], 4, [1], 9, prior=[1.0]), "a pseudo-count must be below the prior"),
        (lambda: log_odds([5, 1], 4, 1, 9, prior=[1, 1]), r"k_group\[0\] = 5.0: must not exceed"),
        (lambda: log_odds([1, 1], 4, 1, 9, prior=[1, 0]), r"prior\[1\] = 0.0: a pseudo-count must"),
        (lambda: log_odds([-1, 1], 4, 1, 9, prior=[1, 1]), r"k_group\[0\] = -1.0: must not be neg"),
        (
            lambda: log_odds(1, 4, 1, 9, prior=[1, 1], variance="two"),  # type: ignore[arg-type]
            "variance: 'two' is not one of full, approximate",
        ),
        (lambda: prior_strength([[1, 2]], [3], [0.5, 0.6]), "background: shares sum to 1.1"),
        (lambda: prior_strength([[1, 2]], [4], [0.5, 0.5]), r"totals\[0\] = 4.0: must be the sum"),
        (lambda: prior_strength([[1, 2]], [3], [0.0, 1.0]), r"background\[0\] = 0.0: must lie"),
        (lambda: prior_strength([1, 2], [3], [0.5, 0.5]), "must have shapes"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()
