"""The cells that an association table reports, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuescape.tables.display import display_table
from valuescape.tables.table import DisplayTable

if TYPE_CHECKING:
    from valuescape.counts.association import AssociationTable

_COLUMNS = ("context", "value", "k", "n_context", "risk_ratio", "adjusted_residual", "log10_q")


def association_display(table: AssociationTable, context: str, q_threshold: float) -> DisplayTable:
    """Show the reported cells, contexts together and the surest first.

    Parameters
    ----------
    table : AssociationTable
        From :func:`valuescape.counts.association.association_table`.
    context : str
        What the contexts are, as the column of labels is called.
    q_threshold : float
        The q up to which cells are reported.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from valuescape.counts.association import association_table
    >>> labels = pa.table({"conversation_id": [f"c{i}" for i in range(40)],
    ...                    "task": ["advice"] * 20 + ["code"] * 20})
    >>> expressions = pa.table({"conversation_id": [f"c{i}" for i in range(3, 32)],
    ...                         "value": ["care"] * 15 + ["clarity"] * 14})
    >>> found = association_table(labels, expressions, context="task")
    >>> [row[:4] for row in association_display(found, "task", 0.05).rows]
    [('advice', 'care', '15', '20'), ('advice', 'clarity', '2', '20'),
     ('code', 'care', '0', '20'), ('code', 'clarity', '12', '20')]
    """
    cells = table.to_frame().iloc[table.reported]
    cells = cells.astype({"context": str, "value": str})
    cells = cells.sort_values(["context", "log10_q", "value"], kind="stable")
    level = 100 * table.conf_level
    return display_table(
        cells,
        columns=_COLUMNS,
        names={"context": context.replace("_", " ").capitalize(), "k": "With the value"},
        caption=f"Values by {context.replace('_', ' ')}: cells with q up to {q_threshold:g}",
        notes=[
            f"{table.tests.n_total:,} conversations, taken as independent; "
            f"{len(cells):,} of {table.tests.counts.size:,} cells. "
            "Risk ratio of the context against the rest, with score intervals at the level "
            f"{level:.4g} %, which keeps their false coverage rate at 5 %. q by Benjamini and "
            "Hochberg from the exact test."
        ],
    )
