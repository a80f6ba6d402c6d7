"""Open-Assistant message trees: human volunteers wrote the replies.

A tree holds many conversations: one a path from the prompt to a last reply, through the first
three replies of each message.  The dataset's file of single messages (``*.messages.jsonl``) is
another format and not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import listed, mapping, moment, optional_text, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import PARTIES, Outcome, Skipped, answered, party

MODEL = "human-volunteer"
_CHILDREN = 3


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "message_tree_id", "prompt")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a path from the root to a last reply, each text once."""
    source = record.file.source
    prompt = mapping(record.content.get("prompt"), "'prompt'")
    seen: set[tuple[Turn, ...]] = set()
    for leaf, path in enumerate(branches(prompt)):
        while path and path[-1].role != "assistant":
            path = path[:-1]
        if path and path not in seen:
            seen.add(path)
            yield answered(
                f"{source}/{record.index}-{leaf}",
                source,
                MODEL,
                path,
                user_id=optional_text(prompt, "user_id"),
                started_at=moment(prompt.get("created_date"), "created_date"),
            )
    if not seen:
        yield Skipped("no reply of the assistant")


def branches(node: Mapping[str, Any]) -> Iterator[tuple[Turn, ...]]:
    """Yield the turns from a node down to each leaf, through its first three replies."""
    role = party(node.get("role"), 1) or PARTIES["user"]
    turn = Turn(role, text(node, "text"))
    replies = listed(node, "replies")[:_CHILDREN]
    if not replies:
        yield (turn,)
    for reply in replies:
        for rest in branches(mapping(reply, "a reply")):
            yield (turn, *rest)


OASST_TREES = Adapter(
    "oasst-trees",
    "Open-Assistant message trees, JSON Lines (OASST1, OASST2 *.trees.jsonl.gz)",
    "oasst",
    _recognises,
    _convert,
    checked=True,
)
