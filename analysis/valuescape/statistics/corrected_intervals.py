"""Intervals of corrected shares, by the t distribution or, for rare values, by MOVER-Wilson."""

from __future__ import annotations

import numpy as np

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.intervals import (
    Interval,
    critical_value,
    logit_interval,
    mover_difference,
    wilson,
)
from valuescape.statistics.power_tuning import inner
from valuescape.statistics.rectified import Halves, RectifiedShare


def corrected_interval(found: RectifiedShare, *, conf_level: float, rare: float) -> Interval:
    r"""Interval of a corrected share.

    Between ``rare`` and its complement: the logit scale with t quantiles at G - 1 degrees of
    freedom.  Outside: the share is what was missed less what was invented; each gets the Wilson
    interval of its effective sample size :math:`m(1-m)/v`, and the two are joined with their
    correlation (MOVER).  Without any positive reading the first has the Wilson interval of 0 among
    the effective number of clusters.

    Parameters
    ----------
    found : RectifiedShare
        The share and the errors of its clusters.
    conf_level : float
        Confidence level.
    rare : float
        Share (or complement) under which the interval is MOVER-Wilson.

    Returns
    -------
    Interval
        Within [0, 1], holding the estimate.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201 (effective sample size); Zou & Donner
    (2008), doi:10.1002/sim.3095 (MOVER).

    Examples
    --------
    >>> from valuescape.statistics.labelled_frame import LabelledFrame
    >>> from valuescape.statistics.rectified import rectified_share
    >>> rows = np.arange(400)
    >>> frame = LabelledFrame.of(rows < 100, rows * 0, rows, rows % 10)
    >>> none = rectified_share(np.zeros(400), np.zeros(400), None, frame, None)
    >>> limits = corrected_interval(none, conf_level=0.95, rare=0.02)
    >>> round(float(limits.high), 3)
    0.038
    """
    varies = found.variance > 0
    if varies and rare <= found.estimate <= 1.0 - rare and 0 < found.estimate < 1:
        return logit_interval(
            found.estimate, np.sqrt(found.variance), df=_df(found), conf_level=conf_level
        )
    halves = found.halves
    down, up = _reaches(halves, found, conf_level)
    if halves.mirrored:
        down, up = up, down
    low, high = np.clip([found.estimate - down, found.estimate + up], 0.0, 1.0)
    return Interval(np.asarray(found.estimate), np.asarray(low), np.asarray(high), conf_level)


def plain_interval(found: RectifiedShare, *, conf_level: float, rare: float) -> Interval:
    """Interval of the share by readings alone: on the logit scale, or Wilson's if it is rare.

    Examples
    --------
    >>> from valuescape.statistics.labelled_frame import LabelledFrame
    >>> from valuescape.statistics.rectified import rectified_share
    >>> rows = np.arange(400)
    >>> frame = LabelledFrame.of(rows < 100, rows * 0, rows, rows % 10)
    >>> half = rectified_share((rows < 50) * 1.0, np.zeros(400), None, frame, None)
    >>> limits = plain_interval(half, conf_level=0.95, rare=0.02)
    >>> round(float(limits.low), 3), round(float(limits.high), 3)
    (0.402, 0.598)
    """
    share, variance = found.plain, found.plain_variance
    if variance > 0 and rare <= share <= 1.0 - rare and 0 < share < 1:
        return logit_interval(share, np.sqrt(variance), df=_df(found), conf_level=conf_level)
    size = effective_size(share, max(variance, found.plain_floor), found.effective_clusters)
    return wilson(share * size, size, conf_level=conf_level, df=_df(found))


def effective_size(share: float, variance: float, clusters: float) -> float:
    """Independent trials that estimate a share as precisely; `clusters` where there is no variance.

    Examples
    --------
    >>> effective_size(0.5, 0.0025, 40.0), effective_size(0.0, 0.0, 40.0)
    (100.0, 40.0)
    """
    inside = 0.0 < share < 1.0 and variance > 0
    return share * (1.0 - share) / variance if inside else clusters


def _df(found: RectifiedShare) -> int:
    return max(found.n_clusters - 1, 1)


def _reaches(halves: Halves, found: RectifiedShare, conf_level: float) -> tuple[float, float]:
    """How far the interval of the (mirrored) share reaches down and up."""
    variances = [inner(e, e) for e in (halves.missed_error, halves.invented_error)]
    between = inner(halves.missed_error, halves.invented_error)
    spread = float(np.sqrt(variances[0] * variances[1]))
    correlation = float(np.clip(between / spread, -1.0, 1.0)) if spread > 0 else 0.0
    of_missed = max(variances[0], halves.missed_floor)
    missed = _around(halves.missed, halves.missed, of_missed, found, conf_level)
    none = found.tuning == 0.0 or (halves.invented_mass == 0.0 and variances[1] == 0.0)
    if none:
        fixed = np.asarray(halves.invented)
        invented = Interval(fixed, fixed, fixed, conf_level)
    else:
        invented = _around(halves.invented, halves.invented_mass, variances[1], found, conf_level)
    joined = mover_difference(missed, invented, correlation=correlation)
    return float(joined.estimate - joined.low), float(joined.high - joined.estimate)


def _around(
    centre: float, mass: float, variance: float, found: RectifiedShare, conf_level: float
) -> Interval:
    """Interval about `centre` that reaches as far as Wilson's about `mass`."""
    at: FloatArray = np.asarray(centre)
    if mass < 0 or mass >= 1:
        reach = critical_value(conf_level, _df(found)) * np.sqrt(variance)
        return Interval(at, at - reach, at + reach, conf_level)
    size = effective_size(mass, variance, found.effective_clusters)
    limits = wilson(mass * size, size, conf_level=conf_level, df=_df(found))
    return Interval(at, at - (mass - limits.low), at + (limits.high - mass), conf_level)
