"""``valuescape label --labeller anthropic``: plan, question, labels, account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.reading import DETECT, Tally, read_corpus
from valuescape.errors import InputError
from valuescape.labelling.anthropic import AnthropicLabeller
from valuescape.labelling.anthropic_plan import Plan, make_plan
from valuescape.labelling.anthropic_prompt import VOCABULARIES, Vocabulary, make_prompt
from valuescape.labelling.command import full_name, write_labels
from valuescape.labelling.progress import steps
from valuescape.labelling.protocol import Label
from valuescape.providers.anthropic_api import AnthropicApi, read_key
from valuescape.providers.dispatch import Dispatcher, Manner
from valuescape.providers.ledger import Ledger, open_ledger
from valuescape.providers.prices import find_price, spent
from valuescape.schema import STATUSES

DEFAULT_MODEL = "claude-sonnet-5-5"
LEDGER = "anthropic-ledger.sqlite"
MAX_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be labelled, and how.

    Attributes
    ----------
    conversations : Path
        Conversations in any known format.
    output : Path
        Folder of the tables.
    model : str
        Name of a Claude model.
    vocabulary : str
        ``closed`` or ``open``.
    limit : int or None
        The first so many conversations; None for all.
    ledger : Path or None
        The ledger; None for one in the output folder.
    manner : Manner
        In batches or not, budget, waiting times.
    base_url : str or None
        Address of the interface; None for the SDK's own.
    format : str
        Format of the file; ``auto`` looks into it.
    tally : Tally or None
        Counts what could not be read; None to stop at the first malformed record.
    max_retries : int
        As :class:`~valuescape.providers.anthropic_api.AnthropicApi` takes it.
    """

    conversations: Path
    output: Path
    model: str = DEFAULT_MODEL
    vocabulary: Vocabulary = "closed"
    limit: int | None = None
    ledger: Path | None = None
    manner: Manner = field(default_factory=Manner)
    base_url: str | None = None
    max_retries: int = 6
    format: str = DETECT
    tally: Tally | None = None

    def read(self) -> Iterator[Conversation]:
        """Read the conversations."""
        tally = self.tally or Tally(strict=True)
        tally.clear()
        conversations = read_corpus(
            [self.conversations],
            self.format,
            malformed=tally.on_malformed,
            skipped=tally.on_skipped,
        )
        return islice(conversations, self.limit)


def label_with_anthropic(order: Order, confirm: Callable[[Plan], bool]) -> str:
    """Label a file with a Claude model.

    Parameters
    ----------
    order : Order
        What and how.
    confirm : callable
        Asked with the plan before anything but token counts is sent; not asked where nothing is
        left to send.

    Returns
    -------
    str
        How many conversations ended how, and what was spent.

    Raises
    ------
    InputError
        If an option or the file is not usable, there is no key, the plan is not confirmed, the
        budget is reached, or the interface refuses.
    """
    _check(order)
    key = read_key()
    api = AnthropicApi(key, base_url=order.base_url, max_retries=order.max_retries)
    prompt = make_prompt(order.model, order.vocabulary, MAX_TOKENS)
    with open_ledger(order.ledger or order.output / LEDGER) as ledger:
        labeller = AnthropicLabeller(prompt, Dispatcher(api, ledger, order.model, order.manner))
        plan = make_plan(
            map(prompt.request, order.read()),
            prompt.warming(),
            batch=order.manner.batch,
            is_open=lambda key: labeller.asks(ledger.replies(key)),
            count=api.count_tokens,
        )
        if plan.n_conversations == 0:
            raise InputError(f"{order.conversations}: no conversation; at least one is needed")
        if plan.n_to_send and not confirm(plan):
            raise InputError("not confirmed; no conversation has been sent")
        found = _labels(labeller, order, plan.n_conversations)
        write_labels(found, full_name(labeller), order.output)
        return account(found, ledger)


def _check(order: Order) -> None:
    if order.vocabulary not in VOCABULARIES:
        allowed = ", ".join(VOCABULARIES)
        raise InputError(f"--vocabulary {order.vocabulary!r} is not known; allowed: {allowed}")
    if order.limit is not None and order.limit < 1:
        raise InputError(f"--limit {order.limit} is not allowed; at least 1 is")
    budget = order.manner.budget
    if budget is not None and not 0 < budget < float("inf"):
        raise InputError(f"--budget {budget:g} is not allowed; a positive number of dollars is")
    if budget is not None and find_price(order.model) is None:
        raise InputError(f"--budget needs a price, and none is known for {order.model!r}")


def _labels(labeller: AnthropicLabeller, order: Order, n: int) -> list[Label]:
    found = []
    with steps(f"labelling {order.conversations.name}", n) as done:
        for label in labeller.label(order.read()):
            found.append(label)
            done()
    return found


def account(found: list[Label], ledger: Ledger) -> str:
    """Return how labelling ended and what the ledger holds, in words.

    The dollars are those of everything in the ledger, at the prices of the table.
    """
    ended = Counter(label.status for label in found)
    told = ", ".join(f"{ended[s]:,} {s}" for s in STATUSES if ended[s])
    spending = ledger.spending()
    tokens = sum(s.usage.prompt + s.usage.output for s in spending)
    text = f"{told}\nledger: {tokens:,} tokens, about {spent(spending):.2f} dollars"
    if n := ledger.n_uncertain():
        text += f"; {n:,} messages may have been paid without an answer (cut off while waiting)"
    return text
