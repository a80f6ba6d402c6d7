"""Share of a domain by readings, adjusted by what the machine says of the conversations unread.

One engine for `corrected_prevalence` and `corrected_contrast`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, refuse
from valuescape.statistics.difference_estimator import adjusted, frame_error
from valuescape.statistics.groups import group_sums
from valuescape.statistics.labelled_frame import (
    LabelledFrame,
    cluster_sums,
    indicator,
    probability,
    sampling_error,
    snapped,
)
from valuescape.statistics.power_tuning import inner


@dataclass(frozen=True, slots=True)
class Domain:
    """Part of the frame that a share refers to, as read and as the machine has it.

    Attributes
    ----------
    reading : ndarray of 0/1, shape (n_frame,)
        Membership by reading; 0 where not read.  Scaled where strata are given another mix.
    machine : ndarray, shape (n_frame,)
        Probability of membership by machine.
    """

    reading: FloatArray
    machine: FloatArray

    @classmethod
    def known(cls, member: ArrayLike, frame: LabelledFrame) -> Domain:
        """Part whose members are known without a label, such as the answers of one assistant.

        Raises
        ------
        ValueError
            If anything but 0 and 1 is found or the length is not that of the frame.

        Examples
        --------
        >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 2], [0, 1, 0])
        >>> Domain.known([1, 0, 1], frame).machine.tolist()
        [1.0, 0.0, 1.0]
        """
        everywhere = probability("member", member, frame)
        refuse((everywhere != 0) & (everywhere != 1), "member", "is 0 or 1", everywhere)
        return cls(np.where(frame.read, everywhere, 0.0), everywhere)

    @classmethod
    def labelled(cls, reading: ArrayLike, machine: ArrayLike, frame: LabelledFrame) -> Domain:
        """Part whose membership is itself a label, such as a task type.

        Raises
        ------
        ValueError
            If a reading that is needed is missing or a probability is outside [0, 1].

        Examples
        --------
        >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 2], [0, 1, 0])
        >>> Domain.labelled([1, 0, np.nan], [0.9, 0.2, 0.4], frame).reading.tolist()
        [1.0, 0.0, 0.0]
        """
        return cls(
            indicator("domain_reading", reading, frame),
            probability("domain_machine", machine, frame),
        )


@dataclass(frozen=True, slots=True)
class Halves:
    """A corrected share (or its complement, if smaller) as what was missed less what was invented.

    Attributes
    ----------
    missed, invented : float
        What positive readings add to the estimate, and what negative ones take off.
    missed_error, invented_error : ndarray, shape (n_clusters_frame,)
        Contributions of clusters to the errors of the two.
    missed_floor : float
        Variance of the first, had positive readings the weights of all readings.
    invented_mass : float
        Tuned machine probability of the conversations read as negative, as a share.
    mirrored : bool
        Whether it is the complement.
    """

    missed: float
    missed_error: FloatArray
    invented: float
    invented_error: FloatArray
    missed_floor: float
    invented_mass: float
    mirrored: bool


@dataclass(frozen=True, slots=True)
class RectifiedShare:
    """A share with the contribution of each cluster of the frame to its error.

    Attributes
    ----------
    estimate, plain, machine : float
        Corrected share, share by readings alone, share by machine alone (NaN where the machine
        finds nothing in the domain).
    error, plain_error : ndarray, shape (n_clusters_frame,)
        Contributions of clusters to the errors of the first two.
    plain_floor : float
        Variance of the share by readings alone (or its complement, if smaller), had positive
        readings the weights of all readings.
    halves : Halves
        The corrected share taken apart.
    tuning, phi_squared : float
        Mean weight of the machine; squared correlation of machine and reading.
    n_read, n_positive, n_clusters : int
        Readings, positive ones and clusters read inside the domain.
    effective_clusters : float
        Clusters read inside the domain, for their unequal weights.
    """

    estimate: float
    plain: float
    machine: float
    error: FloatArray
    plain_error: FloatArray
    plain_floor: float
    halves: Halves
    tuning: float
    phi_squared: float
    n_read: int
    n_positive: int
    n_clusters: int
    effective_clusters: float

    @property
    def variance(self) -> float:
        """Design variance of the corrected share."""
        return inner(self.error, self.error)

    @property
    def plain_variance(self) -> float:
        """Design variance of the share by readings alone."""
        return inner(self.plain_error, self.plain_error)


def rectified_share(
    y: FloatArray,
    f: FloatArray,
    domain: Domain | None,
    frame: LabelledFrame,
    tuning: float | None,
    *,
    of_mix: tuple[FloatArray, FloatArray] | None = None,
    beyond_frame: bool = False,
) -> RectifiedShare:
    r"""Estimate the share of a domain.

    .. math:: \hat\theta = \frac{\sum_s w_i y_i}{\sum_s w_i d_i}
        + \frac1N\Big(\sum_U \lambda_i g_i - \sum_s w_i \lambda_i g_i\Big),\quad
        g_i = \frac{f_i - F f^d_i}{\bar f^d},\; F = \frac{\sum_U f_i}{\sum_U f^d_i}

    over frame U and readings s: the linearised machine share, whose mean over the frame is known
    to be 0, serves as the auxiliary variable of a difference estimator.

    Parameters
    ----------
    y, f : ndarray, shape (n_frame,)
        Readings (0 where not read) and machine probabilities.
    domain : Domain, optional
        The whole frame when absent.
    frame : LabelledFrame
        Sample and folds.
    tuning : float, optional
        Weight of the machine; estimated for each fold from the others when absent.
    of_mix : tuple of two ndarray, each shape (n_frame,), optional
        What conversations add, by way of the mix of strata, to the totals by readings and by
        machine (`standardised_domain.of_mix`), where members count for more or less than one.
    beyond_frame : bool, default False
        Whether errors are those of the clusters that the frame was drawn from.

    Raises
    ------
    ValueError
        If a positive reading lies outside the domain, or the domain was read in fewer than two
        clusters.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 2], [0, 1, 0])
    >>> y, f = np.array([1.0, 0.0, 0.0]), np.array([0.8, 0.4, 0.9])
    >>> round(rectified_share(y, f, None, frame, 1.0).estimate, 3)
    0.6
    """
    if domain is None:
        domain = Domain(frame.read.astype(np.float64), np.ones(frame.read.size))
    refuse(y > domain.reading, "reading", "is 1 outside the domain")
    sizes = cluster_sizes(domain, frame)
    share = sizes.sum() / frame.read.size
    plain = snapped(float(frame.weight @ y) / frame.read.size / share)
    linear = (y - plain * domain.reading) / share
    machine, auxiliary = linearised_machine(f, domain.machine)
    if of_mix is not None:
        linear = linear + of_mix[0] / share
        auxiliary = auxiliary + of_mix[1] / max(float(domain.machine.mean()), 1e-300)
    found = adjusted(plain, linear, auxiliary, frame, tuning, beyond_frame=beyond_frame)
    outside = frame_error(found.tuned, frame) if beyond_frame else 0.0
    return RectifiedShare(
        snapped(found.estimate),
        plain,
        machine,
        found.error,
        found.plain_error,
        _even_variance((domain.reading - y if plain > 0.5 else y) / share, frame),
        _halves(y, f, found.power[frame.fold], found.tuned, plain, domain, frame, outside),
        float(found.power.mean()),
        found.phi_squared,
        int(np.count_nonzero(domain.reading)),
        int(np.count_nonzero(y)),
        int(np.count_nonzero(sizes)),
        float(sizes.sum() ** 2 / (sizes @ sizes)),
    )


def _even_variance(values: FloatArray, frame: LabelledFrame) -> float:
    """Variance of the weighted mean of independent values that go with no weight."""
    n = frame.read.size
    mean = float(frame.weight @ values) / n
    spread = float(frame.weight @ values**2) / n - mean**2
    return spread * float(frame.weight @ frame.weight) / n**2


def cluster_sizes(domain: Domain, frame: LabelledFrame) -> FloatArray:
    """Weighted conversations of the domain read in each cluster.

    Raises
    ------
    ValueError
        If it was read in fewer than two clusters.

    Examples
    --------
    >>> frame = LabelledFrame.of([1, 1, 0], [0, 0, 0], [0, 1, 2], [0, 1, 0])
    >>> cluster_sizes(Domain.known([1, 1, 0], frame), frame).tolist()
    [1.5, 1.5, 0.0]
    """
    sizes = group_sums(frame.weight * domain.reading, frame.cluster)
    if np.count_nonzero(sizes) < 2:
        raise ValueError(
            f"domain: it was read in {np.count_nonzero(sizes)} clusters; at least two are needed"
        )
    return sizes


def linearised_machine(f: FloatArray, domain: FloatArray) -> tuple[float, FloatArray]:
    """Mean of a domain by machine, and its linearised contributions, which have mean 0.

    Examples
    --------
    >>> mean, parts = linearised_machine(np.array([0.5, 0.1]), np.array([1.0, 0.5]))
    >>> round(mean, 3), parts.round(3).tolist()
    (0.4, [0.133, -0.133])
    """
    size = float(domain.mean())
    if size == 0.0:
        return float("nan"), np.zeros_like(f)
    machine = float(f.mean()) / size
    return machine, (f - machine * domain) / size


def _halves(
    y: FloatArray,
    f: FloatArray,
    per_row: FloatArray,
    tuned: FloatArray,
    plain: float,
    domain: Domain,
    frame: LabelledFrame,
    outside: FloatArray | float,
) -> Halves:
    """Take apart the share or, where it is above a half, its complement.

    What the frame adds to the error, were it a draw, goes with what was missed.
    """
    mirrored = plain > 0.5
    n = frame.read.size
    share = float(frame.weight @ domain.reading) / n
    machine_share = float(domain.machine.mean())
    positive = domain.reading - y if mirrored else y
    level = 1.0 - plain if mirrored else plain
    signed = -tuned if mirrored else tuned
    chance = np.clip(domain.machine - f, 0.0, 1.0) if mirrored else f
    hit = positive > 0
    gained = positive / share - hit * signed
    taken = frame.read * ~hit * signed
    mass = float(frame.weight @ (~hit * per_row * chance)) / n
    return Halves(
        float(frame.weight @ gained) / n,
        cluster_sums(sampling_error(gained - level * domain.reading / share, frame), frame)
        + (-outside if mirrored else outside),
        float(frame.weight @ taken) / n,
        cluster_sums(sampling_error(taken, frame), frame),
        _even_variance(gained, frame),
        mass / machine_share if machine_share > 0 else 0.0,
        mirrored,
    )
