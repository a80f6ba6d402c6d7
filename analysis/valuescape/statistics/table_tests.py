"""Residual, exact p and false discovery rate of every cell of a contexts x values table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, IntArray, refuse
from valuescape.statistics.hypergeometric_table import checked_table, log10_p_of

if TYPE_CHECKING:
    import pandas as pd

LARGEST_Q = 0.25
WORTH_DROPPING = 0.9
ROUNDING = 1e-9
ROW_BLOCK_CELLS = 1 << 15


@dataclass(frozen=True, slots=True)
class TableTests:
    """Tests of every cell of one table of independent conversations.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_contexts, n_values)
        Conversations of the context that express the value.
    n_context : ndarray of int64, shape (n_contexts,)
        Conversations of each context.
    n_value : ndarray of int64, shape (n_values,)
        Conversations with each value.
    n_total : int
        All conversations.
    adjusted_residual : ndarray of float64, shape (n_contexts, n_values)
        NaN where a margin is 0 or ``n_total``, since only one table is then possible.
    log10_p : ndarray of float64, shape (n_contexts, n_values)
        Two-sided exact hypergeometric mid-p.
    log10_q : ndarray of float64, shape (n_contexts, n_values)
        Benjamini-Hochberg q over all cells; 0 (q = 1) where q is above 0.25.
    """

    counts: IntArray
    n_context: IntArray
    n_value: IntArray
    n_total: int
    adjusted_residual: FloatArray
    log10_p: FloatArray
    log10_q: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a cell, contexts first: codes, counts and tests."""
        import pandas as pd

        n_contexts, n_values = self.counts.shape
        return pd.DataFrame(
            {
                "context": np.repeat(np.arange(n_contexts), n_values),
                "value": np.tile(np.arange(n_values), n_contexts),
                "k": self.counts.ravel(),
                "n_context": np.repeat(self.n_context, n_values),
                "n_value": np.tile(self.n_value, n_contexts),
                "n_total": self.n_total,
                "adjusted_residual": self.adjusted_residual.ravel(),
                "log10_p": self.log10_p.ravel(),
                "log10_q": self.log10_q.ravel(),
            }
        )


def table_tests(
    counts: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: int
) -> TableTests:
    """Test every cell of a table against independence, all cells as one family.

    For tables of millions of cells; `cell_tests` adds effect sizes and intervals, and takes any
    shapes. The conversations are taken as independent and equally likely.

    Parameters
    ----------
    counts : array_like, shape (n_contexts, n_values)
        Conversations of each context that express each value.
    n_context, n_value : array_like, shapes (n_contexts,) and (n_values,)
        Conversations of each context, and with each value.
    n_total : int
        All conversations.

    Raises
    ------
    ValueError
        If the table has no cell, a count is negative, not whole or missing, shapes do not fit, or
        a cell does not fit its margins.

    References
    ----------
    Haberman (1973), doi:10.2307/2529686 (residual); Lancaster (1961),
    doi:10.1080/01621459.1961.10482105 (mid-p); Benjamini & Hochberg (1995),
    doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> tests = table_tests([[12, 3], [28, 9]], [40, 360], [40, 12], 400)
    >>> tests.adjusted_residual.round(3).tolist()
    [[4.444, 1.759], [-4.444, -1.759]]
    >>> tests.log10_p.round(3)[0].tolist(), tests.log10_q.round(3)[0].tolist()
    ([-3.769, -0.881], [-3.468, -0.881])
    """
    k, n, m, total = checked_table(counts, n_context, n_value, n_total)
    if k.size == 0:
        raise ValueError(f"counts: shape {k.shape} has no cell; at least one is needed")
    log10_p = log10_p_of(k, n, m, total)
    return TableTests(
        k, n, m, total, table_residuals(k, n, m, total), log10_p, small_log10_q(log10_p)
    )


def small_log10_q(log10_p: FloatArray, largest_q: float = LARGEST_Q) -> FloatArray:
    """Benjamini-Hochberg q where it is at most `largest_q`, and 1 elsewhere, as log10.

    A p above the Benjamini-Hochberg bound has a q above `largest_q`, and takes no part in a smaller
    one: only the small p's are sorted, and what is declared at any level up to `largest_q` is what
    `adjust_p` declares.

    Parameters
    ----------
    log10_p : ndarray of float64
        The whole family, of any shape, without NaN.
    largest_q : float, default 0.25
        Where to stop, between 0 and 1.

    Raises
    ------
    ValueError
        If `largest_q` is not between 0 and 1, or a log10 p is NaN or above 0.

    Examples
    --------
    >>> small_log10_q(np.array([-4.0, -2.0, -0.1, -1.0])).round(3).tolist()
    [-3.398, -1.699, 0.0, -0.875]
    """
    if not 0.0 < largest_q < 1.0:
        raise ValueError(f"largest_q = {largest_q}: must lie strictly between 0 and 1")
    if log10_p.size and not log10_p.max() <= 0:
        refuse(~(log10_p <= 0), "log10_p", "must be a number not above 0", log10_p)
    found = np.zeros(log10_p.size)
    small = _candidates(log10_p.ravel(), np.log10(largest_q))
    logs = log10_p.ravel()[small]
    order = np.argsort(logs)
    adjusted = logs[order] + np.log10(log10_p.size / np.arange(1.0, small.size + 1))
    adjusted = np.minimum.accumulate(adjusted[::-1])[::-1]
    found[small[order]] = np.where(adjusted <= np.log10(largest_q), adjusted, 0.0)
    return found.reshape(log10_p.shape)


def _candidates(logs: FloatArray, limit: float) -> NDArray[np.intp]:
    """Places of the p that may have a q up to the limit, all of those that have one among them.

    Where R of m are at most p, a q up to the limit needs p up to limit R / m: a smaller bound,
    which is found again until hardly any place is dropped.
    """
    places = np.flatnonzero(logs <= limit)
    before = 2 * logs.size
    while 0 < places.size < WORTH_DROPPING * before:
        before = places.size
        bound = limit + np.log10(places.size / logs.size) + ROUNDING
        places = places[logs[places] <= bound]
    return places


def table_residuals(k: IntArray, n: IntArray, m: IntArray, total: int) -> FloatArray:
    """``(kN - nK) / sqrt(n (N-n) K (N-K) / N)``, the numerator in whole numbers."""
    with np.errstate(divide="ignore"):
        per_row = np.sqrt(total) / np.sqrt(n * (total - n).astype(np.float64))
        per_value = 1.0 / np.sqrt(m * (total - m).astype(np.float64))
    per_row[~np.isfinite(per_row)] = np.nan
    per_value[~np.isfinite(per_value)] = np.nan
    out = np.empty(k.shape)
    rows = max(1, ROW_BLOCK_CELLS // m.size)
    for start in range(0, n.size, rows):
        part = slice(start, start + rows)
        out[part] = k[part] * total - n[part, None] * m
        out[part] *= per_row[part, None]
        out[part] *= per_value
    return out
