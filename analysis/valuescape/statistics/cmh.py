"""Cochran-Mantel-Haenszel statistics of many outcomes in the same small strata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, divide
from valuescape.statistics.cluster_variance import cluster_variance
from valuescape.statistics.deflation import deflated_counts
from valuescape.statistics.stratified import stratified_exact_log10_p
from valuescape.statistics.tails import normal_log10_p

FEWEST = 5.0
"""Smallest Mantel-Fleiss margin with which the chi-square test is trusted."""

SLACK = 1e-9
"""Allowance for rounding errors where a margin is a whole number."""


@dataclass(frozen=True, slots=True)
class Strata:
    """Two arms in every stratum (block), with their successes in every outcome.

    Attributes
    ----------
    hits, others : ndarray, shape (n_blocks, n_outcomes)
        Successes of the first and of the second arm.
    size, size_other : ndarray, shape (n_blocks, 1)
        Observations of the two arms, at least one each.
    weight : ndarray, shape (n_blocks, 1)
        Weight of each block; ones where blocks count alike.
    cluster : ndarray of int, shape (n_blocks,)
        Code of the group of blocks, from 0.
    robust : bool
        Whether variances come from the clusters rather than from independent observations.
    """

    hits: FloatArray
    others: FloatArray
    size: FloatArray
    size_other: FloatArray
    weight: FloatArray
    cluster: NDArray[np.intp]
    robust: bool

    @property
    def total(self) -> FloatArray:
        """Observations of a block."""
        return self.size + self.size_other

    @property
    def successes(self) -> FloatArray:
        """Successes of a block."""
        return self.hits + self.others

    @property
    def informative(self) -> BoolArray:
        """Whether a block has both successes and failures."""
        return np.asarray((self.successes > 0) & (self.successes < self.total))

    @property
    def excess(self) -> FloatArray:
        """Weighted successes of the first arm beyond their expectation given the block's."""
        share = self.successes / self.total
        return self.weight * (self.hits - self.size * share)

    @property
    def leverage(self) -> FloatArray:
        """Mantel-Haenszel weight of a block's difference of shares."""
        return self.weight * self.size * self.size_other / self.total

    def outcomes(self, chosen: BoolArray) -> Strata:
        """Keep some of the outcomes."""
        return replace(self, hits=self.hits[:, chosen], others=self.others[:, chosen])


@dataclass(frozen=True, slots=True)
class Estimate:
    """Mantel-Haenszel estimates of all outcomes, each array of shape (n_outcomes,)."""

    estimate: FloatArray
    standard_error: FloatArray


def score_variances(strata: Strata) -> tuple[FloatArray, FloatArray]:
    r"""Null variance of the summed excess, and its design effect.

    The variance is :math:`\sum_k w_k^2 \frac{n_{1k} n_{0k} m_k (n_k - m_k)}{n_k^2 (n_k - 1)}`. The
    design effect is the ratio of the clustered variance (`cluster_variance`) to it, at least 1,
    and 1 where no block is informative or nothing is clustered or weighted.

    Returns
    -------
    tuple of ndarray, shape (n_outcomes,)

    Examples
    --------
    >>> one = np.ones((2, 1))
    >>> strata = Strata(one, 0 * one, one, one, one, np.array([0, 1]), False)
    >>> [part.tolist() for part in score_variances(strata)]
    [[0.5], [1.0]]
    """
    n, m = strata.total, strata.successes
    each = strata.size * strata.size_other * m * (n - m) / (n**2 * (n - 1.0))
    variance = np.sum(strata.weight**2 * each, axis=0)
    if not strata.robust:
        return variance, np.ones(variance.shape)
    ratio = divide(cluster_variance(strata.excess, [strata.cluster]), variance)
    return variance, np.where(variance > 0, np.maximum(ratio, 1.0), 1.0)


def risk_difference(strata: Strata) -> Estimate:
    r"""Mantel-Haenszel common risk difference.

    The mean difference of shares with weights :math:`n_{1k} n_{0k} / n_k`; variance of Sato, right
    both for few large and for many small strata, or the sandwich over clusters.

    References
    ----------
    Greenland, S. & Robins, J. M. (1985). *Biometrics* 41, 55-68. https://doi.org/10.2307/2530643;
    Sato, T. (1989). On the variance estimator for the Mantel-Haenszel risk difference.
    *Biometrics* 45, 1323-1324.

    Examples
    --------
    >>> one = np.ones((4, 1))
    >>> hits, others = np.array([[1.0], [1], [1], [0]]), np.array([[0.0], [0], [1], [1]])
    >>> found = risk_difference(Strata(hits, others, one, one, one, np.arange(4), False))
    >>> float(found.estimate[0]), round(float(found.standard_error[0]), 4)
    (0.25, 0.4146)
    """
    a, c, n1, n0, n = strata.hits, strata.others, strata.size, strata.size_other, strata.total
    total = strata.leverage.sum()
    difference = strata.excess.sum(axis=0) / total
    if strata.robust:
        residual = strata.excess - difference * strata.leverage
        variance = cluster_variance(residual, [strata.cluster])
    else:
        p = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
        q = (a * (n0 - c) + c * (n1 - a)) / (2 * n)
        variance = difference * p.sum(axis=0) + q.sum(axis=0)
    return Estimate(difference, np.sqrt(np.maximum(variance, 0.0)) / total)


def log_odds_ratio(strata: Strata) -> Estimate:
    r"""Log of the Mantel-Haenszel common odds ratio :math:`\sum_k R_k / \sum_k S_k`.

    :math:`R_k = a_k (n_{0k} - c_k)/n_k` and :math:`S_k = c_k (n_{1k} - a_k)/n_k`; variance of
    Robins, Breslow and Greenland, or the sandwich of :math:`\sum_k (R_k - \psi S_k)` over
    clusters.  Infinite where one of the sums is zero, NaN where both are; the standard error is
    then infinite.

    References
    ----------
    Mantel, N. & Haenszel, W. (1959). https://doi.org/10.1093/jnci/22.4.719; Robins, J., Breslow,
    N. & Greenland, S. (1986). *Biometrics* 42, 311-323. https://doi.org/10.2307/2531052.

    Examples
    --------
    >>> one = np.ones((4, 1))
    >>> hits, others = np.array([[1.0], [1], [1], [0]]), np.array([[0.0], [0], [1], [1]])
    >>> found = log_odds_ratio(Strata(hits, others, one, one, one, np.arange(4), False))
    >>> round(float(np.exp(found.estimate[0])), 6), round(float(found.standard_error[0]), 4)
    (2.0, 1.2247)
    """
    a, c, n = strata.hits, strata.others, strata.total
    b, d = strata.size - a, strata.size_other - c
    each_r, each_s = strata.weight * a * d / n, strata.weight * c * b / n
    r, s = each_r.sum(axis=0), each_s.sum(axis=0)
    both = (r > 0) & (s > 0)
    safe_r, safe_s = np.where(both, r, 1.0), np.where(both, s, 1.0)
    if strata.robust:
        residual = each_r - safe_r / safe_s * each_s
        variance = cluster_variance(residual, [strata.cluster]) / safe_r**2
    else:
        p, q = (a + d) / n, (b + c) / n
        mixed = np.sum(p * each_s + q * each_r, axis=0) / (safe_r * safe_s)
        ends = np.sum(p * each_r, axis=0) / safe_r**2 + np.sum(q * each_s, axis=0) / safe_s**2
        variance = (mixed + ends) / 2
    with np.errstate(divide="ignore"):
        estimate = np.log(divide(r, s))
    return Estimate(estimate, np.where(both, np.sqrt(variance), np.inf))


def cmh_tests(strata: Strata, variance: FloatArray, effect: FloatArray) -> dict[str, NDArray[Any]]:
    """Test the summed excess: chi-square, and exactly where that cannot be trusted.

    Parameters
    ----------
    variance, effect : ndarray, shape (n_outcomes,)
        As `score_variances` gives them.

    Returns
    -------
    dict of ndarray, shape (n_outcomes,)
        ``statistic`` and ``statistic_corrected``, their ``log10_p`` and ``log10_p_corrected``, and
        ``exact``, which marks where ``log10_p`` is that of
        :func:`~valuescape.statistics.stratified.stratified_exact_log10_p`.

    References
    ----------
    Mantel, N. & Fleiss, J. L. (1980). Minimum expected cell size requirements for the
    Mantel-Haenszel one-degree-of-freedom chi-square test. *American Journal of Epidemiology* 112.
    https://doi.org/10.1093/oxfordjournals.aje.a112962

    Examples
    --------
    >>> one = np.ones((12, 1))
    >>> strata = Strata(one, 0 * one, one, one, one, np.arange(12), False)
    >>> found = cmh_tests(strata, *score_variances(strata))
    >>> round(float(found["statistic"][0]), 6), bool(found["exact"][0])
    (12.0, False)
    """
    size = np.abs(strata.excess.sum(axis=0))
    error = np.sqrt(np.where(variance > 0, effect * variance, np.inf))
    z = size / error
    corrected = (size - np.where(size >= 0.5, 0.5, 0.0)) / error
    if np.any(strata.weight != 1.0):
        corrected = np.full(size.shape, np.nan)
    log10_p = normal_log10_p(z)
    exact = _mantel_fleiss(strata) < FEWEST * effect - SLACK
    for v in np.flatnonzero(exact):
        log10_p[v] = _exact_log10_p(strata, int(v), float(effect[v]))
    return {
        "statistic": z**2,
        "statistic_corrected": corrected**2,
        "log10_p": log10_p,
        "log10_p_corrected": normal_log10_p(corrected),
        "exact": exact,
    }


def _mantel_fleiss(strata: Strata) -> FloatArray:
    """Distance of the expected successes from the least and the most possible, in blocks."""
    m = strata.successes
    expected = strata.size * m / strata.total
    above = expected - np.maximum(0.0, m - strata.size_other)
    below = np.minimum(strata.size, m) - expected
    return np.asarray(np.minimum(above.sum(axis=0), below.sum(axis=0)))


def _exact_log10_p(strata: Strata, outcome: int, effect: float) -> float:
    used = strata.informative[:, outcome]
    if not used.any():
        return 0.0
    hits, size, successes, total = (
        np.rint(part[used]).astype(np.int64)
        for part in (
            strata.hits[:, outcome],
            strata.size[:, 0],
            strata.successes[:, outcome],
            strata.total[:, 0],
        )
    )
    if effect > 1:
        hits, size, successes, total = deflated_counts(hits, size, successes, total, effect)
    return stratified_exact_log10_p(hits, size, successes, total)
