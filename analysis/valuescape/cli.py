"""The command ``valuescape``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valuescape import __version__
from valuescape.errors import InputError

app = typer.Typer(
    help="Measure which values AI assistants express in real conversations.",
    no_args_is_help=True,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take options that come before any command."""


def _refuse(error: InputError) -> typer.Exit:
    typer.echo(f"error: {error}", err=True)
    return typer.Exit(code=1)


@app.command()
def label(
    conversations: Annotated[Path, typer.Argument(help="JSON Lines: id, model, messages, ...")],
    output: Annotated[Path, typer.Option(help="Folder for labels.parquet, expressions.parquet")],
    labeller: Annotated[str, typer.Option(help="Who labels: embedded")] = "embedded",
) -> None:
    """Label conversations and write labels.parquet and expressions.parquet."""
    from valuescape.labelling.command import label_file

    try:
        label_file(conversations, labeller, output)
    except InputError as error:
        raise _refuse(error) from None


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the tables")] = Path("valuescape-demo"),
) -> None:
    """Label the demo corpus and print the values most distinctive of each kind of task."""
    from valuescape.study.demo import run_demo

    try:
        typer.echo(run_demo(output))
    except InputError as error:
        raise _refuse(error) from None


@app.command()
def rebuilt(
    exact: Annotated[bool, typer.Option(help="Let only identical bytes pass")] = False,
) -> None:
    """Say whether results, figures and the paper's numbers equal what is committed."""
    from valuescape.report.rebuilt import compare_with_commit
    from valuescape.settings import paths

    try:
        comparison = compare_with_commit(paths().root, exact=exact)
    except InputError as error:
        raise _refuse(error) from None
    typer.echo(comparison.text)
    raise typer.Exit(code=0 if comparison.accepted else 1)
