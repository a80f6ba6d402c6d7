"""Observations of arms in strata, and the mix of strata they are brought to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, as_amounts
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.groups import label_codes
from valuescape.statistics.options import MissingCells


@dataclass(frozen=True, slots=True)
class Sample:
    """Observations, with codes and the names behind them.

    Attributes
    ----------
    y : ndarray of 0/1, shape (n, n_outcomes)
        Indicators.
    weight : ndarray, shape (n,)
        Design weights.
    stratum, arm, cluster : ndarray of int, shape (n,)
        Codes from 0.
    strata, arms : list
        Names behind the codes, sorted.
    """

    y: FloatArray
    weight: FloatArray
    stratum: NDArray[np.intp]
    arm: NDArray[np.intp]
    cluster: NDArray[np.intp]
    strata: list[Any]
    arms: list[Any]


def checked_sample(
    y: ArrayLike, weight: ArrayLike, stratum: ArrayLike, arm: ArrayLike, cluster: ArrayLike
) -> Sample:
    """Check and code the observations.

    Parameters
    ----------
    y, weight, stratum, arm, cluster : array_like
        As in :func:`~valuescape.statistics.standardisation.standardise`.

    Returns
    -------
    Sample

    Raises
    ------
    ValueError
        As there.

    Examples
    --------
    >>> checked_sample([1, 0], [1, 1], ["b", "a"], [2, 2], [0, 1]).stratum.tolist()
    [1, 0]
    """
    outcome = as_indicators("y", y)
    n = outcome.shape[0]
    w = as_weights("weight", weight, n)
    strata, stratum_codes = label_codes("stratum", stratum, n)
    arms, arm_codes = label_codes("arm", arm, n)
    codes = label_codes("cluster", cluster, n, fewest=2)[1]
    return Sample(outcome, w, stratum_codes, arm_codes, codes, strata.tolist(), arms.tolist())


def target_mix(
    sample: Sample, target: Mapping[Any, float], missing: MissingCells
) -> tuple[FloatArray, tuple[object, ...], float]:
    """Share of each stratum of the sample in the mix, strata left out, and what is covered.

    Parameters
    ----------
    sample : Sample
        The observations.
    target : mapping
        Stratum to its share of the mix.
    missing : {"refuse", "drop"}
        What to do where an arm has no observation in a stratum of the target.

    Returns
    -------
    tuple
        Shares of shape (n_strata,), names left out, and the share of the target that remains.

    Raises
    ------
    ValueError
        If the target holds a negative share or none above zero, or a stratum is missed.

    Examples
    --------
    >>> sample = checked_sample([1, 0], [1, 1], ["b", "a"], [2, 2], [0, 1])
    >>> shares, dropped, coverage = target_mix(sample, {"a": 3, "b": 1}, "refuse")
    >>> shares.tolist(), dropped, coverage
    ([0.75, 0.25], (), 1.0)
    """
    shares = as_amounts("target", list(target.values()))
    if not shares.sum() > 0:
        raise ValueError("target: no stratum has a share above zero")
    wanted = {h: t for h, t in zip(target, shares / shares.sum(), strict=True) if t > 0}
    seen = np.zeros((len(sample.strata), len(sample.arms)), dtype=np.bool_)
    seen[sample.stratum, sample.arm] = True
    everywhere = {h for h, row in zip(sample.strata, seen, strict=True) if row.all()}
    dropped = tuple(h for h in wanted if h not in everywhere)
    if dropped and missing == "refuse":
        raise ValueError(f"target[{dropped[0]!r}]: an arm has no observation in this stratum")
    mix = np.array([wanted.get(h, 0.0) if h in everywhere else 0.0 for h in sample.strata])
    coverage = float(mix.sum())
    if coverage == 0:
        raise ValueError("target: no stratum of it has observations in every arm")
    return mix / coverage, dropped, 1.0 if not dropped else coverage
