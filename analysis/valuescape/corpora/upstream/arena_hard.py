"""Arena-Hard-Auto: prompts of real Arena users, ``model_answer/<assistant>.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.upstream.records import Files, answered, load_lines

FIRST = "arena-hard-v0.1"
SECOND = "arena-hard-v2.0"
_META = ("category", "subcategory")


def first_release(files: Files) -> Iterator[Conversation]:
    """Yield the conversations of v0.1: one an assistant and prompt."""
    for path in files.values():
        for _, record in load_lines(path):
            model = record["model"]
            identity = f"{FIRST}/{record['uid']}-{model}"
            yield from answered(identity, FIRST, model, _turns(record), {})


def second_release(files: Files) -> Iterator[Conversation]:
    """Yield the conversations of v2.0, with the category of each prompt."""
    questions: dict[str, dict[str, Any]] = {}
    answers: list[Path] = []
    for name, path in files.items():
        if PurePosixPath(name).name == "question.jsonl":
            questions = {record["uid"]: record for _, record in load_lines(path)}
        else:
            answers.append(path)
    for path in answers:
        for _, record in load_lines(path):
            known = questions.get(record["uid"], {})
            meta = {k: v for k, v in known.items() if k in _META}
            identity = f"{SECOND}/{record['uid']}"
            yield from answered(identity, SECOND, record["model"], _turns(record), meta)


def _turns(record: dict[str, Any]) -> list[Turn]:
    turns = []
    for message in record["messages"]:
        content = message["content"]
        text = content["answer"] if isinstance(content, dict) else content
        turns.append(Turn(message["role"], text))
    return turns
