"""JSON Lines of requests to the OpenAI and Anthropic APIs, with or without their answers.

Read are, a line: ``messages`` alone (fine-tuning and stored prompts, where the last reply is among
the messages), a request with its answer, and a request of a batch file with the answer beside it.
The request is the record itself or under ``body``, ``params`` or ``request`` (or that one's
``body``); the answer is under ``response`` (or its ``body``), ``result.message``, or ``choices``.
A batch's file of results holds no prompts, so its lines are skipped as having no turn of the user.
System prompts are kept (OpenAI's ``developer`` too); tools, thinking and images are left out and
counted.  Without ``id`` or ``custom_id`` the file's name and the line are the identifier.

Written from the providers' public references and tried on invented files; not checked against
real logs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import identity, inner, many, mapping, moment, optional_text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import UNNAMED, Outcome, answered, joined, party, plain
from valuescape.errors import InputError

_ANTHROPIC_BLOCKS = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking"})


def request_of(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a record that is the request.

    Examples
    --------
    >>> request_of({"custom_id": "a", "params": {"model": "m", "messages": []}})
    {'model': 'm', 'messages': []}
    """
    request = inner(content, "request")
    for found in (inner(content, "body"), inner(content, "params"), inner(request, "body")):
        if "messages" in found:
            return found
    return request if "messages" in request else content


def response_of(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a record that is the answer; empty if there is none.

    Examples
    --------
    >>> response_of({"response": {"body": {"choices": []}}})
    {'choices': []}
    """
    response = inner(content, "response")
    found = (inner(response, "body"), inner(inner(content, "result"), "message"), response)
    return next((f for f in found if f), content if "choices" in content else {})


def _of_openai(content: Mapping[str, Any]) -> bool:
    return _has_messages(content) or "choices" in response_of(content)


def _of_anthropic(content: Mapping[str, Any]) -> bool:
    request, response = request_of(content), response_of(content)
    if response.get("type") == "message" or "params" in content:
        return True
    if not _has_messages(content):
        return False
    blocks = [
        block.get("type")
        for message in request["messages"]
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for block in message["content"]
        if isinstance(block, dict)
    ]
    return "system" in request or bool(_ANTHROPIC_BLOCKS & set(map(str, blocks)))


def _has_messages(content: Mapping[str, Any]) -> bool:
    messages = request_of(content).get("messages")
    return isinstance(messages, list) and all(isinstance(m, dict) and "role" in m for m in messages)


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a record."""
    content, source = record.content, record.file.source
    request, response = request_of(content), response_of(content)
    if not response and "messages" not in request:
        raise InputError("'messages' is missing; needed is a list, or an answer")
    left_out: Counter[str] = Counter()
    turns = [
        *_system(request, left_out),
        *_turns(many(request, "messages"), left_out),
        *_turns(_replies(response), left_out),
    ]
    stem = PurePosixPath(record.file.name).name.partition(".")[0]
    name = identity(content, "id", "custom_id") or identity(response, "id")
    yield answered(
        f"{source}/{name or f'{stem}-{record.index}'}",
        source,
        optional_text(response, "model") or optional_text(request, "model") or UNNAMED,
        joined(turns),
        user_id=identity(request, "safety_identifier", "user")
        or identity(inner(request, "metadata"), "user_id"),
        started_at=moment(response.get("created") or content.get("created_at"), "created"),
        left_out=left_out,
    )


def _system(request: Mapping[str, Any], left_out: Counter[str]) -> list[Turn]:
    """Return Anthropic's system prompt, which stands beside the messages."""
    return [Turn("system", plain(request["system"], left_out, 0))] if request.get("system") else []


def _replies(response: Mapping[str, Any]) -> list[Any]:
    """Return the message of an answer: the first choice, or the content itself."""
    choices = response.get("choices")
    if isinstance(choices, list) and choices:
        return [mapping(choices[0], "a choice").get("message")]
    return [response] if response.get("type") == "message" else []


def _turns(messages: list[Any], left_out: Counter[str]) -> Iterator[Turn]:
    for place, message in enumerate(messages, start=1):
        found = mapping(message, f"turn {place}")
        role = party(found.get("role"), place)
        calls = len(many(found, "tool_calls")) + bool(found.get("function_call"))
        left_out["tool"] += calls + (role is None)
        if role is None:
            continue
        said = plain(found.get("content"), left_out, place)
        yield Turn(role, said or optional_text(found, "refusal") or "")


ANTHROPIC = Adapter(
    "anthropic",
    "Anthropic messages, JSON Lines: requests with or beside their answers",
    "anthropic",
    _of_anthropic,
    _convert,
    checked=False,
)
OPENAI = Adapter(
    "openai",
    "OpenAI messages, JSON Lines: fine-tuning files, requests with or beside their answers",
    "openai",
    _of_openai,
    _convert,
    checked=False,
)
