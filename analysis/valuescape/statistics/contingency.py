"""Chi-square analysis of a two-way table of independent counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    LARGEST_TOTAL,
    FloatArray,
    IntArray,
    as_amounts,
    as_counts,
    refuse,
)
from valuescape.statistics.tails import chi2_log10_p

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Contingency:
    """Association in a two-way table.

    Attributes
    ----------
    statistic : float
        Pearson's chi-square, without continuity correction.
    df : int
        Degrees of freedom.
    log10_p : float
        log10 p of `statistic`.
    g_statistic : float
        Likelihood-ratio statistic.
    cramers_v, cramers_v_corrected : float
        Strength of association, plain and corrected for bias; NaN for given expected counts,
        because V measures distance from independence only.
    counts : ndarray of int64
        The table.
    expected, adjusted_residual : ndarray of float64
        Of the shape of `counts`.
    """

    statistic: float
    df: int
    log10_p: float
    g_statistic: float
    cramers_v: float
    cramers_v_corrected: float
    counts: IntArray
    expected: FloatArray
    adjusted_residual: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """One row a cell: row and column number, count ``k``, expected count, adjusted residual."""
        import pandas as pd

        rows, columns = np.indices(self.counts.shape)
        return pd.DataFrame(
            {
                "row": rows.ravel(),
                "column": columns.ravel(),
                "k": self.counts.ravel(),
                "expected": self.expected.ravel(),
                "adjusted_residual": self.adjusted_residual.ravel(),
            }
        )


def contingency(counts: ArrayLike, *, expected: ArrayLike | None = None) -> Contingency:
    r"""Chi-square test, effect sizes and adjusted residuals of a two-way table.

    .. math:: X^2 = \sum\frac{(O-E)^2}{E},\quad G = 2\sum O\ln\frac OE,\quad
        V = \sqrt{\frac{X^2/N}{\min(r, c) - 1}}

    Bergsma's corrected V replaces :math:`X^2/N` by
    :math:`\max(0, X^2/N - (r-1)(c-1)/(N-1))` and each dimension m by
    :math:`m - (m-1)^2/(N-1)`.

    Parameters
    ----------
    counts : array_like, shape (rows, columns)
        Whole counts of mutually exclusive, independent outcomes. Ticks of several values in one
        conversation are not: use `marginal_independence` for these.
    expected : array_like, optional
        Expected counts fixed beforehand, with the same sum. The default is independence of rows
        and columns. With given counts ``df`` is the number of cells with E > 0 less one, and the
        residual is ``(O - E) / sqrt(E (1 - E/N))``.

    Returns
    -------
    Contingency
        The test, its effect sizes and the residual of every cell.

    Raises
    ------
    ValueError
        If the table is not two-dimensional with two rows and columns, a count is negative or not
        whole, a row or column is empty, the sum is above 3e9, or `expected` does not fit.

    References
    ----------
    Agresti, A. (2013). *Categorical Data Analysis*, 3rd ed., section 3.3. Wiley.
    Haberman, S. J. (1973). *Biometrics* 29, 205-220. https://doi.org/10.2307/2529686.
    Bergsma, W. (2013). A bias-correction for Cramer's V and Tschuprow's T. *Journal of the Korean
    Statistical Society* 42, 323-328. https://doi.org/10.1016/j.jkss.2012.10.002

    Examples
    --------
    Gender by party identification (Agresti 2007, table 2.5):

    >>> table = contingency([[762, 327, 468], [484, 239, 477]])
    >>> round(table.statistic, 2), table.df
    (30.07, 2)
    >>> table.adjusted_residual[0].round(2).tolist()
    [4.5, 0.7, -5.32]
    """
    observed = _table(counts)
    if expected is not None:
        return _against(observed, _fixed_expected(expected, observed))
    rows, columns = observed.sum(axis=1), observed.sum(axis=0)
    for name, totals in (("row", rows), ("column", columns)):
        refuse(totals == 0, f"counts: {name} total ", "an empty category must be left out", totals)
    return _independence(observed, rows, columns)


def _independence(observed: IntArray, rows: IntArray, columns: IntArray) -> Contingency:
    """Test against independence of rows and columns."""
    total = int(observed.sum())
    row_share, column_share = rows / total, columns / total
    expected = np.outer(row_share, columns)
    spread = expected * np.outer(1 - row_share, 1 - column_share)
    excess = (observed * total - np.outer(rows, columns)) / total
    statistic = float((excess**2 / expected).sum())
    df = (rows.size - 1) * (columns.size - 1)
    plain, corrected = _cramers_v(statistic, total, rows.size, columns.size)
    return Contingency(
        statistic=statistic,
        df=df,
        log10_p=float(chi2_log10_p(statistic, df)),
        g_statistic=_deviance(observed, expected),
        cramers_v=plain,
        cramers_v_corrected=corrected,
        counts=observed,
        expected=expected,
        adjusted_residual=excess / np.sqrt(spread),
    )


def _against(observed: IntArray, expected: FloatArray) -> Contingency:
    """Test against expected counts fixed beforehand; cells with E = 0 hold NaN residuals."""
    total = int(observed.sum())
    used = expected > 0
    safe = np.where(used, expected, 1.0)
    excess = observed - expected
    statistic = float((excess**2 / safe)[used].sum())
    df = int(used.sum()) - 1
    residual = np.where(used, excess / np.sqrt(safe * (1 - expected / total)), np.nan)
    return Contingency(
        statistic=statistic,
        df=df,
        log10_p=float(chi2_log10_p(statistic, df)),
        g_statistic=_deviance(observed, safe),
        cramers_v=float("nan"),
        cramers_v_corrected=float("nan"),
        counts=observed,
        expected=expected,
        adjusted_residual=residual,
    )


def _deviance(observed: IntArray, expected: FloatArray) -> float:
    """Likelihood-ratio statistic; cells without observations add nothing."""
    return float(2 * special.xlogy(observed, observed / expected).sum())


def _cramers_v(statistic: float, total: int, rows: int, columns: int) -> tuple[float, float]:
    """Cramer's V, plain and corrected for bias."""
    phi2 = statistic / total
    plain = np.sqrt(phi2 / (min(rows, columns) - 1))
    if total == 1:
        return float(plain), 0.0
    corrected = max(0.0, phi2 - (rows - 1) * (columns - 1) / (total - 1))
    smaller = min(size - (size - 1) ** 2 / (total - 1) for size in (rows, columns))
    return float(plain), float(np.sqrt(corrected / (smaller - 1))) if smaller > 1 else 0.0


def _table(counts: ArrayLike) -> IntArray:
    """Return a validated two-way table."""
    observed = as_counts("counts", counts)
    if observed.ndim != 2 or min(observed.shape) < 2:
        raise ValueError(
            f"counts: shape {observed.shape} is not a table of at least two rows and two columns"
        )
    if observed.sum() > LARGEST_TOTAL:
        raise ValueError(f"counts: they add up to {observed.sum()}, more than {LARGEST_TOTAL:,}")
    if observed.sum() == 0:
        raise ValueError("counts: the table is empty, at least one count must be above zero")
    return observed


def _fixed_expected(expected: ArrayLike, observed: IntArray) -> FloatArray:
    """Return validated expected counts for a table."""
    fixed = as_amounts("expected", expected)
    if fixed.shape != observed.shape:
        raise ValueError(f"expected: shape {fixed.shape} differs from counts {observed.shape}")
    refuse((fixed == 0) & (observed > 0), "expected", "is zero where something was counted", fixed)
    if not np.isclose(fixed.sum(), observed.sum(), rtol=1e-9, atol=0):
        raise ValueError(f"expected: sum {fixed.sum()} differs from sum {observed.sum()} of counts")
    if np.count_nonzero(fixed) < 2:
        raise ValueError("expected: at least two cells must be above zero")
    return fixed
