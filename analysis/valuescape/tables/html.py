"""Tables of HTML that a screen reader can follow; everything that comes from data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valuescape.tables.table import DisplayTable

_RIGHT = ' style="text-align:right"'
_LEFT = ' style="text-align:left"'
_STYLE = """body{margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a;background:#fff;
font:1rem/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{overflow-x:auto}
table{border-collapse:collapse;border-bottom:2px solid #1a1a1a;font-variant-numeric:tabular-nums}
caption{padding-bottom:.6rem;text-align:left;font-weight:600}
th,td{padding:.3rem .75rem;vertical-align:top}
thead th{border-top:2px solid #1a1a1a;border-bottom:1px solid #1a1a1a;vertical-align:bottom}
tbody th{font-weight:400}
tbody td[style$="right"]{white-space:nowrap}
tbody tr:nth-child(even){background:#f4f4f4}
tfoot tr:first-child td{border-top:1px solid #1a1a1a}
tfoot td{font-size:.875rem;color:#444}"""


def html_table(table: DisplayTable) -> str:
    """Return a table element; a first column of words heads its rows.

    Examples
    --------
    >>> from valuescape.tables import DisplayTable
    >>> things = DisplayTable(("x", "n"), (("<a>", "1"),), (False, True),
    ...     "Things", key="tbl-things")
    >>> print(html_table(things))
    <table id="tbl-things">
    <caption>Things</caption>
    <thead>
    <tr><th scope="col" style="text-align:left">x</th><th scope="col" ...>n</th></tr>
    </thead>
    <tbody>
    <tr><th scope="row" style="text-align:left">&lt;a&gt;</th><td ...>1</td></tr>
    </tbody>
    </table>
    """
    aligned = [_RIGHT if right else _LEFT for right in table.numeric]
    head = "".join(
        f'<th scope="col"{align}>{escape(cell)}</th>'
        for cell, align in zip(table.header, aligned, strict=True)
    )
    lines = [f'<table id="{table.key}">' if table.key else "<table>"]
    lines += [f"<caption>{escape(table.caption)}</caption>"] if table.caption else []
    lines += ["<thead>", f"<tr>{head}</tr>", "</thead>", "<tbody>"]
    lines += [_row(row, aligned, headed=not table.numeric[0]) for row in table.rows]
    lines += ["</tbody>"]
    if table.notes:
        span = f'<tr><td colspan="{len(table.header)}"{_LEFT}>'
        lines += [
            "<tfoot>",
            *(f"{span}{escape(note)}</td></tr>" for note in table.notes),
            "</tfoot>",
        ]
    return "\n".join([*lines, "</table>"])


def _row(row: Sequence[str], aligned: Sequence[str], *, headed: bool) -> str:
    cells = [f"<td{align}>{escape(cell)}</td>" for cell, align in zip(row, aligned, strict=True)]
    if headed:
        cells[0] = f'<th scope="row"{aligned[0]}>{escape(row[0])}</th>'
    return f"<tr>{''.join(cells)}</tr>"


def html_page(title: str, table: str) -> str:
    """Return a page that holds a table and reaches for nothing outside it."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title or 'Table')}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f'<body>\n<main tabindex="0">\n{table}\n</main>\n</body>\n</html>\n'
    )
