"""Headline results, and the other material from which each is estimated again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

Measure = Literal["task_type", "stance", "user_value", "mirroring", "response_type", "heading"]
RATIOS: tuple[Measure, ...] = ("task_type", "stance", "user_value")


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline result of the paper.

    Attributes
    ----------
    key : str
        Name; for a ratio that of the published claim it tests.
    measure : str
        A ratio of prevalences in a ``task_type``, under a ``stance`` or where the user holds a
        ``user_value``; the excess of ``mirroring`` under a stance; or the share of a
        ``response_type`` or ``heading``.
    group : str
        Group of conversations.
    context : str
        Kind of task, stance or value of the user; empty for shares.
    name : str
        Value, response type or heading; empty for mirroring.
    """

    key: str
    measure: Measure
    group: str
    context: str
    name: str


@dataclass(frozen=True, slots=True)
class Material:
    """What a result is computed from.

    Attributes
    ----------
    frame : DataFrame
        Conversations with labels, weight, stratum, prompt group and reader.
    said, headings, wanted : DataFrame
        ``conversation_id`` and ``value``: values of assistants, their headings, values of users.
    """

    frame: pd.DataFrame
    said: pd.DataFrame
    headings: pd.DataFrame
    wanted: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Variant:
    """One other way to the same results.

    Attributes
    ----------
    kind : str
        What is varied.
    name : str
        Which one of it; unique.
    material : Material
        What is analysed instead.
    silent : mapping of str to str
        Measures that this variant cannot give, each with the reason.
    """

    kind: str
    name: str
    material: Material
    silent: Mapping[str, str] = field(default_factory=dict)


def subsets(material: Material, conversations: pd.DataFrame) -> list[Variant]:
    """List the variants that leave out a part of the conversations.

    Parameters
    ----------
    material : Material
        That of the primary analysis; its frame has ``wave``, ``n_turns`` and ``n_characters``.
    conversations : DataFrame
        All conversations with ``source`` and ``prompt_group``: a source is left out with all
        prompt groups that occur in it, wherever they occur.
    """
    frame = material.frame

    def kept(kind: str, name: str, rows: pd.Series) -> Variant:
        return Variant(kind, name, replace(material, frame=frame[rows].reset_index(drop=True)))

    groups_of = conversations.groupby("source")["prompt_group"]
    middle = frame.groupby("group")["n_characters"].transform("median")
    number = frame["prompt_group"].str.extract(r"(\d+)$", expand=False).astype(int)
    return [
        *(
            kept("without source", source, ~frame["prompt_group"].isin(groups_of.get_group(source)))
            for source in sorted(frame["source"].unique())
        ),
        *(kept("wave", f"wave {w}", frame["wave"] == w) for w in sorted(frame["wave"].unique())),
        *(
            kept("without reader", str(reader), frame["reader"] != reader)
            for reader in sorted(frame["reader"].unique())
        ),
        kept("length", "shorter half", frame["n_characters"] <= middle),
        kept("length", "longer half", frame["n_characters"] > middle),
        kept("prompt groups", "odd prompt groups", number % 2 == 1),
        kept("prompt groups", "even prompt groups", number % 2 == 0),
        kept("turns", "single-turn only", frame["n_turns"] == 2),
    ]
