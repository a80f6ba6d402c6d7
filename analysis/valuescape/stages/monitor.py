"""Stage ``monitor``: undesired values, early warning, and monitors on simulated streams.

The default run of the streams is small ("smoke") and stands beside the tables of the full run,
which ``python -m valuescape.stages.monitor --full`` writes and the pipeline only reads.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import pandas as pd

from valuescape.errors import InputError
from valuescape.monitoring.evidence import Rules
from valuescape.monitoring.showcase import stream_table
from valuescape.monitoring.trials import TrialPlan, detections, false_alarms
from valuescape.options import Monitor
from valuescape.paths import Paths, paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.stages.inputs import Study, read_study
from valuescape.store import RESAMPLED_DIGITS, read_columns, replaced_folder, write_table
from valuescape.study.undesired import (
    SETS,
    undesired_contrasts,
    undesired_outcomes,
    undesired_shares,
)
from valuescape.study.warning import (
    SCORES,
    cluster_scores,
    machine_scores,
    simulated_precision,
    warning_quality,
)

STREAMS: dict[str, list[str]] = {
    "false_alarms": ["scenario", "monitor"],
    "detections": ["odds_ratio", "prevalence", "monitor"],
}
EXAMPLE = (2.0, 0.03)
"""Odds ratio and prevalence of the stream that is drawn; the nearest simulated ones are taken."""
DIVISIONS = {"group": ["group"], "source": ["group", "source"], "assistant": ["group", "system"]}
GROUPS = ("ordinary", "adversarial", "over_refusal")


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    chosen = load_settings(home.params).monitor
    full = _full_tables(home)
    tables = study_tables(read_study(home), home, chosen)
    plan = smoke_plan(chosen)
    smoke = simulations(plan)
    with replaced_folder(home.results / "monitor") as out:
        for name, (table, key) in tables.items():
            write_table(table, out / f"{name}.csv", key=key)
        for name, key in STREAMS.items():
            both = {"full": full[name], "smoke": smoke[name]}
            table = pd.concat([part.assign(run=label) for label, part in both.items()])
            write_table(table, out / f"{name}.csv", key=["run", *key], digits=RESAMPLED_DIGITS)
        stream = _example(plan)
        write_table(stream, out / "stream.csv", key=["day"], digits=RESAMPLED_DIGITS)


def full() -> None:
    """Run the streams in full and write ``data/reference/monitoring``."""
    home = paths()
    plan = full_plan(load_settings(home.params).monitor)
    tables = simulations(plan)
    with replaced_folder(home.monitoring) as out:
        for name, key in STREAMS.items():
            write_table(tables[name], out / f"{name}.csv", key=key, digits=RESAMPLED_DIGITS)


def smoke_plan(chosen: Monitor) -> TrialPlan:
    """Take the plan of the small run from ``params.yaml``."""
    rules = Rules(
        run_length=chosen.run_length,
        tolerance=chosen.tolerance,
        conf_level=chosen.confidence_level,
    )
    return TrialPlan(
        seed=chosen.seed,
        rules=rules,
        tasks=chosen.tasks,
        prevalences=tuple(chosen.prevalences),
        daily=chosen.daily,
        baseline_days=chosen.baseline_days,
        quiet_days=chosen.quiet_days,
        change_day=chosen.change_day,
        horizon=chosen.horizon,
        window=chosen.window,
        odds_ratios=tuple(chosen.odds_ratios),
        replicates=chosen.replicates,
    )


def full_plan(chosen: Monitor) -> TrialPlan:
    """Take the plan of the full run from ``params.yaml``."""
    small = smoke_plan(chosen)
    return replace(small, replicates=small.replicates * chosen.full_factor)


def simulations(plan: TrialPlan) -> dict[str, pd.DataFrame]:
    """Run the simulated streams of a plan.

    Returns
    -------
    dict of DataFrame
        By the names of :data:`STREAMS`.
    """
    return {"false_alarms": false_alarms(plan), "detections": detections(plan)}


def study_tables(
    study: Study, home: Paths, chosen: Monitor
) -> dict[str, tuple[pd.DataFrame, list[str]]]:
    """Make the tables of undesired values and of early warning, each with its key."""
    frame = study.frame(chosen.labeller)
    systems = study.readings.assistants.set_index(["source", "model"])["system"]
    place = pd.MultiIndex.from_frame(frame[["source", "model"]])
    frame = frame.assign(system=systems.reindex(place).to_numpy())
    frame = frame[frame["group"].isin(GROUPS)].reset_index(drop=True)
    said = study.expressed(chosen.labeller, "assistant")
    shares, contrasts = [], []
    outcomes = {
        polarity: undesired_outcomes(frame, said, study.values, polarity) for polarity in SETS
    }
    for polarity, y in outcomes.items():
        for division, by in DIVISIONS.items():
            found = undesired_shares(
                frame,
                y,
                by,
                conf_level=chosen.confidence_level,
                minimum_conversations=chosen.minimum_assistant_conversations,
            )
            part = found[by[-1]]
            shares.append(found[["group", *found.columns.drop(by)]].assign(
                polarity=polarity, division=division, part=part))  # fmt: skip
        contrasts.append(
            undesired_contrasts(
                frame, y, "group", "adversarial", "ordinary", conf_level=chosen.confidence_level
            ).assign(polarity=polarity)
        )
    areas, precision, simulated = _warning(study, home, chosen, frame, outcomes["undesirable"])
    return {
        "prevalence": (pd.concat(shares), ["polarity", "division", "group", "part", "outcome"]),
        "contrasts": (pd.concat(contrasts), ["polarity", "outcome"]),
        "warning": (areas, ["population", "score"]),
        "precision": (precision, ["population", "score", "one_in"]),
        "simulated_precision": (simulated, ["score", "one_compliant_in", "one_in"]),
    }


def _warning(
    study: Study, home: Paths, chosen: Monitor, frame: pd.DataFrame, undesired: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    listed = study.readings.conversations
    labels = read_columns(
        home.machine / "labels.parquet",
        ["conversation_id", "fold", "p_harmful_request", "p_mild_support", "p_strong_support"],
    )
    probabilities = read_columns(home.machine / "value_probabilities.parquet", ["conversation_id"])
    names = study.values.loc[study.values["polarity"] == "undesirable", "value_raw"]
    scores = machine_scores(labels, probabilities, sorted(names))
    known = listed.set_index("conversation_id").loc[scores["conversation_id"]]
    assistants = (known["group"] != "human_reference").to_numpy()
    scores, known = scores[assistants].reset_index(drop=True), known[assistants]
    clusters = known["prompt_group"].reset_index(drop=True)
    scores["like_requests"] = cluster_scores(scores["undesired_values"], clusters)
    read = frame.merge(scores, on="conversation_id", validate="one_to_one")
    read["undesired"] = undesired.iloc[:, 0].to_numpy()
    populations = {"all": read["group"].notna()}
    populations |= {group: read["group"] == group for group in GROUPS}
    unsafe = (read["source"] == "xstest-v2") & (read["group"] == "adversarial")
    populations |= {"xstest_unsafe": unsafe}
    areas, precision = warning_quality(
        read, populations, chosen.budgets, conf_level=chosen.confidence_level
    )
    ordinary = scores[(known["group"] == "ordinary").to_numpy()]
    parts = [
        simulated_precision(
            read.loc[read["undesired"] > 0, score],
            ordinary[score],
            chosen.simulated_rarities,
            chosen.simulated_budgets,
        ).assign(score=score)
        for score in SCORES
    ]
    return areas, precision, pd.concat(parts)


def _example(plan: TrialPlan) -> pd.DataFrame:
    ratio = min(plan.odds_ratios, key=lambda one: abs(one - EXAMPLE[0]))
    nearest = min(plan.prevalences, key=lambda one: abs(one - EXAMPLE[1]))
    return stream_table(plan, ratio, plan.prevalences.index(nearest))


def _full_tables(home: Paths) -> dict[str, pd.DataFrame]:
    try:
        return {
            name: read_columns(home.monitoring / f"{name}.csv", key)
            for name, key in STREAMS.items()
        }
    except InputError as error:
        command = "python -m valuescape.stages.monitor --full"
        raise InputError(f"{error}; {command} writes it") from None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Undesired values, early warning, monitors.")
    parser.add_argument("--full", action="store_true", help="the long run that is committed")
    run(full if parser.parse_args().full else main)
