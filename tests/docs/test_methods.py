"""The table of methods names every public function, papers that its docstring cites, and tests."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.paths import ROOT
from valuescape import statistics

TEXT = (ROOT / "docs" / "reference" / "methods.md").read_text("utf-8")
ROWS = {
    found.group(1): found.group(0)
    for found in re.finditer(r"^\| `(\w+)` \|.*\|$", TEXT, re.MULTILINE)
}
FUNCTIONS = [name for name in statistics.__all__ if inspect.isfunction(getattr(statistics, name))]


def test_every_public_function_has_one_row() -> None:
    assert sorted(ROWS) == sorted(FUNCTIONS)
    assert len(re.findall(r"^\| `", TEXT, re.MULTILINE)) == len(ROWS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_papers_are_those_of_the_docstring_or_of_its_module(name: str) -> None:
    function = getattr(statistics, name)
    module = inspect.getmodule(function)
    told = (inspect.getdoc(function) or "") + inspect.getsource(module)  # type: ignore[arg-type]
    for doi in re.findall(r"\(https://doi\.org/(\S+?)\)(?=[,)])", ROWS[name]):
        assert doi in told, f"{name}: {doi} is not cited in its module"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_tests_named_use_the_function(name: str) -> None:
    path = ROOT / re.findall(r"`(tests/[\w/]+\.py)`", ROWS[name])[0]
    assert re.search(rf"\b{name}\b", path.read_text("utf-8")), f"{path.name} does not use {name}"
