"""How much a value's prevalence differs between contexts, beyond sampling noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_amounts,
    as_counts,
    check_level,
    refuse,
    result_frame,
)
from valuescape.statistics.overdispersion import Contexts, as_cv, solve_phi, weighted_mean
from valuescape.statistics.tails import chi2_log10_p

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 1 << 18
"""Cells worked on at a time, so that memory does not grow with the number of values."""


@dataclass(frozen=True, slots=True)
class CorrectedCV:
    """Coefficient of variation across contexts, with sampling noise removed, a value.

    Attributes
    ----------
    estimate, low, high : ndarray of float64, shape (n_values,)
        Corrected coefficient of variation (SD between contexts over the mean) and its interval.
        An estimate of 0 is a negative moment estimate cut off at 0.
    raw_cv : ndarray of float64, shape (n_values,)
        SD of the observed prevalences (divisor one less than the contexts) over their mean,
        contexts weighing the same: noise is not removed.
    prevalence : ndarray of float64, shape (n_values,)
        Mean prevalence, contexts weighted by their precision at the estimate.
    between_sd : ndarray of float64, shape (n_values,)
        SD of the prevalence between contexts.
    truncated : ndarray of bool, shape (n_values,)
        Whether contexts differ less than sampling noise alone would make them on average.
    statistic, df, log10_p : ndarray of float64, shape (n_values,)
        Test that all contexts have one prevalence: Pearson's statistic, scaled to a chi-square
        on moment-matched degrees of freedom.
    n_contexts : int
        Contexts compared.
    conf_level : float
        Nominal two-sided coverage.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    raw_cv: FloatArray
    prevalence: FloatArray
    between_sd: FloatArray
    truncated: BoolArray
    statistic: FloatArray
    df: FloatArray
    log10_p: FloatArray
    n_contexts: int
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a value, one column a field."""
        return result_frame(self)


def corrected_cv(
    k: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95, deff: ArrayLike | None = None
) -> CorrectedCV:
    r"""Coefficient of variation of prevalences across contexts, without sampling noise.

    The prevalences of contexts are taken as draws with mean :math:`\mu` and SD :math:`\tau`; the
    estimate of :math:`\tau/\mu` is by moments.  With :math:`\phi = \tau^2/\mu(1-\mu)` and
    effective sizes :math:`m_c = n_c/d_c` an observed share has variance
    :math:`\mu(1-\mu)\{\phi + (1-\phi)/m_c\}`, and :math:`\hat\phi` solves

    .. math:: Q(\phi) = \sum_c \frac{(\hat p_c - \hat\mu_\phi)^2}
        {\hat\mu_\phi(1-\hat\mu_\phi)\{\phi + (1-\phi)/m_c\}} = C - 1,

    with :math:`\hat\mu_\phi` the mean weighted by inverse variances (Williams 1982; the
    estimating equation of Paule and Mandel with the variance of a share in place of its
    estimate, which would be zero for a context without the value).  Where :math:`Q(0) < C - 1`
    the solution is negative and is cut off at 0.

    Limits invert the test of each :math:`\phi`, as in the Q-profile method: they solve
    :math:`Q(\phi) = (C-1)\chi^2_{\nu,q}/\nu`.  The reference is scaled to the variance of Q at
    that :math:`\phi`, :math:`\nu = 2(C-1)^2/\operatorname{Var}Q`, from the third and fourth
    moments of the beta-binomial distribution and with :math:`\hat\mu` estimated; at
    :math:`\phi = 0` and equal sizes it is Haldane's variance of Pearson's statistic.  So a sparse
    table and a skewed distribution of prevalences widen the interval.  Where even
    :math:`\phi = 0` leaves Q below its lower quantile both limits are 0; where the upper equation
    is not met the limit is the largest possible one, :math:`\phi = 1`.

    Parameters
    ----------
    k : array_like of int, shape (n_contexts,) or (n_contexts, n_values)
        Conversations of a context that express the value.
    n : array_like of int, shape (n_contexts,), (n_contexts, 1) or the shape of `k`
        Conversations of the context.
    conf_level : float, default 0.95
        Two-sided coverage.
    deff : array_like, optional
        Design effects of the shares, at least 1, of a shape `n` may have.  An effective size
        below 1 counts as 1, for no share varies more than one conversation does.

    Returns
    -------
    CorrectedCV
        Fields of shape (n_values,).

    Raises
    ------
    ValueError
        If a count is not a whole number, ``k > n``, a context is empty, a value is in none or all
        of the conversations, there are fewer than three contexts, no context has an effective
        size above 1, or a design effect is below 1.

    Notes
    -----
    The raw coefficient of variation of a value of prevalence p in contexts of n conversations is
    about :math:`\sqrt{(1-p)/np}` when contexts do not differ at all: a ranking by it is a ranking
    by frequency.  The interval supposes contexts whose prevalences spread like a beta
    distribution. With heavier tails it covers less often where sampling noise is small: 90 % for
    log-normal prevalences of mean 0.2 and variation 0.5 in 20 contexts, 83 % for variation 1.

    References
    ----------
    Williams, D. A. (1982). Extra-binomial variation in logistic linear models. *Applied
    Statistics* 31, 144-148. https://doi.org/10.2307/2347977.
    Paule, R. C. & Mandel, J. (1982). *J. Res. NBS* 87, 377-385. https://doi.org/10.6028/jres.087.022.
    Viechtbauer, W. (2007). *Statistics in Medicine* 26, 37-52. https://doi.org/10.1002/sim.2514.
    Haldane, J. B. S. (1940). *Biometrika* 31, 346-355. https://doi.org/10.1093/biomet/31.3-4.346.

    Examples
    --------
    >>> found = corrected_cv([[12, 2], [55, 1], [30, 3], [8, 2]], [100, 150, 120, 90])
    >>> found.raw_cv.round(2).tolist(), found.estimate.round(2).tolist()
    ([0.62, 0.44], [0.59, 0.0])
    >>> found.low.round(2).tolist(), found.high.round(2).tolist()
    ([0.27, 0.0], [1.96, 7.29])
    """
    check_level(conf_level)
    counts, sizes, effective = _checked(k, n, deff)
    share = counts / sizes
    step = max(1, BLOCK // share.shape[0])
    blocks = [
        solve_phi(Contexts(share[:, i : i + step], effective[:, i : i + step]), conf_level)
        for i in range(0, share.shape[1], step)
    ]
    phi, low, high, statistic, df = np.concatenate(blocks, axis=1)
    contexts = Contexts(share, effective)
    mean = weighted_mean(phi, contexts)
    return CorrectedCV(
        as_cv(phi, contexts),
        as_cv(low, contexts),
        as_cv(high, contexts),
        np.std(share, axis=0, ddof=1) / np.mean(share, axis=0),
        mean,
        np.sqrt(phi * mean * (1 - mean)),
        statistic < share.shape[0] - 1,
        statistic,
        df,
        chi2_log10_p(statistic * df / (share.shape[0] - 1), df),
        share.shape[0],
        conf_level,
    )


def _checked(
    k: ArrayLike, n: ArrayLike, deff: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return counts, sizes and effective sizes of one shape (contexts, values)."""
    counts = as_counts("k", k)
    counts = counts[:, None] if counts.ndim == 1 else counts
    if counts.ndim != 2 or counts.shape[0] < 3 or counts.shape[1] < 1:
        raise ValueError(f"k: shape {np.shape(k)}; at least three contexts of a value are needed")
    sizes = _beside("n", as_counts("n", n).astype(np.float64), counts)
    refuse(sizes == 0, "n", "a context without conversations has no prevalence", sizes)
    refuse(counts > sizes, "k", "must not exceed n", counts)
    effects = _beside("deff", as_amounts("deff", 1.0 if deff is None else deff), counts)
    refuse(effects < 1, "deff", "a design effect must be at least 1", effects)
    total = counts.sum(axis=0)
    refuse(total == 0, "k[:, value]", "no conversation has the value", total)
    refuse(total == sizes.sum(axis=0), "k[:, value]", "every conversation has the value", total)
    effective = np.maximum(sizes / effects, 1.0)
    refuse(
        np.all(effective <= 1, axis=0), "n[:, value]", "no context has an effective size above 1"
    )
    return counts.astype(np.float64), sizes, effective


def _beside(name: str, values: FloatArray, counts: IntArray) -> FloatArray:
    """Values broadcast to the shape of the counts; one axis means contexts."""
    shaped = values[:, None] if values.ndim == 1 else values
    if shaped.ndim > 2 or any(
        mine not in (1, whole) for mine, whole in zip(shaped.shape, counts.shape, strict=False)
    ):
        raise ValueError(f"{name}: shape {values.shape} does not fit k of shape {counts.shape}")
    return np.broadcast_to(shaped, counts.shape)
