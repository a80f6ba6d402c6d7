"""The codebook of the data files, read for machines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from valuescape.errors import InputError

ColumnType = Literal["string", "integer", "number", "boolean"]
TYPES: tuple[ColumnType, ...] = ("string", "integer", "number", "boolean")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a released table.

    Attributes
    ----------
    name, meaning : str
        As in the codebook.
    type : {"string", "integer", "number", "boolean"}
        What its cells hold.
    """

    name: str
    meaning: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class CodedTable:
    """One table of the codebook.

    Attributes
    ----------
    path : str
        Path below ``data``.
    about : str
        What a row is.
    key : tuple of str
        Columns that name a row.
    columns : tuple of Column
        In the order of the file.
    """

    path: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """Name of the file without folder and ending."""
        return Path(self.path).stem


def read_codebook(path: Path) -> dict[str, CodedTable]:
    """Read the tables of the codebook by their path below ``data``.

    Raises
    ------
    InputError
        If the file cannot be read as a codebook, or a column has a type that is not known.
    """
    try:
        files = yaml.safe_load(path.read_text("utf-8"))["files"]
        return {name: _table(name, entry) for name, entry in files.items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: cannot be read as a codebook: {error!r}") from None


def _table(path: str, entry: dict[str, Any]) -> CodedTable:
    columns = tuple(_column(path, name, column) for name, column in entry["columns"].items())
    return CodedTable(path, str(entry["about"]).strip(), tuple(entry["key"]), columns)


def _column(path: str, name: str, column: dict[str, Any]) -> Column:
    kind = column["type"]
    if kind not in TYPES:
        raise InputError(f"{path}: column {name!r} has type {kind!r}; allowed: {', '.join(TYPES)}")
    return Column(name, str(column["meaning"]).strip(), kind)
