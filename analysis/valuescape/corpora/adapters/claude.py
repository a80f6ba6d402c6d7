"""Claude's export: ``conversations.json``, or the zip archive it comes in.

Where messages name their parent (``parent_message_uuid``) the conversation is a tree: read is the
branch that ends in ``current_leaf_message_uuid``, or in the last message of the list.  Text is
that of the text blocks, or of ``text`` where there are none; uses of tools and thinking are left
out and counted, and so are attachments and files, pasted text among them.  The export names an
account, kept as the user, and mostly no model, which is ``not-named`` then.

Written from public descriptions and tried on an invented file; not checked against a real export.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import (
    identity,
    inner,
    listed,
    many,
    mapping,
    moment,
    named,
    optional_text,
)
from valuescape.corpora.records import Record
from valuescape.corpora.turns import UNNAMED, Outcome, answered, joined, party, plain
from valuescape.errors import InputError

_MATERIAL = ("attachments", "files")


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "uuid", "chat_messages")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield the conversation of the current branch."""
    content, source = record.content, record.file.source
    left_out: Counter[str] = Counter()
    messages = [mapping(m, "a message") for m in listed(content, "chat_messages")]
    turns = [
        turn
        for place, message in enumerate(branch(messages, content), start=1)
        if (turn := _turn(message, place, left_out))
    ]
    yield answered(
        f"{source}/{named(content, 'uuid')}",
        source,
        optional_text(content, "model") or UNNAMED,
        joined(turns),
        user_id=identity(inner(content, "account"), "uuid"),
        started_at=moment(content.get("created_at"), "created_at"),
        left_out=left_out,
    )


def branch(messages: list[dict[str, Any]], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the messages of the current branch, oldest first; all of them if there is no tree.

    Raises
    ------
    InputError
        If the parents run in a circle.
    """
    by_id = {m["uuid"]: m for m in messages if isinstance(m.get("uuid"), str)}
    parents = [optional_text(m, "parent_message_uuid") for m in messages]
    if len(by_id) < len(messages) or not messages or not all(parents):
        return messages
    leaf = optional_text(content, "current_leaf_message_uuid")
    node = leaf if leaf in by_id else messages[-1]["uuid"]
    found: list[dict[str, Any]] = []
    while node in by_id:
        if len(found) == len(messages):
            raise InputError("the tree is broken: its parents run in a circle")
        found.append(by_id[node])
        node = by_id[node]["parent_message_uuid"]
    return found[::-1]


def _turn(message: Mapping[str, Any], place: int, left_out: Counter[str]) -> Turn | None:
    role = party(message.get("sender"), place)
    for kind in _MATERIAL:
        left_out["attachment"] += len(many(message, kind))
    if role is None:
        left_out["tool"] += 1
        return None
    said = plain(message.get("content"), left_out, place)
    return Turn(role, said or optional_text(message, "text") or "")


CLAUDE = Adapter(
    "claude",
    "Claude export: conversations.json or its zip archive",
    "claude",
    _recognises,
    _convert,
    checked=False,
)
