"""Variation across contexts and distances between them, against the functions and planted truth."""

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import random_frame, random_values
from valuescape.counts.families import count_families
from valuescape.statistics.divergence import jensen_shannon
from valuescape.statistics.invariance import corrected_cv
from valuescape.study.invariance import divergences, invariance

FRAME = random_frame(21, 1800).assign(subjective=True, group="ordinary")


def counted(values: pd.DataFrame) -> pd.DataFrame:
    return count_families(
        FRAME,
        lambda _: values,
        values,
        groups=["ordinary"],
        context_kinds=["task_type"],
        levels=[0],
        minimum_context_clusters=2,
        minimum_value_conversations=5,
    ).cells


def test_each_value_is_measured_on_its_own_cells() -> None:
    cells = counted(random_values(FRAME, 21))
    found = invariance(cells, context_kind="task_type", conf_level=0.9)
    assert set(found["value"]) == set(cells["value"])
    for row in found.itertuples():
        own = cells[cells["value"] == row.value].sort_values("context")
        alone = corrected_cv(
            own["n_both"], own["n_context"], conf_level=0.9, deff=own["design_effect"]
        )
        assert row.estimate == pytest.approx(alone.estimate[0])
        assert (row.ci_low, row.ci_high) == pytest.approx((alone.low[0], alone.high[0]))
        assert row.n_value == own["n_both"].sum()
        assert row.n_contexts == len(own)


def test_a_value_bound_to_one_task_varies_most() -> None:
    values = random_values(FRAME, 22)
    task = FRAME.set_index("conversation_id")["task_type"]
    bound = (values["value"] == "k") & (values["conversation_id"].map(task) != "code")
    kept = values[~(bound & (np.random.default_rng(2).random(len(values)) < 0.9))]
    found = invariance(counted(kept), context_kind="task_type", conf_level=0.95)
    assert found.set_index("value")["estimate"].idxmax() == "k"
    assert found.set_index("value").loc["k", "ci_low"] > 0


def test_two_contexts_are_too_few() -> None:
    cells = counted(random_values(FRAME, 21))
    few = cells[cells["context"].isin(sorted(cells["context"].unique())[:2])]
    assert invariance(few, context_kind="task_type", conf_level=0.95).empty


def test_pairs_of_contexts_are_compared_by_their_values() -> None:
    values = random_values(FRAME, 23)
    cells = counted(values)
    found = divergences(
        FRAME, lambda _: values, cells, context_kind="task_type", level=0, conf_level=0.95
    )
    names = sorted(cells["context"].unique())
    assert len(found) == len(names) * (len(names) - 1) // 2
    picks = pd.crosstab(values["conversation_id"], values["value"]).clip(upper=1)
    picks = picks.reindex(FRAME["conversation_id"], fill_value=0)
    row = found.iloc[0]
    rows = [(FRAME["task_type"] == row[side]).to_numpy() for side in ("first", "second")]
    groups = FRAME["prompt_group"].to_numpy(dtype=str)
    alone = jensen_shannon(
        *(picks[r].to_numpy() for r in rows), cluster=(groups[rows[0]], groups[rows[1]])
    )
    assert row["estimate"] == pytest.approx(alone.estimate)
    assert row["log10_p"] == pytest.approx(alone.log10_p)
