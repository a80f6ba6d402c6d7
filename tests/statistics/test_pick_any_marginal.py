"""marginal_independence against published figures, R, scipy and written-out matrices."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from tests.statistics.multiple_response import farmers_by_education, marginal_moments
from tests.statistics.oracle import oracle
from valuescape.statistics.marginal_independence import MarginalIndependence, marginal_independence

few = settings(max_examples=8)
ARRAYS = ("item_statistic", "item_design_effect", "item_df", "item_log10_p")
SCALARS = (
    "statistic",
    "df",
    "design_effect",
    "first_order_statistic",
    "first_order_log10_p",
    "second_order_statistic",
    "second_order_df",
    "log10_p",
    "bonferroni_log10_p",
)


def simulated(seed: int, n: int = 90, items: int = 4, contexts: int = 3) -> tuple[np.ndarray, ...]:
    """Choice, correlated picks, weights and clusters; no association."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, n // 4, n)
    taste = rng.normal(size=(n, items)) + rng.normal(size=(n // 4, 1))[cluster]
    y = (taste + rng.normal(size=(n, 1)) > 0.3).astype(int)
    y[0], y[1] = 0, 1
    choice = rng.integers(0, contexts, n)
    choice[:contexts] = range(contexts)
    return choice, y, rng.uniform(0.5, 3, n), cluster


def assert_same(
    found: MarginalIndependence, other: MarginalIndependence, *, rtol: float = 1e-8
) -> None:
    for name in SCALARS:
        assert getattr(found, name) == pytest.approx(getattr(other, name), rel=rtol, abs=1e-9), name
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(found, name), getattr(other, name), rtol=rtol, atol=1e-9, err_msg=name
        )


def test_farmers_by_education_as_published() -> None:
    found = marginal_independence(*farmers_by_education())
    assert found.item_statistic.round(2).tolist() == [5.96, 7.89, 4.62, 1.42, 10.95]
    assert round(found.statistic, 2) == 30.84
    assert found.df == 20
    assert found.design_effect == 1
    assert 10**found.bonferroni_log10_p == pytest.approx(5 * stats.chi2.sf(10.95, 4), abs=5e-4)


def test_equals_r() -> None:
    rows = oracle("pick_any")
    data = rows[rows["test"] == "data"].pivot(index="row", columns="quantity", values="value")
    said = rows[rows["test"] != "data"].set_index(["test", "quantity"])["value"]
    y = data[["y1", "y2", "y3"]].to_numpy()
    plain = marginal_independence(data["choice"], y)
    found = marginal_independence(data["choice"], y, weight=data["weight"], cluster=data["cluster"])
    for test, result in (("marginal_plain", plain), ("marginal_design", found)):
        assert result.statistic == pytest.approx(said[test, "statistic"], rel=1e-11)
        assert result.design_effect == pytest.approx(said[test, "effect"], rel=1e-11)
        assert result.second_order_statistic == pytest.approx(said[test, "statistic2"], rel=1e-11)
        assert result.second_order_df == pytest.approx(said[test, "df2"], rel=1e-11)
        assert result.log10_p == pytest.approx(said[test, "log10_p"], rel=1e-11)
    for quantity, values in (
        ("statistic", found.item_statistic),
        ("effect", found.item_design_effect),
        ("df2", found.item_df),
        ("log10_p", found.item_log10_p),
    ):
        reference = [said[f"item_{i}", quantity] for i in (1, 2, 3)]
        np.testing.assert_allclose(values, reference, rtol=1e-11)
    survey = [said[f"item_{i}", "survey_ndf"] for i in (1, 2, 3)]
    np.testing.assert_allclose(found.item_df, survey, rtol=0.02)


@few
@given(seed=st.integers(0, 10_000), items=st.integers(1, 6), contexts=st.integers(2, 5))
def test_equals_matrices_written_out(seed: int, items: int, contexts: int) -> None:
    choice, y, w, cluster = simulated(seed, 90, items, contexts)
    factor = (g := np.unique(cluster).size) / (g - 1)
    by_hand = marginal_moments(choice, y, w, cluster, factor)
    found = marginal_independence(choice, y, weight=w, cluster=cluster)
    np.testing.assert_allclose(found.item_statistic, by_hand.statistic, rtol=1e-9)
    effect = np.trace(by_hand.robust) / np.trace(by_hand.plain)
    assert found.design_effect == pytest.approx(effect, rel=1e-9)
    trace = found.df * effect
    squares = max(np.sum(by_hand.robust**2), trace**2 / found.df)
    assert found.second_order_df == pytest.approx(trace**2 / squares, rel=1e-8)
    cross = marginal_independence(choice, y, weight=w, cluster=cluster, trace_squares="cross")
    squares = max(by_hand.cross, trace**2 / found.df)
    assert cross.second_order_df == pytest.approx(trace**2 / squares, rel=1e-8)
    assert cross.statistic == found.statistic


@few
@given(seed=st.integers(0, 10_000), items=st.integers(1, 6))
def test_plain_test_equals_matrices_written_out_and_scipy(seed: int, items: int) -> None:
    choice, y, *_ = simulated(seed, 80, items)
    by_hand = marginal_moments(choice, y, np.ones(80), np.arange(80), 1.0)
    found = marginal_independence(choice, y)
    squares = max(np.sum(by_hand.robust**2), found.df)
    assert found.second_order_df == pytest.approx(found.df**2 / squares, rel=1e-8)
    for v in range(items):
        table = np.array(
            [[np.sum((choice == c) & (y[:, v] == k)) for k in (0, 1)] for c in range(3)]
        )
        reference = stats.chi2_contingency(table, correction=False)
        assert found.item_statistic[v] == pytest.approx(reference.statistic, abs=1e-9)
        assert found.item_log10_p[v] == pytest.approx(np.log10(reference.pvalue), abs=1e-9)


@few
@given(seed=st.integers(0, 10_000))
def test_single_observations_of_weight_one_are_plain_up_to_g_over_g_less_one(seed: int) -> None:
    choice, y, *_ = simulated(seed)
    n = choice.size
    plain = marginal_independence(choice, y, trace_squares="cross")
    found = marginal_independence(
        choice, y, weight=np.ones(n), cluster=np.arange(n), trace_squares="cross"
    )
    assert found.design_effect == pytest.approx(n / (n - 1))
    np.testing.assert_allclose(found.item_design_effect, n / (n - 1))
    assert found.statistic == pytest.approx(plain.statistic)
    assert found.second_order_df == pytest.approx(plain.second_order_df)
    shrunk = plain.second_order_statistic * (n - 1) / n
    assert found.second_order_statistic == pytest.approx(shrunk)


@few
@given(seed=st.integers(0, 10_000), times=st.integers(2, 4))
def test_copies_of_observations_add_no_evidence(seed: int, times: int) -> None:
    choice, y, w, cluster = simulated(seed)
    once = marginal_independence(choice, y, weight=w, cluster=cluster)
    copied = marginal_independence(
        np.repeat(choice, times),
        np.repeat(y, times, axis=0),
        weight=np.repeat(w, times),
        cluster=np.repeat(cluster, times),
    )
    assert copied.statistic == pytest.approx(times * once.statistic)
    assert copied.design_effect == pytest.approx(times * once.design_effect)
    assert copied.log10_p == pytest.approx(once.log10_p, rel=1e-7)
    np.testing.assert_allclose(copied.item_log10_p, once.item_log10_p, rtol=1e-7)


@few
@given(seed=st.integers(0, 10_000))
def test_names_order_complement_scale_and_storage_do_not_matter(seed: int) -> None:
    choice, y, w, cluster = simulated(seed)
    rng = np.random.default_rng(seed)
    order, items = rng.permutation(choice.size), rng.permutation(y.shape[1])
    flipped = np.where(rng.random(y.shape[1]) < 0.5, 1 - y, y)
    found = marginal_independence(choice, y[:, items], weight=w, cluster=cluster)
    other = marginal_independence(
        np.array(["x", "b", "k"])[choice][order],
        sparse.csc_array(flipped[order][:, items]),
        weight=7 * w[order],
        cluster=np.array([f"group {c}" for c in cluster])[order],
    )
    assert_same(found, other)


def test_dependence_on_the_context_is_found_and_far_tails_keep_their_logarithm() -> None:
    rng = np.random.default_rng(5)
    choice = rng.integers(0, 4, 40_000)
    y = rng.random((40_000, 6)) < np.where(choice == 0, 0.8, 0.1)[:, None]
    assert -200_000 < marginal_independence(choice, y).log10_p < -5_000


def test_covariance_is_never_formed() -> None:
    rng = np.random.default_rng(7)
    items = 2 * rng.zipf(1.5, 12_000) % 1_000
    rows, items = np.unique([rng.integers(0, 4_000, 12_000), items], axis=1)
    y = sparse.csr_array((np.ones(rows.size), (rows, items)), (4_000, 1_000))
    y = y[:, np.flatnonzero(y.sum(axis=0) > 0)]
    choice = np.arange(4_000) % 16
    tracemalloc.start()
    found = marginal_independence(choice, y, cluster=np.arange(4_000) // 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.df == 15 * y.shape[1] > 5_000
    assert peak < found.df**2


def test_item_that_never_varies_within_contexts_has_a_documented_nan() -> None:
    choice, y, w, cluster = simulated(3)
    y = np.column_stack([y, choice == 0])
    found = marginal_independence(choice, y, weight=w, cluster=cluster)
    assert np.isnan(found.item_design_effect).tolist() == [False] * 4 + [True]
    assert np.isnan(found.item_log10_p[4])
    assert found.item_statistic[4] == pytest.approx(choice.size)
    assert np.isfinite([found.log10_p, found.bonferroni_log10_p]).all()
    plain = marginal_independence(choice, y)
    assert np.isfinite(plain.item_log10_p).all()
    with pytest.raises(ValueError, match="no item varies within a context"):
        marginal_independence(choice, y[:, 4:], cluster=cluster)


def test_bootstrap_follows_its_seed_and_agrees_with_the_second_order() -> None:
    choice, y, w, cluster = simulated(8, n=400)
    design = {"weight": w, "cluster": cluster}
    for given_design in ({}, design):
        found = marginal_independence(choice, y, n_boot=150, seed=1, **given_design)
        again = marginal_independence(choice, y, n_boot=150, seed=1, **given_design)
        other = marginal_independence(choice, y, n_boot=150, seed=2, **given_design)
        assert found.bootstrap_log10_p == again.bootstrap_log10_p != other.bootstrap_log10_p
        assert 10**found.bootstrap_log10_p == pytest.approx(10**found.log10_p, abs=0.15)
        assert np.isnan(marginal_independence(choice, y, **given_design).bootstrap_log10_p)


def test_bootstrap_replicates_that_lose_an_item_or_a_context_are_kept() -> None:
    choice, y, w, cluster = simulated(4, n=40)
    choice = np.where(np.arange(40) == 7, 5, choice)
    y = np.column_stack([y, np.arange(40) == 9])
    for design in ({}, {"weight": w, "cluster": cluster}):
        found = marginal_independence(choice, y, n_boot=99, seed=3, **design)
        assert np.isfinite(found.bootstrap_log10_p)


def test_every_keyword_changes_the_result() -> None:
    choice, y, w, cluster = simulated(6)
    plain = marginal_independence(choice, y)
    assert marginal_independence(choice, y, weight=w).statistic != plain.statistic
    clustered = marginal_independence(choice, y, cluster=cluster)
    assert clustered.statistic == pytest.approx(plain.statistic)
    assert clustered.log10_p != plain.log10_p
    assert clustered.n_clusters < plain.n_clusters == plain.n == 90
    cross = marginal_independence(choice, y, trace_squares="cross")
    assert cross.second_order_df > plain.second_order_df


def test_frame_has_a_row_an_item() -> None:
    found = marginal_independence(*farmers_by_education())
    frame = found.to_frame()
    assert frame["item"].tolist() == [0, 1, 2, 3, 4]
    assert frame["df"].tolist() == [4] * 5
    np.testing.assert_array_equal(frame["statistic"], found.item_statistic)
    np.testing.assert_array_equal(frame["log10_p"], found.item_log10_p)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"choice": [0, 1]}, "choice: shape"),
        ({"choice": [0.0, np.nan, 1.0, 1.0]}, r"choice\[1\]: is missing"),
        ({"choice": [1, 1, 1, 1]}, "choice: all are"),
        ({"picks": [[0], [0], [0], [0]]}, r"picks: column \[0\]: was never"),
        ({"picks": [[0], [3], [0], [1]]}, r"picks\[1, 0\] = 3.0"),
        ({"weight": [1, 1, 0, 1]}, r"weight\[2\] = 0.0"),
        ({"cluster": ["a", None, "b", "b"]}, r"cluster\[1\]: is missing"),
        ({"n_boot": -5}, "n_boot = -5"),
        ({"trace_squares": "exact"}, "trace_squares: 'exact' is not one of"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], message: str) -> None:
    arguments = {"choice": [0, 0, 1, 1], "picks": [[0], [1], [0], [1]], **change}
    with pytest.raises(ValueError, match=message):
        marginal_independence(**arguments)  # type: ignore[arg-type]
