"""The Vicuna blog's evaluation: ``question.jsonl`` and ``answer_<assistant>.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import identity, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, answered
from valuescape.errors import InputError

_PREFIX = "answer_"
_QUESTIONS = "question.jsonl"


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "question_id", "text", "answer_id")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation an answer."""
    content, source = record.content, record.file.source
    stem = PurePosixPath(record.file.name.removesuffix(".gz")).stem
    model = stem.partition(_PREFIX)[2] or stem
    number = identity(content, "question_id")
    question = record.around.get(str(number))
    if question is None:
        raise InputError(
            f"'question_id' is not in {_QUESTIONS}, which is needed beside the answers"
        )
    turns = [Turn("user", text(question, "text")), Turn("assistant", text(content, "text"))]
    meta = {"category": question.get("category")}
    yield answered(f"{source}/{number}-{model}", source, model, turns, meta=meta)


VICUNA_BLOG = Adapter(
    "vicuna-blog",
    "Vicuna blog evaluation: question.jsonl and answer_<assistant>.jsonl",
    "vicuna-blog-eval",
    _recognises,
    _convert,
    checked=True,
    companion=(_QUESTIONS, "question_id"),
)
