"""The command ``valuescape associate``: on one machine, or by DuckDB or Spark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from valuescape.cli_options import next_step, refused
from valuescape.errors import InputError, OptionError

if TYPE_CHECKING:
    from valuescape.counts.association import AssociationTable


def associate(
    labels: Annotated[Path, typer.Argument(help="Parquet: conversation_id and the context")],
    expressions: Annotated[Path, typer.Argument(help="Parquet: conversation_id, value")],
    output: Annotated[
        Path, typer.Option(help="All cells: .parquet or .csv. Those reported: .md, .html, .tex")
    ],
    context: Annotated[str, typer.Option(help="Column of LABELS to compare")] = "task_type",
    labeller: Annotated[str | None, typer.Option(help="Whose labels, if several")] = None,
    q_threshold: Annotated[float, typer.Option(help="Report cells up to this q")] = 0.05,
    engine: Annotated[
        str,
        typer.Option(help="What counts: local, or duckdb or spark, which also read folders"),
    ] = "local",
    memory: Annotated[
        str | None, typer.Option(help="duckdb, spark: most memory, such as 2GB", show_default=False)
    ] = None,
) -> None:
    """Test every context against every value of independent conversations.

    All engines give the same table. LABELS and EXPRESSIONS may be folders of Parquet files larger
    than memory with --engine duckdb or spark (extras of the same names).
    """
    try:
        _check_ending(output)
        wanted = _Wanted(labels, expressions, context, labeller, q_threshold)
        table = _associated(wanted, engine, memory)
        _write(table, wanted, output)
    except InputError as error:
        raise refused(error) from None
    shape = table.tests.counts.shape
    typer.echo(
        f"{table.tests.n_total:,} conversations ({table.n_left_out:,} left out), "
        f"{shape[0]:,} contexts x {shape[1]:,} values; "
        f"{table.reported.size:,} cells with q <= {q_threshold:g}\n{output}"
    )
    if output.suffix == ".csv":
        next_step("valuescape", "table", output, "--output", output.with_suffix(".html"),
                  why="all cells; associate --output CELLS.html writes those reported")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command was asked to count."""

    labels: Path
    expressions: Path
    context: str
    labeller: str | None
    q_threshold: float


def _check_ending(output: Path) -> None:
    """Refuse an ending before anything is counted; programs' tables import nothing heavy."""
    from valuescape.counts.association import ENDINGS

    if output.suffix in ENDINGS:
        return
    from valuescape.tables.files import ENDINGS as SHOWN

    if output.suffix not in SHOWN:
        raise InputError(f"{output}: allowed endings are {', '.join((*ENDINGS, *SHOWN))}")


def _write(table: AssociationTable, wanted: _Wanted, output: Path) -> None:
    """Write all cells for programs, or those reported for people, by the ending."""
    from valuescape.counts.association import ENDINGS, write_cells

    if output.suffix in ENDINGS:
        write_cells(table, output)
        return
    from valuescape.tables.associations import association_display
    from valuescape.tables.files import write_display

    write_display(association_display(table, wanted.context, wanted.q_threshold), output)


def _associated(wanted: _Wanted, engine: str, memory: str | None) -> AssociationTable:
    """Count with one of the engines; a local table imports none of what the others need."""
    if engine == "local":
        from valuescape.counts.association import association_table

        if memory is not None:
            raise OptionError("--memory goes with --engine duckdb or spark")
        return association_table(
            wanted.labels,
            wanted.expressions,
            context=wanted.context,
            labeller=wanted.labeller,
            q_threshold=wanted.q_threshold,
        )
    from valuescape.counts.ibis.command import association_of_files
    from valuescape.progress import steps

    with steps(f"counting by {engine}", None) as done:
        return association_of_files(
            wanted.labels,
            wanted.expressions,
            context=wanted.context,
            labeller=wanted.labeller,
            q_threshold=wanted.q_threshold,
            engine=engine,
            memory=memory,
            done=done,
        )
