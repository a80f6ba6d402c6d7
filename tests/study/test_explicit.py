"""Repeatability of the mark of values stated in words, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from valuescape.statistics import cohen_kappa
from valuescape.study.agreement import Resampling
from valuescape.study.explicit import explicit_repeatability

N = 40
IDS = [f"c{i}" for i in range(N)]


def said(marks: list[bool], value: str = "care", ids: list[str] = IDS) -> pd.DataFrame:
    return pd.DataFrame({"conversation_id": ids, "value": value, "explicit": marks})


def plan() -> Resampling:
    groups = pd.Series([f"g{i}" for i in range(N)], index=pd.Index(IDS, name="conversation_id"))
    return Resampling(groups, 200, 1, 0.95)


def frame(**changes: object) -> pd.DataFrame:
    columns = {
        "conversation_id": IDS,
        "group": "ordinary",
        "response_type": "mild_support",
        "weight": 1.0 + np.arange(N) % 2,
    }
    return pd.DataFrame(columns | changes)


ONE = [i % 4 == 0 for i in range(N)]
TWO = [(i % 4 == 0 and i % 8 == 0) or i == 1 for i in range(N)]


def test_agreement_is_of_values_that_both_readings_name() -> None:
    extra = said([True] * N, "thrift")
    found = explicit_repeatability(frame(), pd.concat([said(ONE), extra]), said(TWO), plan())
    rows = found[found["stance"] == "all"].set_index("quantity")
    assert rows.loc["percent", "n"] == N
    assert rows.loc["percent", "estimate"] == pytest.approx(np.mean(np.equal(ONE, TWO)))
    kappa = cohen_kappa(ONE, TWO).estimate
    assert rows.loc["cohen_kappa", "estimate"] == pytest.approx(kappa)
    both = np.sum(np.logical_and(ONE, TWO))
    assert rows.loc["specific_explicit", "estimate"] == pytest.approx(
        2 * both / (np.sum(ONE) + np.sum(TWO))
    )
    assert (found["ci_low"] <= found["estimate"] + 1e-12).all()
    assert (found["estimate"] <= found["ci_high"] + 1e-12).all()
    assert set(found["stance"]) == {"all", "support"}
    assert found["method"].str.contains("not corrected").all()


def test_shares_are_weighted_and_of_all_that_a_reading_names() -> None:
    extra = said([True] * N, "thrift")
    found = explicit_repeatability(frame(), pd.concat([said(ONE), extra]), said(TWO), plan())
    rows = found[found["stance"] == "all"].set_index("quantity")
    weight = frame()["weight"].to_numpy()
    first = (np.average(ONE, weights=weight) + 1.0) / 2
    second = np.average(TWO, weights=weight)
    assert rows.loc["share_first", "estimate"] == pytest.approx(first)
    assert rows.loc["share_second", "estimate"] == pytest.approx(second)
    assert rows.loc["difference", "estimate"] == pytest.approx(second - first)
    assert rows.loc["share_first", "n"] == 2 * N


def test_groups_are_kept_apart_and_small_parts_left_out() -> None:
    groups = ["adversarial"] * 9 + ["ordinary"] * (N - 9)
    found = explicit_repeatability(frame(group=groups), said(ONE), said(TWO), plan())
    assert set(found["group"]) == {"ordinary"}
    assert (found["n"] <= N - 9).all()


def test_a_reading_that_marks_all_alike_has_no_kappa() -> None:
    found = explicit_repeatability(frame(), said([False] * N), said(TWO), plan())
    assert "cohen_kappa" not in set(found["quantity"])
    assert "percent" in set(found["quantity"])
