"""Every command that writes ends with where, and says a next step that can be taken."""

from __future__ import annotations

import shlex
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from valuescape.cli import app
from valuescape.stages.label import demo_corpus

RUN = CliRunner()
NAMES = ("care", "honesty", "patience", "clarity", "fairness", "courage", "safety", "humour")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with conversations, their labels and names of values."""
    folder = tmp_path_factory.mktemp("newcomer")
    lines = demo_corpus().read_text("utf-8").splitlines(keepends=True)[:60]
    (folder / "my chats.jsonl").write_text("".join(lines), "utf-8")
    (folder / "names.txt").write_text("\n".join(NAMES), "utf-8")
    done = RUN.invoke(app, ["label", str(folder / "my chats.jsonl"), "--output", str(folder / "l")])
    assert done.exit_code == 0, done.output
    return folder


COMMANDS = {
    "label": ("label 'my chats.jsonl' --output again", "again", "report again --output report"),
    "convert": ("convert 'my chats.jsonl' --output c.jsonl", "c.jsonl", "report c.jsonl"),
    "redact": ("redact 'my chats.jsonl' r.jsonl", "r.jsonl", None),
    "merge": ("labels merge l again --output m", "m", "report m"),
    "draw": (
        "audit draw 'my chats.jsonl' l/labels.parquet l/expressions.parquet --output a --n 20",
        "a/coders/coding.html",
        "audit read a ANSWERS.json",
    ),
    "associate": (
        "associate l/labels.parquet l/expressions.parquet --output cells.csv",
        "cells.csv",
        "table cells.csv --output cells.html",
    ),
    "monitor": ("monitor --baseline l --current again --output o.csv", "o.csv", "table o.csv"),
    "watch": ("monitor watch l --state s.json --baseline l --output w.csv", "w.csv", "table w.csv"),
    "build": (
        "taxonomy build names.txt --output t --embeddings stems",
        "t",
        "taxonomy match OTHER-NAMES --tree t/taxonomy.csv",
    ),
}


def said(command: str) -> Result:
    done = RUN.invoke(app, shlex.split(command))
    assert done.exit_code == 0, done.output
    return done


def test_where_and_what_next(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    for name, (command, where, after) in COMMANDS.items():
        done = said(command)
        assert done.stdout.splitlines()[-1] == where, name
        assert Path(where).exists(), name
        (step,) = (line for line in done.stderr.splitlines() if line.startswith("next: "))
        words = shlex.split(step.removeprefix("next: "), comments=True)
        assert after is None or shlex.join(words[1:]).startswith(after), name
        if words[0] == "valuescape":
            assert RUN.invoke(app, [*words[1:2], "--help"]).exit_code == 0, name
        if words[:2] == ["valuescape", "table"]:
            said(shlex.join(words[1:]))


def test_a_next_step_quotes_what_a_shell_would_split(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    done = said("plan 'my chats.jsonl'")
    assert "next: valuescape label 'my chats.jsonl' --output labels --labeller" in done.stderr


def test_without_a_file_it_is_said_how_to_have_one(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    assert "next: add --output OUTCOMES.csv" in said("monitor --baseline l --current l").stderr


def test_label_says_how_many(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    lines = said("label 'my chats.jsonl' --output again").stdout.splitlines()
    assert lines == ["60 conversations labelled by embedded", "again"]
    assert len(pd.read_parquet("again/labels.parquet")) == 60
