"""What ranking methods show of the value they put first, in simulated counts of known truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from scipy import special

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray, refuse, result_frame
from valuescape.statistics.cells import adjusted_residual
from valuescape.statistics.dirichlet_prior import prior_strength
from valuescape.statistics.log_odds import log_odds
from valuescape.statistics.shrinkage import shrunken_log_rr

if TYPE_CHECKING:
    import pandas as pd

RankingMethod: TypeAlias = Literal["adjusted_residual", "log_odds_z", "risk_ratio", "posterior"]
"""What values are ranked by; `posterior` is the empirical-Bayes mean of the log risk ratio."""

METHODS: tuple[RankingMethod, ...] = get_args(RankingMethod)


@dataclass(frozen=True, slots=True)
class RankingPlan:
    """A family of cells with planted risk ratios.

    Attributes
    ----------
    n_conversations, n_contexts, n_values : int
        Size of the table.
    largest_prevalence, smallest_prevalence : float
        Share of conversations with the most and the least frequent value; log-evenly spaced.
    enriched_share : float
        Share of the cells that are enriched.
    enriched_log_ratio, enriched_spread : float
        Mean and standard deviation of the log risk ratio of enriched cells.
    common_spread : float
        Standard deviation of the log risk ratio of all others.
    minimum_expected : float
        Expected count from which a value may be ranked in a context.
    """

    n_conversations: int = 20_000
    n_contexts: int = 20
    n_values: int = 200
    largest_prevalence: float = 0.3
    smallest_prevalence: float = 0.0005
    enriched_share: float = 0.05
    enriched_log_ratio: float = 1.0
    enriched_spread: float = 0.3
    common_spread: float = 0.15
    minimum_expected: float = 0.0


@dataclass(frozen=True, slots=True)
class RankingBias:
    """Top value of every simulated context by every method; arrays are over the methods.

    Attributes
    ----------
    method : ndarray of str
        What values are ranked by.
    shown : ndarray of float64
        Mean of what is printed for the top value: the log ratio of observed and expected counts
        (residual, ratio), the log odds ratio with prior, or the posterior mean.
    true : ndarray of float64
        Mean true value of the same quantity.
    bias, bias_error : ndarray of float64
        Mean of shown minus true, and its standard error over runs.
    true_log_ratio : ndarray of float64
        Mean true log risk ratio of the top value, comparable between methods.
    best_log_ratio : ndarray of float64
        Mean of the largest true log risk ratio of a context, the same for all.
    expected_count : ndarray of float64
        Median expected count of the top value: small where rare values are put first.
    n_runs, seed : int
        Simulated families, and the seed.
    """

    method: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    shown: FloatArray
    true: FloatArray
    bias: FloatArray
    bias_error: FloatArray
    true_log_ratio: FloatArray
    best_log_ratio: FloatArray
    expected_count: FloatArray
    n_runs: int
    seed: int

    def to_frame(self) -> pd.DataFrame:
        """One row a method."""
        return result_frame(self)


@dataclass(frozen=True, slots=True)
class RankingWorld:
    """One simulated family of cells; tables have the shape (contexts, values).

    Attributes
    ----------
    k : ndarray of int64
        Conversations of the context with the value.
    n_context, n_value : ndarray of int64
        Their margins, of shapes (contexts, 1) and (values,).
    share : ndarray of float64
        True share of the context's conversations with the value.
    """

    k: IntArray
    n_context: IntArray
    n_value: IntArray
    share: FloatArray

    @property
    def n_total(self) -> int:
        """Conversations of all contexts."""
        return int(self.n_context.sum())

    @property
    def expected(self) -> FloatArray:
        """Expected counts under independence."""
        return np.asarray(self.n_context * (self.n_value / self.n_total))

    @property
    def overall(self) -> FloatArray:
        """True share of all conversations with each value."""
        return np.asarray((self.n_context * self.share).sum(axis=0) / self.n_total)

    @property
    def true_log_ratio(self) -> FloatArray:
        """True log ratio of the share within the context and the share of all."""
        return np.asarray(np.log(self.share / self.overall))

    @property
    def true_log_odds(self) -> FloatArray:
        """True log odds ratio of the context and the rest."""
        rest = self.n_total * self.overall - self.n_context * self.share
        return np.asarray(
            special.logit(self.share) - special.logit(rest / (self.n_total - self.n_context))
        )


def simulate_ranking(plan: RankingPlan, rng: np.random.Generator) -> RankingWorld:
    """Draw one family of cells; values that no conversation expresses are left out.

    Parameters
    ----------
    plan : RankingPlan
        Truth.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    RankingWorld
        Counts and truth.

    Raises
    ------
    ValueError
        If a part of the plan is out of range.

    Examples
    --------
    >>> world = simulate_ranking(RankingPlan(), np.random.default_rng(1))
    >>> world.k.shape[0], world.n_total
    (20, 20000)
    """
    _check_plan(plan)
    zipf = 1.0 / np.arange(1, plan.n_contexts + 1)
    n_context = np.maximum(np.rint(plan.n_conversations * zipf / zipf.sum()), 1).astype(np.int64)
    n_context[0] += plan.n_conversations - n_context.sum()
    base = np.geomspace(plan.largest_prevalence, plan.smallest_prevalence, plan.n_values)
    shape = (plan.n_contexts, plan.n_values)
    log_ratio = np.where(
        rng.random(shape) < plan.enriched_share,
        rng.normal(plan.enriched_log_ratio, plan.enriched_spread, shape),
        rng.normal(0.0, plan.common_spread, shape),
    )
    share = np.minimum(base * np.exp(log_ratio), 0.95)
    k = rng.binomial(n_context[:, None], share)
    seen = k.sum(axis=0) > 0
    return RankingWorld(k[:, seen], n_context[:, None], k.sum(axis=0)[seen], share[:, seen])


def ranking_bias(plan: RankingPlan, *, n_runs: int, seed: int) -> RankingBias:
    """Compare what each ranking method shows of its top values with what is true of them.

    Parameters
    ----------
    plan : RankingPlan
        Truth.
    n_runs : int
        Simulated families, at least 2.
    seed : int
        Seed.

    Returns
    -------
    RankingBias
        One entry a method.

    Raises
    ------
    ValueError
        If there are fewer than two runs, or no value is frequent enough to be ranked in a context.

    Examples
    --------
    >>> found = ranking_bias(RankingPlan(n_values=60), n_runs=2, seed=1)
    >>> dict(zip(found.method.tolist(), (found.bias > 0.5).tolist()))["risk_ratio"]
    True
    """
    check_runs(n_runs)
    rng = np.random.default_rng(seed)
    tables = np.stack([_tops(simulate_ranking(plan, rng), plan) for _ in range(n_runs)])
    shown, true, ratio, best = (tables[..., part].mean(axis=(0, 2)) for part in range(4))
    per_run = (tables[..., 0] - tables[..., 1]).mean(axis=2)
    return RankingBias(
        method=np.array(METHODS),
        shown=shown,
        true=true,
        bias=per_run.mean(axis=0),
        bias_error=per_run.std(axis=0, ddof=1) / np.sqrt(n_runs),
        true_log_ratio=ratio,
        best_log_ratio=best,
        expected_count=np.median(tables[..., 4], axis=(0, 2)),
        n_runs=n_runs,
        seed=seed,
    )


def _check_plan(plan: RankingPlan) -> None:
    least = {"n_contexts": 2, "n_values": 2, "n_conversations": 10 * plan.n_contexts}
    least_spreads = dict.fromkeys(("enriched_spread", "common_spread", "minimum_expected"), 0)
    for name, bound in (least | least_spreads).items():
        if not getattr(plan, name) >= bound:
            raise ValueError(f"{name} = {getattr(plan, name)}: must be at least {bound}")
    if not 0 < plan.smallest_prevalence <= plan.largest_prevalence < 1:
        raise ValueError("smallest_prevalence, largest_prevalence: must rise between 0 and 1")
    if not 0 <= plan.enriched_share <= 1:
        raise ValueError(f"enriched_share = {plan.enriched_share}: must lie between 0 and 1")


def check_runs(n_runs: int) -> None:
    """Refuse fewer than two runs.

    Parameters
    ----------
    n_runs : int
        Simulated families.

    Raises
    ------
    ValueError
        If there are fewer than two.

    Examples
    --------
    >>> check_runs(2)
    """
    if n_runs < 2:
        raise ValueError(f"n_runs = {n_runs}: at least two are needed for a standard error")


def rankable(world: RankingWorld, plan: RankingPlan) -> BoolArray:
    """Mark the cells whose value may be ranked in its context.

    Parameters
    ----------
    world : RankingWorld
        Counts.
    plan : RankingPlan
        Its `minimum_expected` decides.

    Returns
    -------
    ndarray of bool, shape (contexts, values)
        True where the expected count is large enough.

    Raises
    ------
    ValueError
        If no value of a context is frequent enough.

    Examples
    --------
    >>> world = simulate_ranking(RankingPlan(), np.random.default_rng(1))
    >>> bool(rankable(world, RankingPlan()).all())
    True
    """
    frequent = world.expected >= plan.minimum_expected
    if not frequent.any(axis=1).all():
        context = int(np.argmin(frequent.any(axis=1)))
        raise ValueError(f"minimum_expected: no value is frequent enough in context {context}")
    return np.asarray(frequent)


def _tops(world: RankingWorld, plan: RankingPlan) -> FloatArray:
    """Shown, true, true ratio, best ratio and expected count of tops; (methods, contexts, 5)."""
    with np.errstate(divide="ignore"):
        raw = np.log(world.k / world.expected)
    odds, z = _smoothed_odds(world)
    posterior = shrunken_log_rr(world.k, world.expected).log_rr
    residual = adjusted_residual(world.k, world.n_context, world.n_value, world.n_total)
    ratio = world.true_log_ratio
    columns = {
        "adjusted_residual": (residual, raw, ratio),
        "log_odds_z": (z, odds, world.true_log_odds),
        "risk_ratio": (raw, raw, ratio),
        "posterior": (posterior, posterior, ratio),
    }
    allowed = np.where(rankable(world, plan), 0.0, -np.inf)
    best = (ratio + allowed).max(axis=1)
    rows = []
    for method in METHODS:
        score, shown, true = columns[method]
        top = np.argmax(score + allowed, axis=1)[:, None]
        picked = [np.take_along_axis(t, top, 1)[:, 0] for t in (shown, true, ratio, world.expected)]
        refuse(np.isneginf(picked[0]), "n_conversations", "no value occurs in this context")
        rows.append(np.stack([*picked[:3], best, picked[3]], axis=-1))
    return np.stack(rows)


def _smoothed_odds(world: RankingWorld) -> tuple[FloatArray, FloatArray]:
    """Log odds ratio and z with the prior of largest marginal likelihood."""
    overall = world.n_value / world.n_total
    strength = prior_strength(
        world.k, world.n_context[:, 0], overall, model="beta-binomial"
    ).strength
    found = log_odds(
        world.k,
        world.n_context,
        world.n_value - world.k,
        world.n_total - world.n_context,
        prior=strength * overall,
        prior_total=strength,
    )
    return found.log_odds, found.z
