"""The Anthropic interface through its own SDK, and nothing of the SDK beyond this module."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from valuescape.errors import InputError
from valuescape.providers.exchange import Reply, Request, Usage

if TYPE_CHECKING:
    from anthropic import AnthropicError
    from anthropic._middleware import CallNext
    from anthropic._request import APIRequest
    from anthropic._response import APIResponse
    from anthropic.types import Message
    from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

Answer = TypeVar("Answer")

KEY_VARIABLE = "ANTHROPIC_API_KEY"
_BATCHES = "/v1/messages/batches"
_REJECTED = {503, 529}
_FIRST_SERVER_ERROR = 500
_REQUEST_TIMEOUT = 408


class UncertainError(Exception):
    """A batch was sent and nobody knows whether it arrived; to be looked for, not sent again."""


class RefusedError(InputError):
    """The interface answered and refused: nothing was worked on and nothing is to be paid."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """One batch of the account.

    Attributes
    ----------
    id : str
        Name of the batch.
    ended : bool
        Whether every question in it is settled.
    held : bool
        Whether its answers can be fetched, now or later.
    n : int
        Number of questions.
    """

    id: str
    ended: bool
    held: bool
    n: int


def read_key() -> str:
    """Return the key from the environment, the only place where it is looked for.

    Raises
    ------
    InputError
        If there is none.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise InputError(
            f"no key: set the environment variable {KEY_VARIABLE}; nothing has been sent"
        )
    return key


class AnthropicApi:
    """What the labeller needs of the interface.

    The SDK's log is kept at warnings: below, it would print the text of conversations.

    Parameters
    ----------
    key : str
        As :func:`read_key` returns it.
    base_url : str or None
        Address of the interface; None for the SDK's own.
    max_retries : int
        How often the SDK tries again after a refusal that may pass (408, 409, 429, 5xx) or a lost
        connection.
    timeout : float
        Seconds to wait for an answer.
    """

    def __init__(
        self, key: str, *, base_url: str | None = None, max_retries: int = 6, timeout: float = 600.0
    ) -> None:
        import anthropic
        import httpx2

        logging.getLogger("anthropic").setLevel(logging.WARNING)
        self._sdk = anthropic
        self._broken_off = (ValueError, OSError, httpx2.HTTPError)
        self._client = anthropic.Anthropic(
            api_key=key,
            base_url=base_url,
            max_retries=max_retries,
            timeout=timeout,
            open_telemetry=False,
            middleware=[_never_twice],
        )

    def count_tokens(self, request: Request) -> int:
        """Return the tokens of a question's prompt; counting is free."""
        taken = ("model", "system", "messages", "output_config")
        params = {name: request.params[name] for name in taken if name in request.params}
        return self._called(lambda: self._client.messages.count_tokens(**params).input_tokens)

    def send_message(self, request: Request) -> Reply:
        """Ask one question and wait; a question that is refused for what it is comes back so.

        Raises
        ------
        InputError
            If the interface cannot be reached, or refuses for another reason.
        """
        try:
            message = self._client.messages.create(**request.params)
        except (self._sdk.BadRequestError, self._sdk.ContentTooLargeError) as error:
            return Reply(request.key, "errored", error=str(error.type or "invalid_request_error"))
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None
        return _reply(request.key, message)

    def newest_batch(self) -> str | None:
        """Return the name of the newest batch of the account."""
        page = self._called(lambda: self._client.messages.batches.list(limit=1))
        return page.data[0].id if page.data else None

    def batches_after(self, marker: str | None) -> list[BatchState]:
        """Return the batches that are newer than ``marker``, newest first."""

        def listed() -> list[BatchState]:
            found = []
            for batch in self._client.messages.batches.list(limit=100):
                if batch.id == marker:
                    break
                found.append(_state(batch))
            return found

        return self._called(listed)

    def send_batch(self, requests: Sequence[Request], custom_ids: Sequence[str]) -> str:
        """Send a batch and return its name.

        Raises
        ------
        UncertainError
            If it may or may not have arrived.
        InputError
            If it was refused.
        """
        body: Any = [
            {"custom_id": name, "params": request.params}
            for name, request in zip(custom_ids, requests, strict=True)
        ]
        return self._called(lambda: self._client.messages.batches.create(requests=body).id)

    def batch(self, batch_id: str) -> BatchState:
        """Return the state of a batch; one that the provider no longer knows is not held."""
        try:
            return _state(self._client.messages.batches.retrieve(batch_id))
        except self._sdk.NotFoundError:
            return BatchState(batch_id, ended=True, held=False, n=0)
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None

    def results(self, batch_id: str) -> Iterator[tuple[str, Reply]]:
        """Yield ``custom_id`` and answer of each question of a batch that has ended."""
        try:
            for one in self._client.messages.batches.results(batch_id):
                yield one.custom_id, _result(one)
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None
        except self._broken_off as error:
            raise InputError(
                f"the results of {batch_id} broke off ({type(error).__name__}); "
                "nothing is lost, run the same command again"
            ) from None

    def _called(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None


def _never_twice(request: APIRequest, call_next: CallNext) -> APIResponse[Any]:
    """Let the SDK repeat the creation of a batch only after a plain refusal."""
    if request.method.lower() != "post" or request.url != _BATCHES:
        return call_next(request)
    from anthropic import APIConnectionError

    try:
        response = call_next(request)
    except APIConnectionError:
        raise UncertainError from None
    status = response.status_code
    unclear = status == _REQUEST_TIMEOUT or status >= _FIRST_SERVER_ERROR
    if unclear and status not in _REJECTED:
        raise UncertainError
    return response


def _explained(error: AnthropicError) -> InputError:
    """Name an error by status and type; its words and its request may hold text or the key."""
    status = getattr(error, "status_code", None)
    kind = getattr(error, "type", None) or type(error).__name__
    told = f"{status} {kind}" if status else kind
    refused = status is not None and (status < _FIRST_SERVER_ERROR or status in _REJECTED)
    return (RefusedError if refused and status != _REQUEST_TIMEOUT else InputError)(
        f"the Anthropic interface: {told}; what was answered so far is in the ledger, "
        "the same command goes on from there"
    )


def _state(batch: MessageBatch) -> BatchState:
    c = batch.request_counts
    n = c.processing + c.succeeded + c.errored + c.canceled + c.expired
    ended = batch.processing_status == "ended"
    gone = batch.archived_at is not None or (ended and not batch.results_url)
    return BatchState(batch.id, ended, not gone, n)


def _result(one: MessageBatchIndividualResponse) -> Reply:
    """Turn a line of a batch's results into an answer; the key is filled in by who knows it."""
    result = one.result
    if result.type == "succeeded":
        return _reply("", result.message)
    if result.type == "errored":
        return Reply("", "errored", error=str(result.error.error.type))
    return Reply("", result.type)


def _reply(key: str, message: Message) -> Reply:
    text = "".join(block.text for block in message.content if block.type == "text")
    u = message.usage
    usage = Usage(
        u.input_tokens,
        u.cache_creation_input_tokens or 0,
        u.cache_read_input_tokens or 0,
        u.output_tokens,
    )
    return Reply(key, "message", message.stop_reason or "", text, usage=usage)
