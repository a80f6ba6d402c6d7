"""Questions of a namer through the ledger: what it has an answer for is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from valuescape.providers.completions import keeps_to
from valuescape.providers.exchange import FINAL_ERRORS, Reply, Request

_ASKED = 2

Ask = Callable[[Sequence[Request]], Mapping[str, str]]
"""Questions -> what the model wrote, by key; a question without an answer is left out."""


class Answers(Protocol):
    """What is needed of an open :class:`valuescape.providers.ledger.Ledger`."""

    def replies(self, key: str) -> list[Reply]:
        """Return the answers to a question, oldest first."""
        ...


class Settles(Protocol):
    """What is needed of :class:`valuescape.providers.dispatch.Dispatcher`."""

    @property
    def ledger(self) -> Answers:
        """An open ledger."""
        ...

    def settle(
        self,
        requests: Sequence[Request],
        ask: Callable[[Sequence[Reply]], bool],
        *,
        done: Callable[[], None],
    ) -> None:
        """Send what has no final answer."""
        ...


def ask_through(dispatcher: Settles, done: Callable[[], None] = lambda: None) -> Ask:
    """Ask through the ledger: what it has an answer for is neither sent nor paid again.

    Parameters
    ----------
    dispatcher : Dispatcher
        With the model's interface, the ledger and the budget.
    done : callable
        Called once for each question that is settled.

    Returns
    -------
    callable
        An :data:`Ask`; a question without a usable answer is left out.  What an earlier run had
        sent is received as well, whatever is asked.
    """

    def ask(requests: Sequence[Request]) -> dict[str, str]:
        distinct = {request.key: request for request in requests}

        def again(replies: Sequence[Reply]) -> bool:
            if not replies:
                return True
            question = distinct.get(replies[0].key)
            return question is not None and is_open(question, replies)

        dispatcher.settle(list(distinct.values()), again, done=done)
        found = {k: written(r, dispatcher.ledger.replies(k)) for k, r in distinct.items()}
        return {key: text for key, text in found.items() if text is not None}

    return ask


def is_open(request: Request, replies: Sequence[Reply]) -> bool:
    """Return whether to ask (again), after the answers so far.

    An answer that is cut or has not the form of the schema is asked for once more; a question
    that the interface will never take is not repeated; one that was not worked on is.
    """
    if written(request, replies) is not None or any(r.error in FINAL_ERRORS for r in replies):
        return False
    return sum(reply.outcome == "message" for reply in replies) < _ASKED


def written(request: Request, replies: Sequence[Reply]) -> str | None:
    """Return the last answer that ended of itself and has the fields asked for."""
    whole = [r.text for r in replies if r.outcome == "message" and r.stop_reason == "end_turn"]
    fitting = [text for text in whole if keeps_to(text, request.schema)]
    return fitting[-1] if fitting else None


@dataclass(slots=True)
class Replay:
    """An :data:`Ask` that answers from the ledger alone and keeps what it cannot answer.

    A namer that asks it names what is answered as the model did and the rest by medoids, so that
    the questions left are known before anything is sent.

    Attributes
    ----------
    ledger : Ledger
        An open ledger.
    left : dict of str to Request
        Questions without a final answer, by key.
    answered : set of str
        Keys of the questions with a final answer, as far as questions do not hang on those left.
    """

    ledger: Answers
    left: dict[str, Request] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    def __call__(self, requests: Sequence[Request]) -> dict[str, str]:
        """Return what the ledger has."""
        certain = not self.left
        found = {}
        for request in requests:
            replies = self.ledger.replies(request.key)
            if is_open(request, replies):
                self.left[request.key] = request
                continue
            if certain:
                self.answered.add(request.key)
            text = written(request, replies)
            if text is not None:
                found[request.key] = text
        return found
