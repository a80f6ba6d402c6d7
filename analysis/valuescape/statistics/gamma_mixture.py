"""Gamma-Poisson mixture prior of risk ratios, fitted to a family of cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from valuescape.statistics.arrays import FloatArray, as_amounts, refuse, result_frame
from valuescape.statistics.checks import common_shape

if TYPE_CHECKING:
    import pandas as pd

STARTS = (
    (0.2, 0.1, 2.0, 4.0, 1 / 3),
    (0.1, 0.1, 10.0, 10.0, 0.2),
    (0.5, 0.5, 50.0, 50.0, 0.1),
    (2.0, 1.0, 5.0, 5.0, 0.5),
    (1.0, 0.3, 1.0, 2.0, 0.5),
    (20.0, 5.0, 20.0, 22.0, 0.1),
    (2.0, 2.0, 1000.0, 1000.0, 0.1),
)
"""Starting values (shape, rate, shape, rate, weight of the first) from diffuse to concentrated."""

LOG_SHAPE = (-2.5, 7.0)
"""A component spreads its ratios by at least 3 % and is not piled up at zero."""

LOG_MEAN = (-4.0, 7.0)
"""Component means between 1/55 and 1100: a mean of zero has no logarithm."""

LOGIT_BOUNDS = (-9.0, 9.0)
BOUNDS = (LOG_SHAPE, LOG_MEAN, LOG_SHAPE, LOG_MEAN, LOGIT_BOUNDS)
EDGE = 1e-3
NEWTON_STEPS = 8
COARSE_SIZE = 4000


@dataclass(frozen=True, slots=True)
class GammaMixture:
    """Prior of risk ratios, a mixture of Gamma(shape1, rate1) and Gamma(shape2, rate2).

    Attributes
    ----------
    shape1, rate1, shape2, rate2 : float
        Parameters of the components; a component has mean shape / rate.
    weight : float
        Share of the first component.
    log_likelihood : float
        Marginal log-likelihood of the counts.
    converged : bool
        A second start reached the same likelihood (within 1e-6 of its size).
    at_bound : bool
        A parameter lies at its bound, as when the counts spread no more than Poisson noise does.
    """

    shape1: float
    rate1: float
    shape2: float
    rate2: float
    weight: float
    log_likelihood: float
    converged: bool
    at_bound: bool

    def to_frame(self) -> pd.DataFrame:
        """One row with one column a parameter."""
        return result_frame(self)


@dataclass(frozen=True, slots=True)
class _Family:
    """Counts, expected counts and multiplicities of cells; distinct counts and their index."""

    k: FloatArray
    expected: FloatArray
    weights: FloatArray
    levels: FloatArray
    index: NDArray[np.intp]


def fit_gamma_mixture(k: ArrayLike, expected: ArrayLike) -> GammaMixture:
    """Fit the two-component gamma prior by maximum marginal likelihood.

    Seven fixed starting values are tried on an even selection of at most some 4,000 distinct cells,
    the best two refined on all: quasi-Newton steps with analytic gradient on log (and logit)
    scale, then Newton steps on the gradient, equal cells pooled. The components are ordered by
    falling mean. Deterministic.

    Parameters
    ----------
    k, expected : array_like
        As in `shrunken_log_rr`.

    Returns
    -------
    GammaMixture
        The best of the fits.

    Raises
    ------
    ValueError
        If a count is negative or missing, an expected count is not above zero, or shapes do not
        fit.

    References
    ----------
    DuMouchel, W. (1999). *The American Statistician* 53, 177-190.
    https://doi.org/10.1080/00031305.1999.10474456

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> enriched = rng.random(4000) < 0.1
    >>> ratio = np.where(enriched, rng.gamma(8.0, 0.5, 4000), rng.gamma(30.0, 1 / 30, 4000))
    >>> fitted = fit_gamma_mixture(rng.poisson(ratio * 20.0), 20.0)
    >>> round(fitted.weight, 2), round(fitted.shape1 / fitted.rate1, 1)
    (0.1, 3.9)
    >>> fitted.converged
    True
    """
    counts, means = counts_and_means(k, expected)
    pairs, sizes = np.unique(
        np.stack([np.ravel(means), np.ravel(counts)]), axis=1, return_counts=True
    )
    whole = _family(pairs[1], pairs[0], sizes.astype(np.float64))
    stride = max(1, sizes.size // COARSE_SIZE)
    coarse = _family(pairs[1][::stride], pairs[0][::stride], whole.weights[::stride])
    ranked = sorted(
        (_maximise(coarse, _parameters(start)) for start in STARTS), key=lambda fit: -fit[1]
    )
    best, second = sorted(
        (_maximise(whole, parameters) for parameters, _ in ranked[:2]), key=lambda fit: -fit[1]
    )
    refined = _refine(whole, best[0])
    agreed = best[1] - second[1] < 1e-6 * max(1.0, abs(best[1]))
    return _mixture(refined, best[1] - float((special.gammaln(counts + 1)).sum()), agreed)


def _maximise(family: _Family, start: FloatArray) -> tuple[FloatArray, float]:
    """Maximise the marginal likelihood from one start; give the parameters and the maximum."""
    from scipy import optimize

    cells = family.weights.sum()

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = _log_likelihood(parameters, family)
        return -value / cells, -gradient / cells

    fit = optimize.minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=BOUNDS,
        options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9, "maxcor": 20},
    )
    return np.asarray(fit.x, dtype=np.float64), -float(fit.fun) * float(cells)


def _refine(family: _Family, parameters: FloatArray) -> FloatArray:
    """Newton steps on the gradient, for parameters inside their bounds.

    The likelihood is flat at its top: comparing its values leaves half of the digits of the
    parameters to rounding, which differs between processors.  The gradient has them all.
    """
    low, high = np.array(BOUNDS).T
    free = np.flatnonzero((parameters > low + EDGE) & (parameters < high - EDGE))

    def slope(at: FloatArray) -> FloatArray:
        return _log_likelihood(at, family)[1][free]

    best, here = parameters, slope(parameters)
    for _ in range(NEWTON_STEPS if free.size else 0):
        curvature = _slope_change(slope, best, free)
        if np.linalg.eigvalsh(curvature).max() >= 0:
            return best
        trial = best.copy()
        trial[free] -= np.linalg.solve(curvature, here)
        if np.any((trial < low) | (trial > high)):
            return best
        there = slope(trial)
        if np.abs(there).max() >= np.abs(here).max():
            return best
        best, here = trial, there
    return best


def _slope_change(
    slope: Callable[[FloatArray], FloatArray], at: FloatArray, free: NDArray[np.intp]
) -> FloatArray:
    """Second derivatives by central differences of the gradient."""
    steps = 1e-4 * np.eye(at.size)[free]
    found = np.array([(slope(at + step) - slope(at - step)) / 2e-4 for step in steps])
    return np.asarray((found + found.T) / 2)


def _mixture(parameters: FloatArray, log_likelihood: float, converged: bool) -> GammaMixture:
    """Name the parameters of a fit, the component with the larger mean first."""
    logs, logit = parameters[:4], float(parameters[4])
    if logs[1] < logs[3]:
        logs, logit = logs[[2, 3, 0, 1]], -logit
    edges = np.abs(logs[:, None] - np.array([LOG_SHAPE, LOG_MEAN] * 2)).min()
    at_bound = min(float(edges), LOGIT_BOUNDS[1] - abs(logit)) < EDGE
    shape1, shape2 = np.exp(logs[[0, 2]]).tolist()
    rate1, rate2 = np.exp(logs[[0, 2]] - logs[[1, 3]]).tolist()
    weight = float(special.expit(logit))
    return GammaMixture(shape1, rate1, shape2, rate2, weight, log_likelihood, converged, at_bound)


def _parameters(values: tuple[float, float, float, float, float]) -> FloatArray:
    """Log shape and log mean of each component, and logit of the weight."""
    shape1, rate1, shape2, rate2, weight = values
    logs = np.log([shape1, shape1 / rate1, shape2, shape2 / rate2])
    return np.append(logs, special.logit(weight))


def _family(k: FloatArray, expected: FloatArray, weights: FloatArray) -> _Family:
    """Cells with their distinct counts, so that gamma functions are taken once a count."""
    levels, index = np.unique(k, return_inverse=True)
    return _Family(k, expected, weights, levels, index)


def _log_marginals(family: _Family, parameters: FloatArray) -> FloatArray:
    """Log weight times probability of each component, without k!; shape (2, cells)."""
    shape = np.exp(parameters[[0, 2]])[:, None]
    rate = shape / np.exp(parameters[[1, 3]])[:, None]
    log_weight = -np.logaddexp(0.0, np.array([-parameters[4], parameters[4]]))[:, None]
    rising = (special.gammaln(shape + family.levels) - special.gammaln(shape))[:, family.index]
    share = family.expected / (rate + family.expected)
    return np.asarray(
        log_weight + rising + shape * np.log1p(-share) + special.xlogy(family.k, share)
    )


def _log_likelihood(parameters: FloatArray, family: _Family) -> tuple[float, FloatArray]:
    """Marginal log-likelihood, without k!, and its gradient on the scale of the optimiser."""
    terms = _log_marginals(family, parameters)
    cell = np.logaddexp(terms[0], terms[1])
    each = np.exp(terms - cell) * family.weights
    shape = np.exp(parameters[[0, 2]])[:, None]
    rate = shape / np.exp(parameters[[1, 3]])[:, None]
    total = rate + family.expected
    rising = (special.digamma(shape + family.levels) - special.digamma(shape))[:, family.index]
    by_shape = (each * (rising + np.log(rate / total))).sum(axis=1) * shape[:, 0]
    by_rate = (each * (shape * family.expected - rate * family.k) / total).sum(axis=1)
    second = special.expit(-parameters[4])
    by_logit = (each[0] * second - each[1] * (1 - second)).sum()
    by_both = by_shape + by_rate
    gradient = np.array([by_both[0], -by_rate[0], by_both[1], -by_rate[1], by_logit])
    return float((cell * family.weights).sum()), gradient


def first_component_probability(
    k: FloatArray, expected: FloatArray, prior: GammaMixture
) -> FloatArray:
    """Posterior probability that each cell's ratio comes from the prior's first component.

    Parameters
    ----------
    k, expected : ndarray of float64
        Observed and expected counts of one shape.
    prior : GammaMixture
        The prior.

    Returns
    -------
    ndarray of float64
        Of the shape of `k`.

    Examples
    --------
    >>> prior = GammaMixture(2.0, 1.0, 20.0, 20.0, 0.1, 0.0, True, False)
    >>> first_component_probability(np.array([0.0, 9.0]), np.ones(2), prior).round(3).tolist()
    [0.069, 0.994]
    """
    values = (prior.shape1, prior.rate1, prior.shape2, prior.rate2, prior.weight)
    family = _family(np.ravel(k), np.ravel(expected), np.ones(k.size))
    terms = _log_marginals(family, _parameters(values))
    return np.asarray(special.expit(terms[0] - terms[1])).reshape(k.shape)


def counts_and_means(k: ArrayLike, expected: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Validate observed and expected counts and broadcast them.

    Parameters
    ----------
    k, expected : array_like
        Observed and expected counts.

    Returns
    -------
    tuple of ndarray of float64
        Both, of one shape.

    Raises
    ------
    ValueError
        If there is no cell, a count is negative or missing, or an expected count is not above zero.

    Examples
    --------
    >>> counts_and_means([1, 2], 0.5)
    (array([1., 2.]), array([0.5, 0.5]))
    """
    counts, means = common_shape(k=as_amounts("k", k), expected=as_amounts("expected", expected))
    if counts.size == 0:
        raise ValueError("k: at least one cell is needed")
    refuse(means <= 0, "expected", "an expected count must be above zero", means)
    return np.asarray(counts), np.asarray(means)
