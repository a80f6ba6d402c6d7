"""Stage ``taxonomy``: the names in the readings to a tree of values."""

from __future__ import annotations

import pandas as pd

from valuescape.corpora.readings import load_readings
from valuescape.options import Taxonomy
from valuescape.paths import Paths, paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.store import RESAMPLED_DIGITS, read_columns, replaced_folder, write_table
from valuescape.taxonomy.embedding import stem_embedding, table_embedding
from valuescape.taxonomy.merging import check_spellings
from valuescape.taxonomy.quality import (
    QUALITY_COLUMNS,
    QUALITY_KEY,
    placement_accuracy,
    quality_report,
    threshold_report,
)
from valuescape.taxonomy.similarity import Similarity, name_similarity, remembered
from valuescape.taxonomy.stability import (
    Resampling,
    company_gain,
    similarities_of,
    tree_stability,
)
from valuescape.taxonomy.tasks import build_task_taxonomy, task_stability
from valuescape.taxonomy.tree import build_taxonomy, default_similarity

BOTH = "both encoders"


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).taxonomy
    readings = load_readings(home.labels)
    expressions, labels = readings.expressions, readings.labels
    check_spellings(expressions, str(home.labels / "expressions.csv"))
    names = remembered(name_similarity)
    similarity = default_similarity(expressions, names)
    tree = build_taxonomy(expressions, settings.minimum_similarity, similarity)
    quality = quality_report(tree, {"names": names, "names and shared conversations": similarity})
    built = _built(home, expressions, tree.places, settings, readings.conversations, names)
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
            pd.concat([quality, built, stability])[QUALITY_COLUMNS],
            out / "quality.csv",
            key=QUALITY_KEY,
            digits=RESAMPLED_DIGITS,
        )
        write_table(tasks.nodes, out / "task_taxonomy.csv", key=["node_id"])
        write_table(tasks.places, out / "tasks.csv", key=["task"])


def _built(
    home: Paths,
    expressions: pd.DataFrame,
    judged: pd.DataFrame,
    settings: Taxonomy,
    conversations: pd.DataFrame,
    names: Similarity,
) -> pd.DataFrame:
    """Try the ways to place any name on the names that are judged."""
    table = read_columns(home.value_embeddings, ["value"])
    embeddings = {BOTH: table_embedding(table, str(home.value_embeddings))}
    for encoder, letter in (("MiniLM", "m"), ("universal encoder", "u")):
        columns = ["value", *(c for c in table.columns if c.startswith(letter))]
        embeddings[encoder] = table_embedding(table[columns], str(home.value_embeddings))
    embeddings["words"] = stem_embedding()
    sizes = [len(set(judged[f"level{level}"])) for level in (1, 2, 3)]
    clusters = conversations.set_index("conversation_id")["prompt_group"]
    plan = Resampling(clusters, settings.tree_resamples, settings.seed)
    similarities = similarities_of(embeddings)
    likeness = {BOTH: similarities[BOTH], "names": names}
    return pd.concat(
        [
            *(placement_accuracy(similarity, name) for name, similarity in similarities.items()),
            threshold_report({name: embeddings[name] for name in (BOTH, "words")}),
            tree_stability(expressions, embeddings, sizes, judged, plan),
            company_gain(expressions, likeness, plan),
        ]
    )


if __name__ == "__main__":
    run(main)
