"""Designs, intra-cluster correlation and design effects against sums over pairs."""

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.statistics.simulated import Plan, null_data
from valuescape.statistics.sampling import (
    Design,
    centred,
    design_effects,
    indicators,
    intracluster_correlation,
    null_correlation,
)


def correlation_by_pairs(y: NDArray[np.int64], design: Design) -> float:
    """Mean product of two members of a cluster over the variance, both unbiased, by loops.

    Two members of one cluster, less the product expected for two of different clusters of the
    stratum: the mean product about a common mean that is not estimated.
    """
    same, other = [], []
    for i, j in permutations(range(y.size), 2):
        if design.stratum[i] == design.stratum[j]:
            half_square = (y[i] - y[j]) ** 2 / 2
            (same if design.cluster[i] == design.cluster[j] else other).append(half_square)
    within, total = float(np.mean(same)), float(np.mean(other))
    return float(np.clip((total - within) / total, 0.0, 1.0))


@pytest.mark.parametrize("seed", range(5))
def test_correlation_equals_sums_over_pairs(seed: int) -> None:
    """Equal clusters in one stratum: the variogram form is the same estimator."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(12), 4)
    taste = rng.beta(0.6, 0.9, 12)
    y = (rng.random(48) < taste[cluster]).astype(np.int64)
    design = Design.of(np.ones(48), np.zeros(48), cluster)
    found = intracluster_correlation(centred(y[:, None], design), design)[0]
    assert found == pytest.approx(correlation_by_pairs(y, design), abs=1e-12)


@pytest.mark.parametrize("groups", [(130,), (40, 60, 30), (2,) * 65])
def test_correlation_is_recovered_whatever_the_strata(groups: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    plan = Plan(groups=groups, correlation=0.4, n_values=300, strata_differ=False)
    _, y, design = null_data(plan, rng)
    found = null_correlation(centred(y, design), design)
    assert np.min(found) == pytest.approx(0.4, abs=0.02)


def test_design_effect_is_the_variance_ratio() -> None:
    """The effect is the variance of sum a_i y_i over that of independent y, by double sum."""
    rng = np.random.default_rng(3)
    x, y, design = null_data(Plan(groups=(9, 7), answers=3, n_values=4), rng)
    xc, yc = centred(x, design), centred(y, design)
    found, rho = design_effects(xc, yc, design), null_correlation(yc, design)
    for c in range(x.shape[1]):
        a = design.weight * xc[:, c]
        for v in range(y.shape[1]):
            variance = np.where(design.cluster[:, None] == design.cluster, rho[v], 0.0)
            np.fill_diagonal(variance, 1.0)
            assert found[c, v] == pytest.approx(max(1.0, a @ variance @ a / (a @ a)), rel=1e-12)


def test_a_rare_value_gets_at_least_the_common_correlation() -> None:
    rng = np.random.default_rng(4)
    x, y, design = null_data(Plan(prevalence=0.1), rng)
    y[:, 0] = 0
    y[0, 0] = 1
    effects = design_effects(centred(x, design), centred(y, design), design)
    assert intracluster_correlation(centred(y, design), design)[0] < 0.01
    assert effects[0, 0] > 2


def test_single_answers_have_no_effect() -> None:
    x, y, design = null_data(Plan(answers=1), np.random.default_rng(1))
    assert np.all(design_effects(centred(x, design), centred(y, design), design) == 1.0)


def test_constant_columns_have_no_deviation_left() -> None:
    rng = np.random.default_rng(2)
    design = Design.of(rng.uniform(0.01, 7, 300), rng.integers(0, 3, 300), np.arange(300))
    assert not centred(np.ones((300, 3)), design).any()


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"stratum: shape \(1,\) is not one label"):
        Design.of([1, 1], [0], [0, 1])
    with pytest.raises(ValueError, match="no observation"):
        Design.of([], [], [])
    for weight in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"weight\[1\] = "):
            Design.of([1, weight], [0, 0], [0, 1])
    design = Design.of([1, 1], [0, 0], [0, 1])
    with pytest.raises(ValueError, match="value: 3 rows; the design has 2"):
        indicators([1, 0, 1], "value", design)
    with pytest.raises(ValueError, match=r"context\[1\] = 2.0: must be 0 or 1"):
        indicators([1, 2], "context", design)
    with pytest.raises(ValueError, match=r"context\[1\] = nan: must be 0 or 1"):
        indicators([1, np.nan], "context", design)
