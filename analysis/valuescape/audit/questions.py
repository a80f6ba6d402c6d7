"""What coders are asked, and which answers there are."""

from __future__ import annotations

from dataclasses import dataclass

from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

YES_NO: tuple[str, ...] = ("yes", "no")
VALUE_PREFIX = "value:"


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a conversation.

    Attributes
    ----------
    key : str
        Column of the sheet: a facet, or ``value:`` and the name of a value.
    wording : str
        As coders see it.
    allowed : tuple of str
        The answers.
    """

    key: str
    wording: str
    allowed: tuple[str, ...]

    @property
    def counted(self) -> tuple[str, ...]:
        """Answers whose share is estimated: all, but of yes and no only yes."""
        return ("yes",) if self.allowed == YES_NO else self.allowed


_FACETS = (
    Question("subjective", "Does a good answer depend on judgement, preference or advice?", YES_NO),
    Question("task_type", "What does the user want?", TASK_TYPES),
    Question(
        "response_type", "How does the assistant respond to the user's values?", RESPONSE_TYPES
    ),
)


def questions(values: tuple[str, ...]) -> tuple[Question, ...]:
    """Return the three facets, and one question for each value.

    Parameters
    ----------
    values : tuple of str
        Names of values of the assistant.

    Examples
    --------
    >>> [q.key for q in questions(("clarity",))]
    ['subjective', 'task_type', 'response_type', 'value:clarity']
    """
    asked = (
        Question(f"{VALUE_PREFIX}{value}", f"Does the assistant express “{value}”?", YES_NO)
        for value in values
    )
    return (*_FACETS, *asked)
