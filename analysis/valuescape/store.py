"""Read and write tables: checked on the way in, exact and atomic on the way out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.parquet import read_parquet
from valuescape.parsing import check_head
from valuescape.schema import TABLES, Column, Table
from valuescape.writing import replaced_folder as replaced_folder
from valuescape.writing import write_bytes as write_bytes
from valuescape.writing import write_text as write_text

if TYPE_CHECKING:
    import pandera.pandas as pa

CLOSED_FORM_DIGITS = 8
RESAMPLED_DIGITS = 5
_ZERO = 1e-12
_EXACT = 2.0**53
_TRUTH = {"true": True, "false": False}


def read_table(path: Path, name: str, *, may_be_empty: bool = False) -> pd.DataFrame:
    """Read a CSV or Parquet file as the table ``name`` and check every cell.

    Parameters
    ----------
    path : Path
        File to read; the ending decides the format (``.csv`` or ``.parquet``).
    name : str
        A key of :data:`valuescape.schema.TABLES`.
    may_be_empty : bool, default False
        Whether a table without rows is allowed.

    Returns
    -------
    DataFrame
        The columns of the table, typed, in the order of the schema.

    Raises
    ------
    InputError
        If the file is absent or has no row, a column is missing or unknown, a cell is not what the
        schema allows, or a key occurs twice.  The message names the file and the line.
    """
    table = TABLES[name]
    raw = _read_raw(path)
    _check_columns(raw, table, path)
    if raw.empty and not may_be_empty:
        raise InputError(f"{path}: no rows; at least one row under the header is needed")
    typed = pd.DataFrame(
        {c: _typed(raw[c], table.column(c), path) for c in table.columns}, index=raw.index
    )
    _validated(typed, raw, table, path)
    return typed.reset_index(drop=True)


def read_columns(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table of results (CSV or Parquet), which must hold some columns.

    Parameters
    ----------
    path : Path
        File that another stage wrote; the ending decides the format.
    columns : sequence of str
        Columns needed; others are returned as well.

    Raises
    ------
    InputError
        If the file is absent or unreadable, or lacks a column.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; an earlier stage writes it")
    try:
        table = read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable ({' '.join(str(error).split())})") from error
    missing = [c for c in columns if c not in table.columns]
    if missing:
        needed = ", ".join(columns)
        raise InputError(f"{path}: column {missing[0]!r} is missing; needed are {needed}")
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    check_head(path)
    return pd.read_csv(path)


def _read_raw(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix == ".parquet":
        return _read_parquet(path)
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; a header and rows are needed")
    check_head(path)
    try:
        raw = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8", skip_blank_lines=False
        )
    except UnicodeDecodeError:
        raise InputError(f"{path}, line {_undecodable_line(path)}: not UTF-8") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable CSV file ({str(error).strip()})") from error
    if not isinstance(raw.index, pd.RangeIndex):
        raise InputError(f"{path}, line 2: more cells than the header has columns")
    raw.index = raw.index + 2
    return raw


def _undecodable_line(path: Path) -> int:
    lines = path.read_bytes().split(b"\n")
    return 1 + next(
        i for i, line in enumerate(lines) if "\ufffd" in line.decode("utf-8", "replace")
    )


def _read_parquet(path: Path) -> pd.DataFrame:
    raw = read_parquet(path)
    raw.index = pd.RangeIndex(1, len(raw) + 1)
    return raw


def _check_columns(raw: pd.DataFrame, table: Table, path: Path) -> None:
    allowed = ", ".join(table.columns)
    missing = [c for c in table.columns if c not in raw.columns]
    extra = [str(c) for c in raw.columns if c not in table.columns]
    if missing:
        raise InputError(f"{path}: column {missing[0]!r} is missing; needed are {allowed}")
    if extra:
        raise InputError(f"{path}: column {extra[0]!r} is not known; allowed are {allowed}")


def _typed(cells: pd.Series, column: Column, path: Path) -> pd.Series:
    """Turn cells into the column's type; a cell that is not of the type is refused."""
    empty = cells.isna() | (cells.astype(str) == "")
    values = _PARSERS[column.kind](cells.where(~empty))
    unreadable = values.isna() & ~empty
    if unreadable.any():
        line = unreadable.index[int(np.argmax(unreadable.to_numpy()))]
        raise _refused(path, line, cells, column, int(unreadable.sum()))
    return values.fillna("") if column.kind == "string" and column.missing else values


def _parse_boolean(cells: pd.Series) -> pd.Series:
    values = cells.map(lambda cell: _TRUTH.get(str(cell).lower()), na_action="ignore")
    if values.isna().any():
        return values.astype(object).where(values.notna(), None).astype("boolean")
    return values.astype(bool)


def _parse_integer(cells: pd.Series) -> pd.Series:
    values = _parse_number(cells)
    values = values.where((values % 1 == 0) & (values.abs() <= _EXACT))
    return values.astype("Int64") if values.isna().any() else values.astype(np.int64)


def _parse_number(cells: pd.Series) -> pd.Series:
    values = pd.to_numeric(cells, errors="coerce").astype(float)
    return values.where(np.isfinite(values))


def _parse_timestamp(cells: pd.Series) -> pd.Series:
    return pd.to_datetime(cells, errors="coerce", utc=True, format="ISO8601")


_PARSERS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "string": lambda cells: cells.astype(str).where(cells.notna()),
    "boolean": _parse_boolean,
    "integer": _parse_integer,
    "number": _parse_number,
    "timestamp": _parse_timestamp,
}


def _validated(typed: pd.DataFrame, raw: pd.DataFrame, table: Table, path: Path) -> None:
    """Check ranges, closed lists, empty cells and the key with pandera."""
    from pandera.errors import SchemaErrors

    try:
        _pandera_schema(table).validate(typed, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        first = cases.iloc[0]
        line, name = int(first["index"]), str(first["column"])
        if first["schema_context"] != "Column":
            key = ", ".join(f"{c}={typed.at[line, c]!s}" for c in table.key)
            raise InputError(
                f"{path}, line {line}: a second row for {key}; one is allowed"
            ) from None
        alike = int(((cases["column"] == name) & (cases["check"] == first["check"])).sum())
        raise _refused(path, line, raw[name], table.column(name), alike) from None


@cache
def _pandera_schema(table: Table) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    columns = {}
    for name in table.columns:
        column = table.column(name)
        allowed = (*column.allowed, "") if column.missing else column.allowed
        checks = [pa.Check.isin(allowed)] if column.allowed else []
        checks += [pa.Check.ge(column.minimum)] if column.minimum is not None else []
        checks += [pa.Check.le(column.maximum)] if column.maximum is not None else []
        checks += [pa.Check.gt(column.above)] if column.above is not None else []
        columns[name] = pa.Column(checks=checks, nullable=column.missing)
    return pa.DataFrameSchema(columns, unique=list(table.key), report_duplicates="exclude_first")


def _refused(path: Path, line: Any, cells: pd.Series, column: Column, n_alike: int) -> InputError:
    found = cells.loc[line]
    shown = "" if pd.isna(found) else str(found)
    more = f" ({n_alike - 1} more such rows)" if n_alike > 1 else ""
    return InputError(f"{path}, line {line}: {cells.name} is {shown!r}; {_allowed(column)}{more}")


def _allowed(column: Column) -> str:
    if column.allowed:
        return "allowed are " + ", ".join(column.allowed)
    if column.kind == "boolean":
        return "allowed are true, false"
    if column.kind == "timestamp":
        return "a time in ISO 8601 is needed"
    if column.kind == "string":
        return "a text is needed"
    kind = "a whole number" if column.kind == "integer" else "a finite number"
    low = f"[{column.minimum:g}" if column.minimum is not None else "(-inf"
    low = f"({column.above:g}" if column.above is not None else low
    high = f"{column.maximum:g}]" if column.maximum is not None else "inf)"
    return f"allowed is {kind} in {low}, {high}"


def rounded(values: np.ndarray, digits: int) -> np.ndarray:
    """Round to ``digits`` significant digits, with magnitudes under 1e-12 set to zero.

    Examples
    --------
    >>> rounded(np.array([0.123456789, 1e-13, 98765.4321]), 4).tolist()
    [0.1235, 0.0, 98770.0]
    """
    x = np.where(np.abs(values) < _ZERO, 0.0, values.astype(float))
    cells = [float(f"{v:.{digits}g}") if math.isfinite(v) else v for v in x.ravel()]
    return np.array(cells, dtype=float).reshape(x.shape)


def write_table(
    frame: pd.DataFrame, path: Path, *, key: list[str], digits: int = CLOSED_FORM_DIGITS
) -> None:
    """Write one results table as CSV, sorted by its key, rounded, beside and then renamed.

    Raises
    ------
    ValueError
        If the key does not identify the rows.
    """
    if frame.duplicated(key).any():
        raise ValueError(f"{path.name}: the key {key} does not identify its rows")
    ordered = frame.sort_values(key, kind="stable").reset_index(drop=True)
    for name in ordered.columns:
        if pd.api.types.is_float_dtype(ordered[name]):
            ordered[name] = rounded(ordered[name].to_numpy(dtype=float), digits)
        elif pd.api.types.is_bool_dtype(ordered[name]):
            ordered[name] = ordered[name].map({True: "true", False: "false"})
        elif pd.api.types.is_object_dtype(ordered[name]):
            ordered[name] = ordered[name].map(_spelt)
    text = ordered.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    write_text(text, path)


def _spelt(cell: object) -> object:
    return str(cell).lower() if isinstance(cell, (bool, np.bool_)) else cell


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write a mapping as sorted, indented JSON, beside and then renamed."""
    write_text(as_json(content), path)


def as_json(content: Mapping[str, Any]) -> str:
    """Return a mapping as :func:`write_json` spells it."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
