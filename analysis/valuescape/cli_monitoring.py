"""The commands ``valuescape monitor`` and ``valuescape probe``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valuescape.cli_options import next_step, refused
from valuescape.errors import InputError, OptionError

monitor = typer.Typer()


CHANGED = 5
"""Exit code of a change of behaviour, where it was asked for."""


@monitor.callback(invoke_without_command=True)
def monitor_compare(
    context: typer.Context,
    baseline: Annotated[
        Path | None, typer.Option(help="Folder with labels and expressions: before")
    ] = None,
    current: Annotated[Path | None, typer.Option(help="The same: now")] = None,
    output: Annotated[Path | None, typer.Option(help="CSV of every outcome")] = None,
    labeller: Annotated[str | None, typer.Option(help="Whose labels, if several")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Column of the labels: user or prompt they share")
    ] = None,
    minimum: Annotated[int, typer.Option(help="Conversations an outcome needs")] = 20,
    q_threshold: Annotated[float, typer.Option(help="False discovery rate")] = 0.05,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 5 if behaviour changed")
    ] = False,
) -> None:
    """Compare two periods of labelled conversations, whatever tasks they are of.

    Values, headings, polarities and response types are compared at one mix of tasks; what only
    another mix explains is told apart. `valuescape monitor watch` goes on as labels arrive.
    """
    if context.invoked_subcommand is not None:
        return
    from valuescape.monitoring.command import compare_files
    from valuescape.monitoring.comparison import ComparisonRules

    try:
        if baseline is None or current is None:
            raise OptionError("needed are --baseline and --current, or the command watch")
        rules = ComparisonRules(minimum, q_threshold)
        told = compare_files(
            baseline, current, output, labeller=labeller, cluster=cluster, rules=rules
        )
    except InputError as error:
        raise refused(error) from None
    _ended(told.text, output)
    raise typer.Exit(code=CHANGED if exit_code and told.drifted else 0)


def _ended(text: str, output: Path | None) -> None:
    """Say what was found, and where the table of every outcome is or how to have it."""
    typer.echo(text if output is None else f"{text}\n{output}")
    if output is None:
        typer.echo("next: add --output OUTCOMES.csv for every outcome", err=True)
    else:
        next_step("valuescape", "table", output, why="every outcome with its limits")


@monitor.command("watch")
def monitor_watch(
    folder: Annotated[Path, typer.Argument(help="Folder of batches, as valuescape label writes")],
    state: Annotated[Path, typer.Option(help="JSON: what the monitor remembers")],
    baseline: Annotated[
        Path | None, typer.Option(help="First run: folder with labels and expressions")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="CSV of every outcome")] = None,
    quantity: Annotated[
        str, typer.Option(help="First run: value, heading, polarity or response_type")
    ] = "value",
    labeller: Annotated[str | None, typer.Option(help="First run: whose labels")] = None,
    minimum: Annotated[int, typer.Option(help="First run: conversations an outcome needs")] = 20,
    run_length: Annotated[
        float, typer.Option(help="First run: looks to a false alarm, on average")
    ] = 1000.0,
    tolerance: Annotated[
        float, typer.Option(help="First run: odds ratio of drift that does not matter")
    ] = 1.1,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 5 if behaviour changed")
    ] = False,
) -> None:
    """Read labels that are new in FOLDER and say whether behaviour has left the baseline.

    Run it as often as you like: what was read is not read again. Labels with a column started_at
    make one look a day, others one a batch.
    """
    from valuescape.monitoring.command import watch_folder
    from valuescape.monitoring.evidence import Rules

    try:
        told = watch_folder(
            folder,
            state,
            baseline=baseline,
            quantity=quantity,
            labeller=labeller,
            minimum=minimum,
            rules=Rules(run_length=run_length, tolerance=tolerance),
            output=output,
        )
    except InputError as error:
        raise refused(error) from None
    _ended(told.text, output)
    raise typer.Exit(code=CHANGED if exit_code and told.drifted else 0)


def probe(
    output: Annotated[Path, typer.Option(help="Folder for answers, labels and comparison")],
    model: Annotated[
        str | None,
        typer.Option(help="Model under test: a Claude model (needs a key), or see below"),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="OpenAI-compatible endpoint that serves it, as http://localhost:8000/v1"),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="JSON Lines of id and reply instead: nothing is sent")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Folder of another probe, or of any labels")
    ] = None,
    prompts: Annotated[Path | None, typer.Option(help="Other prompts than the package's")] = None,
    labeller: Annotated[str, typer.Option(help="Who labels the replies")] = "embedded",
    limit: Annotated[
        int | None, typer.Option(help="Only the first so many prompts of each kind of task")
    ] = None,
    max_tokens: Annotated[int, typer.Option(help="Longest reply")] = 1024,
    minimum: Annotated[int, typer.Option(help="Replies an outcome needs to be compared")] = 10,
    q_threshold: Annotated[float, typer.Option(help="False discovery rate")] = 0.05,
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 5 if behaviour differs")
    ] = False,
) -> None:
    """Ask a model our prompts before it is deployed, and compare its values with a baseline.

    208 prompts of 16 kinds of task, value conflicts among them. Replies are written as they come:
    a run that was stopped goes on when repeated. Against another probe the comparison is prompt by
    prompt; against other labels it is a rough yardstick.
    """
    from valuescape.monitoring.comparison import ComparisonRules
    from valuescape.probe.command import Order, run_probe

    def confirmed(plan: str) -> bool:
        typer.echo(plan, err=True)
        return yes or typer.confirm("Send them?", err=True)

    order = Order(
        output,
        model=model,
        answers=answers,
        prompts=prompts,
        baseline=baseline,
        labeller=labeller,
        limit=limit,
        max_tokens=max_tokens,
        endpoint=base_url,
        rules=ComparisonRules(minimum, q_threshold),
    )
    try:
        found = run_probe(order, confirmed)
    except InputError as error:
        raise refused(error) from None
    typer.echo(found.text)
    raise typer.Exit(code=CHANGED if exit_code and found.differs else 0)
