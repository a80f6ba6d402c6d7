"""What is watched: values, headings, polarities or response types of each conversation."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import pandas as pd

from valuescape.counts.frame import presence
from valuescape.errors import InputError
from valuescape.monitoring.periods import Period
from valuescape.taxonomy.merging import canonical_key
from valuescape.taxonomy.placement import assignments, groups
from valuescape.taxonomy.polarity import judge_polarity

Quantity = Literal["value", "heading", "polarity", "response_type"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
UNPLACED = "Unplaced values"


def outcome_pairs(period: Period, quantity: Quantity) -> pd.DataFrame:
    """List which conversation has which outcome.

    A heading or polarity counts once a conversation, however many of its values are expressed.

    Returns
    -------
    DataFrame
        ``conversation_id``, ``name``.

    Raises
    ------
    InputError
        If the quantity is not one of :data:`QUANTITIES`.
    """
    if quantity not in QUANTITIES:
        raise InputError(f"quantity {quantity!r} is not known; allowed: {', '.join(QUANTITIES)}")
    if quantity == "response_type":
        pairs = period.conversations[["conversation_id", "response_type"]]
        return pairs.set_axis(["conversation_id", "name"], axis=1)
    said = period.expressions
    names = said["value"].astype(str)
    if quantity != "value":
        names = names.map({name: _above(name, quantity) for name in names.unique()})
    return said[["conversation_id"]].assign(name=names).drop_duplicates()


def outcome_table(
    periods: list[Period], quantity: Quantity, minimum: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lay out the outcomes of all periods, one after another.

    Parameters
    ----------
    periods : list of Period
        In the order of the rows.
    quantity : {"value", "heading", "polarity", "response_type"}
        What is watched.
    minimum : int
        Conversations of all periods together that an outcome needs to be in the family: a margin,
        so that the choice does not see the drift.

    Returns
    -------
    names : ndarray of str, shape (n_outcomes,)
        Sorted.
    matrix : ndarray of float64, shape (n_conversations, n_outcomes)
        0 or 1.
    """
    pairs = [outcome_pairs(period, quantity) for period in periods]
    sizes = pd.concat(pairs)["name"].value_counts()
    names = np.sort(sizes.index[sizes >= minimum].to_numpy(dtype=str))
    rows = [
        presence(period.conversations["conversation_id"], found, "name", names).matrix.toarray()
        for period, found in zip(periods, pairs, strict=True)
    ]
    return names, np.concatenate(rows)


def polarity_of(name: str, quantity: Quantity) -> str:
    """Return the polarity of an outcome; empty where it has none.

    Examples
    --------
    >>> polarity_of("cruelty", "value"), polarity_of("strong_support", "response_type")
    ('undesirable', '')
    """
    if quantity == "value":
        return _above(name, "polarity")
    return name if quantity == "polarity" else ""


@lru_cache(maxsize=65536)
def _above(name: str, quantity: Quantity) -> str:
    if quantity == "polarity":
        return str(judge_polarity([name])["polarity"].iloc[0])
    node = _places().get(canonical_key(name))
    if node is None:
        return UNPLACED
    tree = groups()
    while parent := tree.at[node, "parent_id"]:
        node = str(parent)
    return str(tree.at[node, "name"])


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    return dict(assignments().set_index("key")["group"])
