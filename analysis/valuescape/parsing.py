"""JSON, YAML and CSV files, read so that whatever is wrong ends in one message."""

from __future__ import annotations

import csv
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from valuescape.errors import InputError

LONGEST = 1 << 26
LONGEST_YAML = 1 << 20
MOST_COLUMNS = 10_000


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses what hides content: aliases, and a key given twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node; an alias could stand for any number of copies, or for itself."""
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Construct a mapping whose keys are texts, each once."""
        seen: set[str] = set()
        for key, _ in node.value:
            text = key.value if key.tag == "tag:yaml.org,2002:str" else None
            if text is None or text in seen:
                told = "a key is no text" if text is None else f"the key {text[:40]!r} occurs twice"
                raise yaml.constructor.ConstructorError(None, None, told, key.start_mark)
            seen.add(text)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Read a YAML file of at most 1 MiB; keys are texts, aliases are refused.

    Raises
    ------
    InputError
        If it cannot be read; the message names the file and, where known, the line.
    """
    text = _text(path, LONGEST_YAML, "YAML")
    try:
        return yaml.load(text, _Loader)  # noqa: S506
    except RecursionError:
        raise InputError(f"{path}: not readable as YAML (nested too deep)") from None
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        told = " ".join(str(error).split())
        raise InputError(f"{path}: not readable as YAML ({told})") from None


def read_json(path: Path) -> Any:
    """Read a JSON file of at most 64 MiB.

    Raises
    ------
    InputError
        If it cannot be read; the message names the file.
    """
    return parse_json(_text(path, LONGEST, "JSON"), str(path))


def parse_json(text: str, place: str) -> Any:
    """Parse JSON.

    Raises
    ------
    InputError
        If it is none, or nested too deep; the message begins with ``place``.

    Examples
    --------
    >>> parse_json("[" * 100_000, "line 3")
    Traceback (most recent call last):
    ...
    valuescape.errors.InputError: line 3: not JSON (nested too deep)
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{place}: not JSON (nested too deep)") from None
    except ValueError as error:
        raise InputError(f"{place}: not JSON ({error})") from None


def _text(path: Path, longest: int, kind: str) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(longest + 1)
        if len(content) > longest:
            raise InputError(f"{path}: longer than {longest >> 20} MiB, which is not read")
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as {kind} ({error})") from None


def check_head(path: Path, delimiter: str = ",") -> None:
    """Refuse a CSV file of very many columns, or whose first row has more cells than its header.

    pandas would take what is too much for levels of an index; with a hundred thousand of them, or
    of columns, it is busy for minutes.  What is wrong otherwise is left to the reader.

    Parameters
    ----------
    path : Path
        The file.
    delimiter : str
        What stands between cells.

    Raises
    ------
    InputError
        Naming the file and the line.
    """
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            rows = (row for row in csv.reader(stream, delimiter=delimiter) if row)
            header, first = next(rows, []), next(rows, [])
    except (OSError, csv.Error):
        return
    if len(header) > MOST_COLUMNS:
        raise InputError(f"{path}: {len(header):,} columns; up to {MOST_COLUMNS:,} are read")
    if len(first) > len(header):
        raise InputError(f"{path}, line 2: more cells than the header has columns")
