"""The stage ``respond`` on a part of the readings, and its committed results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.checkout import copied, edit_params
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.schema import RESPONSE_TYPES
from valuescape.stages import respond

RESULTS = ROOT / "data" / "results" / "respond"


def test_the_same_tables_are_written_as_are_committed(small_results: Path) -> None:
    out = small_results / "data" / "results" / "respond"
    for path in RESULTS.glob("*.csv"):
        header = path.read_text("utf-8").split("\n", 1)[0]
        assert (out / path.name).read_text("utf-8").split("\n", 1)[0] == header
    assert {p.name for p in out.iterdir()} == {p.name for p in RESULTS.iterdir()}


def test_absent_associations_end_the_stage_with_one_message(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    (folder / "data" / "results" / "associate" / "associations.csv").unlink()
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match=r"associations\.csv"):
        respond.main()


def test_a_minimum_that_nothing_reaches_ends_the_stage(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    edit_params(folder, "respond", "minimum_value_conversations", 100_000)
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="100000 conversations"):
        respond.main()


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("shares", ["group", "subjective"]),
        ("shares_by_task_type", ["group", "task_type"]),
        ("shares_by_run", ["group", "run"]),
    ],
)
def test_committed_shares_sum_to_one_in_every_part(name: str, by: list[str]) -> None:
    found = pd.read_csv(RESULTS / f"{name}.csv")
    sums = found.groupby(by)["estimate"]
    np.testing.assert_allclose(sums.sum(), 1.0, atol=1e-6)
    assert (sums.size() == len(RESPONSE_TYPES)).all()
    assert found["estimate"].between(found["ci_low"], found["ci_high"]).all()
    assert found["estimate"].between(0, 1).all()


def test_a_committed_share_is_the_weighted_share_of_the_labels() -> None:
    found = pd.read_csv(RESULTS / "shares_by_task_type.csv")
    folder = ROOT / "data" / "labels"
    labels, listed, sample = (
        pd.read_csv(folder / f"{n}.csv") for n in ("labels", "conversations", "sample")
    )
    labels = labels[(labels["codebook"] == "closed") & (labels["reading"] == 1)]
    frame = labels[labels["subjective"]].merge(listed, on="conversation_id")
    frame = frame.merge(sample[["conversation_id", "inclusion_probability"]], on="conversation_id")
    part = frame[(frame["group"] == "ordinary") & (frame["task_type"] == "personal_advice")]
    rows = found[(found["group"] == "ordinary") & (found["task_type"] == "personal_advice")]
    for row in rows.itertuples():
        hit = part["response_type"] == row.response_type
        share = np.average(hit, weights=1 / part["inclusion_probability"])
        assert row.estimate == pytest.approx(share, rel=1e-6, abs=1e-9)
        assert row.n == len(part)


def test_committed_mirroring_adds_up() -> None:
    found = pd.read_csv(RESULTS / "mirroring.csv")
    wide = found.pivot_table(index=["group", "stance"], columns="quantity", values="estimate")
    np.testing.assert_allclose(wide["excess"], wide["observed"] - wide["expected"], atol=1e-6)
