"""Our own format: one JSON object a line with ``id``, ``model`` and ``messages``."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from valuescape.corpora.conversation import ROLES, Conversation, Turn, prompt_digest
from valuescape.errors import InputError

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
        Plain or, with the ending ``.gz``, gzip-compressed; UTF-8.
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
            conversation = parse_record(line)
            if conversation.id in seen:
                raise InputError(f"id {conversation.id!r} occurs a second time; ids are unique")
        except InputError as error:
            malformed(InputError(f"{path}, line {number}: {error}"))
            continue
        seen.add(conversation.id)
        yield conversation


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines that are not blank."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
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
    for name in ("id", "model"):
        if not isinstance(record.get(name), str) or not record[name]:
            raise InputError(f"{name!r} is {_shown(record.get(name))}; needed is a text")
    for name in _TEXTS:
        if not isinstance(record.get(name, ""), str | None):
            raise InputError(f"{name!r} is {_shown(record[name])}; allowed is a text")
    if not isinstance(record.get("meta", {}), dict):
        raise InputError(f"'meta' is {_shown(record['meta'])}; allowed is an object")
    return _conversation(record, _turns(record.get("messages")))


def _conversation(record: dict[str, Any], messages: tuple[Turn, ...]) -> Conversation:
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
        raise InputError(f"'messages' is {_shown(messages)}; needed is a list of at least one turn")
    turns = []
    for place, message in enumerate(messages, start=1):
        if not isinstance(message, dict):
            raise InputError(f"turn {place} is {_shown(message)}; needed are role and content")
        role, content = message.get("role"), message.get("content")
        if role not in ROLES:
            raise InputError(
                f"the role of turn {place} is {_shown(role)}; allowed are {', '.join(ROLES)}"
            )
        if not isinstance(content, str):
            raise InputError(f"the content of turn {place} is {_shown(content)}; needed is a text")
        turns.append(Turn(role, content))
    return tuple(turns)


def _shown(value: Any) -> str:
    """Name what was found without printing a conversation's text."""
    if value is None:
        return "missing"
    if isinstance(value, str) and len(value) <= 20:
        return repr(value)
    return f"a {type(value).__name__}"
