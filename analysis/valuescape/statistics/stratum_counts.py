"""Counts of contexts and values in every stratum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.sampling import Design, indicators


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Unweighted counts of every cell and margin in every stratum.

    Attributes
    ----------
    both : ndarray, shape (n_strata, n_contexts, n_values)
    context : ndarray, shape (n_strata, n_contexts)
    value : ndarray, shape (n_strata, n_values)
    total : ndarray, shape (n_strata,)
    """

    both: NDArray[np.int64]
    context: NDArray[np.int64]
    value: NDArray[np.int64]
    total: NDArray[np.int64]

    @property
    def expected(self) -> NDArray[np.float64]:
        """Expected count of every cell, were context and value independent within strata."""
        return self._expected(self.context, self.value)

    @property
    def smallest_expected(self) -> NDArray[np.float64]:
        """Smallest expected count in the four cells of every two-by-two table.

        A value that nearly every conversation has leaves few expected *without* it.
        """
        rows = self.context, self.total[:, None] - self.context
        columns = self.value, self.total[:, None] - self.value
        cells = [self._expected(r, c) for r in rows for c in columns]
        return np.asarray(np.minimum.reduce(cells))

    def _expected(self, row: NDArray[Any], column: NDArray[Any]) -> NDArray[np.float64]:
        share = column / np.maximum(self.total, 1)[:, None]
        return np.asarray(row.T.astype(float) @ share)


def stratum_counts(context: ArrayLike, value: ArrayLike, design: Design) -> StratumCounts:
    """Count every cell and margin in every stratum, unweighted.

    Raises
    ------
    ValueError
        If the arrays differ in length or hold anything but 0 and 1.

    Examples
    --------
    >>> design = Design.of(np.ones(3), ["a", "a", "b"], np.arange(3))
    >>> stratum_counts([[1], [0], [1]], [[1], [1], [0]], design).both.ravel().tolist()
    [1, 0]
    """
    x, y = indicators(context, "context", design), indicators(value, "value", design)
    strata = range(int(design.stratum.max()) + 1)
    inside = [design.stratum == h for h in strata]
    both = np.stack([x[m].T @ y[m] for m in inside])
    return StratumCounts(
        np.rint(both).astype(np.int64),
        np.stack([x[m].sum(axis=0) for m in inside]).astype(np.int64),
        np.stack([y[m].sum(axis=0) for m in inside]).astype(np.int64),
        np.array([m.sum() for m in inside], dtype=np.int64),
    )
