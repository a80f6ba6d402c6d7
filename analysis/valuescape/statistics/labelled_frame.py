"""A frame that a machine labels whole and of which readers read a probability sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, as_floats, refuse
from valuescape.statistics.groups import group_sums, label_codes, missing


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """A frame labelled by machine, of which a sample was read.

    Attributes
    ----------
    read : ndarray of bool, shape (n_frame,)
        Whether the conversation was read.
    stratum, cluster, fold : ndarray of int, shape (n_frame,)
        Sampling stratum, prompt group, and the fold whose labeller made the machine label.
    weight : ndarray, shape (n_frame,)
        Conversations of the frame that a conversation read stands for, 0 where not read.  In each
        stratum the weights add up to the stratum's size.
    factor : ndarray, shape (n_frame,)
        Square root of G / (G - 1), G being the clusters read in the stratum; 0 where not read.
    """

    read: BoolArray
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]
    fold: NDArray[np.intp]
    weight: FloatArray
    factor: FloatArray

    @classmethod
    def of(
        cls,
        read: ArrayLike,
        stratum: ArrayLike,
        cluster: ArrayLike,
        fold: ArrayLike,
        *,
        inclusion: ArrayLike | None = None,
    ) -> LabelledFrame:
        r"""Code strata, clusters and folds from any labels, and weight the readings.

        A conversation read in stratum h weighs :math:`N_h \pi_i^{-1} / \sum_{j} \pi_j^{-1}`, the
        sum being over those read in the stratum: inverse inclusion probabilities, calibrated to
        the known size of the stratum (post-stratification).

        Parameters
        ----------
        read : array_like of bool, shape (n_frame,)
            Whether each conversation was read.
        stratum, cluster, fold : array_like, shape (n_frame,)
            Labels of any kind; none may be missing, and a cluster lies in one fold.
        inclusion : array_like, shape (n_frame,), optional
            Probability of being read, looked at where read.  When absent, all conversations of a
            stratum had the same.

        Returns
        -------
        LabelledFrame

        Raises
        ------
        ValueError
            If lengths differ, a label or the inclusion probability of a conversation read is
            missing, a probability is outside (0, 1], a stratum has conversations read of fewer
            than two clusters, there is only one fold, or a cluster lies in two folds.

        Examples
        --------
        >>> LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7]).fold.tolist()
        [0, 1, 0]
        """
        was_read = _flags(read)
        strata, clusters, folds = (
            label_codes(name, labels, was_read.size)[1]
            for name, labels in (("stratum", stratum), ("cluster", cluster), ("fold", fold))
        )
        n_read = _clusters_read(was_read, strata, clusters, stratum)
        _check_folds(clusters, folds)
        factor = np.where(was_read, np.sqrt(n_read / (n_read - 1))[strata], 0.0)
        weight = _weights(was_read, strata, inclusion)
        return cls(was_read, strata, clusters, folds, weight, factor)

    @property
    def n_clusters(self) -> int:
        """Clusters with a conversation read."""
        return int(np.unique(self.cluster[self.read]).size)


def sampling_error(values: FloatArray, frame: LabelledFrame) -> FloatArray:
    r"""Contribution of each conversation read to the error of the mean of `values`.

    :math:`\sqrt{G_h/(G_h-1)}\; w_i (z_i - \bar z_h) / N`, with the weighted stratum mean.  Squared
    sums over clusters estimate the variance of the weighted mean under the design.

    Parameters
    ----------
    values : ndarray, shape (n_frame,) or (n_frame, m)
        Looked at where read.
    frame : LabelledFrame
        Which were read, strata, clusters.

    Returns
    -------
    ndarray, shape (n_read,) or (n_read, m)

    References
    ----------
    Sarndal, Swensson & Wretman (1992), section 5.5 and 7.6, doi:10.1007/978-1-4612-4378-6.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7])
    >>> sampling_error(np.array([1.0, 0.0, 9.0]), frame).round(4).tolist()
    [0.3536, -0.3536]
    """
    centred = values[frame.read] - stratum_means(values, frame)[frame.stratum[frame.read]]
    scale = (frame.weight * frame.factor)[frame.read] / frame.read.size
    return np.asarray(scale * centred if values.ndim == 1 else scale[:, None] * centred)


def stratum_means(values: FloatArray, frame: LabelledFrame) -> FloatArray:
    """Weighted mean of the conversations read in each stratum.

    Parameters
    ----------
    values : ndarray, shape (n_frame,) or (n_frame, m)
        Looked at where read.

    Returns
    -------
    ndarray, shape (n_strata,) or (n_strata, m)

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7])
    >>> stratum_means(np.array([1.0, 0.0, 9.0]), frame).tolist()
    [0.5]
    """
    stratum, weight = frame.stratum[frame.read], frame.weight[frame.read]
    size = np.bincount(stratum, weights=weight)
    seen = values[frame.read]
    if values.ndim == 1:
        return np.asarray(group_sums(weight * seen, stratum) / size)
    return np.asarray(group_sums(weight[:, None] * seen, stratum) / size[:, None])


def cluster_sums(influence: FloatArray, frame: LabelledFrame) -> FloatArray:
    """Sum contributions of conversations read over each cluster of the frame.

    Parameters
    ----------
    influence : ndarray, shape (n_read,) or (n_read, m)

    Returns
    -------
    ndarray, shape (n_clusters_frame,) or (n_clusters_frame, m)

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7])
    >>> cluster_sums(np.array([1.0, 2.0]), frame).tolist()
    [1.0, 2.0, 0.0]
    """
    sums = group_sums(influence, frame.cluster[frame.read])
    unread = int(frame.cluster.max()) + 1 - sums.shape[0]
    return np.concatenate([sums, np.zeros((unread, *sums.shape[1:]))])


def fold_of_cluster(frame: LabelledFrame) -> NDArray[np.intp]:
    """Fold of each cluster of the frame.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7])
    >>> fold_of_cluster(frame).tolist()
    [0, 1, 0]
    """
    found = np.zeros(int(frame.cluster.max()) + 1, dtype=np.intp)
    found[frame.cluster] = frame.fold
    return found


def indicator(name: str, reading: ArrayLike, frame: LabelledFrame) -> FloatArray:
    """0/1 readings, with 0 where nothing was read.

    Raises
    ------
    ValueError
        If the length is not that of the frame, or a conversation read has neither 0 nor 1.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7])
    >>> indicator("reading", [1, 0, float("nan")], frame).tolist()
    [1.0, 0.0, 0.0]
    """
    y = _of_frame(name, reading, frame)
    refuse(
        frame.read & (y != 0) & (y != 1), name, "a reading is 0 or 1 where a conversation was read",
        y,
    )  # fmt: skip
    return np.where(frame.read, y, 0.0)


def probability(name: str, machine: ArrayLike, frame: LabelledFrame) -> FloatArray:
    """Machine probabilities of every conversation of the frame.

    Raises
    ------
    ValueError
        If the length is not that of the frame, or a probability is missing or outside [0, 1].

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7])
    >>> probability("machine", [1, 0, 0.5], frame).tolist()
    [1.0, 0.0, 0.5]
    """
    f = _of_frame(name, machine, frame)
    refuse(~((f >= 0) & (f <= 1)), name, "a machine probability lies in [0, 1]", f)
    return f


def snapped(share: float) -> float:
    """Return a share within [0, 1], exactly 0 or 1 where only rounding keeps it from that.

    Examples
    --------
    >>> snapped(1.0 + 2e-16), snapped(-1e-17), snapped(0.25)
    (1.0, 0.0, 0.25)
    """
    nearest = float(round(share))
    return float(np.clip(nearest if abs(share - nearest) < 1e-14 else share, 0.0, 1.0))


def _of_frame(name: str, values: ArrayLike, frame: LabelledFrame) -> FloatArray:
    array = as_floats(name, values)
    if array.shape != frame.read.shape:
        raise ValueError(f"{name}: shape {array.shape}; the frame has {frame.read.size} rows")
    return array


def _flags(read: ArrayLike) -> BoolArray:
    array = np.asarray(read)
    if array.ndim != 1 or array.size == 0:
        raise ValueError("read: one flag a conversation of the frame is needed, at least one")
    refuse(missing(array), "read", "is missing")
    refuse(~np.isin(array, (0, 1)), "read", "a flag is true or false", array)
    return array.astype(bool)


def _clusters_read(
    read: BoolArray, stratum: NDArray[np.intp], cluster: NDArray[np.intp], labels: ArrayLike
) -> NDArray[np.intp]:
    """Clusters with a conversation read in each stratum, at least two."""
    pairs = np.unique(stratum[read] * (int(cluster.max()) + 1) + cluster[read])
    n_read = np.bincount(pairs // (int(cluster.max()) + 1), minlength=int(stratum.max()) + 1)
    if n_read.min() < 2:
        name = np.asarray(labels)[np.argmax(stratum == np.argmin(n_read))]
        raise ValueError(
            f"stratum: {name} has conversations read of {n_read.min()} clusters; "
            "at least two are needed"
        )
    return n_read


def _check_folds(cluster: NDArray[np.intp], fold: NDArray[np.intp]) -> None:
    if fold.max() == 0:
        raise ValueError("fold: machine labels have one; cross-fitting needs at least two")
    first = np.zeros(int(cluster.max()) + 1, dtype=np.intp)
    first[cluster] = fold
    refuse(
        first[cluster] != fold, "fold", "the cluster of this conversation is in another fold too"
    )


def _weights(read: BoolArray, stratum: NDArray[np.intp], inclusion: ArrayLike | None) -> FloatArray:
    chance = np.ones(read.size) if inclusion is None else as_floats("inclusion", inclusion)
    if chance.shape != read.shape:
        raise ValueError(f"inclusion: shape {chance.shape}; read has {read.size} rows")
    refuse(
        read & ~((chance > 0) & (chance <= 1)),
        "inclusion",
        "a conversation that was read needs its inclusion probability, in (0, 1]",
        chance,
    )
    raw = np.where(read, 1.0 / np.where(read, chance, 1.0), 0.0)
    return np.asarray(raw * (np.bincount(stratum) / np.bincount(stratum, weights=raw))[stratum])
