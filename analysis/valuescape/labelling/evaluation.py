"""How well labels agree with readings, with intervals over prompt groups.

Every figure takes one weight per conversation, so that the cluster bootstrap (whole prompt
groups drawn with replacement) is the same arithmetic with other weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Metric = Callable[[Floats], Floats]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: estimate and percentile interval; not a number where undefined."""

    estimate: float
    ci_low: float
    ci_high: float


def bootstrap_weights(groups: npt.NDArray[np.str_], n_boot: int, seed: int) -> Floats:
    """Return conversation weights: first all ones, then ``n_boot`` draws of whole groups.

    Parameters
    ----------
    groups : ndarray of str, shape (n,)
        Prompt group of each conversation.
    n_boot : int
        Number of draws.
    seed : int
        Of the random generator.

    Returns
    -------
    ndarray of float64, shape (n, 1 + n_boot)
        How often each conversation counts.
    """
    _, code = np.unique(groups, return_inverse=True)
    n_groups = int(code.max()) + 1
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_boot)
    return np.asarray(np.column_stack([np.ones(len(groups)), drawn.T[code]]), dtype=float)


def figure(metric: Metric, weights: Floats) -> Figure:
    """Evaluate a metric on all columns of weights: estimate first, percentiles of the rest."""
    found = metric(weights)
    rest = found[1:][np.isfinite(found[1:])]
    if not np.isfinite(found[0]) or not len(rest):
        return Figure(float(found[0]), np.nan, np.nan)
    low, high = np.quantile(rest, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(float(found[0]), float(low), float(high))


def kappa(truth: Index, called: Index, n_classes: int) -> Metric:
    """Cohen's kappa (1960, doi:10.1177/001316446002000104)."""

    def metric(weights: Floats) -> Floats:
        total = weights.sum(axis=0)
        agree = weights[truth == called].sum(axis=0) / total
        a, b = _shares(truth, weights, n_classes), _shares(called, weights, n_classes)
        chance = (a * b).sum(axis=0)
        return _ratio(agree - chance, 1 - chance)

    return metric


def macro_f1(truth: Index, called: Index, n_classes: int) -> Metric:
    """Mean over classes of the harmonic mean of precision and recall."""

    def metric(weights: Floats) -> Floats:
        a, b = _shares(truth, weights, n_classes), _shares(called, weights, n_classes)
        right = truth == called
        both = _shares(truth[right], weights[right], n_classes)
        both *= weights[right].sum(axis=0) / weights.sum(axis=0)
        return np.asarray(np.nanmean(_ratio(2 * both, a + b), axis=0))

    return metric


def accuracy(truth: Index, called: Index) -> Metric:
    """Share of conversations called as read."""
    return lambda weights: _ratio(weights[truth == called].sum(axis=0), weights.sum(axis=0))


def precision(truth: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]) -> Metric:
    """Share of the called that were read."""
    return lambda w: _ratio(w[truth & called].sum(axis=0), w[called].sum(axis=0))


def recall(truth: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]) -> Metric:
    """Share of the read that are called."""
    return lambda w: _ratio(w[truth & called].sum(axis=0), w[truth].sum(axis=0))


def base_rate(truth: npt.NDArray[np.bool_]) -> Metric:
    """Share of conversations with the value."""
    return lambda w: _ratio(w[truth].sum(axis=0), w.sum(axis=0))


def average_precision(truth: npt.NDArray[np.bool_], p: Floats) -> Metric:
    """Sum over cuts of precision times the step in recall; ties are one cut."""
    order, last = _cuts(p)

    def metric(weights: Floats) -> Floats:
        w = weights[order]
        right = np.cumsum(w * truth[order][:, None], axis=0)[last]
        called = np.cumsum(w, axis=0)[last]
        steps = np.diff(right, axis=0, prepend=0.0)
        precise = np.where(called > 0, right / np.where(called > 0, called, 1.0), 0.0)
        return _ratio((steps * precise).sum(axis=0), right[-1])

    return metric


def auc(truth: npt.NDArray[np.bool_], p: Floats) -> Metric:
    """Chance that a conversation with the value scores above one without; ties count half."""
    order, last = _cuts(p)

    def metric(weights: Floats) -> Floats:
        w, y = weights[order], truth[order][:, None]
        right = np.cumsum(w * y, axis=0)[last]
        wrong = np.cumsum(w * ~y, axis=0)[last]
        before = np.vstack([np.zeros((1, w.shape[1])), right[:-1]])
        steps = np.diff(wrong, axis=0, prepend=0.0)
        area = (steps * (before + right) / 2).sum(axis=0)
        return _ratio(area, right[-1] * wrong[-1])

    return metric


def calibration_error(truth: npt.NDArray[np.bool_], p: Floats, n_bins: int = 10) -> Metric:
    """Return the expected calibration error over bins of equal numbers of probabilities.

    Parameters
    ----------
    truth : ndarray of bool, shape (n,) or (n, k)
        What was read.
    p : ndarray of float64, same shape
        What was predicted.
    n_bins : int
        How many bins.
    """
    truth, p = truth.reshape(len(truth), -1), p.reshape(len(p), -1)
    place = np.empty(p.size, dtype=np.int64)
    place[np.argsort(p, axis=None, kind="stable")] = np.arange(p.size) * n_bins // p.size
    place = place.reshape(p.shape) + np.arange(len(p))[:, None] * n_bins
    gaps = np.bincount(place.ravel(), (truth - p).ravel(), minlength=len(p) * n_bins)
    by_bin = gaps.reshape(len(p), n_bins)

    def metric(weights: Floats) -> Floats:
        return np.asarray(
            np.abs(by_bin.T @ weights).sum(axis=0) / (weights.sum(axis=0) * p.shape[1])
        )

    return metric


def _cuts(p: Floats) -> tuple[Index, Index]:
    order = np.argsort(-p, kind="stable")
    falling = p[order]
    return order, np.flatnonzero(np.append(falling[:-1] > falling[1:], True))


def _shares(classes: Index, weights: Floats, n_classes: int) -> Floats:
    sums = np.array([weights[classes == k].sum(axis=0) for k in range(n_classes)])
    return _ratio(sums, weights.sum(axis=0))


def _ratio(a: Floats, b: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(a / b)
