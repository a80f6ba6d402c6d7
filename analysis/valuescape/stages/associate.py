"""Stage ``associate``: tests, effect sizes and rankings of context against value."""

from __future__ import annotations

from valuescape.counts.cells import CELL_KEY
from valuescape.options import Associate
from valuescape.paths import paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.stages.inputs import read_study
from valuescape.store import RESAMPLED_DIGITS, read_table, replaced_folder, write_table
from valuescape.study.associations import associate
from valuescape.study.independence import independence
from valuescape.study.invariance import VALUE_KEY, divergences, invariance
from valuescape.study.omnibus import omnibus
from valuescape.study.plan import FAMILY, CellPlan
from valuescape.study.rankings import top_sets, top_values
from valuescape.study.replication import replicate


def cell_plan(settings: Associate) -> CellPlan:
    """Take the plan of the tests from ``params.yaml``."""
    strength = settings.prior_strength
    return CellPlan(
        minimum_expected=settings.minimum_expected_effective,
        minimum_clusters=settings.minimum_clusters,
        conf_level=settings.confidence_level,
        q_threshold=settings.q_threshold,
        distinctive_risk_ratio=settings.distinctive_risk_ratio,
        minimum_expected_ranked=settings.minimum_expected_ranked,
        prior_strength=None if strength == "marginal_likelihood" else float(strength),
    )


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    choices = load_settings(home.params)
    settings = choices.associate
    cells = read_table(home.results / "count" / "cells.csv", "counts")
    strata = read_table(home.results / "count" / "strata.csv", "stratum_counts")
    plan = cell_plan(settings)
    found = associate(cells, strata, plan)
    study, labeller = read_study(home), choices.count.labeller
    data = (
        study.frame(labeller),
        study.values_of_assistants(labeller),
        study.expressed(labeller, "user"),
        found,
    )
    found = found.merge(replicate(*data, plan), on=CELL_KEY, validate="one_to_one")
    families = omnibus(cells, found, plan).merge(
        independence(*data), on=FAMILY, how="left", validate="one_to_one"
    )
    varying = invariance(cells, context_kind="task_type", conf_level=plan.conf_level)
    apart = divergences(
        *data[:2],
        cells,
        context_kind="task_type",
        level=settings.divergence_level,
        conf_level=plan.conf_level,
    )
    sets = top_sets(found, plan)
    found = found.merge(sets[[*CELL_KEY, "in_top_set"]], on=CELL_KEY, how="left")
    top = top_values(found, context_kind="task_type", top_k=settings.top_k)
    with replaced_folder(home.results / "associate") as out:
        write_table(found, out / "associations.csv", key=CELL_KEY, digits=RESAMPLED_DIGITS)
        write_table(sets, out / "top_sets.csv", key=CELL_KEY, digits=RESAMPLED_DIGITS)
        write_table(varying, out / "invariance.csv", key=VALUE_KEY, digits=RESAMPLED_DIGITS)
        write_table(
            apart,
            out / "divergences.csv",
            key=["group", "first", "second"],
            digits=RESAMPLED_DIGITS,
        )
        write_table(families, out / "omnibus.csv", key=FAMILY)
        write_table(
            top,
            out / "top_values.csv",
            key=["group", "level", "context", "rank"],
            digits=RESAMPLED_DIGITS,
        )


if __name__ == "__main__":
    run(main)
