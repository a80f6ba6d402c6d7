"""The numbers of the paper on how well its own methods do, from the full simulation run."""

from __future__ import annotations

import pandas as pd

from valuescape.report.numbers import Numbers
from valuescape.report.printing import count, decimal, percent, percent_range
from valuescape.report.results import Results, one
from valuescape.report.tables.calibration import full_run

_OWN = ("own_design_ordinary", "own_design_adversarial")
_POOLED = ("others_differ", "mentions", "categories", "repeated_users")


def calibration_numbers(results: Results, level: float) -> Numbers:
    """Sizes, false declarations, coverage and what rankings show."""
    sizes = full_run(results, "sizes")
    sizes = sizes[sizes["level"] == level]
    return {
        "level": percent(level, 0),
        "own": {name.removeprefix("own_design_"): _own(sizes, name) for name in _OWN},
        "pooled": {name: _pooled(sizes, name) for name in _POOLED},
        "small": _span(sizes[sizes["scenario"].isin(_OWN)], "design_based", "E < 5"),
        "middle": _span(sizes[sizes["scenario"].isin(_OWN)], "design_based", "5 ≤ E < 20"),
        "above_goal": count(_above_goal(sizes, level)),
        "sparse": _sparse(full_run(results, "families")),
        "coverage": _coverage(full_run(results, "coverage")),
        "rankings": _rankings(full_run(results, "rankings")),
        "top_sets": _top_sets(full_run(results, "top_sets")),
    }


def _size(sizes: pd.DataFrame, scenario: str, method: str, band: str) -> str:
    return percent(one(sizes, scenario=scenario, method=method, band=band)["rate"])


def _own(sizes: pd.DataFrame, scenario: str) -> Numbers:
    return {
        "ours": _size(sizes, scenario, "design_based", "E ≥ 20"),
        "independent": _size(sizes, scenario, "conversation_exact", "E ≥ 20"),
    }


def _pooled(sizes: pd.DataFrame, scenario: str) -> Numbers:
    ours = "design_based" if scenario == "repeated_users" else "conversation_exact"
    return {
        "usual": _size(sizes, scenario, "pooled_residual", "E ≥ 20"),
        "ours": _size(sizes, scenario, ours, "E ≥ 20"),
    }


def _span(sizes: pd.DataFrame, method: str, band: str) -> str:
    rates = sizes.loc[(sizes["method"] == method) & (sizes["band"] == band), "rate"]
    return percent_range(rates.min(), rates.max())


def _above_goal(sizes: pd.DataFrame, level: float) -> int:
    """Count bands in which a test of this study exceeds its level by three standard errors."""
    designed = sizes["scenario"].isin([*_OWN, "repeated_users"])
    ours = sizes["method"].where(~designed, sizes["method"].replace("conversation_exact", ""))
    tested = ours.isin(["conversation_exact", "design_based", "corrected"])
    over = sizes["rate"] > level + 3 * sizes["monte_carlo_se"]
    null = ~sizes["scenario"].str.startswith("planted")
    return int((tested & over & null).sum())


def _sparse(families: pd.DataFrame) -> Numbers:
    def false(method: str, adjustment: str) -> str:
        row = one(families, scenario="sparse", method=method, adjustment=adjustment)
        return count(row["mean_false"])

    return {
        "residual": false("residual", "bonferroni"),
        "exact": false("conversation_exact", "bonferroni"),
        "exact_bh": false("conversation_exact", "bh"),
    }


def _coverage(coverage: pd.DataFrame) -> Numbers:
    def span(study: str, method: str) -> str:
        part = coverage[(coverage["study"] == study) & (coverage["method"] == method)]
        return percent_range(part["rate"].min(), part["rate"].max(), 0)

    ratios = coverage[coverage["study"].str.startswith("risk_ratio")]
    ours = ratios.loc[ratios["method"] == "design_based", "rate"]
    return {
        "corrected": span("corrected_share", "corrected"),
        "machine": span("corrected_share", "machine_uncorrected"),
        "in_sample": span("corrected_share", "corrected_in_sample"),
        "contrast": span("corrected_contrast", "rectifier_per_context"),
        "shared": span("corrected_contrast", "shared_rectifier"),
        "risk_ratio": percent_range(ours.min(), ours.max(), 0),
        "readers_ordinary": span("share_ordinary", "clustered_by_prompt_and_reader"),
    }


def _rankings(rankings: pd.DataFrame) -> Numbers:
    part = rankings[rankings["truth"] == "sparse_family"]
    return {
        str(row["method"]): {
            "shown": decimal(row["shown"], 1),
            "true": decimal(row["true"], 1),
        }
        for _, row in part.iterrows()
    }


def _top_sets(sets: pd.DataFrame) -> Numbers:
    rates = sets.loc[sets["source"] == "posterior", "coverage"]
    naive = sets.loc[sets["source"] == "bootstrap_ranks", "coverage"]
    return {
        "ours": percent_range(rates.min(), rates.max(), 0),
        "bootstrap": percent_range(naive.min(), naive.max(), 0),
    }
