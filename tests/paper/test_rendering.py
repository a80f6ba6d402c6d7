"""The pages that pandoc and Typst make: numbers, references, citations, access, bytes."""

import re
import shutil
import stat
import subprocess
import sys
from html import unescape
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tests.paper.workshop import BODY, build
from valuescape.errors import InputError
from valuescape.report import rendering
from valuescape.report.rendering import Renderer, choose_renderer, render_paper

PANDOC = Renderer("pandoc", "pandoc + typst, under test", "asked for")

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)"
)


def render(paper: Path) -> str:
    """Render a paper and return its HTML."""
    result = render_paper(paper, paper.parent / "figures", renderer=PANDOC)
    return result.html.read_text(encoding="utf-8")


def shown(page: str) -> str:
    """Return what a reader of the page sees."""
    text = re.sub(r"<(style|annotation)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("paper"))
    render(folder)
    return folder


@pytest.fixture(scope="module")
def page(paper: Path) -> str:
    return (paper / "paper.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def printed(paper: Path) -> str:
    command = ["pdftotext", "-layout", str(paper / "paper.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return " ".join(text.replace("\u00a0", " ").split())


def test_references_carry_the_numbers_of_what_they_name(page: str) -> None:
    text = shown(page)
    assert "See Figure 1, Table 1, Table 2, Section 1.1 and Equation 1." in text
    assert "Also Figure 1, Table 1, a bare number 2 and a panel 1." in text


def test_captions_and_headings_are_numbered(page: str) -> None:
    text = shown(page)
    assert "Figure 1: The bars of clarity." in text
    assert "Table 1: Shares of 1,234 conversations." in text
    assert "Table 2: A second table." in text
    assert "1.1 Middle of clarity" in text
    assert re.search(r"2 End", text)
    assert not re.search(r"\d References", text)


def test_references_link_to_places_on_the_page(page: str) -> None:
    for target in ("fig-bars", "tbl-shares", "tbl-second", "sec-middle", "eq-share"):
        assert f'href="#{target}"' in page
        assert len(re.findall(rf'id="{target}"', page)) == 1


def test_citations_are_author_and_year(page: str) -> None:
    text = shown(page)
    assert "As Doe (2020) said, and others (Roe and Moe 1999, 3)." in text
    assert "Doe, Ann. 2020." in text
    assert "https://doi.org/10.1000/xyz" in text


def test_the_page_is_whole_and_accessible(page: str) -> None:
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in page
    assert 'alt="A grey field."' in page
    assert "data:image/svg+xml;base64," in page
    assert "<math" in page
    assert '<div class="callout callout-note" role="note">' in page
    assert 'aria-label="Shares of 1,234 conversations."' in page
    assert page.count("<h1") == 1
    assert not re.search(r'<(link|script)\b[^>]*(href|src)="(?!data:)', page)


def test_figures_and_tables_link_to_data_script_and_stages(page: str) -> None:
    assert page.count('class="figure-source"') == 2
    figure, table = (part.split("</div>")[0] for part in page.split('class="figure-source"')[1:])
    assert re.findall(r'href="([^"]+)"', figure) == [
        "../figures/bars.csv",
        "../data/results/count/bars.csv",
        "../analysis/pack/figures/bars.py",
        "../analysis/valuescape/stages/count.py",
        "../analysis/valuescape/stages/draw.py",
        "../dvc.yaml",
    ]
    assert re.findall(r'href="([^"]+)"', table) == [
        "../data/results/count/shares.csv",
        "../data/labels/frame.csv",
        "../analysis/pack/tables/shares.py",
        "../analysis/valuescape/stages/count.py",
        "../analysis/valuescape/stages/write.py",
        "../dvc.yaml",
    ]


def test_a_figure_of_unknown_origin_still_links_to_its_data(tmp_path: Path) -> None:
    folder = build(tmp_path)
    (folder / "tables" / "origins.json").unlink()
    page = render(folder)
    line = page.split('class="figure-source"')[1].split("</div>")[0]
    assert re.findall(r'href="([^"]+)"', line) == ["../figures/bars.csv", "../dvc.yaml"]


def test_what_is_for_the_page_alone_is_on_the_page(page: str) -> None:
    assert "2.1 Only on the page Not printed." in shown(page)


@needs_pdftotext
def test_what_is_for_the_page_alone_is_not_printed(printed: str) -> None:
    assert "Not printed" not in printed
    assert "Only on the page" not in printed


def test_title_abstract_and_keywords_are_there(page: str) -> None:
    text = shown(page)
    assert "A small paper The valuescape contributors" in text
    assert "It reads 1,234 conversations (Doe 2020)." in text
    assert "Keywords: values, tests" in text


@needs_pdftotext
def test_the_pdf_says_the_same(printed: str) -> None:
    assert "A small paper" in printed
    assert "See Figure 1, Table 1, Table 2, Section 1.1 and Equation 1." in printed
    assert "Figure 1: The bars of clarity." in printed
    assert "Table 1: Shares of 1,234 conversations." in printed
    assert "1.1 Middle of clarity" in printed
    assert "As Doe (2020) said, and others (Roe and Moe 1999, 3)." in printed
    assert "Mind this" in printed
    assert "Data: figures" not in printed


def test_the_pdf_is_tagged_and_carries_alternative_text(paper: Path) -> None:
    content = (paper / "paper.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"A grey field." in content
    assert rb"p = \\frac{k}{n}, \\quad K = 10" in content
    assert b"/Lang" in content


@pytest.mark.parametrize("formula", ["$x$(y)", "$x$.size", "$x$[a]", "$x$; y", '$\\text{"x"}$'])
def test_text_after_a_formula_stays_text(tmp_path: Path, formula: str) -> None:
    render(build(tmp_path, f"A formula {formula} in a sentence.\n"))


def test_a_second_rendering_gives_the_same_bytes(paper: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    render(again)
    for name in ("paper.html", "paper.pdf"):
        assert (again / name).read_bytes() == (paper / name).read_bytes()


def test_numbers_follow_the_text_when_things_move(tmp_path: Path) -> None:
    first, rest = BODY.split("## Middle", 1)
    moved = rest.replace("| a | b |", "| a | b |", 1)
    body = (
        first
        + "## Middle"
        + moved.replace("{{< include tables/shares.md >}}\n", "", 1).replace(
            "# End\n", "# End\n\n{{< include tables/shares.md >}}\n", 1
        )
    )
    text = shown(render(build(tmp_path, body)))
    assert "See Figure 1, Table 2, Table 1, Section 1.1 and Equation 1." in text
    assert "Table 1: A second table." in text


@needs_pdftotext
def test_headings_after_the_references_bear_letters(tmp_path: Path) -> None:
    appendices = "\n# More {#sec-more}\n\n## Deeper {#sec-deeper}\n\n# Last {#sec-last}\n"
    text = BODY.replace("# End", "See @sec-middle, @sec-more, @sec-deeper and @sec-last.\n\n# End")
    paper = build(tmp_path, text + appendices)
    said = "See Section 1.1, Appendix A, Appendix A.1 and Appendix B."
    assert said in shown(render(paper))
    command = ["pdftotext", "-layout", str(paper / "paper.pdf"), "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said in " ".join(printed.replace("\u00a0", " ").split())
    assert re.search(r"^A More$", printed, re.MULTILINE)
    assert re.search(r"^A\.1 Deeper$", printed, re.MULTILINE)
    assert re.search(r"^B Last$", printed, re.MULTILINE)


def test_unnumbered_headings_take_no_number(tmp_path: Path) -> None:
    body = "# A {.unnumbered}\n\n# B {#sec-b}\n\n## C\n\n# D\n\n## E {#sec-e}\n\n@sec-b, @sec-e.\n"
    text = shown(render(build(tmp_path, body)))
    assert "Section 1, Section 2.1." in text


def test_a_reference_to_an_unnumbered_heading_is_refused(tmp_path: Path) -> None:
    paper = build(tmp_path, "# A {.unnumbered #sec-a}\n\nSee @sec-a.\n")
    with pytest.raises(InputError, match="@sec-a names nothing that has a number"):
        render(paper)


def test_table_widths(tmp_path: Path) -> None:
    long = "a long cell that goes on and on so that the row is wider than seventy-two characters"
    body = (
        f"| a | b |\n|---|---|\n| x | {long} |\n\n: Fits. {{#tbl-fits}}\n\n"
        f"| a | b |\n|-|----|\n| x | {long} |\n\n: Rules. {{#tbl-rules}}\n\n"
        '| a | b |\n|---|---|\n| x | y |\n\n: Said. {#tbl-said tbl-colwidths="[25,75]"}\n'
    )
    page = render(build(tmp_path, body))
    fits, rules, said = (part.split("</table>")[0] for part in page.split("<table ")[1:])
    assert "width" not in fits
    assert re.findall(r"width: (\d+)%", rules) == ["20", "80"]
    assert re.findall(r"width: (\d+)%", said) == ["25", "75"]


def test_table_widths_that_do_not_fit_the_columns_are_refused(tmp_path: Path) -> None:
    body = '| a | b |\n|---|---|\n| x | y |\n\n: Said. {#tbl-said tbl-colwidths="[25,25,50]"}\n'
    with pytest.raises(InputError, match="gives 3 widths for 2 columns"):
        render(build(tmp_path, body))


def test_a_refused_manuscript_leaves_earlier_pages(tmp_path: Path) -> None:
    paper = build(tmp_path)
    render(paper)
    before = {name: (paper / name).read_bytes() for name in rendering.OUTPUTS}
    with (paper / "paper.qmd").open("a") as stream:
        stream.write("\nSee @fig-none.\n")
    with pytest.raises(InputError, match="@fig-none"):
        render(paper)
    assert {name: (paper / name).read_bytes() for name in rendering.OUTPUTS} == before
    assert not list(paper.glob(".*.new"))


def test_mathematics_that_cannot_be_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="pandoc ended with"):
        render(build(tmp_path, "A formula $\\undefinedmacro{x}$.\n"))


QUARTO = """#!{python}
import pathlib, sys
log = pathlib.Path({log!r})
log.write_text((log.read_text() if log.exists() else "") + " ".join(sys.argv[1:]) + "\\n")
if sys.argv[1:] == ["--version"]:
    print("{version}")
elif "html" in sys.argv:
    text = pathlib.Path("paper.qmd").read_text()
    pathlib.Path("paper.html").write_text("<p>" + ("?@fig-x" if {broken} else text[-20:]) + "</p>")
else:
    pathlib.Path("paper.pdf").write_bytes(b"%PDF-")
"""


def put_quarto(
    home: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, broken: bool = False
) -> Path:
    """Put a stand-in for Quarto on PATH and return the file in which it notes its calls."""
    log = home / "calls.txt"
    program = home / "bin" / "quarto"
    program.parent.mkdir()
    text = QUARTO.format(python=sys.executable, log=str(log), version=version, broken=broken)
    program.write_text(text)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return log


def test_a_recent_quarto_is_used_on_text_without_shortcodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = put_quarto(tmp_path, monkeypatch, "1.9.4")
    paper = build(tmp_path, "There are {{< var q1.n >}}.\n")
    result = render_paper(paper, tmp_path / "figures")
    assert (result.renderer.kind, result.renderer.name) == ("quarto", "quarto 1.9.4")
    assert "There are 1,234." in result.html.read_text()
    calls = log.read_text().splitlines()
    assert calls[1:] == ["render paper.qmd --to html", "render paper.qmd --to typst"]


def test_what_quarto_left_unresolved_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_quarto(tmp_path, monkeypatch, "1.10.0", broken=True)
    paper = build(tmp_path, "Text.\n")
    with pytest.raises(InputError, match=r"left unresolved by the renderer: \?@fig-x"):
        render_paper(paper, tmp_path / "figures")
    assert not (paper / "paper.html").exists()


def test_an_old_quarto_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_quarto(tmp_path, monkeypatch, "1.8.27")
    chosen = choose_renderer()
    assert chosen.kind == "pandoc"
    assert chosen.reason == "Quarto 1.8.27 is older than 1.9"


def test_without_any_renderer_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(rendering, "version", missing)
    with pytest.raises(InputError, match=r"no Quarto on PATH and .* valuescape\[pipeline\]"):
        choose_renderer()
