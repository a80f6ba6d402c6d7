"""Stage ``label``: the demo corpus, labelled whole."""

import json
import shutil
from pathlib import Path

import pytest

from tests.paths import ROOT
from valuescape.stages import label
from valuescape.store import read_table


def test_the_stage_labels_every_demo_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    label.main()
    out = tmp_path / "data" / "results" / "label"
    labels = read_table(out / "labels.csv", "labels")
    written = (label.demo_corpus().with_name("labels.csv")).read_text(encoding="utf-8")
    assert len(labels) == len(written.splitlines()) - 1
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["conversations"] == len(labels)
    assert summary["subjective"] == labels["subjective"].sum()
    n = len(read_table(out / "expressions.csv", "expressions"))
    assert sum(summary["expressions"].values()) == n
