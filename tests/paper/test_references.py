"""The bibliography: every entry can be looked up, no key twice, every cited key there."""

import re

import pytest

from tests.paths import ROOT
from valuescape.report.manuscript import Line, Manuscript
from valuescape.report.proofreading import bibliography_keys, check_manuscript

BIBLIOGRAPHY = ROOT / "paper" / "references.bib"
ENTRIES = re.split(r"\n(?=@)", BIBLIOGRAPHY.read_text(encoding="utf-8"))[1:]


def field(entry: str, name: str) -> str | None:
    match = re.search(rf"^\s*{name}\s*=\s*\{{(.*)\}},$", entry, re.MULTILINE)
    return match[1] if match else None


@pytest.mark.parametrize("entry", ENTRIES, ids=bibliography_keys(BIBLIOGRAPHY))
def test_an_entry_can_be_looked_up(entry: str) -> None:
    for name in ("title", "author", "year"):
        assert field(entry, name), name
    doi, eprint, url = (field(entry, name) for name in ("doi", "eprint", "url"))
    assert doi or eprint or url
    assert doi is None or re.fullmatch(r"10\.\d{4,9}/\S+", doi)
    assert eprint is None or re.fullmatch(r"\d{4}\.\d{4,5}", eprint)
    assert eprint is None or field(entry, "eprinttype") == "arxiv"
    assert url is None or url.startswith("https://")


def test_no_work_is_entered_twice() -> None:
    titles = [re.sub(r"[{}]", "", field(entry, "title") or "").lower() for entry in ENTRIES]
    assert len(set(titles)) == len(titles)
    names = [name for name in (field(entry, "doi") for entry in ENTRIES) if name]
    assert len(set(names)) == len(names)


def test_every_cited_key_is_in_the_bibliography() -> None:
    text = (ROOT / "paper" / "paper.qmd").read_text(encoding="utf-8")
    cited = re.findall(r"(?<!\w)@(?!fig-|tbl-|sec-|eq-)([a-z]+\d{4}\w*)", text)
    assert len(cited) > 20
    lines = tuple(Line(f"@{key}", key) for key in cited)
    keys = bibliography_keys(BIBLIOGRAPHY)
    check_manuscript(Manuscript(lines, frozenset()), keys, ROOT / "paper")
