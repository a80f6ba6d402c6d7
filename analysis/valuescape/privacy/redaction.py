"""Hide contact data, addresses and names in conversations, and count what was hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, get_args

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.privacy.addresses import ADDRESSES
from valuescape.privacy.finders import CONTACTS, Kind, Span
from valuescape.privacy.names import name_spans

if TYPE_CHECKING:
    import pandas as pd

KINDS: tuple[Kind, ...] = get_args(Kind)
_MASKS: dict[Kind, str] = {kind: f"[{kind.upper()}]" for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Redacted:
    """Texts with personal data hidden.

    Attributes
    ----------
    texts : tuple of str
        As given, with each datum replaced by the name of its kind in brackets.
    counts : dict
        Data hidden, by kind; kinds that did not occur are left out.
    """

    texts: tuple[str, ...]
    counts: dict[Kind, int]


def redact(text: str) -> str:
    """Hide personal data in one text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same with ``[EMAIL]``, ``[PHONE]``, ``[CARD]``, ``[IBAN]``, ``[IP]``,
        ``[URL_CREDENTIALS]``, ``[ADDRESS]`` and ``[NAME]`` in place of such data.

    Examples
    --------
    >>> redact("I'm Ana Soto, write to ana@example.org or call +34 912 345 678.")
    "I'm [NAME], write to [EMAIL] or call [PHONE]."
    """
    return redact_texts([text]).texts[0]


def redact_texts(texts: Sequence[str]) -> Redacted:
    """Hide personal data in the turns of one conversation.

    Patterns and check digits find contact data; words of introduction find names, which are then
    hidden in every turn.  Texts are gone over until nothing is found, so that redacting a second
    time changes nothing.  Not recognised are an address with neither a street word nor a postal
    code, most telephone numbers written as plain digits, and a name that no phrase introduces.

    Parameters
    ----------
    texts : sequence of str
        Turns, oldest first.

    Returns
    -------
    Redacted
        Texts of the same number and order.

    Examples
    --------
    >>> redact_texts(["My name is Ada Osei.", "Hello Ada!"]).texts
    ('My name is [NAME].', 'Hello [NAME]!')
    """
    counts: Counter[Kind] = Counter()
    current = tuple(texts)
    while True:
        found = tuple(_without_contacts(text, counts) for text in current)
        names = name_spans(found)
        found = tuple(
            _masked(text, spans, "name", counts) for text, spans in zip(found, names, strict=True)
        )
        if found == current:
            return Redacted(current, dict(counts))
        current = found


def _without_contacts(text: str, counts: Counter[Kind]) -> str:
    for finder in (*CONTACTS, *ADDRESSES):
        text = _masked(text, finder.spans(text), finder.kind, counts)
    return text


def _masked(text: str, spans: Iterable[Span], kind: Kind, counts: Counter[Kind]) -> str:
    """Replace disjoint spans, in order, by the name of their kind."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], _MASKS[kind]]
        done = end
        counts[kind] += 1
    return "".join([*pieces, text[done:]])


def redact_conversation(conversation: Conversation) -> tuple[Conversation, dict[Kind, int]]:
    """Hide personal data in all turns of a conversation, and leave out its ``meta``.

    Parameters
    ----------
    conversation : Conversation
        Its id, model, source, prompt, user and time are kept.

    Returns
    -------
    Conversation
        With the turns redacted and no meta data.
    dict
        Data hidden, by kind.

    Examples
    --------
    >>> given = Conversation("a", "m", (Turn("user", "Mail me: x@example.org"),), "p")
    >>> redact_conversation(given)[0].messages[0].content
    'Mail me: [EMAIL]'
    """
    found = redact_texts([turn.content for turn in conversation.messages])
    messages = tuple(
        Turn(turn.role, text) for turn, text in zip(conversation.messages, found.texts, strict=True)
    )
    return replace(conversation, messages=messages, meta={}), found.counts


@dataclass(frozen=True, slots=True)
class RedactionReport:
    """How much was hidden; holds no text.

    Attributes
    ----------
    n_conversations, n_changed : int
        Conversations read, and those in which anything was hidden.
    items, conversations : dict
        By kind, data hidden and conversations in which it occurred.
    """

    n_conversations: int
    n_changed: int
    items: dict[Kind, int]
    conversations: dict[Kind, int]

    @classmethod
    def of(cls, counts: Iterable[dict[Kind, int]]) -> RedactionReport:
        """Add up what was hidden in each conversation.

        Examples
        --------
        >>> RedactionReport.of([{"email": 2}, {}]).n_changed
        1
        """
        tally = RedactionTally()
        for found in counts:
            tally.add(found)
        return tally.report()

    @property
    def text(self) -> str:
        """What was hidden, in words.

        Examples
        --------
        >>> RedactionReport.of([{"email": 2}, {"name": 1}, {}]).text
        '2 email, 1 name in 2 conversations'
        """
        told = ", ".join(f"{n:,} {kind}" for kind, n in self.items.items() if n)
        return f"{told} in {self.n_changed:,} conversations" if told else "nothing"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a kind."""
        import pandas as pd

        rows = [(kind, self.items[kind], self.conversations[kind]) for kind in KINDS]
        return pd.DataFrame(rows, columns=["kind", "n_items", "n_conversations"])


@dataclass(slots=True)
class RedactionTally:
    """Adds up what is hidden while conversations pass."""

    _n: int = 0
    _changed: int = 0
    _items: Counter[Kind] = field(default_factory=Counter)
    _conversations: Counter[Kind] = field(default_factory=Counter)

    def add(self, found: dict[Kind, int]) -> None:
        """Count what was hidden in one conversation."""
        self._n += 1
        self._changed += bool(found)
        self._items.update(found)
        self._conversations.update(found.keys())

    def report(self) -> RedactionReport:
        """Return the sums so far."""
        return RedactionReport(
            self._n,
            self._changed,
            {kind: self._items[kind] for kind in KINDS},
            {kind: self._conversations[kind] for kind in KINDS},
        )
