"""Mean of a quantity in a domain of the frame, corrected for the machine's errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, as_floats, check_level, refuse, result_frame
from valuescape.statistics.difference_estimator import adjusted
from valuescape.statistics.labelled_frame import LabelledFrame
from valuescape.statistics.power_tuning import check_tuning, gain, inner
from valuescape.statistics.rectified import Domain, cluster_sizes, linearised_machine
from valuescape.statistics.shares import critical_value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class CorrectedMean:
    """A mean over a domain of the frame, with and without correction.

    Attributes
    ----------
    estimate, ci_low, ci_high, standard_error : float
        The corrected mean and its interval, in the unit of the readings.
    machine : float
        Mean by machine alone; NaN where the machine finds nothing in the domain.
    readings, readings_low, readings_high, readings_standard_error : float
        Mean by readings alone (design-weighted).
    phi_squared : float
        Squared correlation of the linearised contributions of machine and reading within strata.
    tuning : float
        Mean weight given to the machine, within 0 (ignored) and 1.
    gain : float
        Variance by readings alone over that of the corrected mean.
    effective_readings : float
        Readings that would be as precise without the machine.
    n_read, n_frame, n_clusters, n_domain : int
        Conversations read, in the frame; prompt groups read in the domain; readings in the domain.
    """

    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    machine: float
    readings: float
    readings_low: float
    readings_high: float
    readings_standard_error: float
    phi_squared: float
    tuning: float
    gain: float
    effective_readings: float
    n_read: int
    n_frame: int
    n_clusters: int
    n_domain: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return result_frame(self)


def corrected_mean(
    reading: ArrayLike,
    machine: ArrayLike,
    frame: LabelledFrame,
    domain: Domain,
    *,
    tuning: float | None = None,
    conf_level: float = 0.95,
) -> CorrectedMean:
    r"""Mean of any quantity over a domain, corrected for the machine's errors.

    As `corrected_prevalence`, for a quantity z that is not 0 or 1, such as a difference of an
    indicator and its expectation:
    :math:`\hat\theta = \sum_s w z d / \sum_s w d + \lambda(\bar g_U - \bar g_s)` with the
    linearised mean of the machine, :math:`g = (f - F f^d) / \bar f^d`, as auxiliary variable.
    The machine's f may be on any scale: a biased one costs precision only.  Intervals use a t
    quantile at G - 1 degrees of freedom, G being the clusters read in the domain.

    Parameters
    ----------
    reading : array_like, shape (n_frame,)
        The quantity where a conversation of the domain was read; ignored elsewhere.
    machine : array_like, shape (n_frame,)
        Cross-fitted prediction of the quantity times the domain.
    frame : LabelledFrame
        Which were read, strata, clusters, folds.
    domain : Domain
        Where the mean is taken, known or labelled.
    tuning : float, optional
        A weight of the machine fixed beforehand, in [0, 1].
    conf_level : float, default 0.95
        Confidence level.

    Returns
    -------
    CorrectedMean
        With and without correction.

    Raises
    ------
    ValueError
        If a length is not that of the frame, a quantity that is needed or a prediction is missing
        or infinite, `tuning` is outside [0, 1], or the domain was read in fewer than two clusters.

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), arXiv:2311.01453; Sarndal, Swensson & Wretman (1992),
    ch. 6, doi:10.1007/978-1-4612-4378-6.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(2.0, 1.0, 4000)
    >>> frame = LabelledFrame.of(rng.random(4000) < 0.2, np.zeros(4000), np.arange(4000),
    ...     np.arange(4000) % 10)
    >>> found = corrected_mean(truth, truth + 1, frame, Domain.known(np.ones(4000), frame))
    >>> round(found.machine, 1), round(found.estimate, 1), found.gain > 100
    (3.0, 2.0, True)
    """
    check_level(conf_level)
    _of_frame("domain", domain.reading, frame)
    inside = frame.read & (domain.reading > 0)
    z = np.where(inside, _of_frame("reading", reading, frame), 0.0)
    refuse(~np.isfinite(z), "reading", "is needed where the domain was read", z)
    f = _of_frame("machine", machine, frame)
    refuse(~np.isfinite(f), "machine", "a finite prediction is needed", f)
    sizes = cluster_sizes(domain, frame)
    share = sizes.sum() / frame.read.size
    plain = float(frame.weight @ z / frame.read.size / share)
    by_machine, auxiliary = linearised_machine(f, domain.machine)
    linear = (z - plain * domain.reading) / share
    found = adjusted(plain, linear, auxiliary, frame, check_tuning(tuning))
    variance, plain_variance = (inner(e, e) for e in (found.error, found.plain_error))
    n_clusters, n_domain = int(np.count_nonzero(sizes)), int(domain.reading.sum())
    reach = float(critical_value(conf_level, n_clusters - 1)) * np.sqrt([variance, plain_variance])
    gained = gain(plain_variance, variance)
    return CorrectedMean(
        estimate=found.estimate,
        ci_low=float(found.estimate - reach[0]),
        ci_high=float(found.estimate + reach[0]),
        standard_error=float(np.sqrt(variance)),
        machine=by_machine,
        readings=plain,
        readings_low=float(plain - reach[1]),
        readings_high=float(plain + reach[1]),
        readings_standard_error=float(np.sqrt(plain_variance)),
        phi_squared=found.phi_squared,
        tuning=float(found.power.mean()),
        gain=gained,
        effective_readings=gained * n_domain,
        n_read=int(frame.read.sum()),
        n_frame=int(frame.read.size),
        n_clusters=n_clusters,
        n_domain=n_domain,
    )


def _of_frame(name: str, values: ArrayLike, frame: LabelledFrame) -> FloatArray:
    array = as_floats(name, values)
    if array.shape != frame.read.shape:
        raise ValueError(f"{name}: shape {array.shape}; the frame has {frame.read.size} rows")
    return array
