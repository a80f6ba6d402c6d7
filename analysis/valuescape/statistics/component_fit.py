"""Components of residual correlations, and the eigenvalues that chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import FloatArray, refuse

_NONE = 1e-10


@dataclass(frozen=True, slots=True)
class Components:
    """All principal components of weighted correlations.

    Attributes
    ----------
    eigenvalue : ndarray, shape (n_variables,)
        Falling; they add up to the number of variables.
    loading : ndarray, shape (n_variables, n_variables)
        Correlation of variable (row) and component.
    score : ndarray, shape (n, n_variables)
        Of each row, with weighted mean 0 and variance 1; 0 on a component of no variance.
    """

    eigenvalue: FloatArray
    loading: FloatArray
    score: FloatArray


def residuals(outcome: FloatArray, covariates: FloatArray, weight: FloatArray) -> FloatArray:
    """Outcomes freed of covariates and a constant by weighted least squares.

    Parameters
    ----------
    outcome : ndarray, shape (n, n_variables)
    covariates : ndarray, shape (n, n_covariates)
        May be collinear, or have no column.
    weight : ndarray, shape (n,)
        Not negative.

    Returns
    -------
    ndarray, shape (n, n_variables)

    Examples
    --------
    >>> x = np.array([[0.0], [0], [1], [1]])
    >>> residuals(np.array([[1.0], [3], [5], [9]]), x, np.ones(4)).ravel().round(6).tolist()
    [-1.0, 1.0, -2.0, 2.0]
    """
    design = np.column_stack([np.ones(len(outcome)), covariates])
    weighted = design * weight[:, None]
    slopes = np.linalg.pinv(weighted.T @ design, hermitian=True) @ (weighted.T @ outcome)
    return np.asarray(outcome - design @ slopes)


def fit_components(free: FloatArray, weight: FloatArray) -> Components:
    """Decompose the weighted correlations of residuals.

    Parameters
    ----------
    free : ndarray, shape (n, n_variables)
        Residuals.
    weight : ndarray, shape (n,)
        Not negative, not all zero.

    Raises
    ------
    ValueError
        If a variable does not vary.

    Examples
    --------
    >>> fit = fit_components(np.array([[1.0, 1], [-1, -1], [1, -1], [-1, 1]]), np.ones(4))
    >>> fit.eigenvalue.round(6).tolist()
    [1.0, 1.0]
    """
    scaled = _standardised(free, weight)
    values, vectors = np.linalg.eigh(_correlations(scaled, weight))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    root = np.sqrt(values)
    inverse = np.where(root > _NONE, 1.0 / np.where(root > _NONE, root, 1.0), 0.0)
    return Components(values, vectors * root, scaled @ (vectors * inverse))


def sign_flip_eigenvalues(
    free: FloatArray, cluster: NDArray[np.intp], n_draws: int, rng: np.random.Generator
) -> FloatArray:
    """Eigenvalues of correlations after random signs, one for each cluster and variable.

    Parameters
    ----------
    free : ndarray, shape (n, n_variables)
        Residuals.
    cluster : ndarray of int, shape (n,)
        From 0.
    n_draws : int
        Draws.
    rng : Generator
        Source of the signs.

    Returns
    -------
    ndarray, shape (n_draws, n_variables)
        Falling in each row.

    Raises
    ------
    ValueError
        If a variable does not vary.

    References
    ----------
    Hong, D., Sheng, Y. & Dobriban, E. (2020). Selecting the number of components in PCA via random
    signflips. https://arxiv.org/abs/2012.02985

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> same = np.repeat(rng.normal(size=(500, 1)), 3, axis=1)
    >>> bool(sign_flip_eigenvalues(same, np.arange(500), 9, rng).max() < 1.3)
    True
    """
    weight = np.ones(len(free))
    scaled = _standardised(free, weight)
    shape = (int(cluster.max()) + 1, free.shape[1])
    found = []
    for _ in range(n_draws):
        signs = rng.integers(0, 2, shape).astype(np.float64) * 2.0 - 1.0
        flipped = scaled * signs[cluster]
        found.append(np.linalg.eigvalsh(flipped.T @ flipped / len(free))[::-1])
    return np.stack(found)


def _standardised(free: FloatArray, weight: FloatArray) -> FloatArray:
    centred = free - np.average(free, axis=0, weights=weight)
    spread = np.sqrt(np.average(centred**2, axis=0, weights=weight))
    refuse(spread < _NONE, "outcome", "this variable does not vary beyond the covariates")
    return np.asarray(centred / spread)


def _correlations(scaled: FloatArray, weight: FloatArray) -> FloatArray:
    return np.asarray((scaled * weight[:, None]).T @ scaled / weight.sum())
