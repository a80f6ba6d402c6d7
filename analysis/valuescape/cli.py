"""The command ``valuescape``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from valuescape import __version__
from valuescape.cli_counts import associate
from valuescape.cli_label import register
from valuescape.cli_monitoring import monitor, probe
from valuescape.cli_options import FormatOption, StrictOption, next_step, refused, told
from valuescape.cli_report import register as register_report
from valuescape.cli_tables import register as register_table
from valuescape.cli_taxonomy import taxonomy
from valuescape.errors import InputError, OptionError, explained


class Commands(TyperGroup):
    """The commands; what the system refuses to one of them ends it with one message."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except (OSError, ModuleNotFoundError) as error:
            message = explained(error)
            if message is None:
                raise
            raise refused(message) from error


app = typer.Typer(
    cls=Commands,
    help="Measure which values AI assistants express in real conversations.",
    no_args_is_help=True,
    add_completion=False,
)

audit = typer.Typer(
    help="Validate machine labels by people: draw conversations, read the coders' answers.",
    no_args_is_help=True,
)
app.add_typer(audit, name="audit")

labels_app = typer.Typer(help="Work on tables of labels.", no_args_is_help=True)
app.add_typer(labels_app, name="labels")
app.add_typer(monitor, name="monitor")
app.command()(associate)
app.command()(probe)
app.add_typer(taxonomy, name="taxonomy")


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


register(app)
register_report(app)
register_table(app)


@app.command()
def convert(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of one format; a folder means all in it")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="JSON Lines to write; compressed if it ends in .gz")
    ] = None,
    format_: FormatOption = "auto",
    source: Annotated[
        str | None, typer.Option(help="Name of the corpus, put before every id")
    ] = None,
    strict: StrictOption = False,
) -> None:
    """Turn conversations of any known format into our JSON Lines.

    Without FILES it lists the formats.  A malformed record is reported by file and line, element
    or row and left out; records without a user's turn or a reply are counted and left out.
    """
    from valuescape.corpora.conversion import convert_files, formats
    from valuescape.corpora.reading import Tally
    from valuescape.progress import steps

    if not files:
        typer.echo(formats())
        return
    tally = Tally(strict=strict)
    try:
        if output is None:
            raise OptionError("--output is missing; needed is the file to write")
        with steps("converting", None) as done:
            n = convert_files(files, output, format_, source=source, tally=tally, done=done)
    except InputError as error:
        raise refused(error) from None
    told(tally)
    typer.echo(f"{n:,} conversations, {tally.n_malformed:,} malformed records\n{output}")
    next_step("valuescape", "report", output, "--output", "report", why="labels, tests and a page")


@app.command()
def fetch(
    name: Annotated[str | None, typer.Argument(help="Name of the corpus")] = None,
    output: Annotated[Path, typer.Option(help="Folder for it")] = Path("corpora"),
    upstream: Annotated[
        Path | None, typer.Option(help="List of files, as data/acquire/upstream.csv")
    ] = None,
) -> None:
    """Download a public corpus, check it by SHA-256 and write it as our JSON Lines.

    Without NAME it lists the corpora.  An interrupted download is continued by the next run.
    """
    from valuescape.corpora.upstream import (
        corpus_files,
        fetch_corpus,
        listing,
        packaged_upstream,
        read_upstream,
    )
    from valuescape.progress import steps

    try:
        known = read_upstream(upstream) if upstream else packaged_upstream()
        if name is None:
            typer.echo(listing(known))
            return
        wanted = corpus_files(name, known)
        with steps(f"fetching {name}", len(wanted)) as done:
            target, n = fetch_corpus(wanted, output, done)
    except InputError as error:
        raise refused(error) from None
    typer.echo(f"{n:,} conversations\n{target}")
    next_step("valuescape", "label", target, "--output", "labels", why="labels, offline")


@app.command()
def redact(
    conversations: Annotated[Path, typer.Argument(help="JSON Lines: id, model, messages, ...")],
    output: Annotated[Path, typer.Argument(help="The same, redacted: .jsonl or .jsonl.gz")],
    report: Annotated[Path | None, typer.Option(help="CSV of what was hidden, by kind")] = None,
) -> None:
    """Hide contact data, addresses and names, and say how many there were.

    Found are e-mail addresses, telephone, card and account numbers, IP addresses, credentials in
    URLs, postal addresses, and names that a phrase introduces. What no pattern knows stays: read
    a sample before the file leaves your machine.
    """
    from valuescape.privacy.command import redact_file

    try:
        found = redact_file(conversations, output, report)
    except InputError as error:
        raise refused(error) from None
    hidden = ", ".join(f"{n:,} {kind}" for kind, n in found.items.items() if n) or "nothing"
    typer.echo(
        f"{found.n_conversations:,} conversations, {found.n_changed:,} changed; "
        f"hidden: {hidden}\n{output}"
    )
    next_step("less", output, why="read a sample: what no pattern knows stays")


@labels_app.command("merge")
def labels_merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders that valuescape label wrote")],
    output: Annotated[Path, typer.Option(help="Folder for labels.parquet, expressions.parquet")],
) -> None:
    """Put labels of several labellers, or of parts of a corpus, into one pair of tables.

    A conversation may be labelled by several labellers, once by each: rows that two folders hold
    alike are written once, rows that differ stop the merge. Choose among labellers afterwards with
    `associate --labeller` and `audit draw --labeller`.
    """
    from valuescape.labelling.merging import merge_labels

    try:
        found = merge_labels(folders, output)
    except InputError as error:
        raise refused(error) from None
    typer.echo("\n".join([*found.lines(), str(output)]))
    next_step("valuescape", "report", output, "--output", "report", why="tests and a page; "
              "--labeller chooses among several")  # fmt: skip


@audit.command("draw")
def audit_draw(
    conversations: Annotated[Path, typer.Argument(help="JSON Lines: id, model, messages, ...")],
    labels: Annotated[Path, typer.Argument(help="labels.parquet, from valuescape label")],
    expressions: Annotated[Path, typer.Argument(help="expressions.parquet, from the same")],
    output: Annotated[Path, typer.Option(help="Folder for coders/ and design/")],
    n: Annotated[int, typer.Option("--n", help="Conversations to code")] = 200,
    value: Annotated[
        list[str] | None, typer.Option(help="Value to ask about; repeat. Default: the commonest")
    ] = None,
    n_values: Annotated[int, typer.Option(help="How many of the commonest", min=0)] = 10,
    stratum: Annotated[
        str, typer.Option(help="response_type, task_type or subjective")
    ] = "response_type",
    labeller: Annotated[str | None, typer.Option(help="Whose labels, if several")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw")] = 1,
) -> None:
    """Draw conversations for blind coding, rare labels more often, with known chances.

    Give coders the folder coders/ only: coding.html opens in any browser and sends nothing.
    """
    from valuescape.audit.command import Draw, draw_audit

    wanted = Draw(n, tuple(value or ()), n_values, stratum, labeller, seed)
    try:
        frame = draw_audit(conversations, labels, expressions, output, wanted)
    except InputError as error:
        raise refused(error) from None
    typer.echo(
        f"{n:,} of {len(frame):,} conversations drawn from {frame['stratum'].nunique()} strata\n"
        f"{output / 'coders' / 'coding.html'}"
    )
    next_step("valuescape", "audit", "read", output, "ANSWERS.json", "--output", "audited",
              why="once coders, who get coders/ alone, have sent their answers")  # fmt: skip


@audit.command("read")
def audit_read(
    folder: Annotated[Path, typer.Argument(help="Folder that audit draw wrote")],
    answers: Annotated[list[Path], typer.Argument(help="Answers of one or two coders")],
    output: Annotated[Path, typer.Option(help="Folder for gold, agreement, corrected (.csv)")],
) -> None:
    """Check coders' answers; write agreement, gold labels and corrected shares."""
    from valuescape.audit.command import read_audit

    try:
        tables = read_audit(folder, answers, output)
    except InputError as error:
        raise refused(error) from None
    found = tables["agreement"]
    between = "coders" if (found["between"] == "coders").any() else "machine"
    shown = found[(found["between"] == between) & (found["coefficient"] == "krippendorff_alpha")]
    for row in shown.itertuples():
        typer.echo(
            f"{row.question}: alpha {row.estimate:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}]"
        )
    typer.echo(f"{len(tables['corrected']):,} shares corrected\n{output}")
    next_step("valuescape", "table", output / "corrected.csv", why="shares beside their limits")


@app.command()
def check() -> None:
    """Answer what a reviewer asks of a checkout: pipeline, results, paper, environment."""
    from valuescape.paths import paths
    from valuescape.review.checks import checked, line

    passed = True
    try:
        for found in checked(paths()):
            typer.echo(line(found))
            passed &= found.passed
    except InputError as error:
        raise refused(error) from None
    raise typer.Exit(code=0 if passed else 1)


@app.command()
def rebuilt(
    exact: Annotated[bool, typer.Option(help="Let only identical bytes pass")] = False,
) -> None:
    """Say whether results, figures and the paper's numbers equal what is committed."""
    from valuescape.paths import paths
    from valuescape.report.rebuilt import compare_with_commit

    try:
        comparison = compare_with_commit(paths().root, exact=exact)
    except InputError as error:
        raise refused(error) from None
    typer.echo(comparison.text)
    raise typer.Exit(code=0 if comparison.accepted else 1)
