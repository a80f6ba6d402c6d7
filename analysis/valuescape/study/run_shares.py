"""Shares of each run over all its answers, and of human-written replies for reference."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.statistics.clusters import clustered_share
from valuescape.statistics.correction import LabelledFrame, corrected_prevalence
from valuescape.study.comparison import CORRECTED, MACHINE
from valuescape.study.correction import CorrectionPlan, share_row
from valuescape.study.shared_prompts import Comparison

SHARE_KEY = ["source", "group", "run", "quantity", "name"]
REFERENCE = "readings, reference only"
_KEPT = ("estimate", "ci_low", "ci_high", "readings", "machine", "n_read", "n_frame", "n_clusters")


def run_shares(given: Comparison, plan: CorrectionPlan) -> pd.DataFrame:
    """Share of each outcome among all answers of each run.

    Parameters
    ----------
    given : Comparison
        Answers of one source and group.
    plan : CorrectionPlan
        Levels; runs with fewer than ``minimum_readings`` readings have machine labels alone, and no
        interval.

    Returns
    -------
    DataFrame
        One row a run and outcome, in the columns of the table ``run_shares``. The headline is
        corrected for label error, or of the readings where machine and reading are too weakly
        related; ``method`` says which.
    """
    rows: list[dict[str, object]] = []
    for run, n_read in given.n_read().items():
        of_run = (given.table["run"] == run).to_numpy()
        inside = of_run & given.table["in_frame"].to_numpy()
        corrected = n_read >= plan.minimum_readings
        frame = _frame(given, inside) if corrected else None
        for j, (quantity, name) in enumerate(given.names.to_numpy()):
            row: dict[str, object] = {"run": run, "quantity": quantity, "name": name}
            if frame is None:
                machine = given.machine[of_run, j]
                row |= {"estimate": machine.mean(), "machine": machine.mean(), "method": MACHINE}
                row |= {"n_read": n_read, "n_frame": machine.size}
            else:
                found = corrected_prevalence(
                    given.reading[inside, j],
                    given.machine[inside, j],
                    frame,
                    tuning=None if given.machine[inside, j].any() else 0.0,
                    conf_level=plan.conf_level,
                    rare=plan.rare,
                )
                made = share_row(found, plan)
                method = CORRECTED if made["method"] == "corrected" else "readings"
                row |= {name: made[name] for name in _KEPT} | {"method": method}
            rows.append(row)
    return _laid_out(pd.DataFrame(rows).assign(source=given.source, group=given.group))


def _frame(given: Comparison, inside: np.ndarray) -> LabelledFrame:
    table = given.table[inside]
    return LabelledFrame.of(
        given.read[inside], table["stratum"], table["prompt_group"], table["fold"]
    )


def reference_shares(
    frame: pd.DataFrame, said: dict[str, pd.DataFrame], plan: CorrectionPlan
) -> pd.DataFrame:
    """Shares of human-written replies, by readings alone: a reference row, in no estimate.

    Parameters
    ----------
    frame : DataFrame
        The group ``human_reference`` of the analysis frame.
    said : dict of str to DataFrame
        ``conversation_id`` and ``value`` by quantity; response types are added.
    plan : CorrectionPlan
        Levels.

    Raises
    ------
    InputError
        If there is no such reply.
    """
    if frame.empty:
        raise InputError("labels.csv: no reading of a human-written reply; the group has none")
    stances = frame[["conversation_id"]].assign(value=frame["response_type"])
    judged = frame.loc[frame["subjective"], "conversation_id"]
    parts = []
    for quantity, pairs in {**said, "response_type": stances}.items():
        names = np.unique(pairs.loc[pairs["conversation_id"].isin(judged), "value"].astype(str))
        held = [
            frame["conversation_id"].isin(pairs.loc[pairs["value"] == n, "conversation_id"])
            for n in names
        ]
        answers = np.column_stack(held) & frame["subjective"].to_numpy(dtype=bool)[:, None]
        found = clustered_share(
            answers,
            weight=frame["weight"],
            clusterings=[frame["prompt_group"], frame["reader"]],
            conf_level=plan.conf_level,
        )
        part = found.to_frame()[["estimate", "ci_low", "ci_high"]].assign(name=names)
        parts.append(part.assign(quantity=quantity, readings=part["estimate"]))
    table = pd.concat(parts, ignore_index=True).assign(
        source=frame["source"].iloc[0],
        group=frame["group"].iloc[0],
        run=frame["run"].iloc[0],
        method=REFERENCE,
        n_read=len(frame),
        n_clusters=frame["prompt_group"].nunique(),
    )
    return _laid_out(table)


def _laid_out(table: pd.DataFrame) -> pd.DataFrame:
    columns = [*SHARE_KEY, "method", *_KEPT]
    return table.reindex(columns=columns).assign(unit="share of answers")
