"""The table as great_tables knows it, an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from valuescape.errors import InputError

if TYPE_CHECKING:
    from great_tables import GT

    from valuescape.tables.table import DisplayTable


def great_table(shown: DisplayTable) -> GT:
    """Return printed cells as a ``great_tables.GT`` with columns ``c0``, ``c1`` and so on.

    Raises
    ------
    InputError
        If great_tables is not installed.
    """
    try:
        from great_tables import GT
    except ImportError:
        raise InputError(
            "great_tables is not installed; install with: pip install 'valuescape[tables]'"
        ) from None
    columns = [f"c{place}" for place in range(len(shown.header))]
    table = GT(pd.DataFrame(list(shown.rows), columns=columns, dtype=str), id=shown.key or "table")
    table = table.cols_label(cases=dict(zip(columns, shown.header, strict=True)))
    for side in (True, False):
        chosen = [c for c, right in zip(columns, shown.numeric, strict=True) if right is side]
        if chosen:
            table = table.cols_align("right" if side else "left", columns=chosen)
    if shown.caption:
        table = table.tab_header(title=shown.caption)
    for note in shown.notes:
        table = table.tab_source_note(note)
    return table
