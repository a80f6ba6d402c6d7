"""What several commands share: options, the end of their help, and how they end."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from valuescape.errors import InputError, OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valuescape.corpora.reading import Tally

ANTHROPIC, ENDPOINT = "anthropic", "endpoint"
MODELS = (ANTHROPIC, ENDPOINT)
_INTERRUPTED = 130
_EXIT_CODES = (
    "Exit codes: 0 done; 1 a file cannot be used; 2 an option cannot; 3 not confirmed, or the "
    "budget is reached; 4 the interface failed; 130 interrupted. After 3, 4 and 130 the same "
    "command goes on where it stopped."
)
LABEL_EPILOG = "\n\n".join(
    (
        "Examples:",
        "valuescape label chats.jsonl --output out",
        "valuescape plan chats.jsonl --labeller anthropic",
        "valuescape label chats.jsonl --output out --labeller anthropic --budget 20",
        "valuescape label chats.jsonl --output out --labeller endpoint "
        "--base-url http://localhost:11434/v1 --model qwen3:32b",
        "Keys come from the environment alone: ANTHROPIC_API_KEY, and VALUESCAPE_ENDPOINT_KEY for "
        "an endpoint that asks for one. The context of an endpoint's model must hold the codebook "
        "(some 5,000 tokens) and the longest conversation: some servers cut what is longer and do "
        "not say so.",
        _EXIT_CODES,
    )
)
PLAN_EPILOG = "\n\n".join(
    (
        "Examples:",
        "valuescape plan chats.jsonl --labeller anthropic --limit 1000",
        "valuescape plan chats.jsonl --labeller anthropic --count --ledger out/ledger.sqlite",
        "valuescape plan chats.jsonl --labeller endpoint --base-url http://localhost:8000/v1 "
        "--model qwen3:32b",
        _EXIT_CODES,
    )
)
BUILD_EPILOG = "\n\n".join(
    (
        "Examples:",
        "valuescape taxonomy build names.txt --output tree",
        "valuescape taxonomy build names.txt --output tree --namer anthropic --budget 5",
        "valuescape taxonomy build names.txt --output tree --namer endpoint "
        "--base-url http://localhost:11434/v1 --model qwen3:32b",
        "Keys come from the environment alone: ANTHROPIC_API_KEY, and VALUESCAPE_ENDPOINT_KEY for "
        "an endpoint that asks for one.",
        _EXIT_CODES,
    )
)

ConversationsArgument = Annotated[Path, typer.Argument(help="File or folder; see `convert --help`")]
FormatOption = Annotated[
    str, typer.Option("--format", help="Format of the files; auto looks into them")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Stop at the first malformed record")]
ModelOption = Annotated[
    str | None,
    typer.Option(help="anthropic, endpoint: name of the model; a Claude model has a default"),
]
VocabularyOption = Annotated[
    str | None, typer.Option(help="anthropic, endpoint: closed (a list of values) or open")
]
LimitOption = Annotated[
    int | None, typer.Option(help="anthropic, endpoint: only the first so many")
]
RedactOption = Annotated[
    bool | None,
    typer.Option(
        "--redact/--no-redact",
        help="anthropic, endpoint: hide contact data, addresses and names before sending, or not",
        show_default="redact",
    ),
]
BatchOption = Annotated[
    bool | None,
    typer.Option(
        "--batch/--no-batch",
        help="anthropic: batches at half the price, or single messages",
        show_default="batch",
    ),
]
BaseUrlOption = Annotated[
    str | None, typer.Option(help="endpoint: its address, such as http://localhost:8000/v1")
]


def refused(error: InputError) -> typer.Exit:
    """Say what is wrong, and return the exit that goes with it."""
    typer.echo(f"error: {error}", err=True)
    return typer.Exit(code=error.exit_code)


def next_step(*words: str | Path, why: str) -> None:
    """Say what to do with what a command has written: a command, and what it is for.

    It goes to standard error: standard output ends with what was written.
    """
    typer.echo(f"next: {shlex.join(map(str, words))}  # {why}", err=True)


def interrupted() -> typer.Exit:
    """Say that nothing is lost, and return the exit that goes with Ctrl-C."""
    typer.echo("interrupted; the same command goes on from here", err=True)
    return typer.Exit(code=_INTERRUPTED)


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given, by their names on the command line."""
    return {n.replace("_", "-"): value for n, value in options.items() if value is not None}


def check_owners(
    options: Mapping[str, Any], owners: Mapping[str, tuple[str, ...]], flag: str, chosen: str
) -> None:
    """Refuse options that the choice does not read, and the absence of those it needs.

    Parameters
    ----------
    options : mapping of str
        The options that were given.
    owners : mapping of str to tuple of str
        The choices that read each option.
    flag, chosen : str
        The option that chooses, and what was chosen.

    Raises
    ------
    OptionError
        Naming the option and what is allowed.
    """
    for name in options:
        if chosen not in owners[name]:
            raise OptionError(
                f"--{name} goes with {flag} {' or '.join(owners[name])}, not with {chosen}"
            )
    if chosen == ENDPOINT:
        for name in ("base-url", "model"):
            if name not in options:
                raise OptionError(f"{flag} endpoint needs --{name}")


def agreed(plan: str, yes: bool) -> bool:
    """Say what would be sent, and return whether it may be."""
    typer.echo(plan, err=True)
    if yes:
        return True
    try:
        return typer.confirm("Send them?", err=True)
    except typer.Abort:
        return False


def told(tally: Tally) -> None:
    """Say what was left out of a corpus."""
    for line in tally.lines():
        typer.echo(line, err=True)
