"""Which of several correlated estimates surely exceed which others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import BoolArray, FloatArray, as_numbers, refuse
from valuescape.statistics.checks import whole_number

DEGENERATE = 1e-10
"""Share of the two variances below which the variance of a difference is rounding error."""

NEGATIVE = -1e-8
"""Smallest eigenvalue, relative to the largest, that a covariance matrix may show."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known about the noise of the estimates: exactly one of the three arrays.

    Attributes
    ----------
    standard_error : array_like, shape (..., values), optional
        Standard errors of independent estimates.
    covariance : array_like, shape (..., values, values), optional
        Covariances of the estimates.
    replicates : array_like, shape (replicates, ..., values), optional
        Bootstrap replicates of the estimates.
    n_draws : int
        Normal draws where there are no replicates.
    seed : int
        Seed of the normal draws.
    """

    standard_error: ArrayLike | None
    covariance: ArrayLike | None
    replicates: ArrayLike | None
    n_draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences between the estimates of one context, row minus column.

    Attributes
    ----------
    studentised : ndarray of float64, shape (values, values)
        Difference over its standard error; 0 for values that are one and the same.
    inverse_error : ndarray of float64, shape (values, values)
        One over the standard error; 0 for values that are one and the same.
    noise : ndarray of float64, shape (values, draws)
        Draws of the estimates' noise.
    """

    studentised: FloatArray
    inverse_error: FloatArray
    noise: FloatArray


def differences_of(estimate: FloatArray, noise: Noise) -> Iterator[Differences]:
    """Studentise the differences of every context, in C order of the leading axes.

    The same normal numbers serve every context, so that what is found for one does not depend on
    which others are asked about.

    Parameters
    ----------
    estimate : ndarray of float64, shape (..., values)
        Estimates.
    noise : Noise
        Their noise.

    Yields
    ------
    Differences
        One a context.

    Raises
    ------
    ValueError
        If not exactly one kind of noise is given, its shape does not fit, an entry is missing, a
        standard error is not above zero, a matrix is no covariance matrix, or two values that
        differ have a difference without noise.

    Examples
    --------
    >>> noise = Noise([[0.3, 0.4]], None, None, n_draws=10, seed=0)
    >>> next(differences_of(np.array([[1.0, 0.0]]), noise)).studentised
    array([[ 0.,  2.],
           [-2.,  0.]])
    """
    rows = estimate.reshape(-1, estimate.shape[-1])
    for index, (covariance, draws) in enumerate(_moments(estimate, noise)):
        inverse = _inverse_error(covariance, rows[index], index)
        gaps = rows[index][:, None] - rows[index][None, :]
        yield Differences(gaps * inverse, inverse, np.ascontiguousarray(draws))


def _moments(estimate: FloatArray, noise: Noise) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Covariance (values, values) and draws (values, draws) of every context."""
    given = [noise.standard_error, noise.covariance, noise.replicates]
    if sum(part is not None for part in given) != 1:
        raise ValueError("standard_error, covariance, replicates: exactly one must be given")
    if noise.replicates is not None:
        return _of_replicates(estimate, noise.replicates)
    n_draws = whole_number("n_draws", noise.n_draws, least=1)
    rng = np.random.default_rng(whole_number("seed", noise.seed, least=0))
    normal = rng.standard_normal((estimate.shape[-1], n_draws))
    if noise.standard_error is not None:
        return _of_errors(estimate, noise.standard_error, normal)
    return _of_covariances(estimate, cast("ArrayLike", noise.covariance), normal)


def _of_errors(
    estimate: FloatArray, standard_error: ArrayLike, normal: FloatArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    error = as_numbers("standard_error", standard_error)
    _check_shape("standard_error", error, estimate.shape)
    refuse(error <= 0, "standard_error", "must be above zero", error)
    for row in error.reshape(-1, estimate.shape[-1]):
        yield np.diag(row**2), row[:, None] * normal


def _of_covariances(
    estimate: FloatArray, covariance: ArrayLike, normal: FloatArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    matrices = as_numbers("covariance", covariance)
    size = estimate.shape[-1]
    _check_shape("covariance", matrices, (*estimate.shape, size))
    variances = np.diagonal(matrices, axis1=-2, axis2=-1)
    refuse(variances < 0, "covariance", "a variance must not be negative", variances)
    scale = np.sqrt(variances[..., :, None] * variances[..., None, :])
    skew = np.abs(matrices - np.swapaxes(matrices, -1, -2)) > 1e-9 * scale
    refuse(skew, "covariance", "must be symmetric", matrices)
    for index, matrix in enumerate(matrices.reshape(-1, size, size)):
        levels, vectors = np.linalg.eigh(matrix)
        if levels[0] < NEGATIVE * max(levels[-1], 0.0):
            raise ValueError(
                f"covariance of context {index}: eigenvalue {levels[0]:.3g} is negative, so this "
                "is no covariance matrix"
            )
        root = (vectors * np.sqrt(np.maximum(levels, 0.0))) @ vectors.T
        yield matrix, root @ normal


def _of_replicates(
    estimate: FloatArray, replicates: ArrayLike
) -> Iterator[tuple[FloatArray, FloatArray]]:
    drawn = as_numbers("replicates", replicates)
    _check_shape("replicates", drawn, (drawn.shape[0] if drawn.ndim else 0, *estimate.shape))
    if drawn.shape[0] < 2:
        raise ValueError(f"replicates: {drawn.shape[0]} are too few for a standard error")
    size = estimate.shape[-1]
    noise = (drawn - estimate).reshape(drawn.shape[0], -1, size)
    for context in range(noise.shape[1]):
        rows = noise[:, context].T
        yield np.atleast_2d(np.cov(rows)), rows


def _check_shape(name: str, array: FloatArray, expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise ValueError(f"{name}: shape {array.shape} must be {expected} to fit the estimates")


def _inverse_error(covariance: FloatArray, estimate: FloatArray, context: int) -> FloatArray:
    """One over the standard error of each difference, 0 where two values are one and the same."""
    variance = np.diagonal(covariance)
    total = variance[:, None] + variance[None, :]
    spread = total - covariance - covariance.T
    same = spread <= DEGENERATE * total
    gap = np.abs(estimate[:, None] - estimate[None, :])
    unlike = same & (gap > 1e-9 * np.abs(estimate).max(initial=0.0))
    if unlike.any():
        i, j = (int(part) for part in np.argwhere(unlike)[0])
        raise ValueError(
            f"estimate: values {i} and {j} of context {context} differ, but their difference has "
            "no noise"
        )
    return np.asarray(np.where(same, 0.0, 1.0 / np.sqrt(np.where(same, 1.0, spread))))


def surely_above(
    differences: Differences, active: BoolArray, conf_level: float, *, k: int, stepwise: bool
) -> tuple[BoolArray, float]:
    r"""Differences whose lower confidence limit lies above zero, all limits holding at once.

    The critical value is the :math:`\lceil (B+1)\gamma \rceil`-th smallest of B maxima of the
    studentised noise over the active differences. Stepwise, differences that lie surely above zero
    leave the active set, and so does every difference minus a value that k others surely exceed;
    the smaller critical value of what remains is tried until nothing is added (Romano & Wolf).

    Parameters
    ----------
    differences : Differences
        Of one context.
    active : ndarray of bool, shape (values, values)
        Differences, row minus column, that the limits are for.
    conf_level : float
        Joint coverage.
    k : int
        Number of values surely above a value from which it is no longer of interest.
    stepwise : bool
        Whether to go on after the first step.

    Returns
    -------
    above : ndarray of bool, shape (values, values)
        The row's value surely exceeds the column's.
    critical : float
        The last critical value; NaN if there is nothing to compare.

    Raises
    ------
    ValueError
        If there are too few draws for the level.

    References
    ----------
    Romano, J. P. & Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis
    testing. *JASA* 100, 94-108. https://doi.org/10.1198/016214504000000539

    Examples
    --------
    >>> noise = Noise([0.3, 0.3, 0.3], None, None, n_draws=4000, seed=0)
    >>> (three,) = differences_of(np.array([2.0, 0.5, 0.0]), noise)
    >>> above, critical = surely_above(three, ~np.eye(3, dtype=bool), 0.95, k=3, stepwise=False)
    >>> np.argwhere(above).tolist(), round(critical, 1)
    ([[0, 1], [0, 2]], 2.3)
    """
    remaining = active & (differences.inverse_error > 0)
    above = np.zeros(active.shape, dtype=np.bool_)
    critical = np.nan
    while remaining.any():
        critical = _critical(differences, remaining, conf_level)
        added = remaining & (differences.studentised > critical)
        above |= added
        remaining &= ~(above | (above.sum(axis=0) >= k))
        if not stepwise or not added.any():
            break
    return above, critical


def _critical(differences: Differences, active: BoolArray, conf_level: float) -> float:
    """Order statistic of the largest active studentised noise difference."""
    from valuescape.statistics.pairwise_kernels import largest_differences

    n_draws = differences.noise.shape[1]
    order = int(np.ceil((n_draws + 1) * conf_level - 1e-9))
    if order > n_draws:
        raise ValueError(f"{n_draws} draws are too few for conf_level = {conf_level}")
    largest = np.full(n_draws, -np.inf)
    largest_differences(differences.noise, differences.inverse_error, active, largest)
    return float(np.partition(largest, order - 1)[order - 1])
