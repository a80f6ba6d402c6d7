"""Estimating equations of a logistic regression on readings and machine labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.groups import group_sums, stratum_factors
from valuescape.statistics.labelled_frame import (
    LabelledFrame,
    cluster_sums,
    fold_of_cluster,
    sampling_error,
    stratum_means,
)
from valuescape.statistics.power_tuning import tuning_powers
from valuescape.statistics.rectified import Domain

STEPS = 60
LARGEST_STEP = 4.0
TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class LogitData:
    """Outcome, machine, domain and covariates of every conversation of a frame.

    Attributes
    ----------
    y, f : ndarray, shape (n_frame,)
        Readings (0 where not read) and machine probabilities, both joint with the domain.
    domain : Domain
        Membership as read and as the machine has it.
    x : ndarray, shape (n_frame, p)
        Covariates.
    frame : LabelledFrame
        Sample, clusters and folds.
    """

    y: FloatArray
    f: FloatArray
    domain: Domain
    x: FloatArray
    frame: LabelledFrame


def solve(data: LogitData, powers: FloatArray | None, what: str) -> FloatArray:
    """Coefficients at which the estimating equations hold, by Newton's method.

    Parameters
    ----------
    data : LogitData
        The data.
    powers : ndarray, shape (n_frame,), optional
        Weight of the machine in each row; when absent the machine labels are taken for the truth.
    what : str
        What the equations are about, for the message.

    Returns
    -------
    ndarray, shape (p,)

    Raises
    ------
    ValueError
        If no finite coefficients solve them.

    Examples
    --------
    >>> rows = np.arange(4)
    >>> frame = LabelledFrame.of(rows >= 0, rows * 0, rows, rows % 2)
    >>> y = np.array([1.0, 0.0, 0.0, 0.0])
    >>> data = LogitData(y, y, Domain.known(rows >= 0, frame), np.ones((4, 1)), frame)
    >>> solve(data, np.zeros(4), "the readings").round(4).tolist()
    [-1.0986]
    """
    outcome, weight = _pseudo(data, powers)
    size = data.frame.read.size
    beta = np.zeros(data.x.shape[1])
    for _ in range(STEPS):
        mu = special.expit(data.x @ beta)
        step = _newton(data.x, weight * mu * (1 - mu) / size, outcome - weight * mu, what)
        moved = float(np.max(np.abs(data.x @ step)))
        beta = beta + step * min(1.0, LARGEST_STEP / max(moved, LARGEST_STEP))
        if moved < TOLERANCE * (1.0 + float(np.max(np.abs(data.x @ beta)))):
            return beta
    raise ValueError(f"no finite coefficients fit {what}")


def cluster_errors(
    data: LogitData, beta: FloatArray, powers: FloatArray, *, whole: bool
) -> FloatArray:
    r"""Contribution of each cluster to the errors of the coefficients.

    For the frame, those of the readings, :math:`A^{-1}` times the sampling error of
    :math:`x[(y-\mu)-\lambda(f-\mu)]`.  For a superpopulation (`whole`), those of every cluster of
    the frame to the estimating equations.

    Parameters
    ----------
    data : LogitData
        The data.
    beta : ndarray, shape (p,)
        Where the equations hold.
    powers : ndarray, shape (n_frame,)
        Weight of the machine in each row.
    whole : bool
        Whether the clusters of the frame are themselves a sample.

    Returns
    -------
    ndarray, shape (n_clusters_frame, p)

    Examples
    --------
    >>> rows = np.arange(4)
    >>> frame = LabelledFrame.of(rows >= 0, rows * 0, rows, rows % 2)
    >>> y = np.array([1.0, 1.0, 0.0, 0.0])
    >>> data = LogitData(y, y, Domain.known(rows >= 0, frame), np.ones((4, 1)), frame)
    >>> errors = cluster_errors(data, np.zeros(1), np.zeros(4), whole=False)
    >>> (errors**2).sum(axis=0).round(4).tolist()
    [1.3333]
    """
    own, auxiliary = scores(data, beta)
    _, weight = _pseudo(data, powers)
    mu = special.expit(data.x @ beta)
    bread = _information(data.x, weight * mu * (1 - mu) / data.frame.read.size)
    meat = _meat(own, data.frame, whole=whole)
    meat = meat + _machine_meat(powers[:, None] * auxiliary, data.frame, whole=whole)
    return np.asarray(np.linalg.solve(bread, meat.T).T)


def tuned_powers(
    data: LogitData, plain: FloatArray, tuning: float | None, *, whole: bool
) -> FloatArray:
    """Weight of the machine for each fold: the one given, or that of the smallest variance.

    Parameters
    ----------
    data : LogitData
        The data.
    plain : ndarray, shape (p,)
        Coefficients by readings alone.
    tuning : float, optional
        One weight for all folds.
    whole : bool
        Whether the clusters of the frame are themselves a sample.

    Returns
    -------
    ndarray, shape (n_folds,)

    Examples
    --------
    >>> rows = np.arange(8)
    >>> frame = LabelledFrame.of(rows < 4, rows * 0, rows, rows % 2)
    >>> y = (rows % 4 < 2) * 1.0
    >>> data = LogitData(y * frame.read, y, Domain.known(y >= 0, frame), np.ones((8, 1)), frame)
    >>> tuned_powers(data, np.zeros(1), None, whole=False).tolist()
    [1.0, 1.0]
    """
    n_folds = int(data.frame.fold.max()) + 1
    if tuning is not None:
        return np.full(n_folds, tuning)
    own, auxiliary = scores(data, plain)
    mu = special.expit(data.x @ plain)
    weight = data.frame.weight * data.domain.reading * mu * (1 - mu)
    bread = _information(data.x, weight / data.frame.read.size)
    target = np.linalg.solve(bread, _meat(own, data.frame, whole=whole).T).T
    other = -np.linalg.solve(bread, _machine_meat(auxiliary, data.frame, whole=whole).T).T
    scale = np.sqrt(np.sum(target**2, axis=0))
    return tuning_powers(target / scale, other / scale, fold_of_cluster(data.frame), n_folds)


def scores(data: LogitData, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scores by reading and by machine, each of shape (n_frame, p).

    Examples
    --------
    >>> rows = np.arange(2)
    >>> frame = LabelledFrame.of(rows >= 0, rows * 0, rows, rows % 2)
    >>> y, f = np.array([1.0, 0.0]), np.array([0.75, 0.5])
    >>> data = LogitData(y, f, Domain.known(rows >= 0, frame), np.ones((2, 1)), frame)
    >>> [a.ravel().tolist() for a in scores(data, np.zeros(1))]
    [[0.5, -0.5], [0.25, 0.0]]
    """
    mu = special.expit(data.x @ beta)
    own = (data.y - data.domain.reading * mu)[:, None] * data.x
    return own, (data.f - data.domain.machine * mu)[:, None] * data.x


def _pseudo(data: LogitData, powers: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Outcome and weight of each row such that the sum of x(outcome - weight * mu) is 0."""
    if powers is None:
        return data.f, data.domain.machine
    w = data.frame.weight
    outcome = powers * data.f + w * (data.y - powers * data.f)
    weight = powers * data.domain.machine
    return outcome, weight + w * (data.domain.reading - weight)


def _newton(x: FloatArray, information: FloatArray, residual: FloatArray, what: str) -> FloatArray:
    matrix = _information(x, information)
    try:
        np.linalg.cholesky(matrix)
        return np.asarray(np.linalg.solve(matrix, x.T @ residual / x.shape[0]))
    except np.linalg.LinAlgError:
        raise ValueError(f"no finite coefficients fit {what}") from None


def _information(x: FloatArray, weight: FloatArray) -> FloatArray:
    return np.asarray((x * weight[:, None]).T @ x)


def _meat(own: FloatArray, frame: LabelledFrame, *, whole: bool) -> FloatArray:
    """Contribution of each cluster to the mean of a score known where read."""
    if not whole:
        return cluster_sums(sampling_error(own, frame), frame)
    n_clusters = int(frame.cluster.max()) + 1
    correction = np.sqrt(n_clusters / max(n_clusters - 1, 1)) / frame.read.size
    means = stratum_means(own, frame)[frame.stratum]
    read = frame.weight * frame.factor / np.sqrt(stratum_factors(frame.stratum, frame.cluster))
    rows = means + read[:, None] * (own - means)
    return np.asarray(correction * group_sums(rows, frame.cluster))


def _machine_meat(auxiliary: FloatArray, frame: LabelledFrame, *, whole: bool) -> FloatArray:
    """Contribution of each cluster to the mean of the machine's score, frame less sample."""
    sample = _meat(auxiliary, frame, whole=whole)
    if not whole:
        return -sample
    n_clusters = int(frame.cluster.max()) + 1
    correction = np.sqrt(n_clusters / max(n_clusters - 1, 1)) / frame.read.size
    return np.asarray(correction * group_sums(auxiliary, frame.cluster) - sample)
