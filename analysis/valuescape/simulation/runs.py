"""All simulations of a calibration run, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from valuescape.simulation import conversations as nulls
from valuescape.simulation.coverage import (
    EXPECTED_BANDS,
    PREVALENCE_BANDS,
    SHARES,
    Covered,
    corrected_contrasts,
    corrected_shares,
    coverage_frame,
    design_ratios,
    design_shares,
    simple_shares,
)
from valuescape.simulation.methods import (
    Outcomes,
    Trust,
    independent_battery,
    outcomes_of,
    table_outcome,
    user_battery,
)
from valuescape.simulation.power import design_power, exact_power, null_outcomes, planted_outcomes
from valuescape.simulation.ranking import RankingPlan, ranking_bias
from valuescape.simulation.skeleton import Skeleton
from valuescape.simulation.sparse import sparse_outcomes, sparse_table
from valuescape.simulation.streams import streams
from valuescape.simulation.tallies import Tally, tally
from valuescape.simulation.top_sets import top_set_coverage
from valuescape.statistics.arrays import FloatArray

if TYPE_CHECKING:
    import pandas as pd

Generator = Callable[[nulls.Sizes, np.random.Generator], nulls.Conversations]
INDEPENDENT: dict[str, Generator] = {
    "exactly_five": nulls.exactly_five,
    "heavy_tailed": nulls.heavy_tailed,
    "bundles": nulls.bundles,
    "others_differ": nulls.others_differ,
    "mentions": nulls.mentions,
    "categories": nulls.categories,
    "planted": nulls.planted,
}
RANKING_TRUTHS = {
    "large_family": RankingPlan(),
    "sparse_family": RankingPlan(n_conversations=4_000, n_values=300),
}
PARTLY_NULL = ("others_differ", "planted")
MEMORISING = "memorising_labeller"
SAMPLE_SIZES = (100, 400)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """How much is simulated and how it is judged.

    Attributes
    ----------
    seed : int
        Seed of all streams.
    conf_level : float
        Level of the intervals checked and of Monte-Carlo intervals.
    replicates : int
        Replicates of scenarios with independent conversations.
    clustered : int
        Replicates of scenarios with clusters or labels.
    rankings : int
        Families whose top values are ranked.
    minimum_expected_ranked : float
        Expected count from which a value may be in a tied set.
    tables : int
        Sparse tables.
    table_scale : float
        Their size as a share of the published study's.
    trust : Trust
        From where the clustered score is trusted.
    rare : float
        Share under which corrected prevalences take the Wilson interval.
    sizes : Sizes
        Conversations, contexts and values of each data set that is not of the study's design.
    """

    seed: int
    conf_level: float
    replicates: int
    clustered: int
    rankings: int
    minimum_expected_ranked: float
    tables: int
    table_scale: float
    trust: Trust
    rare: float
    sizes: nulls.Sizes

    def streams(self, name: str, n: int) -> Iterator[np.random.Generator]:
        """Yield the streams of a scenario."""
        return streams(self.seed, name, n)


def calibration_tables(plan: RunPlan, skeletons: Mapping[str, Skeleton]) -> dict[str, pd.DataFrame]:
    """Run every simulation of a plan.

    Parameters
    ----------
    plan : RunPlan
        How much is simulated.
    skeletons : mapping of Skeleton
        The study's design by group.

    Returns
    -------
    dict of DataFrame
        ``sizes``: how often true nulls are rejected, by scenario, method, band and level;
        ``families``: what is declared after adjustment; ``coverage``: how often intervals cover, by
        study, method and band of prevalence (of expected count for risk ratios); ``power``: how
        often planted associations are found, by design, risk ratio and expected count;
        ``rankings``: what each way of ranking shows of its top value against the truth;
        ``top_sets``: how often tied sets hold the truly best value, and how large they are.
    """
    import pandas as pd

    planted = {group: _planted(plan, group, skeleton) for group, skeleton in skeletons.items()}
    cells, whole = _tallies(plan, skeletons)
    cells += [
        tally(f"planted_own_design_{group}", (found for found, _ in done))
        for group, done in planted.items()
    ]
    labelled = list(_labelled(plan, corrected_shares))
    sizes = [found.sizes(plan.conf_level) for found in cells]
    sizes += [_whole_sizes(found, plan.conf_level) for found in whole]
    coverage = [
        coverage_frame(study, replicates, bands, plan.conf_level)
        for study, replicates, bands in (
            *_simple(plan),
            *_designed(plan, skeletons),
            ("corrected_share", labelled, PREVALENCE_BANDS),
            ("corrected_contrast", _labelled(plan, corrected_contrasts), PREVALENCE_BANDS),
        )
    ]
    return {
        "sizes": pd.concat([*sizes, _memorising(plan, labelled)], ignore_index=True),
        "families": pd.concat(
            [found.families(plan.conf_level) for found in cells], ignore_index=True
        ),
        "coverage": pd.concat(coverage, ignore_index=True),
        "power": _power(plan, planted),
        "rankings": _rankings(plan),
        "top_sets": _top_sets(plan),
    }


def _rankings(plan: RunPlan) -> pd.DataFrame:
    import pandas as pd

    found = [
        ranking_bias(truth, n_runs=plan.rankings, seed=plan.seed).to_frame().assign(truth=name)
        for name, truth in RANKING_TRUTHS.items()
    ]
    return pd.concat(found, ignore_index=True).drop(columns="seed")


def _top_sets(plan: RunPlan) -> pd.DataFrame:
    import pandas as pd

    found = []
    for name, truth in RANKING_TRUTHS.items():
        ranked = replace(truth, minimum_expected=plan.minimum_expected_ranked)
        sets = top_set_coverage(
            ranked, n_runs=plan.rankings, seed=plan.seed, conf_level=plan.conf_level
        )
        found.append(sets.to_frame().assign(truth=name))
    return pd.concat(found, ignore_index=True).drop(columns=["seed", "conf_level"])


def _tallies(plan: RunPlan, skeletons: Mapping[str, Skeleton]) -> tuple[list[Tally], list[Tally]]:
    """Tallies of all cells, and of whole tables where all of a table is null."""
    cells, whole = [], []
    for name, draw in INDEPENDENT.items():
        drawn = plan.streams(name, plan.replicates)
        pairs = [_both_outcomes(draw(plan.sizes, rng), plan.trust) for rng in drawn]
        cells.append(tally(name, (by_cell for by_cell, _ in pairs)))
        if name not in PARTLY_NULL:
            whole.append(tally(name, (by_table for _, by_table in pairs)))
    users = plan.streams("repeated_users", plan.clustered)
    found = (
        outcomes_of(nulls.repeated_users(plan.sizes, r), user_battery, plan.trust) for r in users
    )
    cells.append(tally("repeated_users", found))
    drawn = plan.streams("sparse", plan.tables)
    sparse = (sparse_outcomes(sparse_table(plan.table_scale, rng)) for rng in drawn)
    cells.append(tally("sparse", sparse))
    for group, skeleton in skeletons.items():
        name = f"own_design_{group}"
        drawn = plan.streams(name, plan.clustered)
        cells.append(tally(name, _null(skeleton, plan.trust, drawn)))
    return cells, whole


def _both_outcomes(data: nulls.Conversations, trust: Trust) -> tuple[Outcomes, Outcomes]:
    return outcomes_of(data, independent_battery, trust), table_outcome(data)


def _null(
    skeleton: Skeleton, trust: Trust, drawn: Iterator[np.random.Generator]
) -> Iterator[Outcomes]:
    return (null_outcomes(skeleton, trust, rng) for rng in drawn)


def _whole_sizes(found: Tally, conf_level: float) -> pd.DataFrame:
    table = found.sizes(conf_level)
    return table[table["band"] == "all"]


def _planted(plan: RunPlan, group: str, skeleton: Skeleton) -> list[tuple[Outcomes, FloatArray]]:
    drawn = plan.streams(f"planted_own_design_{group}", plan.clustered)
    return [planted_outcomes(skeleton, plan.trust, rng) for rng in drawn]


def _memorising(plan: RunPlan, labelled: list[Covered]) -> pd.DataFrame:
    """Test that a share is what it is: rejected where its interval does not cover it."""
    found = coverage_frame(MEMORISING, labelled, {"all": (0.0, 1.0)}, plan.conf_level)
    return found.assign(
        scenario=MEMORISING,
        level=round(1.0 - plan.conf_level, 10),
        n_hits=found["n_trials"] - found["n_hits"],
        rate=1.0 - found["rate"],
        rate_low=1.0 - found["rate_high"],
        rate_high=1.0 - found["rate_low"],
    ).drop(columns=["study", "median_width"])


Labelled = Callable[[float, float, float, np.random.Generator], Covered]
Bands = dict[str, tuple[float, float]]


def _labelled(plan: RunPlan, simulate: Labelled) -> Iterator[Covered]:
    for prevalence in SHARES:
        for rng in plan.streams(f"{MEMORISING} {prevalence}", plan.clustered):
            yield simulate(prevalence, plan.conf_level, plan.rare, rng)


def _simple(plan: RunPlan) -> Iterator[tuple[str, Iterator[Covered], Bands]]:
    for n in SAMPLE_SIZES:
        name = f"independent_{n}"
        drawn = plan.streams(name, 10 * plan.replicates)
        yield name, _each(partial(simple_shares, n, plan.conf_level), drawn), PREVALENCE_BANDS


def _designed(
    plan: RunPlan, skeletons: Mapping[str, Skeleton]
) -> Iterator[tuple[str, Iterator[Covered], Bands]]:
    for group, skeleton in skeletons.items():
        for kind, simulate, bands in (
            ("share", design_shares, PREVALENCE_BANDS),
            ("risk_ratio", design_ratios, EXPECTED_BANDS),
        ):
            name = f"{kind}_{group}"
            drawn = plan.streams(name, plan.clustered)
            yield name, _each(partial(simulate, skeleton, plan.conf_level), drawn), bands


def _each(
    simulate: Callable[[np.random.Generator], Covered], drawn: Iterator[np.random.Generator]
) -> Iterator[Covered]:
    return (simulate(rng) for rng in drawn)


def _power(plan: RunPlan, planted: Mapping[str, list[tuple[Outcomes, FloatArray]]]) -> pd.DataFrame:
    import pandas as pd

    rng = next(plan.streams("power", 1))
    tables = [exact_power(10 * plan.replicates, plan.conf_level, rng).assign(design="independent")]
    for group, done in planted.items():
        tables.append(design_power(done, plan.conf_level).assign(design=group))
    return pd.concat(tables, ignore_index=True)
