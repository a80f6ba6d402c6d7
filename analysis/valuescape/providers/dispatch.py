"""Questions to answers through the ledger: what has an answer is not sent, what has none is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from valuescape.errors import ServiceError
from valuescape.providers.account import Account
from valuescape.providers.batching import Batching, BatchManner
from valuescape.providers.exchange import Batches, Messages, Reply, Request
from valuescape.providers.ledger import Ledger
from valuescape.providers.messaging import Messaging
from valuescape.providers.prices import Price

Ask = Callable[[Sequence[Reply]], bool]
_WARM_FOR = 55 * 60.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How questions are sent.

    Attributes
    ----------
    batch : bool
        In batches, or one by one.
    budget : float or None
        Most dollars that everything in the ledger may cost; None for no limit.
    rounds : int
        How often a question is sent in one run before it is given up.
    workers : int
        How many single questions may be under way at a time.
    batches : BatchManner
        Sizes and waiting times of batches.
    """

    batch: bool = True
    budget: float | None = None
    rounds: int = 3
    workers: int = 4
    batches: BatchManner = field(default_factory=BatchManner)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Sends questions of one model and keeps the ledger.

    Attributes
    ----------
    api : Messages
        The interface.
    batches : Batches or None
        The same interface if it takes batches, else None.
    ledger : Ledger
        An open ledger.
    price : Price or None
        Price of the model, where it is known.
    manner : Manner
        How the questions are sent.
    """

    api: Messages
    batches: Batches | None
    ledger: Ledger
    price: Price | None
    manner: Manner = field(default_factory=Manner)

    def settle(
        self,
        requests: Sequence[Request],
        ask: Ask,
        *,
        warming: Request | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Send what has no final answer until it has, or the rounds are over.

        Parameters
        ----------
        requests : sequence of Request
            Questions, no key twice.
        ask : callable
            Whether a question with these answers is to be asked (again).
        warming : Request or None
            Sent ahead, so that the others find their common beginning in the cache.
        done : callable
            Called once for each question that this call settles.

        Raises
        ------
        BudgetError
            Before a submission that might exceed the budget.
        ServiceError
            As the interface raises it, or if it took or answered none of the questions.
        """
        replies = self.ledger.replies

        def kept(keys: Sequence[str]) -> None:
            for key in keys:
                if not ask(replies(key)):
                    done()

        account = Account(self.ledger, self.price, self.manner.budget)
        messaging = Messaging(self.api, account, self.manner.workers, kept)
        batching = None
        if self.batches is not None:
            batching = Batching(self.batches, account, self.manner.batches, kept)
        for _ in range(self.manner.rounds):
            self._finish_open(batching)
            left = [_asked(r, replies(r.key)) for r in requests if ask(replies(r.key))]
            if left and warming is not None and self.api.caches and not self._is_warm(warming):
                messaging.warm(warming)
            if batching is not None and self.manner.batch:
                batching.send(left)
            else:
                messaging.send(left)
        self._check_reached(requests)

    def _finish_open(self, batching: Batching | None) -> None:
        """Settle what an earlier run has sent and not seen the end of."""
        if batching is not None:
            batching.finish()
        for submission in self.ledger.open_submissions(self.api.provider):
            if submission.kind != "batch":
                self.ledger.close_submission(submission.nonce, "uncertain")

    def _is_warm(self, warming: Request) -> bool:
        when = self.ledger.last_warming(warming.key)
        return when is not None and 0 <= time.time() - when < _WARM_FOR

    def _check_reached(self, requests: Sequence[Request]) -> None:
        """Refuse to take an outage for a result."""
        found = [self.ledger.replies(request.key) for request in requests]
        never = sum(not replies for replies in found)
        silent = sum(all(r.outcome == "unanswered" for r in replies) for replies in found)
        if never or (found and silent == len(found)):
            raise ServiceError(
                f"the interface took or answered none of {never or silent:,} questions in "
                f"{self.manner.rounds} rounds; nothing was paid for them as far as is known, "
                "run the same command again"
            )


def _asked(request: Request, replies: Sequence[Reply]) -> Request:
    return replace(request, again=any(reply.outcome == "message" for reply in replies))
