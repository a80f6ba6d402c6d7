"""Our own format: one JSON object a line with ``id``, ``model`` and ``messages``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import ROLES
from valuescape.corpora.jsonl import conversation_of
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, Skipped


def _recognises(content: Mapping[str, Any]) -> bool:
    messages = content.get("messages")
    return (
        has(content, "id", "model")
        and isinstance(messages, list)
        and all(
            isinstance(m, dict) and m.get("role") in ROLES and isinstance(m.get("content"), str)
            for m in messages
        )
    )


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield the conversation as written; identifiers are not touched."""
    conversation = conversation_of(record.content)
    said = {t.role for t in conversation.messages if t.content.strip()}
    if "assistant" not in said:
        yield Skipped("no reply of the assistant")
    elif "user" not in said:
        yield Skipped("no turn of the user")
    else:
        yield conversation


OWN = Adapter(
    "valuescape",
    "our JSON Lines: id, model, messages",
    "valuescape",
    _recognises,
    _convert,
    checked=True,
)
