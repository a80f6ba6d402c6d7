"""Tables of values and contexts."""

from __future__ import annotations

import pandas as pd

from valuescape.report.printing import (
    count,
    decimal,
    probability,
    ratio,
    ratio_range,
)
from valuescape.report.results import ORDINARY, Results
from valuescape.report.style import GROUP_NAMES, TASK_TYPE_NAMES
from valuescape.report.tables.layout import EMPTY, markdown
from valuescape.schema import TASK_TYPES


def claims_table(results: Results, published: pd.DataFrame) -> str:
    """Set published claims beside our estimates and say whether each holds."""
    evidence = published.set_index("key")["evidence"]
    corrected = results.table("correct", "claims").set_index("key")
    rows = []
    for _, claim in results.table("respond", "claims").sort_values(["question", "key"]).iterrows():
        tested = claim["verdict"] != "cannot be tested"
        context = _context_name(claim) if tested else claim["why_not"]
        mark = "" if evidence[claim["published_key"]] == "primary" else "\\*"
        rows.append(
            [
                f"{claim['question']}: {claim['value']}{mark}",
                context,
                "yes" if claim["primed"] else "no",
                f"{ratio(claim['risk_ratio'])} ({ratio_range(claim['ci_low'], claim['ci_high'])})"
                if tested
                else EMPTY,
                _corrected_ratio(corrected.loc[claim["key"]]) if tested else EMPTY,
                _holm(claim["holm"]) if tested else EMPTY,
                claim["verdict"],
            ]
        )
    header = ["Value said to be over-represented", "Context", "Primed", "Risk ratio (interval)",
              "Corrected for label error", "Holm p", "Verdict"]  # fmt: skip
    caption = (
        "Claims of the 2025 study and what becomes of them. Risk ratio of the context against "
        "the rest of its group (for resistance: against support), standardised to the context's "
        "strata; the same for the whole frame, corrected for errors of the machine labels; "
        "p-values of the design-based test, adjusted by Holm within primed and "
        "within unprimed claims. A star marks claims known to us from secondary "
        "sources."
    )
    return markdown(rows, header, caption, "tbl-claims", widths=(18, 25, 8, 17, 17, 8, 11))


def _context_name(claim: pd.Series) -> str:
    context = claim["context"]
    if not isinstance(context, str):
        return EMPTY
    group = GROUP_NAMES[claim["group"]].lower()
    name = TASK_TYPE_NAMES.get(context, context)
    prefix = "user values " if claim["context_kind"] == "user_value" else ""
    return f"{prefix}{name[0].lower()}{name[1:]} ({group})"


def _corrected_ratio(row: pd.Series) -> str:
    if pd.isna(row["estimate"]):
        return EMPTY
    return f"{ratio(row['estimate'])} ({ratio_range(row['ci_low'], row['ci_high'])})"


def _holm(value: float) -> str:
    return "< 0.001" if value < 0.001 else decimal(value, 3)


def top_values_table(results: Results, *, n_rows: int) -> str:
    """Most distinctive values of each task type in the ordinary group."""
    top = results.table("associate", "top_values")
    corrected = results.table("correct", "top_values").set_index(["group", "context", "value"])
    tied = _tied_sets(results)
    part = top[(top["group"] == ORDINARY) & (top["level"] == 0) & (top["rank"] <= 2)]
    rows = []
    for task in TASK_TYPES:
        for _, cell in part[part["context"] == task].sort_values("rank").iterrows():
            name = TASK_TYPE_NAMES[task] if cell["rank"] <= 1 else ""
            if cell["rank"] == 0:
                n = f"{count(cell['n_context'])} read"
                rows.append([name, "no distinctive value", n, *([EMPTY] * 5)])
                continue
            rows.append(
                [
                    name,
                    cell["value"],
                    f"{count(cell['n_both'])} of {count(cell['n_context'])}",
                    f"{ratio(cell['risk_ratio'])} "
                    f"({ratio_range(cell['fcr_low'], cell['fcr_high'])})",
                    ratio(corrected.loc[(ORDINARY, task, cell["value"]), "estimate"]),
                    decimal(cell["log_odds_z"], 1),
                    _REPLICATED[cell["replication"]],
                    tied.get(task, EMPTY) if name else "",
                ]
            )
    header = ["Task type", "Value", "Conversations", "Risk ratio (interval)",
              "Corrected", "Log-odds z", "Replicated", "Tied for first"]  # fmt: skip
    caption = (
        f"The most distinctive values of each kind of task in the ordinary group (at most two "
        f"of {n_rows} ranked), by shrunken risk ratio among those with q below the threshold. "
        "Intervals allow for selection by q-value; corrected: for label error, in the frame; "
        "replicated: declared in one half of the prompt groups and confirmed in the other (both "
        "ways or one); tied for first: values that cannot be excluded from being the most "
        "over-represented, of those frequent enough to be compared."
    )
    return markdown(rows, header, caption, "tbl-top-values", widths=(19, 19, 11, 18, 9, 8, 10, 9))


_REPLICATED = {
    "both_ways": "both",
    "one_way": "one",
    "not_replicated": "no",
    "undeclared": "undeclared",
}


def _tied_sets(results: Results) -> dict[str, str]:
    """Size of the tied set and number of candidates, by kind of task."""
    sets = results.table("associate", "top_sets")
    chosen = (sets["group"] == ORDINARY) & (sets["level"] == 0)
    part = sets[chosen & (sets["context_kind"] == "task_type")]
    found = part.groupby("context")["in_top_set"].agg(["sum", "size"])
    return {str(c): f"{count(row['sum'])} of {count(row['size'])}" for c, row in found.iterrows()}


_KIND_NAMES = {
    "task_type": "kind of task",
    "task_cluster": "cluster of task phrases",
    "run": "run",
    "user_value": "user's value",
    "response_type": "response type",
}


def _single_values(results: Results) -> pd.DataFrame:
    omnibus = results.table("associate", "omnibus")
    return omnibus[omnibus["level"] == 0].sort_values(["group", "context_kind"])


def _family_name(row: pd.Series) -> str:
    return f"{GROUP_NAMES[row['group']]}, {_KIND_NAMES[row['context_kind']]}"


def methods_table(results: Results) -> str:
    """Cells declared by each way of testing."""
    rows = []
    for _, row in _single_values(results).iterrows():
        replicated = row["replicated_both_ways"] + row["replicated_one_way"]
        rows.append(
            [
                _family_name(row),
                count(row["n_cells"]),
                count(row["declared_bh"]),
                count(replicated),
                count(row["declared_hierarchical"]),
                count(row["declared_bonferroni"]),
                count(row["declared_independent"]),
                count(row["declared_residual"]),
            ]
        )
    header = ["Family", "Cells", "Design, BH", "of these replicated", "Design, hier.",
              "Design, Bonf.", "Indep., Bonf.", "Residual, Bonf."]  # fmt: skip
    caption = (
        "Cells declared by the primary test (design-based), with how many of them one half of "
        "the prompt groups declares and the other confirms, by the same test with values first "
        "and contexts inside (hierarchical), and by two tests that take conversations for "
        "independent: the exact test and the adjusted residual of the 2025 study."
    )
    return markdown(rows, header, caption, "tbl-methods", widths=(28, 8, 9, 12, 10, 10, 10, 13))


def omnibus_table(results: Results) -> str:
    """One test a family: whether any value depends on the context."""
    rows = []
    for _, row in _single_values(results).iterrows():
        crossed = pd.notna(row["chi_square"])
        rows.append(
            [
                _family_name(row),
                f"{count(row['n'])} in {count(row['n_clusters'])}",
                f"{count(row['statistic'])} on {count(row['df'])}",
                probability(row["log10_p"]),
                f"{count(row['chi_square'])} on {count(row['chi_square_df'])}"
                if crossed
                else EMPTY,
                probability(row["chi_square_log10_p"]) if crossed else EMPTY,
                decimal(row["cramers_v_corrected"]) if crossed else EMPTY,
            ]
        )
    header = ["Family", "Conversations in prompt groups", "Rao–Scott on df", "p",
              "χ² on df", "p if independent", "V"]  # fmt: skip
    caption = (
        "Tests of whether any value of a family depends on its context within the strata of its "
        "group: sums of the Cochran–Mantel–Haenszel statistics of all values with the second-order "
        "correction for values that occur together, prompt groups and weights. Beside it χ² and "
        "Cramér's V (bias-corrected) of the table of occurrences, whose sampling model does not "
        "hold."
    )
    return markdown(rows, header, caption, "tbl-omnibus", widths=(26, 16, 16, 11, 13, 11, 7))


_INVARIANCE = "invariance_"
"""Prefix of the published claims about variation; what follows is the value."""


def invariance_table(results: Results, published: pd.DataFrame, *, n_rows: int) -> str:
    """Values whose variation across kinds of task is surely small, and those the claim names."""
    table = results.table("associate", "invariance")
    part = table[(table["group"] == ORDINARY) & (table["level"] == 0)].set_index("value")
    claims = published[published["key"].str.startswith(_INVARIANCE)]
    said = claims.set_index(claims["key"].str.removeprefix(_INVARIANCE))["value"]
    named = [value for value in said.index if value in part.index]
    steadiest = part.sort_values("ci_high").head(n_rows).index
    most = part.sort_values("ci_low", ascending=False).head(n_rows // 2).index
    rows = []
    for value in dict.fromkeys([*steadiest, *named, *most]):
        row = part.loc[value]
        rows.append(
            [
                value,
                count(row["n_value"]),
                decimal(row["raw_cv"]),
                decimal(row["estimate"]),
                f"{decimal(row['ci_low'])} to {decimal(row['ci_high'])}",
                decimal(said[value]) if pd.notna(said.get(value)) else EMPTY,
            ]
        )
    header = ["Value", "Conversations", "Raw CV", "Corrected CV", "Interval", "Published raw CV"]
    caption = (
        "Variation of prevalence across kinds of task in the ordinary group: coefficient of "
        "variation as it stands and with sampling noise removed. The values whose interval ends "
        "lowest, those that the 2025 study names as least bound to context, and those whose "
        "interval begins highest. Published figures are across tasks and users' values, from "
        "secondary sources."
    )
    return markdown(rows, header, caption, "tbl-invariance", widths=(26, 14, 12, 14, 18, 16))
