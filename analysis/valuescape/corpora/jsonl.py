"""Our own format: one JSON object a line with ``id``, ``model`` and ``messages``."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from valuescape.corpora.conversation import ROLES, Conversation, Turn, check_names, prompt_digest
from valuescape.corpora.fields import kind_of, shown
from valuescape.corpora.scanning import LONGEST
from valuescape.corpora.unpacking import bounded_lines, opened
from valuescape.errors import InputError
from valuescape.writing import replaced_file

ALLOWED = (
    'one JSON object a line: {"id": text, "model": text, "messages": [{"role": '
    '"system", "user" or "assistant", "content": text}, ...]}, with "prompt_id", "user_id", '
    '"started_at" (texts), "source" (text) and "meta" (object) optional'
)
_TEXTS = ("prompt_id", "user_id", "started_at", "source")


def stop(error: InputError) -> NoReturn:
    """Raise the error: the default answer to a malformed record."""
    raise error


def read_jsonl(
    path: Path, malformed: Callable[[InputError], None] = stop
) -> Iterator[Conversation]:
    """Read conversations one at a time.

    Parameters
    ----------
    path : Path
        Plain or gzip-compressed; UTF-8.
    malformed : callable
        Called with the error of each malformed record.  If it returns, the record is left out
        and reading goes on; by default it raises.

    Yields
    ------
    Conversation
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or as ``malformed`` decides; the message names file and line.
    """
    seen: set[str] = set()
    for number, line in _lines(path):
        try:
            if line is None:
                raise InputError(f"longer than {LONGEST >> 20} MiB; records up to that are read")
            conversation = parse_record(line)
            check_names(conversation)
            if conversation.id in seen:
                raise InputError(f"id {conversation.id!r} occurs a second time; ids are unique")
        except InputError as error:
            malformed(InputError(f"{path}, line {number}: {error}"))
            continue
        seen.add(conversation.id)
        yield conversation


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines that are not blank; None for one that is too long."""
    try:
        with opened(path) as stream:
            for number, line in enumerate(bounded_lines(stream, LONGEST), start=1):
                if line is None or line.strip():
                    yield number, line
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def parse_record(line: bytes | str) -> Conversation:
    """Turn one line into a conversation.

    Raises
    ------
    InputError
        If it is malformed; the message says what was found and what is allowed.

    Examples
    --------
    >>> line = '{"id": "a", "model": "m", "messages": [{"role": "user", "content": "Hello"}]}'
    >>> parse_record(line).messages
    (Turn(role='user', content='Hello'),)
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON in UTF-8 ({error}); allowed is {ALLOWED}") from error
    if not isinstance(record, dict):
        raise InputError(f"a JSON {type(record).__name__}; allowed is {ALLOWED}")
    return conversation_of(record)


def conversation_of(record: dict[str, Any]) -> Conversation:
    """Turn one parsed record into a conversation.

    Raises
    ------
    InputError
        If it is malformed; the message says what was found and what is allowed.
    """
    for name in ("id", "model"):
        if not isinstance(record.get(name), str) or not record[name]:
            raise InputError(f"{name!r} is {kind_of(record.get(name))}; needed is a text")
    for name in _TEXTS:
        if not isinstance(record.get(name, ""), str | None):
            raise InputError(f"{name!r} is {kind_of(record[name])}; allowed is a text")
    if not isinstance(record.get("meta", {}), dict):
        raise InputError(f"'meta' is {kind_of(record['meta'])}; allowed is an object")
    messages = _turns(record.get("messages"))
    return Conversation(
        id=record["id"],
        model=record["model"],
        messages=messages,
        prompt_id=record.get("prompt_id") or prompt_digest(messages),
        user_id=record.get("user_id"),
        started_at=record.get("started_at"),
        source=record.get("source"),
        meta=record.get("meta", {}),
    )


def _turns(messages: Any) -> tuple[Turn, ...]:
    if not isinstance(messages, list) or not messages:
        raise InputError(
            f"'messages' is {kind_of(messages)}; needed is a list of at least one turn"
        )
    turns = []
    for place, message in enumerate(messages, start=1):
        if not isinstance(message, dict):
            raise InputError(f"turn {place} is {kind_of(message)}; needed are role and content")
        role, content = message.get("role"), message.get("content")
        if role not in ROLES:
            raise InputError(
                f"the role of turn {place} is {shown(role)}; allowed are {', '.join(ROLES)}"
            )
        if not isinstance(content, str):
            raise InputError(f"the content of turn {place} is {kind_of(content)}; needed is a text")
        turns.append(Turn(role, content))
    return tuple(turns)


def as_record(conversation: Conversation) -> dict[str, Any]:
    """Return what is written of a conversation; user and time only where they are known."""
    record: dict[str, Any] = {
        "id": conversation.id,
        "source": conversation.source,
        "model": conversation.model,
        "messages": [{"role": t.role, "content": t.content} for t in conversation.messages],
        "prompt_id": conversation.prompt_id,
        "meta": conversation.meta,
        "user_id": conversation.user_id,
        "started_at": conversation.started_at,
    }
    return {k: v for k, v in record.items() if v is not None}


def write_jsonl(conversations: Iterable[Conversation], path: Path) -> int:
    """Write conversations one by one, beside their place and then renamed.

    Parameters
    ----------
    conversations : iterable of Conversation
        Taken one at a time.
    path : Path
        Compressed with gzip if it ends in ``.gz``; equal content gives equal bytes.  Nothing is
        written if there is no conversation, or if taking one fails.

    Returns
    -------
    int
        Number of conversations written.
    """
    left = iter(conversations)
    first = next(left, None)
    if first is None:
        return 0
    n = 0
    with replaced_file(path) as stream, _packed(stream, path) as out:
        for conversation in chain([first], left):
            out.write((json.dumps(as_record(conversation)) + "\n").encode("ascii"))
            n += 1
    return n


@contextmanager
def _packed(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    if path.suffix != ".gz":
        yield stream
        return
    with gzip.GzipFile("", fileobj=stream, mode="wb", mtime=0) as archive:
        yield cast(BinaryIO, archive)
