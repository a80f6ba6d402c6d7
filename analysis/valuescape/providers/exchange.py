"""What is asked of a language model and what comes back, whoever runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from valuescape.errors import ServiceError

Outcome = Literal["message", "errored", "expired", "canceled", "lost", "unanswered"]
FINAL_ERRORS = frozenset({"invalid_request_error", "request_too_large", "content_too_large"})
"""Errors of a question that the interface will never take."""
_WRAPPING = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One question.

    Attributes
    ----------
    key : str
        Hash of model, prompt, schema, parameters and text; equal questions have equal keys.
    model : str
        Whom it is for.
    system : str
        What stays the same from question to question; may be empty.
    text : str
        What does not.
    schema : dict
        JSON schema of the answer; empty for an answer in words.
    max_tokens : int
        Most tokens that may be generated.
    again : bool
        Whether an answer to it has been unusable; an interface that always answers the same to the
        same question may then vary.
    """

    key: str
    model: str
    system: str
    text: str
    schema: dict[str, Any]
    max_tokens: int
    again: bool = False

    @property
    def n_bytes(self) -> int:
        """Length in UTF-8 as it is sent, or somewhat more; no token is shorter than a byte."""
        said = [self.model, self.system, self.text, self.schema]
        return _WRAPPING + len(json.dumps(said, ensure_ascii=False).encode("utf-8"))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer, or of several.

    Attributes
    ----------
    input, cache_write, cache_read, output : int
        Tokens read at the full price, written to the cache, read from it, and generated.
    """

    input: int = 0
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0

    @property
    def prompt(self) -> int:
        """Tokens of the whole prompt."""
        return self.input + self.cache_write + self.cache_read


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes
    ----------
    key : str
        Key of the question.
    outcome : {"message", "errored", "expired", "canceled", "lost", "unanswered"}
        Only a message is paid for.  ``lost`` are answers that the provider keeps no longer,
        ``unanswered`` are questions to which the interface gave none: a fault of its own, a lost
        connection, or silence.
    stop_reason : str
        Why the model stopped, in the words of Anthropic's interface; empty without a message.
    text : str
        What the model wrote; empty without a message.
    error : str
        Type of the provider's error, never its words, which may quote the request.
    usage : Usage
        Tokens.
    """

    key: str
    outcome: Outcome
    stop_reason: str = ""
    text: str = ""
    error: str = ""
    usage: Usage = Usage()


class UncertainError(Exception):
    """Something was sent and nobody knows whether it arrived."""


class RefusedError(ServiceError):
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


class Messages(Protocol):
    """An interface that answers one question at a time, from several threads."""

    @property
    def provider(self) -> str:
        """Name under which the ledger keeps what is sent there."""
        ...

    @property
    def caches(self) -> bool:
        """Whether a question sent ahead makes others with the same beginning cheaper."""
        ...

    def send_message(self, request: Request) -> Reply:
        """Ask one question and wait.

        Raises
        ------
        UncertainError
            If it may or may not have been answered.
        RefusedError
            If the interface would refuse every question.
        ServiceError
            If it cannot be reached.
        """
        ...


class Batches(Messages, Protocol):
    """An interface that takes many questions at once and answers them in its own time."""

    def newest_batch(self) -> str | None:
        """Return the name of the newest batch of the account."""
        ...

    def batches_after(self, marker: str | None) -> list[BatchState]:
        """Return the batches that are newer than ``marker``, newest first."""
        ...

    def send_batch(self, requests: Sequence[Request], custom_ids: Sequence[str]) -> str:
        """Send a batch and return its name.

        Raises
        ------
        UncertainError
            If it may or may not have arrived.
        ServiceError
            If it was refused.
        """
        ...

    def batch(self, batch_id: str) -> BatchState | None:
        """Return the state of a batch; None for one that this key does not know."""
        ...

    def results(self, batch_id: str) -> Iterator[tuple[str, Reply]]:
        """Yield ``custom_id`` and answer of each question of a batch that has ended."""
        ...
