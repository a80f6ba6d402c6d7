"""How alike two values are: by their names, and by the company they keep in conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from valuescape.taxonomy.embedding import Embedding
from valuescape.taxonomy.merging import canonical_key
from valuescape.taxonomy.names import words

FloatArray = NDArray[np.float64]
Similarity = Callable[[Sequence[str], Sequence[str]], FloatArray]
"""Names asked about, names compared with -> matrix of similarities in [0, 1]."""

_CHARACTERS = (3, 5)
_MINIMUM_CONVERSATIONS = 5


def name_similarity(queries: Sequence[str], references: Sequence[str]) -> FloatArray:
    """Compare names by their words and by runs of three to five letters within words.

    Parameters
    ----------
    queries, references : sequence of str
        Value names.

    Returns
    -------
    ndarray of float, shape (n_queries, n_references)
        Mean of two cosines in [0, 1]: of TF-IDF weighted words and of TF-IDF weighted letter
        n-grams [1]_.

    References
    ----------
    .. [1] Salton, G. & Buckley, C. (1988). Term-weighting approaches in automatic text retrieval.
       Information Processing & Management 24, 513-523. doi:10.1016/0306-4573(88)90021-0

    Examples
    --------
    >>> s = name_similarity(["child safety"], ["child protection", "narrative craft"])
    >>> bool(s[0, 0] > s[0, 1] == 0)
    True
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    asked = [" ".join(words(name)) for name in queries]
    known = [" ".join(words(name)) for name in references]
    vectorizers = (
        TfidfVectorizer(analyzer=str.split),
        TfidfVectorizer(analyzer="char_wb", ngram_range=_CHARACTERS, sublinear_tf=True),
    )
    total = np.zeros((len(asked), len(known)))
    for vectorizer in vectorizers:
        vectorizer.fit(sorted({*asked, *known}))
        product = vectorizer.transform(asked) @ vectorizer.transform(known).T
        total += product.toarray()
    return np.clip(total / len(vectorizers), 0.0, 1.0)


def cooccurrence_similarity(expressions: pd.DataFrame) -> Similarity:
    """Build a similarity from the values that share conversations with a value.

    Each value is described by its positive pointwise mutual information with every value found
    in at least five conversations [1]_; itself left out.  Two values are alike by the cosine of
    their descriptions; a value found in no conversation is like none.

    Parameters
    ----------
    expressions : DataFrame
        ``conversation_id`` and ``value``; all labellers and parties of a conversation count as
        its company.

    Returns
    -------
    callable
        A :data:`Similarity`.

    References
    ----------
    .. [1] Bullinaria, J. A. & Levy, J. P. (2007). Extracting semantic representations from word
       co-occurrence statistics. Behavior Research Methods 39, 510-526. doi:10.3758/BF03193020

    Examples
    --------
    >>> said = pd.DataFrame(
    ...     [(i, v) for i in range(5) for v in ("hope", "joy")]
    ...     + [(i, v) for i in range(5, 10) for v in ("hope", "zeal")]
    ...     + [(i, v) for i in range(10, 15) for v in ("craft", "tact")],
    ...     columns=["conversation_id", "value"])
    >>> cooccurrence_similarity(said)(["joy"], ["zeal", "tact"]).round(6).tolist()
    [[1.0, 0.0]]
    """
    raw = expressions["value"]
    rows = pd.DataFrame(
        {
            "conversation": pd.factorize(expressions["conversation_id"], sort=True)[0],
            "key": raw.map({name: canonical_key(name) for name in raw.unique()}),
        }
    ).drop_duplicates()
    keys = sorted(rows["key"].unique())
    position = {key: i for i, key in enumerate(keys)}
    presence = sparse.csr_matrix(
        (np.ones(len(rows)), (rows["key"].map(position), rows["conversation"])),
        shape=(len(keys), int(rows["conversation"].max()) + 1),
    )
    profiles = _profiles(presence)

    def compare(queries: Sequence[str], references: Sequence[str]) -> FloatArray:
        matrices = [_rows_of(profiles, position, names) for names in (queries, references)]
        product: FloatArray = (matrices[0] @ matrices[1].T).toarray()
        return np.clip(product, 0.0, 1.0)

    return compare


def _profiles(presence: sparse.csr_matrix) -> sparse.csr_matrix:
    """Positive pointwise mutual information with the common values, rows of length one."""
    common = np.flatnonzero(np.asarray(presence.sum(axis=1)).ravel() >= _MINIMUM_CONVERSATIONS)
    counts = (presence @ presence[common].T).tocoo()
    other = counts.row != common[counts.col]
    row, column, shared = counts.row[other], counts.col[other], counts.data[other]
    by_row = np.bincount(row, shared, counts.shape[0])
    by_column = np.bincount(column, shared, counts.shape[1])
    information = np.log(shared * shared.sum() / (by_row[row] * by_column[column]))
    weight = np.maximum(information, 0.0)
    length = np.sqrt(np.bincount(row, weight**2, counts.shape[0]))
    scaled = np.divide(weight, length[row], out=np.zeros_like(weight), where=weight > 0)
    return sparse.csr_matrix((scaled, (row, column)), shape=counts.shape)


def _rows_of(
    profiles: sparse.csr_matrix, position: dict[str, int], names: Sequence[str]
) -> sparse.csr_matrix:
    found = [(i, position[k]) for i, n in enumerate(names) if (k := canonical_key(n)) in position]
    if not found:
        return sparse.csr_matrix((len(names), profiles.shape[1]))
    here, there = np.array(found).T
    pick = sparse.csr_matrix(
        (np.ones(len(here)), (here, there)), shape=(len(names), profiles.shape[0])
    )
    found_rows: sparse.csr_matrix = pick @ profiles
    return found_rows


def embedding_similarity(embedding: Embedding) -> Similarity:
    """Build a similarity from places in space: the cosine, no less than zero.

    Examples
    --------
    >>> from valuescape.taxonomy.embedding import stem_embedding
    >>> embedding_similarity(stem_embedding())(["hope"], ["hope", "craft"]).round(6).tolist()
    [[1.0, 0.0]]
    """

    def compare(queries: Sequence[str], references: Sequence[str]) -> FloatArray:
        points = embedding.encode([*queries, *references])
        return np.clip(points[: len(queries)] @ points[len(queries) :].T, 0.0, 1.0)

    return compare


def remembered(similarity: Similarity) -> Similarity:
    """Return a similarity that is computed once for the same names, however often it is asked.

    Examples
    --------
    >>> once = remembered(name_similarity)
    >>> once(["hope"], ["hope"]) is once(["hope"], ["hope"])
    True
    """
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], FloatArray] = {}

    def compare(queries: Sequence[str], references: Sequence[str]) -> FloatArray:
        key = (tuple(queries), tuple(references))
        if key not in found:
            found[key] = similarity(queries, references)
        return found[key]

    return compare


def mixed_similarity(parts: Sequence[tuple[Similarity, float]]) -> Similarity:
    """Build the weighted sum of similarities.

    Parameters
    ----------
    parts : sequence of (Similarity, float)
        The similarities and their weights, which add up to one.

    Returns
    -------
    callable
        A :data:`Similarity`.

    Examples
    --------
    >>> half = mixed_similarity([(name_similarity, 0.5), (name_similarity, 0.5)])
    >>> half(["hope"], ["hope", "craft"]).round(6).tolist()
    [[1.0, 0.0]]
    """

    def compare(queries: Sequence[str], references: Sequence[str]) -> FloatArray:
        total = np.zeros((len(queries), len(references)))
        for similarity, weight in parts:
            total += weight * similarity(queries, references)
        return total

    return compare
