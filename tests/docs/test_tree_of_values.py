"""What the page on trees shows is what the commands say."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from tests.providers.server import KEY, running
from tests.taxonomy.naming_answers import good_names
from valuescape.cli import app

PAGE = (ROOT / "docs" / "how-to" / "tree-of-values.md").read_text("utf-8")
ELLIPSIS = doctest.ELLIPSIS


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def shown() -> list[tuple[str, str]]:
    """Return the commands in the order of the page, each with what it says."""
    prompt = re.compile(r"^\$ ", re.MULTILINE)
    parts = [part for block in blocks("console") for part in prompt.split(block)]
    found = [part.partition("\n") for part in parts if part]
    return [(command, said) for command, _, said in found]


def said_by(command: str) -> str:
    name, *words = command.split()
    if name != "valuescape":
        shell = ["/bin/sh", "-c", command]
        return subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    answer = "y\n" if "--namer" in words else ""
    done = CliRunner().invoke(app, words, input=answer)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_commands_say_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    for name, text in zip(("names.txt", "others.txt"), blocks("text"), strict=True):
        Path(name).write_text(text, "utf-8")
    with running(behave=good_names) as (url, _):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        for command, wanted in shown():
            said = said_by(command)
            assert doctest.OutputChecker().check_output(wanted, said, ELLIPSIS), (command, said)
    assert len(shown()) == 5
    assert Path("tree.ledger.sqlite").exists()
