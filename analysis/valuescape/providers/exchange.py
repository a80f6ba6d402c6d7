"""What is asked of a model and what comes back, without the SDK's own types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["message", "errored", "expired", "canceled", "lost"]


@dataclass(frozen=True, slots=True)
class Request:
    """One question.

    Attributes
    ----------
    key : str
        Hash of model, prompt, schema, parameters and text; equal questions have equal keys.
    params : dict
        Body of the request as the interface takes it.
    """

    key: str
    params: dict[str, Any]


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

    def __add__(self, other: Usage) -> Usage:
        """Add token by kind."""
        return Usage(
            self.input + other.input,
            self.cache_write + other.cache_write,
            self.cache_read + other.cache_read,
            self.output + other.output,
        )

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
    outcome : {"message", "errored", "expired", "canceled", "lost"}
        Only a message is paid for.  ``lost`` are answers that the provider keeps no longer.
    stop_reason : str
        Why the model stopped; empty without a message.
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
