"""Helpful, honest, harmless: every node is mapped once, and shares equal a plain count."""

import numpy as np
import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.study import hhh
from valuescape.study.hhh import COMPONENTS, NONE, QUANTITIES, components, hhh_shares
from valuescape.taxonomy.names import read_rules
from valuescape.taxonomy.placement import groups

SAID = {
    "a": ["Clarity", "Harm prevention", "Accuracy and truth"],
    "b": ["Clarity", "Safety"],
    "c": ["Warmth and hospitality", "Deception"],
    "d": ["Not placed (desirable)"],
}


def _frame(groups_: list[str]) -> pd.DataFrame:
    ids = list(SAID)
    return pd.DataFrame(
        {
            "conversation_id": ids,
            "group": groups_,
            "weight": [1.0, 3.0, 2.0, 2.0],
            "prompt_group": ids,
            "reader": ["r", "s", "r", "s"],
        }
    )


def _said() -> pd.DataFrame:
    rows = [(i, value) for i, values in SAID.items() for value in values]
    return pd.DataFrame(rows, columns=["conversation_id", "value"])


def test_every_node_of_level_one_has_one_component_and_a_reason() -> None:
    rows = read_rules("hhh.csv")
    nodes = groups().query("level == 1")
    assert [row["node_id"] for row in rows] == list(nodes.index)
    assert {row["component"] for row in rows} == {*COMPONENTS, NONE}
    assert all(len(row["reason"]) > 10 for row in rows)
    other = nodes[nodes["polarity"] != "desirable"].index
    assert {components()[node] for node in other} == {NONE}


def test_shares_equal_a_plain_weighted_count() -> None:
    found = hhh_shares(_frame(["ordinary"] * 4), _said(), conf_level=0.9).set_index("quantity")
    wanted = {"helpful": 4 / 8, "honest": 1 / 8, "harmless": 4 / 8, "all_three": 1 / 8,
              "only_none": 4 / 8}  # fmt: skip
    assert found["estimate"].round(12).to_dict() == pytest.approx(wanted)
    assert found["k"].to_dict() == {"helpful": 2, "honest": 1, "harmless": 2, "all_three": 1,
                                    "only_none": 2}  # fmt: skip
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["ci_high"]).all()


def test_the_order_of_rows_changes_nothing_and_groups_stay_apart() -> None:
    frame, said = _frame(["ordinary", "ordinary", "adversarial", "adversarial"]), _said()
    first = hhh_shares(frame, said, conf_level=0.95)
    again = hhh_shares(frame, said.sample(frac=1, random_state=2), conf_level=0.95)
    pd.testing.assert_frame_equal(first, again)
    assert first["group"].tolist() == ["adversarial"] * 5 + ["ordinary"] * 5
    none = first[first["quantity"] == "only_none"].set_index("group")["estimate"]
    assert none.to_dict() == {"adversarial": 1.0, "ordinary": 0.0}
    assert tuple(first["quantity"][:5]) == QUANTITIES


def test_the_level_of_confidence_counts() -> None:
    frame, said = _frame(["ordinary"] * 4), _said()
    width = [
        np.subtract(*hhh_shares(frame, said, conf_level=c).loc[0, ["ci_high", "ci_low"]])
        for c in (0.8, 0.95)
    ]
    assert width[0] < width[1]


def test_a_mapping_that_is_not_whole_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read_rules("hhh.csv")
    for changed, said in (
        (rows[1:], "one row for every node"),
        ([*rows, rows[0]], "one row for every node"),
        ([rows[0] | {"component": "kind"}, *rows[1:]], "component 'kind' is not known"),
    ):
        monkeypatch.setattr(hhh, "read_rules", lambda _, changed=changed: changed)
        components.cache_clear()
        with pytest.raises(InputError, match=said):
            components()
    components.cache_clear()
