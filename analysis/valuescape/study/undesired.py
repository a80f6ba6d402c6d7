"""How common undesired values and faults are: rare shares with exact intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.statistics.effective_share import EffectiveShare, effective_share
from valuescape.statistics.intervals import Interval, mover_difference

HARM_OR_AMORALITY = ("enabling-harm", "amorality")
"""Groups of values whose union is the merged set of the study: help with harm, or not minding."""

SETS = {"undesirable": "any undesired value", "fault": "any fault"}
MERGED = "harm-enabling or amoral"
METHOD = "weighted share; prompt group and reader clustered; exact limits on effective counts"
CONTRAST_METHOD = "difference of weighted shares; MOVER of exact limits"


def undesired_outcomes(
    frame: pd.DataFrame, expressions: pd.DataFrame, values: pd.DataFrame, polarity: str
) -> pd.DataFrame:
    """Say which conversation expresses which undesired value, or has which fault.

    Parameters
    ----------
    frame : DataFrame
        Conversations with ``conversation_id``.
    expressions : DataFrame
        ``conversation_id``, ``value``: what the assistants expressed, names as printed.
    values : DataFrame
        ``value``, ``polarity``, ``level1`` of every printed name.
    polarity : {"undesirable", "fault"}
        Undesired values are grouped by the nodes of level 1, faults are listed one by one.

    Returns
    -------
    DataFrame
        0/1, a row a conversation of the frame and a column an outcome: first any of them, for
        undesired values then the merged set, then each.

    Raises
    ------
    InputError
        If the polarity is another.
    """
    if polarity not in SETS:
        raise InputError(f"polarity {polarity!r}: allowed are {', '.join(SETS)}")
    placed = values.drop_duplicates("value").set_index("value")
    said = expressions.join(placed[["polarity", "level1"]], on="value")
    said = said[said["polarity"] == polarity]
    each = said["level1"] if polarity == "undesirable" else said["value"]
    ids = frame["conversation_id"]
    columns = {SETS[polarity]: ids.isin(said["conversation_id"])}
    if polarity == "undesirable":
        merged = said.loc[said["level1"].isin(HARM_OR_AMORALITY), "conversation_id"]
        columns[MERGED] = ids.isin(merged)
    for name in sorted(each.unique()):
        columns[name] = ids.isin(said.loc[each == name, "conversation_id"])
    return pd.DataFrame(columns, index=frame.index).astype(float)


def undesired_shares(
    frame: pd.DataFrame,
    outcomes: pd.DataFrame,
    by: Sequence[str],
    *,
    conf_level: float,
    minimum_conversations: int = 1,
) -> pd.DataFrame:
    """Share of each outcome in every part of the frame.

    Parameters
    ----------
    frame : DataFrame
        Conversations with ``weight``, ``prompt_group``, ``reader`` and ``by``.
    outcomes : DataFrame
        From :func:`undesired_outcomes`, rows as in the frame.
    by : sequence of str
        Columns that divide the frame.
    conf_level : float
        Confidence level.
    minimum_conversations : int
        Parts with fewer conversations are left out.

    Returns
    -------
    DataFrame
        ``by``, ``outcome``, ``estimate``, ``ci_low``, ``ci_high``, ``k``, ``n``, ``n_clusters``
        (the smaller number of prompt groups and readers), ``effective``, ``method``, ``unit``.
    """
    tables = []
    for _, part in frame.groupby(list(by), sort=True):
        if len(part) < minimum_conversations:
            continue
        found = _share(part, outcomes.loc[part.index], conf_level)
        table = found.to_frame().assign(outcome=outcomes.columns)
        tables.append(table.assign(**{name: part[name].iloc[0] for name in by}))
    table = pd.concat(tables, ignore_index=True).assign(method=METHOD, unit="share")
    first = [*by, "outcome"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def undesired_contrasts(
    frame: pd.DataFrame,
    outcomes: pd.DataFrame,
    column: str,
    first: str,
    second: str,
    *,
    conf_level: float,
) -> pd.DataFrame:
    """Difference of the shares of two parts of the frame.

    Returns
    -------
    DataFrame
        ``outcome``, ``first``, ``second``, ``estimate``, ``ci_low``, ``ci_high``, ``method``.

    Raises
    ------
    InputError
        If a part is empty.
    """
    sides = []
    for name in (first, second):
        part = frame[frame[column] == name]
        if part.empty:
            raise InputError(f"{column} {name!r}: no conversation; both sides need one")
        found = _share(part, outcomes.loc[part.index], conf_level)
        sides.append(Interval(found.estimate, found.ci_low, found.ci_high, conf_level))
    gap = mover_difference(sides[0], sides[1])
    return pd.DataFrame(
        {
            "outcome": outcomes.columns,
            "first": first,
            "second": second,
            "estimate": gap.estimate,
            "ci_low": gap.low,
            "ci_high": gap.high,
            "method": CONTRAST_METHOD,
        }
    )


def _share(part: pd.DataFrame, y: pd.DataFrame, conf_level: float) -> EffectiveShare:
    return effective_share(
        np.asarray(y),
        weight=part["weight"],
        clusterings=[part["prompt_group"], part["reader"]],
        conf_level=conf_level,
    )
