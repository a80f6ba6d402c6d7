"""Divergence of observed shares, without each unit, and its null distribution."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.occurrences import OccurrenceUnits

SMALLEST_SPREAD = 1e-9
"""Relative variance of the test statistic below which it is rounding error."""


def _terms(a: FloatArray, b: FloatArray) -> FloatArray:
    """Split the divergence into what each value adds, in bits."""
    middle = (a + b) / 2
    bits = np.zeros(np.broadcast_shapes(a.shape, b.shape))
    for share in (a, b):
        ratio = share / np.where(middle > 0, middle, 1.0)
        bits += 0.5 * share * np.log2(np.where(share > 0, ratio, 1.0))
    return bits


def plugin_divergence(a: FloatArray, b: FloatArray) -> float:
    """Jensen-Shannon divergence of two distributions, in bits.

    Parameters
    ----------
    a, b : ndarray, shape (n_values,)
        Shares that add up to 1.

    Examples
    --------
    >>> plugin_divergence(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    return float(np.sum(_terms(a, b)))


def left_out(units: OccurrenceUnits, total_a: FloatArray, total_b: FloatArray) -> FloatArray:
    """Divergence without each unit.

    Leaving out a unit rescales all shares by its size and changes those of its own values: the
    first is done once for each pair of sizes, the second for the entries of the unit only.
    """
    n_a, n_b = total_a.sum() - units.size_a, total_b.sum() - units.size_b
    sizes, kind = np.unique(np.column_stack([n_a, n_b]), axis=0, return_inverse=True)
    base = np.array([plugin_divergence(total_a / m_a, total_b / m_b) for m_a, m_b in sizes])
    m_a, m_b = n_a[units.unit], n_b[units.unit]
    own_a, own_b = total_a[units.value], total_b[units.value]
    change = _terms((own_a - units.in_a) / m_a, (own_b - units.in_b) / m_b)
    change -= _terms(own_a / m_a, own_b / m_b)
    own = np.bincount(units.unit, change, units.copies.size)
    return np.asarray(base[kind.ravel()] + own)


def null_test(
    units: OccurrenceUnits, total_a: FloatArray, total_b: FloatArray
) -> tuple[float, float]:
    r"""Scaled chi-square of no difference and its degrees of freedom.

    A unit adds the vector :math:`z = s - d\sqrt m`, s being its occurrences over
    :math:`\sqrt m`, to the scaled difference of the arms, and d its size (second arm negative).
    The squared length of the sum has mean :math:`\sum |z|^2` and variance
    :math:`2(\lVert Z'Z\rVert^2 - \sum |z|^4)` under random signs; both come from the sparse s.
    """
    n_a, n_b = total_a.sum(), total_b.sum()
    root = np.sqrt((total_a + total_b) / (n_a + n_b))
    weight = np.sqrt(units.copies)
    entry = (units.in_a / n_a - units.in_b / n_b) * weight[units.unit] / root[units.value]
    size = (units.size_a / n_a - units.size_b / n_b) * weight
    shape = (units.copies.size, root.size)
    rows = sparse.csr_array((entry, (units.unit, units.value)), shape=shape)
    products = rows.T @ rows
    pull, total = rows.T @ size, float(size @ size)
    lengths = rows.multiply(rows).sum(axis=1) - 2 * size * (rows @ root) + size**2
    squares = float(products.multiply(products).sum())
    crossed = total * float(root @ (products @ root)) - 2 * float(root @ (products @ pull))
    along = float(pull @ root)
    squares += 2 * crossed + 2 * float(pull @ pull) + 2 * along**2 + total**2 - 4 * total * along
    spread = squares - float(np.sum(lengths**2 / units.copies))
    apart = (total_a / n_a - total_b / n_b) / np.where(root > 0, root, 1.0)
    expected = float(lengths.sum())
    df = expected**2 / max(spread, SMALLEST_SPREAD * expected**2)
    return float(apart @ apart) * df / expected, df
