"""Questions to answers through the ledger: sent once, waited for, looked for after a crash."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from valuescape.errors import InputError
from valuescape.providers.anthropic_api import AnthropicApi, RefusedError, UncertainError
from valuescape.providers.exchange import Reply, Request
from valuescape.providers.ledger import Kind, Ledger, Submission
from valuescape.providers.prices import find_price, spent

_WARM_FOR = 55 * 60.0
_PART = 500


@dataclass(frozen=True, slots=True)
class Manner:
    """How questions are sent.

    Attributes
    ----------
    batch : bool
        In batches, or one message after another.
    budget : float or None
        Most dollars that everything in the ledger may cost; None for no limit.
    rounds : int
        How often a question is sent in one run before it is given up.
    batch_requests, batch_bytes : int
        Largest batch; the interface takes 100,000 questions or 256 MB.
    poll_seconds : float
        Time between two looks at a batch.
    settle_seconds : float
        How long a batch that was sent may take to appear before it counts as never arrived.
    """

    batch: bool = True
    budget: float | None = None
    rounds: int = 3
    batch_requests: int = 100_000
    batch_bytes: int = 200_000_000
    poll_seconds: float = 30.0
    settle_seconds: float = 30.0


class BudgetError(InputError):
    """The next question might cost more than is left; what is answered is in the ledger."""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Sends questions of one model and keeps the ledger.

    Attributes
    ----------
    api : AnthropicApi
        The interface.
    ledger : Ledger
        An open ledger.
    model : str
        Whom the questions are for.
    manner : Manner
        How they are sent.
    """

    api: AnthropicApi
    ledger: Ledger
    model: str
    manner: Manner = Manner()

    def settle(
        self,
        requests: Sequence[Request],
        ask: Callable[[Sequence[Reply]], bool],
        warming: Request | None = None,
    ) -> None:
        """Send what has no final answer until it has, or the rounds are over.

        Parameters
        ----------
        requests : sequence of Request
            Questions, no key twice.
        ask : callable
            Whether a question with these answers is to be asked (again).
        warming : Request or None
            Sent ahead of a batch, so that its questions find their common beginning in the cache.

        Raises
        ------
        BudgetError
            Before a submission that might exceed the budget.
        InputError
            As the interface raises it, or if questions never reached it.
        """
        for _ in range(self.manner.rounds):
            self.finish_open()
            left = [r for r in requests if ask(self.ledger.replies(r.key))]
            while left:
                left = left[self._send_some(left, warming) :]
                self.finish_open()
        if never := sum(not self.ledger.replies(r.key) for r in requests):
            raise InputError(
                f"the Anthropic interface took none of {self.manner.rounds} batches with {never:,} "
                "questions; nothing was paid for them, run the same command again"
            )

    def finish_open(self) -> None:
        """Wait for everything sent and not settled, by this run or an earlier one."""
        for submission in self.ledger.open_submissions():
            if submission.kind == "batch":
                self._finish_batch(submission)
            else:
                self.ledger.close_submission(submission.nonce, "uncertain")

    def _send_some(self, requests: Sequence[Request], warming: Request | None) -> int:
        """Send as many as fit; return how many."""
        if self.manner.batch:
            if warming is not None:
                self._warm(warming)
            n, at_most = self._fitting(requests, "batch")
            self._send_batch(requests[:n], at_most)
            return n
        _, at_most = self._fitting(requests[:1], "message")
        self._send_single(requests[0], "message", at_most)
        return 1

    def _fitting(self, requests: Sequence[Request], kind: Kind) -> tuple[int, float]:
        """Return how many questions fit into one submission, and what they cost at most."""
        left = self._dollars_left()
        n, size, dollars = 0, 0, 0.0
        for request in requests[: self.manner.batch_requests]:
            n_bytes = size_of(request)
            more = self._at_most(request, n_bytes, kind)
            if n and size + n_bytes > self.manner.batch_bytes:
                break
            if left is not None and dollars + more > left:
                break
            n, size, dollars = n + 1, size + n_bytes, dollars + more
        if n == 0:
            raise BudgetError(
                f"--budget {self.manner.budget:g} does not allow another question: {left:.4f} "
                f"dollars are left and the next may cost up to {more:.4f}; what is answered is "
                "in the ledger"
            )
        return n, dollars

    def _dollars_left(self) -> float | None:
        if self.manner.budget is None:
            return None
        held = spent(self.ledger.spending()) + self.ledger.at_most_outstanding()
        return self.manner.budget - held

    def _at_most(self, request: Request, n_bytes: int, kind: Kind) -> float:
        price = find_price(self.model)
        if price is not None:
            return price.at_most(n_bytes, int(request.params["max_tokens"]), kind)
        if self.manner.budget is not None:
            raise InputError(f"--budget needs a price, and none is known for {self.model!r}")
        return 0.0

    def _warm(self, warming: Request) -> None:
        when = self.ledger.last_warming(warming.key)
        if when is not None and time.time() - when < _WARM_FOR:
            return
        _, at_most = self._fitting([warming], "warming")
        self._send_single(warming, "warming", at_most)

    def _send_single(self, request: Request, kind: Kind, at_most: float) -> None:
        nonce = self.ledger.begin(kind, self.model, [request.key], None, at_most)
        try:
            reply = self.api.send_message(request)
        except RefusedError:
            self.ledger.close_submission(nonce, "absent")
            raise
        self.ledger.record(nonce, [reply])
        self.ledger.close_submission(nonce, "settled")

    def _send_batch(self, requests: Sequence[Request], at_most: float) -> None:
        keys = [request.key for request in requests]
        marker = self.api.newest_batch()
        nonce = self.ledger.begin("batch", self.model, keys, marker, at_most)
        try:
            batch_id = self.api.send_batch(requests, [custom_id(nonce, key) for key in keys])
        except UncertainError:
            return
        except InputError:
            self.ledger.close_submission(nonce, "absent")
            raise
        self.ledger.accepted(nonce, batch_id)

    def _finish_batch(self, submission: Submission) -> None:
        """Wait for a batch and keep its answers; find it first if that is not known to exist."""
        batch_id = submission.batch_id or self._find(submission)
        if batch_id is None:
            self.ledger.close_submission(submission.nonce, "absent")
            return
        if submission.batch_id is None:
            self.ledger.accepted(submission.nonce, batch_id)
        if self._wait(batch_id):
            for part in _parts(self._own_results(submission.nonce, batch_id)):
                self.ledger.record(submission.nonce, part)
        missing = self.ledger.keys_without_reply(submission.nonce)
        self.ledger.record(submission.nonce, [Reply(key, "lost") for key in missing])
        self.ledger.close_submission(submission.nonce, "settled")

    def _wait(self, batch_id: str) -> bool:
        """Wait until a batch has ended; return whether its answers can be fetched."""
        while not (state := self.api.batch(batch_id)).ended:
            time.sleep(self.manner.poll_seconds)
        return state.held

    def _find(self, submission: Submission) -> str | None:
        """Look for the batch of a submission that was sent and not confirmed.

        Batches do not bear our names until they have ended, so every unknown batch of that size
        which is newer than the submission is waited for.
        """
        time.sleep(self.manner.settle_seconds)
        known = self.ledger.batch_ids()
        for state in self.api.batches_after(submission.marker):
            if state.id in known or state.n != submission.n or not state.held:
                continue
            if self._wait(state.id) and self._is_own(submission.nonce, state.id):
                return state.id
        return None

    def _is_own(self, nonce: str, batch_id: str) -> bool:
        first = next(self.api.results(batch_id), None)
        return first is not None and first[0].startswith(f"{nonce}-")

    def _own_results(self, nonce: str, batch_id: str) -> Iterator[Reply]:
        keys = {custom_id(nonce, key): key for key in self.ledger.keys_without_reply(nonce)}
        for name, reply in self.api.results(batch_id):
            if name in keys:
                yield replace(reply, key=keys[name])


def custom_id(nonce: str, key: str) -> str:
    """Return the name of a question in a batch: at most 64 letters, digits and hyphens.

    Examples
    --------
    >>> len(custom_id("0" * 16, "f" * 64))
    57
    """
    return f"{nonce}-{key[:40]}"


def size_of(request: Request) -> int:
    """Return the length of a question in bytes, as it is sent."""
    return len(json.dumps(request.params, ensure_ascii=False).encode("utf-8"))


def _parts(replies: Iterator[Reply]) -> Iterator[list[Reply]]:
    part: list[Reply] = []
    for reply in replies:
        part.append(reply)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part
