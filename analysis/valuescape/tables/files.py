"""Tables for people in files: the ending decides the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from valuescape.errors import InputError
from valuescape.store import write_text
from valuescape.tables.table import DisplayTable

_WRITERS: dict[str, Callable[[DisplayTable], str]] = {
    ".md": DisplayTable.to_markdown,
    ".html": DisplayTable.to_page,
    ".tex": DisplayTable.to_latex,
}
ENDINGS: tuple[str, ...] = tuple(_WRITERS)


def check_display_ending(path: Path) -> None:
    """Refuse the name of a file that :func:`write_display` does not write.

    Raises
    ------
    InputError
        If the ending is not ``.md``, ``.html`` or ``.tex``.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"{path}: allowed endings are {', '.join(ENDINGS)}")


def write_display(table: DisplayTable, path: Path) -> None:
    """Write a table as Markdown, a page of HTML or LaTeX, by the ending, beside and then renamed.

    Raises
    ------
    InputError
        If the ending is not ``.md``, ``.html`` or ``.tex``, or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> write_display(DisplayTable(("n",), (("3",),), (True,)), home / "table.md")
    >>> print((home / "table.md").read_text())
    |   n |
    |----:|
    |   3 |
    <BLANKLINE>
    """
    check_display_ending(path)
    try:
        write_text(_WRITERS[path.suffix](table), path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
