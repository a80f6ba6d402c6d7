"""Tail probabilities as log10, where p itself would be zero in floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import FloatArray, as_floats, refuse
from valuescape.statistics.checks import common_shape
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
    statistic = as_floats("z", z)
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
        Non-negative statistics; NaN stays NaN, infinity has log10 p of minus infinity.
    df : array_like
        Degrees of freedom, above zero (real numbers are accepted).

    Returns
    -------
    ndarray of float64
        log10 p of the broadcast shape.

    Raises
    ------
    ValueError
        If a statistic is negative, a number of degrees of freedom is not above zero and finite, or
        shapes do not fit.

    References
    ----------
    NIST Digital Library of Mathematical Functions, equation 8.9.2. https://dlmf.nist.gov/8.9

    Examples
    --------
    >>> chi2_log10_p([3.841459, 20_000.0], 1).round(4).tolist()
    [-1.301, -4345.1934]
    """
    observed, freedom = common_shape(
        statistic=as_floats("statistic", statistic), df=as_floats("df", df)
    )
    refuse(observed < 0, "statistic", "must not be negative", observed)
    allowed = (freedom > 0) & np.isfinite(freedom)
    refuse(~allowed, "df", "degrees of freedom must be above zero and finite", freedom)
    x, a = observed / 2, freedom / 2
    upper = special.gammaincc(a, x)
    endless = np.isinf(x)
    far = (upper < 1e-280) & (x > a + 1) & ~endless
    natural = np.where(endless, -np.inf, np.log(np.where(far | endless, 1.0, upper)))
    if np.any(far):
        natural = np.where(far, _far_log_gamma_tail(a, np.where(far, x, a + 2)), natural)
    return np.asarray(natural / LN10)


def _far_log_gamma_tail(a: FloatArray, x: FloatArray) -> FloatArray:
    """Log of the regularised upper incomplete gamma function for x > a + 1 (modified Lentz)."""
    b = x + 1 - a
    c = np.full(np.shape(x), np.inf)
    d = 1 / b
    value = np.array(d)
    for i in range(1, FRACTION_DEPTH):
        numerator = -i * (i - a)
        b = b + 2
        d = 1 / (numerator * d + b)
        c = b + numerator / c
        value = value * (d * c)
        if np.all(np.abs(d * c - 1) < 1e-15):
            break
    return np.asarray(special.xlogy(a, x) - x - special.gammaln(a) + np.log(value))
