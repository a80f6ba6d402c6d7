"""Writes docs/notebooks from pages with Python examples: ``python -m tests.docs.notebooks``.

The outputs are those of the page, which its own test proves.
"""

from __future__ import annotations

import doctest
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from tests.paths import ROOT

FOLDER = ROOT / "docs" / "notebooks"
PAGES = (
    "tutorial/own-analysis.md",
    "explanation/which-test.md",
    "explanation/scale.md",
)
_FENCE = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def notebook(page: Path) -> str:
    """Return a page as a notebook: prose, code and what the code says."""
    text = page.read_text(encoding="utf-8")
    cells: list[dict[str, Any]] = []
    for number, part in enumerate(_FENCE.split(text)):
        if number % 2:
            cells += _code(part)
        elif part.strip():
            cells.append(_prose(part))
    for number, cell in enumerate(cells):
        held = f"{number} {''.join(cell['source'])}"
        cell["id"] = hashlib.sha256(held.encode()).hexdigest()[:12]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _prose(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text.strip())}


def _code(block: str) -> list[dict[str, Any]]:
    """Return one cell an output: statements up to the one that says something."""
    cells, waiting = [], ""
    examples = doctest.DocTestParser().get_examples(block)
    for number, example in enumerate(examples):
        waiting += example.source
        if example.want or number == len(examples) - 1:
            cells.append(_cell(waiting, example.want))
            waiting = ""
    return cells


def _cell(source: str, said: str) -> dict[str, Any]:
    outputs = (
        [{"name": "stdout", "output_type": "stream", "text": _lines(said.rstrip("\n"))}]
        if said
        else []
    )
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": outputs,
        "source": _lines(source.rstrip("\n")),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def place(page: str) -> Path:
    """Where the notebook of a page stands."""
    return FOLDER / (Path(page).stem + ".ipynb")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in PAGES:
        place(name).write_text(notebook(ROOT / "docs" / name), encoding="utf-8")
