"""One test a family, on the conversations that the family compares."""

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import random_frame, random_values
from tests.study.test_associations import PLAN
from valuescape.counts.families import count_families
from valuescape.statistics import conditional_independence, marginal_independence
from valuescape.study.associations import associate
from valuescape.study.family_data import each_family
from valuescape.study.independence import independence


@pytest.fixture(scope="module")
def data() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    frame = random_frame(11, 1500).assign(subjective=True, group="ordinary")
    values, uttered = random_values(frame, 11), random_values(frame, 12, "uv")
    tables = count_families(
        frame,
        lambda _: values,
        uttered,
        groups=["ordinary"],
        context_kinds=["task_type", "user_value"],
        levels=[0],
        minimum_context_clusters=5,
        minimum_value_conversations=5,
    )
    return frame, values, uttered, associate(tables.cells, tables.strata, PLAN)


Data = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def test_each_family_is_tested_on_its_own_conversations(data: Data) -> None:
    frame, values, uttered, cells = data
    found = independence(frame, lambda _: values, uttered, cells).set_index("context_kind")
    picks = pd.crosstab(values["conversation_id"], values["value"]).clip(upper=1)
    picks = picks.reindex(frame["conversation_id"], fill_value=0)
    design = {
        "stratum": frame["stratum"],
        "weight": frame["weight"],
        "cluster": frame["prompt_group"],
        "trace_squares": "cross",
    }
    one = conditional_independence(frame["task_type"], picks, **design)
    row = found.loc["task_type"]
    assert row["method"] == "conditional_marginal_independence"
    assert row["statistic"] == pytest.approx(one.second_order_statistic)
    assert row["log10_p"] == pytest.approx(one.log10_p)
    said = pd.crosstab(uttered["conversation_id"], uttered["value"]).clip(upper=1)
    said = said.reindex(frame["conversation_id"], fill_value=0)
    names = np.unique(cells.loc[cells["context_kind"] == "user_value", "context"])
    two = conditional_independence(said[names], picks, **design)
    assert found.loc["user_value", "method"] == "conditional_joint_independence"
    assert found.loc["user_value", "statistic"] == pytest.approx(two.second_order_statistic)
    assert (found[["n", "n_clusters"]] > 0).all().all()


def test_a_planted_association_is_found_and_a_lone_context_is_left_out(data: Data) -> None:
    frame, values, uttered, cells = data
    code = set(frame.loc[frame["task_type"] == "code", "conversation_id"])
    lost = (values["value"] == "k") & ~values["conversation_id"].isin(code)
    kept = values[~(lost & (np.random.default_rng(1).random(len(values)) < 0.8))]
    task = cells[cells["context_kind"] == "task_type"]
    before = independence(frame, lambda _: values, uttered, task)["log10_p"].item()
    after = independence(frame, lambda _: kept, uttered, task)["log10_p"].item()
    assert after < -3 < before
    assert independence(frame, lambda _: values, uttered, task[task["context"] == "code"]).empty


def test_one_stratum_leaves_the_unstratified_test_and_lone_contexts_are_not_compared(
    data: Data,
) -> None:
    frame, values, uttered, cells = data
    task = cells[cells["context_kind"] == "task_type"]
    one = frame.assign(stratum="s")
    found = independence(one, lambda _: values, uttered, task)
    picks = pd.crosstab(values["conversation_id"], values["value"]).clip(upper=1)
    plain = marginal_independence(
        frame["task_type"],
        picks.reindex(frame["conversation_id"], fill_value=0),
        weight=frame["weight"],
        cluster=frame["prompt_group"],
        trace_squares="cross",
    )
    assert found["log10_p"].item() == pytest.approx(plain.log10_p)
    assert found["n_strata"].item() == 1
    apart = frame.assign(stratum=frame["task_type"])
    assert independence(apart, lambda _: values, uttered, task).empty


def test_families_hold_only_what_their_cells_name(data: Data) -> None:
    frame, values, uttered, cells = data
    few = cells[(cells["value"].isin(["k", "a"])) & (cells["context"] != "code")]
    for part in each_family(frame, lambda _: values, uttered, few):
        rows = few[few["context_kind"] == part.family["context_kind"]]
        assert part.contexts.names.tolist() == sorted(rows["context"].unique())
        assert part.values.names.tolist() == sorted(rows["value"].unique())
        counts = (part.contexts.matrix.T @ part.values.matrix).toarray()
        table = rows.pivot_table(index="context", columns="value", values="n_both")
        np.testing.assert_array_equal(counts, table.to_numpy())
