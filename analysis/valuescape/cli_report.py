"""The commands ``valuescape report``, ``valuescape demo`` and ``valuescape cite``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valuescape.cli_options import FormatOption, StrictOption, next_step, refused, told
from valuescape.errors import InputError

_INTERRUPTED = 130
_EPILOG = "\n\n".join(
    (
        "Examples:",
        "valuescape report chats.jsonl --output report/",
        "valuescape report export.zip --output report/ --public",
        "valuescape report labels/ --conversations chats.jsonl --output report/",
        "Exit codes: 0 done; 1 a file cannot be used, or there are too few conversations; 2 an "
        "option cannot; 130 interrupted. After 130 labels that were finished are not made again.",
    )
)


def report(
    source: Annotated[
        Path,
        typer.Argument(
            help="Conversations (a file or folder, see `convert --help`), or a folder with "
            "labels.parquet and expressions.parquet"
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report")],
    public: Annotated[
        bool, typer.Option("--public", help="Anyone may see the conversations: hide nothing")
    ] = False,
    labeller: Annotated[
        str | None,
        typer.Option(
            help="Who labels: embedded or a plug-in. Of given labels: whose, if several",
            show_default="embedded",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Folder in which labels are kept", show_default="OUTPUT-labels"),
    ] = None,
    conversations: Annotated[
        Path | None,
        typer.Option(help="With a folder of labels: what was labelled, to know users"),
    ] = None,
    format_: FormatOption = "auto",
    strict: StrictOption = False,
) -> None:
    """Turn conversations into a report: labels, tests, figures, a page and an explorer.

    Everything happens on this machine. Numbers that rest on few conversations or users are hidden,
    with others that would give them away; --public turns this off. The labels stay beside the
    report, one row a conversation: they are not for sharing.
    """
    from valuescape.corpora.reading import Tally
    from valuescape.own.command import Order, plan_text, write_report
    from valuescape.own.floors import Floors

    tally = Tally(strict=strict)
    floors = None if public else Floors()
    order = Order(source, output, labeller, labels, conversations, format_, floors, tally)
    try:
        typer.echo(plan_text(order), err=True)
        typer.echo(write_report(order))
    except InputError as error:
        raise refused(error) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing of the report is written", err=True)
        raise typer.Exit(code=_INTERRUPTED) from None
    told(tally)
    typer.echo(f"next: open {output / 'report.html'} in a browser; how far the labels can be "
               "trusted: valuescape audit draw --help", err=True)  # fmt: skip


def demo(
    output: Annotated[Path, typer.Option(help="Folder for labels, tables and the report")] = Path(
        "valuescape-demo"
    ),
) -> None:
    """Label the demo corpus, print its most distinctive values and write a report on it."""
    from valuescape.own.demo import run_demo

    try:
        typer.echo(run_demo(output))
    except InputError as error:
        raise refused(error) from None
    next_step("valuescape", "report", "CHATS", "--output", "report",
              why="the same for conversations of your own")  # fmt: skip


def cite(
    format_: Annotated[
        str, typer.Option("--format", help="text (all of it), bibtex, apa or cff")
    ] = "text",
) -> None:
    """Say how to cite the version that is installed."""
    from valuescape.release.citation import cite as cited

    try:
        typer.echo(cited(format_))
    except InputError as error:
        raise refused(error) from None


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(epilog=_EPILOG)(report)
    app.command()(demo)
    app.command()(cite)
