"""What a labeller of another package gives, checked label by label."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from valuescape.corpora.conversation import Conversation
from valuescape.errors import InputError
from valuescape.labelling.protocol import Expression, Label, Labeller
from valuescape.schema import PARTIES, RESPONSE_TYPES, STATUSES, TASK_TYPES

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class CheckedLabeller:
    """A labeller whose labels are held to the schema.

    Attributes
    ----------
    labeller : Labeller
        Of another package.
    package : str
        That package, as messages call it.
    """

    labeller: Labeller
    package: str

    @property
    def name(self) -> str:
        """Name in the ``labeller`` column, without the version."""
        return self.labeller.name

    @property
    def version(self) -> str:
        """Version in the ``labeller`` column."""
        return self.labeller.version

    def label(self, conversations: Iterable[Conversation]) -> Iterator[Label]:
        """Label conversations; each that is given must be labelled once.

        Raises
        ------
        InputError
            If the labeller raises, gives something else than labels, a label outside the schema,
            one for a conversation that it was not given or a second one, or leaves one out.  The
            message names package and conversation.  What reading conversations raises is passed
            on as it is.
        """
        given = _Given(iter(conversations))
        for label in self._given_back(given):
            problem = label_problem(label) or given.settle(label.conversation_id)
            if problem:
                raise InputError(f"{self.package}: {problem}")
            yield label
        if (left := given.left()) is not None:
            raise InputError(f"{self.package}: gives no label for conversation {left!r}")

    def _given_back(self, given: _Given) -> Iterator[Label]:
        """Yield what the labeller gives; turn what it raises into one message."""
        try:
            yield from self.labeller.label(given)
        except Exception as error:
            if given.failure is not None:
                raise given.failure from None
            told = f"its labeller stopped{given.place()} ({_told(error)})"
            raise InputError(f"{self.package}: {told}") from error


class _Given:
    """Conversations on their way to a labeller, and which of them are not labelled yet."""

    def __init__(self, conversations: Iterator[Conversation]) -> None:
        self._conversations = conversations
        self._open: dict[str, None] = {}
        self._done: set[str] = set()
        self._last = ""
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[Conversation]:
        return self

    def __next__(self) -> Conversation:
        try:
            conversation = next(self._conversations)
        except Exception as error:
            self.failure = error
            raise
        self._last = conversation.id
        self._open[conversation.id] = None
        return conversation

    def place(self) -> str:
        return f" after conversation {self._last!r} was given" if self._last else ""

    def settle(self, name: str) -> str | None:
        """Note a label, or say why it is none that was asked for."""
        if name in self._open:
            del self._open[name]
            self._done.add(name)
            return None
        if name in self._done:
            return f"labels conversation {name!r} a second time"
        return f"labels conversation {name!r}, which it was not given"

    def left(self) -> str | None:
        """Return the first conversation without a label, also one that was never asked for."""
        following = next(iter(self._open), None) or next(self._conversations, None)
        return following.id if isinstance(following, Conversation) else following


def _told(error: Exception) -> str:
    """Name an error and its place; a message is told only if it was written for users.

    Any other may quote a conversation.
    """
    if isinstance(error, InputError):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def label_problem(label: object) -> str | None:
    """Say what is wrong with a label, and what is allowed; None if nothing is.

    Examples
    --------
    >>> label_problem(Label("c1", "ok", True, "casual_chat", "", "no_values", ()))
    >>> label_problem(Label("c1", "fine", True, "casual_chat", "", "no_values", ()))
    "conversation 'c1': status is 'fine'; allowed are ok, invalid, refused, truncated, failed"
    """
    if not isinstance(label, Label):
        return f"gives a {type(label).__name__}; needed is valuescape.labelling.protocol.Label"
    problem = _facet_problem(label) or _expressions_problem(label.expressions)
    return problem and f"conversation {label.conversation_id!r}: {problem}"


def _facet_problem(label: Any) -> str | None:
    if not isinstance(label.task, str):
        return f"task is {shown(label.task)}; needed is a text, empty if there is none"
    if label.status not in STATUSES:
        return f"status is {shown(label.status)}; allowed are {', '.join(STATUSES)}"
    if label.status != "ok":
        facets = (label.subjective, label.task_type, label.response_type)
        unsaid = facets == (None, None, None) and not label.expressions
        told = f"status is {shown(label.status)}, yet it is labelled"
        return None if unsaid else f"{told}; allowed are None and no values"
    if not isinstance(label.subjective, bool):
        return f"subjective is {shown(label.subjective)}; allowed are True and False"
    for name, allowed in (("task_type", TASK_TYPES), ("response_type", RESPONSE_TYPES)):
        if getattr(label, name) not in allowed:
            return f"{name} is {shown(getattr(label, name))}; allowed are {', '.join(allowed)}"
    return None


def _expressions_problem(expressions: object) -> str | None:
    if not isinstance(expressions, tuple):
        return f"expressions is a {type(expressions).__name__}; needed is a tuple"
    seen: set[tuple[str, str]] = set()
    for expression in expressions:
        if not isinstance(expression, Expression):
            found = type(expression).__name__
            return f"an expression is a {found}; needed is valuescape.labelling.protocol.Expression"
        if (problem := _expression_problem(expression)) is not None:
            return problem
        key = (expression.party, expression.value)
        if key in seen:
            return f"value {expression.value!r} occurs twice for the {expression.party}"
        seen.add(key)
    return None


def _expression_problem(expression: Expression) -> str | None:
    if expression.party not in PARTIES:
        return f"party is {shown(expression.party)}; allowed are {', '.join(PARTIES)}"
    if not _is_name(expression.value):
        return (
            f"value is {shown(expression.value)}; needed are words in small letters, parted by "
            f"single spaces, at most {_LONGEST} characters"
        )
    if expression.explicit not in (True, False, None):
        return f"explicit is {shown(expression.explicit)}; allowed are True, False and None"
    if type(expression.rank) is not int or expression.rank < 1:
        return f"rank is {shown(expression.rank)}; needed is a whole number from 1"
    if expression.probability is not None and not 0.0 <= expression.probability <= 1.0:
        return f"probability is {shown(expression.probability)}; allowed are 0 to 1 and None"
    return None


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST
        and value == " ".join(value.lower().split())
    )
