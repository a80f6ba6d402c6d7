"""Compare our trees with the released one, which is fetched and not kept in the repository."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from valuescape.corpora.download import Upstream, download
from valuescape.errors import InputError
from valuescape.paths import paths
from valuescape.stages import run
from valuescape.stages.acquire.choices import acquire_folder
from valuescape.store import RESAMPLED_DIGITS, read_columns, read_table, write_table
from valuescape.taxonomy.embedding import (
    LEAST_SCORE,
    SAME_VALUE,
    Embedding,
    stem_embedding,
)
from valuescape.taxonomy.encoders import (
    centred_encoder,
    centres,
    minilm_encoder,
    remembering,
    universal_encoder,
)
from valuescape.taxonomy.released import (
    RELEASED_COLUMNS,
    agreement_with_released,
    released_places,
)
from valuescape.taxonomy.values import load_values

LISTED, FOLDER = "released.csv", "released"
_COLUMNS = ["source", "repository", "commit", "path", "url", "bytes", "sha256"]


def released_file(folder: Path) -> tuple[Path, str]:
    """Fetch the released tree by address and SHA-256, unless it is there.

    Parameters
    ----------
    folder : Path
        Holds ``released.csv``, which names the file; receives ``released/``.

    Returns
    -------
    tuple of Path and str
        The file, and the source in words.

    Raises
    ------
    InputError
        If ``released.csv`` is not one row of the known columns, or the file cannot be had.
    """
    listed = folder / LISTED
    with listed.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if len(rows) != 1 or list(rows[0]) != _COLUMNS:
        raise InputError(f"{listed}: needed is one row with the columns {', '.join(_COLUMNS)}")
    row = rows[0]
    given = {name: row[name] for name in _COLUMNS if name not in ("bytes", "sha256")}
    file = Upstream(**given, n_bytes=int(row["bytes"]), sha256=row["sha256"])
    target = folder / FOLDER / Path(file.path).name
    download(file, target)
    return target, f"{file.repository} at {file.commit[:12]}, {file.path}"


def embeddings() -> dict[str, Embedding]:
    """Load every way to place names: both encoders, each alone, words."""
    encoders = [remembering(minilm_encoder()), remembering(universal_encoder())]
    means = centres()
    chosen = {"both encoders": (0, 1), "MiniLM": (0,), "universal encoder": (1,)}
    found = {
        name: Embedding(
            name,
            centred_encoder([encoders[i] for i in those], [means[i] for i in those]),
            SAME_VALUE,
            LEAST_SCORE,
        )
        for name, those in chosen.items()
    }
    return found | {"words": stem_embedding()}


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    path, source = released_file(acquire_folder(where))
    tree = read_columns(path, RELEASED_COLUMNS).fillna("")
    results = where.results / "taxonomy"
    found: pd.DataFrame = agreement_with_released(
        released_places(tree, str(path)),
        embeddings(),
        load_values(results / "values.csv"),
        read_table(results / "taxonomy.csv", "taxonomy"),
    )
    write_table(
        found.assign(source=source),
        where.tree_agreement,
        key=["quantity", "level", "method"],
        digits=RESAMPLED_DIGITS,
    )


if __name__ == "__main__":
    run(main)
