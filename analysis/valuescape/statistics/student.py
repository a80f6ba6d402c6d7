"""Tails of Student's t on the log scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import FloatArray, as_floats, refuse
from valuescape.statistics.checks import common_shape
from valuescape.statistics.tails import LN10, normal_log10_p

SMALLEST = 1e-250
"""Below this probability the continued fraction takes over."""

DEPTH = 2_000


def student_log10_p(t: ArrayLike, df: ArrayLike) -> FloatArray:
    r"""log10 of the two-sided p-value of Student's t.

    With :math:`x = \nu/(\nu + t^2)`, p is the regularised incomplete beta function
    :math:`I_x(\nu/2, 1/2)`, or where that is too small to be held, its continued fraction.

    Parameters
    ----------
    t : array_like
        Statistics; NaN stays NaN.
    df : array_like
        Degrees of freedom, above zero; infinite gives the normal distribution.

    Returns
    -------
    ndarray of float64
        log10 p of the broadcast shape; minus infinity for an infinite statistic.

    Raises
    ------
    ValueError
        If a number of degrees of freedom is not above zero.

    References
    ----------
    NIST Digital Library of Mathematical Functions, equation 8.17.22. https://dlmf.nist.gov/8.17

    Examples
    --------
    >>> student_log10_p([2.228139, 1e40], 10).round(4).tolist()
    [-1.301, -395.6089]
    """
    statistic, freedom = common_shape(t=as_floats("t", t), df=as_floats("df", df))
    refuse(~(freedom > 0), "df", "degrees of freedom must be above zero", freedom)
    limit = np.isinf(freedom)
    a = np.where(limit, 1.0, freedom) / 2
    with np.errstate(over="ignore"):
        square = statistic**2
    direct = special.betainc(a, 0.5, 2 * a / (2 * a + square))
    far = ~(direct >= SMALLEST) & np.isfinite(statistic)
    with np.errstate(divide="ignore"):
        natural = np.log(direct)
    natural = np.where(far, _far_log_tail(a, np.where(far, np.abs(statistic), 1.0)), natural)
    return np.asarray(np.where(limit, normal_log10_p(statistic), natural / LN10))


def _far_log_tail(a: FloatArray, t: FloatArray) -> FloatArray:
    """Log of I_x(a, 1/2) for x in the far tail (modified Lentz)."""
    log_x = -np.log1p(np.exp(2 * np.log(t) - np.log(2 * a)))
    x = np.exp(log_x)
    front = a * log_x + 0.5 * np.log(-np.expm1(log_x)) - np.log(a) - special.betaln(a, 0.5)
    value = c = np.ones_like(x)
    d = np.zeros_like(x)
    for i in range(1, DEPTH):
        m = i // 2
        if i % 2:
            term = -(a + m) * (a + 0.5 + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (0.5 - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + term * d)
        c = 1 + term / c
        value = value * (c * d)
        if np.all(np.abs(c * d - 1) < 1e-15):
            break
    return np.asarray(front - np.log(value))
