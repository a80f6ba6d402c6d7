"""The paper's HTML and PDF, by Quarto where it is installed and by pandoc and Typst elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from valuescape.errors import InputError
from valuescape.report import manuscript as manuscript_module
from valuescape.report import proofreading
from valuescape.report.manuscript import Manuscript, read_manuscript, read_variables
from valuescape.report.receipt import (
    Receipt,
    checked_out,
    fingerprints,
    read_receipt,
    write_receipt,
)
from valuescape.writing import write_bytes

MANUSCRIPT = "paper.qmd"
OUTPUTS = ("paper.html", "paper.pdf")
RECEIPT = "receipt.json"
OLDEST_QUARTO = (1, 9)
_INPUTS = ("*.qmd", "*.yml", "*.bib", "*.csl", "filters/*.lua", "style/*", "tables/*")
_FILTERS = ("visible", "callout", "figures", "tables", "crossref", "equations")
_EPOCH = 0


@dataclass(frozen=True, slots=True)
class Renderer:
    """What turns the manuscript into pages.

    Attributes
    ----------
    kind : {"quarto", "pandoc"}
        Quarto, or pandoc for HTML and Typst for PDF.
    name : str
        Name and version.
    reason : str
        Why this one was chosen.
    """

    kind: Literal["quarto", "pandoc"]
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """The paper as it stands after :func:`render_paper`.

    Attributes
    ----------
    renderer : Renderer
        What rendered it, now or earlier.
    fresh : bool
        False if nothing had changed since the receipt and nothing was done.
    html, pdf : Path
        The pages.
    """

    renderer: Renderer
    fresh: bool
    html: Path
    pdf: Path


def choose_renderer() -> Renderer:
    """Return Quarto if a recent one is on PATH, otherwise pandoc and Typst.

    Raises
    ------
    InputError
        If neither is installed.
    """
    found = _quarto_version()
    if found and _numbers(found)[:2] >= OLDEST_QUARTO:
        return Renderer("quarto", f"quarto {found}", "on PATH")
    wanted = ".".join(str(part) for part in OLDEST_QUARTO)
    reason = f"Quarto {found} is older than {wanted}" if found else "no Quarto on PATH"
    try:
        name = f"pandoc (pypandoc-binary {version('pypandoc-binary')}) + typst {version('typst')}"
    except PackageNotFoundError as error:
        raise InputError(
            f"{reason} and the Python package {error.name} is not installed; "
            f"install Quarto >= {wanted} or valuescape[pipeline]"
        ) from None
    return Renderer("pandoc", name, reason)


def _quarto_version() -> str | None:
    program = shutil.which("quarto")
    if program is None:
        return None
    command = [program, "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stdout.strip() or "of unknown version"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def render_paper(paper: Path, figures: Path, *, renderer: Renderer | None = None) -> Rendering:
    """Render ``paper.qmd`` to HTML and PDF, unless its receipt shows that nothing has changed.

    Parameters
    ----------
    paper : Path
        Folder of the manuscript, its bibliography, variables, tables, filters and style.
    figures : Path
        Folder of the drawn figures, a sibling of ``paper``.
    renderer : Renderer, optional
        What to render with; :func:`choose_renderer` decides if it is not given.

    Returns
    -------
    Rendering
        Which renderer ran, whether it had to, and where the pages are.

    Raises
    ------
    InputError
        If the manuscript has a hole (see :func:`.proofreading.check_manuscript`), the renderer
        refuses it, or the page shows something unresolved.  Earlier pages stay as they were.
    """
    chosen = renderer or choose_renderer()
    html, pdf = (paper / name for name in OUTPUTS)
    inputs = fingerprints(_inputs(paper, figures), paper)
    if _is_current(read_receipt(paper / RECEIPT), chosen, inputs, paper):
        return Rendering(chosen, False, html, pdf)
    text = read_manuscript(paper / MANUSCRIPT, read_variables(paper / "_variables.yml"))
    keys = proofreading.bibliography_keys(paper / "references.bib")
    proofreading.check_manuscript(text, keys, paper)
    with tempfile.TemporaryDirectory(prefix="valuescape-render-") as temporary:
        staged = _staged(text, paper, figures, Path(temporary))
        (_by_quarto if chosen.kind == "quarto" else _by_pandoc)(staged)
        _refuse_leftovers(staged / html.name)
        for target in (html, pdf):
            write_bytes((staged / target.name).read_bytes(), target)
    pages = fingerprints([html, pdf], paper)
    write_receipt(Receipt(chosen.name, inputs, pages, checked_out(paper)), paper / RECEIPT)
    return Rendering(chosen, True, html, pdf)


def _inputs(paper: Path, figures: Path) -> list[Path]:
    """Everything the pages depend on, this program included."""
    files = [file for pattern in _INPUTS for file in paper.glob(pattern)]
    code = [Path(module.__file__ or "") for module in (manuscript_module, proofreading)]
    return [*files, *figures.glob("*.svg"), *code, Path(__file__)]


def _is_current(
    receipt: Receipt | None, renderer: Renderer, inputs: dict[str, str], paper: Path
) -> bool:
    if receipt is None or receipt.renderer != renderer.name or receipt.inputs != inputs:
        return False
    outputs = fingerprints([paper / name for name in OUTPUTS], paper)
    return receipt.outputs == outputs and len(outputs) == len(OUTPUTS)


def _staged(text: Manuscript, paper: Path, figures: Path, home: Path) -> Path:
    """Copy what rendering needs, with the expanded manuscript, to a folder that may be littered."""
    staged = home / "paper"
    (home / "figures").mkdir()
    for figure in figures.glob("*.svg"):
        shutil.copyfile(figure, home / "figures" / figure.name)
    for pattern in _INPUTS:
        for file in paper.glob(pattern):
            target = staged / file.relative_to(paper)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    (staged / MANUSCRIPT).write_text(text.text, encoding="utf-8")
    return staged


def _epoch() -> int:
    """Seconds since 1970 that the PDF is dated with, for the same bytes on every run."""
    return int(os.environ.get("SOURCE_DATE_EPOCH", _EPOCH))


def _by_quarto(staged: Path) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(_epoch())}
    for target in ("html", "typst"):
        _run(["quarto", "render", MANUSCRIPT, "--to", target], staged, environment)


def _by_pandoc(staged: Path) -> None:
    import pypandoc  # type: ignore[import-untyped]

    filters = [f"--lua-filter=filters/{name}.lua" for name in _FILTERS]
    command = [pypandoc.get_pandoc_path(), MANUSCRIPT, "--from=markdown", "--standalone"]
    command += [*filters, "--citeproc", "--fail-if-warnings"]
    page = ["--to=html5", "--template=style/article.html", "--css=style/article.css", "--mathml"]
    page += ["--embed-resources", "--toc", "--toc-depth=3", "--output=paper.html"]
    _run([*command, *page], staged)
    _run([*command, "--to=typst", "--template=style/article.typ", "--output=paper.typ"], staged)
    _typeset(staged)


def _typeset(staged: Path) -> None:
    import typst

    try:
        typst.compile(
            str(staged / "paper.typ"),
            output=str(staged / "paper.pdf"),
            root=str(staged.parent),
            ignore_system_fonts=True,
            timestamp=_epoch(),
            pdf_standards="ua-1",
        )
    except typst.TypstError as error:
        raise InputError(f"{MANUSCRIPT}: Typst could not set the PDF: {error}") from None


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        name = Path(command[0]).name
        said = done.stderr.strip()
        raise InputError(f"{MANUSCRIPT}: {name} ended with {done.returncode}: {said}")


def _refuse_leftovers(page: Path) -> None:
    found = proofreading.leftovers(page.read_text(encoding="utf-8"))
    if found:
        raise InputError(f"{page.name}: left unresolved by the renderer: {', '.join(found[:5])}")
