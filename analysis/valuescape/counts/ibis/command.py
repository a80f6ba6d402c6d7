"""The association table of files of any size, counted by DuckDB or Spark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from valuescape.counts.association import AssociationTable, associated, check_threshold
from valuescape.counts.ibis.engines import opened
from valuescape.counts.ibis.relations import relate


def association_of_files(
    labels: Path,
    expressions: Path,
    *,
    context: str,
    engine: str,
    labeller: str | None = None,
    q_threshold: float = 0.05,
    memory: str | None = None,
    done: Callable[[], None] = lambda: None,
) -> AssociationTable:
    """Test every context against every value, from files or folders larger than memory.

    The result is that of :func:`valuescape.counts.association.association_table` to the last digit.

    Parameters
    ----------
    labels, expressions : Path
        A Parquet file, or a folder of files of one schema.
    context, labeller, q_threshold
        As in :func:`~valuescape.counts.association.association_table`.
    engine : {"duckdb", "spark"}
        What counts.
    memory : str, optional
        As in :func:`~valuescape.counts.ibis.engines.opened`.
    done : callable
        Called after every pass through the labels, and through the expressions.

    Raises
    ------
    InputError
        As :func:`~valuescape.counts.association.association_table`; messages name the least of
        several bad entries instead of a row.
    """
    check_threshold(q_threshold)
    with opened(engine, memory=memory) as running:
        tables = relate(labels, expressions, context=context, labeller=labeller, engine=running)
        return associated(tables.cells(done), q_threshold=q_threshold)
