"""The commands ``valuescape label`` and ``valuescape plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from valuescape.cli_options import (
    ANTHROPIC,
    ENDPOINT,
    LABEL_EPILOG,
    MODELS,
    PLAN_EPILOG,
    BaseUrlOption,
    BatchOption,
    ConversationsArgument,
    FormatOption,
    LimitOption,
    ModelOption,
    RedactOption,
    StrictOption,
    VocabularyOption,
    agreed,
    check_owners,
    given,
    interrupted,
    next_step,
    refused,
    told,
)
from valuescape.errors import InputError, OptionError

if TYPE_CHECKING:
    from valuescape.corpora.reading import Tally
    from valuescape.labelling.order import Order
    from valuescape.labelling.plan import Plan

_OWNERS: dict[str, tuple[str, ...]] = {
    "model": MODELS,
    "vocabulary": MODELS,
    "limit": MODELS,
    "redact": MODELS,
    "ledger": MODELS,
    "workers": MODELS,
    "yes": MODELS,
    "budget": (ANTHROPIC,),
    "batch": (ANTHROPIC,),
    "count": (ANTHROPIC,),
    "base-url": (ENDPOINT,),
}


def label(
    conversations: ConversationsArgument,
    output: Annotated[
        Path, typer.Option(help="Folder for labels.parquet, expressions.parquet and the ledger")
    ],
    labeller: Annotated[
        str,
        typer.Option(
            help="Who labels: embedded (offline), anthropic (needs a key), endpoint (a model of "
            "your own behind an OpenAI-compatible interface) or the name of a plug-in"
        ),
    ] = "embedded",
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    vocabulary: VocabularyOption = None,
    limit: LimitOption = None,
    redact: RedactOption = None,
    budget: Annotated[
        float | None, typer.Option(help="anthropic: most dollars the ledger may come to")
    ] = None,
    batch: BatchOption = None,
    workers: Annotated[
        int | None,
        typer.Option(help="anthropic --no-batch, endpoint: questions under way at a time; 4"),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="anthropic, endpoint: what was sent and paid; OUTPUT/ledger.sqlite"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="anthropic, endpoint: send without asking")
    ] = False,
    format_: FormatOption = "auto",
    strict: StrictOption = False,
) -> None:
    """Label conversations and write labels.parquet and expressions.parquet.

    The embedded labeller runs offline. The others send conversations away, after a plan with
    tokens and price and a question: personal data that patterns know are hidden first, and counted
    in redaction.csv. Answers are kept in a ledger beside the tables; a run that was stopped, even
    killed, goes on when repeated.
    """
    from valuescape.corpora.reading import Tally
    from valuescape.labelling.command import label_file

    tally = Tally(strict=strict)
    options = given(
        model=model,
        vocabulary=vocabulary,
        limit=limit,
        redact=redact,
        budget=budget,
        batch=batch,
        workers=workers,
        ledger=ledger,
        yes=yes or None,
        base_url=base_url,
    )
    try:
        _check(options, labeller)
        if labeller in MODELS:
            order = _order(conversations, output, options, format_, tally, labeller)
            typer.echo(_labelled(order, labeller, base_url, yes))
        else:
            n = label_file(conversations, labeller, output, format=format_, tally=tally)
            typer.echo(f"{n:,} conversations labelled by {labeller}\n{output}")
    except InputError as error:
        raise refused(error) from None
    except KeyboardInterrupt:
        raise interrupted() from None
    told(tally)
    next_step("valuescape", "report", output, "--output", "report", why="tests, figures and a page")


def plan(
    conversations: ConversationsArgument,
    labeller: Annotated[
        str, typer.Option(help="Who would label: anthropic or endpoint")
    ] = ANTHROPIC,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    vocabulary: VocabularyOption = None,
    limit: LimitOption = None,
    redact: RedactOption = None,
    batch: BatchOption = None,
    count: Annotated[
        bool,
        typer.Option(
            "--count",
            help="anthropic: send ten conversations to have their tokens counted, which is free",
        ),
    ] = False,
    ledger: Annotated[
        Path | None, typer.Option(help="Leave out what this ledger has answers for")
    ] = None,
    format_: FormatOption = "auto",
    strict: StrictOption = False,
) -> None:
    """Say what labelling would send and cost: conversations, what is hidden, tokens, dollars.

    No conversation leaves the machine unless --count asks for it. With a key the codebook's tokens
    are counted by the interface; everything else is estimated from the length.
    """
    from valuescape.corpora.reading import Tally
    from valuescape.labelling.anthropic_command import plan_with_anthropic
    from valuescape.labelling.endpoint_command import plan_with_endpoint

    tally = Tally(strict=strict)
    options = given(
        model=model,
        vocabulary=vocabulary,
        limit=limit,
        redact=redact,
        batch=batch,
        count=count or None,
        ledger=ledger,
        base_url=base_url,
    )
    try:
        if labeller not in MODELS:
            raise OptionError(f"--labeller {labeller!r} has no plan; allowed: {', '.join(MODELS)}")
        _check(options, labeller)
        order = _order(conversations, None, options, format_, tally, labeller)
        if labeller == ANTHROPIC:
            found = plan_with_anthropic(order, with_texts=count)
        else:
            found = plan_with_endpoint(order, base_url or "")
    except InputError as error:
        raise refused(error) from None
    typer.echo(found.text)
    told(tally)
    next_step("valuescape", "label", conversations, "--output", "labels", "--labeller", labeller,
              why="with the same options: asks before it sends")  # fmt: skip


def _check(options: dict[str, Any], labeller: str) -> None:
    check_owners(options, _OWNERS, "--labeller", labeller)
    if labeller == ANTHROPIC and "workers" in options and options.get("batch", True):
        raise OptionError("--workers goes with --no-batch: a batch is worked on elsewhere")


def _order(
    conversations: Path,
    output: Path | None,
    options: dict[str, Any],
    format_: str,
    tally: Tally,
    labeller: str,
) -> Order:
    from valuescape.labelling.order import Order
    from valuescape.providers.anthropic_api import DEFAULT_MODEL
    from valuescape.providers.dispatch import Manner

    manner = {name: options[name] for name in ("batch", "budget", "workers") if name in options}
    if labeller == ENDPOINT:
        manner["batch"] = False
    taken = ("model", "vocabulary", "limit", "redact", "ledger")
    asked = {"model": DEFAULT_MODEL} | {name: options[name] for name in taken if name in options}
    return Order(
        conversations, output, manner=Manner(**manner), format=format_, tally=tally, **asked
    )


def _labelled(order: Order, labeller: str, base_url: str | None, yes: bool) -> str:
    from valuescape.labelling.anthropic_command import label_with_anthropic
    from valuescape.labelling.endpoint_command import label_with_endpoint

    def confirmed(found: Plan) -> bool:
        return agreed(found.text, yes)

    def tell(notice: str) -> None:
        typer.echo(notice, err=True)

    if labeller == ANTHROPIC:
        return label_with_anthropic(order, confirmed, agreed=yes, tell=tell)
    return label_with_endpoint(order, base_url or "", confirmed, tell=tell)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(epilog=LABEL_EPILOG)(label)
    app.command(epilog=PLAN_EPILOG)(plan)
