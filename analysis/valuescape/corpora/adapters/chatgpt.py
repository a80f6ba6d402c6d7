"""ChatGPT's export: ``conversations.json``, or the zip archive it comes in.

A conversation is a tree, for every edited prompt and regenerated reply opens a branch.  Read is
the path from the root to ``current_node``, which is the branch last on the screen; without that
field, the path to the node written last.  The other branches are left out.  Custom instructions,
calls of tools and hidden messages are left out and counted; system prompts are hidden in exports
and empty.  The assistant is the model of the last reply, ``meta["models"]`` lists all of them.
The export names no user.

Written from public descriptions and tried on an invented file; not checked against a real export.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import identity, inner, listed, mapping, moment, optional_text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import UNNAMED, Outcome, answered, joined, party
from valuescape.errors import InputError

_SAID = frozenset({"text", "multimodal_text"})
_KINDS = {
    "code": "tool",
    "execution_output": "tool",
    "tether_browsing_display": "tool",
    "tether_quote": "tool",
    "thoughts": "reasoning",
    "reasoning_recap": "reasoning",
    "user_editable_context": "custom instructions",
    "model_editable_context": "custom instructions",
}


def _recognises(content: Mapping[str, Any]) -> bool:
    return isinstance(content.get("mapping"), dict) and (
        "current_node" in content or "create_time" in content
    )


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield the conversation of the current branch."""
    content, source = record.content, record.file.source
    name = identity(content, "conversation_id", "id")
    if name is None:
        raise InputError("'conversation_id' is missing; needed is a text")
    left_out: Counter[str] = Counter()
    messages = branch(mapping(content.get("mapping"), "'mapping'"), content.get("current_node"))
    turns, models = [], []
    for place, message in enumerate(messages, start=1):
        turn = _turn(message, place, left_out)
        if turn and turn.content.strip():
            turns.append(turn)
        if turn and turn.role == "assistant" and turn.content.strip():
            models.append(optional_text(inner(message, "metadata"), "model_slug"))
    known = [m for m in models if m] or [optional_text(content, "default_model_slug") or UNNAMED]
    meta = {"models": list(dict.fromkeys(known))} if len(set(known)) > 1 else {}
    yield answered(
        f"{source}/{name}",
        source,
        known[-1],
        joined(turns),
        started_at=moment(content.get("create_time"), "create_time"),
        meta=meta,
        left_out=left_out,
    )


def branch(nodes: Mapping[str, Any], current: Any) -> list[dict[str, Any]]:
    """Return the messages from the root to a node, oldest first.

    Parameters
    ----------
    nodes : mapping
        Node id to ``{"message": ..., "parent": ...}``.
    current : str or None
        The last node; None for the one whose message is newest.

    Raises
    ------
    InputError
        If a node is missing, or the parents run in a circle.

    Examples
    --------
    >>> tree = {"r": {"message": None, "parent": None}}
    >>> tree |= {x: {"message": {"id": x}, "parent": "r"} for x in "ab"}
    >>> branch(tree, "b")
    [{'id': 'b'}]
    """
    node = current if current is not None else _newest(nodes)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while node is not None:
        if not isinstance(node, str) or node not in nodes:
            raise InputError("the tree is broken: a node's parent, or the current node, is missing")
        if node in seen:
            raise InputError("the tree is broken: its parents run in a circle")
        seen.add(node)
        here = mapping(nodes[node], "a node")
        if here.get("message") is not None:
            found.append(mapping(here["message"], "a message"))
        node = here.get("parent")
    return found[::-1]


def _newest(nodes: Mapping[str, Any]) -> str | None:
    """Return the node whose message was written last."""
    times = {}
    for name, node in nodes.items():
        message = inner(mapping(node, "a node"), "message")
        written = message.get("create_time")
        times[name] = written if isinstance(written, int | float) else -1.0
    return max(times, key=lambda name: times[name]) if times else None


def _turn(message: Mapping[str, Any], place: int, left_out: Counter[str]) -> Turn | None:
    """Return the turn of a message, or None for one the user does not see as such."""
    role = party(inner(message, "author").get("role"), place)
    content = inner(message, "content")
    kind = str(content.get("content_type"))
    if role is None or (role == "assistant" and message.get("recipient") not in (None, "all")):
        left_out["tool"] += 1
    elif inner(message, "metadata").get("is_visually_hidden_from_conversation"):
        if role != "system":
            left_out["hidden"] += 1
    elif kind not in _SAID:
        left_out[_KINDS.get(kind, kind)] += 1
    else:
        return Turn(role, _words(listed(content, "parts"), left_out))
    return None


def _words(parts: list[Any], left_out: Counter[str]) -> str:
    """Return the texts of the parts; speech counts as the words it was heard as."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        kind = str(mapping(part, "a part").get("content_type"))
        if kind == "audio_transcription":
            texts.append(optional_text(part, "text") or "")
        else:
            left_out[kind.removesuffix("_asset_pointer")] += 1
    return "\n\n".join(t for t in texts if t)


CHATGPT = Adapter(
    "chatgpt",
    "ChatGPT export: conversations.json or its zip archive; the branch last on the screen",
    "chatgpt",
    _recognises,
    _convert,
    checked=False,
)
