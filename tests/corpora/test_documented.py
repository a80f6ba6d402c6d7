"""The table of formats in the docs says what the registry says."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from tests.corpora import invented
from tests.paths import ROOT
from valuescape.corpora.adapters.registry import FORMATS
from valuescape.corpora.reading import ENDINGS

DOCUMENT = (ROOT / "docs" / "how-to" / "own-conversations.md").read_text("utf-8")
ROWS = {
    cells[1].strip("` "): [cell.strip() for cell in cells[2:-1]]
    for line in DOCUMENT.splitlines()
    if line.startswith("| `") and (cells := line.split("|"))
}
WRITTEN_BY_THE_PROGRAM = "stand-in"


def test_every_format_has_one_row() -> None:
    assert sorted(ROWS) == sorted(FORMATS)
    assert sorted(re.findall(r"^\| `([^`]+)`", DOCUMENT, re.MULTILINE)) == sorted(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_row_says_what_the_registry_says(name: str) -> None:
    about, _, _, checked = ROWS[name]
    adapter = FORMATS[name]
    assert about == adapter.about
    assert checked in (("real", "stand-in") if adapter.checked else ("public",))
    if adapter.checked:
        assert (checked == WRITTEN_BY_THE_PROGRAM) == (name == "inspect")


@pytest.mark.parametrize("name", FORMATS)
def test_the_fields_named_are_those_that_tell_the_format(name: str) -> None:
    adapter, record = FORMATS[name], invented.RECORDS[name]
    named = set(re.findall(r"`([^`]+)`", ROWS[name][1]))
    assert adapter.recognises(record)
    assert not adapter.recognises({k: v for k, v in record.items() if k not in named})
    source = inspect.getsource(sys.modules[adapter.convert.__module__])
    for field in named | set(re.findall(r"`([^`]+)`", ROWS[name][2])):
        assert field in source or field in OURS, field


OURS = {"user_id", "started_at", "prompt_id", "source", "meta", "model", "metadata", "id"}


def test_the_endings_named_are_those_that_are_read() -> None:
    told = DOCUMENT.partition("its files that end in ")[2].partition("\n  (or .gz)")[0]
    assert tuple(re.findall(r"\.\w+", told)) == ENDINGS
