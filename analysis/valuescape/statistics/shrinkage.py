"""Risk ratios shrunk by an empirical-Bayes gamma-Poisson mixture, for rankings.

The raw ratio k / E ranks rare values first and overstates them. Here every ratio is a draw from a
mixture of two gamma distributions fitted to the whole family of cells, and each cell is reported
by its posterior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    as_numbers,
    check_level,
    inside_unit,
    refuse,
)
from valuescape.statistics.gamma_mixture import (
    GammaMixture,
    counts_and_means,
    first_component_probability,
    fit_gamma_mixture,
)
from valuescape.statistics.solve import bracketed_root

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ShrunkenLogRatio:
    """Posterior of the natural log of each risk ratio.

    Attributes
    ----------
    log_rr : ndarray of float64
        Posterior mean of ln(ratio); ``exp(log_rr)`` is DuMouchel's EBGM.
    log_rr_low, log_rr_high : ndarray of float64
        Equal-tailed credible limits.
    first_component : ndarray of float64
        Posterior probability of the first component.
    prior : GammaMixture
        The fitted or given prior.
    conf_level : float
        Probability between the limits.
    """

    log_rr: FloatArray
    log_rr_low: FloatArray
    log_rr_high: FloatArray
    first_component: FloatArray
    prior: GammaMixture
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a cell: posterior mean, limits, component probability."""
        import pandas as pd

        names = ("log_rr", "log_rr_low", "log_rr_high", "first_component")
        return pd.DataFrame({name: np.ravel(getattr(self, name)) for name in names})


def shrunken_log_rr(
    k: ArrayLike,
    expected: ArrayLike,
    *,
    prior: GammaMixture | None = None,
    conf_level: float = 0.95,
) -> ShrunkenLogRatio:
    r"""Posterior mean and interval of ln(risk ratio) of every cell.

    With :math:`k \sim \text{Poisson}(\lambda E)` and the mixture prior, the posterior of
    :math:`\lambda` is again a mixture, of Gamma(:math:`\alpha_j + k, \beta_j + E`) with the
    components' posterior probabilities :math:`Q_j`, and

    .. math:: E[\ln\lambda \mid k] = \sum_j Q_j\,[\psi(\alpha_j + k) - \ln(\beta_j + E)]

    Parameters
    ----------
    k : array_like
        Observed counts of the whole family, zero cells included; effective (real) counts are
        accepted.
    expected : array_like
        Expected counts under independence, above zero.
    prior : GammaMixture, optional
        Prior to use, as from another call; fitted to these cells if absent.
    conf_level : float, default 0.95
        Posterior probability between the limits.

    Returns
    -------
    ShrunkenLogRatio
        Natural logs; divide by ln 2 for doublings.

    Raises
    ------
    ValueError
        If a count is negative or missing, an expected count is not above zero, shapes do not fit,
        or a parameter of `prior` is not above zero or its weight not inside (0, 1).

    References
    ----------
    DuMouchel, W. (1999). Bayesian data mining in large frequency tables. *The American
    Statistician* 53, 177-190. https://doi.org/10.1080/00031305.1999.10474456

    Examples
    --------
    A prior around 1 pulls 2 counts on 0.1 expected much harder than 200 on 10:

    >>> prior = GammaMixture(2.0, 1.0, 20.0, 20.0, 0.1, 0.0, True, False)
    >>> cells = shrunken_log_rr([2, 200], [0.1, 10.0], prior=prior)
    >>> np.exp(cells.log_rr).round(2).tolist()
    [1.53, 18.32]
    """
    counts, means = counts_and_means(k, expected)
    check_level(conf_level)
    fitted = fit_gamma_mixture(counts, means) if prior is None else _checked(prior)
    q = first_component_probability(counts, means, fitted)
    shapes, rates = _posterior(counts, means, fitted)
    centres = special.digamma(shapes) - np.log(rates)
    tail = (1 - conf_level) / 2
    return ShrunkenLogRatio(
        log_rr=np.asarray(q * centres[0] + (1 - q) * centres[1]),
        log_rr_low=_quantile(tail, q, shapes, rates),
        log_rr_high=_quantile(1 - tail, q, shapes, rates),
        first_component=np.asarray(q),
        prior=fitted,
        conf_level=conf_level,
    )


def _checked(prior: GammaMixture) -> GammaMixture:
    """Return a mixture whose parameters are above zero and whose weight is a share."""
    for name in ("shape1", "rate1", "shape2", "rate2"):
        value = as_numbers(f"prior.{name}", getattr(prior, name))
        refuse(value <= 0, f"prior.{name}", "must be above zero", value)
    inside_unit("prior.weight", prior.weight)
    return prior


def _posterior(
    k: FloatArray, expected: FloatArray, prior: GammaMixture
) -> tuple[FloatArray, FloatArray]:
    """Shapes and rates of both components' posteriors, component first."""
    shapes = np.stack([prior.shape1 + k, prior.shape2 + k])
    rates = np.stack([prior.rate1 + expected, prior.rate2 + expected])
    return shapes, rates


def _quantile(
    probability: float, q: FloatArray, shapes: FloatArray, rates: FloatArray
) -> FloatArray:
    """Log of a quantile of each posterior mixture, bracketed by the components' quantiles."""
    ends = np.log(np.maximum(special.gammaincinv(shapes, probability), 1e-300)) - np.log(rates)
    flat_q, flat_shapes, flat_rates = q.ravel(), shapes.reshape(2, -1), rates.reshape(2, -1)

    def excess(log_ratio: FloatArray, active: BoolArray) -> FloatArray:
        share, shape, rate = flat_q[active], flat_shapes[:, active], flat_rates[:, active]
        below = special.gammainc(shape, np.exp(log_ratio) * rate)
        return np.asarray(share * below[0] + (1 - share) * below[1] - probability)

    low, high = ends.min(axis=0).ravel(), ends.max(axis=0).ravel()
    return bracketed_root(excess, low, high).reshape(q.shape)
