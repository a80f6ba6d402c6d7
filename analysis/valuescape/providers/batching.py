"""Questions in batches: sent once, waited for, looked for after a crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from valuescape.errors import ServiceError
from valuescape.providers.account import Account, BudgetError
from valuescape.providers.exchange import Batches, Reply, Request, UncertainError
from valuescape.providers.ledger import Submission

_PART = 500
_KEPT_SECONDS = 29 * 86_400.0


@dataclass(frozen=True, slots=True)
class BatchManner:
    """How batches are sent and waited for.

    Attributes
    ----------
    most_requests, most_bytes : int
        Largest batch; Anthropic's interface takes 100,000 questions or 256 MB.
    most_open : int
        How many may be under way at a time.
    poll_seconds : float
        Time between two looks at a batch.
    settle_seconds : float
        How long a batch that was sent may take to appear before it counts as never arrived.
    """

    most_requests: int = 100_000
    most_bytes: int = 200_000_000
    most_open: int = 20
    poll_seconds: float = 30.0
    settle_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Batching:
    """Sends batches of one model.

    Attributes
    ----------
    api : Batches
        The interface.
    account : Account
        Ledger, price and budget.
    manner : BatchManner
        How they are sent.
    kept : callable
        Told the keys whose answers have been kept.
    """

    api: Batches
    account: Account
    manner: BatchManner
    kept: Callable[[Sequence[str]], None]

    def send(self, requests: Sequence[Request]) -> None:
        """Send questions, in as many batches as it takes, and wait for all of them.

        Raises
        ------
        BudgetError
            If the budget does not allow the next one, with nothing under way.
        ServiceError
            As the interface raises it.
        """
        left = requests
        while left:
            try:
                n, at_most = self.account.fitting(
                    left[: self.manner.most_requests], "batch", self.manner.most_bytes
                )
            except BudgetError:
                if not self._under_way():
                    raise
                self.finish()
                continue
            certain = self._send_one(left[:n], at_most)
            left = left[n:]
            if not certain or self._under_way() >= self.manner.most_open:
                self.finish()
        self.finish()

    def _under_way(self) -> int:
        return len(self.account.ledger.open_submissions(self.api.provider))

    def _send_one(self, requests: Sequence[Request], at_most: float) -> bool:
        """Send a batch; return whether it is known to have arrived."""
        ledger = self.account.ledger
        keys = [request.key for request in requests]
        nonce = ledger.begin(
            self.api.provider,
            "batch",
            requests[0].model,
            keys,
            marker=self.api.newest_batch(),
            at_most=at_most,
        )
        try:
            batch_id = self.api.send_batch(requests, [custom_id(nonce, key) for key in keys])
        except UncertainError:
            return False
        except ServiceError:
            ledger.close_submission(nonce, "absent")
            raise
        ledger.accepted(nonce, batch_id)
        return True

    def finish(self) -> None:
        """Wait for every batch sent and not settled, by this run or an earlier one."""
        for submission in self.account.ledger.open_submissions(self.api.provider):
            if submission.kind == "batch":
                self._finish_one(submission)

    def _finish_one(self, submission: Submission) -> None:
        """Wait for a batch and keep its answers; find it first if that is not known to exist."""
        ledger = self.account.ledger
        batch_id = submission.batch_id or self._find(submission)
        if batch_id is None:
            ledger.close_submission(submission.nonce, "absent")
            return
        if submission.batch_id is None:
            ledger.accepted(submission.nonce, batch_id)
        if self._wait(batch_id, submission.begun):
            for part in _parts(self._own_results(submission.nonce, batch_id)):
                self._keep(submission.nonce, part)
        missing = ledger.keys_without_reply(submission.nonce)
        self._keep(submission.nonce, [Reply(key, "lost") for key in missing])
        ledger.close_submission(submission.nonce, "settled")

    def _keep(self, nonce: str, replies: Sequence[Reply]) -> None:
        self.account.ledger.record(nonce, replies, self.account.cost("batch"))
        self.kept([reply.key for reply in replies])

    def _wait(self, batch_id: str, begun: float) -> bool:
        """Wait until a batch has ended; return whether its answers can be fetched."""
        while (state := self.api.batch(batch_id)) is not None and not state.ended:
            time.sleep(self.manner.poll_seconds)
        if state is None and time.time() - begun < _KEPT_SECONDS:
            raise ServiceError(
                f"{batch_id} is not known under this key; run the same command with a key of the "
                "workspace from which it was sent, since its answers are paid and kept there"
            )
        return state is not None and state.held

    def _find(self, submission: Submission) -> str | None:
        """Look for the batch of a submission that was sent and not confirmed.

        Batches do not bear our names until they have ended, so every unknown batch of that size
        which is newer than the submission is waited for.
        """
        time.sleep(self.manner.settle_seconds)
        known = self.account.ledger.batch_ids()
        for state in self.api.batches_after(submission.marker):
            if state.id in known or state.n != submission.n or not state.held:
                continue
            if self._wait(state.id, submission.begun) and self._is_own(submission.nonce, state.id):
                return state.id
        return None

    def _is_own(self, nonce: str, batch_id: str) -> bool:
        first = next(self.api.results(batch_id), None)
        return first is not None and first[0].startswith(f"{nonce}-")

    def _own_results(self, nonce: str, batch_id: str) -> Iterator[Reply]:
        keys = {custom_id(nonce, key): key for key in self.account.ledger.keys_without_reply(nonce)}
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


def _parts(replies: Iterator[Reply]) -> Iterator[list[Reply]]:
    part: list[Reply] = []
    for reply in replies:
        part.append(reply)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part
