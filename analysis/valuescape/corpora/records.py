"""Records of a file one at a time, whatever it is stored as.

What a file holds is told from its first bytes, never from its name alone: JSON Lines, a JSON
array, one JSON object, CSV or Parquet, each of the first four also gzip-compressed; a zip archive
as ChatGPT and Claude send it (``conversations.json`` inside), or an Inspect log (``.eval``).
Nothing is ever unpacked to disk, and no record longer than 64 MiB is read.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from valuescape.corpora.scanning import LONGEST, Scanner, parsed
from valuescape.corpora.unpacking import bounded_lines, opened
from valuescape.errors import InputError

Files = Mapping[str, Path]
Malformed = Callable[[InputError], None]

EXPORTED = re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$")
UNPACKED = ("samples", "prompts")
HEADER = ("eval", "model_name", "date")
_DOCUMENT = re.compile(
    rb'\s*\{\s*(?:"version"\s*:\s*\d+\s*,\s*"(?:status|eval|invalidated)"|"model_name")'
)
_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"
_ROWS = 64
_LONGEST_ROW = 1 << 23
_AFTER_RETURN = re.compile(r"(?<=\r)(?!\n)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a corpus.

    Attributes
    ----------
    name : str
        What it is called upstream (``/`` between folders), or its path.
    path : Path
        Where it is.
    number : int
        Its place among the files given, from 0.
    source : str
        The corpus; stands before every identifier.
    """

    name: str
    path: Path
    number: int
    source: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record and where it stands.

    Attributes
    ----------
    content : dict
        As stored.
    file : File
        The file it is in.
    index : int
        Its line, element or row, from 0.
    place : str
        The same for a reader: ``line 3``.
    around : dict
        What the file says once for all its records, or a companion file says about them.
    """

    content: dict[str, Any]
    file: File
    index: int
    place: str
    around: Mapping[str, Any] = field(default_factory=dict)


def records(file: File, malformed: Malformed) -> Iterator[Record]:
    """Read the records of a file.

    Parameters
    ----------
    file : File
        The file.
    malformed : callable
        Called with the error of each piece that is not a record; if it returns, reading goes on.

    Raises
    ------
    InputError
        If the file cannot be read, or as ``malformed`` decides.
    """
    path = file.path
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        if start == _PARQUET:
            yield from _rows(file, malformed)
        elif start == _ZIP:
            from valuescape.corpora.archives import archived

            yield from archived(file, malformed)
        else:
            with opened(path) as stream:
                yield from _written(file, stream, malformed)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def _written(file: File, stream: BinaryIO, malformed: Malformed) -> Iterator[Record]:
    """Read a file of text: JSON of some kind, or CSV."""
    start = cast(io.BufferedReader, stream).peek(1 << 16)
    first = start.lstrip()[:1]
    ending = file.path.name.removesuffix(".gz").rpartition(".")[2]
    if first == b"[" or _DOCUMENT.match(start):
        yield from document(file, stream, malformed)
    elif first == b"{" and ending == "json" and not _whole_line(start):
        yield from _single(file, stream, malformed)
    elif ending == "csv":
        yield from _table(file, stream)
    else:
        yield from _lines(file, stream, malformed)


def _whole_line(start: bytes) -> bool:
    """Say whether the first line is a JSON object, or too long to tell."""
    line, end, _ = start.lstrip().partition(b"\n")
    return not end or line.rstrip().endswith(b"}")


def located(file: File, place: str, error: InputError) -> InputError:
    """Put file and place before an error."""
    return InputError(f"{file.path}, {place}: {error}")


def document(
    file: File, stream: BinaryIO, malformed: Malformed, within: str = ""
) -> Iterator[Record]:
    """Read the elements of a JSON array, or of an object's list of samples or prompts."""
    around: dict[str, Any] = {}
    scanner = Scanner(stream)
    try:
        for element in scanner.elements(HEADER, UNPACKED):
            if element.index is None:
                around[str(element.key)] = parsed(element.raw)
                continue
            place = f"{within}element {element.index + 1}"
            content = _content(file, place, element.raw, malformed)
            if content is not None:
                yield Record(content, file, element.index, place, around)
    except InputError as error:
        if str(error).startswith(str(file.path)):
            raise
        malformed(located(file, within.rstrip(", ") or "JSON", error))


def _content(
    file: File, place: str, raw: bytes | None, malformed: Malformed
) -> dict[str, Any] | None:
    try:
        content = parsed(raw)
        if not isinstance(content, dict):
            raise InputError(f"a JSON {type(content).__name__}; needed is a JSON object")
    except InputError as error:
        malformed(located(file, place, error))
        return None
    return content


def _single(file: File, stream: BinaryIO, malformed: Malformed) -> Iterator[Record]:
    try:
        raw = Scanner(stream).value()
    except InputError as error:
        malformed(located(file, "JSON", error))
        return
    content = _content(file, "element 1", raw, malformed)
    if content is not None:
        yield Record(content, file, 0, "element 1")


def _lines(file: File, stream: BinaryIO, malformed: Malformed) -> Iterator[Record]:
    for index, raw in enumerate(bounded_lines(stream, LONGEST)):
        if raw is None or raw.strip():
            place = f"line {index + 1}"
            content = _content(file, place, raw, malformed)
            if content is not None:
                yield Record(content, file, index, place)


def _table(file: File, stream: BinaryIO) -> Iterator[Record]:
    taken = index = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for raw in bounded_lines(stream, _LONGEST_ROW):
            taken += _LONGEST_ROW + 1 if raw is None else len(raw)
            if raw is None or taken > _LONGEST_ROW:
                raise csv.Error(f"a row of more than {_LONGEST_ROW:,} bytes")
            yield from filter(None, _AFTER_RETURN.split(raw.decode("utf-8")))

    try:
        for index, row in enumerate(csv.DictReader(lines()), start=1):
            taken = 0
            content = {str(k): v for k, v in row.items()}
            yield Record(content, file, index - 1, f"row {index}")
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(
            f"{file.path}, row {index + 1}: not readable as CSV in UTF-8 ({error})"
        ) from error


def _rows(file: File, malformed: Malformed) -> Iterator[Record]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    index = 0
    try:
        with pq.ParquetFile(file.path, pre_buffer=False, buffer_size=1 << 20) as table:
            for batch in table.iter_batches(_ROWS):
                for content in batch.to_pylist():
                    yield Record(content, file, index, f"row {index + 1}")
                    index += 1
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        place = f"after row {index}" if index else "Parquet"
        malformed(located(file, place, InputError(f"cannot be read as Parquet ({error})")))
