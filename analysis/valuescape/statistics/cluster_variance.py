"""Variance of sums of clustered observations, and the price of unequal weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.groups import as_codes, group_sums


def cluster_variance(
    score: NDArray[Any], clusterings: list[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Sandwich variance of a sum of scores under one or two clusterings.

    With two clusterings the one-way variances are added and that of their intersection is
    taken off (Cameron, Gelbach & Miller 2011, eq. 2.6, doi:10.1198/jbes.2010.07136), each with
    its G/(G-1); a result below the larger one-way variance is replaced by it, so that the second
    clustering never makes an interval narrower.

    Parameters
    ----------
    score : ndarray, shape (n, m)
        Contributions; they need not add up to zero.
    clusterings : list of one or two ndarray of int, shape (n,)
        Cluster codes from 0.

    Examples
    --------
    >>> one = np.array([[1.0], [1.0], [-2.0]])
    >>> cluster_variance(one, [np.array([0, 1, 2])]).tolist()
    [9.0]
    """
    one_way = [_sandwich(score, codes) for codes in clusterings]
    if len(one_way) == 1:
        return one_way[0]
    first, second = clusterings
    both = as_codes(first.astype(np.int64) * (int(second.max()) + 1) + second)
    combined: NDArray[np.float64] = one_way[0] + one_way[1] - _sandwich(score, both)
    return np.maximum(combined, np.maximum(one_way[0], one_way[1]))


def _sandwich(score: NDArray[Any], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    sums = group_sums(score, codes)
    g = sums.shape[0]
    variance: NDArray[np.float64] = np.sum(sums**2, axis=0) * (g / max(g - 1, 1))
    return variance


def kish_effect(weight: ArrayLike) -> float:
    """Design effect of unequal weights, n sum(w^2) / sum(w)^2 (Kish 1965).

    Examples
    --------
    >>> kish_effect([1.0, 1.0, 1.0])
    1.0
    """
    w = np.asarray(weight, dtype=float)
    return float(w.size * np.sum(w**2) / np.sum(w) ** 2)
