"""The usual tests are those of the packages people use; ours those of the study."""

import numpy as np
import pytest
import statsmodels.api as sm

from valuescape.simulation import conversations as nulls
from valuescape.simulation.conversations import Conversations, Sizes
from valuescape.simulation.methods import (
    Trust,
    independent_battery,
    outcomes_of,
    pooled_chi_square,
    user_battery,
)
from valuescape.statistics.design import Design, design_scores, design_tests, stratum_counts
from valuescape.statistics.tails import normal_log10_p


@pytest.fixture(scope="module")
def users() -> Conversations:
    return nulls.repeated_users(Sizes(600, 3, 10), np.random.default_rng(11))


def test_pooled_tests_are_those_of_statsmodels() -> None:
    data = nulls.mentions(Sizes(500, 4, 10), np.random.default_rng(12))
    table = sm.stats.Table(data.contexts.T @ data.occurrences, shift_zeros=False)
    found = independent_battery(data, Trust())["pooled_residual"]
    expected = normal_log10_p(np.asarray(table.standardized_resids))
    assert found == pytest.approx(expected, rel=1e-9)
    p = float(table.test_nominal_association().pvalue)
    assert 10 ** pooled_chi_square(data) == pytest.approx(p, rel=1e-9)


def test_wald_is_logistic_regression_with_clustered_errors(users: Conversations) -> None:
    found = user_battery(users, Trust())["clustered_wald"]
    n_users = int(users.user.max()) + 1
    for c, v in ((0, 0), (1, 2), (2, 1)):
        design = sm.add_constant(users.contexts[:, c].astype(float))
        fit = sm.GLM(users.presence[:, v], design, family=sm.families.Binomial()).fit(
            cov_type="cluster", cov_kwds={"groups": users.user, "use_correction": False}, tol=1e-12
        )
        z = fit.tvalues[1] / np.sqrt(n_users / (n_users - 1))
        assert found[c, v] == pytest.approx(float(normal_log10_p(z)), rel=1e-6)


def test_wald_has_no_estimate_beside_an_empty_cell() -> None:
    context = np.repeat([0, 1], 30)
    y = np.column_stack([context, np.arange(60) % 2])
    data = Conversations(context, y, np.ones(2, dtype=bool), np.arange(60))
    found = user_battery(data, Trust())["clustered_wald"]
    assert np.isnan(found[:, 0]).all()
    assert not np.isnan(found[:, 1]).any()


def test_design_based_is_the_studys_test_and_trust_decides(users: Conversations) -> None:
    n = users.user.size
    design = Design.of(np.ones(n), np.zeros(n), users.user)
    x, y = users.contexts, users.presence
    expected = design_tests(
        design_scores(x, y, design),
        stratum_counts(x, y, design),
        minimum_expected=20,
        minimum_clusters=20,
    )
    found = user_battery(users, Trust(20, 20))
    assert np.array_equal(found["design_based"], expected.log10_p)
    assert expected.exact.any()
    assert not expected.exact.all()
    trusting = user_battery(users, Trust(0, 1))
    assert trusting["design_based"] == pytest.approx(trusting["clustered_score"], abs=1e-12)


def test_cells_without_information_have_no_p_value() -> None:
    data = nulls.exactly_five(Sizes(60, 2, 10), np.random.default_rng(1))
    occurrences = data.occurrences.copy()
    occurrences[:, 3] = 0
    empty = Conversations(data.context, occurrences, data.tested, data.user)
    for p in user_battery(empty, Trust()).values():
        assert np.isnan(p[:, 3]).all()


def test_expected_counts_and_nulls_are_those_of_the_cells() -> None:
    data = nulls.others_differ(Sizes(400, 3, 10), np.random.default_rng(2))
    found = outcomes_of(data, independent_battery, Trust())
    counts = data.contexts.sum(axis=0)[:, None] * data.presence.sum(axis=0) / 400
    assert found.expected == pytest.approx(counts.ravel())
    assert np.array_equal(found.null.reshape(3, 10)[1], data.tested)
