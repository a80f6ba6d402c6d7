"""Axes fitted again to drawn clusters and to halves of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import FloatArray, divide, refuse
from valuescape.statistics.checks import whole_number
from valuescape.statistics.component_fit import fit_components, residuals
from valuescape.statistics.groups import group_sums
from valuescape.statistics.rotation import matched, procrustes, tucker_congruence, varimax

Codes = NDArray[np.intp]
_NONE = 1e-10


@dataclass(frozen=True, slots=True)
class BlockContrast:
    """Means of levels, each less the mean of its block.

    Attributes
    ----------
    level, block : ndarray of int, shape (n,)
        Level of each row and the block that the level lies in, from 0.
    """

    level: Codes
    block: Codes

    @classmethod
    def of_labels(cls, level: Codes, block: Codes, names: NDArray[np.object_]) -> BlockContrast:
        """Check that each level lies in one block.

        Raises
        ------
        ValueError
            Naming the first level that lies in two.

        Examples
        --------
        >>> level = np.array([0, 1, 0])
        >>> BlockContrast.of_labels(level, np.zeros(3, int), np.array(["a", "b"])).block.tolist()
        [0, 0, 0]
        """
        first = np.zeros(len(names), dtype=np.intp)
        first[level] = block
        strange = first[level] != block
        refuse(strange, "by", "this level lies in two blocks; one is allowed", names[level])
        return cls(level, block)

    def of(self, score: FloatArray, weight: FloatArray) -> FloatArray:
        """Contrast of each level; NaN where it has no weight.

        Examples
        --------
        >>> contrast = BlockContrast(np.array([0, 0, 1]), np.zeros(3, int))
        >>> contrast.of(np.array([[1.0], [3.0], [5.0]]), np.ones(3)).ravel().tolist()
        [-1.0, 2.0]
        """
        within = _means(score, weight, self.level)
        around = np.zeros(len(within), dtype=np.intp)
        around[self.level] = self.block
        return within - _means(score, weight, self.block)[around]


def _means(score: FloatArray, weight: FloatArray, codes: Codes) -> FloatArray:
    size = np.bincount(codes, weights=weight)[:, None]
    return np.asarray(divide(group_sums(weight[:, None] * score, codes), size))


@dataclass(frozen=True, slots=True)
class ReplicatedAxes:
    """Loadings and profiles of replicates, turned towards a solution.

    Attributes
    ----------
    loading : ndarray, shape (n_boot, n_variables, n_axes)
    profile : ndarray, shape (n_boot, n_levels, n_axes)
    """

    loading: FloatArray
    profile: FloatArray


def replicated_axes(
    outcome: FloatArray,
    covariates: FloatArray,
    cluster: Codes,
    target: FloatArray,
    contrast: BlockContrast,
    n_boot: int,
    rng: np.random.Generator,
) -> ReplicatedAxes:
    """Fit axes to clusters drawn with replacement.

    Parameters
    ----------
    outcome, covariates : ndarray, shape (n, n_variables) and (n, n_covariates)
    cluster : ndarray of int, shape (n,)
    target : ndarray, shape (n_variables, n_axes)
        Rotated loadings that replicates are turned towards.
    contrast : BlockContrast
        Whose profiles.
    n_boot : int
        Replicates; with 0 there is one, of NaN.
    rng : Generator

    Returns
    -------
    ReplicatedAxes

    Raises
    ------
    ValueError
        If `n_boot` is below zero or not whole.
    """
    n_axes, size = target.shape[1], int(cluster.max()) + 1
    n_levels = int(contrast.level.max()) + 1
    if not whole_number("n_boot", n_boot, least=0) or not n_axes:
        return ReplicatedAxes(
            np.full((1, *target.shape), np.nan), np.full((1, n_levels, n_axes), np.nan)
        )
    loadings, profiles = [], []
    for _ in range(n_boot):
        weight = np.bincount(rng.integers(0, size, size), minlength=size)[cluster].astype(float)
        free = residuals(outcome, covariates, weight)
        fit = fit_components(_held(free, weight), weight)
        turn = procrustes(fit.loading[:, :n_axes], target)
        loadings.append(fit.loading[:, :n_axes] @ turn)
        profiles.append(contrast.of(fit.score[:, :n_axes] @ turn, weight))
    return ReplicatedAxes(np.stack(loadings), np.stack(profiles))


def _held(free: FloatArray, weight: FloatArray) -> FloatArray:
    """Let a variable that no drawn row has vary by as good as nothing, tied to no other."""
    spread = np.average(free**2, axis=0, weights=weight)
    absent = np.flatnonzero(spread < _NONE)
    if not absent.size:
        return free
    filled = free.copy()
    filled[:, absent] = np.random.default_rng(0).normal(size=(len(free), absent.size))
    return filled


def split_half_congruence(
    outcome: FloatArray,
    covariates: FloatArray,
    cluster: Codes,
    n_axes: int,
    n_splits: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Congruence of each axis between random halves of the clusters, each rotated by itself.

    Parameters
    ----------
    outcome, covariates : ndarray, shape (n, n_variables) and (n, n_covariates)
    cluster : ndarray of int, shape (n,)
    n_axes : int
    n_splits : int
    rng : Generator

    Returns
    -------
    ndarray, shape (n_splits, n_axes)
        An axis of the whole finds its partner in either half; the congruence is that of these two,
        below zero where they point opposite ways.
    """
    size = int(cluster.max()) + 1
    whole = _rotated(outcome, covariates, np.ones(len(outcome)), n_axes)
    found = np.zeros((n_splits, n_axes))
    for row in found if n_axes else ():
        first = rng.permutation(size) < size // 2
        halves = [
            matched(_rotated(outcome, covariates, side[cluster].astype(float), n_axes), whole)
            for side in (first, ~first)
        ]
        row[:] = np.diag(tucker_congruence(*halves))
    return found


def _rotated(
    outcome: FloatArray, covariates: FloatArray, weight: FloatArray, n_axes: int
) -> FloatArray:
    free = residuals(outcome, covariates, weight)
    loading = fit_components(_held(free, weight), weight).loading[:, :n_axes]
    return np.asarray(loading @ varimax(loading)) if n_axes else loading
