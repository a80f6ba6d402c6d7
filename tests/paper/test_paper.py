"""The paper of this repository: no typed number, no hole, nothing left unresolved."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT
from valuescape.report.manuscript import read_manuscript, read_variables
from valuescape.report.proofreading import bibliography_keys, check_manuscript, leftovers
from valuescape.report.tables.layout import EMPTY

PAPER = ROOT / "paper"
MANUSCRIPT = PAPER / "paper.qmd"

needs_variables = pytest.mark.skipif(
    not (PAPER / "_variables.yml").is_file(), reason="needs paper/_variables.yml (stage write)"
)
needs_pages = pytest.mark.skipif(
    not (PAPER / "paper.html").is_file() or not (PAPER / "paper.pdf").is_file(),
    reason="needs the rendered paper (stage render)",
)


def typed_numbers(text: str) -> Iterator[str]:
    """Yield numbers that stand in prose; years, names such as Q1 and mathematics are let by."""
    front = re.compile(r"^---\n.*?^abstract: \|\n(.*?)^\S.*?^---\n", re.DOTALL | re.MULTILINE)
    text = front.sub(r"\1", text)
    hidden = r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`]*`|\{\{<.*?>\}\}|<!--.*?-->"
    text = re.sub(hidden, " ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)|\{[^{}]*\}|@[\w:.-]*\w", " ", text)
    for word in re.findall(r"[^\s()\[\],;]+", text):
        bare = word.strip("*_.:?!'\"“”’…")
        if re.match(r"[~≈±<>≤≥−-]?\d", bare) and not re.fullmatch(r"(19|20)\d\d(s|’s)?", bare):
            yield word


def test_no_number_is_typed_into_prose() -> None:
    assert list(typed_numbers(MANUSCRIPT.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("About 12 % of them.", ["12"]),
        ("a 24-reader panel, 3.5 times", ["24-reader", "3.5"]),
        ("(≥ 0.2) and ~5", ["0.2", "~5"]),
        ("in 2022–2024, Q1, LMSYS-Chat-1M, Chao1", ["2022–2024"]),
        ("in 2025 @roe1999 [@doe2020, p. 3]", ["3"]),
        ("$p < 0.05$ and `n=3` and {{< var a.b2 >}} ![x](../f3.svg){width=80%}", []),
    ],
)
def test_typed_numbers_are_recognised(text: str, found: list[str]) -> None:
    assert list(typed_numbers(text)) == found


@needs_variables
def test_the_manuscript_has_no_hole() -> None:
    text = read_manuscript(MANUSCRIPT, read_variables(PAPER / "_variables.yml"))
    check_manuscript(text, bibliography_keys(PAPER / "references.bib"), PAPER)


@needs_pages
def test_nothing_is_left_unresolved_in_the_page() -> None:
    assert leftovers((PAPER / "paper.html").read_text(encoding="utf-8")) == []


@needs_pages
def test_every_figure_of_the_page_has_alternative_text() -> None:
    page = (PAPER / "paper.html").read_text(encoding="utf-8")
    images = re.findall(r"<img\b[^>]*>", page)
    assert all(re.search(r'\balt="[^"]{20,}"', image) for image in images)


@needs_pages
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)")
def test_nothing_is_left_unresolved_in_the_pdf() -> None:
    command = ["pdftotext", str(PAPER / "paper.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert not re.search(r"\{\{<|\?@|\?var|\?\?|\[-?@\w|\{#\w+-", text)


@pytest.mark.parametrize("table", sorted((PAPER / "tables").glob("*.md")), ids=lambda p: p.stem)
def test_no_column_of_a_table_is_empty(table: Path) -> None:
    lines = [x for x in table.read_text(encoding="utf-8").splitlines() if x.startswith("|")]
    header, _, *rows = [[cell.strip() for cell in x.strip("|").split(" | ")] for x in lines]
    for name, cells in zip(header, zip(*rows, strict=False), strict=False):
        assert set(cells) - {EMPTY, ""}, name
