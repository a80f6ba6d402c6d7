"""Prevalence in a frame from machine labels of all and readings of a probability sample.

The machine labels every conversation of the frame; readers read a sample drawn with known
probabilities.  The difference between the two among the conversations read rectifies the machine's
total (design-based supervised learning, prediction-powered inference).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.clusters import as_codes, group_sums, stratum_factors
from valuescape.statistics.intervals import logit_interval, wilson

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-20


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """A frame labelled by machine, of which a sample was read.

    Attributes
    ----------
    read : ndarray of bool, shape (n_frame,)
        Whether the conversation was read.
    stratum, cluster, fold : ndarray of int, shape (n_frame,)
        Sampling stratum, prompt group, and the fold whose labeller made the machine label.
    """

    read: NDArray[np.bool_]
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]
    fold: NDArray[np.intp]

    @classmethod
    def of(
        cls, read: ArrayLike, stratum: ArrayLike, cluster: ArrayLike, fold: ArrayLike
    ) -> LabelledFrame:
        """Code strata, clusters and folds from any labels.

        Raises
        ------
        ValueError
            If lengths differ, a stratum has conversations read of fewer than two clusters, or there
            is only one fold.

        Examples
        --------
        >>> LabelledFrame.of([1, 1, 0], ["s"] * 3, ["a", "b", "c"], [7, 8, 7]).fold.tolist()
        [0, 1, 0]
        """
        was_read = np.asarray(read, dtype=bool)
        codes = [as_codes(a) for a in (stratum, cluster, fold)]
        if any(c.size != was_read.size for c in codes):
            raise ValueError("read, stratum, cluster and fold differ in length")
        pairs = np.unique(np.column_stack(codes[:2])[was_read], axis=0)
        n_read = np.bincount(pairs[:, 0], minlength=int(codes[0].max()) + 1)
        if n_read.min() < 2:
            name = np.unique(np.asarray(stratum))[np.argmin(n_read)]
            raise ValueError(
                f"stratum {name} has conversations read of {n_read.min()} clusters; "
                "at least two are needed"
            )
        if codes[2].max() == 0:
            raise ValueError("machine labels have one fold; cross-fitting needs at least two")
        return cls(was_read, *codes)


@dataclass(frozen=True, slots=True)
class CorrectedShare:
    """A share of the frame, with and without correction.

    Attributes
    ----------
    estimate, ci_low, ci_high, standard_error : float
        The corrected share and its interval.
    machine : float
        Share by machine labels alone (mean probability), uncorrected; NaN where the machine finds
        nothing in the domain.
    readings, readings_standard_error : float
        Share by readings alone (design-weighted) and its standard error.
    readings_low, readings_high : float
        Its interval.
    phi_squared : float
        Squared correlation of machine probability and reading within strata.
    tuning : float
        Mean weight given to the machine's numerator, kept within 0 (ignored) and 1.
    gain : float
        Variance of the readings-only share over that of the corrected one; infinite where the
        machine never errs.
    n_read, n_frame, n_clusters, n_positive : int
        Conversations read, in the frame; prompt groups read; positive readings.
    """

    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    machine: float
    readings: float
    readings_standard_error: float
    readings_low: float
    readings_high: float
    phi_squared: float
    tuning: float
    gain: float
    n_read: int
    n_frame: int
    n_clusters: int
    n_positive: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        import pandas as pd

        return pd.DataFrame([{name: getattr(self, name) for name in self.__slots__}])


def corrected_prevalence(
    reading: ArrayLike,
    machine: ArrayLike,
    frame: LabelledFrame,
    *,
    domain_reading: ArrayLike | None = None,
    domain_machine: ArrayLike | None = None,
    conf_level: float = 0.95,
    rare: float = 0.02,
) -> CorrectedShare:
    r"""Share of the frame, or of a domain of it, corrected for the machine's errors.

    For each stratum h the mean is :math:`\hat\theta_h = \lambda \bar f_{h,\text{frame}} +
    (\bar y_h - \lambda \bar f_h)` over readings y and machine probabilities f, and strata are
    joined by their share of the frame.  :math:`\lambda` minimises the variance; that of a fold is
    estimated on the other folds.  Within a domain (say, subjective conversations) numerator and
    denominator are both corrected and their ratio is linearised.  The variance is that of the
    rectifier, clustered by prompt group within stratum with :math:`G_h / (G_h - 1)`; the frame
    itself is fixed, and no finite-population correction is made.  Shares under ``rare`` get the
    Wilson interval of their effective sample size, others an interval on the logit scale with t
    quantiles at G - 1 degrees of freedom; a share of 0 or 1, or one without variance, gets the
    Wilson interval of G trials.

    Parameters
    ----------
    reading : array_like, shape (n_frame,)
        0/1 where read; ignored elsewhere.
    machine : array_like, shape (n_frame,)
        Cross-fitted probability in [0, 1].
    frame : LabelledFrame
        Which were read, strata, clusters, folds.
    domain_reading, domain_machine : array_like, shape (n_frame,), optional
        The same two for the domain; the numerator must lie inside it.
    conf_level : float
        Confidence level.
    rare : float
        Share under which the Wilson interval is used.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1], a reading that is needed is missing, only one of the
        two domain arrays is given, a reading lies outside its domain, or the domain is empty.

    References
    ----------
    Angelopoulos et al. (2023), doi:10.1126/science.adi6000; Angelopoulos, Duchi & Zrnic (2023),
    arXiv:2311.01453; Egami et al. (2023), arXiv:2306.04746; Zrnic & Candes (2024),
    doi:10.1073/pnas.2322083121; Sarndal, Swensson & Wretman (1992), ch. 6,
    doi:10.1007/978-1-4612-4378-6 (difference estimator).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random(4000) < 0.3
    >>> frame = LabelledFrame.of(rng.random(4000) < 0.2, np.zeros(4000), np.arange(4000),
    ...     np.arange(4000) % 10)
    >>> found = corrected_prevalence(truth, np.where(truth, 0.9, 0.3), frame)
    >>> round(found.machine, 2), round(found.estimate, 2), found.gain > 4
    (0.48, 0.3, True)
    """
    if (domain_reading is None) != (domain_machine is None):
        raise ValueError("domain_reading and domain_machine are given together or not at all")
    y, f = _checked(reading, machine, frame)
    numerator = _rectified(y, f, frame)
    if domain_reading is None or domain_machine is None:
        denominator = None
    else:
        domain, domain_f = _checked(domain_reading, domain_machine, frame)
        if np.any(y > domain):
            raise ValueError(f"reading is 1 outside the domain in row {int(np.argmax(y > domain))}")
        if not domain.any():
            raise ValueError("domain_reading holds no conversation of the domain")
        denominator = _rectified(domain, domain_f, frame)
    estimate, variance = _ratio(
        numerator.corrected, denominator.corrected if denominator else None, frame
    )
    plain, plain_variance = _ratio(
        numerator.plain, denominator.plain if denominator else None, frame
    )
    g = int(np.unique(frame.cluster[frame.read]).size)
    low, high = _interval(estimate, variance, g, conf_level, rare)
    plain_low, plain_high = _interval(plain, plain_variance, g, conf_level, rare)
    whole = denominator.machine if denominator else 1.0
    machine_share = numerator.machine / whole if whole > 0 else float("nan")
    return CorrectedShare(
        estimate,
        low,
        high,
        float(np.sqrt(variance)),
        machine_share,
        plain,
        float(np.sqrt(plain_variance)),
        plain_low,
        plain_high,
        numerator.phi_squared,
        numerator.tuning,
        _gain(plain_variance, variance),
        int(frame.read.sum()),
        int(frame.read.size),
        g,
        int(y[frame.read].sum()),
    )


@dataclass(frozen=True, slots=True)
class _Mean:
    """A mean over the frame and each reading's contribution to its error."""

    estimate: float
    influence: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Rectified:
    corrected: _Mean
    plain: _Mean
    machine: float
    phi_squared: float
    tuning: float


def _checked(
    reading: ArrayLike, machine: ArrayLike, frame: LabelledFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, f = np.asarray(reading, dtype=float), np.asarray(machine, dtype=float)
    if y.size != frame.read.size or f.size != frame.read.size:
        raise ValueError(
            f"reading has {y.size}, machine {f.size}, the frame {frame.read.size} rows"
        )
    if not np.all((f >= 0) & (f <= 1)):
        raise ValueError("machine holds something outside [0, 1]")
    seen = y[frame.read]
    if not np.all((seen == 0) | (seen == 1)):
        raise ValueError("reading holds something other than 0 and 1 among the conversations read")
    return np.where(frame.read, y, 0.0), f


def _rectified(y: NDArray[np.float64], f: NDArray[np.float64], frame: LabelledFrame) -> _Rectified:
    yc, fc = _centred(y, frame), _centred(f, frame)
    weight = _weights(frame)[frame.read]
    tuning = _tuning(yc, fc, weight, frame.fold[frame.read])
    spread = np.sqrt(float(weight @ yc**2) * float(weight @ fc**2))
    phi = float(weight @ (yc * fc)) / spread if spread > 0 else 0.0
    per_row = tuning[frame.fold]
    return _Rectified(
        _difference(y, per_row * f, frame),
        _difference(y, np.zeros_like(f), frame),
        float(f.mean()),
        phi**2,
        float(tuning.mean()),
    )


def _weights(frame: LabelledFrame) -> NDArray[np.float64]:
    size = np.bincount(frame.stratum).astype(float)
    n_read = np.bincount(frame.stratum, weights=frame.read)
    return np.asarray((size / n_read)[frame.stratum] / frame.read.size)


def _centred(a: NDArray[np.float64], frame: LabelledFrame) -> NDArray[np.float64]:
    seen, stratum = a[frame.read], frame.stratum[frame.read]
    means = np.bincount(stratum, weights=seen) / np.bincount(stratum)
    return np.asarray(seen - means[stratum])


def _tuning(
    yc: NDArray[np.float64],
    fc: NDArray[np.float64],
    weight: NDArray[np.float64],
    fold: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Variance-minimising weight of the machine for each fold, from the other folds."""
    n_folds = int(fold.max()) + 1
    cross = np.bincount(fold, weights=weight**2 * yc * fc, minlength=n_folds)
    own = np.bincount(fold, weights=weight**2 * fc**2, minlength=n_folds)
    others_cross, others_own = cross.sum() - cross, own.sum() - own
    ratio = np.where(others_own > 0, others_cross / np.where(others_own > 0, others_own, 1.0), 0.0)
    return np.asarray(np.clip(ratio, 0.0, 1.0))


def _difference(y: NDArray[np.float64], tuned: NDArray[np.float64], frame: LabelledFrame) -> _Mean:
    weight = _weights(frame)[frame.read]
    gap = y - tuned
    estimate = float(tuned.mean() + weight @ gap[frame.read])
    factor = stratum_factors(frame.stratum[frame.read], frame.cluster[frame.read])
    return _Mean(estimate, np.sqrt(factor) * weight * _centred(gap, frame))


def _ratio(
    numerator: _Mean, denominator: _Mean | None, frame: LabelledFrame
) -> tuple[float, float]:
    if denominator is None:
        estimate, influence = numerator.estimate, numerator.influence
    else:
        estimate = numerator.estimate / denominator.estimate
        influence = (numerator.influence - estimate * denominator.influence) / denominator.estimate
    sums = group_sums(influence, as_codes(frame.cluster[frame.read]))
    variance = float(np.sum(sums**2))
    return float(np.clip(estimate, 0.0, 1.0)), variance if variance > _ROUNDING else 0.0


def _gain(plain_variance: float, variance: float) -> float:
    if variance > 0:
        return plain_variance / variance
    return float("inf") if plain_variance > 0 else 1.0


def _interval(
    share: float, variance: float, n_clusters: int, conf_level: float, rare: float
) -> tuple[float, float]:
    inner = 0.0 < share < 1.0 and variance > 0
    if inner and rare <= share <= 1.0 - rare:
        found = logit_interval(
            share, np.sqrt(variance), df=max(n_clusters - 1, 1), conf_level=conf_level
        )
    else:
        size: Any = share * (1.0 - share) / variance if inner else float(n_clusters)
        found = wilson(share * size, size, conf_level=conf_level)
    return float(found.low), float(found.high)
