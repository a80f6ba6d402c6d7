"""Fit the labeller that ships with the package to all readings it may learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from valuescape.labelling.embedded import VERSION, shipped_weights
from valuescape.labelling.fitting import Targets, fit_model
from valuescape.labelling.latent import thinned
from valuescape.labelling.model import save_model
from valuescape.labelling.space import fit_space, placed
from valuescape.labelling.training import (
    TrainingReadings,
    build_targets,
    corpus_features,
    first_readings,
    learnable_values,
)
from valuescape.paths import paths
from valuescape.stages import run
from valuescape.stages.acquire.choices import corpora_folder, load_choices
from valuescape.store import read_table


def fit_shipped(
    labels: Path, taxonomy: Path, corpora: Path, exclude: list[str], output: Path
) -> None:
    """Fit to the readings of all sources but the excluded ones and write the weights.

    Parameters
    ----------
    labels : Path
        Folder of released readings.
    taxonomy : Path
        Results of the stage ``taxonomy``.
    corpora : Path
        Folder of texts.
    exclude : list of str
        Sources left out.
    output : Path
        File of weights (``.npz``); its description goes beside it.
    """
    readings = first_readings(labels, taxonomy)
    names = learnable_values(readings.expressions)
    targets, rows = learnable(readings, names, exclude)
    ids = readings.labels["conversation_id"].iloc[rows]
    sources = readings.labels["source"].iloc[rows].value_counts().sort_index()
    space = fit_space(corpus_features(corpora, allowed_texts(labels, exclude)))
    model = fit_model(placed(corpus_features(corpora, ids), space), targets, VERSION)
    save_model(
        model,
        output,
        excluded_sources=sorted(exclude),
        readings={str(source): int(n) for source, n in sources.items()},
    )


def learnable(
    readings: TrainingReadings, names: tuple[tuple[str, str], ...], exclude: list[str]
) -> tuple[Targets, np.ndarray]:
    """Return the targets of the readings that may be learnt from, and their rows."""
    rows = np.flatnonzero(~readings.labels["source"].isin(exclude).to_numpy())
    return build_targets(readings, names).rows(rows), rows


def allowed_texts(labels: Path, exclude: list[str]) -> list[str]:
    """Return conversations, read or not, whose n-grams may be learnt from."""
    known = read_table(labels / "conversations.csv", "conversations")
    rows = np.flatnonzero(~known["source"].isin(exclude).to_numpy())
    return known["conversation_id"].iloc[thinned(rows)].tolist()


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    exclude = load_choices(where).fit.exclude_sources
    taxonomy = where.results / "taxonomy"
    fit_shipped(where.labels, taxonomy, corpora_folder(where), exclude, shipped_weights())


if __name__ == "__main__":
    run(main)
