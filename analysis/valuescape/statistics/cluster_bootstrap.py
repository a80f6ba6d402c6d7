"""Percentile intervals from resampling whole clusters, for statistics of column sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, check_level
from valuescape.statistics.checks import whole_number
from valuescape.statistics.groups import label_codes

CHUNK = 128


@dataclass(frozen=True, slots=True)
class ClusterBootstrap:
    """How to resample: which units belong together, how often, from which seed.

    Attributes
    ----------
    cluster : array_like, shape (units,)
        Cluster of each unit (prompt group, conversation, reader); no missing entry.
    n_boot : int
        Replicates, at least 1.
    seed : int
        Seed of the generator, not negative.
    """

    cluster: ArrayLike
    n_boot: int = 1000
    seed: int = 0


def cluster_codes(clusters: ArrayLike, n_units: int) -> tuple[NDArray[np.intp], int]:
    """Code the cluster of each unit.

    Parameters
    ----------
    clusters : array_like, shape (units,)
        Numbers or strings.
    n_units : int
        Units there must be.

    Returns
    -------
    ndarray of int
        Code of each unit's cluster, from 0.
    int
        Number of clusters.

    Raises
    ------
    ValueError
        If the length differs, an entry is missing, or there are fewer than two clusters.

    Examples
    --------
    >>> cluster_codes(["b", "a", "b"], 3)
    (array([1, 0, 1]), 2)
    """
    names, codes = label_codes("clusters", clusters, n_units)
    if names.size < 2:
        raise ValueError("clusters: at least two clusters are needed to resample them")
    return codes, names.size


def bootstrap_interval(
    rows: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    bootstrap: ClusterBootstrap,
    conf_level: float,
) -> tuple[FloatArray, FloatArray]:
    """Percentile interval of a function of column sums, resampling clusters with replacement.

    Parameters
    ----------
    rows : ndarray of float64, shape (units, columns)
        What each unit adds to the sums.
    statistic : callable
        Maps sums of shape (replicates, columns) to values of shape (replicates, ...).
    bootstrap : ClusterBootstrap
        Clusters, replicates and seed.
    conf_level : float
        Two-sided coverage.

    Returns
    -------
    tuple of ndarray of float64
        Lower and upper limits; replicates in which the statistic is undefined are left out, and
        the limits are NaN where all are.

    Raises
    ------
    ValueError
        If the clusters do not fit the units, or ``n_boot`` or the seed is too small or not whole.

    References
    ----------
    Davison, A. C. & Hinkley, D. V. (1997). *Bootstrap Methods and their Application*, section 3.8.
    https://doi.org/10.1017/CBO9780511802843

    Examples
    --------
    >>> rows = np.column_stack([np.arange(100) % 2, np.ones(100)]).astype(float)
    >>> low, high = bootstrap_interval(
    ...     rows, lambda sums: sums[:, 0] / sums[:, 1], ClusterBootstrap(np.arange(100)), 0.95)
    >>> float(low) < 0.5 < float(high)
    True
    """
    check_level(conf_level)
    n_boot = whole_number("n_boot", bootstrap.n_boot, least=1)
    names, codes = label_codes("cluster", bootstrap.cluster, rows.shape[0], fewest=2)
    size = names.size
    sums = np.stack([np.bincount(codes, column, size) for column in rows.T], axis=1)
    rng = np.random.default_rng(whole_number("seed", bootstrap.seed, least=0))
    share = np.full(size, 1.0 / size)
    parts = []
    for start in range(0, n_boot, CHUNK):
        replicates = min(CHUNK, n_boot - start)
        weights = rng.multinomial(size, share, size=replicates).astype(np.float64)
        parts.append(statistic(weights @ sums))
    return percentile_limits(np.concatenate(parts), conf_level)


def percentile_limits(replicates: FloatArray, conf_level: float) -> tuple[FloatArray, FloatArray]:
    """Percentile limits over the first axis, undefined replicates left out.

    Parameters
    ----------
    replicates : ndarray of float64, shape (replicates, ...)
        NaN where undefined.
    conf_level : float
        Two-sided coverage.

    Returns
    -------
    tuple of ndarray of float64
        Lower and upper limits; NaN where all replicates are undefined.

    Examples
    --------
    >>> low, high = percentile_limits(np.array([[0.0], [1.0], [np.nan], [2.0]]), 0.5)
    >>> low.tolist(), high.tolist()
    ([0.5], [1.5])
    """
    defined = ~np.all(np.isnan(replicates), axis=0)
    if not defined.size:
        return replicates[0], replicates[0]
    filled = np.where(defined, replicates, 0.0)
    tail = (1 - conf_level) / 2
    low, high = np.nanquantile(filled, [tail, 1 - tail], axis=0)
    return np.where(defined, low, np.nan), np.where(defined, high, np.nan)
