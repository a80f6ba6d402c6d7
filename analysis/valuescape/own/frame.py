"""Labels of someone's own conversations as the study's functions take them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from valuescape.counts.families import RollUp
from valuescape.errors import InputError
from valuescape.own.labels import Labelled
from valuescape.own.skipped import Skipped
from valuescape.study.resistance import RESISTANCE, SUPPORT
from valuescape.taxonomy.merging import canonical_key, raw_names
from valuescape.taxonomy.placement import assignments
from valuescape.taxonomy.tree import build_taxonomy
from valuescape.taxonomy.values import normalise_values, roll_up

GROUP = "all"
HEADING_LEVEL = 3
STANCES = ("support", "resistance", "other")
MINIMUM_SIMILARITY = 0.12
_UNNAMED = "not named"


@dataclass(frozen=True, slots=True)
class Frame:
    """Conversations ready to be counted.

    Attributes
    ----------
    conversations : DataFrame
        One row a conversation labelled to the end, of equal weight, with ``assistant``,
        ``prompt_group`` (whoever the conversation is clustered by), labels and ``stance``.
    said : DataFrame
        Normalised expressions of both parties.
    places : DataFrame
        Every name of a value with its place in the tree.
    nodes : DataFrame
        Headings and values of the tree: ``node_id``, ``name``, ``level``, ``parent_id``,
        ``description``, ``polarity``; values lie directly under their heading.
    clusters : str
        What conversations are clustered by, in words.
    users_known : bool
        Whether every conversation names its user.
    labeller : str
        Whose labels.
    skipped : tuple of Skipped
        What was left out.
    """

    conversations: pd.DataFrame
    said: pd.DataFrame
    places: pd.DataFrame
    nodes: pd.DataFrame
    clusters: str
    users_known: bool
    labeller: str
    skipped: tuple[Skipped, ...]

    @property
    def subjective(self) -> pd.DataFrame:
        """Conversations in which a good answer depends on judgement: those that are analysed."""
        chosen = self.conversations[self.conversations["subjective"]]
        return chosen.reset_index(drop=True)

    def expressed(self, party: str, level: int = 0) -> pd.DataFrame:
        """Return what a party expressed at a level of the tree: a row a node a conversation."""
        rolled = roll_up(self.said[self.said["party"] == party], self.places, level)
        names = self.nodes.set_index("node_id")["name"]
        rolled["value"] = rolled["node_id"].map(names)
        return rolled[["conversation_id", "value"]]

    def values_of_assistants(self) -> RollUp:
        """Return a function from a level of the tree to what assistants expressed there."""
        return cache(lambda level: self.expressed("assistant", level))


def own_frame(labelled: Labelled, *, private: bool) -> Frame:
    """Join labels to what is known of each conversation.

    Parameters
    ----------
    labelled : Labelled
        Labels of one labeller.
    private : bool
        Leave out names of values that are not on the project's list: a free name may tell of a
        person.

    Returns
    -------
    Frame
        Clustered by user where one is named, else by prompt, else by conversation.

    Raises
    ------
    InputError
        If no conversation is labelled, or no assistant's value is left.
    """
    labels = labelled.labels[labelled.labels["status"] == "ok"]
    skipped = list(labelled.skipped)
    lost = len(labelled.labels) - len(labels)
    if lost:
        why = "refused, truncated, invalid or failed; no answer is not an answer"
        skipped.append(Skipped("labelling", "conversations", lost, why))
    known = labelled.known.drop_duplicates("conversation_id")
    table = labels.merge(known, on="conversation_id", how="left").fillna({"model": "", "user": ""})
    if table.empty:
        raise InputError("no conversation is labelled; at least one is needed")
    cluster = table["user"].where(table["user"] != "", table["prompt"].fillna(""))
    cluster = cluster.where(cluster != "", table["conversation_id"])
    table = table.assign(
        assistant=table["model"].where(table["model"] != "", _UNNAMED),
        prompt_group=cluster,
        reader=cluster,
        weight=1.0,
        stratum=GROUP,
        group=GROUP,
        subjective=table["subjective"].astype(bool),
        stance=_stances(table["response_type"]),
    ).drop(columns=["task", "model", "user", "prompt"])
    said, dropped = _listed(labelled.expressions, table["conversation_id"], private)
    skipped += dropped
    tree = build_taxonomy(said, MINIMUM_SIMILARITY, labeller=labelled.labeller)
    users = labelled.known["user"] != ""
    return Frame(
        table.sort_values("conversation_id").reset_index(drop=True),
        normalise_values(said, tree.places),
        tree.places,
        _two_levels(tree.nodes, tree.places),
        _clusters(labelled.known),
        bool(users.all()) and not labelled.known.empty,
        labelled.labeller,
        tuple(skipped),
    )


def _stances(types: pd.Series) -> np.ndarray:
    support, resistance = types.isin(SUPPORT), types.isin(RESISTANCE)
    return np.where(support, STANCES[0], np.where(resistance, STANCES[1], STANCES[2]))


def _listed(
    expressions: pd.DataFrame, ids: pd.Series, private: bool
) -> tuple[pd.DataFrame, list[Skipped]]:
    said = expressions[expressions["conversation_id"].isin(ids)].reset_index(drop=True)
    skipped = []
    if private and not said.empty:
        keys = set(assignments()["key"])
        on_list = raw_names(said).map(lambda name: canonical_key(name) in keys)
        if not on_list.all():
            why = "not on the project's list; a free name may tell of a person"
            n = int((~on_list).sum())
            skipped.append(Skipped("labelling", "expressions of values", n, why))
        said = said[on_list].reset_index(drop=True)
    if not (said["party"] == "assistant").any():
        raise InputError("the assistants express no value in these labels; at least one is needed")
    return said, skipped


def _two_levels(nodes: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Put values directly under headings: what lies between is not counted here."""
    above = places.drop_duplicates("node_id").set_index("node_id")["level3"]
    kept = nodes[nodes["level"].isin((0, HEADING_LEVEL))]
    parent = kept["node_id"].map(above).where(kept["level"] == 0, "")
    return kept.assign(parent_id=parent).drop(columns="n").reset_index(drop=True)


def _clusters(known: pd.DataFrame) -> str:
    if known.empty or not ((known["user"] != "") | (known["prompt"] != "")).any():
        return "conversations"
    named = (known["user"] != "").to_numpy()
    if named.all():
        return "users"
    return "users, or prompts where no user is named" if named.any() else "prompts"
