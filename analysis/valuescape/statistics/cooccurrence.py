"""Which values occur in the same conversations, for thousands of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, IntArray, as_counts, refuse
from valuescape.statistics.resampling_data import refuse_repeated
from valuescape.statistics.table_tests import table_residuals

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Cooccurrence:
    """Pairs of values in the same conversation.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_values, n_values)
        Conversations that express both values; on the diagonal, those that express the value.
    n_total : int
        All conversations.
    adjusted_residual : ndarray of float64, shape (n_values, n_values)
        Of the 2 x 2 table of both values; NaN on the diagonal, and where no conversation or every
        one expresses a value.
    """

    counts: IntArray
    n_total: int
    adjusted_residual: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a pair of different values that occur together, the smaller code first."""
        import pandas as pd

        first, second = np.nonzero(np.triu(self.counts, 1))
        having = np.diagonal(self.counts)
        return pd.DataFrame(
            {
                "value": first,
                "other_value": second,
                "k": self.counts[first, second],
                "n_value": having[first],
                "n_other_value": having[second],
                "n_total": self.n_total,
                "adjusted_residual": self.adjusted_residual[first, second],
            }
        )


def cooccurrence(conversation: ArrayLike, value: ArrayLike, n_total: int) -> Cooccurrence:
    """Count every pair of values, and measure its distance from independence.

    Parameters
    ----------
    conversation, value : array_like of int, shape (n_occurrences,)
        Which conversation expresses which value, codes from 0; each pair once.
    n_total : int
        All conversations, those without a value included.

    Raises
    ------
    ValueError
        If a code is negative or not whole, lengths differ, nothing is given, a conversation code
        is not below `n_total`, or a pair occurs twice.

    References
    ----------
    Haberman (1973), doi:10.2307/2529686.

    Examples
    --------
    >>> found = cooccurrence([0, 0, 1, 1, 2, 3], [0, 1, 0, 1, 0, 2], 8)
    >>> found.counts.tolist()
    [[3, 2, 0], [2, 2, 0], [0, 0, 1]]
    >>> found.adjusted_residual[0].round(3).tolist()
    [nan, 2.108, -0.828]
    """
    rows, values = as_counts("conversation", conversation), as_counts("value", value)
    total = int(as_counts("n_total", n_total))
    if rows.ndim != 1 or rows.shape != values.shape or rows.size == 0:
        raise ValueError(
            f"conversation, value: shapes {rows.shape} and {values.shape}; allowed is one "
            "dimension of one length, not empty"
        )
    refuse(rows >= total, "conversation", f"must be below n_total = {total}", rows)
    n_values = int(values.max()) + 1
    counts = _pair_counts(*_in_order(rows, values), n_values)
    if np.any(np.diagonal(counts)):
        refuse_repeated(rows * n_values + values, values)
    np.fill_diagonal(counts, np.bincount(values, minlength=n_values))
    return cooccurrence_of_counts(counts, total)


def cooccurrence_of_counts(counts: IntArray, n_total: int) -> Cooccurrence:
    """Measure the distance of counted pairs from independence.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_values, n_values)
        Conversations that express both values, symmetric; on the diagonal, the value.
    n_total : int
        All conversations.

    Examples
    --------
    >>> found = cooccurrence_of_counts(np.array([[3, 2], [2, 2]]), 8)
    >>> found.adjusted_residual[0].round(3).tolist()
    [nan, 2.108]
    """
    having = np.diagonal(counts)
    residual = table_residuals(counts, having, having, n_total)
    np.fill_diagonal(residual, np.nan)
    return Cooccurrence(counts, n_total, residual)


def _in_order(rows: IntArray, values: IntArray) -> tuple[IntArray, IntArray]:
    """Sort occurrences by conversation, where they are not."""
    if np.all(rows[1:] >= rows[:-1]):
        return rows, values
    order = np.argsort(rows, kind="stable")
    return rows[order], values[order]


def _pair_counts(rows: IntArray, values: IntArray, n_values: int) -> IntArray:
    """Symmetric counts of pairs at different places of one conversation."""
    pairs = []
    first = np.arange(rows.size - 1)
    step = 1
    while first.size:
        first = first[rows[first] == rows[first + step]]
        pairs.append(values[first] * n_values + values[first + step])
        step += 1
        first = first[first < rows.size - step]
    table = np.bincount(np.concatenate(pairs) if pairs else first, minlength=n_values**2)
    one_way = table.reshape(n_values, n_values)
    return np.asarray(one_way + one_way.T)
