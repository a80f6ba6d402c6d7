"""Interval of a share from what readers find among conversations a machine calls, and the rest."""

from __future__ import annotations

import numpy as np

from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.corrected_intervals import plain_interval
from valuescape.statistics.groups import group_sums
from valuescape.statistics.intervals import Interval, mover_difference
from valuescape.statistics.labelled_frame import LabelledFrame
from valuescape.statistics.power_tuning import inner
from valuescape.statistics.rectified import Domain, rectified_share

_FEWEST = 2


def called_interval(
    y: FloatArray, called: BoolArray, frame: LabelledFrame, *, conf_level: float
) -> Interval:
    r"""Share of the frame, as right among what a machine calls plus missed among the rest.

    .. math:: \hat\theta = W \hat p_1 + (1 - W) \hat p_0

    W is the share of the frame that the machine calls, which is known; :math:`p_1` and
    :math:`p_0` are read.  Each has the Wilson interval of its effective sample size, that is of
    its clustered variance or, if larger, of the variance it would have if positives went with no
    weight: a part in which nothing positive was read varies all the same.  The two are joined with
    the correlation of their errors (MOVER).  Few misses, each of a large weight, are what makes a
    symmetric interval of a rare share too short.

    Parameters
    ----------
    y : ndarray, shape (n_frame,)
        Readings (0 where not read).
    called : ndarray of bool, shape (n_frame,)
        Whether the machine calls the conversation positive.
    frame : LabelledFrame
        Which were read, strata, clusters.
    conf_level : float
        Confidence level.

    Returns
    -------
    Interval
        A part read in fewer than two clusters is taken to be anywhere in [0, 1].

    References
    ----------
    Zou, Huang & Zhang (2009), doi:10.1016/j.csda.2008.09.033 (linear functions of proportions);
    Korn & Graubard (1998), Survey Methodology 24, 193-201 (effective sample size).

    Examples
    --------
    >>> rows = np.arange(400)
    >>> frame = LabelledFrame.of(rows % 4 == 0, rows * 0, rows, rows % 10)
    >>> none = called_interval(np.zeros(400), rows < 0, frame, conf_level=0.95)
    >>> round(float(none.high), 3)
    0.038
    """
    parts = [_part(y, inside, frame, conf_level) for inside in (called, ~called)]
    (first, error), (second, other) = parts
    spread = float(np.sqrt(inner(error, error) * inner(other, other)))
    correlation = float(np.clip(inner(error, other) / spread, -1.0, 1.0)) if spread > 0 else 0.0
    negative = Interval(-second.estimate, -second.high, -second.low, conf_level)
    return mover_difference(first, negative, correlation=-correlation)


def _part(
    y: FloatArray, inside: BoolArray, frame: LabelledFrame, conf_level: float
) -> tuple[Interval, FloatArray]:
    """Return what a part of the frame adds to the share, and the errors of the clusters."""
    size = float(inside.mean())
    domain = Domain.known(inside.astype(np.float64), frame)
    weights = group_sums(frame.weight * domain.reading, frame.cluster)
    if np.count_nonzero(weights) < _FEWEST:
        held = float(frame.weight @ (y * domain.reading)) / max(float(weights.sum()), 1.0)
        alone = Interval(np.asarray(size * held), np.asarray(0.0), np.asarray(size), conf_level)
        return alone, np.zeros(int(frame.cluster.max()) + 1)
    found = rectified_share(y * domain.reading, np.zeros_like(y), domain, frame, 0.0)
    limits = plain_interval(found, conf_level=conf_level, rare=0.5)
    at, low, high = (np.asarray(size * s) for s in (limits.estimate, limits.low, limits.high))
    return Interval(at, low, high, conf_level), size * found.plain_error
