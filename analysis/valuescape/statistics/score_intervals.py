"""Score intervals that compare two independent shares: ratio, difference, odds ratio.

Each interval is the set of parameter values that the score test does not reject, found by
bracketed root finding for all cells at once. They exist at zero counts, where Wald intervals fail.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    as_amounts,
    check_level,
    divide,
    refuse,
)
from valuescape.statistics.checks import common_shape
from valuescape.statistics.options import ContrastScale, check_option
from valuescape.statistics.restricted_shares import Cells, odds_share, restricted_share
from valuescape.statistics.shares import Interval
from valuescape.statistics.solve import bracketed_root

BEYOND_WALD = 1.5
LOG_REACH = 60.0
"""Bracket of a log ratio: e^60 is beyond any ratio that counts up to 3e9 can show."""


def koopman_interval(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, conf_level: float = 0.95
) -> Interval:
    r"""Koopman's score interval of the risk ratio :math:`(k_1/n_1)/(k_2/n_2)`.

    The ratios :math:`\theta` with :math:`X^2(\theta) \le z^2`, where

    .. math:: X^2(\theta) = \frac{(\hat p_1 - \theta\hat p_2)^2}
        {\tilde p_1\tilde q_1/n_1 + \theta^2\tilde p_2\tilde q_2/n_2}

    and tildes are maximum-likelihood shares under :math:`p_1 = \theta p_2`.

    Parameters
    ----------
    k1, n1 : array_like
        Successes and trials of the first share (real numbers, as effective counts, are accepted).
    k2, n2 : array_like
        The same of the second share. All four broadcast.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    Interval
        Zero-safe: the lower limit is 0 if ``k1 = 0``, the upper is infinite if ``k2 = 0``. With
        both zero the ratio is NaN and the interval (0, inf).

    Raises
    ------
    ValueError
        If a count is negative or missing, exceeds its trials, or a number of trials is zero.

    References
    ----------
    Koopman, P. A. R. (1984). Confidence intervals for the ratio of two binomial proportions.
    *Biometrics* 40, 513-517. https://doi.org/10.2307/2531405

    Examples
    --------
    >>> limits = koopman_interval(36, 40, 16, 80)
    >>> round(float(limits.low), 2), round(float(limits.high), 2)
    (2.94, 7.15)
    """
    cells, shape = _cells(k1, n1, k2, n2)
    ratio = divide(divide(cells[0], cells[1]), divide(cells[2], cells[3]))
    centre = _log_centre(ratio)
    ends = _log_ratio_ends(cells, centre, conf_level)
    low, high = _invert(cells, _log_ratio_score, centre, ends, conf_level)
    low = np.where(cells[0] == 0, 0.0, np.exp(low))
    high = np.where(cells[2] == 0, np.inf, np.exp(high))
    return _shaped(ratio, low, high, shape, conf_level)


def miettinen_nurminen(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    scale: ContrastScale = "difference",
    conf_level: float = 0.95,
) -> Interval:
    r"""Miettinen-Nurminen score interval of a risk difference or an odds ratio.

    Inverts the score test whose variance is taken at the restricted maximum-likelihood shares and
    multiplied by :math:`N/(N-1)`, :math:`N = n_1 + n_2`.

    Parameters
    ----------
    k1, n1 : array_like
        Successes and trials of the first share (real numbers, as effective counts, are accepted).
    k2, n2 : array_like
        The same of the second share. All four broadcast.
    scale : {"difference", "odds_ratio"}, default "difference"
        ``k1/n1 - k2/n2``, or the odds ratio.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    Interval
        Zero-safe. An odds ratio of 0/0 is NaN with the interval its data allow.

    Raises
    ------
    ValueError
        If the scale is unknown, a count is negative or missing or exceeds its trials, a number of
        trials is zero, or both numbers together do not exceed 1.

    References
    ----------
    Miettinen, O. & Nurminen, M. (1985). Comparative analysis of two rates. *Statistics in
    Medicine* 4, 213-226. https://doi.org/10.1002/sim.4780040211

    Examples
    --------
    >>> limits = miettinen_nurminen(56, 70, 48, 80)
    >>> round(float(limits.low), 4), round(float(limits.high), 4)
    (0.0528, 0.3382)
    """
    check_option("scale", scale, ContrastScale)
    cells, shape = _cells(k1, n1, k2, n2)
    x1, m1, x2, m2 = cells
    small = (m1 + m2 <= 1).reshape(shape)
    refuse(small, "n1", "n1 + n2 must exceed 1 (the variance has the factor N / (N - 1))")
    if scale == "difference":
        difference = x1 / m1 - x2 / m2
        ends = np.full(difference.shape, -1.0), np.full(difference.shape, 1.0)
        low, high = _invert(cells, _difference_score, difference, ends, conf_level)
        return _shaped(difference, low, high, shape, conf_level)
    ratio = divide(x1 * (m2 - x2), x2 * (m1 - x1))
    centre = _log_centre(ratio)
    ends = np.full(centre.shape, -LOG_REACH), np.full(centre.shape, LOG_REACH)
    low, high = _invert(cells, _log_odds_score, centre, ends, conf_level)
    low = np.where((x1 == 0) | (x2 == m2), 0.0, np.exp(low))
    high = np.where((x2 == 0) | (x1 == m1), np.inf, np.exp(high))
    return _shaped(ratio, low, high, shape, conf_level)


def _invert(
    cells: Cells,
    score: Callable[[FloatArray, Cells], FloatArray],
    centre: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    conf_level: float,
) -> tuple[FloatArray, FloatArray]:
    """Both parameter values at which the decreasing signed score equals plus or minus z."""
    z = _quantile(conf_level)

    def crossing(target: float) -> Callable[[FloatArray, BoolArray], FloatArray]:
        def difference(x: FloatArray, active: BoolArray) -> FloatArray:
            x1, m1, x2, m2 = cells
            return score(x, (x1[active], m1[active], x2[active], m2[active])) - target

        return difference

    low = bracketed_root(crossing(z), ends[0], centre)
    high = bracketed_root(crossing(-z), centre, ends[1])
    return low, high


def _quantile(conf_level: float) -> float:
    return float(special.ndtri(0.5 + check_level(conf_level) / 2))


def _log_ratio_ends(
    cells: Cells, centre: FloatArray, conf_level: float
) -> tuple[FloatArray, FloatArray]:
    """Brackets that hold both limits: a little beyond Wald's where they do, else out of reach."""
    x1, m1, x2, m2 = cells
    z = _quantile(conf_level)
    variance = 1 / (x1 + 0.5) - 1 / (m1 + 0.5) + 1 / (x2 + 0.5) - 1 / (m2 + 0.5)
    width = BEYOND_WALD * z * np.sqrt(variance)
    low, high = np.maximum(centre - width, -LOG_REACH), np.minimum(centre + width, LOG_REACH)
    low[_log_ratio_score(low, cells) <= z] = -LOG_REACH
    high[_log_ratio_score(high, cells) >= -z] = LOG_REACH
    return low, high


def _log_ratio_score(log_ratio: FloatArray, cells: Cells) -> FloatArray:
    """Signed root of Koopman's statistic at each log risk ratio."""
    x1, m1, x2, m2 = cells
    theta = np.exp(log_ratio)
    linear = theta * (m1 + x2) + x1 + m2
    root = np.sqrt(np.maximum(linear**2 - 4 * (m1 + m2) * theta * (x1 + x2), 0.0))
    p2 = np.minimum(2 * (x1 + x2) / (linear + root), np.minimum(1.0, 1.0 / theta))
    p1 = np.minimum(theta * p2, 1.0)
    variance = p1 * (1 - p1) / m1 + theta**2 * p2 * (1 - p2) / m2
    return _signed(x1 / m1 - theta * (x2 / m2), variance)


def _log_odds_score(log_ratio: FloatArray, cells: Cells) -> FloatArray:
    """Signed score of Miettinen and Nurminen at each log odds ratio."""
    x1, m1, x2, m2 = cells
    p2 = odds_share(log_ratio, m1, m2, x1 + x2)
    q2 = odds_share(-log_ratio, m1, m2, m1 + m2 - x1 - x2)
    odds = np.exp(log_ratio)
    scale = odds * p2 + q2
    p1, q1 = odds * p2 / scale, q2 / scale
    information = divide(1.0, divide(1.0, m1 * p1 * q1) + divide(1.0, m2 * p2 * q2))
    return _signed(x1 - m1 * p1, information * (m1 + m2) / (m1 + m2 - 1))


def _difference_score(difference: FloatArray, cells: Cells) -> FloatArray:
    """Signed score of Miettinen and Nurminen at each risk difference."""
    x1, m1, x2, m2 = cells
    p2 = restricted_share(difference, cells)
    p1 = np.clip(p2 + difference, 0.0, 1.0)
    variance = (p1 * (1 - p1) / m1 + p2 * (1 - p2) / m2) * (m1 + m2) / (m1 + m2 - 1)
    return _signed(x1 / m1 - x2 / m2 - difference, variance)


def _signed(distance: FloatArray, variance: FloatArray) -> FloatArray:
    """Distance over its standard error; infinite with the distance's sign where that is zero."""
    safe = np.where(variance > 0, variance, 1.0)
    limit = np.where(distance == 0, 0.0, np.copysign(np.inf, distance))
    score = np.where(variance > 0, distance / np.sqrt(safe), limit)
    return np.clip(score, -1e300, 1e300)


def _log_centre(ratio: FloatArray) -> FloatArray:
    """Log of a ratio, kept inside the bracket where the ratio is 0, infinite or undefined."""
    usable = np.isfinite(ratio) & (ratio > 0)
    centre = np.log(np.where(usable, ratio, 1.0))
    edge = np.where(ratio == 0, -LOG_REACH, np.where(np.isinf(ratio), LOG_REACH, 0.0))
    return np.asarray(np.where(usable, centre, edge))


def _cells(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike
) -> tuple[Cells, tuple[int, ...]]:
    """Validate and flatten counts; return them with the shape they broadcast to."""
    named = {"k1": k1, "n1": n1, "k2": k2, "n2": n2}
    x1, m1, x2, m2 = common_shape(**{name: as_amounts(name, v) for name, v in named.items()})
    for name, successes, trials in (("1", x1, m1), ("2", x2, m2)):
        refuse(trials <= 0, f"n{name}", "a share needs at least one trial", trials)
        refuse(successes > trials, f"k{name}", f"must not exceed n{name}", successes)
    return (x1.ravel(), m1.ravel(), x2.ravel(), m2.ravel()), x1.shape


def _shaped(
    estimate: FloatArray,
    low: FloatArray,
    high: FloatArray,
    shape: tuple[int, ...],
    conf_level: float,
) -> Interval:
    """Put the flat results into the caller's shape."""
    return Interval(
        np.asarray(estimate).reshape(shape),
        np.asarray(low).reshape(shape),
        np.asarray(high).reshape(shape),
        conf_level,
    )
