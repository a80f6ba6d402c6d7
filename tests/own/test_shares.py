"""Shares are those of the labels, and what may not be shown is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.own import attacker, simulated
from tests.own.test_contents import frame_of
from valuescape.own.floors import Floors, Shown, shown_counts
from valuescape.own.frame import Frame
from valuescape.own.mirroring import own_mirroring
from valuescape.own.shares import (
    context_shares,
    node_shares,
    overview_table,
    response_shares,
    undesired_table,
)
from valuescape.schema import TASK_TYPES

TABLES = simulated.corpus(9, 400, 120, 2)


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    return frame_of(tmp_path_factory.mktemp("shares"), TABLES, private=True)


@pytest.fixture(scope="module")
def everything(frame: Frame) -> Shown:
    return shown_counts(frame, None)


def test_counts_and_users_are_those_of_the_labels(frame: Frame, everything: Shown) -> None:
    true = attacker.true_counts(TABLES)
    for row in node_shares(frame, everything).itertuples():
        assert (row.n, row.n_clusters) == true[attacker.TOTAL, row.name]
        assert row.estimate == pytest.approx(row.n / true["all",][0])
        assert row.ci_low < row.estimate < row.ci_high
    for row in context_shares(frame, everything, "task_type", tuple(TASK_TYPES)).itertuples():
        assert (row.n, row.n_clusters) == true["size", "task_type", row.name]
    for row in response_shares(frame, everything).itertuples():
        assert row.k == true["answer", row.task_type, row.response_type][0]
    for row in undesired_table(frame, everything).query("part != 'all'").itertuples():
        heading = {"any fault": "Faults of the reply"}.get(row.outcome, "Undesirable values")
        assert row.k == true["assistant", row.part, heading][0]


def test_the_number_of_all_is_hidden_if_the_rest_is_small(tmp_path: Path) -> None:
    labels, said, known = simulated.corpus(3, 200, 60, 1)
    few = labels.assign(subjective=np.arange(len(labels)) >= 9)
    frame = frame_of(tmp_path, (few, said, known), private=True)
    sizes = overview_table(frame, shown_counts(frame, Floors())).set_index("quantity")["n"]
    assert pd.isna(sizes["conversations"])
    assert pd.isna(sizes["not_subjective"])
    assert sizes["subjective"] == 191


def test_mirroring_is_protected_stance_by_stance(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, simulated.corpus(9, 220, 90, 2), private=True)
    table, skipped = own_mirroring(frame, Floors())
    everything, _ = own_mirroring(frame, None)
    assert set(table["stance"]) < set(everything["stance"])
    assert set(table["stance"])
    assert {row.step for row in skipped} == {"floors"}
    for stance, rows in table.groupby("stance"):
        observed = rows[rows["quantity"] == "observed"].iloc[0]
        assert round(observed["estimate"] * observed["n"]) >= Floors().conversations, stance
