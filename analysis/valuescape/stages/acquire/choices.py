"""The choices of data/acquire (``acquire.yaml``) and where its corpora are."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from valuescape.errors import InputError
from valuescape.parsing import read_yaml
from valuescape.paths import Paths

CORPORA_VARIABLE = "VALUESCAPE_CORPORA"
_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, config=_STRICT)
class Fit:
    """Which sources the shipped labeller is not fitted on."""

    exclude_sources: list[str]


@dataclass(frozen=True, config=_STRICT)
class Embed:
    """Principal components kept: of task phrases, and of value names by each encoder."""

    n_dimensions: Annotated[int, Field(ge=2, le=512)]
    n_dimensions_of_values: Annotated[int, Field(ge=2, le=384)]


@dataclass(frozen=True, config=_STRICT)
class LabelCorpora:
    """How held-out figures get their intervals."""

    n_boot: Annotated[int, Field(ge=20)]
    seed: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, config=_STRICT)
class Choices:
    """All of ``acquire.yaml``, one attribute a stage."""

    embed: Embed
    fit: Fit
    label_corpora: LabelCorpora


def load_choices(paths: Paths) -> Choices:
    """Read and check ``data/acquire/acquire.yaml``.

    Raises
    ------
    InputError
        If an option is missing, unknown or not allowed.
    """
    path = acquire_folder(paths) / "acquire.yaml"
    try:
        return TypeAdapter(Choices).validate_json(json.dumps(read_yaml(path), default=str))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: option {option!r}: {first['msg']}") from None


def acquire_folder(paths: Paths) -> Path:
    """Return the folder of the sub-project."""
    return paths.root / "data" / "acquire"


def corpora_folder(paths: Paths) -> Path:
    """Return the folder of corpora: the environment's choice, or what ``fetch`` wrote.

    Raises
    ------
    InputError
        If it holds no corpus.
    """
    chosen = os.environ.get(CORPORA_VARIABLE)
    folder = Path(chosen) if chosen else acquire_folder(paths) / "corpora"
    if not any(folder.glob("*.jsonl.gz")):
        raise InputError(
            f"{folder}: no *.jsonl.gz; run the stage fetch, or name a folder in {CORPORA_VARIABLE}"
        )
    return folder
