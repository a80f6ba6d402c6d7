"""A null table of the size of the 2025 study: nearly all cells expect less than one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from valuescape.simulation.conversations import zipf_shares
from valuescape.simulation.methods import Outcomes
from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.cells import adjusted_residual
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.tails import normal_log10_p

if TYPE_CHECKING:
    import pandas as pd

TASKS, VALUES, CONVERSATIONS = 1000, 3307, 308_210
VALUES_PER_CONVERSATION = 3.987
SMALLEST_VALUE = 15
EXPECTED = (5.0, 20.0, 100.0)


@dataclass(frozen=True, slots=True)
class SparseTable:
    """Counts of conversations in a context-by-value table.

    Attributes
    ----------
    k : ndarray of int, shape (n_contexts, n_values)
        With context and value.
    n_context, n_value : ndarray of int, shapes (n_contexts,) and (n_values,)
        Margins.
    n_total : int
        All conversations.
    """

    k: IntArray
    n_context: IntArray
    n_value: IntArray
    n_total: int


def sparse_table(scale: float, rng: np.random.Generator) -> SparseTable:
    """Draw a table whose values fall on the contexts at random.

    Sizes of contexts follow Zipf's law, those of values too, with a mean of 3.987 values a
    conversation and at least 15 conversations a value (at most half of them all).

    Parameters
    ----------
    scale : float
        Share of the 1,000 x 3,307 cells and of the 308,210 conversations, in (0, 1].

    Raises
    ------
    ValueError
        If the scale is not in (0, 1].

    References
    ----------
    Sizes: Huang et al. (2025), arXiv:2504.15236, and the dataset released with it.

    Examples
    --------
    >>> table = sparse_table(0.001, np.random.default_rng(1))
    >>> table.k.shape, bool((table.k.sum(axis=0) == table.n_value).all())
    ((32, 105), True)
    """
    if not 0.0 < scale <= 1.0:
        raise ValueError(f"scale = {scale}: must lie in (0, 1]")
    side = np.sqrt(scale)
    n_total = round(CONVERSATIONS * scale)
    context = rng.multinomial(n_total, zipf_shares(round(TASKS * side)))
    size = zipf_shares(round(VALUES * side)) * n_total * VALUES_PER_CONVERSATION
    value = np.clip(np.rint(size), SMALLEST_VALUE, n_total // 2).astype(np.int64)
    columns = [rng.multivariate_hypergeometric(context, m, method="marginals") for m in value]
    return SparseTable(np.stack(columns, axis=1), context, value, n_total)


def sparse_outcomes(table: SparseTable) -> Outcomes:
    """Test every cell by residuals, the clustered score alone, and the exact test.

    ``residual_yates`` is the residual with half a conversation taken off its excess.  The clustered
    score takes each conversation for a cluster of its own.  Contexts without a conversation are
    left out.

    Examples
    --------
    >>> found = sparse_outcomes(sparse_table(0.001, np.random.default_rng(1)))
    >>> found.expected.size == found.log10_p["residual"].size
    True
    """
    used = table.n_context > 0
    k, n, m = table.k[used], table.n_context[used][:, None], table.n_value[None, :]
    expected = n * (m / table.n_total)
    residual = adjusted_residual(k, n, m, table.n_total)
    excess = k - expected
    kept = np.maximum(np.abs(excess) - 0.5, 0.0) / np.where(excess == 0, 1.0, np.abs(excess))
    z = {
        "residual": residual,
        "residual_yates": residual * kept,
        "clustered_score": excess / np.sqrt(_score_variance(k, n, m, table.n_total)),
    }
    log10_p = {name: normal_log10_p(value).ravel() for name, value in z.items()}
    log10_p["conversation_exact"] = exact_log10_p(k, n, m, table.n_total).ravel()
    return Outcomes(log10_p, expected.ravel(), np.ones(k.size, dtype=bool))


def _score_variance(k: IntArray, n: IntArray, m: IntArray, total: int) -> FloatArray:
    """Sum of the squared contributions (x - mean)(y - mean) of single conversations."""
    p, q = n / total, m / total
    inside = k * (1 - q) ** 2 + (n - k) * q**2
    outside = (m - k) * (1 - q) ** 2 + (total - n - m + k) * q**2
    return np.asarray((1 - p) ** 2 * inside + p**2 * outside)


def tail_inflation(n_cells: int = TASKS * VALUES) -> pd.DataFrame:
    """How much more often than nominal a null cell passes Bonferroni's bound to the right.

    The count of a rare value in a rare context is Poisson; its residual is then
    (k - E) / sqrt(E), with Yates' correction (k - E - 1/2) / sqrt(E).  The tail is computed, not
    simulated.

    Parameters
    ----------
    n_cells : int
        Cells of the family; the two-sided level is 0.05 over it.

    Returns
    -------
    DataFrame
        ``expected``, ``method``, ``level`` (of the right tail), ``probability``, ``times_nominal``.

    Examples
    --------
    >>> tail_inflation().query("method == 'residual'")["times_nominal"].round(1).tolist()
    [716.5, 60.1, 11.2]
    """
    import pandas as pd

    level = 0.05 / n_cells / 2
    bound = float(-special.ndtri(level))
    rows = []
    for expected in EXPECTED:
        for method, first in _first_rejected(expected, bound, level).items():
            probability = float(stats.poisson.sf(first - 1, expected))
            rows.append(
                {
                    "expected": expected,
                    "method": method,
                    "level": level,
                    "probability": probability,
                    "times_nominal": probability / level,
                }
            )
    return pd.DataFrame(rows)


def _first_rejected(expected: float, bound: float, level: float) -> dict[str, int]:
    """Smallest count that each method declares an excess."""
    reach = expected + bound * np.sqrt(expected)
    counts: NDArray[np.int64] = np.arange(int(expected), int(4 * reach) + 50)
    mid_p = stats.poisson.sf(counts, expected) + stats.poisson.pmf(counts, expected) / 2
    return {
        "residual": int(np.ceil(reach)),
        "residual_yates": int(np.ceil(reach + 0.5)),
        "conversation_exact": int(counts[np.argmax(mid_p <= level)]),
    }
