"""The numbers of the paper on results estimated in other ways."""

from __future__ import annotations

import pandas as pd

from valuescape.report.figures.robustness import HEADLINE_NAMES, READERS
from valuescape.report.numbers import Numbers
from valuescape.report.printing import count, decimal, percent, percent_range, ratio, ratio_range
from valuescape.report.results import Results, one

_RATIOS = ("task_type", "stance", "user_value")
_TOLD = {
    "open": "open codebook",
    "crossed": "values second, context first",
    "shorter": "shorter half",
    "longer": "longer half",
    "single_turn": "single-turn only",
    "without_just_eval": "just-eval-instruct",
    "without_hh_rlhf": "hh-rlhf-harmless-test",
    "machine": "machine labels alone",
}


def robustness_numbers(results: Results) -> Numbers:
    """Tell how often headline results move, how far, and where they cannot be had."""
    table = results.table("robustness", "robustness")
    others = table[table["place"] > 0]
    given = others[others["estimate"].notna()]
    found: Numbers = {
        "n_headlines": count(table["headline"].nunique()),
        "n_variants": count(others["variant"].nunique()),
        "n_readers": count((others["kind"] == READERS).sum() / table["headline"].nunique()),
        "n_estimates": count(len(given)),
        "n_none": count(len(others) - len(given)),
        "n_outside": count(given["outside"].sum()),
        "n_disagree": count(given["disagrees"].sum()),
        "n_disagree_contrasts": count(given.loc[given["measure"].isin(_RATIOS), "disagrees"].sum()),
    }
    ratios = given[given["measure"].isin(_RATIOS)]
    bounded = ratios[ratios["ci_low"].notna()]
    found["ratios"] = {
        "n": count(len(ratios)),
        "n_above_one": count((ratios["estimate"] > 1).sum()),
        "n_with_interval": count(len(bounded)),
        "n_open": count((bounded["ci_low"] <= 1).sum()),
    }
    for headline in HEADLINE_NAMES:
        found[headline] = _headline(table[table["headline"] == headline])
    return found


def _headline(part: pd.DataFrame) -> Numbers:
    """Lowest and highest estimate, and those of the variants that the text tells of."""
    others = part[(part["place"] > 0) & part["estimate"].notna()]
    measure = str(part["measure"].iloc[0])
    ends = others["estimate"].min(), others["estimate"].max()
    readers = others.loc[others["kind"] == READERS, "estimate"]
    found: Numbers = {
        "range": _range(*ends, measure),
        "readers": _range(readers.min(), readers.max(), measure),
        "n_none": count((part["place"].gt(0) & part["estimate"].isna()).sum()),
        "n_disagree": count(others["disagrees"].sum()),
    }
    for key, variant in _TOLD.items():
        row = one(part, variant=variant)
        if pd.notna(row["estimate"]):
            found[key] = {"estimate": _printed(row["estimate"], measure)}
        if pd.notna(row["ci_low"]):
            found[key]["ci"] = _range(row["ci_low"], row["ci_high"], measure)
    return found


def _printed(value: float, measure: str) -> str:
    if measure in _RATIOS:
        return ratio(value)
    return decimal(100 * value, 0) if measure == "mirroring" else percent(value, 0)


def _range(low: float, high: float, measure: str) -> str:
    if measure in _RATIOS:
        return ratio_range(low, high)
    if measure == "mirroring":
        return f"{decimal(100 * low, 0)} to {decimal(100 * high, 0)}"
    return percent_range(low, high, 0)
