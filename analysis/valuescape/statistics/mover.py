"""Intervals of a difference or ratio, recovered from the intervals of its two parts (MOVER)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, as_numbers, divide, refuse
from valuescape.statistics.checks import common_shape
from valuescape.statistics.shares import Interval


def mover_difference(
    first: Interval, second: Interval, *, correlation: ArrayLike = 0.0
) -> Interval:
    r"""Interval of ``first - second`` recovered from the two intervals (MOVER).

    .. math:: L = d - \sqrt{(\hat a-l_a)^2 + (u_b-\hat b)^2 - 2\rho(\hat a-l_a)(u_b-\hat b)}

    With Wilson intervals and zero correlation this is Newcombe's method 10.

    Parameters
    ----------
    first, second : Interval
        Of one confidence level; any method that suits each share.
    correlation : array_like, default 0
        Correlation of the two estimates, as in shares that have conversations in common.

    Returns
    -------
    Interval
        NaN where an estimate is NaN.

    Raises
    ------
    ValueError
        If the confidence levels or shapes differ, a limit is infinite or a correlation lies outside
        [-1, 1].

    References
    ----------
    Newcombe, R. G. (1998). *Statistics in Medicine* 17, 873-890.
    https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
    Zou, G. Y. & Donner, A. (2008). *Statistics in Medicine* 27, 1693-1702.
    https://doi.org/10.1002/sim.3095

    Examples
    --------
    >>> from valuescape.statistics.shares import wilson
    >>> limits = mover_difference(wilson(56, 70), wilson(48, 80))
    >>> round(float(limits.low), 4), round(float(limits.high), 4)
    (0.0524, 0.3339)
    """
    rho = _check_pair(first, second, correlation)
    down, up = first.estimate - first.low, first.high - first.estimate
    other_down, other_up = second.estimate - second.low, second.high - second.estimate
    difference = first.estimate - second.estimate
    below = np.maximum(down**2 + other_up**2 - 2 * rho * down * other_up, 0.0)
    above = np.maximum(up**2 + other_down**2 - 2 * rho * up * other_down, 0.0)
    return Interval(
        np.asarray(difference),
        np.asarray(difference - np.sqrt(below)),
        np.asarray(difference + np.sqrt(above)),
        first.conf_level,
    )


def mover_ratio(first: Interval, second: Interval, *, correlation: ArrayLike = 0.0) -> Interval:
    r"""Interval of ``first / second`` recovered from two intervals of positive quantities.

    The limits are the ratios :math:`\theta` at which the recovered interval of
    :math:`a - \theta b` touches zero:

    .. math:: L = \frac{A - \sqrt{A^2 - l_a u_b (2\hat a - l_a)(2\hat b - u_b)}}
        {u_b(2\hat b - u_b)}, \quad
        A = \hat a\hat b - \rho(\hat a - l_a)(u_b - \hat b)

    and the upper limit likewise with :math:`u_a, l_b` and the positive root.

    Parameters
    ----------
    first, second : Interval
        Of one confidence level, both of non-negative quantities.
    correlation : array_like, default 0
        Correlation of the two estimates.

    Returns
    -------
    Interval
        The upper limit is infinite where the denominator cannot be told from zero; the estimate
        is infinite where the denominator is zero, and NaN where both are. All three are NaN where
        an estimate is.

    Raises
    ------
    ValueError
        If the confidence levels or shapes differ, a limit is infinite, a quantity is negative or a
        correlation is not in [-1, 1].

    References
    ----------
    Donner, A. & Zou, G. Y. (2012). Closed-form confidence intervals for functions of the normal
    mean and standard deviation. *Statistical Methods in Medical Research* 21, 347-359.
    https://doi.org/10.1177/0962280210383082

    Examples
    --------
    >>> from valuescape.statistics.shares import wilson
    >>> limits = mover_ratio(wilson(56, 70), wilson(48, 80))
    >>> round(float(limits.low), 3), round(float(limits.high), 3)
    (1.078, 1.663)
    """
    rho = _check_pair(first, second, correlation)
    for name, side in (("first", first), ("second", second)):
        refuse(side.low < 0, name, "a ratio needs quantities that are not negative", side.low)
    low = _ratio_limit(first.estimate, first.low, second.estimate, second.high, rho, upper=False)
    high = _ratio_limit(first.estimate, first.high, second.estimate, second.low, rho, upper=True)
    return Interval(divide(first.estimate, second.estimate), low, high, first.conf_level)


def _ratio_limit(
    a: FloatArray,
    a_limit: FloatArray,
    b: FloatArray,
    b_limit: FloatArray,
    rho: FloatArray,
    *,
    upper: bool,
) -> FloatArray:
    """Root in t of (a - t b)^2 = A^2 + t^2 B^2 - 2 rho t A B, A = a - a_limit, B = b_limit - b."""
    middle = a * b - rho * (a - a_limit) * (b_limit - b)
    constant = a_limit * (2 * a - a_limit)
    leading = b_limit * (2 * b - b_limit)
    root = np.sqrt(np.maximum(middle**2 - constant * leading, 0.0))
    if upper:
        usable = ~(leading <= 0)
        limit = divide(middle + root, np.where(usable, leading, 1.0))
        return np.asarray(np.where(usable, limit, np.inf))
    return np.asarray(np.where(constant == 0, 0.0, divide(constant, middle + root)))


def _check_pair(first: Interval, second: Interval, correlation: ArrayLike) -> FloatArray:
    """Check that two intervals are of one level, and return the correlation."""
    if first.conf_level != second.conf_level:
        raise ValueError(
            f"second: conf_level {second.conf_level} differs from {first.conf_level} of first"
        )
    for name, side in (("first", first), ("second", second)):
        endless = np.isinf(side.low) | np.isinf(side.high) | np.isinf(side.estimate)
        refuse(endless, name, "the limits must be finite")
    rho = as_numbers("correlation", correlation)
    refuse(np.abs(rho) > 1, "correlation", "must lie between -1 and 1", rho)
    common_shape(first=first.estimate, second=second.estimate, correlation=rho)
    return rho
