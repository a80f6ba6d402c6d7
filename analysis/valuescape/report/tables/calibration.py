"""Tables of the appendix on calibration, from the full simulation run."""

from __future__ import annotations

import pandas as pd

from valuescape.report.figures.calibration import SCENARIOS
from valuescape.report.printing import count, decimal, percent
from valuescape.report.results import Results
from valuescape.report.tables.layout import EMPTY, markdown

BANDS = ("E < 5", "5 ≤ E < 20", "E ≥ 20")
PREVALENCES = ("p < 2 %", "2 % ≤ p < 10 %", "p ≥ 10 %")
_STUDIES = {
    "corrected_share": "Corrected share",
    "corrected_contrast": "Corrected contrast",
    "share_ordinary": "Share, ordinary design",
    "share_adversarial": "Share, adversarial design",
    "independent_400": "Share, 400 independent",
    "risk_ratio_ordinary": "Risk ratio, ordinary design",
    "risk_ratio_adversarial": "Risk ratio, adversarial design",
}
_METHODS = {
    "corrected": "corrected, this study",
    "corrected_in_sample": "corrected by in-sample labels",
    "corrected_wald": "corrected, Wald",
    "machine_uncorrected": "machine labels as truth",
    "readings": "readings alone",
    "rectifier_per_context": "a rectifier per context, this study",
    "shared_rectifier": "one shared rectifier",
    "clustered_by_prompt": "clustered by prompt",
    "clustered_by_prompt_and_reader": "clustered by prompt and reader, this study",
    "wald": "Wald",
    "wilson": "Wilson",
    "clopper_pearson": "Clopper–Pearson",
    "design_based": "this study",
    "koopman": "Koopman",
}
_RANKINGS = {
    "risk_ratio": "raw risk ratio",
    "adjusted_residual": "adjusted residual",
    "log_odds_z": "log-odds z",
    "posterior": "shrunken risk ratio, this study",
}
_TRUTHS = {"large_family": "20,000 conversations", "sparse_family": "4,000 conversations"}
_SOURCES = {
    "posterior": "tied set, shrunken risk ratio, this study",
    "counts": "tied set, raw risk ratio",
    "bootstrap_ranks": "bootstrap of ranks",
}


def full_run(results: Results, name: str) -> pd.DataFrame:
    """Return the rows of the full run of a table of the stage ``calibrate``."""
    table = results.table("calibrate", name)
    return table[table["run"] == "full"]


def sizes_table(results: Results, level: float) -> str:
    """How often true nulls are rejected, the usual way and ours."""
    sizes = full_run(results, "sizes")
    sizes = sizes[sizes["level"] == level]
    rows = []
    for scenario, (name, naive, ours) in SCENARIOS.items():
        both = sizes[sizes["scenario"] == scenario]
        most = both["n_replicates"].max()
        banded = set(both.loc[both["method"] == naive, "band"])
        usual = "E ≥ 20" if "E ≥ 20" in banded else "all"
        cells = [_rate(both, ours, band) for band in BANDS]
        whole = _rate(both, ours, "all")
        rows.append([name.rstrip("*"), count(most), _rate(both, naive, usual), *cells, whole])
    header = ["Scenario (simulated)", "Replicates", "Usual way, E ≥ 20", *BANDS, "All"]
    caption = (
        f"True nulls rejected at the {percent(level, 0)} level in simulated data, with "
        "Monte-Carlo standard errors in percentage points; by expected count E of the cell for "
        "this study's tests. The usual way is the pooled residual, in the study's own designs "
        "the exact test for independent conversations, for the labeller that memorises the "
        "correction with in-sample labels (all shares)."
    )
    return markdown(rows, header, caption, "tbl-sizes", widths=(27, 10, 14, 12, 13, 12, 12))


def _rate(table: pd.DataFrame, method: str, band: str) -> str:
    found = table[(table["method"] == method) & (table["band"] == band)]
    if found.empty:
        return EMPTY
    row = found.iloc[0]
    return f"{percent(row['rate'])} ± {decimal(100 * row['monte_carlo_se'], 1)}"


def coverage_table(results: Results) -> str:
    """How often intervals cover."""
    coverage = full_run(results, "coverage")
    rows = []
    for study, name in _STUDIES.items():
        part = coverage[coverage["study"] == study]
        bands = BANDS if study.startswith("risk_ratio") else PREVALENCES
        for method in (m for m in _METHODS if m in set(part["method"])):
            found = part[part["method"] == method]
            by_band = dict(zip(found["band"], found["rate"], strict=True))
            rates = [percent(by_band[b]) if b in by_band else EMPTY for b in bands]
            rows.append([name, _METHODS[method], *rates, count(part["n_replicates"].max())])
            name = ""
    header = ["Quantity (simulated)", "Interval", "p < 2 % (E < 5)", "2–10 % (5–20)",
              "≥ 10 % (≥ 20)", "Replicates"]  # fmt: skip
    caption = (
        "Share of nominal 95 % intervals that cover the planted truth, by prevalence p of the "
        "value or, for risk ratios, by expected count E."
    )
    return markdown(rows, header, caption, "tbl-coverage", widths=(24, 30, 13, 13, 13, 11))


def rankings_table(results: Results) -> str:
    """Set what is shown of the value ranked first beside the truth."""
    shown = full_run(results, "rankings")
    rows = []
    for truth, name in _TRUTHS.items():
        for method, label in _RANKINGS.items():
            row = shown[(shown["truth"] == truth) & (shown["method"] == method)].iloc[0]
            rows.append(
                [
                    name,
                    label,
                    decimal(row["shown"]),
                    decimal(row["true"]),
                    decimal(row["true_log_ratio"]),
                    decimal(row["best_log_ratio"]),
                    decimal(row["expected_count"], 1),
                ]
            )
            name = ""
    header = ["Simulated family", "Ranked by", "Shown", "True", "True ln RR of the top",
              "Largest ln RR", "Expected count"]  # fmt: skip
    caption = (
        "The value put first in a context by each way of ranking, means over simulated contexts: "
        "what is shown of it on the method's own log scale and what is true of it there; its true "
        "log risk ratio and the largest one of the context; median expected count."
    )
    return markdown(rows, header, caption, "tbl-rankings", widths=(22, 26, 8, 8, 14, 12, 12))


def top_sets_table(results: Results) -> str:
    """How often sets of possible firsts hold the truly best value."""
    sets = full_run(results, "top_sets")
    rows = []
    for truth, name in _TRUTHS.items():
        for source, label in _SOURCES.items():
            row = sets[(sets["truth"] == truth) & (sets["source"] == source)].iloc[0]
            covered = f"{percent(row['coverage'])} ± {decimal(100 * row['coverage_error'], 1)}"
            rows.append([name, label, covered, decimal(row["size"], 0), percent(row["single"], 0)])
            name = ""
    header = ["Simulated family", "Set", "Holds the best", "Values in it", "One value only"]
    caption = (
        "Sets of values that may be the most over-represented of a context: how often they hold "
        "the truly best one (nominal 95 %), and their size."
    )
    return markdown(rows, header, caption, "tbl-top-sets", widths=(24, 36, 18, 14, 14))
