"""What different functions must agree on, where their questions coincide."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from valuescape.statistics import (
    LabelledFrame,
    adjust_p,
    adjusted_residual,
    cell_tests,
    clustered_residual,
    cohen_kappa,
    contingency,
    corrected_prevalence,
    exact_log10_p,
    fcr_intervals,
    fleiss_kappa,
    gwet_ac1,
    jensen_shannon,
    joint_independence,
    krippendorff_alpha,
    log_odds,
    machine_recall,
    marginal_independence,
    mover_difference,
    paired_contrast,
    percent_agreement,
    permutation_min_p,
    poisson_bootstrap,
    precision_recall,
    rank_sets,
    rao_scott,
    rao_scott_counts,
    signed_root_deviance,
    simes_log10_p,
    standardise,
    table_tests,
    tied_top_set,
    wilson,
)
from valuescape.statistics.clusters import clustered_mean, clustered_share
from valuescape.statistics.design import Design, design_scores
from valuescape.statistics.fcr import normal_interval
from valuescape.statistics.prevalence import prevalences
from valuescape.statistics.stratified import stratified_exact_log10_p

SEEDS = st.integers(0, 10_000)


def table(
    seed: int, n: int = 120, n_contexts: int = 3, n_values: int = 4
) -> tuple[np.ndarray, ...]:
    """Context and 0/1 values of independent conversations; every item sometimes picked."""
    rng = np.random.default_rng(seed)
    context = np.concatenate([np.arange(n_contexts), rng.integers(0, n_contexts, n - n_contexts)])
    picks = (rng.random((n, n_values)) < rng.uniform(0.1, 0.7, n_values)).astype(int)
    picks[0], picks[1] = 1, 0
    return context, picks


@given(SEEDS)
def test_everything_read_leaves_the_weighted_share_of_the_readings(seed: int) -> None:
    """Nothing is left for the machine to say: its mean in the sample is that in the frame."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(30), 3)
    y, machine = rng.random(90) < 0.4, rng.random(90)
    frame = LabelledFrame.of(np.ones(90), np.zeros(90), cluster, cluster % 3)
    share = clustered_share(y, weight=np.ones(90), clusterings=[cluster])
    for tuning in (0.0, 1.0, None):
        found = corrected_prevalence(y, machine, frame, tuning=tuning)
        assert found.estimate == pytest.approx(share.estimate[0], abs=1e-12)
        assert found.readings_standard_error == pytest.approx(share.standard_error[0], abs=1e-12)
    alone = corrected_prevalence(y, machine, frame, tuning=0.0)
    assert (alone.ci_low, alone.ci_high) == pytest.approx((share.ci_low[0], share.ci_high[0]))


@given(SEEDS)
def test_a_machine_that_never_errs_has_full_recall_and_no_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.arange(200)
    y = rng.random(200) < 0.3
    y[:2] = True
    frame = LabelledFrame.of(rows < 120, rows * 0, rows, rows % 4)
    found = corrected_prevalence(y, y, frame, tuning=1.0)
    assert found.estimate == pytest.approx(y.mean(), abs=1e-12)
    assert found.standard_error == 0
    assert machine_recall(y, y, frame).n_missed == 0


@given(SEEDS)
def test_singleton_clusters_are_nearly_independent_conversations(seed: int) -> None:
    """The variance is that of independent ones, empirical instead of by the margins."""
    context, picks = table(seed)
    pairs = np.nonzero(picks)
    found = clustered_residual(context, pairs, np.arange(context.size))
    x = context[:, None] == np.arange(3)
    xc, yc = x - x.mean(axis=0), picks - picks.mean(axis=0)
    squares = ((xc[:, :, None] * yc[:, None, :]) ** 2).sum(axis=0)
    n = context.size
    np.testing.assert_allclose(found.variance, squares * n / (n - 1), rtol=1e-9, atol=1e-9)
    assert np.all(found.design_effect == 1)
    residual = adjusted_residual(found.k, x.sum(axis=0)[:, None], picks.sum(axis=0), n)
    varies = ~np.isnan(residual)
    scale = np.sqrt(found.variance_ratio)
    np.testing.assert_allclose(
        (found.robust_z * scale)[varies], residual[varies], rtol=1e-8, atol=1e-8
    )


@given(SEEDS)
def test_scores_of_one_stratum_are_those_of_long_codes(seed: int) -> None:
    context, picks = table(seed)
    cluster = np.arange(context.size) // 3
    dense = design_scores(
        context[:, None] == np.arange(3),
        picks,
        Design.of(np.ones(context.size), np.zeros(context.size), cluster),
    )
    found = clustered_residual(context, np.nonzero(picks), cluster)
    np.testing.assert_allclose(dense.score, found.k - found.expected, atol=1e-9)
    np.testing.assert_allclose(dense.score_variance, found.variance, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(dense.design_effect, found.design_effect, rtol=1e-8)


@given(st.integers(0, 25), st.integers(0, 25), st.integers(0, 10), st.integers(0, 10))
def test_one_to_one_pairs_are_mcnemar(b: int, c: int, both: int, neither: int) -> None:
    assume(b + c > 0)
    n = b + c + both + neither
    first = np.repeat([1, 0, 1, 0], [b, c, both, neither])
    other = np.repeat([0, 1, 1, 0], [b, c, both, neither])
    found = paired_contrast(
        np.concatenate([first, other]), np.repeat(["a", "b"], n), np.tile(np.arange(n), 2)
    )
    assert found.statistic[0, 0] == pytest.approx((b - c) ** 2 / (b + c))
    assert found.risk_difference[0, 0] == pytest.approx((b - c) / n)
    if found.exact[0, 0]:
        tail = stats.binom.cdf(min(b, c), b + c, 0.5) - stats.binom.pmf(min(b, c), b + c, 0.5) / 2
        assert found.log10_p[0, 0] == pytest.approx(np.log10(min(1, 2 * tail)), abs=1e-9)
    else:
        assert found.log10_p[0, 0] == pytest.approx(
            stats.chi2.logsf((b - c) ** 2 / (b + c), 1) / np.log(10), rel=1e-9
        )
    if b and c:
        assert found.odds_ratio[0, 0] == pytest.approx(b / c)


@given(SEEDS)
def test_one_s_own_mix_leaves_the_crude_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 80
    y, w = (rng.random((n, 2)) < 0.4).astype(int), rng.uniform(0.5, 2, n)
    stratum = np.concatenate([np.repeat(np.arange(4), 2), rng.integers(0, 4, n - 8)])
    mix = dict(enumerate(np.bincount(stratum, w)))
    found = standardise(
        y, weight=w, stratum=stratum, arm=np.zeros(n), target=mix, cluster=np.arange(n)
    )
    np.testing.assert_allclose(found.share.estimate, found.crude, atol=1e-12)
    share = clustered_share(y, weight=w, clusterings=[np.arange(n)])
    np.testing.assert_allclose(found.crude[0], share.estimate, atol=1e-12)


@given(SEEDS)
def test_the_mean_of_an_indicator_is_its_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, w, cluster = rng.random(60) < 0.5, rng.uniform(0.5, 3, 60), rng.integers(0, 12, 60)
    share = clustered_share(y, weight=w, clusterings=[cluster])
    mean = clustered_mean(y.astype(float), weight=w, clusterings=[cluster])
    assert mean.estimate == pytest.approx(share.estimate[0], rel=1e-12)
    assert mean.standard_error == pytest.approx(share.standard_error[0], rel=1e-12)


@given(st.lists(st.floats(-30, 0), min_size=1, max_size=12))
def test_adjustments_are_ordered_and_simes_is_the_smallest_bh(logs: list[float]) -> None:
    q = {m: adjust_p(logs, m) for m in ("bonferroni", "holm", "hochberg", "bh", "by")}
    for stricter, laxer in (
        ("bonferroni", "holm"),
        ("holm", "hochberg"),
        ("hochberg", "bh"),
        ("by", "bh"),
    ):
        assert np.all(q[stricter] >= q[laxer] - 1e-12)
    assert np.all(q["bh"] >= np.array(logs) - 1e-12)
    assert simes_log10_p([logs])[0] == pytest.approx(q["bh"].min(), abs=1e-12)
    assert q["holm"].min() == pytest.approx(q["bonferroni"].min(), abs=1e-12)


@given(SEEDS, st.integers(2, 4))
def test_one_item_is_a_contingency_table(seed: int, n_contexts: int) -> None:
    context, picks = table(seed, n_contexts=n_contexts, n_values=1)
    counts = np.array(
        [[np.sum((context == c) & (picks[:, 0] == v)) for v in (0, 1)] for c in range(n_contexts)]
    )
    crossed = contingency(counts)
    found = marginal_independence(context, picks)
    assert found.statistic == pytest.approx(crossed.statistic, rel=1e-9)
    assert found.df == crossed.df
    assert found.item_log10_p[0] == pytest.approx(crossed.log10_p, rel=1e-9)
    assert found.first_order_log10_p == pytest.approx(crossed.log10_p, rel=1e-9)


@given(SEEDS)
def test_two_single_items_are_a_contingency_table(seed: int) -> None:
    _, picks = table(seed, n_values=2)
    a, b = picks[:, :1], picks[:, 1:]
    counts = [[np.sum((a == x) & (b == y)) for y in (1, 0)] for x in (1, 0)]
    crossed = contingency(counts)
    found = joint_independence(a, b)
    assert found.statistic == pytest.approx(crossed.statistic, rel=1e-9)
    assert found.pair_residual[0, 0] == pytest.approx(crossed.adjusted_residual[0, 0], rel=1e-9)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_one_cell_is_one_table(a: int, b: int, c: int, d: int) -> None:
    arguments = a, a + b, a + c, a + b + c + d
    cell, whole = cell_tests(*arguments), contingency([[a, b], [c, d]])
    assert float(cell.adjusted_residual) ** 2 == pytest.approx(whole.statistic, abs=1e-9)
    assert float(cell.signed_root_deviance) ** 2 == pytest.approx(whole.g_statistic, abs=1e-8)
    assert float(signed_root_deviance(*arguments)) == float(cell.signed_root_deviance)
    assert float(cell.log10_p) == pytest.approx(
        stratified_exact_log10_p(*([x] for x in arguments)), abs=1e-9
    )
    assert [int(x) for x in rao_scott_counts(*arguments, 1.0)] == list(arguments)
    inside = wilson(a, a + b)
    assert float(cell.prevalence_inside_high) == float(inside.high)
    odds = log_odds(a, a + b, c, c + d, prior=1e-9, prior_total=2e-9)
    assert float(odds.log_odds) == pytest.approx(np.log(float(cell.odds_ratio)), abs=1e-6)


@given(SEEDS)
def test_a_whole_table_is_its_cells(seed: int) -> None:
    context, picks = table(seed)
    k = np.array([picks[context == c].sum(axis=0) for c in range(3)])
    n, m = np.bincount(context), picks.sum(axis=0)
    whole = table_tests(k, n, m, context.size)
    cells = cell_tests(k, n[:, None], m, context.size)
    np.testing.assert_allclose(whole.adjusted_residual, cells.adjusted_residual, atol=1e-9)
    np.testing.assert_allclose(whole.log10_p, cells.log10_p, atol=1e-9)
    q = adjust_p(cells.log10_p, "bh")
    small = q <= np.log10(0.25)
    np.testing.assert_allclose(whole.log10_q[small], q[small], atol=1e-9)


@settings(max_examples=8)
@given(SEEDS)
def test_resampling_starts_from_the_same_table(seed: int) -> None:
    context, picks = table(seed, n=60)
    codes = context, *np.nonzero(picks)
    k = np.array([picks[context == c].sum(axis=0) for c in range(3)])
    permuted = permutation_min_p(*codes, n_permutations=9)
    np.testing.assert_array_equal(permuted.counts, k)
    exact = exact_log10_p(k, np.bincount(context)[:, None], picks.sum(axis=0), context.size)
    np.testing.assert_allclose(permuted.log10_p, exact, atol=1e-9)
    drawn = poisson_bootstrap(*codes, statistic="count", n_boot=64)
    np.testing.assert_array_equal(drawn.estimate, k[drawn.context, drawn.value])


@given(SEEDS)
def test_coefficients_coincide_for_two_raters_of_equal_shares(seed: int) -> None:
    """With the same category shares Cohen's and Fleiss' chance agreement are one."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 3, 60)
    other = rng.permutation(first)
    assume(len(set(first.tolist())) > 1)
    ratings = np.column_stack([first, other])
    cohen, fleiss = cohen_kappa(first, other), fleiss_kappa(ratings)
    assert cohen.estimate == pytest.approx(fleiss.estimate, abs=1e-12)
    alpha, n = krippendorff_alpha(ratings), 2 * first.size
    assert alpha.estimate == pytest.approx(1 - (1 - fleiss.estimate) * (n - 1) / n, abs=1e-12)
    share = percent_agreement(ratings).estimate
    for found in (cohen, fleiss, gwet_ac1(ratings)):
        assert found.observed == pytest.approx(share, abs=1e-12)


@given(SEEDS)
def test_precision_and_recall_swap_with_their_arguments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = rng.random((40, 3)) < 0.4, rng.random((40, 3)) < 0.5
    found, turned = precision_recall(one, two), precision_recall(two, one)
    np.testing.assert_array_equal(found.precision, turned.recall)
    np.testing.assert_array_equal(found.recall_low, turned.precision_low)


@given(SEEDS)
def test_selecting_everything_leaves_plain_intervals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    estimate, error = rng.normal(size=5), rng.uniform(0.1, 1, 5)
    found = fcr_intervals(np.ones(5, dtype=bool), estimate, error)
    plain = normal_interval(estimate, error)
    np.testing.assert_allclose(found.low, plain.low, rtol=1e-12)


@given(SEEDS)
def test_the_top_of_ranks_is_within_the_top_set(seed: int) -> None:
    """A rank set that excludes the top rank excludes the value from the top, both at one level."""
    rng = np.random.default_rng(seed)
    estimate, error = rng.normal(size=6), rng.uniform(0.2, 0.6, 6)
    options = {"standard_error": error, "n_draws": 400, "stepwise": False}
    top, ranks = tied_top_set(estimate, **options), rank_sets(estimate, **options)  # type: ignore[arg-type]
    np.testing.assert_array_equal(top.in_set, ranks.low == 1)
    np.testing.assert_array_equal(top.rank, ranks.rank)
    assert np.all((ranks.low <= ranks.rank) & (ranks.rank <= ranks.high))


@given(SEEDS)
def test_distributions_do_not_mind_their_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(1, 30, (2, 5))
    one, other = jensen_shannon(a, b), jensen_shannon(b, a)
    assert one.estimate == pytest.approx(other.estimate, abs=1e-12)
    assert one.log10_p == pytest.approx(other.log10_p, rel=1e-9)


@given(st.floats(0, 50), st.integers(1, 9), st.floats(0.1, 10))
def test_equal_eigenvalues_scale_the_statistic(statistic: float, df: int, size: float) -> None:
    found = rao_scott(statistic, df, df * size, df * size**2)
    assert found.log10_p == pytest.approx(found.first_order_log10_p, abs=1e-9)
    assert found.second_order_statistic == pytest.approx(statistic / size)


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_difference_turns_over(k1: int, k2: int) -> None:
    one, two = wilson(k1, 30), wilson(k2, 30)
    found, turned = mover_difference(one, two), mover_difference(two, one)
    assert float(found.low) == pytest.approx(-float(turned.high), abs=1e-12)


@given(SEEDS)
def test_one_stratum_of_equal_weights_has_plain_prevalences(seed: int) -> None:
    context, picks = table(seed)
    n = context.size
    x = context[:, None] == np.arange(3)
    found = prevalences(x, picks, Design.of(np.ones(n), np.zeros(n), np.arange(n)))
    cells = cell_tests(x.T.astype(int) @ picks, x.sum(0)[:, None], picks.sum(0), n)
    np.testing.assert_allclose(found.inside, cells.prevalence_inside, atol=1e-12)
    np.testing.assert_allclose(found.outside, cells.prevalence_outside, atol=1e-12)
