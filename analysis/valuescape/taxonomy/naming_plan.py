"""What naming a tree will send and cost, said before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil

from valuescape.providers.exchange import Request, Usage
from valuescape.providers.ledger import Kind
from valuescape.providers.prices import BYTES_PER_TOKEN, Price
from valuescape.taxonomy.model_naming import NEIGHBOURHOOD

ANSWER_TOKENS = 80


@dataclass(frozen=True, slots=True)
class NamingPlan:
    """Questions, tokens and dollars.

    Attributes
    ----------
    model, where : str
        Who names, and to whom the names go and how, in words.
    n_answered : int
        Questions that the ledger has answers for.
    n_sure : int
        Questions to be sent if all names come out different and no node changes its parent.
    n_at_most : int
        Most questions that can be needed.
    read_tokens, answer_tokens : int
        Tokens of that many questions, estimated from the length, and of their answers, for which
        an average is assumed.
    dollars, dearest : float or None
        What they cost, and the most that one of them could; None without a price.
    as_of : str
        Day of the price.
    budget : float or None
        Most dollars that may be spent.
    """

    model: str
    where: str
    n_answered: int
    n_sure: int
    n_at_most: int
    read_tokens: int
    answer_tokens: int
    dollars: float | None
    dearest: float | None
    as_of: str
    budget: float | None

    @property
    def text(self) -> str:
        """The plan in words."""
        return (
            f"at most {self.n_at_most:,} questions to send to {self.model} {self.where}, "
            f"{self.n_answered:,} answered before\n"
            f"{self.n_sure:,} of them if every name differs and no node changes its parent; one is "
            "asked once more if its answer cannot be used\n"
            "names of values are sent, and names and descriptions made of them; nothing else\n"
            f"at most about {self.read_tokens:,} tokens to read (estimated from the length) and "
            f"{self.answer_tokens:,} of answers assumed\n"
            f"{self._cost}"
        )

    @property
    def _cost(self) -> str:
        if self.dollars is None:
            return f"no price is known for {self.model}"
        told = (
            f"at most about {self.dollars:.2f} dollars (an estimate with prices of {self.as_of}); "
            f"a budget is held against each question at its dearest, up to {self.dearest:.2f}"
        )
        if self.budget is not None and self.budget < self.dollars:
            told += f"\nthe budget of {self.budget:g} is below the estimate and may stop it"
        return told


def most_questions(sizes: Sequence[int]) -> int:
    """Return how many questions naming a tree can take.

    Each node is asked for a name, and each but the topmost for a parent; where nodes have changed
    their parent, the levels above are named again.  Names that occur twice are asked for in lists.

    Parameters
    ----------
    sizes : sequence of int
        Nodes of each level, from the lowest that is named.

    Examples
    --------
    >>> most_questions([9, 4, 2])  # names 9 + 2 * 4 + 3 * 2, lists 1 + 2 + 3, parents 9 + 4
    42
    """
    names = sum(times * (n + ceil(n / NEIGHBOURHOOD)) for times, n in enumerate(sizes, start=1))
    return names + sum(sizes[:-1])


def plan_naming(
    left: Collection[Request],
    n_answered: int,
    sizes: Sequence[int],
    price: Price | None,
    kind: Kind,
    *,
    model: str,
    where: str,
    budget: float | None = None,
) -> NamingPlan:
    """Put questions, tokens and dollars together.

    Parameters
    ----------
    left : collection of Request
        Questions known to be without an answer, at least one; those not known yet are taken to be
        as long.
    n_answered : int
        Questions that are needed and have an answer.
    sizes : sequence of int
        Nodes of each level.
    price : Price or None
        Price of the model.
    kind : {"batch", "message"}
        How the questions will be sent.
    model, where, budget
        For the plan's words.
    """
    n = max(most_questions(sizes) - n_answered, len(left))
    n_bytes = sum(len(request.system.encode()) + len(request.text.encode()) for request in left)
    read = round(n * n_bytes / len(left) / BYTES_PER_TOKEN)
    dollars = dearest = None
    if price is not None:
        dollars = price.dollars(Usage(input=read, output=n * ANSWER_TOKENS), kind, n)
        dearest = max(price.at_most(r.n_bytes, r.max_tokens, kind) for r in left)
    return NamingPlan(
        model,
        where,
        n_answered,
        len(left),
        n,
        read,
        n * ANSWER_TOKENS,
        dollars,
        dearest,
        as_of=price.as_of if price else "",
        budget=budget,
    )
