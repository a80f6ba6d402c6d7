"""How much weight the machine gets, and what it is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.checks import share
from valuescape.statistics.labelled_frame import LabelledFrame, stratum_means

ROUNDING = 1e-20
"""A variance below this is rounding."""


def inner(first: FloatArray, second: FloatArray) -> float:
    """Covariance of two estimates from the errors of their clusters; 0 where it is rounding.

    Examples
    --------
    >>> inner(np.array([1e-12, 0.0]), np.array([1e-12, 0.0]))
    0.0
    """
    found = float(first @ second)
    return found if abs(found) > ROUNDING else 0.0


def tuning_powers(
    target: FloatArray, auxiliary: FloatArray, fold: NDArray[np.intp], n_folds: int
) -> FloatArray:
    r"""Variance-minimising weight of the machine for each fold, estimated on the other folds.

    :math:`\lambda_k = \sum_{g \notin k} e_g \cdot a_g / \sum_{g \notin k} a_g \cdot a_g`, kept
    within 0 (the machine is ignored) and 1.

    Parameters
    ----------
    target, auxiliary : ndarray, shape (n_clusters,) or (n_clusters, m)
        Contributions of clusters to the errors by readings alone and by machine.
    fold : ndarray of int, shape (n_clusters,)
        Fold of each cluster.
    n_folds : int
        Number of folds.

    Returns
    -------
    ndarray, shape (n_folds,)

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), section 6, arXiv:2311.01453.

    Examples
    --------
    >>> tuning_powers(np.array([1.0, 2.0]), np.array([2.0, 2.0]), np.array([0, 1]), 2).tolist()
    [1.0, 0.5]
    """
    cross, own = target * auxiliary, auxiliary**2
    if cross.ndim > 1:
        cross, own = cross.sum(axis=1), own.sum(axis=1)
    in_fold = [np.bincount(fold, weights=a, minlength=n_folds) for a in (cross, own)]
    cross_others, own_others = (a.sum() - a for a in in_fold)
    varies = own_others > ROUNDING
    ratio = np.where(varies, cross_others / np.where(varies, own_others, 1.0), 0.0)
    return np.asarray(np.clip(ratio, 0.0, 1.0))


def phi_squared(reading: FloatArray, machine: FloatArray, frame: LabelledFrame) -> float:
    """Squared weighted correlation of two variables within strata, over conversations read.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 2], [0, 1, 0])
    >>> round(phi_squared(np.array([1.0, 0.0, 0.0]), np.array([0.6, 0.4, 0.0]), frame), 6)
    1.0
    """
    weight, stratum = frame.weight[frame.read], frame.stratum[frame.read]
    first, second = (a[frame.read] - stratum_means(a, frame)[stratum] for a in (reading, machine))
    spread = float(weight @ first**2) * float(weight @ second**2)
    return float(weight @ (first * second)) ** 2 / spread if spread > ROUNDING else 0.0


def check_tuning(tuning: float | None) -> float | None:
    """Return a weight of the machine that is absent or in [0, 1].

    Parameters
    ----------
    tuning : float, optional
        The weight.

    Returns
    -------
    float or None
        The same.

    Raises
    ------
    ValueError
        If it is outside [0, 1] or missing.

    Examples
    --------
    >>> check_tuning(1.0)
    1.0
    """
    return None if tuning is None else share("tuning", tuning)


def gain(plain_variance: float, variance: float) -> float:
    """Variance by readings alone over that of the corrected estimate.

    Returns
    -------
    float
        Infinite where only the corrected estimate has no variance, 1 where neither has.

    Examples
    --------
    >>> gain(0.5, 0.25), gain(0.0, 0.0)
    (2.0, 1.0)
    """
    if variance > 0:
        return plain_variance / variance
    return float("inf") if plain_variance > 0 else 1.0
