"""Stage ``compare``: assistants on the same prompts, releases of one assistant, axes of values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.options import Compare
from valuescape.paths import Paths, paths
from valuescape.settings import Settings, load_settings
from valuescape.stages import run
from valuescape.stages.associate import cell_plan
from valuescape.stages.inputs import Study, machine_probabilities, nodes_of, read_study
from valuescape.store import RESAMPLED_DIGITS, read_table, replaced_folder, write_table
from valuescape.study.axes import AxesPlan, value_axes
from valuescape.study.comparison import (
    COARSE,
    CONTRAST_KEY,
    PAIRED_KEY,
    ComparisonPlan,
    corrected_contrasts,
    machine_contrasts,
    paired_tests,
)
from valuescape.study.correction import CorrectionPlan, node_probabilities
from valuescape.study.distinctions import (
    DISTINCTION_KEY,
    TOP_KEY,
    distinctions,
    distinctive_values,
)
from valuescape.study.releases import release_contrasts
from valuescape.study.run_shares import SHARE_KEY, reference_shares, run_shares
from valuescape.study.shared_prompts import QUANTITIES, Comparison, comparisons
from valuescape.study.variation import VARIATION_KEY, variance_shares

HUMAN = "human_reference"
_AXES_KEYS = {
    "axes": ["group", "axis"],
    "loadings": ["group", "axis", "value"],
    "profiles": ["group", "axis", "run"],
    "axes_values": ["group", "value"],
}


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    everything = load_settings(home.params)
    settings = everything.compare
    study = read_study(home)
    given = _given(home, study, settings)
    plan = _plan(everything)
    paired = {id(one): paired_tests(one, plan) for one in given}
    contrasts = _stacked(given, lambda one: corrected_contrasts(one, paired[id(one)], plan))
    releases = release_contrasts(contrasts, settings.release_source, settings.releases, plan)
    coarse = [one.only(COARSE) for one in given]
    with replaced_folder(home.results / "compare") as out:
        write_table(contrasts, out / "contrasts.csv", key=CONTRAST_KEY)
        write_table(releases, out / "releases.csv", key=CONTRAST_KEY)
        write_table(
            _stacked(coarse, lambda one: machine_contrasts(one, plan)),
            out / "machine_contrasts.csv",
            key=CONTRAST_KEY,
        )
        write_table(
            _stacked(given, lambda one: paired[id(one)]),
            out / "paired.csv",
            key=PAIRED_KEY,
            digits=RESAMPLED_DIGITS,
        )
        write_table(_shares(study, coarse, everything), out / "run_shares.csv", key=SHARE_KEY)
        _write_distinctions(study, everything, out)
        write_table(
            _variation(study, settings),
            out / "variation.csv",
            key=VARIATION_KEY,
            digits=RESAMPLED_DIGITS,
        )
        _write_axes(study, settings, out)


def _given(home: Paths, study: Study, settings: Compare) -> list[Comparison]:
    """Lay out every comparison, with what was read and what the machine found."""
    machine = read_table(home.machine / "labels.parquet", "machine_labels")
    probabilities = machine_probabilities(home, study, "value_probabilities")
    p_subjective = machine.set_index("conversation_id")["p_subjective"]
    p_subjective = p_subjective.reindex(probabilities.index)
    said = {
        QUANTITIES[level]: (
            study.expressed(settings.labeller, "assistant", level),
            node_probabilities(
                probabilities, p_subjective, nodes_of(study, probabilities.columns, level)
            ),
        )
        for level in settings.levels
    }
    return comparisons(
        study.readings.conversations,
        machine,
        study.frame(settings.labeller),
        said,
        sources=settings.sources,
        minimum=settings.minimum_value_conversations,
    )


def _plan(everything: Settings) -> ComparisonPlan:
    chosen = everything.compare
    return ComparisonPlan(
        chosen.confidence_level,
        everything.correct.rare_prevalence,
        chosen.minimum_readings,
        chosen.q_threshold,
        chosen.power,
        everything.associate.minimum_expected_effective,
    )


def _stacked(
    given: list[Comparison], table_of: Callable[[Comparison], pd.DataFrame]
) -> pd.DataFrame:
    """Stack the tables of all comparisons, of which some may be empty.

    Raises
    ------
    InputError
        If all are.
    """
    parts = [part for part in map(table_of, given) if not part.empty]
    if not parts:
        raise InputError(
            "compare.minimum_readings: no two runs were read so often; allowed is a minimum that "
            "two runs of one source and group reach on prompts that both answered"
        )
    return pd.concat(parts, ignore_index=True)


def _shares(study: Study, given: list[Comparison], everything: Settings) -> pd.DataFrame:
    chosen = everything.compare
    plan = CorrectionPlan(
        chosen.confidence_level,
        everything.correct.minimum_phi_squared,
        everything.correct.rare_prevalence,
        chosen.minimum_value_conversations,
        chosen.minimum_readings,
    )
    read = study.frame(chosen.labeller)
    said = {QUANTITIES[3]: study.expressed(chosen.labeller, "assistant", 3)}
    reference = reference_shares(read[read["group"] == HUMAN], said, plan)
    return pd.concat([*(run_shares(one, plan) for one in given), reference], ignore_index=True)


def _write_distinctions(study: Study, everything: Settings, out: Path) -> None:
    chosen = everything.compare
    found = distinctions(
        study.frame(chosen.labeller),
        study.values_of_assistants(chosen.labeller),
        cell_plan(everything.associate),
        sources=chosen.sources,
        levels=chosen.levels,
        minimum_readings=chosen.minimum_readings,
        minimum_value_conversations=chosen.minimum_value_conversations,
    )
    top = distinctive_values(found, everything.associate.top_k)
    write_table(found, out / "distinctions.csv", key=DISTINCTION_KEY, digits=RESAMPLED_DIGITS)
    write_table(top, out / "distinctive.csv", key=TOP_KEY, digits=RESAMPLED_DIGITS)


def _variation(study: Study, settings: Compare) -> pd.DataFrame:
    labellers = [settings.labeller, settings.second_reading]
    given = study.readings
    labels = given.labels[given.labels["labeller"].isin(labellers)]
    readings = labels.merge(given.conversations, on="conversation_id", validate="many_to_one")
    said = {
        QUANTITIES[level]: pd.concat(
            study.expressed(labeller, "assistant", level).assign(labeller=labeller)
            for labeller in labellers
        )
        for level in settings.levels
    }
    parts = [
        variance_shares(
            part.reset_index(drop=True),
            said,
            minimum=settings.minimum_value_conversations,
            n_boot=settings.n_boot,
            seed=settings.seed,
            conf_level=settings.confidence_level,
        ).assign(source=str(source), group=str(group))
        for (source, group), part in readings.groupby(["source", "group"])
        if source in settings.sources
    ]
    return pd.concat(parts, ignore_index=True)


def _write_axes(study: Study, settings: Compare, out: Path) -> None:
    plan = AxesPlan(
        settings.axes_minimum_share,
        settings.axes_maximum_share,
        settings.minimum_readings,
        settings.n_boot,
        settings.n_null,
        settings.n_splits,
        settings.seed,
        settings.confidence_level,
    )
    frame = study.frame(settings.labeller)
    said = study.expressed(settings.labeller, "assistant", settings.axes_level)
    of_user = study.expressed(settings.labeller, "user", settings.axes_user_level)
    found = {
        group: value_axes(frame[frame["group"] == group], said, of_user, plan)
        for group in settings.axes_groups
    }
    tables = {"axes": "axes", "loadings": "loadings", "profiles": "profiles"}
    for name, attribute in {**tables, "axes_values": "values"}.items():
        stacked = pd.concat(getattr(t, attribute).assign(group=g) for g, t in found.items())
        write_table(stacked, out / f"{name}.csv", key=_AXES_KEYS[name], digits=RESAMPLED_DIGITS)


if __name__ == "__main__":
    run(main)
