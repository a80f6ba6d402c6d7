"""The study's own design filled with simulated values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, refuse
from valuescape.statistics.sampling import Design

LARGEST_LATENT = 0.98
LARGEST_PREVALENCE = 0.95
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Conversations as they were read, without what was read in them.

    Attributes
    ----------
    design : Design
        Weights, strata and prompt groups.
    contexts : ndarray of 0/1, shape (n, n_contexts)
        Contexts as they are.
    reader : ndarray of int, shape (n,)
        Who read the conversation, coded from 0.
    prevalence : ndarray, shape (n_strata, n_values)
        Prevalence of each simulated value in each stratum, inside (0, 1).
    prompt_correlation, reader_correlation : ndarray, shape (n_values,)
        Intra-class correlation of each value within prompt groups and within readers.
    """

    design: Design
    contexts: IntArray
    reader: NDArray[np.intp]
    prevalence: FloatArray
    prompt_correlation: FloatArray
    reader_correlation: FloatArray

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises
        ------
        ValueError
            If a prevalence is not inside (0, 1), or a correlation not in [0, 1).
        """
        p = self.prevalence
        refuse(~((p > 0) & (p < 1)), "prevalence", "must lie inside (0, 1)", p)
        for name in ("prompt_correlation", "reader_correlation"):
            rho = getattr(self, name)
            refuse(~((rho >= 0) & (rho < 1)), name, "must lie in [0, 1)", rho)

    @property
    def shares(self) -> FloatArray:
        """Prevalence of each value in the whole, weighted by design, shape (n_values,)."""
        w = self.design.weight
        return np.asarray(w @ self.prevalence[self.design.stratum] / w.sum())

    @property
    def expected(self) -> FloatArray:
        """Expected conversations with context and value under the null, (n_contexts, n_values)."""
        return np.asarray(self.contexts.T @ self.prevalence[self.design.stratum])


def simulated_values(
    skeleton: Skeleton, rng: np.random.Generator, ratio: FloatArray | None = None
) -> IntArray:
    r"""Draw values that depend on stratum, prompt group and reader, and on nothing else.

    A value is present where a normal variable is below the quantile of its prevalence; the variable
    is a sum of parts for the prompt group, the reader and the conversation.  Prevalences are exact;
    the intra-class correlations are exact at a value's mean prevalence, unless the normal parts
    would take more than 98 % of the variance, in which case they share that.

    Parameters
    ----------
    skeleton : Skeleton
        The design.
    ratio : ndarray, shape (n, n_values), optional
        Factor on the prevalence of each conversation, to plant an association.

    Returns
    -------
    ndarray of 0/1, shape (n, n_values)

    Raises
    ------
    ValueError
        If a planted prevalence is not inside (0, 1).

    Examples
    --------
    >>> design = Design.of(np.ones(4), np.zeros(4), [0, 0, 1, 1])
    >>> always, half = np.array([[0.999999]]), np.array([0.5])
    >>> skeleton = Skeleton(design, np.eye(4, 1, dtype=int), np.zeros(4, int), always, half, half)
    >>> simulated_values(skeleton, np.random.default_rng(1)).ravel().tolist()
    [1, 1, 1, 1]
    """
    p = skeleton.prevalence[skeleton.design.stratum]
    if ratio is not None:
        p = p * ratio
        refuse(~((p > 0) & (p < 1)), "ratio", "takes a prevalence out of (0, 1)", ratio)
    of_prompt, of_reader = _latent_parts(skeleton)
    n_values = p.shape[1]

    def shared(codes: NDArray[np.intp]) -> FloatArray:
        return rng.standard_normal((int(codes.max()) + 1, n_values))[codes]

    latent = np.sqrt(of_prompt) * shared(skeleton.design.cluster)
    latent += np.sqrt(of_reader) * shared(skeleton.reader)
    latent += np.sqrt(1.0 - of_prompt - of_reader) * rng.standard_normal(p.shape)
    return np.asarray(latent < special.ndtri(p), dtype=np.int64)


def _latent_parts(skeleton: Skeleton) -> tuple[FloatArray, FloatArray]:
    mean = skeleton.prevalence[skeleton.design.stratum].mean(axis=0)
    of_prompt = latent_correlation(mean, skeleton.prompt_correlation)
    of_reader = latent_correlation(mean, skeleton.reader_correlation)
    excess = np.maximum((of_prompt + of_reader) / LARGEST_LATENT, 1.0)
    return of_prompt / excess, of_reader / excess


def latent_correlation(prevalence: FloatArray, correlation: FloatArray) -> FloatArray:
    r"""Correlation of two normal variables whose indicators have a given correlation.

    The indicators are of lying below the common quantile h of ``prevalence``:
    :math:`\Phi_2(h, h; r) = \Phi(h) - 2\,T\!\left(h, \sqrt{(1-r)/(1+r)}\right)` with Owen's T,
    solved for r by bisection.

    References
    ----------
    Owen (1956), doi:10.1214/aoms/1177728074.

    Examples
    --------
    >>> latent_correlation(np.array([0.5, 0.05]), np.array([0.5, 0.2])).round(4).tolist()
    [0.7071, 0.4937]
    """
    p, rho = np.broadcast_arrays(prevalence, correlation)
    h = special.ndtri(p)
    low, high = np.zeros(p.shape), np.ones(p.shape)
    for _ in range(_STEPS):
        r = (low + high) / 2
        both = p - 2 * special.owens_t(h, np.sqrt((1 - r) / (1 + r)))
        under = (both - p**2) / (p * (1 - p)) < rho
        low, high = np.where(under, r, low), np.where(under, high, r)
    return np.asarray(np.where(rho > 0, (low + high) / 2, 0.0))


def planted_ratio(
    skeleton: Skeleton, ratios: tuple[float, ...], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Choose a context for every second value and a ratio for it, at random.

    A ratio that would take the value's prevalence above 0.95 in some stratum is not chosen; a value
    that allows none is not planted.

    Returns
    -------
    factor : ndarray, shape (n, n_values)
        For :func:`simulated_values`.
    planted : ndarray, shape (n_contexts, n_values)
        The ratio in the chosen cells and 1 in all others.
    """
    n_contexts, n_values = skeleton.contexts.shape[1], skeleton.prevalence.shape[1]
    planted = np.ones((n_contexts, n_values))
    for v in range(0, n_values, 2):
        allowed = [r for r in ratios if skeleton.prevalence[:, v].max() * r < LARGEST_PREVALENCE]
        if allowed:
            planted[rng.integers(n_contexts), v] = rng.choice(allowed)
    factor = np.where(skeleton.contexts[:, :, None] > 0, planted, 1.0).max(axis=1)
    return factor, planted


def null_cells(planted: FloatArray) -> BoolArray:
    """Cells of values that are planted in no context; a planted value differs everywhere.

    Examples
    --------
    >>> null_cells(np.array([[1.0, 2.0], [1.0, 1.0]])).tolist()
    [[True, False], [True, False]]
    """
    return np.broadcast_to((planted == 1.0).all(axis=0), planted.shape)
