"""Stage ``count``: labels and taxonomy to sufficient statistics of every cell."""

from __future__ import annotations

from valuescape.counts.cells import CELL_KEY
from valuescape.counts.families import count_families
from valuescape.paths import paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.stages.inputs import read_study
from valuescape.store import replaced_folder, write_table
from valuescape.study.vocabulary import vocabulary_table


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).count
    study = read_study(home)

    found = count_families(
        study.frame(settings.labeller),
        study.values_of_assistants(settings.labeller),
        study.expressed(settings.labeller, "user"),
        groups=settings.groups,
        context_kinds=settings.context_kinds,
        levels=settings.levels,
        minimum_context_clusters=settings.minimum_context_clusters,
        minimum_value_conversations=settings.minimum_value_conversations,
    )
    names = vocabulary_table(
        study.expressions[study.expressions["party"] == "assistant"],
        study.subjective_of_assistants(),
        settings.protocols,
        conf_level=settings.confidence_level,
    )
    family = CELL_KEY[:3]
    with replaced_folder(home.results / "count") as out:
        write_table(names, out / "vocabulary.csv", key=["labeller"])
        write_table(found.cells, out / "cells.csv", key=CELL_KEY)
        write_table(found.strata, out / "strata.csv", key=[*family, "stratum", "context", "value"])
        write_table(found.contexts, out / "contexts.csv", key=["group", "context_kind", "context"])


if __name__ == "__main__":
    run(main)
