"""What every labeller takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from valuescape.corpora.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Expression:
    """One value that one party expresses in a conversation.

    Attributes
    ----------
    party : str
        ``assistant`` or ``user``.
    value : str
        Name of the value.
    explicit : bool or None
        Whether it is named or argued for in words; None where the labeller cannot tell.
    rank : int
        1 for the most important of its party.
    probability : float or None
        Probability that a reader lists it; None for labellers without probabilities.
    """

    party: str
    value: str
    explicit: bool | None
    rank: int
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What a labeller says of one conversation.

    Attributes
    ----------
    conversation_id : str
        The conversation.
    status : str
        One of the statuses of the schema.
    subjective : bool or None
        Whether a good answer depends on judgement; None unless the status is ``ok``.
    task_type, response_type : str or None
        As in the schema; None unless the status is ``ok``.
    task : str
        The purpose in a few words; empty where the labeller writes none.
    expressions : tuple of Expression
        Values of both parties, no value twice for one party.
    """

    conversation_id: str
    status: str
    subjective: bool | None
    task_type: str | None
    task: str
    response_type: str | None
    expressions: tuple[Expression, ...]


class Labeller(Protocol):
    """Anything that labels conversations.

    The version changes whenever prompt, model or weights change.
    """

    @property
    def name(self) -> str:
        """Name in the ``labeller`` column, without the version."""
        ...

    @property
    def version(self) -> str:
        """Version in the ``labeller`` column."""
        ...

    def label(self, conversations: Iterable[Conversation]) -> Iterator[Label]:
        """Label conversations in the order given."""
        ...
