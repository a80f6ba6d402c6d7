"""joint_independence against published figures, R, `contingency` and written-out matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tests.statistics.multiple_response import farmers_by_storage, joint_moments
from tests.statistics.oracle import oracle
from valuescape.statistics import contingency, joint_covariance
from valuescape.statistics.joint_independence import JointIndependence, joint_independence

few = settings(max_examples=8)
PAIRS = ("pair_statistic", "pair_residual", "pair_design_effect", "pair_log10_p")
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


def simulated(seed: int, n: int = 90, items: int = 4, others: int = 3) -> tuple[np.ndarray, ...]:
    """Two sets of picks, weights and clusters."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, n // 4, n)
    taste = rng.normal(size=(n // 4, 1))[cluster] + rng.normal(size=(n, items + others))
    y = (taste + rng.normal(size=(n, 1)) > 0.3).astype(int)
    y[0], y[1] = 0, 1
    return y[:, :items], y[:, items:], rng.uniform(0.5, 3, n), cluster


def assert_same(found: JointIndependence, other: JointIndependence) -> None:
    for name in SCALARS:
        assert getattr(found, name) == pytest.approx(getattr(other, name), rel=1e-8, abs=1e-9), name
    for name in PAIRS:
        np.testing.assert_allclose(
            getattr(found, name), getattr(other, name), rtol=1e-8, atol=1e-9, err_msg=name
        )


def test_farmers_by_storage_as_published() -> None:
    found = joint_independence(*farmers_by_storage())
    published = [[4.93, 2.93, 14.29, 0.01], [6.56, 2.11, 11.68, 0.13], [13.98, 0.00, 7.08]]
    assert found.pair_statistic[:2].round(2).tolist() == published[:2]
    assert found.pair_statistic[2, :3].round(2).tolist() == published[2]
    # The published 0.32 of the last pair adds one half to its empty cell; 64.03 holds it.
    assert found.statistic - found.pair_statistic[2, 3] == pytest.approx(64.03 - 0.32, abs=0.01)
    assert found.df == 12
    assert np.sign(found.pair_residual[0]).tolist() == [1, 1, -1, 1]


def test_equals_r() -> None:
    rows = oracle("pick_any")
    data = rows[rows["test"] == "data"].pivot(index="row", columns="quantity", values="value")
    said = rows[rows["test"] != "data"].set_index(["test", "quantity"])["value"]
    y, z = data[["y1", "y2", "y3"]], data[["z1", "z2"]]
    design = {"weight": data["weight"], "cluster": data["cluster"]}
    for test, given_design in (("joint_plain", {}), ("joint_design", design)):
        result = joint_independence(y, z, **given_design)
        assert result.statistic == pytest.approx(said[test, "statistic"], rel=1e-11)
        assert result.design_effect == pytest.approx(said[test, "effect"], rel=1e-11)
        assert result.second_order_statistic == pytest.approx(said[test, "statistic2"], rel=1e-11)
        assert result.second_order_df == pytest.approx(said[test, "df2"], rel=1e-11)
        assert result.log10_p == pytest.approx(said[test, "log10_p"], rel=1e-11)


@pytest.mark.parametrize("rows_at_once", [7, 256])
@few
@given(seed=st.integers(0, 10_000), items=st.integers(1, 5), others=st.integers(1, 5))
def test_equals_matrices_written_out(rows_at_once: int, seed: int, items: int, others: int) -> None:
    y, z, w, cluster = simulated(seed, 90, items, others)
    factor = (g := np.unique(cluster).size) / (g - 1)
    by_hand = joint_moments(y, z, w, cluster, factor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joint_covariance, "ROWS_AT_ONCE", rows_at_once)
        found = joint_independence(y, z, weight=w, cluster=cluster)
        cross = joint_independence(y, z, weight=w, cluster=cluster, trace_squares="cross")
    np.testing.assert_allclose(found.pair_statistic, by_hand.statistic, rtol=1e-9, atol=1e-12)
    effects = np.diag(by_hand.robust) / np.diag(by_hand.plain)
    np.testing.assert_allclose(found.pair_design_effect.ravel(), effects, rtol=1e-8)
    trace = found.df * np.trace(by_hand.robust) / np.trace(by_hand.plain)
    assert found.design_effect == pytest.approx(trace / found.df, rel=1e-9)
    for result, squares in ((found, np.sum(by_hand.robust**2)), (cross, by_hand.cross)):
        used = max(squares, trace**2 / found.df)
        assert result.second_order_df == pytest.approx(trace**2 / used, rel=1e-8)


@few
@given(seed=st.integers(0, 10_000))
def test_plain_residuals_are_those_of_two_by_two_tables(seed: int) -> None:
    y, z, *_ = simulated(seed)
    found = joint_independence(y, z)
    by_hand = joint_moments(y, z, np.ones(90), np.arange(90), 1.0)
    squares = max(np.sum(by_hand.robust**2), found.df)
    assert found.second_order_df == pytest.approx(found.df**2 / squares, rel=1e-8)
    for a, b in np.ndindex(found.pair_residual.shape):
        table = contingency(np.histogram2d(y[:, a], z[:, b], bins=2)[0])
        assert found.pair_statistic[a, b] == pytest.approx(table.statistic, abs=1e-9)
        residual = table.adjusted_residual[1, 1]
        assert found.pair_residual[a, b] == pytest.approx(residual, abs=1e-9)
        assert found.pair_log10_p[a, b] == pytest.approx(table.log10_p, abs=1e-9)


@few
@given(seed=st.integers(0, 10_000))
def test_single_observations_of_weight_one_are_plain_up_to_g_over_g_less_one(seed: int) -> None:
    y, z, *_ = simulated(seed)
    plain = joint_independence(y, z, trace_squares="cross")
    found = joint_independence(
        y, z, weight=np.ones(90), cluster=np.arange(90), trace_squares="cross"
    )
    np.testing.assert_allclose(found.pair_design_effect, 90 / 89)
    assert found.design_effect == pytest.approx(90 / 89)
    assert found.second_order_df == pytest.approx(plain.second_order_df)
    shrunk = plain.second_order_statistic * 89 / 90
    assert found.second_order_statistic == pytest.approx(shrunk)


@few
@given(seed=st.integers(0, 10_000), times=st.integers(2, 4))
def test_copies_of_observations_add_no_evidence(seed: int, times: int) -> None:
    y, z, w, cluster = simulated(seed)
    once = joint_independence(y, z, weight=w, cluster=cluster)
    y, z, w, cluster = (np.repeat(each, times, axis=0) for each in (y, z, w, cluster))
    copied = joint_independence(y, z, weight=w, cluster=cluster)
    assert copied.design_effect == pytest.approx(times * once.design_effect)
    assert copied.log10_p == pytest.approx(once.log10_p, rel=1e-7)
    np.testing.assert_allclose(copied.pair_residual, once.pair_residual, rtol=1e-7, atol=1e-9)


@few
@given(seed=st.integers(0, 10_000))
def test_order_scale_storage_and_sides_do_not_matter(seed: int) -> None:
    y, z, w, cluster = simulated(seed)
    order = np.random.default_rng(seed).permutation(w.size)
    found = joint_independence(y, z, weight=w, cluster=cluster)
    again = joint_independence(
        sparse.csc_array(y[order]), z[order], weight=3 * w[order], cluster=-cluster[order]
    )
    assert_same(found, again)
    turned = joint_independence(z, y, weight=w, cluster=cluster)
    for name in SCALARS:
        assert getattr(turned, name) == pytest.approx(getattr(found, name), rel=1e-9, abs=1e-12)
    for name in PAIRS:
        np.testing.assert_allclose(getattr(turned, name).T, getattr(found, name), rtol=1e-9)


@few
@given(seed=st.integers(0, 10_000))
def test_complements_turn_the_residual_only(seed: int) -> None:
    y, z, w, cluster = simulated(seed)
    found = joint_independence(y, z, weight=w, cluster=cluster)
    other = joint_independence(1 - y, z, weight=w, cluster=cluster)
    np.testing.assert_allclose(other.pair_residual, -found.pair_residual, rtol=1e-8, atol=1e-9)
    assert other.log10_p == pytest.approx(found.log10_p, rel=1e-8)


def test_pair_without_variance_between_clusters_has_a_documented_nan() -> None:
    half = np.tile([0, 1, 0, 1], 20)
    y, *_, cluster = simulated(2, n=80)
    found = joint_independence(np.column_stack([y, half]), half[:, None], cluster=cluster)
    assert np.isnan(found.pair_design_effect).ravel().tolist() == [False] * 4 + [True]
    assert np.isnan(found.pair_log10_p[4, 0])
    assert np.isnan(found.pair_residual[4, 0])
    assert found.pair_statistic[4, 0] == pytest.approx(80)
    assert np.isfinite([found.log10_p, found.bonferroni_log10_p]).all()
    with pytest.raises(ValueError, match="no pair of items varies between clusters"):
        joint_independence(half[:, None], half[:, None], cluster=cluster)


def test_bootstrap_follows_its_seed_and_agrees_with_the_second_order() -> None:
    y, _, w, cluster = simulated(8, n=400)
    z = simulated(9, n=400)[1]
    for design in ({}, {"weight": w, "cluster": cluster}):
        found = joint_independence(y, z, n_boot=150, seed=1, **design)
        again = joint_independence(y, z, n_boot=150, seed=1, **design)
        other = joint_independence(y, z, n_boot=150, seed=2, **design)
        assert found.bootstrap_log10_p == again.bootstrap_log10_p != other.bootstrap_log10_p
        assert 10**found.bootstrap_log10_p == pytest.approx(10**found.log10_p, abs=0.15)
        assert np.isnan(joint_independence(y, z, **design).bootstrap_log10_p)


def test_bootstrap_replicates_that_lose_an_item_are_kept() -> None:
    y, z, w, cluster = simulated(4, n=40)
    z = np.column_stack([z, np.arange(40) == 9])
    for design in ({}, {"weight": w, "cluster": cluster}):
        found = joint_independence(y, z, n_boot=50, seed=3, **design)
        assert np.isfinite(found.bootstrap_log10_p)


def test_every_keyword_changes_the_result() -> None:
    y, z, w, cluster = simulated(6)
    plain = joint_independence(y, z)
    assert joint_independence(y, z, weight=w).statistic != plain.statistic
    clustered = joint_independence(y, z, cluster=cluster)
    assert clustered.statistic == pytest.approx(plain.statistic)
    assert clustered.log10_p != plain.log10_p
    assert clustered.n_clusters < plain.n_clusters == plain.n == 90
    cross = joint_independence(y, z, trace_squares="cross")
    assert cross.second_order_df > plain.second_order_df


def test_frame_has_a_row_a_pair() -> None:
    found = joint_independence(*farmers_by_storage())
    frame = found.to_frame()
    assert frame["item_a"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert frame["item_b"].tolist() == [0, 1, 2, 3] * 3
    np.testing.assert_array_equal(frame["residual"], found.pair_residual.ravel())
    np.testing.assert_array_equal(frame["log10_p"], found.pair_log10_p.ravel())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"picks_a": [[0], [0], [0], [0]]}, r"picks_a: column \[0\]: was never"),
        ({"picks_b": [[1], [1], [1], [1]]}, r"picks_b: column \[0\]: was always"),
        ({"picks_b": [[1], [0]]}, "picks_b: 2 rows, but picks_a has 4"),
        ({"weight": [1, 1, 0, 1]}, r"weight\[2\] = 0.0"),
        ({"cluster": ["a", None, "b", "b"]}, r"cluster\[1\]: is missing"),
        ({"cluster": [1, 1, 1, 1]}, "cluster: all are 1"),
        ({"n_boot": -5}, "n_boot = -5"),
        ({"trace_squares": "exact"}, "trace_squares: 'exact' is not one of"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], message: str) -> None:
    arguments = {"picks_a": [[0], [0], [1], [1]], "picks_b": [[0], [1], [0], [1]], **change}
    with pytest.raises(ValueError, match=message):
        joint_independence(**arguments)  # type: ignore[arg-type]
