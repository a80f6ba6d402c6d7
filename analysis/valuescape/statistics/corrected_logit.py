"""Logistic regression of a value on covariates, corrected for the machine's errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, as_numbers, check_level, divide, refuse
from valuescape.statistics.intervals import critical_value
from valuescape.statistics.labelled_frame import LabelledFrame, indicator, probability
from valuescape.statistics.logit_scores import LogitData, cluster_errors, solve, tuned_powers
from valuescape.statistics.options import Inference, check_option
from valuescape.statistics.power_tuning import check_tuning, gain, phi_squared
from valuescape.statistics.rectified import Domain
from valuescape.statistics.student import student_log10_p

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CorrectedLogit", "Domain", "Inference", "corrected_logit"]


@dataclass(frozen=True, slots=True)
class CorrectedLogit:
    """Coefficients of a logistic regression, with and without correction.

    Attributes
    ----------
    names : tuple of str, length p
        Columns of the design matrix.
    coefficient, ci_low, ci_high, standard_error, log10_p : ndarray, shape (p,)
        Corrected log odds, their intervals, and the two-sided test that each is 0 (minus infinity
        where the machine never errs and so leaves no error).
    readings, readings_standard_error : ndarray, shape (p,)
        By readings alone (design-weighted).
    machine : ndarray, shape (p,)
        By machine probabilities alone, uncorrected.
    gain, effective_readings : ndarray, shape (p,)
        Variance by readings alone over the corrected one, and the readings that would be as
        precise without the machine.
    covariance : ndarray, shape (p, p)
        Of the corrected coefficients.
    phi_squared, tuning : float
        Squared correlation of machine and reading within strata; mean weight of the machine.
    inference : {"frame", "superpopulation"}
        What the standard errors refer to.
    n_read, n_frame, n_clusters, df : int
        Conversations read (in the domain), in the frame; prompt groups read; degrees of freedom.
    """

    names: tuple[str, ...]
    coefficient: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    log10_p: FloatArray
    readings: FloatArray
    readings_standard_error: FloatArray
    machine: FloatArray
    gain: FloatArray
    effective_readings: FloatArray
    covariance: FloatArray
    phi_squared: float
    tuning: float
    inference: Inference
    n_read: int
    n_frame: int
    n_clusters: int
    df: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, its ``estimate``, without the covariance."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in self.__slots__ if name != "covariance"}
        named = {"names": "name", "coefficient": "estimate"}
        return pd.DataFrame(columns | {"names": list(self.names)}).rename(columns=named)


def corrected_logit(
    reading: ArrayLike,
    machine: ArrayLike,
    frame: LabelledFrame,
    design_matrix: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    domain: Domain | None = None,
    tuning: float | None = None,
    inference: Inference = "frame",
    conf_level: float = 0.95,
) -> CorrectedLogit:
    r"""Logistic regression on covariates known in the whole frame.

    Solves

    .. math:: \sum_{i \in U} \lambda_i x_i (f_i - \mu_i)
        + \sum_{i \in s} w_i x_i [(y_i - \mu_i) - \lambda_i (f_i - \mu_i)] = 0,
        \quad \mu_i = \operatorname{expit}(x_i^\top\beta),

    over frame U and readings s.  With :math:`\lambda = 1` it is
    :math:`\sum_U x_i(\tilde y_i - \mu_i) = 0` with the pseudo-outcome :math:`\tilde y_i = f_i + w_i
    (y_i - f_i)` of design-based supervised learning, w being calibrated inverse inclusion
    probabilities; with :math:`\lambda = 0` the weighted regression of the readings.  Between them
    :math:`\lambda` (power tuning) minimises, for each fold on the others, the sum over coefficients
    of the variance relative to that by readings alone, so that units of covariates do not matter.
    Errors are clustered by prompt group, sandwiched and, inside the sample, centred by stratum.

    Parameters
    ----------
    reading, machine : array_like, shape (n_frame,)
        0/1 where read; cross-fitted probability everywhere.
    frame : LabelledFrame
        Which were read, strata, clusters, folds.
    design_matrix : array_like, shape (n_frame, p)
        Covariates, a constant among them if one is wanted.
    names : sequence of str, optional
        Names of the columns; ``x0``, ``x1``, ... when absent.
    domain : Domain, optional
        Conversations that the regression is about, known or labelled; all when absent.  Readings
        must lie inside, and ``machine`` is the joint probability of value and domain.
    tuning : float, optional
        A weight of the machine fixed beforehand, in [0, 1].
    inference : {"frame", "superpopulation"}, default "frame"
        Whether the machine labels of the frame are fixed, or the frame's clusters are themselves
        drawn from something larger (which adds their sampling error).
    conf_level : float, default 0.95
        Two-sided coverage of the t intervals at G - p degrees of freedom.

    Returns
    -------
    CorrectedLogit
        Arrays of shape (p,).

    Raises
    ------
    ValueError
        If an array is not as described, columns are linearly dependent among the conversations
        read, readings are all of one kind, no finite coefficients solve the equations, or there
        are no more clusters than coefficients.

    References
    ----------
    Egami, Hinck, Stewart & Wei (2023), arXiv:2306.04746; Egami, Hinck, Stewart & Wei (2024),
    doi:10.1177/00491241241259632; Angelopoulos, Duchi & Zrnic (2023), arXiv:2311.01453; Binder
    (1983), doi:10.2307/1402588 (sandwich under a design).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = np.arange(6000)
    >>> x = np.column_stack([np.ones(6000), rng.random(6000) < 0.5])
    >>> truth = rng.random(6000) < np.where(x[:, 1] > 0, 0.4, 0.2)
    >>> frame = LabelledFrame.of(rng.random(6000) < 0.2, rows * 0, rows, rows % 10)
    >>> machine = np.clip(0.2 + 0.5 * truth + 0.1 * x[:, 1], 0, 1)
    >>> found = corrected_logit(truth, machine, frame, x, names=["constant", "task"])
    >>> found.coefficient.round(1).tolist(), bool(found.gain.min() > 2)
    ([-1.3, 0.9], True)
    """
    check_option("inference", inference, Inference)
    y, f = indicator("reading", reading, frame), probability("machine", machine, frame)
    inside = domain or Domain.known(np.ones(frame.read.size), frame)
    if inside.machine.shape != frame.read.shape:
        raise ValueError(f"domain: of {inside.machine.size} rows; the frame has {frame.read.size}")
    data = LogitData(y, f, inside, _matrix(design_matrix, frame), frame)
    labels = _labels(names, data.x.shape[1])
    df = _check(data, labels)
    whole = inference == "superpopulation"
    plain = solve(data, np.zeros(frame.read.size), "the readings")
    powers = tuned_powers(data, plain, check_tuning(tuning), whole=whole)
    coefficient = solve(data, powers[frame.fold], "the corrected labels")
    errors = cluster_errors(data, coefficient, powers[frame.fold], whole=whole)
    plain_errors = cluster_errors(data, plain, np.zeros(frame.read.size), whole=whole)
    covariance = errors.T @ errors
    error, plain_error = (np.sqrt(np.sum(e**2, axis=0)) for e in (errors, plain_errors))
    reach = critical_value(check_level(conf_level), df) * error
    gained = np.array([gain(a, b) for a, b in zip(plain_error**2, error**2, strict=True)])
    n_read = int(inside.reading.sum())
    return CorrectedLogit(
        names=labels,
        coefficient=coefficient,
        ci_low=coefficient - reach,
        ci_high=coefficient + reach,
        standard_error=error,
        log10_p=student_log10_p(divide(coefficient, error), df),
        readings=plain,
        readings_standard_error=plain_error,
        machine=solve(data, None, "the machine labels"),
        gain=gained,
        effective_readings=gained * n_read,
        covariance=covariance,
        phi_squared=phi_squared(y, f, frame),
        tuning=float(powers.mean()),
        inference=inference,
        n_read=n_read,
        n_frame=int(frame.read.size),
        n_clusters=frame.n_clusters,
        df=df,
    )


def _matrix(design_matrix: ArrayLike, frame: LabelledFrame) -> FloatArray:
    x = as_numbers("design_matrix", design_matrix)
    if x.ndim != 2 or x.shape[0] != frame.read.size or x.shape[1] == 0:
        raise ValueError(
            f"design_matrix: shape {x.shape}; {frame.read.size} rows and a column are needed"
        )
    return x


def _labels(names: Sequence[str] | None, width: int) -> tuple[str, ...]:
    labels = tuple(f"x{j}" for j in range(width)) if names is None else tuple(names)
    if len(labels) != width:
        raise ValueError(f"names: {len(labels)} entries; design_matrix has {width} columns")
    return labels


def _check(data: LogitData, labels: tuple[str, ...]) -> int:
    """Refuse data without a regression, and return the degrees of freedom."""
    refuse(data.y > data.domain.reading, "reading", "is 1 outside the domain")
    inside = data.domain.reading > 0
    kinds = np.unique(data.y[inside])
    if kinds.size < 2:
        raise ValueError("reading: all conversations read in the domain are of one kind")
    for j in range(data.x.shape[1]):
        if np.linalg.matrix_rank(data.x[inside, : j + 1]) <= j:
            raise ValueError(
                f"design_matrix: column {labels[j]!r} is a combination of those before it among "
                "the conversations read"
            )
    n_clusters, width = int(np.unique(data.frame.cluster[inside]).size), int(data.x.shape[1])
    if n_clusters <= width:
        raise ValueError(
            f"design_matrix: {width} columns for {n_clusters} clusters read; "
            "more clusters than columns are needed"
        )
    return n_clusters - width
