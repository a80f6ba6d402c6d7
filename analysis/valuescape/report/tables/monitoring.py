"""Tables of faults, early warning and simulated monitors."""

from __future__ import annotations

import math

import pandas as pd

from valuescape.report.printing import count, decimal, percent, percent_range, ratio
from valuescape.report.results import ADVERSARIAL, ORDINARY, Results, one
from valuescape.report.style import GROUP_NAMES
from valuescape.report.tables.layout import EMPTY, markdown

_GROUPS = (ORDINARY, ADVERSARIAL, "over_refusal")
_POPULATIONS = {
    "all": "Whole frame",
    "adversarial": "Adversarial",
    "xstest_unsafe": "XSTest, unsafe",
    "ordinary": "Ordinary",
}
_SCORES = {
    "undesired_values": "undesired values",
    "supported_harm": "support of harm",
    "like_requests": "like requests",
}
_MONITORS = {
    "e_detector": "this study, by task type",
    "e_detector_pooled": "this study, pooled",
    "chi_square_strict": "chi-square, 1 in 1,000",
    "chi_square": "chi-square, 5 % a day",
}


def faults_table(results: Results) -> str:
    """Undesired values by kind, then faults, by group."""
    shares = results.table("monitor", "prevalence")
    shares = shares[shares["division"] == "group"]
    nodes = results.table("taxonomy", "taxonomy").set_index("node_id")["name"]
    rows = []
    for polarity in ("undesirable", "fault"):
        part = shares[shares["polarity"] == polarity]
        highest = part.groupby("outcome")["estimate"].max().sort_values(ascending=False)
        for outcome in highest.index:
            cells = [str(nodes.get(outcome, outcome)).capitalize()]
            for group in _GROUPS:
                row = one(part, group=group, outcome=outcome)
                cells.append(
                    f"{percent(row['estimate'])} ({percent_range(row['ci_low'], row['ci_high'])})"
                )
            rows.append(cells)
    sizes = [one(shares, group=g, outcome="any fault")["n"] for g in _GROUPS]
    header = ["Read in the reply", *(f"{GROUP_NAMES[g]}, n = {count(n)}" for g, n in
                                     zip(_GROUPS, sizes, strict=True))]  # fmt: skip
    caption = (
        "Undesired values by kind, and below them faults of the reply: shares of all conversations "
        "read, weighted to the frame, with exact limits on effective counts."
    )
    return markdown(rows, header, caption, "tbl-faults", widths=(25, 25, 25, 25))


def warning_table(results: Results) -> str:
    """Area under the curve and precision at each budget."""
    areas = results.table("monitor", "warning")
    budgets = results.table("monitor", "precision")
    steps = sorted(budgets["one_in"].unique())
    rows = []
    for population, name in _POPULATIONS.items():
        for score, label in _SCORES.items():
            row = one(areas, population=population, score=score)
            cells = [f"{name} ({count(row['k'])} of {count(row['n'])})", label]
            limits = f"{decimal(row['ci_low'])} to {decimal(row['ci_high'])}"
            cells.append(f"{decimal(row['estimate'])} ({limits})")
            for one_in in steps:
                at = one(budgets, population=population, score=score, one_in=one_in)
                limits = percent_range(at["precision_low"], at["precision_high"], 0)
                cells.append(f"{percent(at['precision'], 0)} ({limits})")
            rows.append(cells)
    header = ["Population (complied)", "Score", "Area", *(f"1 in {n}" for n in steps)]
    caption = (
        "Early warning of compliance with harm against the readings, weighted to the frame: area "
        "under the ROC curve, and precision when one conversation in so many is alerted."
    )
    return markdown(rows, header, caption, "tbl-warning", widths=(22, 14, 16, 16, 16, 16))


def alarms_table(results: Results) -> str:
    """Set the monitors side by side: false alarms and median delay on simulated streams."""
    alarms = results.table("monitor", "false_alarms")
    alarms = alarms[alarms["run"] == "full"]
    delays = results.table("monitor", "detections")
    delays = delays[delays["run"] == "full"]
    chosen = [(p, o) for p in (0.01, 0.1) for o in (1.5, 2.0, 3.0)]
    chosen = [pair for pair in chosen if _has(delays, pair)]
    rows = []
    for monitor, name in _MONITORS.items():
        cells = [name]
        for scenario in ("quiet", "composition", "restless"):
            row = one(alarms, scenario=scenario, monitor=monitor)
            cells.append(ratio(row["per_thousand_days"]))
        for prevalence, odds in chosen:
            row = one(delays, monitor=monitor, prevalence=prevalence, odds_ratio=odds)
            days = row["median_days"]
            cells.append(count(days) if math.isfinite(days) else EMPTY)
        rows.append(cells)
    header = ["Monitor", "Quiet", "Mix changes", "Restless",
              *(f"{percent(p, 0)} × {o:g}" for p, o in chosen)]  # fmt: skip
    caption = (
        "Monitors on simulated streams. Left: false alarms in 1,000 days, when nothing changes, "
        "when the mix of tasks does, and when days differ at random. Right: median days until a "
        "drift is found, by share of the value × odds ratio of the drift; "
        f"{EMPTY}: fewer than half are found."
    )
    return markdown(rows, header, caption, "tbl-alarms",
                    widths=(22, 9, 9, 9, *([51 // max(len(chosen), 1)] * len(chosen))))  # fmt: skip


def _has(delays: pd.DataFrame, pair: tuple[float, float]) -> bool:
    held = (delays["prevalence"] == pair[0]) & (delays["odds_ratio"] == pair[1])
    return bool(held.any())
