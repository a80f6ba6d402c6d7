"""Label the demo corpus with the labeller that ships with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pandas as pd

from valuescape.labelling.command import find_labeller, full_name, label_all
from valuescape.labelling.tables import expression_frame, label_frame
from valuescape.paths import paths
from valuescape.schema import TABLES
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.store import replaced_folder, write_json, write_table


def demo_corpus() -> Path:
    """Return the file of demo conversations."""
    return Path(str(resources.files("valuescape.resources") / "demo" / "conversations.jsonl"))


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    labeller = find_labeller(load_settings(where.params).label.labeller)
    found = label_all(demo_corpus(), labeller)
    name = full_name(labeller)
    labels, expressions = label_frame(found, name), expression_frame(found, name)
    with replaced_folder(where.results / "label") as folder:
        for table, frame in (("labels", labels), ("expressions", expressions)):
            write_table(frame, folder / f"{table}.csv", key=list(TABLES[table].key))
        write_json(summary(labels, expressions, name), folder / "summary.json")


def summary(labels: pd.DataFrame, expressions: pd.DataFrame, labeller: str) -> dict[str, object]:
    """Count what was labelled."""
    per_party = expressions["party"].value_counts().sort_index()
    return {
        "labeller": labeller,
        "conversations": len(labels),
        "subjective": int(labels["subjective"].sum()),
        "task_types": _counted(labels["task_type"]),
        "response_types": _counted(labels["response_type"]),
        "expressions": {str(party): int(n) for party, n in per_party.items()},
    }


def _counted(names: pd.Series) -> dict[str, int]:
    return {str(name): int(n) for name, n in names.value_counts().sort_index().items()}


if __name__ == "__main__":
    run(main)
