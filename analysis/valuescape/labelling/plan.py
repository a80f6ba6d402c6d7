"""What labelling will send and cost, said before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from valuescape.errors import ServiceError
from valuescape.providers.exchange import RefusedError, Request, Usage
from valuescape.providers.ledger import Kind
from valuescape.providers.prices import BYTES_PER_TOKEN, Price

ANSWER_TOKENS = 400
SAMPLED = 10

Count = Callable[[Request], int]


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens of texts that are not counted one by one.

    Attributes
    ----------
    codebook : int
        Tokens of the part that goes with every conversation.
    per_byte : float
        Tokens a byte of a conversation as it is sent.
    how : str
        Where they come from, in words.
    """

    codebook: int
    per_byte: float
    how: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Conversations, tokens and dollars.

    Attributes
    ----------
    model : str
        Who labels.
    where : str
        To whom the conversations go, and how, in words.
    n_conversations, n_answered, n_to_send : int
        Conversations in all, with a final answer in the ledger, and distinct ones to be sent.
    rates : Rates
        Tokens of the codebook and of a byte of conversation.
    conversation_tokens, answer_tokens : int
        Tokens of all conversations, and of all answers, for which an average is assumed.
    dollars, dollars_uncached, dollars_at_most : float or None
        Estimates with the codebook in the cache, and without; and the most that could be charged
        for one answer each, against which a budget is held; None without a price.
    as_of : str
        Day of the price.
    hidden : str
        What was hidden from the texts, in words.
    budget : float or None
        Most dollars that may be spent.
    """

    model: str
    where: str
    n_conversations: int
    n_answered: int
    n_to_send: int
    rates: Rates
    conversation_tokens: int
    answer_tokens: int
    dollars: float | None
    dollars_uncached: float | None
    dollars_at_most: float | None
    as_of: str
    hidden: str
    budget: float | None

    @property
    def text(self) -> str:
        """The plan in words."""
        return (
            f"{self.n_conversations:,} conversations, {self.n_answered:,} answered before, "
            f"{self.n_to_send:,} to send to {self.model} {self.where}\n"
            f"{self.hidden}\n"
            f"{self.conversation_tokens:,} tokens of conversations and {self.rates.codebook:,} of "
            f"codebook with each ({self.rates.how}); {self.answer_tokens:,} of answers assumed\n"
            f"{self._cost}"
        )

    @property
    def _cost(self) -> str:
        if self.dollars is None:
            return f"no price is known for {self.model}"
        told = (
            f"about {self.dollars:.2f} dollars, {self.dollars_uncached:.2f} if the codebook is "
            f"never found in the cache (an estimate with prices of {self.as_of}); what is sent at "
            f"once is held against a budget at its dearest, {self.dollars_at_most:.2f} for all"
        )
        if self.budget is not None and self.budget < self.dollars:
            told += f"\nthe budget of {self.budget:.2f} is below the estimate and will stop it"
        return told


@dataclass(slots=True)
class Tallied:
    """What a corpus comes to, before it is priced.

    Attributes
    ----------
    n, n_answered : int
        Conversations, and those with a final answer.
    keys : set of str
        Keys of the questions to be sent.
    n_bytes : int
        Length of their texts.
    dollars_at_most : float
        What they cost at most.
    sample : list of Request
        The first of them.
    """

    n: int = 0
    n_answered: int = 0
    keys: set[str] = field(default_factory=set)
    n_bytes: int = 0
    dollars_at_most: float = 0.0
    sample: list[Request] = field(default_factory=list)


def tally_requests(
    requests: Iterable[Request], is_open: Callable[[str], bool], price: Price | None, kind: Kind
) -> Tallied:
    """Go through a corpus once.

    Parameters
    ----------
    requests : iterable of Request
        One question a conversation.
    is_open : callable
        Whether the question of this key is to be asked.
    price : Price or None
        Price of the model.
    kind : {"batch", "message"}
        How the questions will be sent.
    """
    found = Tallied()
    for request in requests:
        found.n += 1
        if not is_open(request.key):
            found.n_answered += 1
        elif request.key not in found.keys:
            found.keys.add(request.key)
            found.n_bytes += len(request.text.encode())
            if price is not None:
                found.dollars_at_most += price.at_most(request.n_bytes, request.max_tokens, kind)
            if len(found.sample) < SAMPLED:
                found.sample.append(request)
    return found


def token_rates(
    codebook: Request, sample: list[Request], count: Count | None, *, with_texts: bool
) -> Rates:
    """Return how many tokens texts have.

    Parameters
    ----------
    codebook : Request
        A question without a conversation.
    sample : list of Request
        A few questions.
    count : callable or None
        Counts the tokens of a question, for which it is sent; None, or one that raises
        ServiceError, to estimate them.
    with_texts : bool
        Whether the sample may be sent to be counted; else the codebook alone is.

    Raises
    ------
    RefusedError
        If the interface refuses to count.
    """
    estimated = Rates(
        round(len(codebook.system.encode()) / BYTES_PER_TOKEN),
        1 / BYTES_PER_TOKEN,
        "estimated from the length",
    )
    if count is None or not sample:
        return estimated
    try:
        n = count(codebook)
        if not with_texts:
            return Rates(n, 1 / BYTES_PER_TOKEN, "the latter counted, the former estimated")
        tokens = sum(max(count(request) - n, 0) for request in sample)
    except RefusedError:
        raise
    except ServiceError:
        return estimated
    n_bytes = sum(len(request.text.encode()) for request in sample)
    return Rates(n, tokens / n_bytes, f"counted on a sample of {len(sample)}")


def priced(
    tallied: Tallied,
    rates: Rates,
    price: Price | None,
    kind: Kind,
    *,
    model: str,
    where: str,
    hidden: str,
    budget: float | None = None,
) -> Plan:
    """Put tokens and dollars together.

    Parameters
    ----------
    tallied, rates, price, kind
        As :func:`tally_requests`, :func:`token_rates` and the price table give them.
    model, where, hidden, budget
        For the plan's words.
    """
    n = len(tallied.keys)
    said, answers = round(tallied.n_bytes * rates.per_byte), n * ANSWER_TOKENS
    dollars: tuple[float | None, float | None, float | None] = (None, None, None)
    if price is not None:
        written = rates.codebook if n else 0
        cached = Usage(said, written, rates.codebook * max(n - 1, 0), answers)
        bare = Usage(said + rates.codebook * n, output=answers)
        dollars = (
            price.dollars(cached, kind, n),
            price.dollars(bare, kind, n),
            tallied.dollars_at_most,
        )
    return Plan(
        model,
        where,
        tallied.n,
        tallied.n_answered,
        n,
        rates,
        said,
        answers,
        *dollars,
        as_of=price.as_of if price else "",
        hidden=hidden,
        budget=budget,
    )
