"""What of a change of shares is another mix of strata, and what is change within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, check_level
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.groups import group_sums, label_codes
from valuescape.statistics.intervals import Interval, critical_value
from valuescape.statistics.standardisation import standardise

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change of shares in two parts, for every outcome.

    Attributes
    ----------
    baseline, current : ndarray of float64, shape (n_outcomes,)
        Crude weighted shares.
    baseline_standardised, current_standardised : ndarray of float64, shape (n_outcomes,)
        Shares at the mean of both mixes, over the strata that both periods have.
    change : Interval
        Crude change; fields of shape (n_outcomes,).
    behaviour : Interval
        Change at the common mix: what the strata themselves contribute.
    composition : Interval
        The rest: what the mix contributes, strata that one period lacks included.
    change_error, behaviour_error, composition_error : ndarray of float64, shape (n_outcomes,)
        Cluster-robust standard errors.
    coverage : float
        Smaller of the two periods' shares in strata that both have.
    mix_distance : float
        Total variation distance of the two mixes.
    left_out : tuple
        Strata that one period lacks.
    n : tuple of int
        Observations of the baseline and of the current period.
    n_clusters : int
        Clusters of both together.
    """

    baseline: FloatArray
    current: FloatArray
    baseline_standardised: FloatArray
    current_standardised: FloatArray
    change: Interval
    behaviour: Interval
    composition: Interval
    change_error: FloatArray
    behaviour_error: FloatArray
    composition_error: FloatArray
    coverage: float
    mix_distance: float
    left_out: tuple[object, ...]
    n: tuple[int, int]
    n_clusters: int

    def to_frame(self) -> pd.DataFrame:
        """One row an outcome."""
        import pandas as pd

        columns: dict[str, object] = {
            name: getattr(self, name)
            for name in ("baseline", "current", "baseline_standardised", "current_standardised")
        }
        for part in ("change", "behaviour", "composition"):
            interval = getattr(self, part)
            columns |= {
                part: interval.estimate,
                f"{part}_low": interval.low,
                f"{part}_high": interval.high,
                f"{part}_error": getattr(self, f"{part}_error"),
            }
        return pd.DataFrame(columns).assign(
            coverage=self.coverage,
            n_baseline=self.n[0],
            n_current=self.n[1],
            n_clusters=self.n_clusters,
        )


def decompose_change(
    y: ArrayLike,
    *,
    weight: ArrayLike,
    stratum: ArrayLike,
    current: ArrayLike,
    cluster: ArrayLike,
    conf_level: float = 0.95,
) -> Decomposition:
    r"""Split the change of shares between two periods into behaviour and composition.

    With :math:`t_{ah}` the mix of period a and :math:`p_{ah}` its share in stratum h,

    .. math:: \underbrace{\bar p_1 - \bar p_0}_{\text{change}}
        = \underbrace{\sum_h \tfrac{t_{0h} + t_{1h}}{2} (p_{1h} - p_{0h})}_{\text{behaviour}}
        + \underbrace{\sum_h (t_{1h} - t_{0h}) \tfrac{p_{0h} + p_{1h}}{2}}_{\text{composition}}

    (Kitagawa).  Behaviour is the difference of the shares directly standardised to the mean mix;
    mixes are those over the strata that both periods have, and what the others add is part of
    the composition.  The interval of the behaviour is that of
    :func:`~valuescape.statistics.standardisation.standardise`, which is fit for rare outcomes; the
    others are t intervals by the clustered variance of the linearised parts, mixes being estimated.

    Parameters
    ----------
    y : array_like of 0/1, shape (n,) or (n, n_outcomes)
        Indicators.
    weight : array_like, shape (n,)
        Design weights, positive.
    stratum : array_like, shape (n,)
        Task type, or whatever the mix is of.
    current : array_like of 0/1, shape (n,)
        Whether an observation belongs to the current period.
    cluster : array_like, shape (n,)
        Prompt group, user or conversation; a cluster may lie in both periods.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    Decomposition

    Raises
    ------
    ValueError
        If a period is empty or lies in one cluster, the periods share no stratum, an indicator is
        not 0 or 1, a weight is not positive, lengths differ or a label is missing.

    References
    ----------
    Kitagawa, E. M. (1955). Components of a difference between two rates. *JASA* 50, 1168-1194.
    https://doi.org/10.1080/01621459.1955.10501299.

    Examples
    --------
    >>> y = [1, 0, 0, 0] + [1, 0] + [1, 0, 0, 0] * 2 + [1, 1]
    >>> stratum = ["a"] * 4 + ["b"] * 2 + ["a"] * 8 + ["b"] * 2
    >>> found = decompose_change(y, weight=np.ones(16), stratum=stratum,
    ...     current=[0] * 6 + [1] * 10, cluster=np.arange(16))
    >>> [round(float(part.estimate[0]), 4) for part in
    ...  (found.change, found.behaviour, found.composition)]
    [0.0667, 0.1333, -0.0667]
    """
    check_level(conf_level)
    outcome = as_indicators("y", y)
    n = outcome.shape[0]
    w = as_weights("weight", weight, n)
    names, h = label_codes("stratum", stratum, n)
    codes = label_codes("cluster", cluster, n)[1]
    now = as_indicators("current", current)
    if now.shape != (n, 1):
        raise ValueError(f"current: shape {now.shape} is not one flag for each of {n} rows")
    later: BoolArray = now[:, 0] > 0
    for flag, name in ((~later, "baseline"), (later, "current period")):
        if not flag.any():
            raise ValueError(f"current: the {name} holds no observation")
    mass: FloatArray = np.stack(
        [np.bincount(h[side], w[side], names.size) for side in (~later, later)]
    ).astype(np.float64)
    common = (mass > 0).all(axis=0)
    if not common.any():
        raise ValueError("stratum: the periods have no stratum in common")
    mixes = np.where(common, mass, 0.0)
    covered = mixes.sum(axis=1) / mass.sum(axis=1)
    mixes = mixes / mixes.sum(axis=1)[:, None]
    target = dict(zip(names.tolist(), mixes.mean(axis=0).tolist(), strict=True))
    found = standardise(
        outcome,
        weight=w,
        stratum=names[h],
        arm=np.where(later, 0, 1),
        target={name: share for name, share in target.items() if share > 0},
        cluster=codes,
        conf_level=conf_level,
    )
    crude, raw = _change(outcome, w, later)
    within = _within(outcome, w, h, later, mass, mixes)
    clusters = int(codes.max()) + 1
    errors = [_error(part, codes) for part in (raw, raw - within)]
    reach = [float(critical_value(conf_level, max(clusters - 1, 1))) * error for error in errors]
    behaviour = Interval(
        found.difference.estimate[0], found.difference.low[0], found.difference.high[0], conf_level
    )
    change = crude[1] - crude[0]
    rest = change - behaviour.estimate
    return Decomposition(
        crude[0],
        crude[1],
        found.share.estimate[1],
        found.share.estimate[0],
        Interval(change, change - reach[0], change + reach[0], conf_level),
        behaviour,
        Interval(rest, rest - reach[1], rest + reach[1], conf_level),
        errors[0],
        found.difference_error[0],
        errors[1],
        float(covered.min()),
        float(np.abs(mass[0] / mass[0].sum() - mass[1] / mass[1].sum()).sum() / 2),
        tuple(names[~common].tolist()),
        (int((~later).sum()), int(later.sum())),
        clusters,
    )


def _change(y: FloatArray, w: FloatArray, later: BoolArray) -> tuple[list[FloatArray], FloatArray]:
    """Crude shares of both periods, and what each observation pulls their difference by."""
    shares, pull = [], np.zeros_like(y)
    for side, sign in ((~later, -1.0), (later, 1.0)):
        share = w[side] @ y[side] / w[side].sum()
        pull[side] = sign * (w[side] / w[side].sum())[:, None] * (y[side] - share)
        shares.append(np.asarray(share))
    return shares, pull


def _within(
    y: FloatArray,
    w: FloatArray,
    h: NDArray[np.intp],
    later: BoolArray,
    mass: FloatArray,
    mixes: FloatArray,
) -> FloatArray:
    """Pull of each observation on the behaviour part: through its stratum, and its mix."""
    sides: tuple[BoolArray, BoolArray] = (~later, later)
    size = mass.shape[1]
    shares = [
        _sums(w[side][:, None] * y[side], h[side], size) / np.maximum(m, 1e-300)[:, None]
        for side, m in zip(sides, mass, strict=True)
    ]
    common: BoolArray = np.asarray(np.all(mixes > 0, axis=0))
    gap = np.where(common[:, None], shares[1] - shares[0], 0.0)
    mean_mix = mixes.mean(axis=0)
    pull = np.zeros_like(y)
    for a, (side, sign) in enumerate(zip(sides, (-1.0, 1.0), strict=True)):
        at = h[side]
        inside = np.asarray(mixes[a][at] > 0)
        own = np.where(inside, w[side] / mass[a][at], 0.0)
        through = sign * (mean_mix[at] * own)[:, None] * (y[side] - shares[a][at])
        mixed = (mixes[a][at] * own / 2)[:, None] * (gap[at] - mixes[a] @ gap)
        pull[side] = through + mixed
    return pull


def _sums(values: FloatArray, codes: NDArray[np.intp], size: int) -> FloatArray:
    return np.stack([np.bincount(codes, column, size) for column in values.T], axis=1)


def _error(pull: FloatArray, codes: NDArray[np.intp]) -> FloatArray:
    sums = group_sums(pull, codes)
    g = sums.shape[0]
    return np.asarray(np.sqrt(np.sum(sums**2, axis=0) * g / max(g - 1, 1)))
