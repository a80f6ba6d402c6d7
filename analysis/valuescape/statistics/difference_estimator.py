"""Difference estimator of anything that is linearised: readings, adjusted by the machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.groups import group_sums
from valuescape.statistics.labelled_frame import (
    LabelledFrame,
    cluster_sums,
    fold_of_cluster,
    sampling_error,
)
from valuescape.statistics.power_tuning import phi_squared, tuning_powers


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An estimate by readings, adjusted by an auxiliary variable that the machine gives.

    Attributes
    ----------
    estimate : float
        The adjusted estimate.
    error, plain_error : ndarray, shape (n_clusters_frame,)
        Contributions of clusters to the error with and without adjustment.
    power : ndarray, shape (n_folds,)
        Weight of the machine in each fold.
    tuned : ndarray, shape (n_frame,)
        The auxiliary variable times its weight.
    phi_squared : float
        Squared correlation of the two linearised variables within strata.
    """

    estimate: float
    error: FloatArray
    plain_error: FloatArray
    power: FloatArray
    tuned: FloatArray
    phi_squared: float


def adjusted(
    plain: float,
    linear: FloatArray,
    auxiliary: FloatArray,
    frame: LabelledFrame,
    tuning: float | None,
    *,
    beyond_frame: bool = False,
) -> Adjusted:
    r"""Adjust an estimate by readings with a variable whose mean over the frame is known.

    .. math:: \hat\theta = \hat\theta_s
        + \frac1N\Big(\sum_U \lambda_i g_i - \sum_s w_i \lambda_i g_i\Big)

    over frame U and readings s, with the linearised estimate of the machine as auxiliary g.

    Parameters
    ----------
    plain : float
        The estimate by readings.
    linear : ndarray, shape (n_frame,)
        Its linearised contributions; looked at where read.
    auxiliary : ndarray, shape (n_frame,)
        Those of the same estimate by machine.
    frame : LabelledFrame
        Sample and folds.
    tuning : float, optional
        Weight of the machine; estimated for each fold from the others when absent.
    beyond_frame : bool, default False
        Whether the frame is a draw of clusters itself, so that what the machine says of it varies
        too; each cluster then adds :math:`\frac1N \sum_{i \in c} \lambda_i g_i` to the error.

    Returns
    -------
    Adjusted

    References
    ----------
    Sarndal, Swensson & Wretman (1992), ch. 6, doi:10.1007/978-1-4612-4378-6.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 2], [0, 1, 0])
    >>> y, g = np.array([1.0, 0.0, 0.0]), np.array([0.1, -0.3, 0.2])
    >>> round(adjusted(0.5, y - 0.5, g, frame, 1.0).estimate, 6)
    0.6
    """
    power = _power(linear, auxiliary, frame, tuning)
    tuned = power[frame.fold] * auxiliary
    error = cluster_sums(sampling_error(linear - tuned, frame), frame)
    if beyond_frame:
        error = error + frame_error(tuned, frame)
    return Adjusted(
        plain + float(tuned.mean() - frame.weight @ tuned / frame.read.size),
        error,
        cluster_sums(sampling_error(linear, frame), frame),
        power,
        tuned,
        phi_squared(linear, auxiliary, frame),
    )


def frame_error(tuned: FloatArray, frame: LabelledFrame) -> FloatArray:
    """Contribution of each cluster to the error of the mean of `tuned`, were the frame a draw.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 1], [0, 1, 1])
    >>> frame_error(np.array([0.6, 0.0, 0.0]), frame).round(3).tolist()
    [0.133, -0.133]
    """
    return group_sums((tuned - tuned.mean()) / frame.read.size, frame.cluster)


def _power(
    linear: FloatArray, auxiliary: FloatArray, frame: LabelledFrame, tuning: float | None
) -> FloatArray:
    n_folds = int(frame.fold.max()) + 1
    if tuning is not None:
        return np.full(n_folds, tuning)
    target, other = (cluster_sums(sampling_error(a, frame), frame) for a in (linear, auxiliary))
    return tuning_powers(target, other, fold_of_cluster(frame), n_folds)
