"""Log odds ratios of values between a group and the rest, with an informative Dirichlet prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from valuescape.statistics.arrays import (
    FloatArray,
    as_amounts,
    refuse,
    result_frame,
)
from valuescape.statistics.checks import common_shape
from valuescape.statistics.options import LogOddsVariance, PriorModel, check_option

if TYPE_CHECKING:
    import pandas as pd

WEAKEST, STRONGEST = -7.0, 16.0
"""Natural-log range within which a prior strength is looked for (0.001 to 9e6 observations)."""


@dataclass(frozen=True, slots=True)
class LogOdds:
    """Log odds ratios with their standard errors.

    Attributes
    ----------
    log_odds : ndarray of float64
        Natural log of the odds of the value in the group over its odds in the rest, both with
        prior counts added.
    standard_error : ndarray of float64
        Root of the variance named by `variance`.
    z : ndarray of float64
        ``log_odds / standard_error``.
    variance : str
        ``full`` (four terms) or ``approximate`` (two terms): implementations differ, so the
        variant is part of the result.
    """

    log_odds: FloatArray
    standard_error: FloatArray
    z: FloatArray
    variance: LogOddsVariance

    def to_frame(self) -> pd.DataFrame:
        """One row an element, one column a field."""
        return result_frame(self)


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


def log_odds(
    k_group: ArrayLike,
    n_group: ArrayLike,
    k_rest: ArrayLike,
    n_rest: ArrayLike,
    *,
    prior: ArrayLike,
    prior_total: ArrayLike | None = None,
    variance: LogOddsVariance = "full",
) -> LogOdds:
    r"""Log odds ratio with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008).

    .. math:: \hat\delta_w = \ln\frac{y_w^i + \alpha_w}{n^i + \alpha_0 - y_w^i - \alpha_w}
        - \ln\frac{y_w^j + \alpha_w}{n^j + \alpha_0 - y_w^j - \alpha_w} \quad (16)

    with variance, in full (19) and shortened to the first two terms (20),

    .. math:: \sigma^2 = \frac1{y_w^i + \alpha_w} + \frac1{y_w^j + \alpha_w}
        + \frac1{n^i + \alpha_0 - y_w^i - \alpha_w} + \frac1{n^j + \alpha_0 - y_w^j - \alpha_w}

    and :math:`\zeta_w = \hat\delta_w/\hat\sigma` (22). j is the rest, without the group.

    Parameters
    ----------
    k_group, k_rest : array_like
        Occurrences of each value, the last axis over values; all arguments broadcast.
    n_group, n_rest : array_like
        Totals of group and rest: occurrences of all values, or conversations where a conversation
        may express several values.
    prior : array_like
        Pseudo-counts :math:`\alpha_w` above zero, as `prior_strength` gives.
    prior_total : array_like, optional
        :math:`\alpha_0`. The default is the sum of `prior`, right for occurrences. Where the
        totals are conversations pass the prior's strength, in conversations.
    variance : {"full", "approximate"}, default "full"
        Four terms, or two.

    Returns
    -------
    LogOdds
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a count is negative or missing or exceeds its total, a pseudo-count is not above zero and
        below `prior_total`, or shapes do not fit.

    References
    ----------
    Monroe, B. L., Colaresi, M. P. & Quinn, K. M. (2008). Fightin' words. *Political Analysis* 16,
    372-403. https://doi.org/10.1093/pan/mpn018

    Examples
    --------
    >>> found = log_odds([30, 70], 100, [100, 900], 1000, prior=[11.8, 88.2])
    >>> found.log_odds.round(3).tolist(), found.z.round(2).tolist()
    ([0.848, -0.848], [4.23, -4.23])
    """
    check_option("variance", variance, LogOddsVariance)
    alpha = as_amounts("prior", prior)
    refuse(alpha <= 0, "prior", "a pseudo-count must be above zero", alpha)
    own_total = np.atleast_1d(alpha).sum(axis=-1, keepdims=True)
    total = as_amounts("prior_total", own_total if prior_total is None else prior_total)
    alpha, total = common_shape(prior=alpha, prior_total=total)
    refuse(alpha >= total, "prior", "a pseudo-count must be below the prior's total", alpha)
    with_group, without_group = _smoothed("group", k_group, n_group, alpha, total)
    with_rest, without_rest = _smoothed("rest", k_rest, n_rest, alpha, total)
    common_shape(k_group=with_group, k_rest=with_rest)
    difference = np.log(with_group / without_group) - np.log(with_rest / without_rest)
    spread = 1 / with_group + 1 / with_rest
    if variance == "full":
        spread = spread + 1 / without_group + 1 / without_rest
    error = np.sqrt(spread)
    return LogOdds(
        np.asarray(difference), np.asarray(error), np.asarray(difference / error), variance
    )


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

    best = _lowest(loss)
    strength = float(np.exp(best))
    at_bound = min(best - WEAKEST, STRONGEST - best) < 1e-3
    return PriorStrength(strength, strength * shares, -loss(best), at_bound, model)


def _lowest(loss: Callable[[float], float]) -> float:
    """Log strength of the lowest loss: the best grid point, then refined around it."""
    from scipy import optimize

    grid = np.linspace(WEAKEST, STRONGEST, 47)
    start = float(grid[int(np.argmin([loss(float(point)) for point in grid]))])
    step = float(grid[1] - grid[0])
    bounds = (max(WEAKEST, start - step), min(STRONGEST, start + step))
    found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-8})
    return float(found.x)


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


def _smoothed(
    side: str, k: ArrayLike, n: ArrayLike, alpha: FloatArray, total: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Add the prior to the counts with and without the value."""
    given = {f"k_{side}": k, f"n_{side}": n}
    count, size, alpha, total = common_shape(
        **{name: as_amounts(name, amounts) for name, amounts in given.items()},
        prior=alpha,
        prior_total=total,
    )
    refuse(count > size, f"k_{side}", f"must not exceed n_{side}", count)
    present = count + alpha
    return np.asarray(present), np.asarray(size + total - present)
