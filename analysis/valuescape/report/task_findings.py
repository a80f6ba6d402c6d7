"""The numbers of the paper on values and contexts (Q2)."""

from __future__ import annotations

import pandas as pd

from valuescape.report.numbers import Numbers
from valuescape.report.printing import count, decimal, listing, probability, ratio, ratio_range
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import TASK_TYPE_NAMES


def q2_numbers(results: Results, level: float) -> Numbers:
    """Whether values follow the task."""
    omnibus = results.table("associate", "omnibus")
    top = results.table("associate", "top_values")
    claims = results.table("respond", "claims")
    found: Numbers = {}
    for group in (ORDINARY, ADVERSARIAL):
        row = one(omnibus, group=group, context_kind="task_type", level=0)
        ranked = top[(top["group"] == group) & (top["level"] == 0)]
        found[group] = {
            "n_cells": count(row["n_cells"]),
            "n_bh": count(row["declared_bh"]),
            "n_bonferroni": count(row["declared_bonferroni"]),
            "n_replicated": count(row["replicated_both_ways"] + row["replicated_one_way"]),
            "omnibus_p": probability(row["log10_p"]),
            "n_clusters": count(row["n_clusters"]),
            "n_independent": count(row["declared_independent"]),
            "n_residual": count(row["declared_residual"]),
            "n_contexts": count(ranked["context"].nunique()),
            "without": count((ranked["rank"] == 0).sum()),
            "cramers_v": decimal(row["cramers_v_corrected"]),
        }
    for key in ("healthy_boundaries", "historical_accuracy", "ai_humility", "mutual_respect"):
        found[key] = claim_numbers(results, key)
    verdicts = claims["verdict"].value_counts()
    contrary = verdicts.get("contrary", 0)
    found["claims"] = {
        "n": count(len(claims)),
        "holds": count(verdicts.get("holds", 0)),
        "not_shown": count(verdicts.get("not shown", 0)),
        "contrary": count(contrary) if contrary else "none",
        "untestable": count(verdicts.get("cannot be tested", 0)),
    }
    found["invariance"] = _invariance(results)
    found["replicated"] = _replicated(results)
    found["top_sets"] = _top_sets(results)
    found["attenuation"] = _attenuation(results)
    found["divergences"] = _divergences(results, level)
    run = one(omnibus, group=ORDINARY, context_kind="run", level=0)
    found["run"] = {"n_cells": count(run["n_cells"]), "n_bh": count(run["declared_bh"])}
    found["run_adversarial"] = {
        "n_bh": count(one(omnibus, group=ADVERSARIAL, context_kind="run", level=0)["declared_bh"])
    }
    return found


def claim_numbers(results: Results, key: str) -> Numbers:
    """Tell of a claim its risk ratio, interval and p-value, and the ratio corrected."""
    row = one(results.table("respond", "claims"), key=key)
    corrected = one(results.table("correct", "claims"), key=key)
    return {
        "rr": ratio(row["risk_ratio"]),
        "ci": ratio_range(row["ci_low"], row["ci_high"]),
        "p": probability(row["log10_p"]),
        "corrected": ratio(corrected["estimate"]),
        "corrected_ci": ratio_range(corrected["ci_low"], corrected["ci_high"]),
        "machine": ratio(corrected["machine"]),
    }


def _invariance(results: Results) -> Numbers:
    """Values whose corrected variation across kinds of task is surely small, and large ones."""
    table = results.table("associate", "invariance")
    part = table[(table["group"] == ORDINARY) & (table["level"] == 0)].set_index("value")
    steady = part[part["ci_high"] < 1].sort_values("ci_high")
    found: Numbers = {
        "n": count(len(part)),
        "n_below_one": count(len(steady)),
        "below_one": listing(steady.index),
        "n_established": count((part["ci_low"] > 0).sum()),
        "n_truncated": count(part["truncated"].sum()),
        "rank_correlation_raw": decimal(_rank_correlation(part, "raw_cv"), 2),
        "rank_correlation_corrected": decimal(_rank_correlation(part, "estimate"), 2),
    }
    for value in ("transparency", "helpfulness", "thoroughness", "clarity"):
        row = one(part.reset_index(), value=value)
        found[value] = {
            "cv": decimal(row["estimate"]),
            "ci": f"{decimal(row['ci_low'])} to {decimal(row['ci_high'])}",
            "raw": decimal(row["raw_cv"]),
        }
    return found


def _rank_correlation(table: pd.DataFrame, column: str) -> float:
    return float(table[column].corr(table["prevalence"], method="spearman"))


def _replicated(results: Results) -> Numbers:
    """Cells of single values declared by the primary test, over groups, and their fate."""
    table = results.table("associate", "associations", [
        "group", "context_kind", "level", "q_value", "replication"
    ])  # fmt: skip
    part = table[(table["level"] == 0) & (table["context_kind"] == "task_type")]
    halves = part[part["replication"] != "undeclared"]
    confirmed = halves["replication"].isin(["both_ways", "one_way"])
    return {"n_declared": count(len(halves)), "n_confirmed": count(confirmed.sum())}


def _top_sets(results: Results) -> Numbers:
    """How many values may be the first of their kind of task, in the ordinary group."""
    sets = results.table("associate", "top_sets")
    part = sets[(sets["group"] == ORDINARY) & (sets["level"] == 0)]
    part = part[part["context_kind"] == "task_type"]
    sizes = part.groupby("context")["in_top_set"].agg(["sum", "size"])
    return {
        "n": count(len(sizes)),
        "median": count(sizes["sum"].median()),
        "median_candidates": count(sizes["size"].median()),
        "n_single": count((sizes["sum"] == 1).sum()),
        "n_all": count((sizes["sum"] == sizes["size"]).sum()),
    }


def _attenuation(results: Results) -> Numbers:
    """Set the risk ratios of machine labels alone beside the corrected ones."""
    table = results.table("correct", "top_values")
    both = table[(table["machine"] > 0) & table["estimate"].gt(0)]
    share = both["machine"] / both["estimate"]
    return {
        "n": count(len(both)),
        "median": decimal(share.median(), 1),
        "n_smaller": count((share < 1).sum()),
        "gain": decimal(both["gain"].median(), 1),
    }


def _divergences(results: Results, level: float) -> Numbers:
    """Kinds of task of the ordinary group that are nearest and farthest in their values."""
    table = results.table("associate", "divergences")
    part = table[table["group"] == ORDINARY].sort_values("estimate")
    return {
        "n": count(len(part)),
        "n_rejected": count((part["holm"] <= level).sum()),
        "nearest": _pair(part.iloc[0]),
        "farthest": _pair(part.iloc[-1]),
    }


def _pair(row: pd.Series) -> Numbers:
    names = [f"“{TASK_TYPE_NAMES[row[side]].lower()}”" for side in ("first", "second")]
    return {
        "names": listing(names),
        "bits": decimal(row["estimate"]),
        "ci": f"{decimal(row['ci_low'])} to {decimal(row['ci_high'])}",
    }
