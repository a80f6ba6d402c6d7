"""Stage ``taxonomy``: the names in the readings to a tree of values."""

from __future__ import annotations

import pandas as pd

from valuescape.corpora.readings import load_readings
from valuescape.settings import load_settings, paths
from valuescape.stages import run
from valuescape.store import RESAMPLED_DIGITS, read_columns, replaced_folder, write_table
from valuescape.taxonomy.merging import check_spellings
from valuescape.taxonomy.quality import QUALITY_KEY, quality_report
from valuescape.taxonomy.similarity import name_similarity
from valuescape.taxonomy.tasks import build_task_taxonomy, task_stability
from valuescape.taxonomy.tree import build_taxonomy, default_similarity


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).taxonomy
    readings = load_readings(home.labels)
    expressions, labels = readings.expressions, readings.labels
    check_spellings(expressions, str(home.labels / "expressions.csv"))
    similarity = default_similarity(expressions)
    tree = build_taxonomy(expressions, settings.minimum_similarity, similarity)
    quality = quality_report(
        tree, {"names": name_similarity, "names and shared conversations": similarity}
    )
    embeddings = read_columns(home.task_embeddings, ["task"]).set_index("task")
    tasks = build_task_taxonomy(labels, embeddings, settings.task_kinds)
    stability = task_stability(
        labels,
        embeddings,
        settings.task_kinds,
        n_resamples=settings.task_resamples,
        share=settings.task_resample_share,
        seed=settings.seed,
    )
    with replaced_folder(home.results / "taxonomy") as out:
        write_table(tree.nodes, out / "taxonomy.csv", key=["node_id"])
        write_table(tree.places, out / "values.csv", key=["value_raw"])
        write_table(tree.merged, out / "merged.csv", key=["value_raw"])
        write_table(
            pd.concat([quality, stability]),
            out / "quality.csv",
            key=QUALITY_KEY,
            digits=RESAMPLED_DIGITS,
        )
        write_table(tasks.nodes, out / "task_taxonomy.csv", key=["node_id"])
        write_table(tasks.places, out / "tasks.csv", key=["task"])


if __name__ == "__main__":
    run(main)
