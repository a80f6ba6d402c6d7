"""just-eval-instruct: ``leaderboard/outputs/<assistant>.to_eval.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import identity, optional_text, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, answered
from valuescape.errors import InputError


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "id", "instruction", "output", "source_id")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a record; the assistant is the file."""
    content, source = record.content, record.file.source
    model = PurePosixPath(record.file.name).name.removesuffix(".json").removesuffix(".to_eval")
    number = identity(content, "id")
    if number is None:
        raise InputError("'id' is missing; needed is a text or a whole number")
    turns = [Turn("user", text(content, "instruction")), Turn("assistant", text(content, "output"))]
    meta = {
        "prompt_source": optional_text(content, "dataset"),
        "category": optional_text(content, "category"),
    }
    yield answered(f"{source}/{number}-{model}", source, model, turns, meta=meta)


JUST_EVAL = Adapter(
    "just-eval",
    "just-eval-instruct outputs, <assistant>.to_eval.json",
    "just-eval-instruct",
    _recognises,
    _convert,
    checked=True,
)
