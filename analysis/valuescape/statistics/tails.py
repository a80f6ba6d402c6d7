"""Tail probabilities as log10, where p itself would be zero in floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import FloatArray, refuse
from valuescape.statistics.options import Alternative, check_option

LN10 = float(np.log(10.0))
FRACTION_DEPTH = 400


def normal_log10_p(z: ArrayLike, *, alternative: Alternative = "two-sided") -> FloatArray:
    """log10 p of standard normal statistics.

    Parameters
    ----------
    z : array_like
        Statistics; NaN stays NaN.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Tail that counts as extreme.

    Returns
    -------
    ndarray of float64
        log10 p of the shape of `z`.

    Raises
    ------
    ValueError
        If `alternative` is unknown.

    Examples
    --------
    >>> normal_log10_p([1.959964, 100.0]).round(4).tolist()
    [-1.301, -2173.5705]
    """
    check_option("alternative", alternative, Alternative)
    statistic = np.asarray(z, dtype=np.float64)
    if alternative == "two-sided":
        natural = np.minimum(special.log_ndtr(-np.abs(statistic)) + np.log(2.0), 0.0)
    else:
        natural = special.log_ndtr(-statistic if alternative == "greater" else statistic)
    return np.asarray(natural / LN10)


def chi2_log10_p(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    r"""log10 of the upper tail of the chi-square distribution.

    From the regularised incomplete gamma function where it is a normal number, and from its
    continued fraction :math:`\Gamma(a, x) = e^{-x}x^a/(x+1-a-\ldots)` in the far tail.

    Parameters
    ----------
    statistic : array_like
        Non-negative statistics; NaN stays NaN.
    df : array_like
        Degrees of freedom, above zero (real numbers are accepted).

    Returns
    -------
    ndarray of float64
        log10 p of the broadcast shape.

    Raises
    ------
    ValueError
        If a statistic is negative or a number of degrees of freedom is not above zero.

    References
    ----------
    NIST Digital Library of Mathematical Functions, equation 8.9.2. https://dlmf.nist.gov/8.9

    Examples
    --------
    >>> chi2_log10_p([3.841459, 20_000.0], 1).round(4).tolist()
    [-1.301, -4345.1934]
    """
    x, a = np.broadcast_arrays(
        np.asarray(statistic, dtype=np.float64) / 2, np.asarray(df, dtype=np.float64) / 2
    )
    refuse(x < 0, "statistic", "must not be negative", 2 * x)
    refuse(~(a > 0), "df", "degrees of freedom must be above zero", 2 * a)
    upper = special.gammaincc(a, x)
    far = (upper < 1e-280) & (x > a + 1)
    natural = np.log(np.where(far, 1.0, upper))
    if np.any(far):
        natural = np.where(far, _far_log_gamma_tail(a, np.where(far, x, a + 2)), natural)
    return np.asarray(natural / LN10)


def _far_log_gamma_tail(a: FloatArray, x: FloatArray) -> FloatArray:
    """Log of the regularised upper incomplete gamma function for x > a + 1 (modified Lentz)."""
    b = x + 1 - a
    c = np.full(np.shape(x), np.inf)
    d = 1 / b
    value = d.copy() if isinstance(d, np.ndarray) else np.asarray(d)
    for i in range(1, FRACTION_DEPTH):
        numerator = -i * (i - a)
        b = b + 2
        d = 1 / (numerator * d + b)
        c = b + numerator / c
        value = value * (d * c)
        if np.all(np.abs(d * c - 1) < 1e-15):
            break
    return np.asarray(special.xlogy(a, x) - x - special.gammaln(a) + np.log(value))
