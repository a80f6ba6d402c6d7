"""Answers to questions with any number of choices: checks, sparse storage, observation design."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from valuescape.statistics.arrays import FloatArray, as_numbers, refuse
from valuescape.statistics.checks import as_weights
from valuescape.statistics.groups import label_codes

COLUMNS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Observations:
    """Weights and clusters of the observations.

    Attributes
    ----------
    weight : ndarray, shape (n,)
        Positive weights.
    cluster : ndarray of int, shape (n,)
        Codes from 0; without clusters every observation has its own.
    n_clusters : int
        Distinct clusters.
    plain : bool
        Whether neither weights nor clusters were given.
    """

    weight: FloatArray
    cluster: NDArray[np.intp]
    n_clusters: int
    plain: bool

    @property
    def factor(self) -> float:
        """G / (G - 1) for G clusters, 1 for plain observations."""
        return 1.0 if self.plain else self.n_clusters / (self.n_clusters - 1)


def observations(n: int, weight: ArrayLike | None, cluster: ArrayLike | None) -> Observations:
    """Check weights and clusters.

    Parameters
    ----------
    n : int
        Observations there must be.
    weight : array_like, shape (n,), optional
        Inverse inclusion probabilities, above zero; 1 when absent.
    cluster : array_like, shape (n,), optional
        Numbers or strings; every observation is its own cluster when absent.

    Returns
    -------
    Observations
        Checked and coded.

    Raises
    ------
    ValueError
        If a length differs, a weight is not above zero, a cluster is missing, or there are fewer
        than two clusters.

    Examples
    --------
    >>> found = observations(3, None, ["b", "a", "b"])
    >>> found.cluster.tolist(), found.n_clusters, found.factor
    ([1, 0, 1], 2, 2.0)
    """
    weights = np.ones(n) if weight is None else as_weights("weight", weight, n)
    codes = np.arange(n)
    if cluster is not None:
        codes = label_codes("cluster", cluster, n, fewest=2)[1]
    plain = weight is None and cluster is None
    return Observations(weights, codes, int(codes.max()) + 1, plain)


def as_picks(name: str, picks: Any) -> sparse.csr_array:
    """Store a 0/1 matrix of picks by its ones.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    picks : array_like or scipy.sparse matrix, shape (n, n_items)
        1 where the item of the column was picked in the observation of the row.

    Returns
    -------
    scipy.sparse.csr_array of float64

    Raises
    ------
    ValueError
        If it is not a matrix of at least two rows and one column, holds anything but 0 and 1, or
        an item was picked always or never.

    Examples
    --------
    >>> as_picks("picks", [[0, 1], [1, 0]]).indices.tolist()
    [1, 0]
    """
    shape = np.shape(picks)
    if len(shape) != 2 or shape[0] < 2 or shape[1] < 1:
        raise ValueError(f"{name}: shape {shape} is not at least two observations of one item")
    stored: Any = picks if sparse.issparse(picks) else as_numbers(name, picks)
    stored = sparse.coo_array(stored)
    bad = ~np.isin(stored.data, (0, 1))
    if bad.any():
        row, column, value = (part[bad][0] for part in (*stored.coords, stored.data))
        raise ValueError(f"{name}[{row}, {column}] = {value}: must be 0 or 1")
    found = sparse.csr_array(stored.astype(np.float64))
    refuse(found.data > 1, f"{name} stored value ", "the same entry is stored twice")
    found.eliminate_zeros()
    times = np.bincount(found.indices, minlength=shape[1])
    refuse(times == 0, f"{name}: column ", "was never picked and must be left out")
    refuse(times == shape[0], f"{name}: column ", "was always picked and must be left out")
    return found


def column_blocks(matrix: sparse.csr_array) -> Iterator[sparse.csc_array]:
    """Successive columns of a sparse matrix.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array, shape (n, m)

    Yields
    ------
    scipy.sparse.csc_array
        Up to 512 columns.

    Examples
    --------
    >>> sum(block.shape[1] for block in column_blocks(sparse.csr_array((3, 1000))))
    1000
    """
    columns = sparse.csc_array(matrix)
    for start in range(0, columns.shape[1], COLUMNS_AT_ONCE):
        yield columns[:, start : start + COLUMNS_AT_ONCE]


def bootstrap_log10_p(observed: float, replicates: FloatArray) -> float:
    """log10 of the share of replicates as large as what was observed, itself among them.

    Parameters
    ----------
    observed : float
    replicates : ndarray
        Statistics under the null; none gives NaN.

    Returns
    -------
    float

    References
    ----------
    Davison, A. C. & Hinkley, D. V. (1997). *Bootstrap Methods and their Application*, eq. 4.11.
    https://doi.org/10.1017/CBO9780511802843

    Examples
    --------
    >>> bootstrap_log10_p(3.0, np.array([1.0, 2.0, 3.0, 4.0, 0.0, 1.0, 1.0, 0.0, 0.0]))
    -0.5228787452803376
    """
    if replicates.size == 0:
        return float("nan")
    slack = 1e-9 * abs(observed)
    exceeding = 1 + int(np.sum(replicates >= observed - slack))
    return float(np.log10(exceeding / (replicates.size + 1)))
