"""Where tools are promised, a test skipped for want of one is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

TESTS = """
import pytest

@pytest.mark.skipif(True, reason="{reason}")
def test_marked():
    pass

def test_inside():
    pytest.skip("{reason}")

def test_passes():
    pass
"""


def outcome(folder: Path, reason: str, promised: str, *options: str) -> tuple[int, str]:
    path = folder / "test_sample.py"
    path.write_text(TESTS.format(reason=reason), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p"]
    command += ["no:cacheprovider", f"--rootdir={folder}", "-c", os.devnull, *options, str(path)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"VALUESCAPE_REQUIRE_TOOLS": promised},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("options", [("-n", "1")], ids=["xdist"])
def test_a_skip_for_want_of_a_promised_tool_fails(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, text = outcome(tmp_path, "needs pdftotext (poppler-utils)", "1", *options)
    assert code == 1, text
    assert "yet a tool is missing: " in text
    assert "1 passed" in text
    assert "skipped" not in text


@pytest.mark.parametrize(
    ("reason", "promised"),
    [("needs Rscript on the path", "0"), ("needs the conversation texts", "1")],
)
def test_other_skips_are_allowed(tmp_path: Path, reason: str, promised: str) -> None:
    code, text = outcome(tmp_path, reason, promised)
    assert code == 0, text
    assert "2 skipped" in text
