"""The page on tables: its commands run and print what is shown; its Python is a doctest."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape.cli import app
from valuescape.tables import DisplayTable

PAGE = (ROOT / "docs" / "how-to" / "tables.md").read_text("utf-8")
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_commands_run_and_print_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = ""
    for kind, text in BLOCK.findall(PAGE):
        if kind == "text":
            assert text == printed
            continue
        for command in text.splitlines():
            program, *words = shlex.split(command)
            assert program == "valuescape"
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, done.output
            printed = done.stdout
    assert (tmp_path / "answers.html").read_text("utf-8").count("<table") == 1
    assert "\\begin{tabular}" in (tmp_path / "cells.tex").read_text("utf-8")


def test_the_page_lists_every_way_out() -> None:
    ways = {name for name in vars(DisplayTable) if name.startswith("to_")}
    assert set(re.findall(r"^\| `(to_\w+)\(\)`", PAGE, re.MULTILINE)) == ways
