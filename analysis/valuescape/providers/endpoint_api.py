"""An OpenAI-compatible endpoint (vLLM, llama.cpp, Ollama and others) over plain HTTP."""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from valuescape.errors import ServiceError
from valuescape.providers.addresses import KEY_VARIABLE, is_local
from valuescape.providers.completions import (
    FORMS,
    Form,
    chat_body,
    is_object,
    keeps_to,
    read_completion,
    read_models,
)
from valuescape.providers.exchange import RefusedError, Reply, Request, UncertainError

if TYPE_CHECKING:
    from httpx2 import Response

_LONGEST_WAIT = 300.0
_LONGEST_BACKOFF = 8.0
_CONNECT_SECONDS = 10.0
_MOST_MODELS = 8
_FIRST_SERVER_ERROR = 500
_OK, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 200, 401, 403, 404, 429
_PASSING = {408, 425, _TOO_MANY}


@dataclass(frozen=True, slots=True)
class Held:
    """How an endpoint can be held to the form of an answer.

    Attributes
    ----------
    form : {"json_schema", "json_object", "words"}
        The strictest way it takes and keeps to.
    notice : str
        What the user should know of it; empty for the strictest way.
    """

    form: Form
    notice: str


class EndpointApi:
    """What the labeller needs of an endpoint.

    Parameters
    ----------
    base_url : str
        Address, as :func:`~valuescape.providers.addresses.checked_address` returns it.
    key : str or None
        Sent as a bearer token; None for an endpoint that asks for none.
    max_retries : int
        How often a refusal that may pass (408, 425, 429, 5xx) or a connection that does not open
        is tried again.
    timeout : float
        Seconds to wait for an answer.
    first_wait : float
        Seconds before the first repetition, doubled with each, where the endpoint names none.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        max_retries: int = 4,
        timeout: float = 600.0,
        first_wait: float = 0.5,
    ) -> None:
        import httpx2

        self._http = httpx2
        self._base_url, self._max_retries, self._first_wait = base_url, max_retries, first_wait
        headers = {"content-type": "application/json"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._client = httpx2.Client(
            base_url=base_url,
            headers=headers,
            timeout=httpx2.Timeout(timeout, connect=_CONNECT_SECONDS),
            trust_env=not is_local(base_url),
        )
        self._form: Form = "json_schema"

    @property
    def provider(self) -> str:
        """Name in the ledger."""
        return "endpoint"

    @property
    def caches(self) -> bool:
        """Whatever a server caches, :meth:`hold` has put there."""
        return False

    def hold(self, probe: Request) -> Held:
        """Ask about nothing of the user's, to see how answers can be held to their form, and do so.

        Parameters
        ----------
        probe : Request
            A question with the prompt and the schema, and nothing of the user's.

        Returns
        -------
        Held
            The way that is used from here on.

        Raises
        ------
        RefusedError
            If the endpoint does not take the question in any form.
        ServiceError
            If it cannot be reached or gives no answer.
        """
        why = ""
        for form in FORMS:
            status, reply = self._tried(probe, form)
            if reply is None:
                why = why or f"it refuses a JSON schema with HTTP {status}"
                continue
            if form == "json_schema" and not keeps_to(reply.text, probe.schema):
                why = "it takes a JSON schema and does not keep to it"
                continue
            if form == "json_object" and not is_object(reply.text):
                continue
            self._form = form
            return Held(form, _notice(form, why))
        raise RefusedError(
            f"{self._base_url} does not take the questions in any form (HTTP {status}); "
            "nothing of yours has been sent; is the context of the model large enough?"
        )

    def _tried(self, probe: Request, form: Form) -> tuple[int, Reply | None]:
        try:
            response = self._post(probe, form)
        except UncertainError:
            raise ServiceError(
                f"{self._base_url} gave no answer to a first question, which holds nothing of "
                "yours; nothing else has been sent"
            ) from None
        self._check_taken(response, probe.model)
        if response.status_code != _OK:
            return response.status_code, None
        reply = read_completion(probe.key, response.content)
        if reply.outcome != "message":
            raise ServiceError(
                f"{self._base_url} answers, but not as an OpenAI-compatible endpoint does; "
                "nothing of yours has been sent"
            )
        return response.status_code, reply

    def send_message(self, request: Request) -> Reply:
        """Ask one question and wait; one that is refused for what it is comes back so.

        Raises
        ------
        UncertainError
            If the connection was lost or the time was over before the answer came.
        RefusedError
            If every question would be refused.
        ServiceError
            If the endpoint cannot be reached.
        """
        response = self._post(request, self._form)
        self._check_taken(response, request.model)
        status = response.status_code
        if status == _OK:
            return read_completion(request.key, response.content)
        fault = status >= _FIRST_SERVER_ERROR or status in _PASSING
        return Reply(request.key, "unanswered" if fault else "errored", error=f"http_{status}")

    def _post(self, request: Request, form: Form) -> Response:
        body = chat_body(request, form)
        for attempt in range(self._max_retries + 1):
            last = attempt == self._max_retries
            try:
                response = self._client.post("chat/completions", content=body)
            except (self._http.ConnectError, self._http.ConnectTimeout):
                if last:
                    break
                time.sleep(self._wait(attempt))
                continue
            except self._http.HTTPError:
                raise UncertainError from None
            passing = response.status_code in _PASSING
            if last or not (passing or response.status_code >= _FIRST_SERVER_ERROR):
                return response
            time.sleep(self._wait(attempt, response.headers.get("retry-after", "")))
        raise ServiceError(
            f"nothing answers at {self._base_url}; start the server or mend --base-url; what was "
            "answered so far is in the ledger"
        )

    def _wait(self, attempt: int, retry_after: str = "") -> float:
        told = _seconds(retry_after)
        if told is not None:
            return min(max(told, 0.0), _LONGEST_WAIT)
        backoff = min(self._first_wait * 2.0**attempt, _LONGEST_BACKOFF)
        return backoff * random.uniform(0.75, 1.0)  # noqa: S311

    def _check_taken(self, response: Response, model: str) -> None:
        """Raise what would befall every question."""
        status = response.status_code
        if status in (_UNAUTHORISED, _FORBIDDEN):
            raise RefusedError(
                f"{self._base_url} refuses the key (HTTP {status}); set the environment variable "
                f"{KEY_VARIABLE}"
            )
        if status == _NOT_FOUND:
            raise RefusedError(self._what_is_there(model))
        if response.is_redirect:
            raise RefusedError(
                f"{self._base_url} redirects to another address (HTTP {status}), which is not "
                "followed; give the final one as --base-url"
            )

    def _what_is_there(self, model: str) -> str:
        try:
            response = self._client.get("models")
            models = read_models(response.content) if response.status_code == _OK else None
        except self._http.HTTPError:
            models = None
        if models is None:
            return (
                f"{self._base_url} has no chat/completions (HTTP 404); --base-url is the address "
                "up to it, such as http://localhost:8000/v1"
            )
        shown = ", ".join(name for name in models[:_MOST_MODELS] if name.isprintable())
        return f"{self._base_url} has no model {model!r}; --model can be: {shown or 'none'}"


def _notice(form: Form, why: str) -> str:
    if form == "json_schema":
        return ""
    instead = {"json_object": "it is asked for JSON", "words": "it is asked in words"}
    return (
        f"the endpoint cannot be held to the schema of an answer: {why}; {instead[form]} instead, "
        "and an answer that does not fit is asked for once more, then counted as unusable"
    )


def _seconds(retry_after: str) -> float | None:
    """Read a ``retry-after`` header: seconds, or a date."""
    try:
        told = float(retry_after)
    except ValueError:
        try:
            told = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    return told if math.isfinite(told) else None
