"""Overlap of two labellings: precision, recall and Jaccard similarity."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, divide, result_frame
from valuescape.statistics.checks import as_indicators
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap, bootstrap_interval
from valuescape.statistics.coefficient import Agreement, coefficient
from valuescape.statistics.shares import wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Precision and recall, one element a value.

    Attributes
    ----------
    precision, precision_low, precision_high : ndarray of float64
        Share of predicted labels that the reference has; NaN with limits 0 and 1 if none was
        predicted.
    recall, recall_low, recall_high : ndarray of float64
        Share of reference labels that were predicted; NaN with limits 0 and 1 if there is none.
    n_predicted, n_reference, n_both : ndarray of int64
        Units with the label in each, and in both.
    conf_level : float
        Two-sided coverage of the limits.
    """

    precision: FloatArray
    precision_low: FloatArray
    precision_high: FloatArray
    recall: FloatArray
    recall_low: FloatArray
    recall_high: FloatArray
    n_predicted: IntArray
    n_reference: IntArray
    n_both: IntArray
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a value, one column a field."""
        return result_frame(self)


def precision_recall(
    predicted: ArrayLike,
    reference: ArrayLike,
    *,
    bootstrap: ClusterBootstrap | None = None,
    conf_level: float = 0.95,
) -> PrecisionRecall:
    """Precision and recall of predicted labels, with Wilson or cluster-bootstrap limits.

    Parameters
    ----------
    predicted, reference : array_like of bool, shape (units,) or (units, values)
        Whether each unit has the label. The reference is another labelling, not the truth.
    bootstrap : ClusterBootstrap, optional
        Resamples clusters of units; without it the limits are Wilson's, which take units as
        independent.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    PrecisionRecall
        Scalars (0-d arrays) for one-dimensional input.

    Raises
    ------
    ValueError
        If the shapes differ, there is no unit, or an entry is neither true nor false.

    References
    ----------
    Wilson, E. B. (1927). *JASA* 22, 209-212. https://doi.org/10.1080/01621459.1927.10502953

    Examples
    --------
    >>> found = precision_recall([1, 1, 1, 0, 0, 0], [1, 1, 0, 1, 0, 0])
    >>> round(float(found.precision), 3), round(float(found.recall_low), 3)
    (0.667, 0.208)
    """
    guess, truth = _marks("predicted", predicted), _marks("reference", reference)
    if guess.shape != truth.shape or guess.ndim not in (1, 2) or not guess.size:
        raise ValueError(
            f"predicted {guess.shape} and reference {truth.shape} must have one shape, "
            "(units,) or (units, values), with at least one unit"
        )
    both = guess & truth
    n_both, n_guess, n_truth = (
        np.asarray(marks.sum(axis=0), dtype=np.int64) for marks in (both, guess, truth)
    )
    precision = wilson(n_both, n_guess, conf_level=conf_level)
    recall = wilson(n_both, n_truth, conf_level=conf_level)
    limits = (precision.low, precision.high, recall.low, recall.high)
    if bootstrap is not None:
        limits = _resampled(both, guess, truth, bootstrap, conf_level)
    return PrecisionRecall(
        precision.estimate,
        limits[0],
        limits[1],
        recall.estimate,
        limits[2],
        limits[3],
        n_guess,
        n_truth,
        n_both,
        conf_level,
    )


def mean_jaccard(
    first: Sequence[Collection[Hashable]],
    second: Sequence[Collection[Hashable]],
    *,
    bootstrap: ClusterBootstrap | None = None,
    conf_level: float = 0.95,
) -> Agreement:
    """Mean over units of the Jaccard similarity of two sets of labels.

    Parameters
    ----------
    first, second : sequence of collections
        Labels of each unit; two empty sets agree fully (1).
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        With chance agreement 0.

    Raises
    ------
    ValueError
        If the lengths differ or are zero, or a unit is not a collection of labels.

    References
    ----------
    Jaccard, P. (1912). *New Phytologist* 11, 37-50.
    https://doi.org/10.1111/j.1469-8137.1912.tb05611.x

    Examples
    --------
    >>> round(mean_jaccard([{"care", "clarity"}, set()], [{"clarity"}, set()]).estimate, 2)
    0.75
    """
    if len(first) != len(second) or not len(first):
        raise ValueError(f"first ({len(first)}) and second ({len(second)}) must have one length")
    pairs = zip(_label_sets("first", first), _label_sets("second", second), strict=True)
    overlap = np.array([len(a & b) / len(a | b) if a | b else 1.0 for a, b in pairs])
    rows = np.column_stack([overlap, np.ones(overlap.size)])

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        observed = divide(sums[..., 0], sums[..., 1])
        return observed, np.zeros_like(observed)

    return coefficient("jaccard", rows, agreement, rows[:, 1] > 0, bootstrap, conf_level)


def _resampled(
    both: BoolArray,
    guess: BoolArray,
    truth: BoolArray,
    bootstrap: ClusterBootstrap,
    conf_level: float,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Cluster-bootstrap limits of precision and recall."""
    shape = both.shape[1:]
    columns = int(np.prod(shape))
    parts = [marks.reshape(marks.shape[0], columns) for marks in (both, guess, truth)]
    rows = np.column_stack(parts).astype(np.float64)

    def shares(sums: FloatArray) -> FloatArray:
        hits, size = sums[:, :columns], columns
        return np.stack(
            [divide(hits, sums[:, size : 2 * size]), divide(hits, sums[:, 2 * size :])], axis=1
        )

    low, high = bootstrap_interval(rows, shares, bootstrap, conf_level)
    low, high = np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), 1.0, high)
    return (
        low[0].reshape(shape),
        high[0].reshape(shape),
        low[1].reshape(shape),
        high[1].reshape(shape),
    )


def _marks(name: str, values: ArrayLike) -> BoolArray:
    """Validate marks that are true or false, in the shape given."""
    return np.asarray(as_indicators(name, values).reshape(np.shape(values)) > 0)


def _label_sets(name: str, units: Sequence[Collection[Hashable]]) -> list[set[Hashable]]:
    """Return the set of labels of each unit; a string would fall into its letters."""
    for index, labels in enumerate(units):
        if isinstance(labels, str) or not isinstance(labels, Collection):
            raise ValueError(f"{name}[{index}] = {labels!r}: must be a collection of labels")
    return [set(labels) for labels in units]
