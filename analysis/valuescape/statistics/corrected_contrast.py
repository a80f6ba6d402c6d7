"""Contrast of a value's prevalence between two contexts, corrected for the machine's errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import check_level, result_frame
from valuescape.statistics.checks import share
from valuescape.statistics.contrast_limits import contrast_limits, on_scale
from valuescape.statistics.corrected_test import EqualityTest, equality_test
from valuescape.statistics.labelled_frame import LabelledFrame, indicator, probability
from valuescape.statistics.options import CorrectedScale, check_option
from valuescape.statistics.power_tuning import check_tuning, gain, inner
from valuescape.statistics.rectified import Domain, RectifiedShare, rectified_share
from valuescape.statistics.standardised_domain import at_one_mix, of_mix

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CorrectedContrast", "CorrectedScale", "Domain", "corrected_contrast"]


@dataclass(frozen=True, slots=True)
class CorrectedContrast:
    """A contrast of two corrected shares.

    Attributes
    ----------
    scale : {"difference", "ratio", "log_odds"}
        What ``estimate``, its limits, ``readings`` and ``machine`` are.
    estimate, ci_low, ci_high : float
        Corrected contrast of the first context against the second.  A ratio to a share of 0 is
        infinite, and NaN if both are 0; log odds of 0 are infinite likewise.
    standard_error : float
        Of the difference, of the log of the ratio, or of the log odds; NaN where a share of 0 or 1
        has no logarithm.
    log10_p : float
        Two-sided test that the two shares are equal, the same on every scale.
    test : {"score", "exact"}
        Score test of the corrected shares, or exact test of the readings alone where too few are
        expected.
    first, second : float
        The corrected shares.
    correlation : float
        Of the errors of the two shares.
    readings, machine : float
        The contrast by readings alone and by machine alone (NaN where the machine finds nothing in
        a context).
    gain : float
        Variance of the difference by readings alone over that of the corrected one.
    effective_readings : float
        Readings that would be as precise without the machine.
    phi_squared_first, phi_squared_second, tuning_first, tuning_second : float
        Squared correlation of machine and reading in each context, and the machine's weight.
    n_read_first, n_read_second, n_clusters_first, n_clusters_second : int
        Readings and prompt groups read in each context.
    """

    scale: CorrectedScale
    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    log10_p: float
    test: EqualityTest
    first: float
    second: float
    correlation: float
    readings: float
    machine: float
    gain: float
    effective_readings: float
    phi_squared_first: float
    phi_squared_second: float
    tuning_first: float
    tuning_second: float
    n_read_first: int
    n_read_second: int
    n_clusters_first: int
    n_clusters_second: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return result_frame(self)


def corrected_contrast(
    reading: ArrayLike,
    machine: ArrayLike,
    frame: LabelledFrame,
    first: Domain,
    second: Domain,
    *,
    scale: CorrectedScale = "difference",
    standardised: bool = False,
    tuning: float | None = None,
    conf_level: float = 0.95,
    rare: float = 0.02,
    minimum_expected: float = 5.0,
    beyond_frame: bool = False,
) -> CorrectedContrast:
    r"""Contrast of the prevalence in a first context against that in a second.

    Each context is rectified by its own readings and has its own weight of the machine: a machine
    that errs more in one of them biases neither.  Errors are summed over prompt groups before
    they are multiplied, so that groups with conversations in both contexts correlate the two
    shares.  The interval uses a t quantile at :math:`\min(G_1, G_2) - 1` degrees of freedom, for a
    ratio on its logarithm; where a share is under ``rare``, or above its complement, the limits of
    the two shares are joined with their correlation (MOVER).  The test is :func:`equality_test`.
    The frame is fixed, so that equality of its two shares is tested, unless ``beyond_frame``: then
    the prompts of the frame are a draw of those that could have been asked, and what the machine
    says of the whole frame has an error as well.

    Standardised, the second context is given the strata of the first:
    :math:`p_2 = \sum_h W_{h1} p_{2h} / \sum_h W_{h1}`, as in `prevalences` and the stratified test
    of a cell, so that a difference between strata is no contrast.  The mix is a label as well: its
    error is linearised with the rest, by readings and by machine alike.

    Parameters
    ----------
    reading, machine : array_like, shape (n_frame,)
        The value: 0/1 where read, cross-fitted probability everywhere.
    frame : LabelledFrame
        Which were read, strata, clusters, folds.
    first, second : Domain
        The contexts, known or labelled.  In a labelled one the machine's numerator is its
        probability of the value times that of the context.
    scale : {"difference", "ratio", "log_odds"}, default "difference"
        What is estimated.
    standardised : bool, default False
        Whether the second context is given the mix of strata of the first.  Strata in which one of
        the two was not read are then left out of both.
    tuning : float, optional
        A weight of the machine fixed beforehand, in [0, 1].
    conf_level : float
        Confidence level.
    rare : float
        Share under which MOVER is used.
    minimum_expected : float
        Readings with the value (and without it) that must be expected in the context read less, for
        the score test.
    beyond_frame : bool, default False
        Whether the contrast is that of the clusters which the frame was drawn from.

    Returns
    -------
    CorrectedContrast
        On the scale asked for.

    Raises
    ------
    ValueError
        If the scale is unknown, a reading that is needed is missing, a probability, `tuning` or
        `rare` is outside [0, 1], a context is of another frame, one was read in fewer than two
        clusters, or no stratum holds both where they are standardised.

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), arXiv:2311.01453; Donner & Zou (2012),
    doi:10.1177/0962280210383082; Rao & Scott (1992), doi:10.2307/2532311 (effective sizes).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = np.arange(4000)
    >>> truth = rng.random(4000) < np.where(rows % 2, 0.3, 0.1)
    >>> frame = LabelledFrame.of(rng.random(4000) < 0.2, rows * 0, rows // 2, rows // 2 % 10)
    >>> odd, even = Domain.known(rows % 2, frame), Domain.known(1 - rows % 2, frame)
    >>> found = corrected_contrast(truth, np.where(truth, 0.9, 0.3), frame, odd, even)
    >>> round(found.estimate, 2), found.log10_p < -20
    (0.18, True)
    """
    check_option("scale", scale, CorrectedScale)
    check_level(conf_level)
    share("rare", rare)
    _check_domains(frame, first=first, second=second)
    y = indicator("reading", reading, frame)
    f = probability("machine", machine, frame)
    weight = check_tuning(tuning)
    if standardised:
        first, second, mix = at_one_mix(first, second, frame)
        ones = np.ones(frame.read.size)
        extra = tuple(
            of_mix(value * members, members, difference, scale_of, mix.stratum)
            for value, members, difference, scale_of in (
                (y, second.reading, mix.reading, frame.weight),
                (f, second.machine, mix.machine, ones),
            )
        )
    one = rectified_share(
        y * first.reading,
        f * first.machine,
        first,
        frame,
        weight,
        beyond_frame=beyond_frame,
    )
    other = rectified_share(
        y * second.reading,
        f * second.machine,
        second,
        frame,
        weight,
        of_mix=(extra[0], extra[1]) if standardised else None,
        beyond_frame=beyond_frame,
    )
    return _contrast(one, other, scale, conf_level, rare, minimum_expected)


def _check_domains(frame: LabelledFrame, **domains: Domain) -> None:
    for name, domain in domains.items():
        if domain.machine.shape != frame.read.shape:
            raise ValueError(
                f"{name}: of {domain.machine.size} rows; the frame has {frame.read.size}"
            )


def _contrast(
    a: RectifiedShare,
    b: RectifiedShare,
    scale: CorrectedScale,
    conf_level: float,
    rare: float,
    minimum_expected: float,
) -> CorrectedContrast:
    difference = a.error - b.error
    spread = np.sqrt(a.variance * b.variance)
    rho = float(np.clip(inner(a.error, b.error) / spread, -1, 1)) if spread > 0 else 0.0
    plain = a.plain_error - b.plain_error
    gained = gain(inner(plain, plain), inner(difference, difference))
    error = _standard_error(a, b, scale)
    limits = contrast_limits(a, b, scale, error, rho, conf_level, rare)
    test, log10_p = equality_test(a, b, rho, minimum_expected)
    return CorrectedContrast(
        scale=scale,
        estimate=on_scale(a.estimate, b.estimate, scale),
        ci_low=float(limits.low),
        ci_high=float(limits.high),
        standard_error=error,
        log10_p=log10_p,
        test=test,
        first=a.estimate,
        second=b.estimate,
        correlation=rho,
        readings=on_scale(a.plain, b.plain, scale),
        machine=on_scale(a.machine, b.machine, scale),
        gain=gained,
        effective_readings=gained * (a.n_read + b.n_read),
        phi_squared_first=a.phi_squared,
        phi_squared_second=b.phi_squared,
        tuning_first=a.tuning,
        tuning_second=b.tuning,
        n_read_first=a.n_read,
        n_read_second=b.n_read,
        n_clusters_first=a.n_clusters,
        n_clusters_second=b.n_clusters,
    )


def _slope(share: float, scale: CorrectedScale) -> float:
    """Return the derivative of a share's term in the contrast; NaN where there is none."""
    if scale == "difference":
        return 1.0
    base = share if scale == "ratio" else share * (1.0 - share)
    return 1.0 / base if base > 0 else float("nan")


def _standard_error(a: RectifiedShare, b: RectifiedShare, scale: CorrectedScale) -> float:
    error = _slope(a.estimate, scale) * a.error - _slope(b.estimate, scale) * b.error
    return float(np.sqrt(inner(error, error))) if np.all(np.isfinite(error)) else float("nan")
