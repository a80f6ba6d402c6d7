"""What a run may still spend, and what each answer cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from valuescape.errors import OptionError, StoppedError
from valuescape.providers.exchange import Reply, Request
from valuescape.providers.ledger import Kind, Ledger
from valuescape.providers.prices import Price


class BudgetError(StoppedError):
    """The next question might cost more than is left; what is answered is in the ledger."""


@dataclass(frozen=True, slots=True)
class Account:
    """The money side of a ledger.

    Attributes
    ----------
    ledger : Ledger
        An open ledger.
    price : Price or None
        Price of the model; None where it is not known.
    budget : float or None
        Most dollars that everything in the ledger may cost; None for no limit.  A budget needs a
        price.
    """

    ledger: Ledger
    price: Price | None
    budget: float | None

    def fitting(
        self, requests: Sequence[Request], kind: Kind, most_bytes: int
    ) -> tuple[int, float]:
        """Return how many questions fit into one submission, and what they cost at most.

        Parameters
        ----------
        requests : sequence of Request
            At least one.
        kind : {"batch", "message", "warming"}
            How they would be sent.
        most_bytes : int
            Largest submission; a single question may be larger.

        Raises
        ------
        BudgetError
            If the budget does not allow the first.
        """
        left = self._left()
        n, size, dollars = 0, 0, 0.0
        for request in requests:
            n_bytes = request.n_bytes
            more = 0.0
            if self.price is not None:
                more = self.price.at_most(n_bytes, request.max_tokens, kind)
            if n and size + n_bytes > most_bytes:
                break
            if dollars + more > left:
                break
            n, size, dollars = n + 1, size + n_bytes, dollars + more
        if n == 0:
            raise BudgetError(
                f"--budget {self.budget:g} does not allow another question: {left:.4f} dollars "
                f"are left and the next may cost up to {more:.4f}; what is answered is in the "
                "ledger, and the same command with a larger budget goes on from there"
            )
        return n, dollars

    def _left(self) -> float:
        if self.budget is None:
            return float("inf")
        return self.budget - self.ledger.dollars() - self.ledger.at_most_outstanding()

    def cost(self, kind: Kind) -> Callable[[Reply], float]:
        """Return the function that gives the dollars of an answer to a question sent so."""

        def dollars(reply: Reply) -> float:
            return 0.0 if self.price is None else self.price.dollars(reply.usage, kind)

        return dollars


def check_budget(budget: float | None, model: str, price: Price | None) -> None:
    """Refuse a budget that cannot be held.

    Raises
    ------
    OptionError
        If it is not a positive number of dollars, or the price of the model is not known.
    """
    if budget is None:
        return
    if not 0 < budget < float("inf"):
        raise OptionError(f"--budget {budget:g} is not allowed; a positive number of dollars is")
    if price is None:
        raise OptionError(f"--budget needs a price, and none is known for {model!r}")


def spent(ledger: Ledger) -> str:
    """Return what a ledger holds, in words; dollars are at the price of the day of each answer."""
    text = f"ledger: {ledger.tokens():,} tokens, about {ledger.dollars():.2f} dollars"
    if n := ledger.n_uncertain():
        text += f"; {n:,} messages may have been paid without an answer (cut off while waiting)"
    return text
