"""Scores of a stratified test of contexts against items, and their covariance, cell by cell.

A factor is what an observation has one of (columns of indicators that add up to 1) or a single item
that it has or has not (one column).  Everything is summed over strata: excess over expectation and
both covariances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.groups import group_sums, stratum_factors
from valuescape.statistics.pick_any import Observations

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Layout:
    """Observations with their items, centred within strata.

    Attributes
    ----------
    design : Observations
        Weights and clusters.
    stratum : ndarray of int, shape (n,)
        Codes from 0.
    items : ndarray, shape (n, n_items)
        Picks less their weighted prevalence in the stratum.
    prevalence : ndarray, shape (n_strata, n_items)
        That prevalence.
    """

    design: Observations
    stratum: NDArray[np.intp]
    items: FloatArray
    prevalence: FloatArray

    @classmethod
    def of(cls, picks: FloatArray, stratum: NDArray[np.intp], design: Observations) -> Layout:
        """Centre picks, shape (n, n_items), within strata."""
        prevalence = _means(picks, stratum, design.weight)
        return cls(design, stratum, picks - prevalence[stratum], prevalence)

    @property
    def size(self) -> FloatArray:
        """Weight of each stratum."""
        return np.bincount(self.stratum, self.design.weight).astype(np.float64)

    @property
    def unit(self) -> float:
        """Squared weight of all observations over their number."""
        weight = self.design.weight
        return float(weight.sum() ** 2 / weight.size)


@dataclass(frozen=True, slots=True)
class Scores:
    """One factor against all items; ``rank`` directions an item.

    Attributes
    ----------
    statistic : ndarray, shape (n_items,)
        Squared length of the scaled excess.
    rank : ndarray of int, shape (n_items,)
        Degrees of freedom; 0 where no stratum has both different contexts and varying picks.
    trace, trace_squares : ndarray, shape (n_items,)
        Of the covariance summed over clusters.
    plain_trace, plain_trace_squares : ndarray, shape (n_items,)
        Of that of independent observations of one weight.
    by_cluster : ndarray, shape (n_clusters, sum of ranks)
        What each cluster adds to the scaled excess, less what the contexts predict.
    """

    statistic: FloatArray
    rank: NDArray[np.intp]
    trace: FloatArray
    trace_squares: FloatArray
    plain_trace: FloatArray
    plain_trace_squares: FloatArray
    by_cluster: FloatArray


def scores(factor: FloatArray, layout: Layout, *, choice: bool) -> Scores:
    r"""Score one factor against every item.

    With weights w, the factor's indicators x less their stratum's shares :math:`a_h`, and item v's
    picks y less their stratum's prevalence :math:`p_{vh}`, the excess is :math:`D_v = \sum_i w_i
    (x_i - a_h)(y_{iv} - p_{vh})`, and its scale the covariance under independence within strata,
    :math:`V_v = \frac{W^2}{n} \sum_h \frac{W_h}{W} p_{vh} (1 - p_{vh}) M_h`, with the covariance
    :math:`M_h` of the indicators in stratum h.  An observation's part in the error of D is its own
    term, for a choice with y less what stratum and context predict of it by weighted regression,
    less the mean term of the stratum.

    Parameters
    ----------
    factor : ndarray of 0/1, shape (n, n_columns)
    layout : Layout
    choice : bool
        Whether the columns are the contexts of one choice.

    Examples
    --------
    >>> from valuescape.statistics.pick_any import observations
    >>> picks = np.array([[1.0], [0], [1], [0]])
    >>> layout = Layout.of(picks, np.zeros(4, dtype=int), observations(4, None, None))
    >>> scores(np.array([[1.0], [1], [0], [0]]), layout, choice=False).statistic.tolist()
    [0.0]
    """
    weight, stratum = layout.design.weight, layout.stratum
    share = _means(factor, stratum, weight)
    x = factor - share[stratum]
    spread = np.einsum("hi,ij->hij", share, np.eye(share.shape[1])) - np.einsum(
        "hi,hj->hij", share, share
    )
    excess = (weight[:, None] * x).T @ layout.items
    root, _ = _whitening(np.einsum("h,hij->ij", layout.size, spread))
    slopes = root @ (root.T @ excess)
    pull = weight.copy()
    if not layout.design.plain:
        pull *= np.sqrt(stratum_factors(stratum, layout.design.cluster))
    parts = [
        _item(v, excess, slopes, x, share, spread, pull, layout, choice)
        for v in range(layout.items.shape[1])
    ]
    statistic, rank, trace, trace_squares, plain, plain_squares, by_cluster = zip(
        *parts, strict=True
    )
    return Scores(
        np.array(statistic),
        np.array(rank, dtype=np.intp),
        np.array(trace),
        np.array(trace_squares),
        np.array(plain),
        np.array(plain_squares),
        np.hstack(by_cluster),
    )


def _item(
    v: int,
    excess: FloatArray,
    slopes: FloatArray,
    x: FloatArray,
    share: FloatArray,
    spread: FloatArray,
    pull: FloatArray,
    layout: Layout,
    choice: bool,
) -> tuple[float, int, float, float, float, float, FloatArray]:
    p = layout.prevalence[:, v]
    mass = layout.unit * layout.size / layout.size.sum()
    scale, rank = _whitening(np.einsum("h,hij->ij", mass * p * (1 - p), spread))
    if choice:
        residual = _centred(x * (layout.items[:, v] - x @ slopes[:, v])[:, None], layout)
        plain = _plain_choice(slopes[:, v], p, share, mass)
    else:
        residual = _centred(x * layout.items[:, [v]], layout)
        square = _means(residual**2, layout.stratum, layout.design.weight)
        plain = np.atleast_2d(mass @ square)
    by_cluster = group_sums(pull[:, None] * residual, layout.design.cluster) @ scale
    robust = by_cluster.T @ by_cluster
    plain = scale.T @ plain @ scale
    return (
        float(np.sum((excess[:, v] @ scale) ** 2)),
        rank,
        float(np.trace(robust)),
        float(np.sum(robust**2)),
        float(np.trace(plain)),
        float(np.sum(plain**2)),
        by_cluster,
    )


def _plain_choice(
    slope: FloatArray, p: FloatArray, share: FloatArray, mass: FloatArray
) -> FloatArray:
    """Covariance of the excess, were observations independent, at the predicted prevalences."""
    fitted = p[:, None] + slope[None, :] - (share @ slope)[:, None]
    variance = np.clip(fitted * (1 - fitted), 0.0, None)
    own = mass[:, None] * share * variance
    pulled = np.einsum("hj,hi->ij", own, share)
    both = np.einsum("hj,hi,hk->ik", own, share, share)
    return np.asarray(np.diag(own.sum(axis=0)) - pulled - pulled.T + both)


def _whitening(covariance: FloatArray) -> tuple[FloatArray, int]:
    """Inverse square root on the directions that vary, shape (n_columns, rank)."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > _ROUNDING * max(float(values[-1]), _ROUNDING)
    return vectors[:, kept] / np.sqrt(values[kept]), int(kept.sum())


def _centred(values: FloatArray, layout: Layout) -> FloatArray:
    centre = _means(values, layout.stratum, layout.design.weight)
    centred: FloatArray = values - centre[layout.stratum]
    return centred


def _means(values: FloatArray, stratum: NDArray[np.intp], weight: FloatArray) -> FloatArray:
    """Weighted mean of each column in each stratum."""
    sums = group_sums(weight[:, None] * values, stratum)
    means: FloatArray = sums / np.bincount(stratum, weight)[:, None]
    return means
