"""Chi-square tests of a sum of correlated chi-squares, corrected to the first and second order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from valuescape.statistics.arrays import as_numbers, result_frame
from valuescape.statistics.tails import chi2_log10_p

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RaoScott:
    """A quadratic form against its corrected chi-square distributions.

    Attributes
    ----------
    first_order_statistic : float
        Statistic over the mean eigenvalue, to be compared with the nominal degrees of freedom.
    first_order_log10_p : float
        log10 p of it.
    second_order_statistic, second_order_df : float
        Scaled so that mean and variance are those of a chi-square.
    log10_p : float
        log10 p of the second order.
    """

    first_order_statistic: float
    first_order_log10_p: float
    second_order_statistic: float
    second_order_df: float
    log10_p: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return result_frame(self)


def rao_scott(statistic: float, df: float, trace: float, trace_squares: float) -> RaoScott:
    r"""Correct a statistic whose null distribution is :math:`\sum_i \lambda_i \chi^2_1`.

    With :math:`T = \sum\lambda_i` and :math:`T_2 = \sum\lambda_i^2` the first-order statistic is
    :math:`X^2 \nu / T` on :math:`\nu` degrees of freedom; the second-order statistic is
    :math:`X^2 T / T_2` on :math:`T^2 / T_2`.  The first has the right mean, the second the right
    mean and variance.

    Parameters
    ----------
    statistic : float
        Quadratic form, not negative.
    df : float
        Nominal degrees of freedom, above zero.
    trace, trace_squares : float
        Sum of the eigenvalues, above zero, and of their squares.  An estimate of the second below
        :math:`T^2/\nu`, the least that so many eigenvalues of this sum allow, is raised to it.

    Returns
    -------
    RaoScott
        Both statistics and their p-values.

    Raises
    ------
    ValueError
        If a number is missing or infinite, the statistic negative, or `df` or the trace not above
        zero.

    References
    ----------
    Satterthwaite, F. E. (1946). *Biometrics Bulletin* 2, 110-114.
    https://doi.org/10.2307/3002019.
    Rao, J. N. K. & Scott, A. J. (1981). *JASA* 76, 221-230.
    https://doi.org/10.1080/01621459.1981.10477633

    Examples
    --------
    Two eigenvalues of 1 and one of 4:

    >>> found = rao_scott(12.0, 3.0, 6.0, 18.0)
    >>> found.first_order_statistic, found.second_order_statistic, found.second_order_df
    (6.0, 4.0, 2.0)
    """
    _number("trace_squares", trace_squares)
    if _number("statistic", statistic) < 0:
        raise ValueError(f"statistic = {statistic}: must not be negative")
    for name, value in (("df", df), ("trace", trace)):
        if not _number(name, value) > 0:
            raise ValueError(f"{name} = {value}: must be above zero")
    squares = max(trace_squares, trace**2 / df)
    first = statistic * df / trace
    second, second_df = statistic * trace / squares, trace**2 / squares
    return RaoScott(
        first_order_statistic=first,
        first_order_log10_p=float(chi2_log10_p(first, df)),
        second_order_statistic=second,
        second_order_df=second_df,
        log10_p=float(chi2_log10_p(second, second_df)),
    )


def _number(name: str, value: float) -> float:
    array = as_numbers(name, value)
    if array.ndim:
        raise ValueError(f"{name}: shape {array.shape} is not one number")
    return float(array)


def cross_trace_squares(plug_in: float, own: float, n_clusters: int) -> float:
    r"""Trace of a squared covariance without the part that each cluster has with itself.

    The trace of the square of an estimate :math:`S = \sum_g U_g U_g'` grows with the noise in S:
    with more items than clusters, without bound.  Products of different clusters have no such
    bias: :math:`\frac{G}{G - 1} \sum_{g \ne h} (U_g' U_h)^2`.

    Parameters
    ----------
    plug_in : float
        :math:`\sum_{g, h} (U_g' U_h)^2`.
    own : float
        :math:`\sum_g (U_g' U_g)^2`.
    n_clusters : int
        G, at least 2.

    Returns
    -------
    float
        The unbiased estimate; it can be negative.

    References
    ----------
    Chen, S. X. & Qin, Y.-L. (2010). *Annals of Statistics* 38, 808-835.
    https://doi.org/10.1214/09-AOS716

    Examples
    --------
    >>> cross_trace_squares(12.0, 4.0, 5)
    10.0
    """
    return (plug_in - own) * n_clusters / (n_clusters - 1)
