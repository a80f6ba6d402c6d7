"""From what a model answered to a label: checked in full, or refused in full."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from valuescape.labelling.prompt import Vocabulary, value_list
from valuescape.labelling.protocol import Expression, Label
from valuescape.providers.exchange import FINAL_ERRORS, Reply
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

MOST_WORDS_IN_TASK = 12
_LONGEST_TASK = 120
_VALUE = re.compile(r"[^\W_]+(?:[-'’/][^\W_]+)*(?: [^\W_]+(?:[-'’/][^\W_]+)*){0,3}")
_LONGEST_VALUE = 60
_ASKED = 2
_CUT = {"max_tokens", "model_context_window_exceeded"}


def _value(name: str) -> str:
    spelt = " ".join(name.lower().split())
    if len(spelt) > _LONGEST_VALUE or not _VALUE.fullmatch(spelt):
        raise ValueError("a value is one to four words")
    return spelt


def _task(task: str) -> str:
    spelt = " ".join(task.split())
    words = len(spelt.split())
    if not 0 < words <= MOST_WORDS_IN_TASK or len(spelt) > _LONGEST_TASK or not spelt.isprintable():
        raise ValueError("a task is a short phrase")
    return spelt


def _task_type(name: str) -> str:
    if name not in TASK_TYPES:
        raise ValueError("unknown task type")
    return name


def _response_type(name: str) -> str:
    if name not in RESPONSE_TYPES:
        raise ValueError("unknown response type")
    return name


Value = Annotated[str, AfterValidator(_value)]


class Shown(BaseModel):
    """A value of the assistant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    value: Value
    explicit: bool


class Answer(BaseModel):
    """An answer that fits the schema and the codebook."""

    model_config = ConfigDict(extra="forbid", strict=True)

    subjective: bool
    task_type: Annotated[str, AfterValidator(_task_type)]
    task: Annotated[str, AfterValidator(_task)]
    ai_values: Annotated[list[Shown], Field(max_length=6)]
    human_values: Annotated[list[Value], Field(max_length=4)]
    response_type: Annotated[str, AfterValidator(_response_type)]

    @model_validator(mode="after")
    def _no_values_without_judgement(self) -> Answer:
        if self.ai_values and not self.subjective:
            raise ValueError("values in a conversation that is not subjective")
        return self


def read_answer(text: str, vocabulary: Vocabulary) -> Answer | None:
    """Read an answer; None if it breaks the schema or the codebook.

    Parameters
    ----------
    text : str
        What the model wrote.
    vocabulary : {"closed", "open"}
        With the closed one, a value that is not on the list breaks the schema.

    Examples
    --------
    >>> read_answer('{"subjective": true}', "open") is None
    True
    """
    try:
        answer = Answer.model_validate_json(text)
    except ValidationError:
        return None
    named = {shown.value for shown in answer.ai_values} | set(answer.human_values)
    return answer if vocabulary == "open" or named <= _listed() else None


@cache
def _listed() -> frozenset[str]:
    return frozenset(value_list())


Status = Literal["ok", "invalid", "refused", "truncated", "failed"]


def judged(replies: Sequence[Reply], vocabulary: Vocabulary) -> tuple[Status, Answer | None]:
    """Return how labelling a conversation stands after the answers so far.

    Parameters
    ----------
    replies : sequence of Reply
        Every answer to the question, oldest first.
    vocabulary : {"closed", "open"}
        As in :func:`read_answer`.

    Returns
    -------
    status : str
        ``ok`` with the first answer that fits; ``refused`` or ``truncated`` where the model
        stopped so; ``invalid`` where answers came and none fits; else ``failed``.
    answer : Answer or None
        The answer, for ``ok`` alone.
    """
    messages = [r for r in replies if r.outcome == "message"]
    for reply in messages:
        if reply.stop_reason == "refusal":
            return "refused", None
        if reply.stop_reason in _CUT:
            return "truncated", None
        answer = read_answer(reply.text, vocabulary)
        if answer is not None:
            return "ok", answer
    return ("invalid" if messages else "failed"), None


def is_open(replies: Sequence[Reply], vocabulary: Vocabulary) -> bool:
    """Return whether to ask (again).

    An answer that does not fit is asked for once more; a question that the interface will never
    take is not repeated; one that was not worked on (overload, expiry, cancellation, answers no
    longer kept) is.
    """
    status, _ = judged(replies, vocabulary)
    if status == "failed":
        return not any(r.error in FINAL_ERRORS for r in replies)
    return status == "invalid" and sum(r.outcome == "message" for r in replies) < _ASKED


def to_label(conversation_id: str, replies: Sequence[Reply], vocabulary: Vocabulary) -> Label:
    """Return the label of a conversation; its fields are None unless the status is ``ok``."""
    status, answer = judged(replies, vocabulary)
    if answer is None:
        return Label(conversation_id, status, None, None, "", None, ())
    return Label(
        conversation_id,
        status,
        answer.subjective,
        answer.task_type,
        answer.task,
        answer.response_type,
        (*_distinct("assistant", answer), *_distinct("user", answer)),
    )


def _distinct(party: str, answer: Answer) -> list[Expression]:
    """Return one party's values once each; a repeated one is explicit where it is so anywhere."""
    if party == "assistant":
        pairs = [(shown.value, shown.explicit) for shown in answer.ai_values]
    else:
        pairs = [(value, True) for value in answer.human_values]
    explicit: dict[str, bool] = {}
    for value, flag in pairs:
        explicit[value] = explicit.get(value, False) or flag
    return [Expression(party, v, e, rank) for rank, (v, e) in enumerate(explicit.items(), start=1)]
