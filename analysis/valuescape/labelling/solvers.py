"""Linear heads in the dual: ridge and logistic fits, and what each says of groups left out.

With few conversations and many buckets a linear head is a combination of the conversations it
was fitted on, so every fit is one system of n equations.  Leaving a group out of a ridge fit has
a closed form, which gives held-out scores to calibrate on without refitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

Array = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

_NEWTON_STEPS = 7
_SMALLEST_WEIGHT = 1e-4


@dataclass(frozen=True, slots=True)
class DualHeads:
    """Heads as combinations of the conversations they were fitted on.

    Attributes
    ----------
    dual : ndarray of float32, shape (n, n_heads)
        Weight of each conversation in each head.
    offset : ndarray of float64, shape (n_heads,)
        Constant of each head.
    held_out : ndarray of float64, shape (n, n_heads)
        Score of each conversation by a fit without its group.
    """

    dual: Array
    offset: npt.NDArray[np.float64]
    held_out: npt.NDArray[np.float64]


def ridge_heads(
    kernel: Array, targets: npt.NDArray[np.float64], groups: Sequence[Index], penalty: float
) -> DualHeads:
    """Fit all heads by ridge regression on one kernel.

    Parameters
    ----------
    kernel : ndarray of float32, shape (n, n)
        Inner products of the conversations' features.
    targets : ndarray of float64, shape (n, n_heads)
        Zeros and ones.
    groups : sequence of ndarray of int64
        A partition of the rows.
    penalty : float
        Added to the diagonal; greater than 0.

    Returns
    -------
    DualHeads
        Solved to single precision.  With G = (K + penalty I)^-1 and a = G (y - mean), the score
        of a group b by the fit without it is y_b - (G_bb)^-1 a_b (Pahikkala et al. 2006; mean
        kept).

    Examples
    --------
    >>> heads = ridge_heads(np.eye(2, dtype=np.float32), np.array([[0.0], [1.0]]),
    ...                     [np.array([0]), np.array([1])], 1.0)
    >>> heads.dual.ravel().round(4).tolist(), heads.held_out.ravel().round(4).tolist()
    ([-0.25, 0.25], [0.5, 0.5])
    """
    offset = targets.mean(axis=0)
    inverse = _inverted(_factor(kernel, np.full(len(kernel), penalty)))
    dual = inverse @ (targets - offset).astype(np.float32)
    return DualHeads(dual, offset, _left_out(inverse, dual, targets, groups))


def logistic_head(
    kernel: Array, target: npt.NDArray[np.float64], groups: Sequence[Index], penalty: float
) -> DualHeads:
    """Fit one logistic head by Newton steps, both classes weighing the same.

    Parameters
    ----------
    kernel : ndarray of float32, shape (n, n)
        Inner products of the conversations' features.
    target : ndarray of float64, shape (n,)
        Zeros and ones, both present.
    groups : sequence of ndarray of int64
        A partition of the rows.
    penalty : float
        Ridge penalty; greater than 0.

    Returns
    -------
    DualHeads
        One head; held-out scores are those of the last weighted least-squares problem.
    """
    weight = np.where(target > 0, 0.5 / target.mean(), 0.5 / (1.0 - target.mean()))
    score = np.zeros(len(target))
    for _ in range(_NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-score))
        curvature = np.maximum(weight * p * (1.0 - p), _SMALLEST_WEIGHT)
        working = score + weight * (target - p) / curvature
        factor = _factor(kernel, penalty / curvature)
        right = np.column_stack([np.ones(len(p)), working]).astype(np.float32)
        solved = linalg.cho_solve((factor, True), right, check_finite=False).astype(float)
        offset = solved[:, 1].sum() / solved[:, 0].sum()
        dual = (solved[:, 1] - offset * solved[:, 0]).astype(np.float32)[:, None]
        score = (kernel @ dual)[:, 0].astype(float) + offset
    inverse = _inverted(factor)
    return DualHeads(dual, np.array([offset]), _left_out(inverse, dual, working[:, None], groups))


def _factor(kernel: Array, diagonal: npt.NDArray[np.float64]) -> Array:
    """Return the lower Cholesky factor of the kernel with a diagonal added."""
    system = np.array(kernel, dtype=np.float32, order="F")
    system[np.diag_indices(len(system))] += diagonal.astype(np.float32)
    factor: Array = linalg.cholesky(system, lower=True, overwrite_a=True, check_finite=False)
    return factor


def _inverted(factor: Array) -> Array:
    """Return the inverse of the matrix a lower factor belongs to."""
    half, _ = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(half)
    inverse: Array = lower + np.tril(lower, -1).T
    return inverse


def _left_out(
    inverse: Array, dual: Array, targets: npt.NDArray[np.float64], groups: Sequence[Index]
) -> npt.NDArray[np.float64]:
    scores = np.empty(targets.shape)
    for rows in groups:
        block = inverse[np.ix_(rows, rows)].astype(float)
        scores[rows] = targets[rows] - np.linalg.solve(block, dual[rows].astype(float))
    return scores
