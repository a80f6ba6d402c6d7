"""Exact test of one cell across strata, on the log scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from valuescape.statistics.arrays import as_counts

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
        If a count is negative or not whole, lengths differ, a count is outside the support its
        margins allow, or all supports together hold more
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
    from valuescape.statistics.exact_kernels import stratified_log10_p

    named = {"k": k, "n_context": n_context, "n_value": n_value, "n_total": n_total}
    counts = {name: np.atleast_1d(as_counts(name, given)) for name, given in named.items()}
    observed, context, value, total = counts.values()
    if observed.ndim != 1 or len({a.shape for a in counts.values()}) > 1:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in counts.items())
        raise ValueError(f"{shapes}: one count a stratum is needed in each")
    low = np.maximum(0, context + value - total)
    high = np.minimum(context, value)
    if np.any(observed < low) or np.any(observed > high):
        stratum = int(np.argmax((observed < low) | (observed > high)))
        raise ValueError(
            f"k[{stratum}] = {observed[stratum]}: "
            f"its margins allow {low[stratum]} to {high[stratum]}"
        )
    if int(np.sum(high - low)) > _SUPPORT_LIMIT:
        raise ValueError(f"k: the support has more than {_SUPPORT_LIMIT} points")
    return float(
        stratified_log10_p(
            observed, context, value, total, log_factorials(int(total.max(initial=0)))
        )
    )


def log_factorials(largest: int) -> NDArray[np.float64]:
    """Return the logarithms of 0!, 1!, ... up to a number.

    Examples
    --------
    >>> log_factorials(3).round(3).tolist()
    [0.0, 0.0, 0.693, 1.792]
    """
    return np.asarray(gammaln(np.arange(largest + 1) + 1.0), dtype=np.float64)
