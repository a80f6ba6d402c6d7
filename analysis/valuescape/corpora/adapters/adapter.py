"""What every format is to the rest: a name, a test for records, a way to turn them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome


@dataclass(frozen=True, slots=True)
class Adapter:
    """One format.

    Attributes
    ----------
    name : str
        What ``--format`` takes.
    about : str
        One line for people.
    source : str
        Name of the corpus unless another is given; stands before every identifier.
    recognises : callable
        Whether the content of a record is of this format.
    convert : callable
        A record into conversations, or into reasons why it holds none.  Raises ``InputError``
        for a malformed record.
    checked : bool
        Whether it was tried on a real upstream file; the others were written from public
        descriptions of the format and tried on invented files only.
    companion : tuple of str or None
        Name of a file that says more about the records of the others, and the field by which.
    """

    name: str
    about: str
    source: str
    recognises: Callable[[Mapping[str, Any]], bool]
    convert: Callable[[Record], Iterable[Outcome]]
    checked: bool
    companion: tuple[str, str] | None = None


def has(content: Mapping[str, Any], *names: str) -> bool:
    """Say whether all of some fields are there.

    Examples
    --------
    >>> has({"a": 1, "b": None}, "a", "b"), has({"a": 1}, "a", "b")
    (True, False)
    """
    return all(name in content for name in names)
