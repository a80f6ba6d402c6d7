"""Every count of a report before anything is hidden: conversations and the users behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from valuescape.counts.frame import Presence, presence
from valuescape.own.frame import HEADING_LEVEL, Frame
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

KINDS = ("task_type", "stance", "assistant")
LEVELS = (0, HEADING_LEVEL)


@dataclass(frozen=True, slots=True)
class Counted:
    """Conversations, and distinct clusters of conversations, in the cells of a table.

    Attributes
    ----------
    n, users : ndarray of int64, shape (n_rows, n_columns)
        Without totals.
    n_rows, n_columns, users_rows, users_columns : ndarray of int64
        The same of whole rows and columns.
    rows, columns : tuple of str
        Names.
    """

    n: NDArray[np.int64]
    users: NDArray[np.int64]
    n_rows: NDArray[np.int64]
    users_rows: NDArray[np.int64]
    n_columns: NDArray[np.int64]
    users_columns: NDArray[np.int64]
    rows: tuple[str, ...]
    columns: tuple[str, ...]


def nodes_present(frame: Frame, level: int) -> Presence:
    """Lay out which subjective conversation expresses which value or heading."""
    ids = frame.subjective["conversation_id"]
    return presence(ids, frame.values_of_assistants()(level), "value")


def counted(
    rows: pd.Series, clusters: pd.Series, held: Presence, names: tuple[str, ...] | None = None
) -> Counted:
    """Count a table of rows, of which a conversation has one, against what it holds any number of.

    Parameters
    ----------
    rows, clusters : Series, shape (n_conversations,)
        Row and cluster of each conversation.
    held : Presence
        Columns, over the same conversations.
    names : tuple of str, optional
        Rows wanted, in order; those that occur, sorted, when absent.

    Examples
    --------
    >>> held = Presence(sparse.csr_array(np.array([[1.0], [1], [0]])), np.array(["care"]))
    >>> found = counted(pd.Series(["x", "x", "y"]), pd.Series(["u", "u", "u"]), held)
    >>> found.n.tolist(), found.users.tolist(), found.n_rows.tolist()
    ([[2], [0]], [[1], [0]], [2, 1])
    """
    wanted = tuple(sorted(rows.unique())) if names is None else names
    code = pd.Index(wanted).get_indexer(pd.Index(rows))
    cluster = pd.factorize(clusters)[0].astype(np.int64)
    whole = sparse.csr_array(np.ones((len(rows), 1)))
    matrix = sparse.csr_array(sparse.hstack([held.matrix, whole]))
    n, users = _by(code, len(wanted), matrix), _users(code, len(wanted), cluster, matrix)
    every = np.zeros(len(rows), dtype=np.int64)
    total, users_total = _by(every, 1, matrix), _users(every, 1, cluster, matrix)
    return Counted(
        n[:, :-1],
        users[:, :-1],
        n[:, -1],
        users[:, -1],
        total[0, :-1],
        users_total[0, :-1],
        wanted,
        tuple(str(name) for name in held.names),
    )


def _by(code: NDArray[np.int64], n_rows: int, matrix: sparse.csr_array) -> NDArray[np.int64]:
    ones = np.ones(code.size)
    pick = sparse.csr_array((ones, (code, np.arange(code.size))), shape=(n_rows, code.size))
    found: NDArray[np.int64] = np.rint((pick @ matrix).toarray()).astype(np.int64)
    return found


def _users(
    code: NDArray[np.int64], n_rows: int, cluster: NDArray[np.int64], matrix: sparse.csr_array
) -> NDArray[np.int64]:
    pairs, place = np.unique(code * (cluster.max() + 1) + cluster, return_inverse=True)
    met = _by(place, pairs.size, matrix) > 0
    return _by(pairs // (cluster.max() + 1), n_rows, sparse.csr_array(met.astype(float)))


def response_tally(frame: Frame) -> Counted:
    """Count response types by kind of task, over the closed lists of both."""
    part = frame.subjective
    held = presence(part["conversation_id"], part, "response_type", np.array(RESPONSE_TYPES))
    return counted(part["task_type"], part["prompt_group"], held, tuple(TASK_TYPES))


def node_tally(frame: Frame, kind: str) -> tuple[Counted, Counted]:
    """Count one kind of context against values and against headings."""
    part = frame.subjective
    first, second = (
        counted(part[kind], part["prompt_group"], nodes_present(frame, level)) for level in LEVELS
    )
    return first, second
