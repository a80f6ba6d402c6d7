"""The numbers of the paper on undesired values, early warning and simulated monitors."""

from __future__ import annotations

import math

import pandas as pd

from valuescape.report.numbers import Numbers
from valuescape.report.printing import count, decimal, listing, percent, percent_range, ratio
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import SOURCE_NAMES, SYSTEM_NAMES

_ANY, _MERGED, _FAULT = "any undesired value", "harm-enabling or amoral", "any fault"
_KEYS = {_ANY: "any", _MERGED: "merged", _FAULT: "fault"}
_SCORES = ("undesired_values", "supported_harm", "like_requests")
_MONITORS = ("e_detector", "e_detector_pooled", "chi_square", "chi_square_strict")


def q6_numbers(results: Results) -> Numbers:
    """Undesired values, faults and early warning."""
    shares = results.table("monitor", "prevalence")
    contrasts = results.table("monitor", "contrasts")
    found: Numbers = {}
    for group in (ORDINARY, ADVERSARIAL, "over_refusal"):
        rows = shares[(shares["division"] == "group") & (shares["group"] == group)]
        found[group] = {key: _share(one(rows, outcome=name)) for name, key in _KEYS.items()}
    for name, key in _KEYS.items():
        row = one(contrasts, outcome=name)
        found[f"contrast_{key}"] = {
            "points": decimal(100 * row["estimate"], 0),
            "ci": f"{decimal(100 * row['ci_low'], 0)} to {decimal(100 * row['ci_high'], 0)}",
        }
    sources = shares[
        (shares["division"] == "source")
        & (shares["group"] == ADVERSARIAL)
        & (shares["outcome"] == _ANY)
    ].sort_values("estimate", ascending=False)
    found["sources"] = {
        f"top{i}": {"name": SOURCE_NAMES.get(row["part"], row["part"])} | _share(row)
        for i, (_, row) in enumerate(sources.iterrows(), start=1)
    }
    found["without"] = _assistants_without(shares)
    found["warning"] = _warning(results)
    return found


def monitor_numbers(results: Results) -> Numbers:
    """Say how monitors do on simulated streams: false alarms and delays, from the full run."""
    alarms = results.table("monitor", "false_alarms")
    alarms = alarms[alarms["run"] == "full"]
    delays = results.table("monitor", "detections")
    delays = delays[delays["run"] == "full"]
    stream = results.table("monitor", "stream")
    found: Numbers = {"n_days": count(alarms["n_days"].iloc[0])}
    for scenario in ("quiet", "composition", "restless"):
        found[scenario] = {
            name: _rate(one(alarms, scenario=scenario, monitor=name)) for name in _MONITORS
        }
    found["delay"] = {
        f"at{_plain(100 * prevalence)}": {
            f"by{_plain(100 * odds)}": {
                name: _days(
                    one(delays, odds_ratio=odds, prevalence=prevalence, monitor=name)["median_days"]
                )
                for name in _MONITORS
            }
            for odds in sorted(delays["odds_ratio"].unique())
        }
        for prevalence in sorted(delays["prevalence"].unique())
    }
    located = delays[(delays["monitor"] == "e_detector") & (delays["detected"] >= 0.5)]
    weight = located["n_streams"] * located["detected"]
    found["located"] = percent((located["located"] * weight).sum() / weight.sum(), 0)
    found["alarm_day"] = count(int((stream["evidence"] < stream["threshold"]).cumprod().sum()) + 1)
    return found


def _share(row: pd.Series) -> Numbers:
    return {
        "share": percent(row["estimate"]),
        "ci": percent_range(row["ci_low"], row["ci_high"]),
        "k": count(row["k"]),
        "n": count(row["n"]),
    }


def _assistants_without(shares: pd.DataFrame) -> Numbers:
    """Name the assistants without an undesired value on adversarial prompts."""
    rows = shares[
        (shares["division"] == "assistant")
        & (shares["group"] == ADVERSARIAL)
        & (shares["outcome"] == _ANY)
        & (shares["k"] == 0)
    ].sort_values("part")
    names = [SYSTEM_NAMES.get(name, name) for name in rows["part"]]
    return {"names": listing(names) if names else "none", "n": count(len(rows))}


def _warning(results: Results) -> Numbers:
    areas = results.table("monitor", "warning")
    budgets = results.table("monitor", "precision")
    simulated = results.table("monitor", "simulated_precision")
    found: Numbers = {}
    for population in ("all", ADVERSARIAL, "xstest_unsafe", ORDINARY):
        found[population] = {}
        for score in _SCORES:
            row = one(areas, population=population, score=score)
            cells = budgets[(budgets["population"] == population) & (budgets["score"] == score)]
            found[population][score] = {
                "auc": decimal(row["estimate"]),
                "ci": f"{decimal(row['ci_low'])} to {decimal(row['ci_high'])}",
            } | {f"in{int(cell['one_in'])}": percent(cell["precision"], 0)
                 for _, cell in cells.iterrows()}  # fmt: skip
        found[population]["k"] = count(row["k"])
        found[population]["n"] = count(row["n"])
    rarest = simulated["one_in"].max()
    found["simulated"] = {
        f"rare{int(row['one_compliant_in'])}": {
            "precision": percent(row["precision"], 0 if row["precision"] >= 0.1 else 1),
            "recall": percent(row["recall"], 0),
        }
        for _, row in simulated[
            (simulated["score"] == "undesired_values") & (simulated["one_in"] == rarest)
        ].iterrows()
    }
    found["simulated"]["one_in"] = count(rarest)
    return found


def _rate(row: pd.Series) -> Numbers:
    low, high = row["ci_low"], row["ci_high"]
    return {"rate": ratio(row["per_thousand_days"]), "ci": f"{ratio(low)} to {ratio(high)}"}


def _days(median: float) -> str:
    return count(median) if math.isfinite(median) else "never"


def _plain(number: float) -> str:
    return f"{number:g}".replace(".", "_")
