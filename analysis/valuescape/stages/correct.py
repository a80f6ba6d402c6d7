"""Stage ``correct``: agreement between labellers, and prevalences corrected for label error."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd

from valuescape.corpora.readings import with_labeller
from valuescape.options import Correct
from valuescape.paths import Paths, paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.stages.inputs import Study, machine_probabilities, nodes_of, read_study
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
from valuescape.study.contrasts import Spoken, contrasts
from valuescape.study.corrected_mirroring import corrected_mirroring
from valuescape.study.correction import (
    CorrectionPlan,
    GroupFrame,
    corrected_shares,
    corrected_stances,
    group_frame,
    node_probabilities,
)
from valuescape.study.explicit import explicit_repeatability
from valuescape.study.mirroring import STANCES
from valuescape.taxonomy.values import normalise_values

GROUPS_CORRECTED = ("ordinary", "adversarial", "over_refusal")
_CELL = ["group", "context_kind", "context", "value"]


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).correct
    study = read_study(home)
    machine = read_table(home.machine / "labels.parquet", "machine_labels")
    frames = _frames(study, machine, settings)
    spoken = _spoken(home, study, machine, settings)
    plan = _plan(settings)
    claims = read_table(home.claims, "claims")
    top = read_columns(home.results / "associate" / "top_values.csv", ["group", "context"])
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
            _corrected(frames, spoken, plan),
            out / "corrected.csv",
            key=["group", "quantity", "name"],
        )
        write_table(
            _mirroring(frames, spoken.values, plan, settings),
            out / "mirroring.csv",
            key=["group", "stance", "quantity"],
        )
        write_table(
            _explicit(study, settings),
            out / "explicit.csv",
            key=["group", "stance", "quantity"],
            digits=RESAMPLED_DIGITS,
        )
        stances = [corrected_stances(f, plan).assign(group=g) for g, f in frames.items()]
        write_table(
            pd.concat(stances),
            out / "stances.csv",
            key=["group", "context_kind", "context", "response_type"],
        )
        write_table(
            contrasts(_tested(claims), frames, spoken.values, plan), out / "claims.csv", key=["key"]
        )
        write_table(
            contrasts(_distinctive(top), frames, spoken.values, plan),
            out / "top_values.csv",
            key=_CELL,
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


@dataclass(frozen=True, slots=True)
class _Labels:
    """Values as read and by machine, single ones and headings."""

    values: Spoken
    headings: pd.DataFrame
    p_headings: pd.DataFrame


def _plan(settings: Correct) -> CorrectionPlan:
    return CorrectionPlan(
        settings.confidence_level,
        settings.minimum_phi_squared,
        settings.rare_prevalence,
        settings.minimum_value_conversations,
        settings.minimum_context_readings,
    )


def _frames(study: Study, machine: pd.DataFrame, settings: Correct) -> dict[str, GroupFrame]:
    read, conversations = study.frame(settings.reading), study.readings.conversations
    return {g: group_frame(conversations, machine, read, g) for g in GROUPS_CORRECTED}


def _spoken(home: Paths, study: Study, machine: pd.DataFrame, settings: Correct) -> _Labels:
    """Gather what both parties say, as read and by machine, by names as printed."""
    p_subjective = machine.set_index("conversation_id")["p_subjective"]
    given = machine_probabilities(home, study, "value_probabilities")
    uttered = machine_probabilities(home, study, "user_value_probabilities")
    certain = pd.Series(1.0, index=uttered.index)
    p_subjective = p_subjective.reindex(given.index)
    values = Spoken(
        study.expressed(settings.reading, "assistant"),
        study.expressed(settings.reading, "user"),
        node_probabilities(given, p_subjective, nodes_of(study, given.columns, 0)),
        node_probabilities(uttered, certain, nodes_of(study, uttered.columns, 0)),
    )
    return _Labels(
        values,
        study.expressed(settings.reading, "assistant", 3),
        node_probabilities(given, p_subjective, nodes_of(study, given.columns, 3)),
    )


def _corrected(
    frames: dict[str, GroupFrame], spoken: _Labels, plan: CorrectionPlan
) -> pd.DataFrame:
    said = {
        "value": (spoken.values.assistant, spoken.values.p_assistant),
        "heading": (spoken.headings, spoken.p_headings),
    }
    table = pd.concat(
        corrected_shares(frame, said, plan).assign(group=group) for group, frame in frames.items()
    )
    columns = ["group", "quantity", "name"]
    return table[[*columns, *(c for c in table.columns if c not in columns)]]


def _mirroring(
    frames: dict[str, GroupFrame], spoken: Spoken, plan: CorrectionPlan, settings: Correct
) -> pd.DataFrame:
    parts = [
        corrected_mirroring(frame, spoken, STANCES, plan, penalty=settings.proxy_penalty).assign(
            group=group
        )
        for group, frame in frames.items()
    ]
    return pd.concat(parts)


def _explicit(study: Study, settings: Correct) -> pd.DataFrame:
    """Repeatability of the mark of values stated in words, among conversations of assistants."""
    read, again = (study.frame(name) for name in (settings.reading, settings.second_reading))
    chosen = read["subjective"] & (read["group"] != "human_reference")
    twice = read[chosen & read["conversation_id"].isin(again["conversation_id"])]
    kept = ["conversation_id", "group", "response_type", "weight"]
    return explicit_repeatability(
        twice[kept],
        study.expressed(settings.reading, "assistant"),
        study.expressed(settings.second_reading, "assistant"),
        _resampling(twice.set_index("conversation_id")["prompt_group"], settings),
    )


def _tested(claims: pd.DataFrame) -> pd.DataFrame:
    return claims.loc[claims["why_not"] == "", ["key", *_CELL]]


def _distinctive(top: pd.DataFrame) -> pd.DataFrame:
    chosen = top[(top["level"] == 0) & (top["rank"] > 0)]
    return chosen.assign(context_kind="task_type")[_CELL]


if __name__ == "__main__":
    run(main)
