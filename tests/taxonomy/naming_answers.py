"""A model that names nodes, for the loopback servers, and runs of the command against them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tests.providers.server import Behaviour
from tests.taxonomy.test_free_tree import NAMES
from valuescape.providers.batching import BatchManner
from valuescape.providers.dispatch import Manner
from valuescape.taxonomy.command import build_file
from valuescape.taxonomy.naming_command import name_with_anthropic

SIZES = (9, 4, 2)
QUICK = BatchManner(most_requests=5, poll_seconds=0.005, settle_seconds=0.05)
NAMER = ("--namer", "anthropic", "--yes")


def saying(name: Callable[[dict[str, Any]], str]) -> Callable[[str, int], Behaviour]:
    """Return a model that names a group so, tells equal names apart and keeps parents."""

    def answer(text: str, n_before: int) -> Behaviour:
        given = json.loads(text)
        found: dict[str, Any]
        if isinstance(given, list):
            apart = [{"id": g["id"], "name": f"{g['name']} {g['id']}"} for g in given]
            found = {"groups": apart}
        elif "above" in given:
            found = {"parent": 0}
        else:
            found = {"name": name(given), "description": f"Told by {given['inside'][0]}."}
        return Behaviour(json.dumps(found))

    return answer


good_names = saying(lambda given: f"about {given['inside'][0]}")


def write_names(folder: Path) -> Path:
    """Write 36 names of values to ``folder/names.txt``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "names.txt"
    path.write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    return path


def command(folder: Path, *options: str) -> list[str]:
    """Return the command that builds ``folder/tree`` from ``folder/names.txt``."""
    given = ["taxonomy", "build", str(folder / "names.txt"), "--output", str(folder / "tree")]
    return [*given, "--embeddings", "stems", "--sizes", *map(str, SIZES), *options]


def run(folder: Path, url: str, *, batch: bool = True, confirm: bool = True) -> str:
    """Build the same by Claude, with batches of five and little patience."""
    naming = name_with_anthropic(
        lambda _: confirm,
        manner=Manner(batch=batch, workers=3, batches=QUICK),
        base_url=url,
        max_retries=1,
        timeout=5.0,
    )
    given = {"embeddings": "stems", "sizes": SIZES, "naming": naming}
    return build_file(folder / "names.txt", folder / "tree", **given)  # type: ignore[arg-type]


def nodes(folder: Path) -> pd.DataFrame:
    """Read the nodes above the values."""
    found = pd.read_csv(folder / "tree" / "taxonomy.csv", keep_default_na=False)
    return found[found["level"] > 0].set_index("node_id")
