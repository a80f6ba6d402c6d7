"""The conversations under analysis and what is present in each: the input of every count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse


@dataclass(frozen=True, slots=True)
class Presence:
    """Which conversation holds which name.

    Attributes
    ----------
    matrix : csr_array, shape (n_conversations, n_names)
        1 where present, else 0; a conversation counts once however often it says so.
    names : ndarray of str, shape (n_names,)
        Column names, sorted.
    """

    matrix: sparse.csr_array
    names: np.ndarray


def analysis_frame(
    conversations: pd.DataFrame, labels: pd.DataFrame, sample: pd.DataFrame, labeller: str
) -> pd.DataFrame:
    """Join one labeller's labels to what is known of each conversation and its weight.

    Returns
    -------
    DataFrame
        One row a conversation labelled by ``labeller``, sorted by ``conversation_id``, with the
        columns of all three tables and ``weight`` (1/inclusion probability).

    Examples
    --------
    >>> conversations = pd.DataFrame({"conversation_id": ["b", "a"], "group": ["ordinary"] * 2,
    ...     "stratum": ["s", "s"]})
    >>> labels = pd.DataFrame({"conversation_id": ["a", "b"], "labeller": "r", "subjective": True})
    >>> sample = pd.DataFrame({"conversation_id": ["a", "b"], "inclusion_probability": [0.5, 0.2]})
    >>> analysis_frame(conversations, labels, sample, "r")["weight"].tolist()
    [2.0, 5.0]
    """
    chosen = labels[labels["labeller"] == labeller]
    drawn = sample[["conversation_id", "inclusion_probability"]]
    joined = chosen.merge(conversations, on="conversation_id", validate="one_to_one")
    joined = joined.merge(drawn, on="conversation_id", validate="one_to_one")
    joined["weight"] = 1.0 / joined["inclusion_probability"]
    return joined.sort_values("conversation_id").reset_index(drop=True)


def presence(
    conversation_ids: pd.Series, pairs: pd.DataFrame, name: str, names: np.ndarray | None = None
) -> Presence:
    """Lay out (conversation, name) pairs as a 0/1 matrix.

    Parameters
    ----------
    conversation_ids : Series of str, shape (n_conversations,)
        Rows of the matrix, in order; pairs of other conversations are left out.
    pairs : DataFrame
        With ``conversation_id`` and the column ``name``.
    name : str
        Column whose distinct entries become columns of the matrix.
    names : ndarray of str, optional
        Columns wanted, in order; all that occur when absent.

    Examples
    --------
    >>> pairs = pd.DataFrame({"conversation_id": ["a", "a", "b", "a"],
    ...                       "value": ["clarity", "care", "clarity", "care"]})
    >>> found = presence(pd.Series(["a", "b"]), pairs, "value")
    >>> found.names.tolist(), found.matrix.toarray().tolist()
    (['care', 'clarity'], [[1.0, 1.0], [0.0, 1.0]])
    """
    rows = pd.Index(conversation_ids).get_indexer(pd.Index(pairs["conversation_id"]))
    inside = pairs[name].to_numpy(dtype=object)[rows >= 0]
    columns = np.unique(inside.astype(str)) if names is None else np.asarray(names)
    codes = pd.Index(columns).get_indexer(pd.Index(inside))
    kept = codes >= 0
    shape = (len(conversation_ids), len(columns))
    ones = np.ones(int(kept.sum()))
    matrix = sparse.coo_array((ones, (rows[rows >= 0][kept], codes[kept])), shape=shape).tocsr()
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return Presence(matrix, columns)
