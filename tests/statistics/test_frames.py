"""Every result becomes a tidy table in one vocabulary; its documented example makes it."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpydoc.docscrape import ClassDoc

from valuescape.privacy.redaction import RedactionReport
from valuescape.schema import COLUMNS, TABLES

ROOMS = ("audit", "counts", "monitoring", "privacy", "probe", "statistics", "taxonomy")
SCHEMA = set(COLUMNS) | {name for table in TABLES.values() for name in table.columns}
PLACES = {
    *("context", "value", "row", "column", "item", "item_a", "item_b", "outcome", "arm", "versus"),
    *("first", "second", "look", "family", "parameter", "variable", "axis", "other_value"),
    *("pool", "component", "node", "kind", "name", "k", "n", "n_other_value", "threshold", "why"),
    *("residual", "n_baseline", "n_current", "n_declared", "n_items", "low", "high"),
}
"""Words that number or name rows, and counts of cells; the rest are described fields."""
BOUNDS = {"HiddenBounds", "LinkedBounds"}
"""Their ``low`` and ``high`` bound a hidden count and belong to no estimate."""
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        package = importlib.import_module(f"valuescape.{room}")
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"valuescape.{room}."):
            yield importlib.import_module(found.name)


def public(module: ModuleType, kind: Callable[[Any], bool]) -> Iterator[Any]:
    for name, found in vars(module).items():
        if not name.startswith("_") and kind(found) and found.__module__ == module.__name__:
            yield found


RESULTS = {
    found.__name__: found
    for module in modules()
    for found in public(module, dataclasses.is_dataclass)
    if hasattr(found, "to_frame")
}
DESCRIBED = {
    part.strip()
    for result in RESULTS.values()
    for row in ClassDoc(result)["Attributes"]
    for part in row.name.split(",")
}


@pytest.fixture(scope="module")
def made() -> dict[str, list[Any]]:
    """Results of all examples, by class."""
    kept: dict[str, list[Any]] = {"RedactionReport": [RedactionReport.of([{"email": 2}, {}])]}

    def keeping(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            found = function(*args, **kwargs)
            for one in found if isinstance(found, tuple) else (found,):
                if type(one).__name__ in RESULTS:
                    kept.setdefault(type(one).__name__, []).append(one)
            return found

        return wrapped

    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(optionflags=FLAGS)
    for module in modules():
        for function in public(module, inspect.isfunction):
            names = {n: keeping(f) for n, f in vars(module).items() if inspect.isfunction(f)}
            for test in finder.find(function, globs={**vars(module), **names}):
                assert runner.run(test).failed == 0
    return kept


def frames(made: dict[str, list[Any]], name: str) -> list[pd.DataFrame]:
    assert name in made, f"no example of a public function returns {name}"
    return [one.to_frame() for one in made[name]]


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_a_result_is_a_tidy_table(made: dict[str, list[Any]], name: str) -> None:
    for frame in frames(made, name):
        assert isinstance(frame.index, pd.RangeIndex)
        assert frame.columns.is_unique
        assert not isinstance(frame.columns, pd.MultiIndex)
        assert all(c.isidentifier() and c == c.lower() for c in frame.columns)
        for column in frame.columns:
            cells = frame[column]
            kinds = {type(cell) for cell in cells}
            assert not kinds & {np.ndarray, list, tuple, dict, set}, column
            if cells.dtype == object:
                assert kinds <= {str, type(None)}, f"{column} holds {kinds}"


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_a_table_speaks_one_vocabulary(made: dict[str, list[Any]], name: str) -> None:
    for frame in frames(made, name):
        columns = set(frame.columns)
        for column in columns:
            base = column.removesuffix("_low").removesuffix("_high")
            known = SCHEMA | PLACES | DESCRIBED
            derived = isinstance(getattr(RESULTS[name], column, None), property)
            assert derived or {column, base} & known, column
            if column.endswith("_low"):
                assert f"{base}_high" in columns
                assert base in columns or (base == "ci" and "estimate" in columns)
        assert name in BOUNDS or not columns & {"low", "high"}
        assert not columns & {"p", "p_value", "pvalue", "q", "count", "size", "se", "std_error"}
