"""The notebooks are the pages, and their code runs from the first cell to the last."""

import ast
import contextlib
import doctest
import io
import json
import warnings
from pathlib import Path

import pytest

from tests.docs.notebooks import FOLDER, PAGES, notebook, place
from tests.paths import ROOT


@pytest.mark.parametrize("page", PAGES)
def test_a_notebook_is_written_from_its_page(page: str) -> None:
    assert place(page).read_text(encoding="utf-8") == notebook(ROOT / "docs" / page)


def test_there_are_no_others() -> None:
    assert {f.name for f in FOLDER.iterdir()} == {place(page).name for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_the_cells_run_and_say_what_is_shown(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page == "explanation/scale.md":
        pytest.importorskip("duckdb")
        pytest.importorskip("ibis")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    cells = json.loads(place(page).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) >= 4
    for cell in code:
        wanted = "".join("".join(out["text"]) for out in cell["outputs"])
        said = io.StringIO()
        statements = doctest.DocTestParser().get_examples(_prompted("".join(cell["source"])))
        with contextlib.redirect_stdout(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for one in statements:
                exec(compile(one.source, place(page).name, "single"), names)  # noqa: S102 - our own pages
        assert doctest.OutputChecker().check_output(
            wanted + "\n" if wanted else "", said.getvalue(), flags
        ), (cell["source"], said.getvalue())


def _prompted(source: str) -> str:
    """Put prompts before statements, as they stand in the page."""
    lines = source.splitlines()
    starts = {node.lineno for node in ast.parse(source).body}
    return "\n".join(("... ", ">>> ")[i in starts] + line for i, line in enumerate(lines, 1)) + "\n"
