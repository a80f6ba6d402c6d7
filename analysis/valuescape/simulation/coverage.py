"""How often intervals cover what was planted, by band of prevalence or expected count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.simulation.labellers import LabelledTruth, labelled_truth
from valuescape.simulation.rates import monte_carlo_rate
from valuescape.simulation.skeleton import Skeleton, planted_ratio, simulated_values
from valuescape.simulation.tallies import BANDS
from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.clusters import clustered_share
from valuescape.statistics.correction import CorrectedShare, LabelledFrame, corrected_prevalence
from valuescape.statistics.intervals import (
    Interval,
    clopper_pearson,
    critical_value,
    koopman_interval,
    mover_difference,
    wilson,
)
from valuescape.statistics.prevalence import prevalences, risk_ratio

if TYPE_CHECKING:
    import pandas as pd

PREVALENCE_BANDS: dict[str, tuple[float, float]] = {
    "p < 2 %": (0.0, 0.02),
    "2 % ≤ p < 10 %": (0.02, 0.1),
    "p ≥ 10 %": (0.1, 1.0),
}
EXPECTED_BANDS = {name: limits for name, limits in BANDS.items() if name != "all"}
SHARES = (0.005, 0.015, 0.03, 0.08, 0.2, 0.4)
RATIOS = (1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Covered:
    """Intervals of one replicate.

    Attributes
    ----------
    hit : dict of ndarray of bool, each shape (n,)
        By method, whether the interval covers the truth.
    width : dict of ndarray, each shape (n,)
        Its width; infinite where the interval is open.
    measure : ndarray, shape (n,)
        What bands are formed of.
    known : ndarray of bool, shape (n,)
        Whether there is an interval at all.
    """

    hit: dict[str, BoolArray]
    width: dict[str, FloatArray]
    measure: FloatArray
    known: BoolArray


def coverage_frame(
    study: str,
    replicates: Iterable[Covered],
    bands: dict[str, tuple[float, float]],
    conf_level: float,
) -> pd.DataFrame:
    """Return one row a method and band that has an interval.

    Parameters
    ----------
    study : str
        Name of the simulation.
    replicates : iterable of Covered
        At least one.
    bands : dict
        Lower (included) and upper end of each band of the measure.
    conf_level : float
        Level of the Monte-Carlo interval.

    Returns
    -------
    DataFrame
        ``study``, ``method``, ``band``, the fields of
        :class:`~valuescape.simulation.rates.Rate` and ``median_width``.

    Examples
    --------
    >>> one = simple_shares(400, 0.95, np.random.default_rng(1))
    >>> coverage_frame("s", [one], {"p < 2 %": (0.0, 0.02)}, 0.95)["n_trials"].tolist()
    [2, 2, 2]
    """
    import pandas as pd

    done = list(replicates)
    rows = []
    for method in done[0].hit:
        for band, (low, high) in bands.items():
            inside = [r.known & (r.measure >= low) & (r.measure < high) for r in done]
            hits = [int(r.hit[method][m].sum()) for r, m in zip(done, inside, strict=True)]
            found = monte_carlo_rate(hits, [int(m.sum()) for m in inside], conf_level=conf_level)
            if found.n_replicates:
                widths = np.concatenate(
                    [r.width[method][m] for r, m in zip(done, inside, strict=True)]
                )
                key = {"study": study, "method": method, "band": band}
                row = found.to_frame().assign(**key, median_width=float(np.median(widths)))
                rows.append(row[[*key, *found.__slots__, "median_width"]])
    return pd.concat(rows, ignore_index=True)


def _covered(
    limits: Mapping[str, tuple[ArrayLike, ArrayLike]], truth: FloatArray, measure: FloatArray
) -> Covered:
    pairs = {
        name: (np.atleast_1d(np.asarray(low, float)), np.atleast_1d(np.asarray(high, float)))
        for name, (low, high) in limits.items()
    }
    known = np.all([~np.isnan(low) & ~np.isnan(high) for low, high in pairs.values()], axis=0)
    return Covered(
        {name: (low <= truth) & (truth <= high) for name, (low, high) in pairs.items()},
        {name: high - low for name, (low, high) in pairs.items()},
        measure,
        known & ~np.isnan(truth),
    )


def _wald(share: ArrayLike, error: ArrayLike, conf_level: float) -> tuple[FloatArray, FloatArray]:
    p, reach = np.asarray(share, float), critical_value(conf_level) * np.asarray(error, float)
    return p - reach, p + reach


def simple_shares(n: int, conf_level: float, rng: np.random.Generator) -> Covered:
    """Shares of n independent conversations: Wald, Wilson and Clopper-Pearson.

    Examples
    --------
    >>> found = simple_shares(100, 0.95, np.random.default_rng(1))
    >>> sorted(found.hit), found.measure.tolist() == list(SHARES)
    (['clopper_pearson', 'wald', 'wilson'], True)
    """
    truth = np.array(SHARES)
    k = rng.binomial(n, truth)
    p = k / n
    score, exact = wilson(k, n, conf_level=conf_level), clopper_pearson(k, n, conf_level=conf_level)
    limits = {
        "wald": _wald(p, np.sqrt(p * (1 - p) / n), conf_level),
        "wilson": (score.low, score.high),
        "clopper_pearson": (exact.low, exact.high),
    }
    return _covered(limits, truth, truth)


def design_shares(skeleton: Skeleton, conf_level: float, rng: np.random.Generator) -> Covered:
    """Shares under the study's design: Wald of independent conversations, and clustered.

    The clustered ones know prompt groups, or prompt groups and readers.
    """
    y = simulated_values(skeleton, rng)
    w, n = skeleton.design.weight, skeleton.design.weight.size
    share = w @ y / w.sum()
    limits: dict[str, tuple[ArrayLike, ArrayLike]] = {
        "wald": _wald(share, np.sqrt(share * (1 - share) / n), conf_level)
    }
    by_prompt: list[ArrayLike] = [skeleton.design.cluster]
    for name, clusters in (
        ("clustered_by_prompt", by_prompt),
        ("clustered_by_prompt_and_reader", [*by_prompt, skeleton.reader]),
    ):
        found = clustered_share(y, weight=w, clusterings=clusters, conf_level=conf_level)
        limits[name] = (found.ci_low, found.ci_high)
    return _covered(limits, skeleton.shares, skeleton.shares)


def design_ratios(skeleton: Skeleton, conf_level: float, rng: np.random.Generator) -> Covered:
    """Risk ratios under the study's design: Koopman's interval on plain counts, and ours.

    Planted are 1 and, in one context of every second value, 1.5, 2 or 3; cells of planted values
    in other contexts, whose ratio to the rest is another, are left out.
    """
    factor, planted = planted_ratio(skeleton, RATIOS, rng)
    y = simulated_values(skeleton, rng, factor)
    x = skeleton.contexts
    k, n, m = x.T @ y, x.sum(axis=0)[:, None], y.sum(axis=0)[None, :]
    plain = koopman_interval(k, n, m - k, y.shape[0] - n, conf_level=conf_level)
    found = prevalences(x, y, skeleton.design)
    ours = risk_ratio(found, conf_level=conf_level)
    own = (planted == 1.0).all(axis=0) | (planted > 1.0)
    truth = np.where(own & (m > 0), planted, np.nan).ravel()
    limits = {
        "koopman": (plain.low.ravel(), plain.high.ravel()),
        "design_based": (ours.low.ravel(), ours.high.ravel()),
    }
    return _covered(limits, truth, skeleton.expected.ravel())


def corrected_shares(
    prevalence: float, conf_level: float, rare: float, rng: np.random.Generator
) -> Covered:
    """Shares of a frame that a machine labels whole: uncorrected, in-sample, corrected, read.

    ``corrected_in_sample`` rectifies labels of a machine that had seen the readings;
    ``corrected_wald`` is the cross-fitted estimate with a symmetric interval.

    Examples
    --------
    >>> found = corrected_shares(0.2, 0.95, 0.02, np.random.default_rng(1))
    >>> bool(found.hit["corrected"][0]), bool(found.hit["machine_uncorrected"][0])
    (True, False)
    """
    data = labelled_truth(prevalence, rng)
    share = float(data.truth.mean())
    own = _corrected(data, data.crossfitted, conf_level, rare)
    memorised = _corrected(data, data.in_sample, conf_level, rare)
    machine_error = np.sqrt(own.machine * (1 - own.machine) / data.truth.size)
    limits: dict[str, tuple[ArrayLike, ArrayLike]] = {
        "machine_uncorrected": _wald(own.machine, machine_error, conf_level),
        "corrected_in_sample": (memorised.ci_low, memorised.ci_high),
        "corrected_wald": _wald(own.estimate, own.standard_error, conf_level),
        "corrected": (own.ci_low, own.ci_high),
        "readings": (own.readings_low, own.readings_high),
    }
    return _covered(limits, np.array([share]), np.array([prevalence]))


def _corrected(
    data: LabelledTruth, machine: FloatArray, conf_level: float, rare: float
) -> CorrectedShare:
    return corrected_prevalence(data.truth, machine, data.frame, conf_level=conf_level, rare=rare)


def corrected_contrasts(
    prevalence: float, conf_level: float, rare: float, rng: np.random.Generator
) -> Covered:
    """Difference of two contexts: one rectifier for both, which cancels, or one for each.

    Examples
    --------
    >>> found = corrected_contrasts(0.2, 0.95, 0.02, np.random.default_rng(1))
    >>> {name: bool(hit[0]) for name, hit in found.hit.items()}
    {'shared_rectifier': False, 'rectifier_per_context': True}
    """
    data = labelled_truth(prevalence, rng)
    sides = [data.second, ~data.second]
    truth = np.array([data.truth[sides[0]].mean() - data.truth[sides[1]].mean()])
    machine = [data.crossfitted[side] for side in sides]
    error = np.sqrt(sum(float(f.var() / f.size) for f in machine))
    parts = [_within(data, side, conf_level, rare) for side in sides]
    own = mover_difference(*parts)
    limits = {
        "shared_rectifier": _wald(machine[0].mean() - machine[1].mean(), error, conf_level),
        "rectifier_per_context": (own.low, own.high),
    }
    return _covered(limits, truth, np.array([prevalence]))


def _within(data: LabelledTruth, side: BoolArray, conf_level: float, rare: float) -> Interval:
    frame = data.frame
    part = LabelledFrame.of(
        frame.read[side], frame.stratum[side], frame.cluster[side], frame.fold[side]
    )
    found = corrected_prevalence(
        data.truth[side], data.crossfitted[side], part, conf_level=conf_level, rare=rare
    )
    return Interval(
        np.asarray(found.estimate), np.asarray(found.ci_low), np.asarray(found.ci_high), conf_level
    )
