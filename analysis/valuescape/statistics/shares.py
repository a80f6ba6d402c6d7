"""Intervals for one share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    FloatArray,
    as_amounts,
    as_floats,
    check_level,
    divide,
    refuse,
    result_frame,
)
from valuescape.statistics.checks import common_shape

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence limits.

    Attributes
    ----------
    estimate, low, high : ndarray of float64
        Of one common shape.
    conf_level : float
        Nominal two-sided coverage.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row an element, one column a field."""
        return result_frame(self)


def critical_value(conf_level: float, df: ArrayLike = np.inf) -> FloatArray:
    """Two-sided critical value of the t distribution (normal where `df` is infinite).

    Parameters
    ----------
    conf_level : float
        Two-sided coverage.
    df : array_like, default infinity
        Degrees of freedom, above zero.

    Returns
    -------
    ndarray of float64
        Same shape as `df`.

    Raises
    ------
    ValueError
        If the level is not inside (0, 1) or a `df` is not above zero.

    Examples
    --------
    >>> critical_value(0.95, [10, np.inf]).round(4)
    array([2.2281, 1.96  ])
    """
    freedom = as_floats("df", df)
    refuse(~(freedom > 0), "df", "degrees of freedom must be above zero", freedom)
    upper = 0.5 + check_level(conf_level) / 2
    finite = np.where(np.isinf(freedom), 1.0, freedom)
    t_value = special.stdtrit(finite, upper)
    return np.asarray(np.where(np.isinf(freedom), special.ndtri(upper), t_value))


def wilson(
    k: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95, df: ArrayLike = np.inf
) -> Interval:
    r"""Wilson score interval of a share.

    .. math:: \frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n}

    Parameters
    ----------
    k : array_like
        Successes, ``0 <= k <= n``. For a weighted share pass ``share * effective n``.
    n : array_like
        Trials, or the effective number of trials (real numbers are accepted).
    conf_level : float, default 0.95
        Two-sided coverage.
    df : array_like, default infinity
        Degrees of freedom of a design-based variance: z becomes a t quantile.

    Returns
    -------
    Interval
        For ``n = 0`` the estimate is NaN (no trial) and the interval is (0, 1).

    Raises
    ------
    ValueError
        If a count is negative or missing, or ``k > n``.

    References
    ----------
    Wilson, E. B. (1927). *JASA* 22, 209-212. https://doi.org/10.1080/01621459.1927.10502953.
    With an effective sample size: Korn, E. L. & Graubard, B. I. (1998). *Survey Methodology* 24.

    Examples
    --------
    >>> limits = wilson(0, 10)
    >>> round(float(limits.high), 4)
    0.2775
    """
    successes, trials = _successes(k, n)
    z = critical_value(conf_level, df)
    successes, trials, z = common_shape(k=successes, n=trials, df=z)
    failures = trials - successes
    spread = z * np.sqrt(divide(successes * failures, trials) + z**2 / 4)
    spread = np.where(trials == 0, z**2 / 2, spread)
    # Each limit is the root of a quadratic; the form without cancellation is taken at each end.
    low = divide(successes**2, (successes + z**2 / 2 + spread) * np.where(trials > 0, trials, 1.0))
    high = 1.0 - divide(
        failures**2, (failures + z**2 / 2 + spread) * np.where(trials > 0, trials, 1.0)
    )
    return Interval(divide(successes, trials), low, np.asarray(high), conf_level)


def clopper_pearson(k: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95) -> Interval:
    """Exact (Clopper-Pearson) interval of a share, from beta quantiles.

    Parameters
    ----------
    k : array_like
        Successes, ``0 <= k <= n``; real numbers (effective counts) are accepted.
    n : array_like
        Trials.
    conf_level : float, default 0.95
        Two-sided coverage; the actual coverage is at least this for whole independent counts.

    Returns
    -------
    Interval
        For ``n = 0`` the estimate is NaN (no trial) and the interval is (0, 1).

    Raises
    ------
    ValueError
        If a count is negative or missing, or ``k > n``.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). *Biometrika* 26, 404-413.
    https://doi.org/10.1093/biomet/26.4.404

    Examples
    --------
    >>> limits = clopper_pearson(2, 10)
    >>> round(float(limits.low), 4), round(float(limits.high), 4)
    (0.0252, 0.5561)
    """
    successes, trials = _successes(k, n)
    alpha = 1.0 - check_level(conf_level)
    failures = trials - successes
    one = np.float64(1.0)
    low = special.betaincinv(np.where(successes > 0, successes, one), failures + 1, alpha / 2)
    high = special.betaincinv(successes + 1, np.where(failures > 0, failures, one), 1 - alpha / 2)
    return Interval(
        divide(successes, trials),
        np.asarray(np.where(successes > 0, low, 0.0)),
        np.asarray(np.where(failures > 0, high, 1.0)),
        conf_level,
    )


def logit_interval(
    estimate: ArrayLike,
    standard_error: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    conf_level: float = 0.95,
) -> Interval:
    r"""Interval of a share by the delta method on the logit scale, with a t quantile.

    .. math:: \operatorname{expit}\left(\operatorname{logit}\hat p
        \pm t_{df}\,\frac{se}{\hat p(1-\hat p)}\right)

    Parameters
    ----------
    estimate : array_like
        Shares in [0, 1].
    standard_error : array_like
        Their (design-based) standard errors.
    df : array_like, default infinity
        Degrees of freedom of the standard error.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    Interval
        At a share of 0 or 1 the logit does not exist and the limits are NaN: use `wilson` on the
        effective counts there.

    Raises
    ------
    ValueError
        If a share lies outside [0, 1] or a standard error is negative or missing.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1999). *Analysis of Health Surveys*, section 3.3. Wiley.
    https://doi.org/10.1002/9781118032619

    Examples
    --------
    >>> limits = logit_interval(0.1, 0.03, df=20)
    >>> round(float(limits.low), 4), round(float(limits.high), 4)
    (0.0525, 0.1821)
    """
    share = as_amounts("estimate", estimate)
    error = as_amounts("standard_error", standard_error)
    refuse(share > 1, "estimate", "a share must lie between 0 and 1", share)
    share, error, critical = common_shape(
        estimate=share, standard_error=error, df=critical_value(conf_level, df)
    )
    reach = critical * error
    inside = (share > 0) & (share < 1)
    safe = np.where(inside, share, 0.5)
    step = reach / (safe * (1 - safe))
    centre = special.logit(safe)
    low = np.where(inside, special.expit(centre - step), np.nan)
    high = np.where(inside, special.expit(centre + step), np.nan)
    return Interval(np.array(share), np.asarray(low), np.asarray(high), conf_level)


def _successes(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return validated successes and trials of one common shape."""
    successes, trials = common_shape(k=as_amounts("k", k), n=as_amounts("n", n))
    refuse(successes > trials, "k", "must not exceed n", successes)
    return successes, trials
