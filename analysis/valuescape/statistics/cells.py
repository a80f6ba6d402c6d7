"""Tests and effect sizes of single cells of a context-by-value table.

Each cell is a 2 x 2 table of conversations: value present or absent, context yes or no. The
conversations are taken as independent and equally likely; designs that are neither need the
design-based tests, or counts deflated with `rao_scott_counts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    FloatArray,
    IntArray,
    check_level,
    divide,
    result_frame,
)
from valuescape.statistics.deflation import rao_scott_counts as rao_scott_counts
from valuescape.statistics.hypergeometric import Table, cell_deviances, exact_log10_p, two_by_two
from valuescape.statistics.options import Alternative
from valuescape.statistics.score_intervals import koopman_interval, miettinen_nurminen
from valuescape.statistics.shares import Interval, wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class CellTests:
    """Tests and effect sizes of the cells; every array has the broadcast shape of the counts.

    Attributes
    ----------
    k, n_context, n_value, n_total : ndarray of int64
        The counts as given.
    expected : ndarray of float64
        ``n_context * n_value / n_total``; NaN without conversations.
    adjusted_residual, signed_root_deviance : ndarray of float64
        Standardised distance from independence; NaN where a margin is 0 or ``n_total``, since
        only one table is then possible.
    log10_p : ndarray of float64
        Exact hypergeometric mid-p.
    prevalence_inside, prevalence_outside : ndarray of float64
        Shares of conversations with the value, with Wilson limits; NaN without conversations.
    risk_ratio, odds_ratio, risk_difference : ndarray of float64
        Inside against outside, with limits of Koopman (ratio) and Miettinen and Nurminen (odds
        ratio and difference). NaN with limits NaN where one side holds no conversation; a ratio
        of zero to zero is NaN with limits 0 and infinity.
    alternative : str
        Direction of the test.
    conf_level : float
        Two-sided coverage of all limits.
    """

    k: IntArray
    n_context: IntArray
    n_value: IntArray
    n_total: IntArray
    expected: FloatArray
    adjusted_residual: FloatArray
    signed_root_deviance: FloatArray
    log10_p: FloatArray
    prevalence_inside: FloatArray
    prevalence_inside_low: FloatArray
    prevalence_inside_high: FloatArray
    prevalence_outside: FloatArray
    prevalence_outside_low: FloatArray
    prevalence_outside_high: FloatArray
    risk_ratio: FloatArray
    risk_ratio_low: FloatArray
    risk_ratio_high: FloatArray
    odds_ratio: FloatArray
    odds_ratio_low: FloatArray
    odds_ratio_high: FloatArray
    risk_difference: FloatArray
    risk_difference_low: FloatArray
    risk_difference_high: FloatArray
    alternative: Alternative
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a cell, one column a field."""
        return result_frame(self)


def cell_tests(
    k: ArrayLike,
    n_context: ArrayLike,
    n_value: ArrayLike,
    n_total: ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    conf_level: float = 0.95,
) -> CellTests:
    """Test every cell against independence, and measure its effect with score intervals.

    Where only p-values or residuals of very many cells are wanted, `exact_log10_p` and
    `adjusted_residual` alone are far cheaper than the intervals.

    Parameters
    ----------
    k : array_like
        Conversations of the context that express the value.
    n_context, n_value, n_total : array_like
        Conversations of the context, conversations with the value, and all conversations.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the exact test; ``greater`` is enrichment.
    conf_level : float, default 0.95
        Two-sided coverage of all intervals.

    Returns
    -------
    CellTests
        Of the shape the four counts broadcast to.

    Raises
    ------
    ValueError
        If a count is negative, not whole or missing, or the four do not fit one 2 x 2 table.

    See Also
    --------
    exact_log10_p, adjusted_residual, signed_root_deviance, koopman_interval, miettinen_nurminen

    References
    ----------
    Agresti, A. (2013). *Categorical Data Analysis*, 3rd ed., sections 3.2 to 3.5. Wiley.

    Examples
    --------
    Twelve of 40 conversations of a task and 28 of 360 others express a value:

    >>> tests = cell_tests(12, 40, 40, 400)
    >>> round(float(tests.risk_ratio), 3), round(float(tests.adjusted_residual), 3)
    (3.857, 4.444)
    >>> round(float(tests.log10_p), 3)
    -3.769
    """
    check_level(conf_level)
    table, _ = two_by_two(k, n_context, n_value, n_total)
    a, b, c, d = table
    inside, outside = a + b, c + d
    measures = _intervals(table, conf_level)
    limits = {
        f"{name}{suffix}": getattr(interval, field)
        for name, interval in measures.items()
        for suffix, field in (("", "estimate"), ("_low", "low"), ("_high", "high"))
    }
    total = inside + outside
    return CellTests(
        k=a,
        n_context=np.asarray(inside),
        n_value=np.asarray(a + c),
        n_total=np.asarray(total),
        expected=divide(inside * (a + c).astype(np.float64), total),
        adjusted_residual=_residual(table),
        signed_root_deviance=_root_deviance(table),
        log10_p=exact_log10_p(a, inside, a + c, total, alternative=alternative),
        alternative=alternative,
        conf_level=conf_level,
        **limits,
    )


def adjusted_residual(
    k: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: ArrayLike
) -> FloatArray:
    r"""Compute the adjusted (standardised Pearson) residual of each cell.

    .. math:: r = \frac{O - E}{\sqrt{E(1 - n_c/N)(1 - K_v/N)}}

    Parameters
    ----------
    k, n_context, n_value, n_total : array_like
        As in `cell_tests`.

    Returns
    -------
    ndarray of float64
        Approximately standard normal under independence if E is large; NaN where a margin is 0
        or ``n_total``.

    Raises
    ------
    ValueError
        As in `cell_tests`.

    References
    ----------
    Haberman, S. J. (1973). The analysis of residuals in cross-classified tables. *Biometrics* 29,
    205-220. https://doi.org/10.2307/2529686

    Examples
    --------
    >>> round(float(adjusted_residual(12, 40, 40, 400)), 4)
    4.4444
    """
    return _residual(two_by_two(k, n_context, n_value, n_total)[0])


def signed_root_deviance(
    k: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: ArrayLike
) -> FloatArray:
    r"""Compute the signed root of the likelihood-ratio statistic of each 2 x 2 table.

    .. math:: \operatorname{sign}(O - E)\sqrt{2\textstyle\sum_{ij} O_{ij}\ln(O_{ij}/E_{ij})}

    Parameters
    ----------
    k, n_context, n_value, n_total : array_like
        As in `cell_tests`.

    Returns
    -------
    ndarray of float64
        NaN where a margin is 0 or ``n_total``.

    Raises
    ------
    ValueError
        As in `cell_tests`.

    References
    ----------
    Dunning, T. (1993). Accurate methods for the statistics of surprise and coincidence.
    *Computational Linguistics* 19, 61-74. https://aclanthology.org/J93-1003

    Examples
    --------
    >>> round(float(signed_root_deviance(12, 40, 40, 400)), 4)
    3.7968
    """
    return _root_deviance(two_by_two(k, n_context, n_value, n_total)[0])


def _residual(table: Table) -> FloatArray:
    """Form the adjusted residual from products that keep their digits at counts of 1e7."""
    a, b, c, d = (cell.astype(np.float64) for cell in table)
    excess, _ = cell_deviances(table)
    rows, columns = divide((a + b) * (c + d), a + b + c + d), divide((a + c) * (b + d), 1.0)
    variance = rows * divide(columns, (a + b + c + d) ** 2)
    return divide(excess, np.sqrt(variance))


def _root_deviance(table: Table) -> FloatArray:
    """Signed root of the deviance; NaN where only one table is possible."""
    a, b, c, d = table
    excess, half = cell_deviances(table)
    possible = ((a + b) > 0) & ((c + d) > 0) & ((a + c) > 0) & ((b + d) > 0)
    root = np.copysign(np.sqrt(2 * np.maximum(half, 0.0)), excess)
    return np.asarray(np.where(possible, root, np.nan))


def _intervals(table: Table, conf_level: float) -> dict[str, Interval]:
    """Every effect size with its interval; NaN where one side holds no conversation."""
    a, b, c, d = table
    inside, outside = a + b, c + d
    both = (inside > 0) & (outside > 0)
    counts = tuple(
        np.where(both, count, fill)
        for count, fill in zip((a, inside, c, outside), (0, 1, 0, 1), strict=True)
    )
    contrasts = {
        "risk_ratio": koopman_interval(*counts, conf_level=conf_level),
        "odds_ratio": miettinen_nurminen(*counts, scale="odds_ratio", conf_level=conf_level),
        "risk_difference": miettinen_nurminen(*counts, conf_level=conf_level),
    }
    masked = {
        name: Interval(
            np.where(both, found.estimate, np.nan),
            np.where(both, found.low, np.nan),
            np.where(both, found.high, np.nan),
            conf_level,
        )
        for name, found in contrasts.items()
    }
    return {
        "prevalence_inside": wilson(a, inside, conf_level=conf_level),
        "prevalence_outside": wilson(c, outside, conf_level=conf_level),
    } | masked
