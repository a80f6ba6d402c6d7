"""``params.yaml``, read and checked."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from valuescape.errors import InputError
from valuescape.options import (
    Associate,
    Calibrate,
    Compare,
    Correct,
    Count,
    Draw,
    Explore,
    Label,
    Monitor,
    Release,
    Respond,
    Robustness,
    Taxonomy,
    Write,
)
from valuescape.parsing import read_yaml


@dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class Settings:
    """All of ``params.yaml``, one attribute a stage."""

    label: Label
    taxonomy: Taxonomy
    count: Count
    associate: Associate
    respond: Respond
    correct: Correct
    compare: Compare
    robustness: Robustness
    calibrate: Calibrate
    monitor: Monitor
    draw: Draw
    explore: Explore
    write: Write
    release: Release


def load_settings(path: Path) -> Settings:
    """Read and check ``params.yaml``.

    Raises
    ------
    InputError
        If the file is no YAML mapping, an option is unknown or missing, or a value is not
        allowed; the message names the option.
    """
    content = read_yaml(path)
    try:
        return TypeAdapter(Settings).validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise InputError(f"{path}: {_explained(error)}") from None


_LONGEST_SHOWN = 100
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def _explained(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    first = next((e for e in found if e["type"] in _UNKNOWN), found[0])
    option = _option(first["loc"])
    if first["type"] in _UNKNOWN:
        return f"option {option!r} is not known; allowed are {_siblings(first['loc'])}"
    if first["type"] in ("missing", "missing_argument"):
        return f"option {option!r} is missing; needed are {_siblings(first['loc'])}"
    said = " or ".join(e["msg"] for e in found if _option(e["loc"]) == option)
    return f"option {option!r} is {_shown(first['input'])}: {said}"


def _shown(found: object) -> str:
    told = repr(found)
    return told if len(told) <= _LONGEST_SHOWN else f"{told[:_LONGEST_SHOWN]}..."


def _option(loc: tuple[int | str, ...]) -> str:
    """Name an option; of what lies below it only places in a list are named."""
    parts = [str(part) for i, part in enumerate(loc) if i < 2 or isinstance(part, int)]
    return ".".join(parts) or "the file"


def _siblings(loc: tuple[int | str, ...]) -> str:
    fields = Settings.__dataclass_fields__
    if len(loc) < 2:
        return ", ".join(fields)
    block = Settings.__annotations__[str(loc[0])]
    return ", ".join(globals()[block].__dataclass_fields__)
