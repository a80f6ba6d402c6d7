"""The Anthropic interface through its own SDK, whose errors go no further than this module."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from valuescape.errors import InputError, ServiceError
from valuescape.providers.anthropic_messages import (
    batch_state,
    error_name,
    message_params,
    read_message,
    read_result,
)
from valuescape.providers.exchange import BatchState, RefusedError, Reply, Request, UncertainError
from valuescape.providers.keys import read_key

if TYPE_CHECKING:
    from anthropic import AnthropicError, APIConnectionError
    from anthropic._middleware import CallNext
    from anthropic._request import APIRequest
    from anthropic._response import APIResponse

Answer = TypeVar("Answer")

KEY_VARIABLE = "ANTHROPIC_API_KEY"
DEFAULT_MODEL = "claude-sonnet-5-5"
_MESSAGES = "/v1/messages"
_BATCHES = "/v1/messages/batches"
_REJECTED = {503, 529}
_FIRST_SERVER_ERROR = 500
_REQUEST_TIMEOUT = 408
# What the SDK's models raise when an answer does not have its form.
_SHAPELESS = (AttributeError, KeyError, TypeError, ValueError)


def anthropic_key() -> str:
    """Return the key from the environment, the only place where it is looked for.

    Raises
    ------
    InputError
        If there is none, or it cannot be one.
    """
    key = read_key(KEY_VARIABLE)
    if key is None:
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
        self._broken_off = (*_SHAPELESS, OSError, httpx2.HTTPError)
        self._client = anthropic.Anthropic(
            api_key=key,
            base_url=base_url,
            max_retries=max_retries,
            timeout=timeout,
            open_telemetry=False,
            middleware=[_never_twice],
        )

    @property
    def provider(self) -> str:
        """Name in the ledger."""
        return "anthropic"

    @property
    def caches(self) -> bool:
        """The codebook is marked for the cache."""
        return True

    def count_tokens(self, request: Request) -> int:
        """Return the tokens of a question's prompt; counting is free, and sends the question."""
        params = message_params(request)
        del params["max_tokens"]
        return self._called(lambda: int(self._client.messages.count_tokens(**params).input_tokens))

    def send_message(self, request: Request) -> Reply:
        """Ask one question and wait; one that is refused for what it is comes back so.

        Raises
        ------
        UncertainError
            If it may have been answered, and paid, but the answer did not come.
        RefusedError
            If every question would be refused.
        ServiceError
            If the interface cannot be reached.
        """
        try:
            message = self._client.messages.create(**message_params(request))
        except (self._sdk.BadRequestError, self._sdk.ContentTooLargeError) as error:
            return Reply(request.key, "errored", error=_kind(error))
        except self._sdk.InternalServerError as error:
            return Reply(request.key, "unanswered", error=_kind(error))
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None
        except _SHAPELESS:
            raise UncertainError from None
        try:
            return read_message(request.key, message)
        except _SHAPELESS:
            raise UncertainError from None

    def newest_batch(self) -> str | None:
        """Return the name of the newest batch of the account."""

        def newest() -> str | None:
            page = self._client.messages.batches.list(limit=1)
            return page.data[0].id if page.data else None

        return self._called(newest)

    def batches_after(self, marker: str | None) -> list[BatchState]:
        """Return the batches that are newer than ``marker``, newest first."""

        def listed() -> list[BatchState]:
            found = []
            for batch in self._client.messages.batches.list(limit=100):
                if batch.id == marker:
                    break
                found.append(batch_state(batch))
            return found

        return self._called(listed)

    def send_batch(self, requests: Sequence[Request], custom_ids: Sequence[str]) -> str:
        """Send a batch and return its name.

        Raises
        ------
        UncertainError
            If it may or may not have arrived.
        ServiceError
            If it was refused.
        """
        body: Any = [
            {"custom_id": name, "params": message_params(request)}
            for name, request in zip(custom_ids, requests, strict=True)
        ]
        try:
            return str(self._client.messages.batches.create(requests=body).id)
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None
        except _SHAPELESS:
            raise UncertainError from None

    def batch(self, batch_id: str) -> BatchState | None:
        """Return the state of a batch; None for one that this key does not know."""
        try:
            return self._called(
                lambda: batch_state(self._client.messages.batches.retrieve(batch_id))
            )
        except _UnknownError:
            return None

    def results(self, batch_id: str) -> Iterator[tuple[str, Reply]]:
        """Yield ``custom_id`` and answer of each question of a batch that has ended."""
        try:
            for one in self._client.messages.batches.results(batch_id):
                yield one.custom_id, read_result(one)
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None
        except self._broken_off as error:
            raise ServiceError(
                f"the results of {batch_id} broke off ({type(error).__name__}); "
                "nothing is lost, run the same command again"
            ) from None

    def _called(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except self._sdk.AnthropicError as error:
            raise _explained(error) from None
        except _SHAPELESS:
            raise ServiceError(
                "the Anthropic interface: an answer that is not of its form; is a proxy between?"
            ) from None


class _UnknownError(RefusedError):
    """There is nothing of that name."""


def _never_twice(request: APIRequest, call_next: CallNext) -> APIResponse[Any]:
    """Let the SDK repeat what is paid for only where it was surely not worked on.

    A batch whose creation ends in a server's error may exist; a message that ends so is not paid.
    """
    if request.method.lower() != "post" or request.url not in (_MESSAGES, _BATCHES):
        return call_next(request)
    from anthropic import APIConnectionError

    try:
        response = call_next(request)
    except APIConnectionError as error:
        if _never_left(error):
            raise
        raise UncertainError from None
    status = response.status_code
    unclear = status == _REQUEST_TIMEOUT or (
        request.url == _BATCHES and status >= _FIRST_SERVER_ERROR
    )
    if unclear and status not in _REJECTED:
        raise UncertainError
    return response


def _never_left(error: APIConnectionError) -> bool:
    """Say whether there was no connection to send anything over."""
    import httpx2

    unopened = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
    return isinstance(error.__cause__, unopened)


def _kind(error: AnthropicError) -> str:
    return error_name(getattr(error, "type", None), type(error).__name__)


def _explained(error: AnthropicError) -> ServiceError:
    status = getattr(error, "status_code", None)
    cause = type(error.__cause__).__name__ if error.__cause__ else ""
    told = " ".join(str(word) for word in (status, _kind(error), cause) if word)
    refused = status is not None and (status < _FIRST_SERVER_ERROR or status in _REJECTED)
    kind: type[ServiceError] = RefusedError if refused else ServiceError
    if status == 404:
        kind = _UnknownError
    return kind(
        f"the Anthropic interface: {told}; what was answered so far is in the ledger, "
        "the same command goes on from there"
    )
