"""Whether two corrected shares are equal: by score, or by exact test of the readings alone."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import special

from valuescape.statistics.corrected_intervals import effective_size
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.rectified import RectifiedShare
from valuescape.statistics.student import student_log10_p

EqualityTest = Literal["score", "exact"]
_ROUNDING = 1e-9


def equality_test(
    a: RectifiedShare, b: RectifiedShare, correlation: float, minimum_expected: float
) -> tuple[EqualityTest, float]:
    r"""Test that two corrected shares are equal, at the share they would have in common.

    The score test has :math:`z = (p_1 - p_2) / \sqrt{v_1 + v_2 - 2\rho \sqrt{v_1 v_2}}` with
    :math:`v_j = \bar p(1 - \bar p)/m_j`.  The effective size :math:`m_j` is that of the share's own
    variance, but at most :math:`n_j / R` with the ratio :math:`R = \sum_j v(p_j) / \sum_j p_j(1 -
    p_j)/n_j` of both contexts together: where next to no reading has the value, a small estimated
    variance says nothing about the variance under equality.

    Where fewer than ``minimum_expected`` readings with or without the value would be expected in
    the context read less, were shares equal, the machine is set aside: the exact mid-p of the
    readings is taken, as a normal deviate divided by the root of their design effect (at least 1).

    Parameters
    ----------
    a, b : RectifiedShare
        The two shares.
    correlation : float
        Of their errors.
    minimum_expected : float
        Least expected readings of the score test.

    Returns
    -------
    tuple of str and float
        Which test was made and its two-sided p on the log10 scale.

    References
    ----------
    Rao & Scott (1992), doi:10.2307/2532311 (effective sizes); Lancaster (1961),
    doi:10.1080/01621459.1961.10482105 (mid-p).

    Examples
    --------
    >>> from valuescape.statistics.labelled_frame import LabelledFrame
    >>> from valuescape.statistics.rectified import Domain, rectified_share
    >>> rows = np.arange(600)
    >>> frame = LabelledFrame.of(rows < 300, rows * 0, rows, rows % 10)
    >>> machine, parts = np.zeros(600), [(rows + j) % 2 * 1.0 for j in (0, 1)]
    >>> sides = [Domain.known(part, frame) for part in parts]
    >>> one, two = (
    ...     rectified_share(side.reading * (rows < limit), machine, side, frame, 0.0)
    ...     for side, limit in zip(sides, (6, 0))
    ... )
    >>> test, log10_p = equality_test(one, two, 0.0, 5.0)
    >>> test, round(10**log10_p, 3)
    ('exact', 0.124)
    """
    n = np.array([a.n_read, b.n_read], dtype=np.float64)
    common = float(n @ np.array([a.plain, b.plain])) / float(n.sum())
    if n.min() * min(common, 1.0 - common) < minimum_expected - _ROUNDING:
        return "exact", _exact(a, b)
    return "score", _score(a, b, correlation)


def contrast_df(a: RectifiedShare, b: RectifiedShare) -> int:
    """Degrees of freedom of a contrast: those of the share read in fewer clusters."""
    return max(min(a.n_clusters, b.n_clusters) - 1, 1)


def _score(a: RectifiedShare, b: RectifiedShare, correlation: float) -> float:
    difference = a.estimate - b.estimate
    if difference == 0.0:
        return 0.0
    ratio = _variance_ratio([(s.estimate, s.variance, s.n_read) for s in (a, b)])
    sizes = [
        min(effective_size(s.estimate, s.variance, s.effective_clusters), s.n_read / ratio)
        for s in (a, b)
    ]
    pooled = (a.estimate * sizes[0] + b.estimate * sizes[1]) / sum(sizes)
    first, second = (pooled * (1.0 - pooled) / size for size in sizes)
    variance = first + second - 2.0 * correlation * np.sqrt(first * second)
    statistic = difference / np.sqrt(variance) if variance > 0 else np.inf
    return float(student_log10_p(statistic, contrast_df(a, b)))


def _exact(a: RectifiedShare, b: RectifiedShare) -> float:
    held, n = [round(s.plain * s.n_read) for s in (a, b)], [a.n_read, b.n_read]
    whole = float(exact_log10_p(held[0], n[0], sum(held), sum(n)))
    effect = _variance_ratio([(s.plain, s.plain_variance, s.n_read) for s in (a, b)])
    if whole == 0.0 or effect <= 1.0:
        return whole
    deviate = special.ndtri_exp(whole * np.log(10.0) - np.log(2.0)) / np.sqrt(effect)
    return float((special.log_ndtr(deviate) + np.log(2.0)) / np.log(10.0))


def _variance_ratio(shares: list[tuple[float, float, int]]) -> float:
    """Variance of the two shares over that of independent readings; 1 where neither varies."""
    own = sum(variance for _, variance, _ in shares)
    independent = sum(max(p * (1.0 - p), 0.0) / n for p, _, n in shares)
    return own / independent if own > 0 and independent > 0 else 1.0
