"""Where each number of the paper comes from, read anew from its result table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from valuescape.errors import InputError
from valuescape.report import printing
from valuescape.report.comparison_findings import points, points_range
from valuescape.store import read_columns

_PART = re.compile(r"\\\{(\w+)\\\}")
_WORD = r"[a-z0-9_]+"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the numbers of one pattern of keys come from.

    Attributes
    ----------
    key : str
        Dotted name in ``_variables.yml``; a part in braces stands for any.
    file : str
        Result table or ``params.yaml``, from the root of the checkout.
    rows : str
        A pandas query, whose parts in braces are those of the key; all rows when empty.
    column : str or list of str
        One column, or two for a range.
    how : str
        What is made of the rows.
    sort : list of str
        Columns by which they are ordered; a minus means descending.
    nth : str
        Which of the ordered rows is meant, from 1.
    print : str
        How the value is printed, with its decimals.
    by : str
        The function that computes what no cell holds.
    names : mapping
        What the table calls a part of the key; a pattern with names fits these parts alone.
    """

    key: str
    file: str
    rows: str = ""
    column: str | Sequence[str] = ""
    how: str = "cell"
    sort: Sequence[str] = ()
    nth: str = ""
    print: str = ""
    by: str = ""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def parts(self, key: str) -> dict[str, str] | None:
        """Return what the parts in braces stand for in a key, or None if it does not fit.

        Examples
        --------
        >>> Source("q1.{group}.n", "x.csv").parts("q1.ordinary.n")
        {'group': 'ordinary'}
        """
        pattern = _PART.sub(rf"(?P<\1>{_WORD})", re.escape(self.key))
        found = re.fullmatch(pattern, key)
        if found is None:
            return None
        parts = found.groupdict()
        if any(parts[name] not in known for name, known in self.names.items()):
            return None
        return {n: self.names[n][p] if n in self.names else p for n, p in parts.items()}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the paper and its place in a result.

    Attributes
    ----------
    key : str
        Its name in ``_variables.yml``.
    file, rows : str
        Where it stands.
    column : str
        Column, columns or, where it is computed, the function.
    printed : str or None
        As taken anew; None where it is computed.
    """

    key: str
    file: str
    rows: str
    column: str
    printed: str | None


def read_sources(path: Path) -> dict[str, Any]:
    """Read ``sources.yaml``.

    Returns
    -------
    dict
        ``numbers``, a list of :class:`Source`; ``verdicts`` and ``tests`` as written.

    Raises
    ------
    InputError
        If it cannot be read, or a number has an option that is not known.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        numbers = [Source(**entry) for entry in content["numbers"]]
        return {**content, "numbers": numbers}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(f"{path.name}: {' '.join(str(error).split())}") from None


def number(key: str, sources: Sequence[Source], root: Path) -> Number:
    """Take a number anew from where it comes from.

    Parameters
    ----------
    key : str
        Its name in ``_variables.yml``.
    sources : sequence of Source
        The first that fits is used.
    root : Path
        The checkout.

    Raises
    ------
    InputError
        If no source fits, or the source selects no row, or several where one is needed.
    """
    for source in sources:
        parts = source.parts(key)
        if parts is not None:
            return _taken(key, source, parts, root)
    raise InputError(f"sources.yaml: no source for {key!r}")


def selects(file: str, rows: str, root: Path) -> bool:
    """Tell whether a query selects any row of a result table."""
    return (
        not _table(root / file, (root / file).stat().st_mtime_ns).query(rows, engine="python").empty
    )


def _taken(key: str, source: Source, parts: Mapping[str, str], root: Path) -> Number:
    rows = _filled(source.rows, parts)
    if source.by:
        return Number(key, source.file, rows, source.by, None)
    columns = [source.column] if isinstance(source.column, str) else list(source.column)
    columns = [_filled(column, parts) for column in columns]
    shown = ", ".join(columns) if source.how == "cell" else f"{source.how} {columns[0]}".strip()
    if source.file.endswith(".yaml"):
        values: list[Any] = [_option(root / source.file, columns[0])]
    else:
        try:
            path = root / source.file
            table = _table(path, path.stat().st_mtime_ns if path.is_file() else 0)
            table = table.query(rows, engine="python") if rows else table
            values = _values(table, columns, source, parts)
        except (ValueError, KeyError, pd.errors.UndefinedVariableError) as error:
            raise InputError(f"sources.yaml: {key}: {error} in {source.file}") from None
    return Number(key, source.file, rows, shown, _printed(values, source.print))


def _filled(text: str, parts: Mapping[str, str]) -> str:
    for name, value in parts.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@lru_cache(maxsize=64)
def _table(path: Path, _changed: int) -> pd.DataFrame:
    return read_columns(path, ())


def _option(path: Path, dotted: str) -> Any:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in dotted.split("."):
        found = found[part]
    return found


def _values(
    table: pd.DataFrame, columns: list[str], source: Source, parts: Mapping[str, str]
) -> list[Any]:
    """Make of the selected rows what the source says."""
    how, _, size = source.how.partition(" ")
    if how == "count":
        return [len(table)]
    if source.sort:
        names = [name.lstrip("-") for name in source.sort]
        up = [not name.startswith("-") for name in source.sort]
        table = table.sort_values(names, ascending=up, kind="stable")
    if source.nth:
        place = int(_filled(source.nth, parts)) - 1
        table = table.iloc[place : place + 1]
    if how == "list":
        listed = table[columns[0]].head(int(size) if size else len(table))
        return [printing.listing(listed)]
    if how == "span":
        return [table[columns[0]].min(), table[columns[0]].max()]
    if how != "cell":
        return [getattr(table[columns[0]], how)()]
    if len(table) != 1:
        raise ValueError(f"{len(table)} rows; one is needed")
    return [table[column].iloc[0] for column in columns]


def _printed(values: list[Any], wanted: str) -> str:
    name, _, decimals = wanted.partition(" ")
    options = (int(decimals),) if decimals else ()
    if name == "text":
        return str(values[0])
    if name == "decimal_range":
        return " to ".join(printing.decimal(value, *options) for value in values)
    own: dict[str, Callable[..., str]] = {"points": points, "points_range": points_range}
    function: Callable[..., str] = own[name] if name in own else getattr(printing, name)
    return function(*values, *options)
