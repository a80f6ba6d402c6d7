"""Someone's own conversations, from an export to coders and back, by the commands alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.corpora.invented import node, said
from valuescape.cli import app
from valuescape.corpora.jsonl import read_jsonl
from valuescape.stages.label import demo_corpus

pytestmark = pytest.mark.slow


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def export(part: int) -> list[dict[str, object]]:
    """Half of the demo corpus as ChatGPT would export it."""
    found = []
    for number, conversation in enumerate(read_jsonl(demo_corpus())):
        if number % 2 == part:
            nodes, parent = {"root": node("root", None, "0")}, "root"
            for k, turn in enumerate(conversation.messages):
                nodes[str(k)] = node(str(k), parent, str(k + 1), **said(turn.role, turn.content))
                parent = str(k)
            found.append(
                {"conversation_id": conversation.id, "create_time": 1.7e9, "mapping": nodes,
                 "current_node": parent, "default_model_slug": "auto"}
            )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exports converted and labelled, and all labels under a second name as well."""
    home = tmp_path_factory.mktemp("road")
    for part in (0, 1):
        raw = home / f"conversations-{part}.json"
        raw.write_text(json.dumps(export(part)), "utf-8")
        told = run("convert", raw, "--output", home / f"{part}.jsonl")
        assert " 0 malformed records" in told
        run("label", home / f"{part}.jsonl", "--output", home / f"labels-{part}")
        run("label", raw, "--output", home / f"raw-{part}")
        other = home / f"other-{part}"
        other.mkdir()
        for name in ("labels", "expressions"):
            table = pd.read_parquet(home / f"labels-{part}" / f"{name}.parquet")
            again = pd.read_parquet(home / f"raw-{part}" / f"{name}.parquet")
            pd.testing.assert_frame_equal(table, again)
            table.assign(labeller="other-1").to_parquet(other / f"{name}.parquet")
    folders = [home / f"{kind}-{part}" for kind in ("labels", "other") for part in (0, 1)]
    told = run("labels", "merge", *folders, "--output", home / "labels")
    n = len(demo_corpus().read_text("utf-8").splitlines())
    assert told.splitlines()[:2] == [
        f"embedded-2: {n} conversations",
        f"other-1: {n} conversations",
    ]
    lines = [(home / f"{part}.jsonl").read_text("utf-8") for part in (0, 1)]
    (home / "all.jsonl").write_text("".join(lines), "utf-8")
    return home


def test_merged_labels_are_associated_by_labeller(merged: Path, tmp_path: Path) -> None:
    tables = merged / "labels" / "labels.parquet", merged / "labels" / "expressions.parquet"
    several = run("associate", *tables, "--output", tmp_path / "cells.csv", code=1)
    assert "several labellers; choose one of: embedded-2, other-1" in several
    cells = []
    for name in ("embedded-2", "other-1"):
        run("associate", *tables, "--labeller", name, "--output", tmp_path / f"{name}.csv")
        cells.append((tmp_path / f"{name}.csv").read_bytes())
    assert cells[0] == cells[1]
    run("label", demo_corpus(), "--output", tmp_path / "whole")
    whole = tmp_path / "whole" / "labels.parquet", tmp_path / "whole" / "expressions.parquet"
    run("associate", *whole, "--output", tmp_path / "whole.csv")
    assert (tmp_path / "whole.csv").read_bytes() == cells[0]


def test_merged_labels_are_audited_by_labeller(merged: Path, tmp_path: Path) -> None:
    tables = merged / "labels" / "labels.parquet", merged / "labels" / "expressions.parquet"
    order = ("audit", "draw", merged / "all.jsonl", *tables, "--output", tmp_path / "audit")
    several = run(*order, "--n", "40", code=1)
    assert "--labeller is needed; the table has embedded-2, other-1" in several
    told = run(*order, "--n", "40", "--labeller", "other-1")
    n = len(demo_corpus().read_text("utf-8").splitlines())
    assert told.startswith(f"40 of {n} conversations drawn")
    sheet = pd.read_csv(tmp_path / "audit" / "coders" / "sheet.csv", dtype=str)
    frame = pd.read_csv(tmp_path / "audit" / "design" / "frame.csv", dtype=str)
    machine = frame.dropna(subset="item").set_index("item")
    for key in sheet.columns[2:-1]:
        sheet[key] = machine.loc[sheet["item"], key].to_numpy()
    sheet.to_csv(tmp_path / "answers.csv", index=False)
    told = run("audit", "read", tmp_path / "audit", tmp_path / "answers.csv",
               "--output", tmp_path / "out")  # fmt: skip
    assert "subjective: alpha 1.00" in told
    assert (tmp_path / "out" / "corrected.csv").is_file()
