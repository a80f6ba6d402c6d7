"""The sparse table: its margins, its closed forms, and what is declared on it."""

import numpy as np
import pytest
from scipy import stats

from valuescape.simulation.sparse import sparse_outcomes, sparse_table, tail_inflation
from valuescape.simulation.tallies import tally
from valuescape.statistics.cells import cell_tests
from valuescape.statistics.design import Design, design_scores
from valuescape.statistics.tails import normal_log10_p


def test_margins_are_kept_and_most_cells_expect_little() -> None:
    table = sparse_table(0.01, np.random.default_rng(1))
    assert table.k.shape == (100, 331)
    assert (table.k.sum(axis=0) == table.n_value).all()
    assert (table.k.sum(axis=1) <= 331 * table.n_context).all()
    assert table.n_context.sum() == table.n_total == 3082
    found = sparse_outcomes(table)
    assert np.mean(found.expected < 1) > 0.9
    assert found.null.all()


def test_the_clustered_score_is_that_of_single_conversations() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(0, 2, (80, 1))
    y = (rng.random((80, 1)) < 0.2).astype(int)
    scores = design_scores(x, y, Design.of(np.ones(80), np.zeros(80), np.arange(80)))
    table = sparse_table(0.001, rng)
    counts = type(table)(np.array([[(x * y).sum()]]), np.array([x.sum()]), np.array([y.sum()]), 80)
    own = float(sparse_outcomes(counts).log10_p["clustered_score"][0])
    z = float(scores.z[0, 0]) * np.sqrt(80 / 79)
    assert own == pytest.approx(float(normal_log10_p(z)), rel=1e-9)


def test_residuals_declare_false_cells_and_the_exact_test_none() -> None:
    tables = (sparse_table(0.02, np.random.default_rng(s)) for s in (1, 2, 3))
    found = tally("sparse", (sparse_outcomes(t) for t in tables))
    declared = found.families(0.95).set_index(["method", "adjustment"])["mean_declared"]
    assert declared["residual", "bonferroni"] > 200
    assert declared["residual_yates", "bonferroni"] > 5
    assert declared["clustered_score", "bonferroni"] > 500
    assert declared["conversation_exact", "bonferroni"] == 0
    assert declared["conversation_exact", "bh"] == 0


def test_the_exact_test_of_a_cell_is_the_packages() -> None:
    table = sparse_table(0.001, np.random.default_rng(3))
    found = sparse_outcomes(table).log10_p["conversation_exact"]
    used = table.n_context > 0
    exact = cell_tests(
        table.k[used], table.n_context[used][:, None], table.n_value[None, :], table.n_total
    )
    assert found == pytest.approx(exact.log10_p.ravel())


def test_tails_are_the_published_ones() -> None:
    """At alpha = 1.5e-8 the residual's right tail is 722, 60 and 11 times nominal."""
    table = tail_inflation(3_333_333).set_index(["method", "expected"])
    residual = table.loc["residual", "times_nominal"]
    assert residual.tolist() == pytest.approx([722, 60, 11], rel=0.03)
    assert (table.loc["conversation_exact", "times_nominal"] < 1.25).all()
    level = table["level"].iloc[0]
    bound = -stats.norm.ppf(level)
    k = np.arange(200)
    by_hand = stats.poisson.pmf(k, 5)[(k - 5) / np.sqrt(5) >= bound].sum()
    assert residual[5.0] == pytest.approx(by_hand / level, rel=1e-6)


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.5, float("nan")])
def test_scales_outside_the_unit_interval_are_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        sparse_table(scale, np.random.default_rng(1))
