"""Spread of shares between contexts beyond sampling noise, by Pearson's statistic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.beta_binomial import beta_binomial_moments
from valuescape.statistics.solve import bracketed_root

SMALLEST_PHI = 1e-8
"""First positive correlation tried when a root is bracketed from below."""

SMALLEST_VARIANCE = 1e-6
"""Floor of the variance of Pearson's statistic, which sparse tables bring to zero."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """Shares and effective sizes of contexts (rows) for values (columns).

    Attributes
    ----------
    share : ndarray, shape (n_contexts, n_values)
        Observed shares.
    size : ndarray, the same shape
        Effective conversations, at least 1.
    """

    share: FloatArray
    size: FloatArray

    def of(self, columns: BoolArray) -> Contexts:
        """Keep some of the values."""
        return Contexts(self.share[:, columns], self.size[:, columns])


def weighted_mean(phi: FloatArray, contexts: Contexts) -> FloatArray:
    """Mean share of every value, contexts weighted by their precision at `phi`.

    Parameters
    ----------
    phi : ndarray, shape (n_values,)
        Intra-context correlation of each value, in [0, 1].
    contexts : Contexts
        Shares and sizes.

    Returns
    -------
    ndarray, shape (n_values,)

    Examples
    --------
    >>> contexts = Contexts(np.array([[0.1], [0.4]]), np.array([[10.0], [30.0]]))
    >>> [float(weighted_mean(np.array([phi]), contexts)[0].round(3)) for phi in (0.0, 1.0)]
    [0.325, 0.25]
    """
    weight = 1 / (phi + (1 - phi) / contexts.size)
    return np.asarray(np.sum(weight * contexts.share, axis=0) / np.sum(weight, axis=0))


def as_cv(phi: FloatArray, contexts: Contexts) -> FloatArray:
    """Coefficient of variation that a correlation amounts to.

    Parameters
    ----------
    phi : ndarray, shape (n_values,)
        Intra-context correlation of each value, in [0, 1].
    contexts : Contexts
        Shares and sizes.

    Returns
    -------
    ndarray, shape (n_values,)

    Examples
    --------
    >>> contexts = Contexts(np.array([[0.2], [0.2]]), np.array([[10.0], [10.0]]))
    >>> round(float(as_cv(np.array([0.25]), contexts)[0]), 9)
    1.0
    """
    mean = weighted_mean(phi, contexts)
    return np.asarray(np.sqrt(phi * (1 - mean) / mean))


def _pearson(phi: FloatArray, contexts: Contexts) -> FloatArray:
    """Q at phi, for every value."""
    weight = 1 / (phi + (1 - phi) / contexts.size)
    mean = np.sum(weight * contexts.share, axis=0) / np.sum(weight, axis=0)
    squares = np.sum(weight * (contexts.share - mean) ** 2, axis=0)
    return np.asarray(squares / (mean * (1 - mean)))


def _freedom(phi: FloatArray, contexts: Contexts) -> FloatArray:
    r"""Degrees of freedom that match the variance of Q.

    Q is linear in the squares and, through the estimated mean, in the deviations of the shares:
    each context contributes :math:`z^2 - B w (\hat p - \mu)/W`, where w is its inverse variance
    V, W their sum, and B the sum of the derivatives of log V in the mean at a fixed ratio
    :math:`\tau/\mu`, which is what the interval is about.
    """
    mean = weighted_mean(phi, contexts)
    variance, third, fourth = beta_binomial_moments(mean, phi, contexts.size)
    ratio = phi * (1 - mean) / mean
    slope = (1 - 2 * mean) / contexts.size + 2 * ratio * mean * (1 - 1 / contexts.size)
    weight = 1 / variance
    pull = np.sum(slope * weight, axis=0) / np.sum(weight, axis=0)
    terms = fourth * weight**2 - 1 - 2 * pull * third * weight**2 + pull**2 * weight
    rank = contexts.share.shape[0] - 1.0
    return np.asarray(2 * rank**2 / np.maximum(np.sum(terms, axis=0), SMALLEST_VARIANCE))


def solve_phi(contexts: Contexts, conf_level: float) -> FloatArray:
    """Correlation of every value with its limits, and the test that it is zero.

    Parameters
    ----------
    contexts : Contexts
        Shares and sizes.
    conf_level : float
        Two-sided coverage.

    Returns
    -------
    ndarray, shape (5, n_values)
        Rows: phi, its lower and upper limit, Q(0) and the degrees of freedom of Q(0).

    Examples
    --------
    >>> contexts = Contexts(np.full((3, 1), 0.2), np.full((3, 1), 10.0))
    >>> solve_phi(contexts, 0.95)[0].tolist()
    [0.0]
    """
    tail = (1 - conf_level) / 2
    rank = contexts.share.shape[0] - 1.0

    def excess(phi: FloatArray, some: Contexts) -> FloatArray:
        return np.asarray(_pearson(phi, some) / rank - 1)

    def above(level: float) -> Callable[[FloatArray, Contexts], FloatArray]:
        def function(phi: FloatArray, some: Contexts) -> FloatArray:
            half = _freedom(phi, some) / 2
            reached = special.gammainc(half, half * _pearson(phi, some) / rank)
            return np.asarray(reached - level)

        return function

    zero = np.zeros(contexts.share.shape[1])
    return np.stack(
        [
            _first_root(excess, contexts),
            _first_root(above(1 - tail), contexts),
            _first_root(above(tail), contexts),
            _pearson(zero, contexts),
            _freedom(zero, contexts),
        ]
    )


def _first_root(
    function: Callable[[FloatArray, Contexts], FloatArray], contexts: Contexts
) -> FloatArray:
    """First root in [0, 1]: 0 where the function starts at or below zero, 1 where none is met.

    Far up, where the reference keeps little freedom, the probabilities rise again; hence the
    search from below.
    """
    before = np.zeros(contexts.share.shape[1])
    after = np.full_like(before, SMALLEST_PHI)
    starts_low = function(before, contexts) <= 0
    active = ~starts_low
    while np.any(active):
        stays = function(after[active], contexts.of(active)) > 0
        active[active] = stays & (after[active] < 1)
        before = np.where(active, after, before)
        after = np.where(active, np.minimum(after * 4, 1.0), after)
    beyond = (after >= 1) & (function(after, contexts) > 0)
    root = bracketed_root(lambda phi, some: function(phi, contexts.of(some)), before, after)
    return np.asarray(np.where(starts_low, 0.0, np.where(beyond, 1.0, root)))
