"""Stage ``calibrate``: tests and intervals on simulated data with planted truth.

The default run is small ("smoke") and stands beside the tables of the full run, which
``python -m valuescape.stages.calibrate --full`` writes and the pipeline only reads.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.paths import Paths, paths
from valuescape.settings import Settings, load_settings
from valuescape.simulation.conversations import Sizes
from valuescape.simulation.methods import Trust
from valuescape.simulation.runs import RunPlan, calibration_tables
from valuescape.simulation.skeleton import Skeleton
from valuescape.simulation.sparse import tail_inflation
from valuescape.stages import run
from valuescape.stages.inputs import Study, read_study
from valuescape.store import RESAMPLED_DIGITS, read_columns, replaced_folder, write_table
from valuescape.study.calibration import study_skeleton

KEYS: dict[str, list[str]] = {
    "sizes": ["scenario", "method", "band", "level"],
    "families": ["scenario", "method", "adjustment"],
    "coverage": ["study", "method", "band"],
    "rankings": ["truth", "method"],
    "top_sets": ["truth", "source"],
    "power": ["design", "method", "risk_ratio", "band", "level"],
}


def main() -> None:
    """Run the small simulations and set them beside the tables of the full run."""
    home = paths()
    settings = load_settings(home.params)
    full = _full_tables(home)
    smoke = simulations(read_study(home), settings, smoke_plan(settings))
    with replaced_folder(home.results / "calibrate") as out:
        for name, key in KEYS.items():
            both = {"full": full[name], "smoke": smoke[name]}
            table = pd.concat([part.assign(run=label) for label, part in both.items()])
            _write(table, out / f"{name}.csv", ["run", *key])
        _write(tail_inflation(), out / "tails.csv", ["expected", "method"])


def full() -> None:
    """Run the full simulations and write ``data/reference/calibration``."""
    home = paths()
    settings = load_settings(home.params)
    tables = simulations(read_study(home), settings, full_plan(settings))
    with replaced_folder(home.calibration) as out:
        for name, key in KEYS.items():
            _write(tables[name], out / f"{name}.csv", key)


def smoke_plan(settings: Settings) -> RunPlan:
    """Take the plan of the small run from ``params.yaml``."""
    chosen = settings.calibrate
    tested, corrected = settings.associate, settings.correct
    return RunPlan(
        seed=chosen.seed,
        conf_level=chosen.confidence_level,
        replicates=chosen.replicates,
        clustered=chosen.clustered_replicates,
        rankings=chosen.rankings,
        minimum_expected_ranked=tested.minimum_expected_ranked,
        tables=chosen.tables,
        table_scale=chosen.table_scale,
        trust=Trust(tested.minimum_expected_effective, tested.minimum_clusters),
        rare=corrected.rare_prevalence,
        sizes=Sizes(n_conversations=chosen.conversations),
    )


def full_plan(settings: Settings) -> RunPlan:
    """Take the plan of the full run from ``params.yaml``."""
    chosen = settings.calibrate
    small = smoke_plan(settings)
    return replace(
        small,
        replicates=small.replicates * chosen.full_factor,
        clustered=small.clustered * chosen.full_factor,
        rankings=small.rankings * chosen.full_factor,
        tables=chosen.full_tables,
        table_scale=1.0,
    )


def simulations(study: Study, settings: Settings, plan: RunPlan) -> dict[str, pd.DataFrame]:
    """Run every simulation of a plan.

    Returns
    -------
    dict of DataFrame
        By the names of :data:`KEYS`.

    Raises
    ------
    InputError
        If a group leaves nothing to simulate.
    """
    return calibration_tables(plan, skeletons_of(study, settings))


def skeletons_of(study: Study, settings: Settings) -> dict[str, Skeleton]:
    """Take the study's design by group, as far as ``params.yaml`` asks for."""
    family = settings.count
    chosen = settings.calibrate
    frame = study.frame(family.labeller)
    values = study.expressed(family.labeller, "assistant")
    found: dict[str, Skeleton] = {}
    for group in chosen.groups:
        part = frame[(frame["group"] == group) & frame["subjective"]].reset_index(drop=True)
        found[group] = study_skeleton(
            part,
            values,
            minimum_context_clusters=family.minimum_context_clusters,
            minimum_value_conversations=family.minimum_value_conversations,
            n_contexts=chosen.contexts,
            n_values=chosen.values,
        )
    return found


def _full_tables(home: Paths) -> dict[str, pd.DataFrame]:
    try:
        return {
            name: read_columns(home.calibration / f"{name}.csv", key) for name, key in KEYS.items()
        }
    except InputError as error:
        command = "python -m valuescape.stages.calibrate --full"
        raise InputError(f"{error}; {command} writes it") from None


def _write(table: pd.DataFrame, path: Path, key: list[str]) -> None:
    columns = [*key, *(c for c in table.columns if c not in key)]
    write_table(table[columns], path, key=key, digits=RESAMPLED_DIGITS)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Calibrate tests and intervals by simulation.")
    parser.add_argument("--full", action="store_true", help="the long run that is committed")
    run(full if parser.parse_args().full else main)
