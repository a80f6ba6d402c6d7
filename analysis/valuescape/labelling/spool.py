"""Conversations kept aside between planning and labelling, so that they are redacted once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from valuescape.corpora.conversation import Conversation, Turn

_IN_MEMORY = 16_000_000


class Spool:
    """Ids and turns of conversations, in order; what else is known of them is not kept."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def keeping(self, conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        """Keep conversations while they pass."""
        for conversation in conversations:
            turns = [[turn.role, turn.content] for turn in conversation.messages]
            self._stream.write(json.dumps([conversation.id, turns]).encode("ascii") + b"\n")
            yield conversation

    def __iter__(self) -> Iterator[Conversation]:
        """Yield what was kept."""
        self._stream.seek(0)
        for line in self._stream:
            name, turns = json.loads(line)
            yield Conversation(name, "", tuple(Turn(role, text) for role, text in turns), "")


@contextmanager
def spooled() -> Iterator[Spool]:
    """Open a spool: in memory while small, else in a file without a name that nobody else sees.

    Examples
    --------
    >>> kept = Conversation("a", "", (Turn("user", "Hello"),), "")
    >>> with spooled() as spool:
    ...     passed = list(spool.keeping([kept]))
    ...     passed == list(spool) == [kept]
    True
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as stream:
        yield Spool(stream)
