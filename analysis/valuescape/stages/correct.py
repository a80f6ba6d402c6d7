"""Stage ``correct``: agreement between labellers, and prevalences corrected for label error."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pandas as pd

from valuescape.corpora.readings import with_labeller
from valuescape.settings import Correct, Paths, load_settings, paths
from valuescape.stages import run
from valuescape.stages.inputs import Study, read_study
from valuescape.store import (
    RESAMPLED_DIGITS,
    read_columns,
    read_table,
    replaced_folder,
    write_table,
)
from valuescape.study.agreement import (
    Resampling,
    agreement_table,
    category_precision,
    compare_labellers,
    machine_precision,
    paired_labels,
)
from valuescape.study.correction import (
    CorrectionPlan,
    corrected_shares,
    group_frame,
    node_probabilities,
)
from valuescape.taxonomy.values import normalise_values

GROUPS_CORRECTED = ("ordinary", "adversarial", "over_refusal")


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).correct
    study = read_study(home)
    machine = read_table(home.machine / "labels.parquet", "machine_labels")
    agreement, precision = _agreement(home, study, machine, settings)
    demo_agreement, demo_precision = _demo_agreement(home, settings)
    with replaced_folder(home.results / "correct") as out:
        write_table(
            pd.concat([agreement, demo_agreement]),
            out / "agreement.csv",
            key=["pair", "group", "facet", "statistic"],
            digits=RESAMPLED_DIGITS,
        )
        write_table(
            pd.concat([precision, demo_precision]),
            out / "precision.csv",
            key=["pair", "facet", "name"],
            digits=RESAMPLED_DIGITS,
        )
        write_table(
            _corrected(home, study, machine, settings),
            out / "corrected.csv",
            key=["group", "quantity", "name"],
        )


def _resampling(prompt_group: pd.Series, settings: Correct) -> Resampling:
    return Resampling(prompt_group, settings.n_boot, settings.seed, settings.confidence_level)


def _agreement(
    home: Paths, study: Study, machine: pd.DataFrame, settings: Correct
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agreement of every pair of labellers, among conversations of assistants."""
    conversations = study.readings.conversations.set_index("conversation_id")
    assistants = conversations.index[conversations["group"] != "human_reference"]
    said = read_table(home.machine / "expressions.parquet", "machine_expressions")
    labels = pd.concat([study.readings.labels, machine.assign(task="")])
    labels = labels[labels["conversation_id"].isin(assistants)]
    values = pd.concat([study.expressions, normalise_values(said, study.values)])
    values = values[values["party"] == "assistant"]
    labeller = str(machine["labeller"].iloc[0])
    plan = _resampling(conversations["prompt_group"], settings)
    agreement = compare_labellers(
        labels,
        values,
        settings.reading,
        (settings.second_reading, *settings.other_protocols, labeller),
        conversations["group"],
        plan,
    )
    precision = machine_precision(
        labels,
        values,
        settings.reading,
        labeller,
        plan,
        minimum=settings.minimum_value_conversations,
    )
    return agreement, precision


def _demo_agreement(home: Paths, settings: Correct) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agreement of the labels written with the demo corpus and those of the stage ``label``."""
    folder = Path(str(files("valuescape.resources") / "demo"))
    written = with_labeller(read_table(folder / "labels.csv", "readings"))
    made = read_table(home.results / "label" / "labels.csv", "labels")
    first, second = str(written["labeller"].iloc[0]), str(made["labeller"].iloc[0])
    pairs = paired_labels(pd.concat([written, made]), first, second)
    ids = pairs["conversation_id"]
    prompt = pd.Series(ids.str.split("-").str[0].to_numpy(), index=ids)
    plan = _resampling(prompt, settings)
    pair = f"demo corpus as written and {second}"
    agreement = agreement_table(pairs, plan).assign(pair=pair, group="demo")
    return agreement, category_precision(pairs, plan).assign(pair=pair)


def _corrected(home: Paths, study: Study, machine: pd.DataFrame, settings: Correct) -> pd.DataFrame:
    plan = CorrectionPlan(
        settings.confidence_level,
        settings.minimum_phi_squared,
        settings.rare_prevalence,
        settings.minimum_value_conversations,
    )
    read = study.frame(settings.reading)
    said = {
        "value": study.expressed(settings.reading, "assistant"),
        "heading": study.expressed(settings.reading, "assistant", 3),
    }
    probabilities = _probabilities(home, study, machine)
    tables = []
    for group in GROUPS_CORRECTED:
        frame = group_frame(study.readings.conversations, machine, read, group)
        found = corrected_shares(frame, said, probabilities, plan)
        tables.append(found.assign(group=group))
    table = pd.concat(tables)
    columns = ["group", "quantity", "name"]
    return table[[*columns, *(c for c in table.columns if c not in columns)]]


def _probabilities(home: Paths, study: Study, machine: pd.DataFrame) -> pd.DataFrame:
    """Machine probabilities of values (as printed) and headings, by conversation."""
    given = read_columns(home.machine / "value_probabilities.parquet", ["conversation_id"])
    given = given.set_index("conversation_id")
    p_subjective = machine.set_index("conversation_id")["p_subjective"].reindex(given.index)
    places = study.values.drop_duplicates("value_raw").set_index("value_raw")
    known = [name for name in given.columns if name in places.index]
    names = study.nodes.set_index("node_id")["name"]
    printed = places.loc[known, "value"]
    headings = places.loc[known, "level3"].map(names)
    parts = [
        node_probabilities(given[known], p_subjective, node, kind)
        for kind, node in (("value", printed), ("heading", headings))
    ]
    return pd.concat(parts, axis=1).reset_index()


if __name__ == "__main__":
    run(main)
