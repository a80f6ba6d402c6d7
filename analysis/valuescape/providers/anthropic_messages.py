"""The bodies of Anthropic's interface: a question as it takes it, an answer as it gives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from valuescape.providers.exchange import BatchState, Reply, Request, Usage

if TYPE_CHECKING:
    from anthropic.types import Message
    from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

_NAME = re.compile(r"[a-z_]{1,40}")


def error_name(name: object, otherwise: str) -> str:
    """Return the type of an error if it is a plain name; other words may hold text or the key.

    Examples
    --------
    >>> error_name("api_error", "?"), error_name("You said: hello", "?"), error_name(None, "?")
    ('api_error', '?', '?')
    """
    return name if isinstance(name, str) and _NAME.fullmatch(name) else otherwise


def message_params(request: Request) -> dict[str, Any]:
    """Return a question as the interface takes it, its fixed part marked for the cache."""
    params: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": [{"role": "user", "content": request.text}],
    }
    if request.system:
        cached = {"type": "ephemeral", "ttl": "1h"}
        params["system"] = [{"type": "text", "text": request.system, "cache_control": cached}]
    if request.schema:
        params["output_config"] = {"format": {"type": "json_schema", "schema": request.schema}}
    return params


def batch_state(batch: MessageBatch) -> BatchState:
    """Read the state of a batch."""
    c = batch.request_counts
    n = c.processing + c.succeeded + c.errored + c.canceled + c.expired
    ended = batch.processing_status == "ended"
    gone = batch.archived_at is not None or (ended and not batch.results_url)
    return BatchState(batch.id, ended, not gone, n)


def read_result(one: MessageBatchIndividualResponse) -> Reply:
    """Turn a line of a batch's results into an answer; the key is filled in by who knows it."""
    result = one.result
    if result.type == "succeeded":
        return read_message("", result.message)
    if result.type == "errored":
        kind = error_name(result.error.error.type, "api_error")
        return Reply("", "errored", error=kind)
    return Reply("", result.type)


def read_message(key: str, message: Message) -> Reply:
    """Read a message; one that is not of its form raises what its parts raise."""
    text = "".join(block.text for block in message.content if block.type == "text")
    u = message.usage
    usage = Usage(
        u.input_tokens,
        u.cache_creation_input_tokens or 0,
        u.cache_read_input_tokens or 0,
        u.output_tokens,
    )
    return Reply(key, "message", message.stop_reason or "", text, usage=usage)
