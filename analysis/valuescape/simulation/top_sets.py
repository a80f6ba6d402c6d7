"""Whether tied sets hold the truly best value of a context, in simulated counts of known truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from valuescape.simulation.ranking import (
    RankingPlan,
    RankingWorld,
    check_runs,
    rankable,
    simulate_ranking,
)
from valuescape.statistics.arrays import BoolArray, FloatArray, result_frame
from valuescape.statistics.shares import critical_value
from valuescape.statistics.shrinkage import shrunken_log_rr
from valuescape.statistics.top_set import tied_top_set

if TYPE_CHECKING:
    import pandas as pd

TopSetSource: TypeAlias = Literal["posterior", "counts", "bootstrap_ranks"]
"""Tied sets from the posterior mean and SD of the log ratio, or from the log ratio of the counts
and its standard error, both with simultaneous intervals; or the values that are first in more
bootstrap replicates than a tail of the level holds, without any allowance for ties."""

SOURCES: tuple[TopSetSource, ...] = get_args(TopSetSource)
N_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class TopSetCoverage:
    """Tied sets of every simulated context; arrays are over the sources.

    Attributes
    ----------
    source : ndarray of str
        What the sets are built from.
    coverage, coverage_error : ndarray of float64
        Share of contexts whose set holds the value with the largest true ratio, and its standard
        error over runs.
    size : ndarray of float64
        Mean number of values in a set.
    single : ndarray of float64
        Share of sets with one value only.
    conf_level : float
        Nominal coverage.
    n_runs, seed : int
        Simulated families, and the seed.
    """

    source: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    coverage: FloatArray
    coverage_error: FloatArray
    size: FloatArray
    single: FloatArray
    conf_level: float
    n_runs: int
    seed: int

    def to_frame(self) -> pd.DataFrame:
        """One row a source."""
        return result_frame(self)


def top_set_coverage(
    plan: RankingPlan, *, n_runs: int, seed: int, conf_level: float = 0.95
) -> TopSetCoverage:
    """Measure how often tied sets hold the truly best value of a context, and how large they are.

    Parameters
    ----------
    plan : RankingPlan
        Truth.
    n_runs : int
        Simulated families, at least 2.
    seed : int
        Seed.
    conf_level : float, default 0.95
        Nominal coverage of the sets.

    Returns
    -------
    TopSetCoverage
        One entry a source.

    Raises
    ------
    ValueError
        If there are fewer than two runs, or no value is frequent enough to be ranked in a context.

    Examples
    --------
    >>> plan = RankingPlan(n_contexts=5, n_values=60)
    >>> found = top_set_coverage(plan, n_runs=2, seed=1)
    >>> bool(found.size[0] < found.size[1])
    True
    """
    check_runs(n_runs)
    rng = np.random.default_rng(seed)
    runs = [_contexts(simulate_ranking(plan, rng), plan, conf_level, rng) for _ in range(n_runs)]
    table = np.stack(runs)
    covered = table[..., 0].mean(axis=2)
    return TopSetCoverage(
        source=np.array(SOURCES),
        coverage=covered.mean(axis=0),
        coverage_error=covered.std(axis=0, ddof=1) / np.sqrt(n_runs),
        size=table[..., 1].mean(axis=(0, 2)),
        single=(table[..., 1] == 1).mean(axis=(0, 2)),
        conf_level=conf_level,
        n_runs=n_runs,
        seed=seed,
    )


def _contexts(
    world: RankingWorld, plan: RankingPlan, conf_level: float, rng: np.random.Generator
) -> FloatArray:
    """Whether each set holds the best value, and its size; shape (sources, contexts, 2)."""
    posterior = shrunken_log_rr(world.k, world.expected)
    width = posterior.log_rr_high - posterior.log_rr_low
    deviation = width / (2 * critical_value(posterior.conf_level))
    log_ratio = np.log((world.k + 0.5) / (world.expected + 0.5))
    error = 1 / np.sqrt(world.k + 0.5)
    found = np.empty((len(SOURCES), len(world.k), 2))
    for c, mask in enumerate(rankable(world, plan)):
        sets = (
            _tied(posterior.log_rr[c, mask], deviation[c, mask], conf_level),
            _tied(log_ratio[c, mask], error[c, mask], conf_level),
            _often_first(world.k[c, mask], world.expected[c, mask], conf_level, rng),
        )
        best = int(np.argmax(world.true_log_ratio[c, mask]))
        for source, members in enumerate(sets):
            found[source, c] = members[best], members.sum()
    return found


def _tied(estimate: FloatArray, error: FloatArray, conf_level: float) -> BoolArray:
    """Members of the tied set of one context."""
    return tied_top_set(
        estimate, standard_error=error, conf_level=conf_level, n_draws=N_DRAWS
    ).in_set


def _often_first(
    k: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    expected: FloatArray,
    conf_level: float,
    rng: np.random.Generator,
) -> BoolArray:
    """Values whose percentile interval of bootstrap ranks reaches the first."""
    drawn = np.log((rng.poisson(k, (N_DRAWS, k.size)) + 0.5) / (expected + 0.5))
    first = np.bincount(drawn.argmax(axis=1), minlength=k.size) / N_DRAWS
    return np.asarray(first > (1 - conf_level) / 2)
