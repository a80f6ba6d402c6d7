"""The conversation as every corpus adapter hands it on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from valuescape.errors import InputError

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = ("system", "user", "assistant")

_NAMES = ("id", "model", "prompt_id", "user_id", "started_at", "source")
_BATCH = 500
_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: who wrote it and what it says."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation with its identity.

    Attributes
    ----------
    id : str
        Unique in its corpus.
    model : str
        The assistant as the source names it.
    messages : tuple of Turn
        At least one turn, oldest first.
    prompt_id : str
        Equal for conversations that answer the same prompt.
    user_id, started_at : str or None
        Pseudonym of the user and time of the first turn (ISO 8601), where the source has them.
    source : str or None
        The public corpus it comes from.
    meta : dict
        What else the source says.
    """

    id: str
    model: str
    messages: tuple[Turn, ...]
    prompt_id: str
    user_id: str | None = None
    started_at: str | None = None
    source: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)


def prompt_digest(messages: tuple[Turn, ...]) -> str:
    """Return the first 12 hexadecimal digits of the SHA-1 of all turns but the last.

    Parameters
    ----------
    messages : tuple of Turn
        The whole conversation.

    Returns
    -------
    str
        Equal for conversations whose turns before the last are equal.

    Examples
    --------
    >>> prompt_digest((Turn("user", "Good morning"), Turn("assistant", "Good morning to you")))
    '33ed69aa4b65'
    """
    turns = [[turn.role, turn.content] for turn in messages[:-1]]
    return hashlib.sha1(json.dumps(turns).encode("ascii"), usedforsecurity=False).hexdigest()[:12]


def check_names(conversation: Conversation) -> None:
    r"""Refuse identifiers that no table can hold: half of a surrogate pair is no character.

    JSON may spell one (``"\\ud800"``); in what was said it does no harm.

    Raises
    ------
    InputError
        Naming the field.

    Examples
    --------
    >>> check_names(Conversation("\ud800", "m", (), "p"))
    Traceback (most recent call last):
    ...
    valuescape.errors.InputError: 'id' holds half of a surrogate pair; allowed is text in UTF-8
    """
    for name in _NAMES:
        try:
            (getattr(conversation, name) or "").encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                f"{name!r} holds half of a surrogate pair; allowed is text in UTF-8"
            ) from None


def batches(
    conversations: Iterable[Conversation], size: int = _BATCH, characters: int = _CHARACTERS
) -> Iterator[list[Conversation]]:
    """Part a stream into lists of at most ``size`` conversations, about ``characters`` long."""
    batch: list[Conversation] = []
    length = 0
    for conversation in conversations:
        batch.append(conversation)
        length += sum(len(turn.content) for turn in conversation.messages)
        if len(batch) == size or length >= characters:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch
