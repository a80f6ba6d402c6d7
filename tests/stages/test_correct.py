"""The stage ``correct`` on a part of the readings with machine labels made for the test."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.checkout import copied, read_cells
from valuescape.errors import InputError
from valuescape.stages import correct

CORRECT = "data/results/correct"


def test_readers_and_machine_are_compared(small_results: Path) -> None:
    table = pd.read_csv(small_results / CORRECT / "agreement.csv")
    pairs = set(table["pair"])
    assert "reading-closed-1 and reading-closed-2" in pairs
    assert "reading-closed-1 and embedded-test" in pairs
    assert any("demo" in pair for pair in pairs)
    demo = table[table["group"] == "demo"]
    assert (demo["estimate"] == 1).all()
    assert table["estimate"].between(-1, 1).all()
    precision = pd.read_csv(small_results / CORRECT / "precision.csv")
    kept = precision.dropna(subset=["precision", "recall"])
    assert kept[["precision", "recall"]].min().min() >= 0
    assert kept[["precision", "recall"]].max().max() <= 1


def test_corrected_shares_stand_for_the_frame(small_results: Path) -> None:
    table = pd.read_csv(small_results / CORRECT / "corrected.csv")
    assert set(table["group"]) == {"ordinary", "adversarial", "over_refusal"}
    assert set(table["quantity"]) >= {"subjective", "task_type", "response_type", "value"}
    assert table["estimate"].between(table["ci_low"], table["ci_high"]).all()
    listed = read_cells(small_results / "data" / "labels" / "conversations.csv")
    sizes = listed[listed["in_frame"] == "true"]["group"].value_counts()
    for group, part in table.groupby("group"):
        assert set(part["n_frame"]) == {sizes[group]}


def test_mirroring_is_corrected_and_what_is_stated_outright_is_not(small_results: Path) -> None:
    mirroring = pd.read_csv(small_results / CORRECT / "mirroring.csv")
    assert not mirroring.duplicated(["group", "stance", "quantity"]).any()
    assert set(mirroring["quantity"]) <= {"stated", "observed_all", "observed", "excess"}
    assert set(mirroring["method"]) <= {"corrected", "readings"}
    assert (mirroring["ci_low"] <= mirroring["estimate"]).all()
    assert (mirroring["estimate"] <= mirroring["ci_high"]).all()
    assert mirroring.loc[mirroring["quantity"] == "excess", "machine"].isna().all()
    explicit = pd.read_csv(small_results / CORRECT / "explicit.csv")
    assert explicit["method"].str.contains("not corrected").all()
    assert "human_reference" not in set(explicit["group"])


def test_claims_and_top_values_have_corrected_ratios(small_results: Path) -> None:
    claims = pd.read_csv(small_results / CORRECT / "claims.csv")
    given = pd.read_csv(small_results / "data/reference/claims.csv")
    assert set(claims["key"]) == set(given.loc[given["why_not"].isna(), "key"])
    top = pd.read_csv(small_results / CORRECT / "top_values.csv")
    ranked = pd.read_csv(small_results / "data/results/associate/top_values.csv")
    assert len(top) == ((ranked["level"] == 0) & (ranked["rank"] > 0)).sum()
    finite = pd.concat([claims, top]).dropna(subset=["estimate", "ci_low"])
    assert len(finite) > 3
    assert (finite["ci_low"] <= finite["estimate"] * (1 + 1e-9)).all()
    assert (finite["estimate"] <= finite["ci_high"] * (1 + 1e-9)).all()


def test_a_frame_with_a_hole_ends_the_stage(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    monkeypatch.chdir(folder)
    first = (folder / CORRECT / "corrected.csv").read_bytes()
    path = folder / "data" / "labels" / "machine" / "labels.parquet"
    table = pd.read_parquet(path)
    gone = table["conversation_id"].str.startswith("xstest")
    table[~gone].to_parquet(path)
    with pytest.raises(InputError, match="conversations of the frame have none, the first is"):
        correct.main()
    table.assign(fold=-1).to_parquet(path)
    with pytest.raises(InputError, match=r"labels\.parquet, line 1: fold is '-1'"):
        correct.main()
    assert (folder / CORRECT / "corrected.csv").read_bytes() == first


@pytest.mark.parametrize("name", ["labels", "expressions", "value_probabilities"])
def test_absent_machine_labels_end_the_stage_with_one_message(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = copied(small_results, tmp_path)
    monkeypatch.chdir(folder)
    (folder / "data" / "labels" / "machine" / f"{name}.parquet").unlink()
    with pytest.raises(InputError, match=rf"{name}\.parquet"):
        correct.main()
