"""One key for all spellings of a value name."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from valuescape.errors import InputError

_RESOURCES = "valuescape.resources.taxonomy"
_SEPARATORS = re.compile(r"[\s\-_/‐-―]+")
_NOT_A_LETTER = re.compile(r"[^\w]+")
_SAME_IN_PLURAL = frozenset(
    {
        "always", "analysis", "arms", "bias", "customs", "goods",
        "means", "news", "odds", "series", "species", "thanks",
    }
)  # fmt: skip
_IRREGULAR_PLURALS = {
    "children": "child",
    "knives": "knife",
    "lives": "life",
    "men": "man",
    "selves": "self",
    "wives": "wife",
    "women": "woman",
}
_NO_PLURAL = ("ss", "us", "is", "ics")


def read_rules(name: str) -> list[dict[str, str]]:
    """Read one of the rule files that ship with the package.

    Parameters
    ----------
    name : str
        File name in ``resources/taxonomy``, such as ``"synonyms.csv"``.

    Returns
    -------
    list of dict
        One mapping of column to cell for each row.

    Examples
    --------
    >>> sorted(read_rules("synonyms.csv")[0])
    ['canonical', 'reason', 'variant']
    """
    text = files(_RESOURCES).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _spellings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(row["pattern"]), row["replacement"]) for row in read_rules("spelling.csv")
    )


def singular(word: str) -> str:
    """Return the singular of a lower-case English word, by regular rules and a short list.

    Parameters
    ----------
    word : str
        A word in lower case.

    Returns
    -------
    str
        The singular; the word itself where no rule applies.

    Examples
    --------
    >>> [singular(word) for word in ("boundaries", "approaches", "ethics", "children")]
    ['boundary', 'approach', 'ethics', 'child']
    """
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if len(word) < 4 or word in _SAME_IN_PLURAL or word.endswith(_NO_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")


def words(name: str) -> tuple[str, ...]:
    """Split a name into words freed of case, punctuation, spelling school and plural.

    Parameters
    ----------
    name : str
        A value name as somebody wrote it, in any script.

    Returns
    -------
    tuple of str
        The words in their order.

    Raises
    ------
    InputError
        If the name holds no letter or digit.

    Examples
    --------
    >>> words("Non-Judgemental  behaviours")
    ('non', 'judgmental', 'behavior')
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    text = text.replace("'s", "").replace("'", "")
    found = tuple(
        _plain(word)
        for part in _SEPARATORS.split(text)
        if (word := _NOT_A_LETTER.sub("", part).strip("_"))
    )
    if not found:
        raise InputError(f"value name {name!r}: expected at least one letter or digit")
    return found


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    stem = singular(word)
    for pattern, replacement in _spellings():
        stem = pattern.sub(replacement, stem)
    return stem


@lru_cache(maxsize=65536)
def normal_key(name: str) -> str:
    """Return the key that all spellings of a name share.

    Case, spaces, hyphens, British and American spelling, plural and the possessive make no
    difference.  The key is for comparison, never for print.

    Parameters
    ----------
    name : str
        A value name as somebody wrote it.

    Returns
    -------
    str
        The key; ``normal_key(normal_key(x)) == normal_key(x)``.

    Raises
    ------
    InputError
        If the name holds no letter or digit.

    Examples
    --------
    >>> normal_key("Well-Being") == normal_key("wellbeing")
    True
    >>> normal_key("moralising") == normal_key("moralizing")
    True
    >>> normal_key("trust") == normal_key("trust building")
    False
    """
    key = "".join(words(name))
    for _ in range(8):
        again = "".join(words(key))
        if again == key:
            break
        key = again
    return key


def spelling_twins(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Find names that are spellings of one name.

    Parameters
    ----------
    names : iterable of str
        Value names; repeats count once.

    Returns
    -------
    list of tuple of str
        Groups of two or more spellings, each sorted, the list sorted.

    Examples
    --------
    >>> spelling_twins(["well-being", "hope", "wellbeing", "hope"])
    [('well-being', 'wellbeing')]
    """
    by_key: dict[str, set[str]] = {}
    for name in names:
        by_key.setdefault(normal_key(name), set()).add(name)
    return sorted(tuple(sorted(group)) for group in by_key.values() if len(group) > 1)
