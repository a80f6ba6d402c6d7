"""A counted table of contexts by values: all that the exact tests need, whatever counted it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuescape.statistics.arrays import IntArray


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Cells and margins of a table of contexts by values.

    Attributes
    ----------
    contexts, values : tuple of str
        Names of the rows and columns, sorted; every one occurs.
    counts : ndarray of int64, shape (n_contexts, n_values)
        Conversations of the context that express the value.
    n_context : ndarray of int64, shape (n_contexts,)
        Conversations of each context.
    n_left_out : int
        Conversations left out: not subjective, or without a context.
    """

    contexts: tuple[str, ...]
    values: tuple[str, ...]
    counts: IntArray
    n_context: IntArray
    n_left_out: int

    @property
    def n_value(self) -> IntArray:
        """Conversations with each value."""
        return np.asarray(self.counts.sum(axis=0))

    @property
    def n_total(self) -> int:
        """All conversations counted."""
        return int(self.n_context.sum())
