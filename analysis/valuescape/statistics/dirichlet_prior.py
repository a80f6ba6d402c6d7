"""Strength of an informative prior of shares, by marginal likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import FloatArray, as_amounts, refuse, result_frame
from valuescape.statistics.options import PriorModel, check_option

if TYPE_CHECKING:
    import pandas as pd

WEAKEST, STRONGEST = -7.0, 16.0
"""Natural-log range within which a prior strength is looked for (0.001 to 9e6 observations)."""


@dataclass(frozen=True, slots=True)
class PriorStrength:
    """Strength of an informative prior, chosen by marginal likelihood.

    Attributes
    ----------
    strength : float
        Observations the prior is worth (the alpha_0 of Monroe et al.).
    prior : ndarray of float64
        Pseudo-counts, ``strength * background``.
    log_likelihood : float
        Marginal log-likelihood at `strength`, up to a constant.
    at_bound : bool
        The likelihood rises to an end of the range: the groups differ less than sampling alone
        would make them (upper end), or share nothing with the background (lower end).
    model : str
        ``dirichlet-multinomial`` or ``beta-binomial``.
    """

    strength: float
    prior: FloatArray
    log_likelihood: float
    at_bound: bool
    model: PriorModel

    def to_frame(self) -> pd.DataFrame:
        """One row a value, with its pseudo-count; the rest repeats."""
        return result_frame(self)


def prior_strength(
    counts: ArrayLike,
    totals: ArrayLike,
    background: ArrayLike,
    *,
    model: PriorModel = "dirichlet-multinomial",
) -> PriorStrength:
    r"""Choose how many observations an informative prior is worth, by marginal likelihood.

    The prior of value w is :math:`\alpha_0\pi_w` with background share :math:`\pi_w`; the strength
    :math:`\alpha_0` maximises the probability of the groups' counts with their shares integrated
    out: groups that resemble each other beyond sampling noise ask for a strong prior. For
    occurrences, where the values share out a total,

    .. math:: \sum_g\Big[\ln\frac{\Gamma(\alpha_0)}{\Gamma(n_g + \alpha_0)}
        + \sum_w\ln\frac{\Gamma(y_{gw} + \alpha_0\pi_w)}{\Gamma(\alpha_0\pi_w)}\Big]

    and for conversations, where each value is present or absent, the sum over groups and values
    of beta-binomial terms with parameters :math:`\alpha_0\pi_w, \alpha_0(1 - \pi_w)` (a composite
    likelihood: values of one conversation are treated as independent).

    Parameters
    ----------
    counts : array_like, shape (groups, values)
        Occurrences, or conversations, of each value in each group.
    totals : array_like, shape (groups,)
        Sum of each row (occurrences), or conversations of each group.
    background : array_like, shape (values,)
        Shares strictly between 0 and 1; for occurrences they sum to 1.
    model : {"dirichlet-multinomial", "beta-binomial"}, default "dirichlet-multinomial"
        Occurrences, or conversations.

    Returns
    -------
    PriorStrength
        The strength, the pseudo-counts and whether the maximum lies at a bound.

    Raises
    ------
    ValueError
        If shapes do not fit, no group has any observation, a count exceeds its total, a share is
        not inside (0, 1), or, for occurrences, rows do not sum to their totals or shares to 1.

    References
    ----------
    Minka, T. P. (2000). Estimating a Dirichlet distribution.
    https://tminka.github.io/papers/dirichlet/.
    Monroe et al. (2008), https://doi.org/10.1093/pan/mpn018, section 3.5.1.

    Examples
    --------
    >>> fit = prior_strength([[30, 70], [12, 88], [9, 91]], [100, 100, 100], [0.17, 0.83])
    >>> round(fit.strength, 2), fit.prior.round(2).tolist()
    (21.36, [3.63, 17.73])
    """
    check_option("model", model, PriorModel)
    table, sums, shares = _groups(counts, totals, background, model)

    def loss(log_strength: float) -> float:
        return -_marginal_log_likelihood(float(np.exp(log_strength)), table, sums, shares, model)

    def slope(log_strength: float) -> float:
        strength = float(np.exp(log_strength))
        return -strength * _marginal_slope(strength, table, sums, shares, model)

    best = _lowest(loss, slope)
    strength = float(np.exp(best))
    at_bound = min(best - WEAKEST, STRONGEST - best) < 1e-3
    return PriorStrength(strength, strength * shares, -loss(best), at_bound, model)


def _lowest(loss: Callable[[float], float], slope: Callable[[float], float]) -> float:
    """Log strength of the lowest loss: the best grid point, then the root of the slope around it.

    Comparing losses would leave half of the digits to rounding, which differs between processors.
    """
    from scipy import optimize

    grid = np.linspace(WEAKEST, STRONGEST, 47)
    place = int(np.argmin([loss(float(point)) for point in grid]))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, grid.size - 1)]
    if slope(float(low)) >= 0:
        return float(low)
    if slope(float(high)) <= 0:
        return float(high)
    return float(optimize.brentq(slope, low, high, xtol=1e-13, rtol=1e-13))


def _marginal_log_likelihood(
    strength: float, table: FloatArray, sums: FloatArray, shares: FloatArray, model: PriorModel
) -> float:
    """Log probability of the counts with the groups' shares integrated out."""
    alpha = strength * shares
    if model == "beta-binomial":
        rest = strength - alpha
        terms = special.betaln(table + alpha, sums[:, None] - table + rest)
        return float((terms - special.betaln(alpha, rest)).sum())
    rising = special.gammaln(table + alpha) - special.gammaln(alpha)
    return float(
        (special.gammaln(strength) - special.gammaln(sums + strength)).sum() + rising.sum()
    )


def _marginal_slope(
    strength: float, table: FloatArray, sums: FloatArray, shares: FloatArray, model: PriorModel
) -> float:
    """Differentiate the marginal log-likelihood with respect to the strength."""
    alpha, sizes = strength * shares, sums[:, None]
    rising = (special.digamma(table + alpha) - special.digamma(alpha)) * shares
    if model == "beta-binomial":
        rest, others = strength - alpha, 1 - shares
        rising = rising + (special.digamma(sizes - table + rest) - special.digamma(rest)) * others
        rising = rising - (special.digamma(sizes + strength) - special.digamma(strength))
        return float(rising.sum())
    return float(
        rising.sum() - (special.digamma(sums + strength) - special.digamma(strength)).sum()
    )


def _groups(
    counts: ArrayLike, totals: ArrayLike, background: ArrayLike, model: PriorModel
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Validate counts, totals and background shares against each other."""
    table, sums = as_amounts("counts", counts), as_amounts("totals", totals)
    shares = as_amounts("background", background)
    if table.ndim != 2 or sums.shape != table.shape[:1] or shares.shape != table.shape[1:]:
        raise ValueError(
            f"counts {table.shape}, totals {sums.shape} and background {shares.shape} must have "
            "shapes (groups, values), (groups,) and (values,)"
        )
    refuse((shares <= 0) | (shares >= 1), "background", "must lie strictly inside (0, 1)", shares)
    refuse(table > sums[:, None], "counts", "must not exceed the group's total", table)
    if not sums.sum() > 0:
        raise ValueError("totals: every group is empty; a prior cannot be learned from none")
    if model == "dirichlet-multinomial":
        off = ~np.isclose(table.sum(axis=1), sums, rtol=1e-9, atol=1e-9)
        refuse(off, "totals", "must be the sum of the group's counts", sums)
        if not np.isclose(shares.sum(), 1.0, rtol=0, atol=1e-9):
            raise ValueError(f"background: shares sum to {shares.sum()}, must sum to 1")
    return table, sums, shares
