"""Shares of response types against weighted means."""

from __future__ import annotations

import numpy as np
import pytest

from tests.counts.random_data import answered_frame
from valuescape.schema import RESPONSE_TYPES
from valuescape.study.responses import response_shares

BY = ["group", "task_type"]
FRAME = answered_frame(4)


def test_shares_are_weighted_shares_that_sum_to_one() -> None:
    found = response_shares(FRAME, BY, conf_level=0.95)
    assert found[[*BY, "response_type"]].duplicated().sum() == 0
    np.testing.assert_allclose(found.groupby(BY)["estimate"].sum(), 1.0)
    for row in found.itertuples():
        part = FRAME[(FRAME["group"] == row.group) & (FRAME["task_type"] == row.task_type)]
        hit = part["response_type"] == row.response_type
        assert row.estimate == pytest.approx(np.average(hit, weights=part["weight"]))
        assert (row.k, row.n) == (hit.sum(), len(part))
        assert row.n_clusters == part["prompt_group"].nunique()
        assert row.n_readers == 3
        assert row.ci_low <= row.estimate <= row.ci_high
        shares = [np.average(hit[p.index], weights=p["weight"]) for _, p in part.groupby("reader")]
        assert row.reader_low == pytest.approx(min(shares))
        assert row.reader_high == pytest.approx(max(shares))
        assert row.reader_sd >= 0


def test_options_of_response_shares_change_its_rows() -> None:
    base = response_shares(FRAME, BY, conf_level=0.95)
    assert (response_shares(FRAME, BY, conf_level=0.5)["ci_low"] >= base["ci_low"]).all()
    assert len(response_shares(FRAME, ["group"], conf_level=0.95)) == 2 * len(RESPONSE_TYPES)
    with_one = FRAME.assign(reader=np.where(FRAME["task_type"] == "code", "r1", FRAME["reader"]))
    assert "code" not in set(response_shares(with_one, BY, conf_level=0.95)["task_type"])
    few = response_shares(with_one, BY, conf_level=0.95, minimum_clusters=1)
    assert "code" in set(few["task_type"])
