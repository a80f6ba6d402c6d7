"""What labelling will send and cost, said before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from valuescape.errors import InputError
from valuescape.providers.anthropic_api import RefusedError
from valuescape.providers.exchange import Request, Usage
from valuescape.providers.prices import find_price

BYTES_PER_TOKEN = 3.5
ANSWER_TOKENS = 400
COUNTED = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """Conversations, tokens and dollars.

    Attributes
    ----------
    model : str
        Who labels.
    batch : bool
        Whether in batches, at half the price.
    n_conversations, n_answered, n_to_send : int
        Conversations in all, with a final answer in the ledger, and distinct ones to be sent.
    codebook_tokens, conversation_tokens, answer_tokens : int
        Tokens of the codebook (read once a conversation, from the cache where it holds it), of all
        conversations, and of all answers, for which an average is assumed.
    counted : bool
        Whether tokens were counted by the interface on a sample, or estimated from bytes.
    dollars, dollars_uncached : float or None
        Estimates with the codebook in the cache, and without; None without a price.
    as_of : str
        Day of the price.
    """

    model: str
    batch: bool
    n_conversations: int
    n_answered: int
    n_to_send: int
    codebook_tokens: int
    conversation_tokens: int
    answer_tokens: int
    counted: bool
    dollars: float | None
    dollars_uncached: float | None
    as_of: str

    @property
    def text(self) -> str:
        """The plan in words."""
        way = "in batches, at half the price" if self.batch else "one message after another"
        how = "counted on a sample" if self.counted else "estimated from the length"
        cost = f"no price is known for {self.model}"
        if self.dollars is not None and self.dollars_uncached is not None:
            cost = (
                f"about {self.dollars:.2f} dollars, {self.dollars_uncached:.2f} if the codebook is "
                f"never found in the cache (an estimate with prices of {self.as_of})"
            )
        return (
            f"{self.n_conversations:,} conversations, {self.n_answered:,} answered before, "
            f"{self.n_to_send:,} to send to {self.model} {way}\n"
            f"{self.conversation_tokens:,} tokens of conversations and {self.codebook_tokens:,} of "
            f"codebook with each ({how}); {self.answer_tokens:,} of answers assumed\n{cost}"
        )


@dataclass(slots=True)
class _Tally:
    n: int = 0
    n_answered: int = 0
    n_bytes: int = 0


def make_plan(
    requests: Iterable[Request],
    warming: Request,
    *,
    batch: bool,
    is_open: Callable[[str], bool],
    count: Callable[[Request], int] | None,
) -> Plan:
    """Plan the labelling of a corpus.

    Parameters
    ----------
    requests : iterable of Request
        One question a conversation, read once.
    warming : Request
        The codebook without a conversation.
    batch : bool
        Whether in batches.
    is_open : callable
        Whether the question of this key is to be asked.
    count : callable or None
        Counts the tokens of a question; None, or one that raises InputError, to estimate them.
    """
    tally, seen = _Tally(), set[str]()
    sample: list[Request] = []
    for request in requests:
        tally.n += 1
        if not is_open(request.key):
            tally.n_answered += 1
        elif request.key not in seen:
            seen.add(request.key)
            tally.n_bytes += _text_bytes(request)
            sample += [request] if len(sample) < COUNTED else []
    codebook, per_byte, counted = _token_rates(sample, warming, count)
    n = len(seen)
    said, answers = round(tally.n_bytes * per_byte), n * ANSWER_TOKENS
    price, kind = find_price(str(warming.params["model"])), "batch" if batch else "message"
    found: tuple[float | None, float | None] = (None, None)
    if price is not None:
        cached = Usage(said, codebook if n else 0, codebook * max(n - 1, 0), answers)
        bare = Usage(said + codebook * n, output=answers)
        found = price.dollars(cached, kind, n), price.dollars(bare, kind, n)  # type: ignore[arg-type]
    return Plan(
        str(warming.params["model"]),
        batch,
        tally.n,
        tally.n_answered,
        n,
        codebook,
        said,
        answers,
        counted,
        *found,
        price.as_of if price else "",
    )


def _token_rates(
    sample: list[Request], warming: Request, count: Callable[[Request], int] | None
) -> tuple[int, float, bool]:
    """Return tokens of the codebook, tokens a byte of conversation, and whether counted."""
    codebook_bytes = len(str(warming.params["system"][0]["text"]).encode())
    if count is None or not sample:
        return round(codebook_bytes / BYTES_PER_TOKEN), 1 / BYTES_PER_TOKEN, False
    try:
        codebook = count(warming)
        tokens = sum(count(request) - codebook for request in sample)
    except RefusedError:
        raise
    except InputError:
        return _token_rates(sample, warming, None)
    return codebook, max(tokens, 0) / sum(_text_bytes(r) for r in sample), True


def _text_bytes(request: Request) -> int:
    return len(str(request.params["messages"][0]["content"]).encode())
