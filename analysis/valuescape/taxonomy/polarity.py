"""Desirable, undesirable, contested or a fault: by judgement, else by rule.

Three questions decide, in this order.  Is it a verdict on how well a reply is made, which nobody
pursues as an end (carelessness, evasiveness, moralising, sycophancy)?  A *fault*.  Is it an aim or
stance that hurts someone, or that shows no regard for right and wrong (cruelty, deception,
amorality)?  *Undesirable*.  Do people and traditions judge it differently, or does its worth hang
wholly on what it serves (obedience, power, patriotism, sexual openness)?  *Contested*.  Everything
else is *desirable*.

Every name that was read has been judged so: its polarity is that of the group it was put in
(``resources/taxonomy/assignments.csv``).  For other names the first fitting rule of
``resources/taxonomy/polarity.csv`` speaks, and the name is marked as not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from valuescape.taxonomy.merging import canonical_key
from valuescape.taxonomy.names import read_rules, words

_DEFAULT = "desirable"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ``resources/taxonomy/polarity.csv``.

    Attributes
    ----------
    match : {"start", "word", "end"}
        Where the text must stand in the name: as its first words, anywhere, as its last words.
    text : tuple of str
        The words, in the form of :func:`valuescape.taxonomy.names.words`.
    polarity : str
        What a matching name is.
    """

    match: str
    text: tuple[str, ...]
    polarity: str

    def fits(self, name: tuple[str, ...]) -> bool:
        """Say whether the rule speaks of a name, given as its words."""
        size = len(self.text)
        if self.match == "start":
            return name[:size] == self.text
        if self.match == "end":
            return name[-size:] == self.text
        return any(name[i : i + size] == self.text for i in range(len(name) - size + 1))


@lru_cache(maxsize=1)
def _judged() -> dict[str, str]:
    """Polarity of every value with a judged place: that of its group."""
    of_group = {row["node_id"]: row["polarity"] for row in read_rules("groups.csv")}
    return {
        canonical_key(row["value"]): of_group[row["group"]] for row in read_rules("assignments.csv")
    }


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(row["match"], words(row["text"]), row["polarity"])
        for row in read_rules("polarity.csv")
    )


def polarity_by_rule(name: str) -> str:
    """Return the polarity that the first fitting rule gives; desirable where none fits.

    Parameters
    ----------
    name : str
        A value name.

    Returns
    -------
    str
        One of :data:`valuescape.schema.POLARITIES`.

    Examples
    --------
    >>> [polarity_by_rule(name) for name in ("enabling arson", "avoidance of cruelty", "zeal")]
    ['undesirable', 'desirable', 'desirable']
    """
    found = words(name)
    return next((rule.polarity for rule in _rules() if rule.fits(found)), _DEFAULT)


def judge_polarity(names: Sequence[str]) -> pd.DataFrame:
    """Return the polarity of value names.

    Parameters
    ----------
    names : sequence of str
        Value names.

    Returns
    -------
    DataFrame
        ``value``, ``polarity`` and ``judged``: true where the name itself was read and judged,
        false where a rule or the default spoke.

    Raises
    ------
    InputError
        If a name holds no letter or digit.

    Examples
    --------
    >>> judge_polarity(["cruelty", "Harm enablement", "sheer overcautious fuss"])
                         value     polarity  judged
    0                  cruelty  undesirable    True
    1          Harm enablement  undesirable    True
    2  sheer overcautious fuss        fault   False
    """
    keys = [canonical_key(name) for name in names]
    judged = [key in _judged() for key in keys]
    polarity = [
        _judged()[key] if known else polarity_by_rule(name)
        for name, key, known in zip(names, keys, judged, strict=True)
    ]
    return pd.DataFrame({"value": list(names), "polarity": polarity, "judged": judged})
