"""Conditional logistic regression of many outcomes on one arm indicator, by blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.cluster_variance import cluster_variance
from valuescape.statistics.cmh import Estimate, Strata
from valuescape.statistics.solve import bracketed_root

REACH = 60.0
"""Log odds ratios are sought up to this far from zero."""


@dataclass(frozen=True, slots=True)
class ConditionalLikelihood:
    """Conditional likelihood of the first arm's successes, given each block's.

    Attributes
    ----------
    log_ways : ndarray, shape (n_margins, n_points)
        Log number of ways to place x successes in the first arm, for each distinct set of margins
        and x = 0, 1, ...; minus infinity outside the support.
    margins : ndarray of int, shape (n_blocks, n_outcomes)
        Which margins a block has in an outcome.
    weights, squared_weights : ndarray, shape (n_margins, n_outcomes)
        Weights of the blocks with these margins, and their squares, summed.
    observed, lowest, highest : ndarray, shape (n_outcomes,)
        Weighted successes of the first arm, and the least and the most that margins allow.
    """

    log_ways: FloatArray
    margins: NDArray[np.intp]
    weights: FloatArray
    squared_weights: FloatArray
    observed: FloatArray
    lowest: FloatArray
    highest: FloatArray

    @classmethod
    def of(cls, strata: Strata) -> ConditionalLikelihood:
        """Gather the blocks of each outcome by their margins."""
        m = strata.successes.astype(np.int64)
        sizes, of_block = np.unique(
            np.column_stack([strata.size, strata.size_other]), axis=0, return_inverse=True
        )
        levels = int(m.max()) + 1
        code = of_block.reshape(-1, 1) * levels + m
        present = np.bincount(code.ravel(), minlength=len(sizes) * levels) > 0
        margins = (np.cumsum(present) - 1)[code]
        distinct = np.flatnonzero(present)
        shape = (distinct.size, m.shape[1])
        weight = np.broadcast_to(strata.weight, m.shape)
        cell = (margins * shape[1] + np.arange(shape[1])).ravel()
        totals = [
            np.bincount(cell, power.ravel(), shape[0] * shape[1]).reshape(shape).astype(np.float64)
            for power in (weight, weight**2)
        ]
        lowest = np.maximum(0.0, m - strata.size_other)
        highest = np.minimum(strata.size, m)
        return cls(
            _log_ways(sizes[distinct // levels], (distinct % levels).astype(np.float64)),
            margins,
            *totals,
            *((weight * x).sum(axis=0) for x in (strata.hits, lowest, highest)),
        )

    def moments(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of x for each margin and each log odds ratio.

        Returns
        -------
        tuple of ndarray, shape (n_margins, theta.size)
        """
        x = np.arange(self.log_ways.shape[1])
        log_term = self.log_ways[:, :, None] + x[:, None] * theta
        term = np.exp(log_term - log_term.max(axis=1, keepdims=True))
        term /= term.sum(axis=1, keepdims=True)
        mean = np.einsum("uxt,x->ut", term, x)
        distance = (x[None, :, None] - mean[:, None, :]) ** 2
        return mean, np.einsum("uxt,uxt->ut", term, distance)


def conditional_estimate(
    strata: Strata, likelihood: ConditionalLikelihood | None = None
) -> Estimate:
    r"""Maximum conditional likelihood estimate of the log odds ratio of the first arm.

    Given a block's margins its successes in the first arm are noncentral hypergeometric; the
    likelihood is their product (for one observation an arm: discordant blocks b to c, and the
    estimate is :math:`\log(b/c)`).  Standard error by the information, or the sandwich over
    clusters.  Infinite where the successes are the most or least that margins allow, with infinite
    standard error; NaN where no block is informative.

    References
    ----------
    Breslow, N. E. & Day, N. E. (1980). *Statistical Methods in Cancer Research* I, chapter 7.
    IARC; Fay, M. P. et al. (1998), https://doi.org/10.2307/3109770 (sandwich).

    Examples
    --------
    >>> one = np.ones((4, 1))
    >>> hits, others = np.array([[1.0], [1], [1], [0]]), np.array([[0.0], [0], [1], [1]])
    >>> found = conditional_estimate(Strata(hits, others, one, one, one, np.arange(4), False))
    >>> round(float(np.exp(found.estimate[0])), 6), round(float(found.standard_error[0]), 4)
    (2.0, 1.2247)
    """
    given = ConditionalLikelihood.of(strata) if likelihood is None else likelihood
    inner = (given.observed > given.lowest) & (given.observed < given.highest)
    outer = np.where(given.observed > given.lowest, np.inf, -np.inf)
    outer = np.where(given.highest > given.lowest, outer, np.nan)
    theta = _solved(lambda mean, _, active: given.observed[active] - mean, given, inner)
    estimate = np.where(inner, theta, outer)
    mean, variance = given.moments(theta)
    information = np.sum(given.weights * variance, axis=0)
    safe = np.where(inner, information, 1.0)
    squared = safe
    if strata.robust:
        columns = np.arange(theta.size)
        score = strata.weight * (strata.hits - mean[given.margins, columns])
        squared = cluster_variance(score, [strata.cluster])
    return Estimate(estimate, np.where(inner, np.sqrt(squared) / safe, np.inf))


def conditional_interval(
    strata: Strata,
    critical: float,
    effect: FloatArray,
    likelihood: ConditionalLikelihood | None = None,
) -> tuple[FloatArray, FloatArray]:
    r"""Score interval of the log odds ratio from the conditional likelihood.

    The values :math:`\theta` with :math:`(A - E_\theta)^2 \le z^2 d \operatorname{Var}_\theta`, A
    being the first arm's successes; at :math:`\theta = 0` and d = 1 this is the
    Cochran-Mantel-Haenszel test.  With one observation an arm it is the Wilson interval of
    b / (b + c).  One limit is infinite where A is the most or least that margins allow, both are
    where no block is informative.

    Parameters
    ----------
    critical : float
        Normal quantile z.
    effect : ndarray, shape (n_outcomes,)
        Design effect d of each outcome.

    Examples
    --------
    >>> one = np.ones((5, 1))
    >>> strata = Strata(one, 0 * one, one, one, one, np.arange(5), False)
    >>> low, high = conditional_interval(strata, 1.96, np.ones(1))
    >>> round(float(np.exp(low[0])), 4), float(high[0])
    (1.3015, inf)
    """
    given = ConditionalLikelihood.of(strata) if likelihood is None else likelihood
    limits = []
    for sign, finite in (
        (1.0, given.observed > given.lowest),
        (-1.0, given.observed < given.highest),
    ):
        reach = sign * critical * np.sqrt(effect)

        def beyond(
            mean: FloatArray, variance: FloatArray, active: BoolArray, reach: FloatArray = reach
        ) -> FloatArray:
            return given.observed[active] - mean - reach[active] * np.sqrt(variance)

        limits.append(np.where(finite, _solved(beyond, given, finite), -sign * np.inf))
    return limits[0], limits[1]


def _solved(
    function: Callable[[FloatArray, FloatArray, BoolArray], FloatArray],
    given: ConditionalLikelihood,
    wanted: BoolArray,
) -> FloatArray:
    """Root in theta of a function of the mean and the variance of A; 0 where not wanted."""
    theta = np.zeros(wanted.shape)

    def at(x: FloatArray, active: BoolArray) -> FloatArray:
        columns = np.flatnonzero(wanted)[active]
        chosen = np.zeros(wanted.shape, dtype=np.bool_)
        chosen[columns] = True
        mean, variance = given.moments(x)
        return function(
            np.sum(given.weights[:, columns] * mean, axis=0),
            np.sum(given.squared_weights[:, columns] * variance, axis=0),
            chosen,
        )

    ends = np.full(int(wanted.sum()), REACH)
    theta[wanted] = bracketed_root(at, -ends, ends)
    return theta


def _log_ways(sizes: FloatArray, m: FloatArray) -> FloatArray:
    n1, n0 = sizes[:, 0], sizes[:, 1]
    x = np.arange(int(np.minimum(n1, m).max()) + 1, dtype=np.float64)
    inside = (x >= np.maximum(0.0, m - n0)[:, None]) & (x <= np.minimum(n1, m)[:, None])
    n1, n0, m = n1[:, None], n0[:, None], m[:, None]
    first = np.where(inside, x, np.maximum(0.0, m - n0))
    ways = gammaln(n1 + 1) - gammaln(first + 1) - gammaln(n1 - first + 1)
    ways += gammaln(n0 + 1) - gammaln(m - first + 1) - gammaln(n0 - m + first + 1)
    return np.where(inside, ways, -np.inf)
