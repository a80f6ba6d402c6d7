"""Rendering happens when an input, the renderer or an output changed, and only then."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paper.workshop import build
from valuescape.report import rendering
from valuescape.report.receipt import checked_out
from valuescape.report.rendering import Renderer, render_paper

PANDOC = Renderer("pandoc", "pandoc + typst, under test", "asked for")


def write_pages(staged: Path) -> None:
    """Stand in for pandoc and Typst."""
    (staged / "paper.html").write_text(f"<p>{(staged / 'paper.qmd').stat().st_size}</p>")
    (staged / "paper.pdf").write_bytes(b"%PDF-")


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rendering, "_by_pandoc", write_pages)
    folder = build(tmp_path, "Short text.\n")
    assert render_paper(folder, folder.parent / "figures", renderer=PANDOC).fresh
    return folder


def is_fresh(paper: Path, renderer: Renderer = PANDOC) -> bool:
    return render_paper(paper, paper.parent / "figures", renderer=renderer).fresh


def test_nothing_is_done_twice(paper: Path) -> None:
    before = (paper / "paper.pdf").stat().st_mtime_ns
    assert not is_fresh(paper)
    assert (paper / "paper.pdf").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "name",
    [
        "paper.qmd",
        "references.bib",
        "_variables.yml",
        "tables/shares.md",
        "style/article.css",
        "filters/crossref.lua",
        "../figures/bars.svg",
    ],
)
def test_a_changed_input_is_rendered(paper: Path, name: str) -> None:
    with (paper / name).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert is_fresh(paper)
    assert not is_fresh(paper)


def test_a_new_table_is_rendered(paper: Path) -> None:
    (paper / "tables" / "new.md").write_text("x")
    assert is_fresh(paper)


@pytest.mark.parametrize("name", ["paper.html", "paper.pdf"])
def test_a_missing_or_edited_output_is_rendered(paper: Path, name: str) -> None:
    (paper / name).unlink()
    assert is_fresh(paper)
    (paper / name).write_bytes(b"edited")
    assert is_fresh(paper)


def test_another_renderer_renders(paper: Path) -> None:
    assert is_fresh(paper, Renderer("pandoc", "pandoc of another version", "asked for"))


@pytest.mark.parametrize("content", ["", "[]", '{"renderer": 1}', "not json"])
def test_a_spoilt_receipt_is_no_receipt(paper: Path, content: str) -> None:
    (paper / "receipt.json").write_text(content)
    assert is_fresh(paper)


def test_the_receipt_names_everything(paper: Path) -> None:
    receipt = json.loads((paper / "receipt.json").read_text())
    assert receipt["renderer"] == PANDOC.name
    assert set(receipt["outputs"]) == {"paper.html", "paper.pdf"}
    wanted = {"paper.qmd", "references.bib", "tables/shares.md", "../figures/bars.svg"}
    assert wanted <= set(receipt["inputs"])
    assert any(name.endswith("report/rendering.py") for name in receipt["inputs"])
    assert receipt["commit"] == ""


def test_the_receipt_names_the_commit_and_the_pages_do_not_depend_on_it(paper: Path) -> None:
    page = (paper / "paper.html").read_bytes()
    home = paper.parent
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], cwd=home, check=True)
    subprocess.run([*git, "add", "."], cwd=home, check=True)
    subprocess.run([*git, "commit", "-qm", "first"], cwd=home, check=True)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=home, check=True, capture_output=True, text=True
    ).stdout.strip()
    assert not is_fresh(paper), "a commit is no reason to render again"
    assert checked_out(paper) == commit
    (paper / "paper.html").unlink()
    (home / "note.txt").touch()
    assert is_fresh(paper)
    assert json.loads((paper / "receipt.json").read_text())["commit"] == f"{commit}+"
    assert (paper / "paper.html").read_bytes() == page


def test_nothing_heavy_is_imported_when_nothing_changed(paper: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from valuescape.report.rendering import Renderer, render_paper\n"
        f"r = Renderer('pandoc', {PANDOC.name!r}, '')\n"
        f"p = Path({str(paper)!r})\n"
        "assert not render_paper(p, p.parent / 'figures', renderer=r).fresh\n"
        "print(sorted({'pypandoc', 'typst', 'pandas', 'numpy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
