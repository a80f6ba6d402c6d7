"""The stage ``associate``, and what its committed results must show."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.checkout import copied
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.settings import load_settings
from valuescape.stages import associate
from valuescape.stages.associate import cell_plan

RESULTS = ROOT / "data" / "results" / "associate"


def test_tables_are_written_and_hold_every_cell_counted(small_results: Path) -> None:
    out = small_results / "data" / "results" / "associate"
    assert {p.name for p in out.iterdir()} == {
        "associations.csv",
        "divergences.csv",
        "invariance.csv",
        "omnibus.csv",
        "top_sets.csv",
        "top_values.csv",
    }
    found = pd.read_csv(out / "associations.csv")
    cells = pd.read_csv(small_results / "data/results/count/cells.csv")
    assert len(found) == len(cells)
    assert set(found["distinctive"]) <= {True, False}
    text = (out / "top_values.csv").read_text("utf-8")
    assert "True" not in text
    assert "False" not in text


def test_the_same_counts_give_the_same_bytes(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    out = folder / "data" / "results" / "associate"
    first = {p.name: p.read_bytes() for p in out.iterdir()}
    monkeypatch.chdir(folder)
    associate.main()
    assert {p.name: p.read_bytes() for p in out.iterdir()} == first


def test_counts_that_are_absent_or_spoilt_end_the_stage(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    monkeypatch.chdir(folder)
    cells = folder / "data" / "results" / "count" / "cells.csv"
    text = cells.read_text("utf-8")
    cells.write_text(text.replace("task_type", "tasktype", 1), "utf-8")
    with pytest.raises(InputError, match=r"cells\.csv, line \d+: context_kind is 'tasktype'"):
        associate.main()
    cells.unlink()
    with pytest.raises(InputError, match=r"cells\.csv: no such file"):
        associate.main()
    out = folder / "data" / "results" / "associate" / "associations.csv"
    first = small_results / "data" / "results" / "associate" / "associations.csv"
    assert out.read_bytes() == first.read_bytes()


def test_the_plan_is_taken_from_the_options() -> None:
    settings = load_settings(ROOT / "params.yaml").associate
    plan = cell_plan(settings)
    assert plan.prior_strength is None
    assert plan.q_threshold == settings.q_threshold
    assert plan.minimum_expected == settings.minimum_expected_effective


KNOWN = [
    ("history_politics_society", "historical accuracy"),
    ("creative_writing", "creativity"),
    ("everyday_howto", "practicality"),
]


@pytest.mark.parametrize(("context", "value"), KNOWN)
def test_associations_that_anyone_would_expect_are_found(context: str, value: str) -> None:
    found = pd.read_csv(RESULTS / "associations.csv")
    cell = found[
        (found["group"] == "ordinary")
        & (found["context_kind"] == "task_type")
        & (found["level"] == 0)
        & (found["context"] == context)
        & (found["value"] == value)
    ]
    assert len(cell) == 1
    assert cell["q_value"].item() < 0.05
    assert cell["risk_ratio"].item() > 1
    assert cell["ci_low"].item() > 1


def test_committed_columns_are_within_their_ranges() -> None:
    found = pd.read_csv(RESULTS / "associations.csv")
    tested = found[found["method"] != "no_information"]
    assert tested["q_value"].between(0, 1).all()
    assert (tested["log10_p"] <= 0).all()
    assert (
        found.loc[found["method"] == "no_information", ["q_value", "log10_p"]].isna().all(axis=None)
    )
    assert (found["n_both"] <= found[["n_context", "n_value"]].min(axis=1)).all()
    sized = found[found["risk_ratio"].notna()]
    assert (sized["ci_low"] <= sized["risk_ratio"]).all()
    assert (sized["risk_ratio"] <= sized["ci_high"]).all()
    assert not found["distinctive"][found["q_value"] > 0.05].any()


def test_no_value_is_told_apart_where_runs_and_strata_are_one() -> None:
    """A context that is a whole stratum has no rest to be compared with."""
    found = pd.read_csv(RESULTS / "associations.csv")
    alone = found[found["prevalence_outside"].isna()]
    assert not alone.empty
    assert (alone["method"] == "no_information").all()
    assert not alone["bonferroni"].any()
    assert alone["risk_ratio"].isna().all()
