"""Every format shows names as they are, read back by programs that we did not write."""

from __future__ import annotations

import builtins
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.tables.nasty import NASTY, one_line
from tests.tables.reading import ByBrowser, by_pandoc, plain
from valuescape.errors import InputError
from valuescape.tables import DisplayTable, display_table, write_display
from valuescape.tables.latex import LONGEST

FRAME = pd.DataFrame({"value": NASTY, "n_both": range(len(NASTY))})
CAPTION = "A <b>caption</b> of 50 % & a_b {c} \\d $e$"
NOTES = tuple(text for text in NASTY if text.strip())
SHOWN = [one_line(text) for text in NASTY]
LATEX_READS = {
    "|": "$|$", "\ufffd": "?", "−": "$-$", "×": "$\\times$", "∞": "$\\infty$", "≤": "$\\leq$",
    "χ": "$\\chi$", "⁻¹⁵": "^-15^", "²": "^2^", "`": "",
}  # fmt: skip
"""What pandoc makes of signs as LaTeX writes them; it does not know the grave accent."""


def nasty() -> DisplayTable:
    return display_table(FRAME, caption=CAPTION, notes=NOTES, key="tbl-names")


@pytest.mark.parametrize("reader", ["markdown", "gfm", "commonmark_x"])
def test_markdown_shows_names_as_they_are(reader: str) -> None:
    read = by_pandoc(nasty().to_markdown(), reader)
    assert read.header == ["Value", "Both"]
    assert [plain(row[0]) for row in read.rows] == [plain(text) for text in SHOWN]
    assert [row[1] for row in read.rows] == [str(i) for i in range(len(NASTY))]
    notes = read.beside if reader == "markdown" else read.beside[1:]
    assert [plain(note) for note in notes] == [plain(one_line(note)) for note in NOTES]
    found = read.caption if reader == "markdown" else read.beside[0]
    assert CAPTION in found


def test_html_shows_names_as_they_are() -> None:
    page = ByBrowser()
    page.feed(nasty().to_page())
    n = len(NASTY)
    assert page.rows[0] == ["Value", "Both"]
    assert [row[0] for row in page.rows[1 : n + 1]] == SHOWN
    assert [row[0] for row in page.rows[n + 1 :]] == [one_line(note) for note in NOTES]
    assert page.texts["caption"] == CAPTION == page.texts["title"]
    assert {tag for tag, _ in page.elements} == {
        *("html", "head", "meta", "title", "style", "body", "main"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }


def test_names_are_escaped_wherever_they_stand() -> None:
    frame = FRAME[["n_both", "value"]].rename(columns={"n_both": "<u>"})
    table = display_table(frame.assign(more=list(NASTY)), names={"value": "<i>&"})
    page = ByBrowser()
    page.feed(table.to_html())
    assert page.rows[0] == ["<u>", "<i>&", "More"]
    assert [row[1:] for row in page.rows[1:]] == [[text, text] for text in SHOWN]
    for text, reader in ((table.to_markdown(), "gfm"), (table.to_latex(), "latex")):
        read = by_pandoc(text, reader)
        assert read.header == ["<u>", "<i>&", "More"]
        assert all(row[1] == row[2] for row in read.rows)
        assert len(read.rows) == len(NASTY)


def test_html_tells_a_screen_reader_what_heads_what() -> None:
    page = ByBrowser()
    page.feed(display_table(FRAME, caption="Names", key="tbl-names").to_html())
    scopes = [found.get("scope") for tag, found in page.elements if tag == "th"]
    assert scopes == ["col", "col", *["row"] * len(NASTY)]
    assert page.elements[0] == ("table", {"id": "tbl-names"})
    assert page.elements[1][0] == "caption"


def test_a_first_column_of_numbers_heads_no_row() -> None:
    page = ByBrowser()
    page.feed(display_table(FRAME, columns=["n_both", "value"]).to_html())
    assert {found.get("scope") for tag, found in page.elements if tag == "th"} == {"col"}
    assert "caption" not in {tag for tag, _ in page.elements}


def as_latex_reads(text: str) -> str:
    for sign, read in LATEX_READS.items():
        text = text.replace(sign, read)
    return plain(text)


def test_latex_shows_names_as_they_are() -> None:
    table = display_table(FRAME, caption=CAPTION, key="tbl-names")
    read = by_pandoc(table.to_latex(), "latex")
    assert read.header == ["Value", "Both"]
    assert [plain(row[0]) for row in read.rows] == [as_latex_reads(text) for text in SHOWN]
    assert CAPTION in plain(read.caption)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex (Debian's "
                    "texlive-latex-base, texlive-latex-recommended)")  # fmt: skip
@pytest.mark.parametrize("copies", [1, 4])
def test_latex_compiles(tmp_path: Path, copies: int) -> None:
    frame = pd.concat([FRAME] * copies)
    assert (len(frame) > LONGEST) == (copies == 4)
    text = display_table(frame, caption=CAPTION, notes=NOTES, key="tbl-names").to_latex()
    headed = text + display_table(FRAME.rename(columns={"value": "[5mm]"})).to_latex()
    (tmp_path / "table.tex").write_text(
        "\\documentclass{article}\n\\usepackage{booktabs,longtable}\n\\begin{document}\n"
        f"{headed}\\ref{{tbl-names}}\n\\end{{document}}\n",
        "utf-8",
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:].decode("utf-8", "replace")
    log = (tmp_path / "table.log").read_text("latin-1")
    assert "Missing character" not in log
    assert "undefined" not in log
    assert "multiply" not in log


def test_long_tables_say_what_they_need() -> None:
    short, long = (FRAME.head(1), pd.concat([FRAME] * 4))
    assert "needs \\usepackage{booktabs}\n" in display_table(short).to_latex()
    assert "needs \\usepackage{booktabs,longtable}\n" in display_table(long).to_latex()


def test_great_tables_shows_names_as_they_are() -> None:
    pytest.importorskip("great_tables")
    table = nasty().to_great_tables()
    html = table.as_raw_html()
    page = ByBrowser()
    page.feed(html[html.index("<table") : html.index("</table>") + len("</table>")])
    body = [row for row in page.rows if len(row) == 2 and row[1].isdigit()]
    assert [row[0] for row in body] == SHOWN
    assert {tag for tag, _ in page.elements} <= {
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "span"),
    }
    assert "\\toprule" in table.as_latex()
    assert nasty().to_great_tables().as_raw_html() == html
    right = [a for tag, a in page.elements if tag == "td" and "gt_right" in (a["class"] or "")]
    assert len(right) == len(NASTY)


def test_without_great_tables_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "great_tables":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match=r"pip install 'valuescape\[tables\]'"):
        nasty().to_great_tables()


@pytest.mark.parametrize(
    ("name", "begins"),
    [("t.md", "| Value"), ("t.html", "<!DOCTYPE html>"), ("t.tex", "% needs")],
)
def test_the_ending_decides_the_format(tmp_path: Path, name: str, begins: str) -> None:
    write_display(nasty(), tmp_path / "new" / name)
    assert (tmp_path / "new" / name).read_text("utf-8").startswith(begins)
    assert [found.name for found in (tmp_path / "new").iterdir()] == [name]


def test_other_endings_and_closed_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.docx: allowed endings are \.md, \.html, \.tex"):
        write_display(nasty(), tmp_path / "t.docx")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_display(nasty(), tmp_path / "file" / "t.md")


def test_notebooks_show_the_table_itself() -> None:
    assert nasty()._repr_html_() == nasty().to_html()
    assert str(nasty()) == nasty().to_markdown()
