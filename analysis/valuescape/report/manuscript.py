"""The manuscript with its shortcodes resolved, every line knowing where it came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import yaml

from valuescape.errors import InputError

_INCLUDE = re.compile(r"\s*\{\{<\s*include\s+(\S+)\s*>\}\}\s*$")
_VARIABLE = re.compile(r"\{\{<\s*var\s+([\w.-]+)\s*>\}\}")
_SHORTCODE = re.compile(r"\{\{<\s*(.*?)\s*>\}\}|\{\{<")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of expanded text and where it stands.

    Attributes
    ----------
    text : str
        The line with its variables filled in, without its line end.
    place : str
        ``paper.qmd, line 7``; for included text the included file's line and the including one's.
    """

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A manuscript after its includes and variables were filled in.

    Attributes
    ----------
    lines : tuple of Line
        The expanded text.
    used : frozenset of str
        Dotted names of the variables that occur.
    """

    lines: tuple[Line, ...]
    used: frozenset[str]

    @property
    def text(self) -> str:
        """The expanded text as one string that ends in a newline."""
        return "".join(f"{line.text}\n" for line in self.lines)

    def place(self, offset: int) -> str:
        """Return where the character ``offset`` of :attr:`text` came from."""
        starts = [0, *accumulate(len(line.text) + 1 for line in self.lines)]
        return self.lines[bisect_right(starts, offset) - 1].place


def read_variables(path: Path) -> dict[str, str]:
    """Read ``_variables.yml`` into dotted names and the text that stands for each.

    Parameters
    ----------
    path : Path
        A YAML mapping, nested as deep as wished; leaves are one-line texts or whole numbers.

    Returns
    -------
    dict
        ``{"q1.n": "27,137"}`` for ``q1: {n: "27,137"}``.

    Raises
    ------
    InputError
        If the file is absent or no YAML mapping, or a leaf is neither text nor a whole number
        (a decimal number would be printed as the YAML reader sees fit: write it as text).

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "_variables.yml"
    >>> _ = path.write_text("q1: {n: '1,234', top: clarity}")
    >>> read_variables(path)
    {'q1.n': '1,234', 'q1.top': 'clarity'}
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path.name}: no such file; the stage write makes it") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path.name}: not readable as YAML ({error})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name}: a mapping of names to texts is needed")
    return dict(_flattened(content, "", path.name))


def _flattened(node: object, name: str, file: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _flattened(value, f"{name}.{key}" if name else str(key), file)
        return
    if isinstance(node, bool) or not isinstance(node, str | int):
        shown = type(node).__name__
        raise InputError(f"{file}: {name} is a {shown}; a text or a whole number is needed")
    text = str(node).strip()
    if "\n" in text or "{{<" in text:
        raise InputError(f"{file}: {name} is a text of several lines or holds a shortcode")
    yield name, text


def read_manuscript(path: Path, variables: dict[str, str]) -> Manuscript:
    """Read a ``.qmd`` file and fill in its ``include`` and ``var`` shortcodes.

    Parameters
    ----------
    path : Path
        The manuscript; the paths it includes are relative to the including file.
    variables : dict
        As :func:`read_variables` returns it.

    Returns
    -------
    Manuscript
        Text that holds no shortcode.

    Raises
    ------
    InputError
        If a file is missing or includes itself, a variable is not defined, or a shortcode is
        neither ``var`` nor ``include``.  The message names it and its line.
    """
    used: set[str] = set()
    lines = tuple(_expanded(path, "", (), variables, used))
    return Manuscript(lines, frozenset(used))


def _expanded(
    path: Path, within: str, open_files: tuple[Path, ...], variables: dict[str, str], used: set[str]
) -> Iterator[Line]:
    for number, raw in enumerate(_read(path, within).splitlines(), start=1):
        place = f"{path.name}, line {number}" + (f" (included at {within})" if within else "")
        include = _INCLUDE.match(raw)
        if include:
            inner = (path.parent / include[1]).resolve()
            if inner in (*open_files, path.resolve()):
                raise InputError(f"{place}: {include[1]} includes itself")
            yield from _expanded(inner, place, (*open_files, path.resolve()), variables, used)
        else:
            yield Line(_filled(raw, place, variables, used), place)


def _read(path: Path, within: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        file = f"{path.parent.name}/{path.name}"
        raise InputError(f"{within or path}: no such file: {file}") from None


def _filled(raw: str, place: str, variables: dict[str, str], used: set[str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in variables:
            raise InputError(f"{place}: variable {match[1]!r} is not in _variables.yml")
        used.add(match[1])
        return variables[match[1]]

    text = _VARIABLE.sub(value, raw)
    other = _SHORTCODE.search(text)
    if other:
        raise InputError(
            f"{place}: shortcode {other[0]!r} is not understood; allowed are "
            "{{< var NAME >}} and, alone on its line, {{< include FILE >}}"
        )
    return text
