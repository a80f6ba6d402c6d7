"""Arena-Hard-Auto: prompts of real Arena users, ``model_answer/<assistant>.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import inner, listed, mapping, named, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, answered, party

_META = ("category", "subcategory")
_FIRST_UID = 32


def _first(record: Record) -> Iterator[Outcome]:
    """Yield a conversation of v0.1: one an assistant and prompt."""
    content, source = record.content, record.file.source
    model = named(content, "model")
    yield answered(f"{source}/{named(content, 'uid')}-{model}", source, model, _turns(content))


def _second(record: Record) -> Iterator[Outcome]:
    """Yield a conversation of v2.0, with the category of its prompt where it is known."""
    content, source, uid = record.content, record.file.source, named(record.content, "uid")
    known = inner(record.around, uid)
    meta = {k: v for k, v in known.items() if k in _META}
    model, turns = named(content, "model"), _turns(content)
    yield answered(f"{source}/{uid}", source, model, turns, meta=meta)


def _turns(content: Mapping[str, Any]) -> list[Turn]:
    turns = []
    for place, message in enumerate(listed(content, "messages"), start=1):
        found = mapping(message, f"turn {place}")
        said = found.get("content")
        words = text(said, "answer") if isinstance(said, dict) else text(found, "content")
        role = party(found.get("role"), place)
        if role:
            turns.append(Turn(role, words))
    return turns


def _of_first(content: Mapping[str, Any]) -> bool:
    return _recognises(content) and len(str(content["uid"])) == _FIRST_UID


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "uid", "ans_id", "model", "messages")


ARENA_HARD_FIRST = Adapter(
    "arena-hard-v0.1",
    "Arena-Hard-Auto v0.1 model answers",
    "arena-hard-v0.1",
    _of_first,
    _first,
    checked=True,
)
ARENA_HARD_SECOND = Adapter(
    "arena-hard-v2.0",
    "Arena-Hard-Auto v2.0 model answers of one assistant; question.jsonl adds categories",
    "arena-hard-v2.0",
    _recognises,
    _second,
    checked=True,
    companion=("question.jsonl", "uid"),
)
