"""Prevalences of the frame, corrected for the errors of the machine labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.frame import presence
from valuescape.errors import InputError
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.statistics.correction import CorrectedShare, LabelledFrame, corrected_prevalence


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """How corrected shares are made and which of the two estimates is the headline.

    Attributes
    ----------
    conf_level : float
        Level of intervals.
    minimum_phi_squared : float
        Squared correlation of machine and reading below which the headline is the readings' own.
    rare : float
        Share under which intervals are Wilson's.
    minimum_positive : int
        Values with fewer positive readings in a group are left out.
    minimum_readings : int
        Contexts with fewer subjective readings are left out.
    """

    conf_level: float
    minimum_phi_squared: float
    rare: float
    minimum_positive: int
    minimum_readings: int


@dataclass(frozen=True, slots=True)
class GroupFrame:
    """The frame of one group: every conversation that could have been drawn.

    Attributes
    ----------
    table : DataFrame
        Rows of the frame with machine probabilities (``p_*``) and, where read, ``subjective``,
        ``task_type`` and ``response_type`` of the reading.
    design : LabelledFrame
        Which were read, strata, clusters, folds.
    """

    table: pd.DataFrame
    design: LabelledFrame


def group_frame(
    conversations: pd.DataFrame, machine: pd.DataFrame, read: pd.DataFrame, group: str
) -> GroupFrame:
    """Join the frame of a group to its machine labels and readings.

    Parameters
    ----------
    conversations : DataFrame
        Table ``conversations``.
    machine : DataFrame
        Table ``machine_labels`` of one labeller.
    read : DataFrame
        Labels of one reading: ``conversation_id``, ``subjective``, ``task_type``,
        ``response_type``.
    group : str
        Group to take.

    Raises
    ------
    InputError
        If a conversation of the frame has no machine label, or a prompt group is in two folds.
    """
    inside = conversations[(conversations["group"] == group) & conversations["in_frame"]]
    probabilities = machine.drop(columns=["subjective", "task_type", "response_type", "labeller"])
    table = inside.merge(probabilities, on="conversation_id", how="left", validate="one_to_one")
    unlabelled = table.loc[table["fold"].isna(), "conversation_id"]
    if not unlabelled.empty:
        raise InputError(
            f"machine labels: {len(unlabelled)} conversations of the frame have none, "
            f"the first is {unlabelled.iloc[0]!r}; every one needs a cross-fitted label"
        )
    folds = table.groupby("prompt_group")["fold"].nunique()
    if (folds > 1).any():
        raise InputError(
            f"machine labels: prompt group {folds.idxmax()!r} is in {folds.max()} folds; "
            "one is allowed"
        )
    kept = ["conversation_id", "subjective", "task_type", "response_type"]
    table = table.merge(read[kept], on="conversation_id", how="left", validate="one_to_one")
    was_read = table["subjective"].notna().to_numpy()
    design = LabelledFrame.of(was_read, table["stratum"], table["prompt_group"], table["fold"])
    return GroupFrame(table, design)


def corrected_shares(
    frame: GroupFrame,
    said: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]],
    plan: CorrectionPlan,
) -> pd.DataFrame:
    """Corrected share of everything that is labelled, in one group.

    Parameters
    ----------
    frame : GroupFrame
        The frame of the group.
    said : mapping of str to two DataFrames
        For ``value`` and ``heading``: ``conversation_id`` and ``value`` of the readings; and,
        indexed by conversation with a column a name, the machine's probability that the
        conversation is subjective and expresses it.
    plan : CorrectionPlan
        Levels and thresholds.

    Returns
    -------
    DataFrame
        One row a ``quantity`` and ``name`` with both estimates and the headline one.
        ``subjective`` is a share of all conversations, all else of the subjective ones.
    """
    rows = []
    for quantity, name, reading, machine in _quantities(frame, said):
        needed = plan.minimum_positive if quantity in ("value", "heading") else 1
        if reading[frame.design.read].sum() < needed:
            continue
        domain = None if quantity == "subjective" else subjective_labels(frame.table)
        found = corrected_prevalence(
            reading,
            machine,
            frame.design,
            domain_reading=None if domain is None else domain[0],
            domain_machine=None if domain is None else domain[1],
            conf_level=plan.conf_level,
            rare=plan.rare,
        )
        rows.append({"quantity": quantity, "name": name, **share_row(found, plan)})
    return pd.DataFrame(rows)


Indicator = NDArray[np.float64]


def subjective_labels(table: pd.DataFrame) -> tuple[Indicator, Indicator]:
    """Lay out whether conversations are subjective, as read (0 where not) and by machine."""
    reading = table["subjective"].fillna(False).to_numpy(dtype=float)
    return reading, table["p_subjective"].to_numpy(dtype=float)


def _quantities(
    frame: GroupFrame, said: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]
) -> Iterator[tuple[str, str, Indicator, Indicator]]:
    table = frame.table
    subjective, p_subjective = subjective_labels(frame.table)
    yield "subjective", "subjective", subjective, p_subjective
    for name in TASK_TYPES:
        reading = subjective * (table["task_type"] == name).to_numpy(dtype=float)
        yield "task_type", name, reading, p_subjective * table[f"p_{name}"].to_numpy(dtype=float)
    for name in RESPONSE_TYPES:
        yield "response_type", name, *stance_labels(table, name)
    for quantity, (pairs, probabilities) in said.items():
        aligned = probabilities.reindex(table["conversation_id"]).fillna(0.0)
        held = presence(table["conversation_id"], pairs, "value")
        dense = held.matrix.toarray() * subjective[:, None]
        for j, name in enumerate(held.names):
            if name in aligned:
                yield quantity, str(name), dense[:, j], aligned[name].to_numpy(dtype=float)


def stance_labels(table: pd.DataFrame, name: str) -> tuple[Indicator, Indicator]:
    """Lay out a response type among subjective conversations, as read and by machine."""
    subjective, p_subjective = subjective_labels(table)
    reading = subjective * (table["response_type"] == name).to_numpy(dtype=float)
    machine = table[f"p_{name}"].to_numpy(dtype=float)
    if name == "no_values":  # which every conversation that is not subjective has
        machine = np.clip(machine - (1.0 - p_subjective), 0.0, 1.0)
    return reading, machine


def corrected_stances(frame: GroupFrame, plan: CorrectionPlan) -> pd.DataFrame:
    """Corrected shares of response types by kind of task and by run, in one group.

    Parameters
    ----------
    frame : GroupFrame
        The frame of the group.
    plan : CorrectionPlan
        Levels and thresholds; contexts with fewer than ``minimum_readings`` subjective readings
        are left out.

    Returns
    -------
    DataFrame
        One row a ``context_kind`` (``task_type``, ``run``), ``context`` and ``response_type``,
        with the columns of :func:`corrected_shares`; shares are of the subjective conversations of
        the context.
    """
    subjective, p_subjective = subjective_labels(frame.table)
    rows = []
    for kind, context, inside, p_inside in _contexts(frame):
        domain = subjective * inside
        if domain[frame.design.read].sum() < plan.minimum_readings:
            continue
        for name in RESPONSE_TYPES:
            reading, machine = stance_labels(frame.table, name)
            found = corrected_prevalence(
                reading * inside,
                machine * p_inside,
                frame.design,
                domain_reading=domain,
                domain_machine=p_subjective * p_inside,
                conf_level=plan.conf_level,
                rare=plan.rare,
            )
            key = {"context_kind": kind, "context": context, "response_type": name}
            rows.append({**key, **share_row(found, plan)})
    return pd.DataFrame(rows)


def _contexts(frame: GroupFrame) -> Iterator[tuple[str, str, Indicator, Indicator]]:
    """Kinds of task (a label, so as read and by machine) and runs (known of every conversation)."""
    table = frame.table
    for name in TASK_TYPES:
        read = (table["task_type"] == name).to_numpy().astype(np.float64)
        yield "task_type", name, read, table[f"p_{name}"].to_numpy(dtype=float)
    for name in sorted(table["run"].unique()):
        known = (table["run"] == name).to_numpy().astype(np.float64)
        yield "run", str(name), known, known


def share_row(found: CorrectedShare, plan: CorrectionPlan) -> dict[str, object]:
    """Lay out a corrected share, with the estimate that the plan makes the headline."""
    corrected = found.phi_squared >= plan.minimum_phi_squared
    headline = (
        (found.estimate, found.ci_low, found.ci_high)
        if corrected
        else (found.readings, found.readings_low, found.readings_high)
    )
    return {
        "estimate": headline[0],
        "ci_low": headline[1],
        "ci_high": headline[2],
        "method": "corrected" if corrected else "readings",
        "corrected": found.estimate,
        "corrected_low": found.ci_low,
        "corrected_high": found.ci_high,
        "readings": found.readings,
        "readings_low": found.readings_low,
        "readings_high": found.readings_high,
        "machine": found.machine,
        "phi_squared": found.phi_squared,
        "tuning": found.tuning,
        "gain": found.gain,
        "n_read": found.n_read,
        "n_frame": found.n_frame,
        "n_clusters": found.n_clusters,
        "n_positive": found.n_positive,
        "effective_readings": found.effective_readings,
        "n_missed": found.n_missed,
        "missed_high": found.missed_high,
        "recall_identifiable": found.recall_identifiable,
        "unit": "share",
    }


def node_probabilities(
    value_probabilities: pd.DataFrame, p_subjective: pd.Series, node_of: pd.Series
) -> pd.DataFrame:
    r"""Probability that a conversation is subjective and expresses any value of a node.

    Given that it is subjective, values are taken as independent:
    :math:`p\,(1 - \prod_v (1 - p_v / p))`.  The rectifier of the correction makes up for what this
    gets wrong.

    Parameters
    ----------
    value_probabilities : DataFrame
        Indexed by conversation, one column a value name: joint probability with subjective.
    p_subjective : Series
        Same index.
    node_of : Series
        Node (its printed name) of each value name.

    Examples
    --------
    >>> p = pd.DataFrame({"care": [0.2], "love": [0.2]}, index=["a"])
    >>> nodes = pd.Series({"care": "warmth", "love": "warmth"})
    >>> found = node_probabilities(p, pd.Series([0.4], index=["a"]), nodes)
    >>> found.round(3).to_dict("list")
    {'warmth': [0.3]}
    """
    base = p_subjective.to_numpy(dtype=float)
    found = {}
    for node, names in node_of.groupby(node_of).groups.items():
        joint = value_probabilities[list(names)].to_numpy(dtype=float)
        given = np.clip(joint / np.maximum(base, 1e-9)[:, None], 0.0, 1.0)
        found[str(node)] = base * (1.0 - np.prod(1.0 - given, axis=1))
    return pd.DataFrame(found, index=value_probabilities.index)
