"""Resistance, stances and explicit values against loops and planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import answered_frame, random_values
from tests.study.test_associations import PLAN
from valuescape.errors import InputError
from valuescape.schema import RESPONSE_TYPES
from valuescape.study.resistance import (
    RESISTANCE,
    SUPPORT,
    explicit_shares,
    resistance_against_support,
    stance_by_task_type,
)

FRAME = answered_frame(4)
VALUES = random_values(FRAME, 4).assign(explicit=lambda t: t.index % 3 == 0)


def test_a_value_planted_under_resistance_is_found() -> None:
    rng = np.random.default_rng(1)
    resists = FRAME["response_type"].isin(RESISTANCE)
    honest = FRAME.loc[rng.random(len(FRAME)) < np.where(resists, 0.6, 0.1), "conversation_id"]
    values = pd.concat([VALUES, pd.DataFrame({"conversation_id": honest, "value": "honesty"})])
    found = resistance_against_support(
        FRAME, values, PLAN, groups=["ordinary", "adversarial"], minimum_value_conversations=3
    )
    assert set(found["context"]) == {"resistance"}
    cells = found.set_index(["group", "value"])
    for group in ("ordinary", "adversarial"):
        cell = cells.loc[(group, "honesty")]
        assert cell["bonferroni"]
        assert cell["ci_low"] > 2
        part = FRAME[
            (FRAME["group"] == group) & FRAME["response_type"].isin((*RESISTANCE, *SUPPORT))
        ]
        assert cell["n_total"] == len(part)
        inside = part[part["response_type"].isin(RESISTANCE)]
        assert cell["n_context"] == len(inside)
        assert cell["n_both"] == inside["conversation_id"].isin(honest).sum()
        assert not cells.loc[group].drop(index="honesty")["bonferroni"].any()


def test_rare_values_and_other_groups_are_left_out() -> None:
    common = VALUES[VALUES["value"].isin(["k", "l"])]
    rare = VALUES[VALUES["value"] == "m"].head(2)
    found = resistance_against_support(
        FRAME,
        pd.concat([common, rare]),
        PLAN,
        groups=["ordinary"],
        minimum_value_conversations=3,
    )
    assert set(found["value"]) == {"k", "l"}
    assert set(found["group"]) == {"ordinary"}


def test_a_stance_that_a_task_calls_for_is_found() -> None:
    rng = np.random.default_rng(2)
    resists = (FRAME["task_type"] == "code") & (rng.random(len(FRAME)) < 0.5)
    stance = FRAME.assign(
        response_type=np.where(resists, "strong_resistance", FRAME["response_type"])
    )
    found = stance_by_task_type(stance, PLAN, groups=["ordinary"], minimum_context_clusters=2)
    cells = found.set_index(["context", "value"])
    assert len(cells) == 3 * len(RESPONSE_TYPES)
    assert cells.loc[("code", "strong_resistance"), "bonferroni"]
    part = stance[stance["group"] == "ordinary"]
    both = (part["task_type"] == "code") & (part["response_type"] == "strong_resistance")
    assert cells.loc[("code", "strong_resistance"), "n_both"] == both.sum()
    sizes = part.groupby("task_type")["prompt_group"].nunique().sort_values()
    fewer = stance_by_task_type(
        stance, PLAN, groups=["ordinary"], minimum_context_clusters=int(sizes.iloc[-1])
    )
    assert set(fewer["context"]) == {sizes.index[-1]}


def test_minima_that_nothing_reaches_are_refused() -> None:
    with pytest.raises(InputError, match="any task type is in 5000 prompt groups; allowed is"):
        stance_by_task_type(FRAME, PLAN, groups=["ordinary"], minimum_context_clusters=5000)
    with pytest.raises(InputError, match="any value is in 5000 conversations; allowed is"):
        resistance_against_support(
            FRAME, VALUES, PLAN, groups=["ordinary"], minimum_value_conversations=5000
        )


def test_explicit_shares_are_shares_of_expressions() -> None:
    found = explicit_shares(FRAME, VALUES, conf_level=0.95, minimum_value_conversations=10)
    joined = VALUES.merge(FRAME, on="conversation_id")
    for row in found.itertuples():
        part = joined[joined["group"] == row.group]
        if row.stance != "all":
            types = RESISTANCE if row.stance == "resistance" else SUPPORT
            part = part[part["response_type"].isin(types)]
        if row.value != "any value":
            part = part[part["value"] == row.value]
        assert (row.k, row.n) == (part["explicit"].sum(), len(part))
        assert row.estimate == pytest.approx(np.average(part["explicit"], weights=part["weight"]))
        assert row.ci_low <= row.estimate <= row.ci_high
        assert row.value == "any value" or row.n >= 10


def test_explicit_shares_of_little_data_do_not_break_the_stage() -> None:
    one = FRAME.head(1)
    values = pd.DataFrame(
        {"conversation_id": one["conversation_id"], "value": "k", "explicit": True}
    )
    found = explicit_shares(one, values, conf_level=0.95, minimum_value_conversations=1)
    assert found["estimate"].between(0, 1).all()
