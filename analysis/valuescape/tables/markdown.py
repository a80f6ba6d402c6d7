"""Pipe tables: pandoc, Quarto and GitHub read them alike, whatever the cells hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valuescape.tables.table import DisplayTable

_SPECIAL = re.compile(
    r"[\\`*\[\]|$~^@{}]"
    r"|<(?=[\w/!?])|&(?=[\w#])|:(?=\S)"  # tags, entities, addresses, emoji
    r"|(?<![^\W_])_|_(?![^\W_])"  # but not inside a word
    r"|(?<=-)-|(?<=\.)\.|(?<=www)\."
)
_START = re.compile(
    r"^(\(?(?:\d{1,9}|[A-Za-z]|[ivxlcdmIVXLCDM]+)(?=[.)](?: |$))|(?i:table)(?=:)|(?=[-+:#>%=]))(.)"
)
"""What would make a list, a heading, a quotation or a caption of a line."""


def escape_markdown(text: str) -> str:
    r"""Return text that Markdown shows as it is inside a cell.

    Examples
    --------
    >>> print(escape_markdown("a|b *c* <script> 50 % & more_under, q < 0.001"))
    a\|b \*c\* \<script> 50 % & more_under, q < 0.001
    """
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def escape_line(text: str) -> str:
    r"""Return text that Markdown shows as it is on a line of its own.

    Examples
    --------
    >>> print(escape_line("1. no list"))
    1\. no list
    """
    plain = escape_markdown(text)
    return _START.sub(lambda found: f"{found[1]}\\{found[2]}", plain)


def markdown_table(table: DisplayTable) -> str:
    """Lay out a pipe table, numbers to the right, with its caption and notes below.

    Examples
    --------
    >>> from valuescape.tables import DisplayTable
    >>> things = DisplayTable(("x", "n"), (("a", "1"),), (False, True),
    ...     "Things.", key="tbl-things")
    >>> print(markdown_table(things))
    | x   |   n |
    |:----|----:|
    | a   |   1 |
    <BLANKLINE>
    Table: Things. {#tbl-things}
    <BLANKLINE>
    """
    cells = [[escape_markdown(cell) for cell in row] for row in (table.header, *table.rows)]
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(table.header))]
    lines = [_line(row, widths, table.numeric) for row in cells]
    marks = [
        f"{'-' * (width + 1)}:" if right else f":{'-' * (width + 1)}"
        for width, right in zip(widths, table.numeric, strict=True)
    ]
    named = " ".join(
        part for part in (escape_markdown(table.caption), table.key and f"{{#{table.key}}}") if part
    )
    below = [f"Table: {named}"] if named else []
    below += [escape_line(note) for note in table.notes]
    return "\n\n".join(["\n".join([lines[0], f"|{'|'.join(marks)}|", *lines[1:]]), *below]) + "\n"


def _line(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(row, widths, numeric, strict=True)
    ]
    return f"| {' | '.join(cells)} |"
