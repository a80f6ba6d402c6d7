"""Embed task phrases and value names once, so that the pipeline needs no model of sentences."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

from valuescape.paths import paths
from valuescape.stages import run
from valuescape.stages.acquire.choices import load_choices
from valuescape.store import read_table, write_bytes, write_text
from valuescape.taxonomy.encoders import Encoder, FloatArray, minilm_encoder, universal_encoder
from valuescape.taxonomy.names import read_rules

CENTRES = Path("analysis/valuescape/resources/taxonomy/embedding_centres.csv")
_LARGEST = 127


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
    small = _small(components(encode(phrases), n_dimensions))
    names = [f"c{i:02d}" for i in range(small.shape[1])]
    return pd.DataFrame(small, columns=names).assign(task=phrases)[["task", *names]]


def embed_values(names: list[str], encoders: dict[str, Encoder], n_dimensions: int) -> pd.DataFrame:
    """Encode every value name and keep the leading components of each encoder.

    Parameters
    ----------
    names : list of str
        Distinct names.
    encoders : dict of str to callable
        By the letter that begins the columns.
    n_dimensions : int
        Components kept of each.

    Returns
    -------
    DataFrame
        ``value`` and, for each encoder, columns such as ``m000`` (int8, as :func:`embed_tasks`
        scales them within an encoder), sorted by ``value``.

    Examples
    --------
    >>> embed_values(["b", "a", "c"], {"m": lambda p: np.eye(3)[:len(p)]}, 2).shape
    (3, 3)
    """
    ordered = sorted(names)
    parts = [pd.DataFrame({"value": ordered})]
    for letter, encode in encoders.items():
        small = _small(components(encode(ordered), n_dimensions))
        parts.append(
            pd.DataFrame(small, columns=[f"{letter}{i:03d}" for i in range(small.shape[1])])
        )
    return pd.concat(parts, axis=1)


def components(points: FloatArray, n_dimensions: int) -> FloatArray:
    """Return the leading principal components, the largest loading of each positive.

    Examples
    --------
    >>> components(np.array([[0.0, 1.0], [2.0, 1.0]]), 1).round(6).tolist()
    [[-1.0], [1.0]]
    """
    centred = points - points.mean(axis=0)
    left, strength, loadings = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(loadings).argmax(axis=1)
    signs = np.sign(loadings[np.arange(len(loadings)), largest])
    found: FloatArray = (left * strength * signs)[:, :n_dimensions]
    return found


def _small(scores: FloatArray) -> np.ndarray:
    small: np.ndarray = np.rint(scores * (_LARGEST / np.abs(scores).max())).astype(np.int8)
    return small


def known_names(expressions: pd.DataFrame) -> list[str]:
    """Return the names in the readings and in the rule files, sorted.

    Examples
    --------
    >>> "honesty" in known_names(pd.DataFrame({"value": ["zeal"]}))
    True
    """
    judged = [row["value"] for row in read_rules("assignments.csv")]
    synonyms = [
        name for row in read_rules("synonyms.csv") for name in (row["canonical"], row["variant"])
    ]
    return sorted({*expressions["value"], *judged, *synonyms})


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    chosen = load_choices(where).embed
    labels = read_table(where.labels / "labels.csv", "readings")
    names = known_names(read_table(where.labels / "expressions.csv", "reading_expressions"))
    universal, minilm = universal_encoder(), minilm_encoder()
    tasks = embed_tasks(labels, universal, chosen.n_dimensions)
    write_embeddings(tasks, where.task_embeddings)
    values = embed_values(names, {"m": minilm, "u": universal}, chosen.n_dimensions_of_values)
    write_embeddings(values, where.value_embeddings)
    means = {name: encode(names).mean(axis=0) for name, encode in
             (("minilm", minilm), ("universal", universal))}  # fmt: skip
    lines = [f"{name},{x:.5f}" for name, mean in means.items() for x in mean]
    write_text("\n".join(["encoder,mean", *lines]) + "\n", where.root / CENTRES)


def write_embeddings(table: pd.DataFrame, path: Path) -> None:
    """Write the table as Parquet, whole or not at all."""
    content = io.BytesIO()
    table.to_parquet(content, index=False, compression="zstd")
    write_bytes(content.getvalue(), path)


if __name__ == "__main__":
    run(main)
