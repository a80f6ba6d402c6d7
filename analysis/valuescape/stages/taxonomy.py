"""Stage ``taxonomy``: the names in the readings to a tree of values."""

from __future__ import annotations

from valuescape.corpora.readings import load_readings
from valuescape.settings import load_settings, paths
from valuescape.stages import run
from valuescape.store import replaced_folder, write_table
from valuescape.taxonomy.merging import check_spellings
from valuescape.taxonomy.quality import QUALITY_KEY, quality_report
from valuescape.taxonomy.similarity import name_similarity
from valuescape.taxonomy.tree import build_taxonomy, default_similarity


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params).taxonomy
    expressions = load_readings(home.labels).expressions
    check_spellings(expressions, str(home.labels / "expressions.csv"))
    similarity = default_similarity(expressions)
    tree = build_taxonomy(expressions, settings.minimum_similarity, similarity)
    quality = quality_report(
        tree, {"names": name_similarity, "names and shared conversations": similarity}
    )
    with replaced_folder(home.results / "taxonomy") as out:
        write_table(tree.nodes, out / "taxonomy.csv", key=["node_id"])
        write_table(tree.places, out / "values.csv", key=["value_raw"])
        write_table(tree.merged, out / "merged.csv", key=["value_raw"])
        write_table(quality, out / "quality.csv", key=QUALITY_KEY)


if __name__ == "__main__":
    run(main)
