"""The table of faults names tests that exist, and every test of a fault is in it."""

from __future__ import annotations

import ast
import re

import pytest

from tests.paths import ROOT

PAGE = (ROOT / "docs/explanation/faults.md").read_text("utf-8")
NAMED = re.findall(r"(tests/(?:\w+/)*test_\w+\.py)::(test_\w+)", PAGE)


def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_the_test_exists(file: str, name: str) -> None:
    assert name in functions(file)


def test_every_row_names_a_test_and_the_page_has_both_interfaces() -> None:
    tables = re.findall(r"^\|[^\n]*\| test \|\n\|[-|]+\n((?:\| .*\n)+)", PAGE, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    assert len(rows) > 40
    assert all(re.search(r"\| tests/(?:\w+/)*test_\w+\.py::test_\w+", row) for row in rows)
    assert {"tests/labelling/test_anthropic.py", "tests/labelling/test_endpoint.py"} <= {
        file for file, _ in NAMED
    }
