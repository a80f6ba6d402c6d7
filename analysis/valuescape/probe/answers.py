"""Who answers prompts, and the file that answers are kept in as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.corpora.jsonl import as_record, conversation_of
from valuescape.errors import InputError
from valuescape.parsing import parse_json
from valuescape.probe.prompts import Prompt
from valuescape.writing import writing

STATUSES = ("ok", "refused", "truncated")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model replied to one prompt.

    Attributes
    ----------
    prompt_id : str
        Which prompt.
    text : str
        The reply; may be empty where it was refused by the interface.
    status : {"ok", "refused", "truncated"}
        How it ended: in full, not at all, or cut off at the most tokens.
    """

    prompt_id: str
    text: str
    status: str = "ok"


class Answerer(Protocol):
    """Anything that replies to prompts: an interface, or answers recorded before."""

    @property
    def name(self) -> str:
        """Name of the model, as it goes into the answers."""
        ...

    def answer(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
        """Yield an answer to each prompt that gets one, in any order, as they come."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """Answers from a file: JSON Lines of ``id`` and ``reply``, or an earlier ``answers.jsonl``.

    Attributes
    ----------
    name : str
        Name of the model.
    replies : dict
        Prompt id to reply.
    """

    name: str
    replies: dict[str, str]

    def answer(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
        """Yield the recorded replies; prompts without one are passed over."""
        for prompt in prompts:
            if prompt.id in self.replies:
                yield Answer(prompt.id, self.replies[prompt.id])


def read_recorded(path: Path, name: str | None) -> RecordedAnswers:
    """Read answers that were recorded elsewhere.

    Parameters
    ----------
    path : Path
        One object a line: ``{"id": ..., "reply": ...}`` with ``model`` optional, or a
        conversation in our format whose id is the prompt's.
    name : str or None
        Name of the model; by default what the first line says, else the name of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, a line is malformed, or an id occurs twice.
    """
    replies: dict[str, str] = {}
    model = name
    for place, record in _records(path):
        if not isinstance(record.get("id"), str):
            raise InputError(f"{place}: 'id' is {record.get('id')!r}; the id of a prompt is needed")
        if "messages" in record:
            reply: Any = conversation_of({"model": "?", **record}).messages[-1].content
        else:
            reply = record.get("reply")
        if not isinstance(reply, str):
            raise InputError(f"{place}: 'reply' is {reply!r}; a text is needed")
        if record["id"] in replies:
            raise InputError(f"{place}: id {record['id']!r} occurs a second time")
        replies[record["id"]] = reply
        model = model or record.get("model")
    if not replies:
        raise InputError(f"{path}: no answer; at least one is needed")
    return RecordedAnswers(str(model or path.stem), replies)


class AnswerFile:
    """Answers as conversations in our format, one line each, added as they come.

    A last line that was cut off by a crash is dropped when the file is opened again.

    Parameters
    ----------
    path : Path
        The file; begun if absent.
    model : str
        Who answers; a file of another model is refused.
    prompts : sequence of Prompt
        What is asked; answers to other words under the same id are refused.

    Raises
    ------
    InputError
        If the file holds answers of another model or to other prompts, or is malformed.
    """

    def __init__(self, path: Path, model: str, prompts: Sequence[Prompt]) -> None:
        self._path, self._model = path, model
        self._prompts = {prompt.id: prompt for prompt in prompts}
        self._held: dict[str, Conversation] = {}
        if path.is_file():
            self._drop_torn_line()
            for place, record in _records(path):
                self._take(place, record)

    @property
    def missing(self) -> list[Prompt]:
        """Prompts without an answer."""
        return [p for p in self._prompts.values() if p.id not in self._held]

    @property
    def answered(self) -> list[Conversation]:
        """Conversations with a reply, in the order of the prompts."""
        found = [self._held[key] for key in self._prompts if key in self._held]
        return [c for c in found if c.messages[-1].content.strip()]

    @property
    def statuses(self) -> dict[str, int]:
        """How many answers ended how."""
        ended = [str(c.meta.get("status", "ok")) for c in self._held.values()]
        return {status: ended.count(status) for status in STATUSES}

    def add(self, answer: Answer) -> None:
        """Write one answer to the end of the file at once."""
        prompt = self._prompts[answer.prompt_id]
        conversation = Conversation(
            id=prompt.id,
            model=self._model,
            messages=(Turn("user", prompt.text), Turn("assistant", answer.text)),
            prompt_id=prompt.id,
            meta={
                "status": answer.status,
                "task_type": prompt.task_type,
                "conflict": list(prompt.conflict),
            },
        )
        with writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as stream:
                stream.write((json.dumps(as_record(conversation)) + "\n").encode("ascii"))
        self._held[prompt.id] = conversation

    def _take(self, place: str, record: dict[str, Any]) -> None:
        conversation = conversation_of(record)
        if conversation.model != self._model:
            raise InputError(
                f"{place}: an answer of {conversation.model!r}; {self._model!r} needs a folder of "
                "its own"
            )
        prompt = self._prompts.get(conversation.id)
        if prompt is None:
            return
        if conversation.messages[0].content != prompt.text:
            raise InputError(f"{place}: answers other words under the id {conversation.id!r}")
        self._held[conversation.id] = conversation

    def _drop_torn_line(self) -> None:
        content = self._path.read_bytes()
        if content and not content.endswith(b"\n"):
            with self._path.open("r+b") as stream:
                stream.truncate(content.rfind(b"\n") + 1)


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        record = parse_json(line, place)
        if not isinstance(record, dict):
            raise InputError(f"{place}: a JSON {type(record).__name__}; an object is needed")
        yield place, record
