"""Tests, sizes and rankings of cells against other programs and planted truth."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tests.counts.random_data import random_frame, random_values
from valuescape.counts.cells import CELL_KEY, CellTables
from valuescape.counts.families import count_families
from valuescape.statistics.hierarchical import hierarchical_bh
from valuescape.study.associations import associate
from valuescape.study.omnibus import omnibus
from valuescape.study.plan import FAMILY, CellPlan
from valuescape.study.rankings import top_sets, top_values

PLAN = CellPlan(
    minimum_expected=20,
    minimum_clusters=20,
    conf_level=0.95,
    q_threshold=0.05,
    distinctive_risk_ratio=1.2,
    minimum_expected_ranked=2.0,
    prior_strength=None,
)


def planted(seed: int = 5, n: int = 1200) -> CellTables:
    """Count random data in which "code" says "k" three times as often as the rest."""
    frame = random_frame(seed, n).assign(subjective=True, group="ordinary")
    values = random_values(frame, seed)
    code = set(frame.loc[frame["task_type"] == "code", "conversation_id"])
    rng = np.random.default_rng(seed)
    lost = (values["value"] == "k") & ~values["conversation_id"].isin(code)
    values = values[~(lost & (rng.random(len(values)) < 2 / 3))]
    return count_families(
        frame,
        lambda _: values,
        random_values(frame, seed + 1, "uv"),
        groups=["ordinary"],
        context_kinds=["task_type", "user_value"],
        levels=[0],
        minimum_context_clusters=5,
        minimum_value_conversations=5,
    )


TABLES = planted()
FOUND = associate(TABLES.cells, TABLES.strata, PLAN)
HALVED = FOUND.assign(replication=np.resize(["both_ways", "one_way", "undeclared"], len(FOUND)))


def test_one_row_a_cell_with_the_key_of_the_counts() -> None:
    pd.testing.assert_frame_equal(
        FOUND[CELL_KEY].sort_values(CELL_KEY).reset_index(drop=True),
        TABLES.cells[CELL_KEY].sort_values(CELL_KEY).reset_index(drop=True),
    )
    assert FOUND.drop(columns=["fcr_low", "fcr_high"]).notna().all().all()


def test_p_and_q_are_in_range_and_in_order() -> None:
    assert (FOUND["log10_p"] <= 0).all()
    assert (FOUND["log10_p_independent"] <= 0).all()
    assert FOUND["q_value"].between(0, 1).all()
    assert (FOUND["q_value"] >= 10.0 ** FOUND["log10_p"] * (1 - 1e-12)).all()
    assert (FOUND["q_value"] <= PLAN.q_threshold)[FOUND["bonferroni"]].all()
    assert set(FOUND["method"]) <= {"clustered_score", "exact_deflated"}


def test_q_and_bonferroni_are_those_of_statsmodels_within_each_family() -> None:
    for _, part in FOUND.groupby(FAMILY):
        p = 10.0 ** part["log10_p"].to_numpy()
        q = multipletests(p, method="fdr_bh")[1]
        np.testing.assert_allclose(part["q_value"], q, rtol=1e-9, atol=1e-300)
        reject = multipletests(p, alpha=PLAN.q_threshold, method="bonferroni")[0]
        np.testing.assert_array_equal(part["bonferroni"], reject)


def test_the_independent_p_is_the_mid_p_of_the_hypergeometric_distribution() -> None:
    for row in FOUND.itertuples():
        law = stats.hypergeom(row.n_total, row.n_value, row.n_context)
        p = two_sided_mid_p(law, row.n_both)
        assert 10.0**row.log10_p_independent == pytest.approx(p, rel=1e-6)


def two_sided_mid_p(law: stats.rv_discrete, k: int) -> float:
    """Twice the smaller one-sided mid-p, at most 1."""
    upper = law.sf(k) + 0.5 * law.pmf(k)
    lower = law.cdf(k - 1) + 0.5 * law.pmf(k)
    return min(1.0, 2 * min(upper, lower))


def test_ratios_and_residuals_follow_from_the_printed_columns() -> None:
    ratio = FOUND["prevalence_inside"] / FOUND["prevalence_outside"]
    np.testing.assert_allclose(FOUND["risk_ratio"], ratio, rtol=1e-9)
    assert FOUND["risk_ratio"].between(FOUND["ci_low"], FOUND["ci_high"]).all()
    for row in FOUND.itertuples():
        a, r, c, n = row.n_both, row.n_context, row.n_value, row.n_total
        table = np.array([[a, r - a], [c - a, n - r - c + a]])
        expected = stats.contingency.expected_freq(table)[0, 0]
        spread = np.sqrt(expected * (1 - r / n) * (1 - c / n))
        assert row.adjusted_residual == pytest.approx((a - expected) / spread)
        g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")[0]
        assert abs(row.signed_root_deviance) == pytest.approx(np.sqrt(g), rel=1e-6, abs=1e-6)
        assert np.sign(row.signed_root_deviance) == np.sign(a - expected)


def test_the_planted_association_is_found_and_no_other_is_called_distinctive() -> None:
    tasks = FOUND[FOUND["context_kind"] == "task_type"].set_index(["context", "value"])
    cell = tasks.loc[("code", "k")]
    assert cell["bonferroni"]
    assert cell["distinctive"]
    assert cell["ci_low"] > 1.5
    assert cell["log_odds_z"] == tasks["log_odds_z"].max()
    others = tasks.drop(index=[("code", "k")])
    assert not others["distinctive"].any()
    users = FOUND[FOUND["context_kind"] == "user_value"]
    assert not users["bonferroni"].any()


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = associate(
        TABLES.cells.sample(frac=1, random_state=1),
        TABLES.strata.sample(frac=1, random_state=2),
        PLAN,
    )
    pd.testing.assert_frame_equal(shuffled, FOUND)


CHANGES = {
    "minimum_expected": (1000.0, "method"),
    "minimum_clusters": (10_000, "method"),
    "conf_level": (0.8, "ci_low"),
    "q_threshold": (1e-30, "bonferroni"),
    "distinctive_risk_ratio": (50.0, "distinctive"),
    "prior_strength": (5.0, "log_odds"),
}


@pytest.mark.parametrize("option", CHANGES)
def test_each_option_of_the_plan_changes_its_column(option: str) -> None:
    value, column = CHANGES[option]
    plan = dataclasses.replace(PLAN, **{option: value})  # type: ignore[arg-type]
    changed = associate(TABLES.cells, TABLES.strata, plan)
    assert (changed[column] != FOUND[column]).any()


def test_top_values_are_ranked_and_a_context_without_any_says_so() -> None:
    top = top_values(FOUND, context_kind="task_type", top_k=5)
    assert set(top["context"]) == {"advice", "code", "history"}
    code = top[top["context"] == "code"]
    assert code[["rank", "value"]].values.tolist() == [[1, "k"]]
    none = top[top["context"] == "advice"]
    assert none[["rank", "value"]].values.tolist() == [[0, "no distinctive value"]]
    assert none["n_context"].item() > 0


def test_top_values_stop_at_top_k_and_follow_the_shrunken_ratio() -> None:
    wild = FOUND.assign(distinctive=True)
    for top_k in (1, 3):
        top = top_values(wild, context_kind="task_type", top_k=top_k)
        for (_, _, context), part in top.groupby(["group", "level", "context"]):
            own = wild[(wild["context_kind"] == "task_type") & (wild["context"] == context)]
            best = own.sort_values("log_rr", ascending=False)["value"].head(top_k)
            assert part["value"].tolist() == best.tolist()
            assert part["rank"].tolist() == list(range(1, top_k + 1))


def test_the_omnibus_is_the_chi_square_of_scipy() -> None:
    found = omnibus(TABLES.cells, HALVED, PLAN).set_index("context_kind")
    part = TABLES.cells[TABLES.cells["context_kind"] == "task_type"]
    grid = part.pivot_table(index="context", columns="value", values="n_both")
    result = stats.chi2_contingency(grid, correction=False)
    row = found.loc["task_type"]
    assert row["chi_square"] == pytest.approx(result.statistic)
    assert row["chi_square_df"] == result.dof
    assert row["chi_square_log10_p"] == pytest.approx(np.log10(result.pvalue), rel=1e-6)
    assert row["n_cells"] == grid.size
    assert pd.isna(found.loc["user_value", "chi_square"])


def test_the_omnibus_counts_what_each_method_declares() -> None:
    found = omnibus(TABLES.cells, HALVED, PLAN).set_index("context_kind")
    for kind, part in HALVED.groupby("context_kind"):
        row = found.loc[kind]
        chosen = part[part["q_value"] <= PLAN.q_threshold]["replication"]
        assert row["replicated_both_ways"] == (chosen == "both_ways").sum()
        assert row["replicated_one_way"] == (chosen == "one_way").sum()
        grid = part.pivot_table(index="value", columns="context", values="log10_p")
        assert row["declared_hierarchical"] == hierarchical_bh(grid, level=0.05).declared.sum()
        level = PLAN.q_threshold / len(part)
        assert row["declared_bh"] == (part["q_value"] <= PLAN.q_threshold).sum()
        assert row["declared_bonferroni"] == (10.0 ** part["log10_p"] <= level).sum()
        exact = 10.0 ** part["log10_p_independent"] <= level
        assert row["declared_independent"] == exact.sum()
        normal = 2 * stats.norm.sf(part["adjusted_residual"].abs()) <= level
        assert row["declared_residual"] == normal.sum()


def test_a_family_of_one_context_has_no_omnibus_statistic() -> None:
    code = TABLES.cells["context"] == "code"
    cells, strata = TABLES.cells[code], TABLES.strata[TABLES.strata["context_kind"] == "task_type"]
    table = omnibus(cells, associate(cells, strata, PLAN).assign(replication=""), PLAN)
    assert table["n_cells"].item() == 5
    assert "chi_square" not in table or table["chi_square"].isna().all()


def test_intervals_of_selected_cells_are_wider_and_only_theirs() -> None:
    selected = FOUND["q_value"] <= PLAN.q_threshold
    assert selected.any()
    assert FOUND.loc[~selected, ["fcr_low", "fcr_high"]].isna().all().all()
    chosen = FOUND[selected]
    assert (chosen["fcr_low"] <= chosen["ci_low"]).all()
    assert (chosen["fcr_high"] >= chosen["ci_high"]).all()
    for _, part in FOUND.groupby(FAMILY):
        own = part[part["q_value"] <= PLAN.q_threshold]
        if len(own):
            level = 1 - len(own) * (1 - PLAN.conf_level) / len(part)
            wider = dataclasses.replace(PLAN, conf_level=level)
            again = associate(TABLES.cells, TABLES.strata, wider).set_index(CELL_KEY)
            row = own.iloc[0]
            assert again.loc[tuple(row[CELL_KEY]), "ci_low"] == pytest.approx(row["fcr_low"])


def test_the_top_set_holds_the_best_candidate_and_shrinks_with_precision() -> None:
    found = top_sets(FOUND, PLAN)
    effective = FOUND["expected"] / FOUND["design_effect"]
    assert len(found) == (effective >= PLAN.minimum_expected_ranked).sum()
    for _, part in found.groupby([*FAMILY, "context"]):
        assert part.loc[part["log_rr"].idxmax(), "in_top_set"]
        assert (part["rank_low"] <= part["rank"]).all()
        assert (part["rank"] <= part["rank_high"]).all()
        assert (part["in_top_set"] | (part["rank_low"] > 1)).all()
    middle = float(effective.median())
    few = top_sets(FOUND, dataclasses.replace(PLAN, minimum_expected_ranked=middle))
    assert len(few) < len(found)
    lax = top_sets(FOUND, dataclasses.replace(PLAN, conf_level=0.5))
    sharp = FOUND.assign(log_rr_low=FOUND["log_rr"] - 0.01, log_rr_high=FOUND["log_rr"] + 0.01)
    assert top_sets(sharp, PLAN)["in_top_set"].sum() < found["in_top_set"].sum()
    assert lax["in_top_set"].sum() >= 1
