"""The commands ``valuescape taxonomy build`` and ``match``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from valuescape.cli_options import (
    ANTHROPIC,
    BUILD_EPILOG,
    ENDPOINT,
    MODELS,
    BaseUrlOption,
    BatchOption,
    ModelOption,
    agreed,
    check_owners,
    given,
    interrupted,
    next_step,
    refused,
)
from valuescape.errors import InputError, OptionError

if TYPE_CHECKING:
    from valuescape.taxonomy.naming_command import Naming
    from valuescape.taxonomy.naming_plan import NamingPlan

taxonomy = typer.Typer(
    help="Arrange names of values in a tree, or map names to one.", no_args_is_help=True
)
_MEDOID = "medoid"
_OWNERS: dict[str, tuple[str, ...]] = {
    "model": MODELS,
    "yes": MODELS,
    "budget": (ANTHROPIC,),
    "batch": (ANTHROPIC,),
    "base-url": (ENDPOINT,),
}

NamesArgument = Annotated[
    Path,
    typer.Argument(help="Text, one name a line; or .csv or .parquet with value and, perhaps, n"),
]
EmbeddingsOption = Annotated[
    str | None,
    typer.Option(
        help="sentences, stems (words alone), or a .parquet or .csv with value and numbers. "
        "Default: sentences where the extra `embeddings` is installed, else stems",
        show_default=False,
    ),
]


@taxonomy.command("build", epilog=BUILD_EPILOG)
def taxonomy_build(
    names: NamesArgument,
    output: Annotated[Path, typer.Option(help="Folder for taxonomy.csv and values.csv")],
    embeddings: EmbeddingsOption = None,
    sizes: Annotated[
        tuple[int, int, int] | None,
        typer.Option(help="Nodes of levels 1, 2 and 3", show_default=False),
    ] = None,
    headings: Annotated[
        int | None, typer.Option(help="Nodes of level 3, without --sizes. Default: 5")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            help="Matters above 6,000 values, and for the order in which a model sees parents",
            min=0,
        ),
    ] = 0,
    namer: Annotated[
        str,
        typer.Option(
            help="Who names the nodes: medoid (their most central value, offline), anthropic "
            "(needs a key) or endpoint (a model of your own behind an OpenAI-compatible interface)"
        ),
    ] = _MEDOID,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    budget: Annotated[
        float | None, typer.Option(help="anthropic: most dollars the ledger may come to")
    ] = None,
    batch: BatchOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="anthropic, endpoint: send without asking")
    ] = False,
) -> None:
    """Build a tree of four levels over any names of values.

    Nodes are named offline by default. A model names and describes them instead and may move a
    node to another parent. What is sent to it are names of values only (and the names and
    descriptions it made of them), never conversations or counts, after a plan with tokens and
    price and a question. Answers are kept in OUTPUT.ledger.sqlite beside the folder: a repeated
    command pays nothing twice, and one that was stopped goes on.
    """
    from valuescape.taxonomy.command import build_file

    options = given(model=model, base_url=base_url, budget=budget, batch=batch, yes=yes or None)
    try:
        told = build_file(
            names,
            output,
            embeddings=embeddings,
            sizes=sizes,
            n_headings=headings,
            seed=seed,
            naming=_naming(namer, options),
        )
    except InputError as error:
        raise refused(error) from None
    except KeyboardInterrupt:
        raise interrupted() from None
    typer.echo(f"{told}\n{output}")
    next_step("valuescape", "taxonomy", "match", "OTHER-NAMES", "--tree", output / "taxonomy.csv",
              "--output", "places.csv", why="maps other names to this tree")  # fmt: skip


def _naming(namer: str, options: dict[str, Any]) -> Naming | None:
    """Return the model that is to name; None for medoids."""
    if namer not in (_MEDOID, *MODELS):
        raise OptionError(
            f"--namer {namer!r} is not known; allowed: {', '.join((_MEDOID, *MODELS))}"
        )
    check_owners(options, _OWNERS, "--namer", namer)
    if namer == _MEDOID:
        return None
    from valuescape.providers.anthropic_api import DEFAULT_MODEL
    from valuescape.providers.dispatch import Manner
    from valuescape.taxonomy.naming_command import name_with_anthropic, name_with_endpoint

    def confirmed(plan: NamingPlan) -> bool:
        return agreed(plan.text, "yes" in options)

    def tell(notice: str) -> None:
        typer.echo(notice, err=True)

    if namer == ENDPOINT:
        return name_with_endpoint(options["base-url"], options["model"], confirmed, tell=tell)
    manner = Manner(batch=options.get("batch", True), budget=options.get("budget"))
    return name_with_anthropic(confirmed, model=options.get("model", DEFAULT_MODEL), manner=manner)


@taxonomy.command("match")
def taxonomy_match(
    names: NamesArgument,
    tree: Annotated[Path, typer.Option(help="taxonomy.csv: of a build, or data/results/taxonomy")],
    output: Annotated[Path, typer.Option(help="CSV to write")],
    embeddings: EmbeddingsOption = None,
    least_score: Annotated[
        float | None, typer.Option(help="Below it a name is unmapped", show_default=False)
    ] = None,
) -> None:
    """Map names of values to a tree; what fits nowhere is unmapped."""
    from valuescape.taxonomy.command import match_file

    try:
        told = match_file(names, tree, output, embeddings=embeddings, least_score=least_score)
    except InputError as error:
        raise refused(error) from None
    typer.echo(f"{told}\n{output}")
