"""What the adapters share."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from valuescape.corpora.conversation import Conversation, Turn, prompt_digest
from valuescape.errors import InputError

Files = Mapping[str, Path]


def load_json(path: Path) -> Any:
    """Read a whole JSON file.

    Raises
    ------
    InputError
        If it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable as JSON ({error})") from error


def load_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a JSONL file, plain or ``.gz``; lines are numbered from 0.

    Raises
    ------
    InputError
        If a line is not a JSON object.
    """
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
        for number, line in enumerate(stream):
            try:
                record = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}, line {number + 1}: not JSON ({error})") from error
            if not isinstance(record, dict):
                raise InputError(f"{path}, line {number + 1}: needed is a JSON object")
            yield number, record


def answered(
    identity: str, source: str, model: str, turns: list[Turn], meta: dict[str, Any]
) -> Iterator[Conversation]:
    """Yield one conversation with replies stripped of outer blanks; none if a reply is empty."""
    messages = tuple(Turn(t.role, t.content.strip()) if t.role == "assistant" else t for t in turns)
    if messages[-1].content:
        yield Conversation(
            identity, model, messages, prompt_digest(messages), source=source, meta=meta
        )
