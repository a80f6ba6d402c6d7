"""From a result to what is printed: the same cells whatever the format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol

import pandas as pd

from valuescape.errors import InputError
from valuescape.tables.cells import PRINTS, Print, printed, printed_interval, stem, way_of
from valuescape.tables.intervals import Joined, join_intervals, level_of
from valuescape.tables.names import column_name
from valuescape.tables.table import DisplayTable

_BREAKS = re.compile("[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
"""Spaces and ends of lines; spaces that do not break stay."""


class Result(Protocol):
    """Anything that becomes a data frame, as every result of valuescape does."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row an element."""
        ...


def display_table(
    result: Result | pd.DataFrame,
    formats: Mapping[str, Print] | None = None,
    *,
    columns: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
    join: bool = True,
    caption: str = "",
    notes: Sequence[str] = (),
    key: str = "",
) -> DisplayTable:
    """Print a result once, for every format.

    Parameters
    ----------
    result : DataFrame, or anything with ``to_frame()``
        What is to be shown.
    formats : mapping of str, optional
        How columns are printed, where their names, types and unit do not say: ``count``,
        ``decimal`` (three digits), ``log10_p`` (a p- or q-value on the log10 scale), ``p``,
        ``points`` (difference of shares), ``ratio``, ``share`` (in per cent), ``text`` or
        ``yes_no``. Limits are printed as what they belong to.
    columns : sequence of str, optional
        Which columns, in which order. An estimate brings its limits. Default: all.
    names : mapping of str, optional
        Printed names of columns, where others are wanted.
    join : bool, default True
        Whether estimate and limits are one column, "12 (10 to 15)", or three.
    caption, notes, key
        As in `DisplayTable`.

    Returns
    -------
    DisplayTable

    Raises
    ------
    InputError
        If the result has no ``to_frame()``, or a column, format or key is not allowed.

    Examples
    --------
    >>> frame = pd.DataFrame({"task_type": ["about_ai"], "risk_ratio": [3.42],
    ...     "risk_ratio_low": [2.0], "risk_ratio_high": [6.1], "q_value": [2e-9]})
    >>> display_table(frame, names={"task_type": "Task"}).rows
    (('About AI', '3.4 (2.0 to 6.1)', '< 0.001'),)
    >>> display_table(frame, columns=["risk_ratio"], join=False).header
    ('Risk ratio', 'Risk ratio, low', 'Risk ratio, high')
    """
    frame = _frame(result)
    ways = _ways(frame, formats or {})
    groups = join_intervals(frame, _chosen(frame, columns), join=join)
    held = [_column(frame, group, ways) for group in groups]
    _check_names(frame, names or {})
    header = [_name(frame, group, names or {}) for group in groups]
    return DisplayTable(
        tuple(map(_plain, header)),
        tuple(tuple(map(_plain, row)) for row in zip(*held, strict=True)),
        tuple(ways[group.column] not in ("text", "yes_no") for group in groups),
        _plain(caption),
        tuple(map(_plain, notes)),
        _checked_key(key),
    )


def _frame(result: Result | pd.DataFrame) -> pd.DataFrame:
    if not isinstance(result, pd.DataFrame):
        if not hasattr(result, "to_frame"):
            raise InputError(
                f"{type(result).__name__} cannot be shown; allowed is a DataFrame or a result with "
                "to_frame()"
            )
        result = result.to_frame()
    frame = result.rename(columns=str)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice) or not len(frame.columns):
        found = f"column {twice[0]!r} twice" if len(twice) else "no column"
        raise InputError(f"a table with {found} cannot be shown; columns need names of their own")
    return frame


def _ways(frame: pd.DataFrame, formats: Mapping[str, Print]) -> dict[str, Print]:
    for column, way in formats.items():
        _known(frame, column, "formats")
        if way not in PRINTS:
            raise InputError(f"formats[{column!r}] = {way!r}: allowed are {', '.join(PRINTS)}")
        if way != "text" and not pd.api.types.is_numeric_dtype(frame[column]):
            raise InputError(
                f"formats[{column!r}] = {way!r}: the column holds no numbers; allowed is text"
            )
    units = set(frame["unit"].dropna()) if "unit" in frame else set()
    unit = str(units.pop()) if len(units) == 1 else ""
    return {
        c: formats.get(c) or formats.get(stem(c)) or way_of(c, frame[c], unit)
        for c in frame.columns
    }


def _chosen(frame: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    for column in columns or ():
        _known(frame, column, "columns")
    return list(dict.fromkeys(columns)) if columns is not None else list(frame.columns)


def _check_names(frame: pd.DataFrame, names: Mapping[str, str]) -> None:
    for column in names:
        _known(frame, column, "names")


def _known(frame: pd.DataFrame, column: str, where: str) -> None:
    if column not in frame.columns:
        raise InputError(
            f"{where}: there is no column {column!r}; allowed are {', '.join(frame.columns)}"
        )


def _checked_key(key: str) -> str:
    if key and not (key.isascii() and key.replace("-", "").isalnum()):
        raise InputError(f"key = {key!r}: allowed are letters, digits and hyphens, as tbl-values")
    return key


def _plain(text: str) -> str:
    """One line without control characters, which no format can print."""
    line = _BREAKS.sub(" ", str(text)).strip(" ")
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in line)


def _column(frame: pd.DataFrame, group: Joined, ways: Mapping[str, Print]) -> list[str]:
    owner = group.column
    way = ways[owner]
    cells = printed(owner, frame[owner], way)
    if group.limits is None:
        return cells
    low, high = (frame[end] for end in group.limits)
    ranges = [printed_interval(a, b, way) for a, b in zip(low, high, strict=True)]
    return [f"{cell} ({r})" if r else cell for cell, r in zip(cells, ranges, strict=True)]


def _name(frame: pd.DataFrame, group: Joined, names: Mapping[str, str]) -> str:
    name = names.get(group.column) or column_name(group.column)
    if group.limits is None:
        return name
    level = level_of(frame)
    of = "" if level is None else f"{100 * level:g}\N{NARROW NO-BREAK SPACE}% "
    return f"{name} ({of}interval)"
