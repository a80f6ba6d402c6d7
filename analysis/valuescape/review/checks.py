"""All checks of a checkout, as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from valuescape.errors import InputError
from valuescape.paths import Paths
from valuescape.report.rebuilt import compare_with_commit
from valuescape.review import environment, paper, pipeline

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a checkout and what is amiss.

    Attributes
    ----------
    topic, question : str
        What is asked.
    faults : tuple of str
        Empty where all is well.
    prevented : str
        Why it could not be asked; empty where it was.
    """

    topic: str
    question: str
    faults: tuple[str, ...]
    prevented: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was asked and nothing is amiss."""
        return not self.faults and not self.prevented

    @property
    def outcome(self) -> str:
        """One word or two."""
        if self.prevented:
            return "not asked"
        return f"no ({len(self.faults)})" if self.faults else "yes"


def questions(home: Paths) -> Iterator[tuple[str, str, Callable[[], list[str]]]]:
    """Yield topic, question and what answers it."""
    root = home.root
    for question, answer in (
        ("does each stage declare all it imports", pipeline.undeclared_imports),
        ("is each dependency there and used", pipeline.unused_dependencies),
        ("is each output read by somebody", pipeline.unused_outputs),
        ("has each stage one word", pipeline.words_apart),
        ("has nothing changed since the last run", pipeline.stale_stages),
    ):
        yield "pipeline", question, partial(answer, root)
    yield "results", "are they those of the commit", lambda: _differing(home)
    for question, reads in (
        ("is each number that of the results", paper.numbers_apart),
        ("is each claim listed with its numbers", paper.claims_apart),
        ("does each reference lead somewhere", paper.holes),
    ):
        yield "paper", question, partial(reads, home)
    for question, answer in (
        ("does the lock pin what the project asks", environment.lock_faults),
        ("has the conda entry the same bounds", environment.conda_faults),
        ("do version and licence agree", environment.version_faults),
    ):
        yield "environment", question, partial(answer, root)


def _differing(home: Paths) -> list[str]:
    found = compare_with_commit(home.root)
    return [f"{path}: {word}" for path, word in found.verdicts.items() if word == "different"]


def checked(home: Paths) -> Iterator[Check]:
    """Answer every question about a checkout, one after the other.

    Parameters
    ----------
    home : Paths
        The checkout.

    Yields
    ------
    Check
        What cannot be asked, as without DVC or Git, says why.
    """
    for topic, question, answer in questions(home):
        try:
            yield Check(topic, question, tuple(answer()))
        except InputError as error:
            yield Check(topic, question, (), str(error))


def line(check: Check) -> str:
    """Lay out one check, with its first faults below.

    Examples
    --------
    >>> print(line(Check("paper", "is it whole", ("a hole",))))
    paper        is it whole?                                no (1)
                   a hole
    """
    head = f"{check.topic:<12} {check.question + '?':<43} {check.outcome}"
    below = [check.prevented] if check.prevented else list(check.faults[:_SHOWN])
    if len(check.faults) > _SHOWN:
        below.append(f"and {len(check.faults) - _SHOWN} more")
    return "\n".join([head, *(f"{'':<14} {fault}" for fault in below)])
