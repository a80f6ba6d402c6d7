"""The stratified omnibus test: one stratum, R, strata that differ, and its size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.statistics.oracle import oracle
from tests.statistics.test_pick_any_marginal import simulated
from tests.statistics.test_pick_any_simulation import near, picks, rejections
from valuescape.statistics import (
    conditional_independence,
    joint_independence,
    marginal_independence,
)

SCALARS = (
    "statistic", "df", "design_effect", "first_order_statistic", "first_order_log10_p",
    "second_order_statistic", "second_order_df", "log10_p", "bonferroni_log10_p", "n", "n_clusters",
)  # fmt: skip
few = settings(max_examples=8)


@few
@given(seed=st.integers(0, 10_000), items=st.integers(1, 5), designed=st.booleans())
def test_one_stratum_is_the_unstratified_test(seed: int, items: int, designed: bool) -> None:
    choice, y, w, cluster = simulated(seed, items=items)
    several = (np.random.default_rng(seed).random((choice.size, 3)) < 0.4).astype(int)
    design = {"weight": w, "cluster": cluster} if designed else {}
    for squares in ("plug-in", "cross"):
        how = design | {"trace_squares": squares}
        for context, plain in (
            (choice, marginal_independence(choice, y, **how)),
            (several, joint_independence(several, y, **how)),
        ):
            found = conditional_independence(context, y, np.zeros(choice.size), **how)
            for name in SCALARS:
                expected = getattr(plain, name)
                assert getattr(found, name) == pytest.approx(expected, rel=1e-8, abs=1e-9), name
            items_of = getattr(plain, "item_log10_p", getattr(plain, "pair_log10_p", None))
            np.testing.assert_allclose(
                found.item_log10_p, np.atleast_2d(items_of), rtol=1e-8, atol=1e-9
            )


def test_equals_r() -> None:
    rows = oracle("conditional")
    data = rows[rows["test"] == "data"].pivot(index="row", columns="quantity", values="value")
    said = rows[rows["test"] != "data"].set_index(["test", "quantity"])["value"]
    y, several = (data[names].to_numpy() for names in (["y1", "y2", "y3"], ["a1", "a2"]))
    size = len(data) / data["stratum"].nunique()
    for names, context in ((["choice"], data["choice"]), (["a1", "a2"], several)):
        found = conditional_independence(context, y, data["stratum"])
        for i, name in enumerate(names):
            for j in range(3):
                cmh = said[f"{name}_y{j + 1}", "statistic"] * size / (size - 1)
                assert found.item_statistic[i, j] == pytest.approx(cmh, rel=1e-11)
                assert found.item_df[i, j] == said[f"{name}_y{j + 1}", "df"]
    design = {"weight": data["weight"], "cluster": data["cluster"]}
    for test, context in (("choice", data["choice"]), ("several", several)):
        found = conditional_independence(context, y, data["stratum"], **design)
        for quantity, name in (
            ("statistic", "statistic"), ("df", "df"), ("effect", "design_effect"),
            ("statistic2", "second_order_statistic"), ("df2", "second_order_df"),
            ("log10_p", "log10_p"),
        ):  # fmt: skip
            assert getattr(found, name) == pytest.approx(said[test, quantity], rel=1e-11), quantity


@few
@given(seed=st.integers(0, 10_000))
def test_order_and_names_do_not_matter_and_lone_strata_say_nothing(seed: int) -> None:
    choice, y, w, cluster = simulated(seed)
    stratum = np.where(cluster % 3 == 0, "s", "t")
    one = conditional_independence(choice, y, stratum, weight=w, cluster=cluster)
    order = np.random.default_rng(seed).permutation(choice.size)
    other = conditional_independence(
        choice[order] * 10, y[order], stratum[order] == "s", weight=w[order], cluster=cluster[order]
    )
    assert other.log10_p == pytest.approx(one.log10_p, rel=1e-8, abs=1e-9)
    alone = np.concatenate([stratum, ["u"] * 20])
    more = conditional_independence(
        np.concatenate([choice, np.zeros(20, dtype=int)]),
        np.vstack([y, np.random.default_rng(1).integers(0, 2, (20, y.shape[1]))]),
        alone,
    )
    without = conditional_independence(choice, y, stratum)
    np.testing.assert_allclose(more.item_statistic, without.item_statistic, rtol=1e-8, atol=1e-12)
    assert (more.df, more.n_strata) == (without.df, 3)


def test_an_item_that_varies_in_no_stratum_is_not_tested() -> None:
    stratum = np.repeat(["s", "t"], 20)
    y = np.column_stack([stratum == "s", np.arange(40) % 3 == 0]).astype(int)
    found = conditional_independence(np.arange(40) % 2, y, stratum)
    assert found.item_statistic[0, 0] == 0
    assert np.isnan(found.item_log10_p[0, 0])
    assert found.df == 1
    frame = found.to_frame()
    assert frame["df"].isna().tolist() == [True, False]


@pytest.mark.parametrize("times", [40, pytest.param(600, marks=pytest.mark.slow)])
def test_strata_that_differ_in_both_are_no_association(times: int) -> None:
    """Sources differ in tasks and in values: the unstratified test sees nothing but that."""
    rng = np.random.default_rng(77)
    cluster = np.repeat(np.arange(100), 4)
    stratum = cluster % 2

    def one() -> list[float]:
        y = picks(rng, 100, 4, 6, 0.4) | ((stratum == 1)[:, None] & (rng.random((400, 6)) < 0.35))
        share = np.where(np.arange(100) % 2 == 1, 0.8, 0.2)
        choice = (rng.random(100) < share)[cluster].astype(int) + (rng.random(400) < 0.2)
        design = {"weight": rng.uniform(0.5, 2, 400), "cluster": cluster}
        several = (rng.random((400, 3)) < np.where(stratum == 1, 0.5, 0.2)[:, None]).astype(int)
        return [
            conditional_independence(choice, y, stratum, **design).log10_p,
            conditional_independence(choice, y, stratum, trace_squares="cross", **design).log10_p,
            conditional_independence(several, y, stratum, trace_squares="cross", **design).log10_p,
            marginal_independence(choice, y, trace_squares="cross", **design).log10_p,
        ]

    *held, unstratified = rejections(one, times)
    assert all(near(share, 0.05, times) for share in held), held
    assert unstratified > 0.5


def test_an_association_within_strata_is_found_where_strata_hide_it() -> None:
    rng = np.random.default_rng(3)
    stratum = np.repeat([0, 1], 400)
    choice = (rng.random(800) < np.where(stratum == 1, 0.8, 0.2)).astype(int)
    p = np.where(stratum == 1, 0.25, 0.55)[:, None] + 0.3 * choice[:, None]
    y = (rng.random((800, 3)) < p).astype(int)
    assert conditional_independence(choice, y, stratum).log10_p < -8
    assert (
        marginal_independence(choice, y).log10_p
        > conditional_independence(choice, y, stratum).log10_p
    )
