"""Stage ``respond``: response types, mirroring, what is defended, what is stated outright."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.counts.cells import CELL_KEY
from valuescape.counts.frame import presence
from valuescape.options import Respond
from valuescape.paths import paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.stages.associate import cell_plan
from valuescape.stages.inputs import Study, read_study
from valuescape.store import (
    RESAMPLED_DIGITS,
    read_columns,
    read_table,
    replaced_folder,
    write_table,
)
from valuescape.study.claims import TESTED, judge_claims
from valuescape.study.hhh import hhh_shares
from valuescape.study.mirroring import STANCES, mirroring_table
from valuescape.study.readers import reader_effects
from valuescape.study.resistance import (
    explicit_shares,
    resistance_against_support,
    stance_by_task_type,
)
from valuescape.study.responses import response_shares

GROUPS_COMPARED = ("adversarial", "ordinary")


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    everything = load_settings(home.params)
    settings = everything.respond
    study = read_study(home)
    read = study.frame(settings.labeller)
    frame = read[read["subjective"]].reset_index(drop=True)
    said = study.expressed(settings.labeller, "assistant")
    plan = cell_plan(everything.associate)
    defended = resistance_against_support(
        frame,
        said,
        plan,
        groups=GROUPS_COMPARED,
        minimum_value_conversations=settings.minimum_value_conversations,
    )
    stances = stance_by_task_type(
        frame,
        plan,
        groups=GROUPS_COMPARED,
        minimum_context_clusters=everything.count.minimum_context_clusters,
    )
    stated = explicit_shares(
        frame,
        said,
        conf_level=settings.confidence_level,
        minimum_value_conversations=settings.minimum_value_conversations,
    )
    associations = read_columns(
        home.results / "associate" / "associations.csv", [*CELL_KEY, *TESTED]
    )
    claims = judge_claims(
        read_table(home.claims, "claims"),
        {
            "task_type": _values_only(associations, "task_type"),
            "user_value": _values_only(associations, "user_value"),
            "response_type": stances,
            "stance": defended,
        },
        level=everything.associate.q_threshold,
    )
    with replaced_folder(home.results / "respond") as out:
        write_table(claims, out / "claims.csv", key=["key"], digits=RESAMPLED_DIGITS)
        for name, by, table in _shares(read, settings):
            write_table(table, out / f"{name}.csv", key=[*by, "response_type"])
        nodes = study.expressed(settings.labeller, "assistant", 1)
        write_table(
            hhh_shares(frame, nodes, conf_level=settings.confidence_level),
            out / "hhh.csv",
            key=["group", "quantity"],
        )
        write_table(
            _mirroring(study, frame, settings),
            out / "mirroring.csv",
            key=["group", "stance", "quantity"],
        )
        write_table(defended, out / "resistance.csv", key=CELL_KEY, digits=RESAMPLED_DIGITS)
        write_table(
            reader_effects(frame, GROUPS_COMPARED),
            out / "readers.csv",
            key=["group", "response_type"],
            digits=RESAMPLED_DIGITS,
        )
        write_table(stances, out / "stance_by_task_type.csv", key=CELL_KEY, digits=RESAMPLED_DIGITS)
        write_table(stated, out / "explicit.csv", key=["group", "stance", "value"])


def _values_only(associations: pd.DataFrame, kind: str) -> pd.DataFrame:
    return associations[(associations["context_kind"] == kind) & (associations["level"] == 0)]


def _shares(read: pd.DataFrame, settings: Respond) -> list[tuple[str, list[str], pd.DataFrame]]:
    subjective = read[read["subjective"]]
    wanted = [
        ("shares", ["group", "subjective"], read),
        ("shares_by_task_type", ["group", "task_type"], subjective),
        ("shares_by_run", ["group", "run"], subjective),
    ]
    return [
        (name, by, response_shares(part, by, conf_level=settings.confidence_level))
        for name, by, part in wanted
    ]


def _mirroring(study: Study, frame: pd.DataFrame, settings: Respond) -> pd.DataFrame:
    said = study.expressed(settings.labeller, "assistant")
    wanted = study.expressed(settings.labeller, "user")
    names = np.unique(np.concatenate([said["value"], wanted["value"]]).astype(str))
    ids = frame["conversation_id"]
    return mirroring_table(
        frame,
        presence(ids, said, "value", names),
        presence(ids, wanted, "value", names),
        STANCES,
        conf_level=settings.confidence_level,
    )


if __name__ == "__main__":
    run(main)
