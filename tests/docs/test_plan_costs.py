"""What the page on costs shows is what the commands say."""

import doctest
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape.cli import app

PAGE = (ROOT / "docs" / "how-to" / "plan-costs.md").read_text("utf-8")
SHOWN = re.findall(r"^```console\n\$ valuescape (.*)\n((?:.*\n)*?)^```$", PAGE, re.MULTILINE)


def test_the_commands_say_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    for command, wanted in SHOWN:
        done = CliRunner().invoke(app, command.split())
        assert done.exit_code == 0, done.output
        checker = doctest.OutputChecker()
        assert checker.check_output(wanted, done.output, doctest.ELLIPSIS), done.output
    assert len(SHOWN) == 3


def test_an_interval_is_as_wide_as_the_page_says() -> None:
    from valuescape.statistics import wilson

    few, many = (wilson(0.1 * n, n) for n in (1_000, 10_000))
    reach = [float(found.high - found.low) / 2 for found in (few, many)]
    assert 0.017 < reach[0] < 0.022
    assert 0.28 < reach[1] / reach[0] < 0.36
