"""Log odds ratios of values between a group and the rest, with an informative Dirichlet prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    FloatArray,
    as_amounts,
    refuse,
    result_frame,
)
from valuescape.statistics.checks import common_shape
from valuescape.statistics.options import LogOddsVariance, check_option

if TYPE_CHECKING:
    import pandas as pd


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
