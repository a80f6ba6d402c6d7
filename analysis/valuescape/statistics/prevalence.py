"""Prevalence of every value inside and outside every context, and their ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.cluster_variance import kish_effect
from valuescape.statistics.groups import group_sums
from valuescape.statistics.intervals import Interval, wilson
from valuescape.statistics.mover import mover_ratio
from valuescape.statistics.sampling import Design, centred, indicators, null_correlation

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Prevalences:
    """Weighted prevalences with the sample sizes they are worth.

    Attributes
    ----------
    inside, outside : ndarray, shape (n_contexts, n_values)
        Weighted share of conversations with the value, in the context, and in the rest
        standardised to the strata of the context.
    effective_inside, effective_outside : ndarray, shape (n_contexts, n_values)
        Independent conversations of equal weight that would estimate the share as precisely;
        never more than there are.
    """

    inside: NDArray[np.float64]
    outside: NDArray[np.float64]
    effective_inside: NDArray[np.float64]
    effective_outside: NDArray[np.float64]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a cell, numbered by ``context`` and ``value``."""
        import pandas as pd

        rows, columns = np.indices(self.inside.shape)
        names = ("inside", "outside", "effective_inside", "effective_outside")
        cells = {name: getattr(self, name).ravel() for name in names}
        return pd.DataFrame({"context": rows.ravel(), "value": columns.ravel(), **cells})


def prevalences(context: ArrayLike, value: ArrayLike, design: Design) -> Prevalences:
    r"""Estimate the prevalence of each value inside and outside each context.

    The rest is standardised to the strata of the context: its conversations of stratum h are
    weighted by :math:`w_i W_{h,\text{in}} / W_{h,\text{out}}`, so that both sides have the same mix
    of strata and their ratio agrees with the stratified test.  Strata that lie wholly inside or
    outside the context allow no comparison and are left out of both.

    The effective sample size is n divided by the design effect: the clustered, linearised variance
    of the share over p(1 - p)/n, but not below what the weights and the intra-cluster correlation
    of the value (at least that of all values) imply, :math:`n \sum w^2 / (\sum w)^2 \cdot
    [1 + \rho_v (\sum_g (\sum_{i \in g} w_i)^2 / \sum w^2 - 1)]`: the estimated variance of a
    rare value says nothing about clusters.  The weights' stratum factors are taken as fixed.

    Parameters
    ----------
    context : array_like of 0/1, shape (n, n_contexts)
    value : array_like of 0/1, shape (n, n_values)
    design : Design
        Weights, strata and clusters.

    Returns
    -------
    Prevalences
        NaN where no stratum has conversations on both sides.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201 (effective sample size).

    Examples
    --------
    >>> x, y = [[1], [1], [0], [0]], [[1], [0], [0], [0]]
    >>> found = prevalences(x, y, Design.of(np.ones(4), np.zeros(4), np.arange(4)))
    >>> float(found.inside[0, 0]), float(found.outside[0, 0])
    (0.5, 0.0)
    """
    x, y = indicators(context, "context", design), indicators(value, "value", design)
    rho = null_correlation(centred(y, design), design)
    sides = [_standardised(x[:, c] > 0, y, rho, design) for c in range(x.shape[1])]
    columns = [np.stack([side[j] for side in sides]) for j in range(4)]
    return Prevalences(*columns)


Sides = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _standardised(
    within: NDArray[np.bool_], y: NDArray[Any], rho: NDArray[np.float64], design: Design
) -> Sides:
    """Shares inside and outside one context, then their effective sample sizes."""
    n_strata = int(design.stratum.max()) + 1
    total = [
        np.bincount(design.stratum, weights=design.weight * side, minlength=n_strata)
        for side in (within, ~within)
    ]
    comparable = (total[0] > 0) & (total[1] > 0)
    factor = np.where(comparable, total[0] / np.where(comparable, total[1], 1.0), 0.0)
    used = comparable[design.stratum]
    inside, n_inside = _domain_share(within & used, y, rho, design.weight, design.cluster)
    outside, n_outside = _domain_share(
        ~within & used, y, rho, design.weight * factor[design.stratum], design.cluster
    )
    return inside, outside, n_inside, n_outside


def _domain_share(
    domain: NDArray[np.bool_],
    y: NDArray[Any],
    rho: NDArray[np.float64],
    weight: NDArray[np.float64],
    cluster: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not domain.any():
        empty = np.full(y.shape[1], np.nan)
        return empty, np.zeros(y.shape[1])
    w, outcome = weight[domain], y[domain]
    codes = np.unique(cluster[domain], return_inverse=True)[1]
    share = np.minimum(w @ outcome / w.sum(), 1.0)
    sums = group_sums(w[:, None] * (outcome - share) / w.sum(), codes)
    g = sums.shape[0]
    variance = np.sum(sums**2, axis=0) * g / max(g - 1, 1)
    plain = share * (1 - share) / w.size
    together = float(np.sum(group_sums(w, codes) ** 2) / np.sum(w**2))
    floor = kish_effect(w) * (1.0 + rho * (together - 1.0))
    effect = np.where(plain > 0, variance / np.where(plain > 0, plain, 1.0), floor)
    return share, w.size / np.maximum(effect, floor)


def risk_ratio(found: Prevalences, *, conf_level: float = 0.95) -> Interval:
    """Ratio of the prevalence inside to that outside, zero-safe.

    Limits are recovered from the Wilson limits of the two shares at their effective sample sizes
    (MOVER-R); the two are taken as uncorrelated, which is conservative where the same prompts
    stand on both sides.  Where there is no comparison all three are NaN.

    References
    ----------
    Donner & Zou (2012), doi:10.1177/0962280210383082.

    Examples
    --------
    >>> x, y = [[1], [1], [0], [0]], [[1], [0], [0], [0]]
    >>> found = prevalences(x, y, Design.of(np.ones(4), np.zeros(4), np.arange(4)))
    >>> bool(risk_ratio(found).low[0, 0] > 0.2)
    True
    """
    sides = []
    for share, size in (
        (found.inside, found.effective_inside),
        (found.outside, found.effective_outside),
    ):
        sides.append(wilson(np.nan_to_num(share) * size, size, conf_level=conf_level))
    return mover_ratio(sides[0], sides[1])
