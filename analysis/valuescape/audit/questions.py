"""What coders are asked, which answers there are, and the rules that machines are given too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

YES_NO: tuple[str, ...] = ("yes", "no")
VALUE_PREFIX = "value:"
_MEANING = re.compile(r"^- (\w+): (.+)$", re.MULTILINE)


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
    rule : str
        What to go by; empty where the answers say it.
    meanings : tuple of str
        What each answer stands for; empty where that is plain.
    """

    key: str
    wording: str
    allowed: tuple[str, ...]
    rule: str = ""
    meanings: tuple[str, ...] = ()

    @property
    def counted(self) -> tuple[str, ...]:
        """Answers whose share is estimated: all, but of yes and no only yes."""
        return ("yes",) if self.allowed == YES_NO else self.allowed


@cache
def _codebook() -> str:
    return (files("valuescape.resources") / "prompts" / "codebook.md").read_text("utf-8")


def _field(name: str) -> str:
    """Return the codebook's paragraph on a field."""
    return _codebook().partition(f"\n`{name}`: ")[2].partition("\n")[0]


def _section(title: str) -> str:
    return _codebook().partition(f"# {title}\n")[2].partition("\n# ")[0].strip()


def rules() -> tuple[str, ...]:
    """Return the codebook's paragraphs that hold for every question.

    Examples
    --------
    >>> [rule.split(",")[0] for rule in rules()]
    ["Judge what the assistant's turns say and do", 'A value is a consideration of what is good']
    """
    judged = _section("What you are given").rpartition("\n\n")[2]
    return (judged, _section("What a value is"))


def _facets() -> tuple[Question, ...]:
    said = dict(_MEANING.findall(_codebook()))

    def meanings(answers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(said[answer] for answer in answers)

    def closed(key: str, wording: str, answers: tuple[str, ...]) -> Question:
        return Question(key, wording, answers, "", meanings(answers))

    rule = _field("subjective").replace("True when", "Yes when").replace("true when", "Yes when")
    rule = rule.replace("False when", "No when").replace("makes it true", "makes it a yes")
    return (
        Question("subjective", "Does a good answer depend on judgement?", YES_NO, rule),
        closed("task_type", "What does the user want, whatever became of it?", TASK_TYPES),
        closed(
            "response_type",
            "Where does the assistant stand towards the user's values?",
            RESPONSE_TYPES,
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
    return (*_facets(), *asked)
