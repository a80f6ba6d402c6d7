"""Labelling by a language model behind an interface: plan, question, labels, account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.reading import Tally, nothing_read
from valuescape.errors import InputError, StoppedError
from valuescape.labelling.answers import is_open
from valuescape.labelling.command import full_name, write_labels
from valuescape.labelling.language_model import ModelLabeller
from valuescape.labelling.order import Order
from valuescape.labelling.plan import Count, Plan, priced, tally_requests, token_rates
from valuescape.labelling.prompt import Prompt
from valuescape.labelling.protocol import Label
from valuescape.labelling.spool import spooled
from valuescape.privacy.redaction import RedactionReport, RedactionTally
from valuescape.progress import steps
from valuescape.providers.account import spent
from valuescape.providers.dispatch import Dispatcher
from valuescape.providers.ledger import Kind, Ledger, open_ledger
from valuescape.providers.prices import Price
from valuescape.providers.service import Service
from valuescape.schema import STATUSES
from valuescape.store import write_table

REDACTION = "redaction.csv"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the conversations are to be sent to.

    Attributes
    ----------
    prompt : Prompt
        Codebook, schema and parameters.
    where : str
        Who that is, in words.
    price : Price or None
        Price of the model, where it is known.
    count : callable or None
        Counts the tokens of a question; None where that cannot be asked.
    """

    prompt: Prompt
    where: str
    price: Price | None
    count: Count | None


def plan_order(order: Order, target: Target, *, with_texts: bool) -> Plan:
    """Plan labelling and send no conversation, but a sample to be counted if that is wanted.

    Parameters
    ----------
    order : Order
        What and how; a ledger that is named must exist.
    target : Target
        For whom.
    with_texts : bool
        Whether a sample of the texts may be sent to have its tokens counted.

    Raises
    ------
    InputError
        If an option or the file is not usable.
    """
    order.check(target.price)
    hidden = RedactionTally()
    if order.ledger is None:
        return _plan(order, target, order.read(hidden), hidden, None, with_texts)
    if not order.ledger.is_file():
        raise InputError(f"{order.ledger}: no such ledger; labelling makes one")
    with open_ledger(order.ledger) as ledger:
        return _plan(order, target, order.read(hidden), hidden, ledger, with_texts)


def label_order(
    order: Order,
    target: Target,
    service: Service,
    *,
    confirm: Callable[[Plan], bool],
    agreed: bool,
    tell: Callable[[str], None],
) -> str:
    """Label a file and write the tables and what was hidden.

    Parameters
    ----------
    order : Order
        What and how; with a folder for the tables.
    target, service : Target, Service
        By whom.
    confirm : callable
        Asked with the plan before any conversation is sent; not asked where nothing is left to
        send.
    agreed : bool
        Whether it is known to say yes, so that a sample may be sent to have its tokens counted.
    tell : callable
        Told what the user should know.

    Returns
    -------
    str
        How many conversations ended how, and what was spent.

    Raises
    ------
    InputError
        If an option or the file is not usable.
    StoppedError
        If the plan is not confirmed, or the budget is reached.
    ServiceError
        If the interface cannot be reached, refuses, or gives no answer.
    """
    order.check(target.price)
    path = order.ledger_path
    if order.output is None or path is None:
        raise InputError("--output is missing; needed is a folder for the tables")
    hidden = RedactionTally()
    with open_ledger(path) as ledger, spooled() as spool:
        passing = spool.keeping(order.read(hidden))
        plan = _plan(order, target, passing, hidden, ledger, agreed)
        if plan.n_to_send:
            if not confirm(plan):
                raise StoppedError("not confirmed; no conversation has been sent")
            if notice := service.prepare(target.prompt.warming()):
                tell(notice)
        dispatcher = Dispatcher(service.api, service.batches, ledger, target.price, order.manner)
        found, name = _labels(order, target.prompt, dispatcher, spool, plan.n_to_send)
        write_labels(found, name, order.output)
        _write_hidden(order, hidden.report(), order.output / REDACTION)
        return account(found, ledger)


def _plan(
    order: Order,
    target: Target,
    conversations: Iterable[Conversation],
    hidden: RedactionTally,
    ledger: Ledger | None,
    with_texts: bool,
) -> Plan:
    batch = order.manner.batch
    kind: Kind = "batch" if batch else "message"
    vocabulary = target.prompt.vocabulary

    def open_key(key: str) -> bool:
        return ledger is None or is_open(ledger.replies(key), vocabulary)

    with steps(f"reading {order.conversations.name}", None) as read:
        requests = map(target.prompt.request, _counted(conversations, read))
        tallied = tally_requests(requests, open_key, target.price, kind)
    if tallied.n == 0:
        raise InputError(nothing_read(order.conversations, order.tally or Tally()))
    sample = tallied.sample
    rates = token_rates(target.prompt.warming(), sample, target.count, with_texts=with_texts)
    told = f"hidden before sending: {hidden.report().text}"
    return priced(
        tallied,
        rates,
        target.price,
        kind,
        model=order.model,
        where=target.where,
        budget=order.manner.budget,
        hidden=told if order.redact else "--no-redact: texts are sent as they are",
    )


def _counted(
    conversations: Iterable[Conversation], read: Callable[[], None]
) -> Iterator[Conversation]:
    for conversation in conversations:
        yield conversation
        read()


def _labels(
    order: Order,
    prompt: Prompt,
    dispatcher: Dispatcher,
    conversations: Iterable[Conversation],
    n: int,
) -> tuple[list[Label], str]:
    with steps(f"labelling {order.conversations.name}", n) as done:
        labeller = ModelLabeller(prompt, dispatcher, done)
        return list(labeller.label(conversations)), full_name(labeller)


def _write_hidden(order: Order, report: RedactionReport, path: Path) -> None:
    """Write what was hidden; without redaction nothing from an earlier run may claim it."""
    if order.redact:
        write_table(report.to_frame(), path, key=["kind"])
    else:
        path.unlink(missing_ok=True)


def account(found: list[Label], ledger: Ledger) -> str:
    """Return how labelling ended and what the ledger holds, in words.

    The dollars are those of everything in the ledger, each at the price of its day.
    """
    ended = Counter(label.status for label in found)
    told = ", ".join(f"{ended[s]:,} {s}" for s in STATUSES if ended[s])
    return f"{told}\n{spent(ledger)}"
