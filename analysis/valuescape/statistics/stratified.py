"""Exact test of one cell across strata, on the log scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

_CONTINUITY = 0.5
_SUPPORT_LIMIT = 200_000


def stratified_exact_log10_p(
    k: ArrayLike, n_context: ArrayLike, n_value: ArrayLike, n_total: ArrayLike
) -> float:
    """Exact conditional mid-p of a 2x2 table in each of several strata.

    Under the null of no association within strata the total of the cells, given all margins, is
    a sum of independent hypergeometric variables.  The two-sided mid-p is twice the smaller
    one-sided mid-p, at most 1.  Terms are computed under an exponential tilt by the
    Mantel-Haenszel odds ratio and tilted back, so that p-values far below the smallest float
    keep their digits.

    Parameters
    ----------
    k, n_context, n_value, n_total : array_like of int, shape (n_strata,)
        Conversations in the context with the value, in the context, with the value, and in all.

    Returns
    -------
    float
        log10 of the p-value.

    Raises
    ------
    ValueError
        If a count is outside the support its margins allow, or all supports together hold more
        than 200,000 points.

    References
    ----------
    Gart (1970), doi:10.1093/biomet/57.3.471 (conditional distribution in several 2x2 tables);
    Lancaster (1961), doi:10.1080/01621459.1961.10482105 (mid-p).

    Examples
    --------
    >>> round(float(stratified_exact_log10_p([3], [4], [4], [8])), 6)
    -0.589826
    >>> float(stratified_exact_log10_p([3, 0], [4, 5], [4, 0], [8, 20])) == float(
    ...     stratified_exact_log10_p([3], [4], [4], [8]))
    True
    """
    table = [np.atleast_1d(np.asarray(a, dtype=np.int64)) for a in (k, n_context, n_value, n_total)]
    observed, context, value, total = table
    low = np.maximum(0, context + value - total)
    high = np.minimum(context, value)
    if np.any(observed < low) or np.any(observed > high):
        stratum = int(np.argmax((observed < low) | (observed > high)))
        raise ValueError(
            f"k is {observed[stratum]} in stratum {stratum}; "
            f"its margins allow {low[stratum]} to {high[stratum]}"
        )
    if int(np.sum(high - low)) > _SUPPORT_LIMIT:
        raise ValueError(f"the support has more than {_SUPPORT_LIMIT} points")
    tilt = _mantel_haenszel_log_odds(observed, context, value, total)
    tilted = np.ones(1)
    shift = 0.0
    for a, b, m, r, n in zip(low, high, context, value, total, strict=True):
        points = np.arange(a, b + 1)
        log_term = _log_hypergeometric(points, m, r, n) + tilt * points
        peak = log_term.max()
        tilted = np.convolve(tilted, np.exp(log_term - peak))
        shift += peak
    return _log10_mid_p(tilted, int(np.sum(observed - low)), tilt, shift - tilt * float(low.sum()))


def _log_hypergeometric(k: NDArray[Any], context: int, value: int, total: int) -> NDArray[Any]:
    ways = _log_choose(value, k) + _log_choose(total - value, context - k)
    log_p: NDArray[np.float64] = ways - _log_choose(total, context)
    return log_p


def _log_choose(n: Any, k: Any) -> Any:
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)


def _mantel_haenszel_log_odds(
    k: NDArray[Any], context: NDArray[Any], value: NDArray[Any], total: NDArray[Any]
) -> float:
    size = np.maximum(total, 1)
    agree = np.sum(k * (total - context - value + k) / size) + _CONTINUITY
    differ = np.sum((context - k) * (value - k) / size) + _CONTINUITY
    return float(np.log(agree / differ))


def _log10_mid_p(tilted: NDArray[Any], at: int, tilt: float, shift: float) -> float:
    """Sum both tails of the untilted terms, half of the observed one in each."""
    with np.errstate(divide="ignore"):
        log_term = np.log(tilted) - tilt * np.arange(tilted.size) + shift
    halved = log_term.copy()
    halved[at] += np.log(0.5)
    smaller = min(np.logaddexp.reduce(halved[: at + 1]), np.logaddexp.reduce(halved[at:]))
    return min(0.0, float(smaller + np.log(2.0)) / float(np.log(10.0)))
