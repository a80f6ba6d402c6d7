"""How many different names there are, and how many more unseen, from incidences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from valuescape.statistics.arrays import as_counts, check_level, refuse, result_frame
from valuescape.statistics.checks import whole_number
from valuescape.statistics.intervals import critical_value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Richness:
    """Names observed, expected at a smaller number of conversations, and estimated in all.

    Attributes
    ----------
    observed : int
        Names in at least one conversation.
    uniques, duplicates : int
        Names in exactly one, and in exactly two conversations.
    rarefied : float
        Names expected in ``n_rarefied`` conversations drawn without replacement.
    n_rarefied : int
        That number of conversations.
    chao2, chao2_low, chao2_high : float
        Lower-bound estimate of all names, with its log-normal interval.
    """

    observed: int
    uniques: int
    duplicates: int
    rarefied: float
    n_rarefied: int
    chao2: float
    chao2_low: float
    chao2_high: float

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return result_frame(self)


def richness(
    incidence: ArrayLike, n_units: int, *, n_rarefied: int, conf_level: float = 0.95
) -> Richness:
    r"""Richness of names from the number of conversations that hold each.

    With t conversations of which :math:`y_i` hold name i, :math:`Q_k` names occurring in exactly
    k, the expected number in m conversations is :math:`\sum_i [1 - \binom{t-y_i}{m}/\binom{t}{m}]`
    (sample-based rarefaction) and the bias-corrected Chao2 estimate of all names is
    :math:`S + \frac{t-1}{t}\frac{Q_1(Q_1-1)}{2(Q_2+1)}`.

    Parameters
    ----------
    incidence : array_like of int, shape (n_names,)
        Conversations that hold each name; zeros are ignored.
    n_units : int
        Conversations.
    n_rarefied : int
        Conversations to rarefy to, at most ``n_units``.
    conf_level : float
        Level of the interval.

    Raises
    ------
    ValueError
        If an incidence exceeds the conversations, or ``n_rarefied`` is not from 1 to ``n_units``.

    References
    ----------
    Chao (1987), doi:10.2307/2531532 (estimate, interval); Chao & Chiu (2016),
    doi:10.1002/9780470015902.a0026329 (bias-corrected form); Hurlbert (1971), doi:10.2307/1934145
    (rarefaction).

    Examples
    --------
    >>> found = richness([3, 1, 1, 2], 5, n_rarefied=2)
    >>> found.observed, round(found.rarefied, 2), round(found.chao2, 2)
    (4, 2.4, 4.4)
    """
    check_level(conf_level)
    whole_number("n_units", n_units, least=1)
    if whole_number("n_rarefied", n_rarefied, least=1) > n_units:
        raise ValueError(f"n_rarefied = {n_rarefied}: allowed is 1 to {n_units}")
    counts = as_counts("incidence", incidence).ravel()
    refuse(counts > n_units, "incidence", f"a name is in more than {n_units} conversations", counts)
    counts = counts[counts > 0]
    once, twice = int(np.sum(counts == 1)), int(np.sum(counts == 2))
    shrink = (n_units - 1) / n_units
    unseen = shrink * once * (once - 1) / (2 * (twice + 1))
    low, high = _chao_interval(counts.size, unseen, once, twice, shrink, conf_level)
    expected = float(np.sum(_seen(counts, n_units, n_rarefied)))
    return Richness(
        int(counts.size), once, twice, expected, n_rarefied, counts.size + unseen, low, high
    )


def _seen(counts: NDArray[np.int64], n_units: int, m: int) -> NDArray[np.float64]:
    left = n_units - counts
    possible = left >= m
    rest = np.where(possible, left, m).astype(float)
    log_none = (
        gammaln(rest + 1)
        - gammaln(rest - m + 1)
        - gammaln(n_units + 1.0)
        + gammaln(n_units - m + 1.0)
    )
    return np.where(possible, 1.0 - np.exp(log_none), 1.0)


def _chao_interval(
    observed: int, unseen: float, once: int, twice: int, shrink: float, conf_level: float
) -> tuple[float, float]:
    """Log-normal interval of the unseen names (Chao 1987, eq. 12-13).

    The variance is that of the bias-corrected estimate, for any number of duplicates and for none
    (Colwell, EstimateS 9 User's Guide, appendix B, eq. 10 and 11).
    """
    if unseen <= 0:
        return float(observed), float(observed)
    variance = (
        shrink * once * (once - 1) / (2 * (twice + 1))
        + shrink**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        + shrink**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    if twice == 0:
        variance -= shrink**2 * once**4 / (4 * (observed + unseen))
    z = float(critical_value(conf_level))
    spread = float(np.exp(z * np.sqrt(np.log1p(variance / unseen**2))))
    return observed + unseen / spread, observed + unseen * spread
