"""The pages on reports: every command runs, in order, and prints the lines that are shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape.cli import app
from valuescape.errors import InputError, OptionError
from valuescape.stages.label import demo_corpus

PAGES = ("docs/how-to/report.md", "docs/tutorial/first-report.md")
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_commands_run_and_print_what_is_shown(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chats.jsonl").write_bytes(demo_corpus().read_bytes())
    printed = ""
    blocks = BLOCK.findall((ROOT / page).read_text("utf-8"))
    assert {kind for kind, _ in blocks} == {"bash", "text"}
    for kind, text in blocks:
        if kind == "text":
            for line in text.splitlines():
                assert line in printed, line
            continue
        outputs = []
        for command in text.splitlines():
            program, *words = shlex.split(command)
            assert program == "valuescape"
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, done.output
            outputs.append(done.output)
        printed = "".join(outputs).replace(_SPACE, " ")


def test_what_the_page_promises_of_the_folder_is_what_is_written() -> None:
    from valuescape.own.command import EXPLORER, PAGE, SKIPPED

    text = (ROOT / PAGES[0]).read_text("utf-8")
    for name in (PAGE, EXPLORER, SKIPPED, "tables/*.csv", "figures/"):
        assert f"| `{name}` |" in text


def test_exit_codes_are_those_of_the_errors() -> None:
    text = (ROOT / PAGES[0]).read_text("utf-8")
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert codes == [0, InputError.exit_code, OptionError.exit_code, 130]


def test_floors_in_the_page_are_those_of_the_code() -> None:
    from valuescape.own.floors import Floors

    floors = Floors()
    told = f"fewer than {floors.conversations} conversations or fewer than {floors.users} users"
    assert told in (ROOT / PAGES[0]).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target
