"""AlpacaEval: ``results/<folder>/model_outputs.json``, one list of records an assistant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import optional_text, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, answered
from valuescape.errors import InputError


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "instruction", "output") and not has(content, "source_id")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a record; the assistant is the results folder."""
    content, file = record.content, record.file
    model = PurePosixPath(file.name).parent.name or optional_text(content, "generator")
    if not model:
        raise InputError("no assistant: the file is in no folder and 'generator' is missing")
    turns = [Turn("user", text(content, "instruction")), Turn("assistant", text(content, "output"))]
    dataset = optional_text(content, "dataset")
    meta = {"dataset": dataset} if dataset else {}
    yield answered(f"{file.source}/{record.index}-{model}", file.source, model, turns, meta=meta)


ALPACA_EVAL = Adapter(
    "alpaca-eval",
    "AlpacaEval model_outputs.json, in a folder named after the assistant",
    "alpaca_eval",
    _recognises,
    _convert,
    checked=True,
)
