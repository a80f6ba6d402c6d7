"""``valuescape table``, and ``valuescape associate`` for people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from valuescape.cli import app

RUN = CliRunner()
FRAME = pd.DataFrame(
    {"value": ["a|b", "<i>"], "estimate": [0.25, 0.5], "ci_low": [0.2, 0.4], "ci_high": [0.3, 0.6],
     "unit": "share", "n": [1200, 30]}
)  # fmt: skip


@pytest.fixture
def result(tmp_path: Path) -> Path:
    FRAME.to_csv(tmp_path / "result.csv", index=False)
    return tmp_path / "result.csv"


def test_a_table_is_printed_as_markdown(result: Path) -> None:
    done = RUN.invoke(app, ["table", str(result), "--column", "value", "--column", "estimate"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [cell.strip() for cell in lines[0].split("|")[1:-1]] == ["Value", "Estimate (interval)"]
    assert "a\\|b" in lines[2]
    assert "25.0\u202f% (20.0 to 30.0\u202f%)" in lines[2]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_every_option_reaches_the_file(result: Path, tmp_path: Path, ending: str) -> None:
    if ending == "parquet":
        result = tmp_path / "result.parquet"
        FRAME.to_parquet(result)
    out = tmp_path / "shown.html"
    words = ["table", str(result), "--output", str(out), "--caption", "Shares & all"]
    done = RUN.invoke(app, [*words, "--note", "One.", "--note", "Two.", "--key", "tbl-shares"])
    assert done.stdout.splitlines() == ["2 rows", str(out)]
    page = out.read_text("utf-8")
    for part in ("<caption>Shares &amp; all<", ">One.<", ">Two.<", 'id="tbl-shares"', "&lt;i&gt;"):
        assert part in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--column", "nothing"], "there is no column 'nothing'; allowed are value, estimate"),
        (["--output", "shown.pdf"], "shown.pdf: allowed endings are .md, .html, .tex"),
        (["--key", "a b"], "key = 'a b': allowed are letters"),
    ],
)
def test_what_it_cannot_do_is_said_in_a_line(result: Path, words: list[str], message: str) -> None:
    done = RUN.invoke(app, ["table", str(result), *words])
    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_absent_result_is_named(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["table", str(tmp_path / "absent.csv")])
    assert (done.exit_code, "absent.csv: no such file" in done.stderr) == (1, True)


@pytest.fixture
def labelled(tmp_path: Path) -> list[str]:
    ids = [f"c{i}" for i in range(60)]
    labels = pd.DataFrame(
        {"conversation_id": ids, "task_type": np.repeat(["about_ai", "casual_chat"], 30)}
    )
    said = pd.DataFrame({"conversation_id": ids[2:32], "value": ["a|b"] * 28 + ["care"] * 2})
    labels.to_parquet(tmp_path / "labels.parquet")
    said.to_parquet(tmp_path / "expressions.parquet")
    return ["associate", str(tmp_path / "labels.parquet"), str(tmp_path / "expressions.parquet")]


def test_associate_shows_what_it_reports(labelled: list[str], tmp_path: Path) -> None:
    out = tmp_path / "cells.md"
    done = RUN.invoke(app, [*labelled, "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert "2 cells with q <= 0.05" in done.stdout
    lines = out.read_text("utf-8").splitlines()
    assert [line.split(" | ")[0] for line in lines[2:4]] == ["| About AI   ", "| Casual chat"]
    assert lines[2].count("a\\|b") == 1
    assert "Values by task type: cells with q up to 0.05" in lines[5]
    assert lines[7].startswith("60 conversations, taken as independent; 2 of 4 cells.")
    csv = tmp_path / "cells.csv"
    RUN.invoke(app, [*labelled, "--output", str(csv)])
    assert len(pd.read_csv(csv)) == 4


def test_associate_refuses_an_ending_before_it_counts(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["associate", "absent", "absent", "--output", str(tmp_path / "c.docx")])
    assert done.exit_code == 1
    assert "allowed endings are .parquet, .csv, .md, .html, .tex" in done.stderr


def test_nothing_reported_is_a_table_without_rows(labelled: list[str], tmp_path: Path) -> None:
    out = tmp_path / "cells.tex"
    done = RUN.invoke(app, [*labelled, "--q-threshold", "1e-30", "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert "\\midrule\n\\bottomrule" in out.read_text("utf-8")
