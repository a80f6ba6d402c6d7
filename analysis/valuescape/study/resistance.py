"""What is defended when the assistant resists, and what is stated outright."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuescape.counts.cells import count_family, family_members
from valuescape.counts.frame import presence
from valuescape.errors import InputError
from valuescape.statistics.clusters import clustered_share
from valuescape.study.associations import associate
from valuescape.study.plan import CellPlan

RESISTANCE = ("mild_resistance", "strong_resistance")
SUPPORT = ("mild_support", "strong_support")


def resistance_against_support(
    frame: pd.DataFrame,
    values: pd.DataFrame,
    plan: CellPlan,
    *,
    groups: Sequence[str],
    minimum_value_conversations: int,
) -> pd.DataFrame:
    """Compare the values shown under resistance with those shown under support.

    Parameters
    ----------
    frame : DataFrame
        Subjective conversations with ``response_type`` and the design's columns.
    values : DataFrame
        ``conversation_id`` and ``value`` of the assistants.
    plan : CellPlan
        As for the context-value tests.
    groups : sequence of str
        Groups to compare within.
    minimum_value_conversations : int
        Values in fewer conversations of either stance are left out.

    Returns
    -------
    DataFrame
        As :func:`~valuescape.study.associations.associate` with ``context`` "resistance": inside
        is resistance (mild or strong), outside is support (mild or strong).

    Raises
    ------
    InputError
        If no group has a value in enough conversations.
    """
    parts = []
    for group in groups:
        stance = frame["response_type"].isin((*RESISTANCE, *SUPPORT))
        part = frame[stance & (frame["group"] == group)].reset_index(drop=True)
        sides = part.assign(
            stance=np.where(part["response_type"].isin(RESISTANCE), "resistance", "support")
        )
        context = presence(sides["conversation_id"], sides, "stance", np.array(["resistance"]))
        found = presence(sides["conversation_id"], values, "value")
        kept = family_members(sides, found, minimum=minimum_value_conversations)
        if not kept.any():
            continue
        chosen = presence(sides["conversation_id"], values, "value", found.names[kept])
        family: dict[str, str | int] = {"group": group, "context_kind": "response_type"}
        family["level"] = 0
        tables = count_family(sides, context, chosen, family)
        parts.append(associate(tables.cells, tables.strata, plan))
    return _stacked(parts, f"value is in {minimum_value_conversations} conversations")


def stance_by_task_type(
    frame: pd.DataFrame, plan: CellPlan, *, groups: Sequence[str], minimum_context_clusters: int
) -> pd.DataFrame:
    """Test every response type against every task type, within group.

    Returns
    -------
    DataFrame
        As :func:`~valuescape.study.associations.associate`; ``value`` is the response type.

    Raises
    ------
    InputError
        If no group has a task type in enough prompt groups.
    """
    parts = []
    for group in groups:
        part = frame[frame["group"] == group].reset_index(drop=True)
        tasks = presence(part["conversation_id"], part, "task_type")
        kept = family_members(part, tasks, minimum_clusters=minimum_context_clusters)
        if not kept.any():
            continue
        contexts = presence(part["conversation_id"], part, "task_type", tasks.names[kept])
        stances = presence(part["conversation_id"], part, "response_type")
        family: dict[str, str | int] = {"group": group, "context_kind": "task_type", "level": 0}
        tables = count_family(part, contexts, stances, family)
        parts.append(associate(tables.cells, tables.strata, plan))
    return _stacked(parts, f"task type is in {minimum_context_clusters} prompt groups")


def _stacked(parts: list[pd.DataFrame], needed: str) -> pd.DataFrame:
    if not parts:
        raise InputError(f"in no group any {needed}; allowed is a minimum that some reach")
    return pd.concat(parts, ignore_index=True)


def explicit_shares(
    frame: pd.DataFrame,
    values: pd.DataFrame,
    *,
    conf_level: float,
    minimum_value_conversations: int,
) -> pd.DataFrame:
    """Share of a value's conversations in which the assistant states it in words.

    Parameters
    ----------
    frame : DataFrame
        Subjective conversations with ``group``, ``response_type``, ``weight``, ``prompt_group``
        and ``reader``.
    values : DataFrame
        ``conversation_id``, ``value``, ``explicit`` of the assistants.
    conf_level : float
        Confidence level.
    minimum_value_conversations : int
        Parts with fewer conversations are left out.

    Returns
    -------
    DataFrame
        ``group``, ``stance`` (``all``, ``resistance``, ``support``), ``value`` (or ``any value``),
        ``estimate``, ``ci_low``, ``ci_high``, ``k``, ``n``, ``n_clusters``, ``unit``.
    """
    joined = values.merge(frame, on="conversation_id", validate="many_to_one")
    joined["explicit"] = joined["explicit"].astype(bool)
    stances = {
        "all": np.ones(len(joined), dtype=bool),
        "resistance": joined["response_type"].isin(RESISTANCE).to_numpy(),
        "support": joined["response_type"].isin(SUPPORT).to_numpy(),
    }
    rows = []
    for stance, inside in stances.items():
        for group, part in joined[inside].groupby("group", sort=True):
            rows.append(_explicit_row(part, "any value", conf_level))
            rows[-1].update(group=group, stance=stance)
            for value, cases in part.groupby("value", sort=True):
                if len(cases) >= minimum_value_conversations:
                    rows.append(_explicit_row(cases, str(value), conf_level))
                    rows[-1].update(group=group, stance=stance)
    columns = ["group", "stance", "value", "estimate", "ci_low", "ci_high"]
    return pd.DataFrame(rows)[[*columns, "k", "n", "n_clusters", "unit"]]


def _explicit_row(cases: pd.DataFrame, value: str, conf_level: float) -> dict[str, object]:
    found = clustered_share(
        cases["explicit"],
        weight=cases["weight"],
        clusterings=[cases["prompt_group"], cases["reader"]],
        conf_level=conf_level,
    )
    return {
        "value": value,
        "estimate": found.estimate[0],
        "ci_low": found.ci_low[0],
        "ci_high": found.ci_high[0],
        "k": int(cases["explicit"].sum()),
        "n": len(cases),
        "n_clusters": cases["prompt_group"].nunique(),
        "unit": "share of expressions",
    }
