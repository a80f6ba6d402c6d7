"""Questions one by one, a few at a time: each written down before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from valuescape.errors import ServiceError
from valuescape.providers.account import Account, BudgetError
from valuescape.providers.exchange import Messages, Reply, Request, UncertainError
from valuescape.providers.ledger import Kind, State

_SILENT = 8


class Messaging:
    """Sends single questions of one model.

    Parameters
    ----------
    api : Messages
        The interface.
    account : Account
        Ledger, price and budget.
    workers : int
        How many questions may be under way at a time.
    kept : callable
        Told the keys whose answers have been kept.
    """

    def __init__(
        self,
        api: Messages,
        account: Account,
        workers: int,
        kept: Callable[[Sequence[str]], None],
    ) -> None:
        self._api, self._account, self._workers, self._kept = api, account, workers, kept
        self._ledger = account.ledger
        self._flying: dict[Future[Reply], tuple[str, Request]] = {}
        self._silent = 0

    def send(self, requests: Sequence[Request]) -> None:
        """Send questions and keep the answers; what is under way is waited for, whatever happens.

        Raises
        ------
        BudgetError
            If the budget does not allow the next one, with nothing under way.
        ServiceError
            As the interface raises it, or if it leaves one question after another unanswered.
        """
        pool = ThreadPoolExecutor(self._workers)
        try:
            for request in requests:
                self._land(leave=self._workers - 1)
                at_most = self._afforded(request)
                nonce = self._begin(request, "message", at_most)
                self._flying[pool.submit(self._api.send_message, request)] = nonce, request
        finally:
            try:
                self._land(leave=0)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def warm(self, request: Request) -> None:
        """Send a question ahead of the others, so that they find their beginning in the cache.

        Raises
        ------
        BudgetError
            If the budget does not allow it.
        ServiceError
            If the interface takes no question of this kind.
        """
        _, at_most = self._account.fitting([request], "warming", request.n_bytes)
        nonce = self._begin(request, "warming", at_most)
        try:
            reply = self._api.send_message(request)
        except ServiceError:
            self._ledger.close_submission(nonce, "absent")
            raise
        except UncertainError:
            self._ledger.close_submission(nonce, "uncertain")
            return
        if reply.outcome == "errored":
            self._ledger.close_submission(nonce, "absent")
            raise ServiceError(
                f"{request.model} does not take the codebook ({reply.error}); no conversation has "
                "been sent; does the model give structured output?"
            )
        self._ledger.record(nonce, [reply], self._account.cost("warming"))
        arrived = reply.outcome == "message"
        self._ledger.close_submission(nonce, "settled" if arrived else "absent")

    def _begin(self, request: Request, kind: Kind, at_most: float) -> str:
        return self._ledger.begin(
            self._api.provider, kind, request.model, [request.key], at_most=at_most
        )

    def _afforded(self, request: Request) -> float:
        """Return what a question costs at most; wait for others if money is held for them."""
        while True:
            try:
                return self._account.fitting([request], "message", request.n_bytes)[1]
            except BudgetError:
                if not self._flying:
                    raise
                self._land(leave=len(self._flying) - 1)

    def _land(self, leave: int) -> None:
        """Wait until no more than so many questions are under way; raise what went wrong first."""
        first: Exception | None = None
        while len(self._flying) > max(leave, 0):
            when = FIRST_COMPLETED if leave else ALL_COMPLETED
            for done in wait(self._flying, return_when=when).done:
                nonce, request = self._flying.pop(done)
                try:
                    self._keep(nonce, request, done)
                except ServiceError as error:
                    first = first or error
        if first is not None:
            raise first

    def _keep(self, nonce: str, request: Request, done: Future[Reply]) -> None:
        state: State = "settled"
        try:
            reply = done.result()
        except ServiceError:
            self._ledger.close_submission(nonce, "absent")
            raise
        except UncertainError:
            reply, state = Reply(request.key, "unanswered", error="no_answer"), "uncertain"
        self._ledger.record(nonce, [reply], self._account.cost("message"))
        self._ledger.close_submission(nonce, state)
        self._kept([request.key])
        self._silent = self._silent + 1 if reply.outcome == "unanswered" else 0
        if self._silent >= max(_SILENT, 2 * self._workers):
            raise ServiceError(
                f"the interface left {self._silent} questions in a row unanswered "
                f"({reply.error}); what was answered before is in the ledger, the same command "
                "goes on from there"
            )
