"""Pipe tables with caption and label."""

from __future__ import annotations

from collections.abc import Sequence

EMPTY = "–"


def markdown(
    rows: Sequence[Sequence[str]],
    header: Sequence[str],
    caption: str,
    key: str,
    *,
    widths: Sequence[int] = (),
) -> str:
    """Lay out a pipe table with its caption and label; columns after the first are centred.

    Examples
    --------
    >>> print(markdown([["a", "1"]], ["x", "n"], "Things.", "tbl-things"))
    | x | n |
    |:--|:-:|
    | a | 1 |
    <BLANKLINE>
    : Things. {#tbl-things}
    <BLANKLINE>
    """
    marks = [":--", *([":-:"] * (len(header) - 1))]
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(marks) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    columns = ",".join(str(w) for w in widths)
    attributes = f'{{#{key} tbl-colwidths="[{columns}]"}}' if widths else f"{{#{key}}}"
    return "\n".join([*lines, "", f": {caption} {attributes}", ""])
