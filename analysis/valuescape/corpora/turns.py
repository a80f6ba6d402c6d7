"""Messages of other formats into turns of system, user and assistant.

What a reader of the conversation sees is kept: the words of the three parties, system prompts
among them.  Everything else is left out and counted in ``meta["left_out"]`` by kind: calls of
tools and what they return (``tool``), hidden reasoning (``reasoning``), and any other part that is
not text (``image``, ``document``, ...).  Turns that are empty then are dropped, neighbouring turns
of one party are joined by a blank line, and turns after the last reply are cut, so that the last
turn is the assistant's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from valuescape.corpora.conversation import Conversation, Role, Turn, prompt_digest
from valuescape.corpora.fields import kind_of, mapping, shown
from valuescape.errors import InputError

UNNAMED = "not-named"
PARTIES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "model": "assistant",
}
TOOLS = frozenset({"tool", "function", "function_call", "function_response", "observation"})
_TEXT = frozenset({"text", "input_text", "output_text"})
_KINDS = {
    "tool_use": "tool",
    "server_tool_use": "tool",
    "tool_result": "tool",
    "thinking": "reasoning",
    "redacted_thinking": "reasoning",
    "reasoning": "reasoning",
    "image_url": "image",
    "input_image": "image",
    "input_audio": "audio",
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that is in order but holds no conversation to label.

    Attributes
    ----------
    reason : str
        Why, in words that are equal for all records left out for it.
    """

    reason: str


Outcome = Conversation | Skipped


def party(name: Any, place: int) -> Role | None:
    """Return whose turn it is; None for a tool.

    Raises
    ------
    InputError
        If the role is not known.

    Examples
    --------
    >>> party("developer", 1), party("tool", 2)
    ('system', None)
    """
    if isinstance(name, str) and name in PARTIES:
        return PARTIES[name]
    if isinstance(name, str) and name in TOOLS:
        return None
    allowed = ", ".join([*PARTIES, *sorted(TOOLS)])
    raise InputError(f"the role of turn {place} is {shown(name)}; allowed are {allowed}")


def plain(content: Any, left_out: Counter[str], place: int) -> str:
    r"""Return the text of a message, counting what else it holds.

    Parameters
    ----------
    content : str, list of blocks, or None
        A block is a text or an object with ``type``.
    left_out : Counter
        Receives the kinds of the other blocks.
    place : int
        The turn, for the error.

    Raises
    ------
    InputError
        If it is something else.

    Examples
    --------
    >>> left_out = Counter()
    >>> plain([{"type": "text", "text": "Look"}, {"type": "image"}, "here"], left_out, 1)
    'Look\n\nhere'
    >>> left_out
    Counter({'image': 1})
    """
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise InputError(f"the content of turn {place} is {kind_of(content)}; needed is a text")
    texts = []
    for block in content:
        if isinstance(block, str):
            texts.append(block)
            continue
        found = mapping(block, f"a part of turn {place}")
        kind = str(found.get("type"))
        said = found.get("refusal" if kind == "refusal" else "text")
        if kind in _TEXT or kind == "refusal":
            texts.append(plain(said, left_out, place))
        else:
            left_out[_KINDS.get(kind, kind)] += 1
    return "\n\n".join(t for t in texts if t)


def joined(turns: Iterable[Turn]) -> list[Turn]:
    r"""Drop empty turns and join neighbours of one role by a blank line.

    Examples
    --------
    >>> joined([Turn("user", "Hi"), Turn("user", " "), Turn("user", "there")])
    [Turn(role='user', content='Hi\n\nthere')]
    """
    found: list[Turn] = []
    for turn in turns:
        if not turn.content.strip():
            continue
        if found and found[-1].role == turn.role:
            found[-1] = Turn(turn.role, f"{found[-1].content}\n\n{turn.content}")
        else:
            found.append(turn)
    return found


def answered(
    identity: str,
    source: str,
    model: str,
    turns: Iterable[Turn],
    *,
    user_id: str | None = None,
    started_at: str | None = None,
    meta: dict[str, Any] | None = None,
    left_out: Counter[str] | None = None,
) -> Outcome:
    """Make one conversation of turns, or say why there is none.

    Replies are stripped of outer white space and turns after the last reply are cut.

    Parameters
    ----------
    identity, source, model : str
        As in :class:`~valuescape.corpora.conversation.Conversation`.
    turns : iterable of Turn
        Oldest first.
    user_id, started_at : str or None
        Where the format has them.
    meta : dict
        What else the source says.
    left_out : Counter
        Kinds of parts that were left out, for ``meta["left_out"]``.
    """
    kept = [Turn(t.role, t.content.strip()) if t.role == "assistant" else t for t in turns]
    while kept and (kept[-1].role != "assistant"):
        kept.pop()
    if not kept or not kept[-1].content:
        return Skipped("no reply of the assistant")
    if not any(t.role == "user" and t.content.strip() for t in kept):
        return Skipped("no turn of the user")
    found = dict(meta or {})
    if left_out and +left_out:
        found["left_out"] = dict(sorted((+left_out).items()))
    return Conversation(
        identity,
        model,
        tuple(kept),
        prompt_digest(tuple(kept)),
        user_id=user_id,
        started_at=started_at,
        source=source,
        meta=found,
    )
