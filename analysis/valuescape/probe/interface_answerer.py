"""A model under test, asked through the interface that serves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from valuescape.errors import ServiceError
from valuescape.probe.answers import Answer
from valuescape.probe.prompts import Prompt
from valuescape.providers.exchange import Messages, Request, UncertainError, Usage
from valuescape.providers.prices import BYTES_PER_TOKEN, find_price

_ENDED = {"end_turn": "ok", "stop_sequence": "ok", "max_tokens": "truncated", "refusal": "refused"}


@dataclass(frozen=True, slots=True)
class InterfaceAnswerer:
    """Asks one prompt after another, without a system prompt.

    Attributes
    ----------
    api : Messages
        The interface, with its repetitions.
    model : str
        Model under test.
    max_tokens : int
        Longest reply.
    """

    api: Messages
    model: str
    max_tokens: int

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.model

    def answer(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
        """Yield the replies in the order of the prompts.

        Raises
        ------
        ServiceError
            If the interface cannot be reached, refuses or loses an answer; what came before has
            been yielded.
        """
        for prompt in prompts:
            plain = Request(prompt.id, self.model, "", prompt.text, {}, self.max_tokens)
            try:
                reply = self.api.send_message(plain)
            except UncertainError:
                raise _lost(prompt, "no answer") from None
            if reply.outcome != "message":
                raise _lost(prompt, reply.error)
            yield Answer(prompt.id, reply.text, _ENDED.get(reply.stop_reason, "ok"))


def _lost(prompt: Prompt, told: str) -> ServiceError:
    return ServiceError(
        f"prompt {prompt.id!r}: the interface gave {told}; the same command goes on from here"
    )


def cost_line(model: str, prompts: Sequence[Prompt], max_tokens: int) -> str:
    """Say what asking costs at most.

    Examples
    --------
    >>> cost_line("unknown-model", [], 1000)
    'no price is known for unknown-model'
    """
    price = find_price(model)
    if price is None:
        return f"no price is known for {model}"
    read = sum(len(prompt.text.encode()) for prompt in prompts) / BYTES_PER_TOKEN
    usage = Usage(input=round(read), output=max_tokens * len(prompts))
    dollars = price.dollars(usage, "message", max(len(prompts), 1))
    return f"at most about {dollars:.2f} dollars (an estimate with prices of {price.as_of})"
