"""Contrasts between contexts, corrected for the errors of the machine labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.statistics.corrected_contrast import CorrectedContrast, corrected_contrast
from valuescape.statistics.rectified import Domain
from valuescape.study.correction import CorrectionPlan, GroupFrame
from valuescape.study.resistance import RESISTANCE, SUPPORT

Indicator = NDArray[np.float64]
_MINIMUM_CLUSTERS = 2


@dataclass(frozen=True, slots=True)
class Spoken:
    """What each side says, as read and as the machine has it.

    Attributes
    ----------
    assistant, user : DataFrame
        ``conversation_id`` and ``value`` of the readings.
    p_assistant, p_user : DataFrame
        Indexed by conversation, one column a value: probability that the conversation is
        subjective and the assistant expresses it, and that the user does.
    """

    assistant: pd.DataFrame
    user: pd.DataFrame
    p_assistant: pd.DataFrame
    p_user: pd.DataFrame


def contrasts(
    cells: pd.DataFrame, frames: Mapping[str, GroupFrame], spoken: Spoken, plan: CorrectionPlan
) -> pd.DataFrame:
    """Corrected risk ratio of each cell: its context against the rest of its group.

    Parameters
    ----------
    cells : DataFrame
        ``group``, ``context_kind`` (``task_type``, ``user_value``; ``stance``: resistance against
        support; ``response_type``: the value is a response type, the context a task type),
        ``context`` and ``value``; other columns are kept.
    frames : mapping of str to GroupFrame
        The frame of each group.
    spoken : Spoken
        Values as read and by machine.
    plan : CorrectionPlan
        Levels.

    Returns
    -------
    DataFrame
        The cells with ``estimate``, ``ci_low``, ``ci_high``, ``log10_p`` (corrected), its ``test``,
        ``readings`` and ``machine`` (the same ratio by either alone), ``gain``, readings and
        prompt groups on both sides.  The rest is standardised to the strata of the context, as the
        risk ratio of the primary test.  NaN where a side was read in fewer than two prompt groups
        of strata that hold both.
    """
    rows = [_contrast(cell, frames[cell["group"]], spoken, plan) for _, cell in cells.iterrows()]
    return pd.concat([cells.reset_index(drop=True), pd.DataFrame(rows)], axis=1)


_FIELDS = ("estimate", "ci_low", "ci_high", "log10_p", "test", "readings", "machine", "gain",
           "n_read_first", "n_read_second", "n_clusters_first", "n_clusters_second")  # fmt: skip


def _contrast(
    cell: pd.Series, frame: GroupFrame, spoken: Spoken, plan: CorrectionPlan
) -> dict[str, object]:
    first, second = _sides(cell, frame, spoken)
    if not _comparable(first, second, frame):
        return dict.fromkeys(_FIELDS, np.nan)
    reading, machine = _value(cell, frame, spoken)
    found: CorrectedContrast = corrected_contrast(
        reading,
        machine,
        frame.design,
        first,
        second,
        scale="ratio",
        standardised=True,
        tuning=None if machine.any() else 0.0,
        conf_level=plan.conf_level,
        rare=plan.rare,
    )
    return {name: getattr(found, name) for name in _FIELDS}


def _comparable(first: Domain, second: Domain, frame: GroupFrame) -> bool:
    """Whether enough prompt groups of either side lie in strata that hold both."""
    design = frame.design
    stratum = design.stratum
    held = [np.bincount(stratum, side.reading) > 0 for side in (first, second)]
    inside = (held[0] & held[1])[stratum]
    return all(
        np.unique(design.cluster[inside & (side.reading > 0)]).size >= _MINIMUM_CLUSTERS
        for side in (first, second)
    )


def _sides(cell: pd.Series, frame: GroupFrame, spoken: Spoken) -> tuple[Domain, Domain]:
    """Lay out the subjective conversations in the context and those it is compared with."""
    table = frame.table
    subjective = table["subjective"].fillna(False).to_numpy(dtype=float)
    p_subjective = table["p_subjective"].to_numpy(dtype=float)
    if cell["context_kind"] == "stance":
        return (
            _domain(frame, *_stance(table, RESISTANCE), subjective),
            _domain(frame, *_stance(table, SUPPORT), subjective),
        )
    if cell["context_kind"] == "user_value":
        inside = _holds(table, spoken.user, cell["context"])
        p_inside = _probability(table, spoken.p_user, cell["context"])
    else:
        inside = (table["task_type"] == cell["context"]).to_numpy(dtype=float)
        p_inside = table[f"p_{cell['context']}"].to_numpy(dtype=float)
    return (
        _domain(frame, inside, p_inside * p_subjective, subjective),
        _domain(frame, 1.0 - inside, (1.0 - p_inside) * p_subjective, subjective),
    )


def _domain(
    frame: GroupFrame, inside: Indicator, machine: Indicator, subjective: Indicator
) -> Domain:
    reading = np.where(frame.design.read, inside * subjective, np.nan)
    return Domain.labelled(reading, np.clip(machine, 0.0, 1.0), frame.design)


def _stance(table: pd.DataFrame, stances: tuple[str, ...]) -> tuple[Indicator, Indicator]:
    read = table["response_type"].isin(stances).to_numpy().astype(np.float64)
    return read, table[[f"p_{name}" for name in stances]].sum(axis=1).to_numpy(dtype=float)


def _value(cell: pd.Series, frame: GroupFrame, spoken: Spoken) -> tuple[Indicator, Indicator]:
    """Presence of the value as read, and its probability given a subjective conversation."""
    table = frame.table
    p_subjective = np.maximum(table["p_subjective"].to_numpy(dtype=float), 1e-9)
    if cell["context_kind"] == "response_type":
        read = (table["response_type"] == cell["value"]).to_numpy(dtype=float)
        joint = table[f"p_{cell['value']}"].to_numpy(dtype=float)
    else:
        read = _holds(table, spoken.assistant, cell["value"])
        joint = _probability(table, spoken.p_assistant, cell["value"])
    return np.where(frame.design.read, read, np.nan), np.clip(joint / p_subjective, 0.0, 1.0)


def _holds(table: pd.DataFrame, said: pd.DataFrame, value: str) -> Indicator:
    holders = said.loc[said["value"] == value, "conversation_id"]
    return table["conversation_id"].isin(holders).to_numpy().astype(np.float64)


def _probability(table: pd.DataFrame, probabilities: pd.DataFrame, value: str) -> Indicator:
    if value not in probabilities:
        return np.zeros(len(table))
    found = probabilities[value].reindex(table["conversation_id"]).fillna(0.0)
    return found.to_numpy(dtype=float)
