"""The stage ``count`` on a part of the readings, and its committed results against the labels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.checkout import copied, edit_params, read_cells
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.stages import count
from valuescape.store import read_table

FILES = {"cells.csv", "contexts.csv", "strata.csv", "vocabulary.csv"}


def test_tables_fit_their_schema(small_results: Path) -> None:
    out = small_results / "data" / "results" / "count"
    assert {p.name for p in out.iterdir()} == FILES
    cells = read_table(out / "cells.csv", "counts")
    read_table(out / "strata.csv", "stratum_counts")
    contexts = read_table(out / "contexts.csv", "contexts")
    assert {"task_type", "task_cluster", "run", "user_value", "response_type"} == set(
        contexts["context_kind"]
    )
    assert (cells["n_value"] >= 8).all()
    assert set(cells["level"]) == {0, 1, 2, 3}


def test_a_second_run_writes_the_same_bytes_from_any_order_of_rows(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    out = folder / "data" / "results" / "count"
    first = {p.name: p.read_bytes() for p in out.iterdir()}
    for name in ("labels", "expressions", "conversations", "sample"):
        path = folder / "data" / "labels" / f"{name}.csv"
        read_cells(path).sample(frac=1, random_state=3).to_csv(path, index=False)
    monkeypatch.chdir(folder)
    count.main()
    assert {p.name: p.read_bytes() for p in out.iterdir()} == first


def test_margins_that_nothing_reaches_end_the_stage(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    first = (folder / "data/results/count/cells.csv").read_bytes()
    edit_params(folder, "count", "minimum_context_clusters", 100_000)
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="no family has a context in 100000 prompt groups"):
        count.main()
    assert (folder / "data/results/count/cells.csv").read_bytes() == first


def committed(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / "results" / name, keep_default_na=False)


def direct_frame() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Primary readings of subjective conversations, and what assistants expressed."""
    folder = ROOT / "data" / "labels"
    labels, listed, said = (
        pd.read_csv(folder / f"{n}.csv", keep_default_na=False)
        for n in ("labels", "conversations", "expressions")
    )
    primary = labels[(labels["codebook"] == "closed") & (labels["reading"] == 1)]
    frame = primary[primary["subjective"]].merge(listed, on="conversation_id")
    said = said[(said["codebook"] == "closed") & (said["reading"] == 1)]
    names = committed("taxonomy/values.csv").set_index("value_raw")["value"]
    said = said.assign(value=said["value"].map(names))
    return frame, said


HANDFUL = [
    ("ordinary", "task_type", "history_politics_society", "historical accuracy"),
    ("ordinary", "task_type", "creative_writing", "creativity"),
    ("ordinary", "task_type", "everyday_howto", "practicality"),
    ("adversarial", "task_type", "harmful_request", "harm prevention"),
    ("over_refusal", "task_type", "factual_explanation", "clarity"),
]


@pytest.mark.parametrize("key", HANDFUL, ids=[k[2] for k in HANDFUL])
def test_committed_counts_are_those_of_the_labels(key: tuple[str, str, str, str]) -> None:
    group, kind, context, value = key
    cells = committed("count/cells.csv")
    cells = cells[(cells["group"] == group) & (cells["context_kind"] == kind)]
    cells = cells[(cells["level"] == 0) & (cells["context"] == context)]
    cell = cells[cells["value"] == value]
    if cell.empty:
        pytest.fail(f"{key} is not counted; values there are {sorted(cells['value'])[:20]}")
    frame, said = direct_frame()
    part = frame[frame["group"] == group]
    inside = part["task_type"] == context
    expressed = said[(said["party"] == "assistant") & (said["value"] == value)]
    holds = part["conversation_id"].isin(expressed["conversation_id"])
    row = cell.iloc[0]
    assert row["n_both"] == (inside & holds).sum()
    assert row["n_context"] == inside.sum()
    assert row["n_value"] == holds.sum()
    assert row["n_total"] == len(part)
    assert row["n_clusters_context"] == part.loc[inside, "prompt_group"].nunique()
    assert row["n_clusters_value"] == part.loc[holds, "prompt_group"].nunique()


def test_committed_user_value_counts_are_those_of_the_labels() -> None:
    cells = committed("count/cells.csv")
    cells = cells[(cells["context_kind"] == "user_value") & (cells["level"] == 0)]
    row = cells.sort_values("n_both", ascending=False, kind="stable").iloc[0]
    frame, said = direct_frame()
    part = frame.loc[frame["group"] == row["group"], "conversation_id"]
    sides = [
        set(said.loc[(said["party"] == party) & (said["value"] == name), "conversation_id"])
        for party, name in (("user", row["context"]), ("assistant", row["value"]))
    ]
    assert row["n_both"] == part.isin(sides[0] & sides[1]).sum()
    assert row["n_context"] == part.isin(sides[0]).sum()
    assert row["n_value"] == part.isin(sides[1]).sum()
