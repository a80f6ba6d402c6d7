"""The body of an OpenAI-compatible chat completion: how it is asked for, and how it is read."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError

from valuescape.providers.exchange import Reply, Request, Usage

Form = Literal["json_schema", "json_object", "words"]
FORMS: tuple[Form, ...] = get_args(Form)
_TEMPERATURE, _TEMPERATURE_AGAIN = 0.0, 0.7
SAMPLING = f"temperature {_TEMPERATURE}, {_TEMPERATURE_AGAIN} when asked again"
_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class _Listed(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Listed]


def chat_body(request: Request, form: Form) -> bytes:
    """Return a question as an endpoint takes it, in ASCII.

    Parameters
    ----------
    request : Request
        The question; one that is asked again is sampled with some chance, since the likeliest
        answer would be the same.
    form : {"json_schema", "json_object", "words"}
        Whether the answer is held by the schema, by JSON alone, or by the prompt's words alone.
    """
    fixed = [{"role": "system", "content": request.system}] if request.system else []
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [*fixed, {"role": "user", "content": request.text}],
        "max_tokens": request.max_tokens,
        "temperature": _TEMPERATURE_AGAIN if request.again else _TEMPERATURE,
        "stream": False,
    }
    if not request.schema:
        return json.dumps(body).encode("ascii")
    if form == "json_schema":
        held = {"name": "label", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": form, "json_schema": held}
    elif form == "json_object":
        body["response_format"] = {"type": form}
    return json.dumps(body).encode("ascii")


def read_completion(key: str, content: bytes) -> Reply:
    """Read the body of an answer of status 200; one that is no completion counts as none.

    Examples
    --------
    >>> read_completion("k", b"<html>").outcome
    'unanswered'
    """
    try:
        found = _Completion.model_validate_json(content)
    except ValidationError:
        return Reply(key, "unanswered", error="no_completion")
    choice, u = found.choices[0], found.usage or _Usage()
    details = u.prompt_tokens_details
    cached = min(details.cached_tokens or 0, u.prompt_tokens) if details else 0
    usage = Usage(u.prompt_tokens - cached, 0, cached, u.completion_tokens or 0)
    stop = "refusal" if choice.message.refusal else _STOPS.get(choice.finish_reason or "", "other")
    return Reply(key, "message", stop, unwrapped(choice.message.content or ""), usage=usage)


def unwrapped(text: str) -> str:
    r"""Return an answer without the thoughts before it and the code fence around it.

    Examples
    --------
    >>> unwrapped("<think>Hm.</think>\n```json\n{}\n```\n")
    '{}'
    """
    bare = _THOUGHT.sub("", text, count=1).strip()
    fenced = _FENCED.fullmatch(bare)
    return fenced[1].strip() if fenced else bare


def keeps_to(text: str, schema: dict[str, Any]) -> bool:
    """Say whether an answer is an object with the fields of a schema and no others.

    Examples
    --------
    >>> keeps_to('{"a": 1}', {"properties": {"a": {}}}), keeps_to("Sure!", {"properties": {}})
    (True, False)
    """
    found = _json(text)
    return isinstance(found, dict) and set(found) == set(schema["properties"])


def is_object(text: str) -> bool:
    """Say whether an answer is a JSON object."""
    return isinstance(_json(text), dict)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_models(content: bytes) -> list[str] | None:
    """Return the names in a list of models, None if it is no such list."""
    try:
        return [one.id for one in _Models.model_validate_json(content).data]
    except ValidationError:
        return None
