"""How to cite: one source of facts, the installed version, forms that other programs read."""

from __future__ import annotations

import re

import pytest
import yaml
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape import __version__
from valuescape.cli import app
from valuescape.release import citation


def cited(*words: str) -> str:
    done = CliRunner().invoke(app, ["cite", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_file_itself_is_given_with_the_installed_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert yaml.safe_load(cited("--format", "cff")) == facts
    monkeypatch.setattr(citation, "__version__", "9.8.7")
    changed = yaml.safe_load(cited("--format", "cff"))
    assert changed == facts | {"version": "9.8.7"}
    assert "(Version 9.8.7)" in cited("--format", "apa")


def test_bibtex_is_one_entry_with_balanced_braces() -> None:
    entry = cited("--format", "bibtex").strip()
    assert re.fullmatch(r"@software\{\w+,\n(?:  \w+ = \{.*\},\n)+\}", entry)
    assert entry.count("{") == entry.count("}")
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    assert fields["version"] == __version__
    assert fields["author"] == "{The valuescape contributors}"
    assert fields["year"] == "2026"


def test_text_names_the_software_the_study_and_bibtex() -> None:
    told = cited()
    assert cited("--format", "apa").strip() in told
    assert cited("--format", "bibtex").strip() in told
    assert "Huang, S., Durmus, E." in told
    assert "https://doi.org/10.48550/arXiv.2504.15236" in told


def test_another_format_is_refused_with_those_there_are() -> None:
    done = CliRunner().invoke(app, ["cite", "--format", "mla"])
    assert done.exit_code == 2
    assert "allowed are text, bibtex, apa, cff" in done.stderr
