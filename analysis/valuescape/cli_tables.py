"""The command ``valuescape table``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valuescape.cli_options import refused
from valuescape.errors import InputError

_EPILOG = "\n\n".join(
    (
        "Examples:",
        "valuescape table report/tables/associations.csv --column context --column value "
        "--column risk_ratio --output associations.tex",
        "valuescape table outcomes.csv --caption 'What changed' --output outcomes.html",
    )
)


def table(
    result: Annotated[Path, typer.Argument(help="Any table of results: .csv or .parquet")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=".md, .html or .tex. Default: Markdown, printed"),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column to show; repeat. An estimate brings its limits. Default: all"),
    ] = None,
    caption: Annotated[str, typer.Option(help="What the table shows")] = "",
    note: Annotated[list[str] | None, typer.Option(help="Line under it; repeat")] = None,
    key: Annotated[str, typer.Option(help="Name for cross-references, such as tbl-values")] = "",
) -> None:
    """Print a table of results for a page, a paper or a slide.

    Numbers are printed as in the paper: shares in per cent, p and q down to < 0.001, estimates
    with their intervals. Names are escaped for the format.
    """
    from valuescape.store import read_columns
    from valuescape.tables import display_table, write_display
    from valuescape.tables.files import check_display_ending

    try:
        if output is not None:
            check_display_ending(output)
        shown = display_table(
            read_columns(result, []), columns=column, caption=caption, notes=note or (), key=key
        )
        if output is not None:
            write_display(shown, output)
    except InputError as error:
        raise refused(error) from None
    typer.echo(shown.to_markdown() if output is None else f"{len(shown.rows):,} rows\n{output}")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(epilog=_EPILOG)(table)
