"""How well a score tells observations apart: area under the ROC curve, precision at a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    as_numbers,
    check_level,
    inside_unit,
    refuse,
    result_frame,
)
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.cluster_variance import cluster_variance
from valuescape.statistics.effective_share import effective_share
from valuescape.statistics.groups import label_codes
from valuescape.statistics.intervals import logit_interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RocArea:
    """Area under a ROC curve.

    Attributes
    ----------
    estimate, ci_low, ci_high : float
        Probability that an observation with the outcome has the higher score, and its interval.
    standard_error : float
        Cluster-robust.
    k, n : int
        Observations with the outcome, and in all.
    n_clusters : int
        Clusters.
    """

    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    k: int
    n: int
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return result_frame(self)


@dataclass(frozen=True, slots=True)
class BudgetPrecision:
    """What alerts at a fixed budget find.

    Attributes
    ----------
    budget : float
        Share of all observations that may be looked at.
    threshold : float
        Score at and above which an alert is raised.
    precision, precision_low, precision_high : float
        Weighted share of alerts with the outcome.
    recall, recall_low, recall_high : float
        Weighted share of the outcome that is alerted; NaN without one.
    lift : float
        Precision over prevalence; NaN without an outcome.
    n_alerts, n_found, n : int
        Observations alerted, alerted with the outcome, and in all, unweighted.
    """

    budget: float
    threshold: float
    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    lift: float
    n_alerts: int
    n_found: int
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return result_frame(self)


def roc_area(
    score: ArrayLike,
    outcome: ArrayLike,
    *,
    weight: ArrayLike,
    clusterings: Sequence[ArrayLike],
    conf_level: float = 0.95,
) -> RocArea:
    r"""Area under the ROC curve with weights and clusters.

    With the placement value :math:`V_i` of an observation with the outcome, the weighted share of
    the others whose score is lower (ties count half), the area is the weighted mean of the
    :math:`V_i`.  Its variance is the sandwich of :math:`w_i(V_i - \hat A)/W` summed within
    clusters over both kinds, which for single observations is DeLong's up to G/(G-1); the interval
    is formed on the logit scale.

    Parameters
    ----------
    score : array_like, shape (n,)
        The higher, the more suspect.
    outcome : array_like of 0/1, shape (n,)
        What the score should find.
    weight : array_like, shape (n,)
        Design weights, positive.
    clusterings : sequence of array_like, each shape (n,)
        One or two ways to cluster the observations.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    RocArea
        The limits are 0 or 1 where the area is.

    Raises
    ------
    ValueError
        If all or none have the outcome, lengths differ, a score or label is missing or a weight is
        not positive.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). *Biometrics* 44, 837-845.
    https://doi.org/10.2307/2531595.
    Obuchowski, N. A. (1997). Nonparametric analysis of clustered ROC curve data. *Biometrics* 53,
    567-578. https://doi.org/10.2307/2533958.

    Examples
    --------
    >>> found = roc_area([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], weight=np.ones(4),
    ...                  clusterings=[np.arange(4)])
    >>> found.estimate
    0.75
    """
    check_level(conf_level)
    x, y, w = _checked(score, outcome, weight)
    if not 0 < y.sum() < y.size:
        raise ValueError("outcome: all are alike; both 0 and 1 are needed")
    if not 1 <= len(clusterings) <= 2:
        raise ValueError(f"clusterings: {len(clusterings)} are given; one or two are allowed")
    codes = [label_codes(f"clusterings[{i}]", c, y.size)[1] for i, c in enumerate(clusterings)]
    placed = np.empty(y.size)
    placed[y] = _below(x[y], x[~y], w[~y])
    placed[~y] = 1 - _below(x[~y], x[y], w[y])
    area = float(np.average(placed[y], weights=w[y]))
    total = np.where(y, w[y].sum(), w[~y].sum())
    variance = float(cluster_variance((w * (placed - area) / total)[:, None], codes)[0])
    error, clusters = float(np.sqrt(variance)), min(int(c.max()) + 1 for c in codes)
    low = high = area
    if 0 < area < 1:
        limits = logit_interval(area, error, df=max(clusters - 1, 1), conf_level=conf_level)
        low, high = float(limits.low), float(limits.high)
    return RocArea(area, low, high, error, int(y.sum()), y.size, clusters)


def budget_precision(
    score: ArrayLike,
    outcome: ArrayLike,
    budget: float,
    *,
    weight: ArrayLike,
    clusterings: Sequence[ArrayLike],
    conf_level: float = 0.95,
) -> BudgetPrecision:
    """Alert the highest scores, up to a share of all, and see what is found.

    Observations that tie at the threshold are alerted in the part that fits the budget.  The
    intervals are exact on effective counts and take the threshold as given.

    Parameters
    ----------
    score, outcome, weight, clusterings
        As in :func:`roc_area`.
    budget : float
        Weighted share of observations that may be alerted, inside (0, 1).
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    BudgetPrecision

    Raises
    ------
    ValueError
        If lengths differ, a score or label is missing, a weight is not positive or the budget is
        not inside (0, 1).

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). *Survey Methodology* 24, 193-201 (intervals).

    Examples
    --------
    >>> found = budget_precision([0.9, 0.8, 0.2, 0.1], [1, 0, 0, 0], 0.5, weight=np.ones(4),
    ...                          clusterings=[np.arange(4)])
    >>> found.precision, found.recall, found.n_alerts
    (0.5, 1.0, 2)
    """
    share = inside_unit("budget", budget)
    x, y, w = _checked(score, outcome, weight)
    taken, threshold = _alerted(x, w, share)
    alerts = taken > 0
    precise = effective_share(
        y[alerts].astype(float),
        weight=(w * taken)[alerts],
        clusterings=[np.asarray(c)[alerts] for c in clusterings],
        conf_level=conf_level,
    )
    recall = (np.nan, np.nan, np.nan)
    if y.any():
        caught = float((w * taken)[y].sum() / w[y].sum())
        bounds = effective_share(
            (alerts & (taken >= 0.5))[y].astype(float),
            weight=w[y],
            clusterings=[np.asarray(c)[y] for c in clusterings],
            conf_level=conf_level,
        )
        low, high = min(float(bounds.ci_low[0]), caught), max(float(bounds.ci_high[0]), caught)
        recall = (caught, low, high)
    prevalence = float(np.average(y, weights=w))
    precision = float(precise.estimate[0])
    return BudgetPrecision(
        share,
        threshold,
        precision,
        float(precise.ci_low[0]),
        float(precise.ci_high[0]),
        *recall,
        precision / prevalence if prevalence > 0 else np.nan,
        int(alerts.sum()),
        int((alerts & y).sum()),
        y.size,
    )


def _checked(
    score: ArrayLike, outcome: ArrayLike, weight: ArrayLike
) -> tuple[FloatArray, BoolArray, FloatArray]:
    x, y = as_numbers("score", score), as_indicators("outcome", outcome)
    if x.ndim != 1 or not x.size or y.shape != (x.size, 1):
        raise ValueError(f"outcome: shape {y.shape} does not fit score of shape {x.shape}")
    refuse(~np.isfinite(x), "score", "must be finite", x)
    return x, y[:, 0] > 0, as_weights("weight", weight, x.size)


def _below(x: FloatArray, others: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted share of the others below each x, ties counting half."""
    order = np.argsort(others, kind="stable")
    upto = np.concatenate([[0.0], np.cumsum(weight[order])])
    ranks = [np.searchsorted(others[order], x, side=side) for side in ("left", "right")]
    return np.asarray((upto[ranks[0]] + upto[ranks[1]]) / 2 / upto[-1])


def _alerted(x: FloatArray, w: FloatArray, budget: float) -> tuple[FloatArray, float]:
    """Part of each observation that is alerted, and the threshold."""
    values, codes = np.unique(-x, return_inverse=True)
    mass = np.bincount(codes, w)
    before = np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    room = budget * w.sum() - before
    part = np.clip(room / mass, 0.0, 1.0)
    last = int(np.flatnonzero(part > 1e-12)[-1])
    return np.asarray(np.where(part > 1e-12, part, 0.0)[codes]), float(-values[last])
