"""Limits of a contrast of two corrected shares, on each scale."""

from __future__ import annotations

import numpy as np
from scipy import special

from valuescape.statistics.arrays import FloatArray, divide
from valuescape.statistics.corrected_intervals import corrected_interval
from valuescape.statistics.corrected_test import contrast_df
from valuescape.statistics.intervals import (
    Interval,
    critical_value,
    mover_difference,
    mover_ratio,
)
from valuescape.statistics.options import CorrectedScale
from valuescape.statistics.rectified import RectifiedShare


def on_scale(first: float, second: float, scale: CorrectedScale) -> float:
    """Contrast of two shares on a scale.

    Examples
    --------
    >>> on_scale(0.5, 0.25, "difference"), on_scale(0.5, 0.25, "ratio")
    (0.25, 2.0)
    """
    if scale == "difference":
        return first - second
    if scale == "ratio":
        return float(divide(first, second))
    with np.errstate(invalid="ignore"):
        return float(special.logit(first) - special.logit(second))


def contrast_limits(
    a: RectifiedShare,
    b: RectifiedShare,
    scale: CorrectedScale,
    error: float,
    rho: float,
    conf_level: float,
    rare: float,
) -> Interval:
    """Limits of a contrast: by the t distribution, or joined from those of its shares.

    Parameters
    ----------
    a, b : RectifiedShare
        The two shares.
    scale : {"difference", "ratio", "log_odds"}
        Of the contrast.
    error : float
        Its standard error, of the logarithm of a ratio; NaN where there is none.
    rho : float
        Correlation of the errors of the two shares.
    conf_level, rare : float
        As :func:`~valuescape.statistics.corrected_contrast.corrected_contrast` takes them.

    References
    ----------
    Donner & Zou (2012), doi:10.1177/0962280210383082.
    """
    common = all(rare <= side.estimate <= 1.0 - rare and side.variance > 0 for side in (a, b))
    if not common or not np.isfinite(error):
        return _mover(a, b, scale, rho, conf_level, rare)
    reach = critical_value(conf_level, contrast_df(a, b)) * error
    estimate: FloatArray = np.asarray(on_scale(a.estimate, b.estimate, scale))
    if scale == "ratio":
        return Interval(estimate, estimate * np.exp(-reach), estimate * np.exp(reach), conf_level)
    return Interval(estimate, estimate - reach, estimate + reach, conf_level)


def _mover(
    a: RectifiedShare,
    b: RectifiedShare,
    scale: CorrectedScale,
    rho: float,
    conf_level: float,
    rare: float,
) -> Interval:
    one, two = (corrected_interval(side, conf_level=conf_level, rare=rare) for side in (a, b))
    if scale == "difference":
        return mover_difference(one, two, correlation=rho)
    if scale == "ratio":
        return mover_ratio(one, two, correlation=rho)
    return _log_odds_limits(one, two, rho)


def _log_odds_limits(one: Interval, two: Interval, rho: float) -> Interval:
    """MOVER limits of the log odds ratio; shares of 1 by way of their complements."""
    at_one, at_zero = (any(s.estimate == end for s in (one, two)) for end in (1.0, 0.0))
    with np.errstate(divide="ignore"):
        if at_one and at_zero:
            ends = [special.logit(e) for e in (one.low, two.high, one.high, two.low)]
            estimate = special.logit(one.estimate) - special.logit(two.estimate)
            return Interval(estimate, ends[0] - ends[1], ends[2] - ends[3], one.conf_level)
        if at_one:
            return _log_odds_limits(_complement(two), _complement(one), rho)
        odds = mover_ratio(_odds(one), _odds(two), correlation=rho)
        low = np.log(np.where(two.high >= 1.0, 0.0, odds.low))
        high = np.log(np.where(one.high >= 1.0, np.inf, odds.high))
        return Interval(np.log(odds.estimate), low, high, one.conf_level)


def _complement(share: Interval) -> Interval:
    return Interval(1.0 - share.estimate, 1.0 - share.high, 1.0 - share.low, share.conf_level)


def _odds(share: Interval) -> Interval:
    """Odds of the three; an upper end of 1, which the caller replaces, is taken just below."""
    ends = (share.estimate, share.low, np.minimum(share.high, 1.0 - 1e-12))
    estimate, low, high = (np.asarray(side / (1.0 - side)) for side in ends)
    return Interval(estimate, low, high, share.conf_level)
