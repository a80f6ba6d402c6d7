"""Which values go with which context: tests, effect sizes and rankings of every cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from valuescape.counts.cells import CELL_KEY, stratum_counts_of
from valuescape.statistics.cells import adjusted_residual, signed_root_deviance
from valuescape.statistics.design import DesignScores, design_tests
from valuescape.statistics.dirichlet_prior import prior_strength
from valuescape.statistics.fcr import fcr_intervals
from valuescape.statistics.hierarchical import hierarchical_bh
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.intervals import Interval
from valuescape.statistics.log_odds import log_odds
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.prevalence import Prevalences, risk_ratio
from valuescape.statistics.shrinkage import shrunken_log_rr
from valuescape.study.plan import FAMILY, CellPlan

_SHARES = ("prevalence_inside", "prevalence_outside", "effective_inside", "effective_outside")


def associate(cells: pd.DataFrame, strata: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    """Test, size and rank every cell, family by family.

    Parameters
    ----------
    cells, strata : DataFrame
        Tables ``counts`` and ``stratum_counts``.
    plan : CellPlan
        Fixed before looking.

    Returns
    -------
    DataFrame
        One row a cell: its counts and prevalences, ``risk_ratio`` with ``ci_low`` and ``ci_high``,
        ``adjusted_residual``, ``signed_root_deviance``, ``log_odds`` and ``log_odds_z`` (Dirichlet
        prior), ``log_rr`` with ``log_rr_low`` and ``log_rr_high`` (empirical Bayes), ``z``,
        ``log10_p`` and ``method`` of the primary test, ``q_value``, ``bonferroni``,
        ``hierarchical`` (values first, contexts inside the values selected), ``fcr_low`` and
        ``fcr_high`` (interval of the risk ratio that allows for selection by q-value; NaN for
        cells not selected),
        ``log10_p_independent`` and ``distinctive``.  A cell whose strata lie wholly inside or
        outside the context, or hold the value always or never, carries no information: its
        ``method`` says so, it has no p-value and is not in the family.
    """
    strata_of = dict(list(strata.groupby(FAMILY)))
    parts = [
        _associate_family(part, strata_of[key], plan)
        for key, part in cells.groupby(FAMILY, sort=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _associate_family(cells: pd.DataFrame, strata: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    ordered = cells.sort_values(["context", "value"], kind="stable").reset_index(drop=True)
    tested = _primary_test(ordered, strata, plan)
    selected = _selected_intervals(ordered, tested, plan)
    parts = [_described(ordered, plan), tested, selected, _ranked(ordered, plan)]
    table = pd.concat(parts, axis=1)
    distinctive = table["log_rr_low"] > np.log(plan.distinctive_risk_ratio)
    significant = table["q_value"] <= plan.q_threshold
    return table.assign(distinctive=distinctive & significant)


def _primary_test(cells: pd.DataFrame, strata: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    contexts, values = cells["context"].unique(), cells["value"].unique()
    shape = (len(contexts), len(values))
    scores = _scores_of(cells, shape)
    counts = stratum_counts_of(strata, contexts, values)
    found = design_tests(
        scores,
        counts,
        minimum_expected=plan.minimum_expected,
        minimum_clusters=plan.minimum_clusters,
    )
    informative = (scores.score_variance_independent > 0).ravel()
    log10_p = np.where(informative, found.log10_p.ravel(), np.nan)
    method = np.where(found.exact.ravel(), "exact_deflated", "clustered_score")
    by_value = log10_p.reshape(shape).T
    declared = hierarchical_bh(by_value, level=plan.q_threshold).declared
    margins = [cells[c].to_numpy() for c in ("n_both", "n_context", "n_value", "n_total")]
    return pd.DataFrame(
        {
            "z": scores.z.ravel(),
            "log10_p": log10_p,
            "method": np.where(informative, method, "no_information"),
            "q_value": 10.0 ** adjust_p(log10_p, "bh"),
            "bonferroni": adjust_p(log10_p, "bonferroni") <= np.log10(plan.q_threshold),
            "hierarchical": declared.T.ravel(),
            "log10_p_independent": exact_log10_p(*margins),
        }
    )


def _scores_of(cells: pd.DataFrame, shape: tuple[int, int]) -> DesignScores:
    def grid(name: str) -> NDArray[np.float64]:
        return cells[name].to_numpy(dtype=float).reshape(shape)

    return DesignScores(
        grid("score"),
        grid("score_variance"),
        grid("score_variance_independent"),
        grid("design_effect"),
        grid("n_clusters_context")[:, 0].astype(np.int64),
        grid("n_clusters_value")[0].astype(np.int64),
    )


def _selected_intervals(cells: pd.DataFrame, tested: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    """Intervals of the risk ratio that allow for the selection by q-value."""
    shares = [cells[c].to_numpy(dtype=float) for c in _SHARES]

    def interval(*data: ArrayLike, conf_level: float) -> Interval:
        return risk_ratio(Prevalences(*(np.asarray(a) for a in data)), conf_level=conf_level)

    found = fcr_intervals(
        (tested["q_value"] <= plan.q_threshold).to_numpy(),
        *shares,
        interval=interval,
        tested=tested["log10_p"].notna().to_numpy(),
        conf_level=plan.conf_level,
    )
    return pd.DataFrame({"fcr_low": found.low, "fcr_high": found.high})


def _described(cells: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    shares = Prevalences(*(cells[c].to_numpy(dtype=float) for c in _SHARES))
    ratio = risk_ratio(shares, conf_level=plan.conf_level)
    counts = [cells[c].to_numpy() for c in ("n_both", "n_context", "n_value", "n_total")]
    kept = [
        *CELL_KEY,
        "n_both",
        "n_context",
        "n_value",
        "n_total",
        "n_clusters_context",
        "n_clusters_value",
        "expected",
        "prevalence_inside",
        "prevalence_outside",
        "design_effect",
    ]
    return cells[kept].assign(
        risk_ratio=ratio.estimate,
        ci_low=ratio.low,
        ci_high=ratio.high,
        adjusted_residual=adjusted_residual(*counts),
        signed_root_deviance=signed_root_deviance(*counts),
    )


def _ranked(cells: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    n_contexts = cells["context"].nunique()
    k = cells["n_both"].to_numpy(dtype=float)
    n = cells["n_context"].to_numpy(dtype=float)
    value = cells["n_value"].to_numpy(dtype=float)
    total = cells["n_total"].to_numpy(dtype=float)
    strength = plan.prior_strength
    if strength is None:
        strength = prior_strength(
            k.reshape(n_contexts, -1),
            n.reshape(n_contexts, -1)[:, 0],
            (value / total).reshape(n_contexts, -1)[0],
            model="beta-binomial",
        ).strength
    odds = log_odds(
        k, n, value - k, total - n, prior=strength * value / total, prior_total=strength
    )
    effect = cells["design_effect"].to_numpy(dtype=float)
    expected = cells["expected"].to_numpy(dtype=float)
    possible = expected > 0
    shrunk = shrunken_log_rr(
        (k / effect)[possible], (expected / effect)[possible], conf_level=plan.conf_level
    )
    table = pd.DataFrame({"log_odds": odds.log_odds, "log_odds_z": odds.z})
    for name in ("log_rr", "log_rr_low", "log_rr_high"):
        table.loc[possible, name] = getattr(shrunk, name)
    return table
