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
                f"{count(claim['n_both'])} of {count(claim['n_context'])}" if tested else EMPTY,
                _holm(claim["holm"]) if tested else EMPTY,
                claim["verdict"],
            ]
        )
    header = ["Value said to be over-represented", "Context", "Primed", "Risk ratio (interval)",
              "Conversations", "Holm p", "Verdict"]  # fmt: skip
    caption = (
        "Claims of the 2025 study and what becomes of them. Risk ratio of the context against "
        "the rest of its group (for resistance: against support); p-values adjusted by Holm "
        "within primed and within unprimed claims. A star marks claims known to us from secondary "
        "sources."
    )
    return markdown(rows, header, caption, "tbl-claims", widths=(19, 27, 8, 17, 13, 8, 11))


def _context_name(claim: pd.Series) -> str:
    context = claim["context"]
    if not isinstance(context, str):
        return EMPTY
    group = GROUP_NAMES[claim["group"]].lower()
    name = TASK_TYPE_NAMES.get(context, context)
    prefix = "user values " if claim["context_kind"] == "user_value" else ""
    return f"{prefix}{name[0].lower()}{name[1:]} ({group})"


def _holm(value: float) -> str:
    return "< 0.001" if value < 0.001 else decimal(value, 3)


def top_values_table(results: Results, *, n_rows: int) -> str:
    """Most distinctive values of each task type in the ordinary group."""
    top = results.table("associate", "top_values")
    part = top[(top["group"] == ORDINARY) & (top["level"] == 0) & (top["rank"] <= 2)]
    rows = []
    for task in TASK_TYPES:
        for _, cell in part[part["context"] == task].sort_values("rank").iterrows():
            name = TASK_TYPE_NAMES[task] if cell["rank"] <= 1 else ""
            if cell["rank"] == 0:
                n = f"{count(cell['n_context'])} read"
                rows.append([name, "no distinctive value", n, EMPTY, EMPTY, EMPTY, EMPTY])
                continue
            rows.append(
                [
                    name,
                    cell["value"],
                    f"{count(cell['n_both'])} of {count(cell['n_context'])}",
                    f"{ratio(cell['risk_ratio'])} ({ratio_range(cell['ci_low'], cell['ci_high'])})",
                    decimal(cell["log_rr"]),
                    decimal(cell["log_odds_z"], 1),
                    probability(cell["log10_p"]),
                ]
            )
    header = ["Task type", "Value", "Conversations", "Risk ratio (interval)",
              "Shrunken ln RR", "Log-odds z", "p"]  # fmt: skip
    caption = (
        f"The most distinctive values of each kind of task in the ordinary group (at most two "
        f"of {n_rows} ranked), by shrunken risk ratio among those with q below the threshold."
    )
    return markdown(rows, header, caption, "tbl-top-values", widths=(20, 21, 12, 19, 10, 9, 9))


def methods_table(results: Results) -> str:
    """Cells declared by each way of testing."""
    omnibus = results.table("associate", "omnibus")
    kinds = {"task_type": "task type", "run": "run", "user_value": "user's value"}
    rows = []
    for _, row in omnibus[omnibus["level"] == 0].iterrows():
        rows.append(
            [
                f"{GROUP_NAMES[row['group']]}, {kinds[row['context_kind']]}",
                count(row["n_cells"]),
                count(row["declared_bh"]),
                count(row["declared_bonferroni"]),
                count(row["declared_independent"]),
                count(row["declared_residual"]),
                EMPTY if pd.isna(row["statistic"]) else count(row["statistic"]),
                EMPTY if pd.isna(row["df"]) else count(row["df"]),
                EMPTY
                if pd.isna(row["cramers_v_corrected"])
                else decimal(row["cramers_v_corrected"]),
            ]
        )
    header = ["Family", "Cells", "Design, BH", "Design, Bonf.", "Indep., Bonf.",
              "Residual, Bonf.", "χ²", "df", "V"]  # fmt: skip
    caption = (
        "Cells declared by the primary test (design-based) and by two tests that take "
        "conversations for independent: the exact test and the adjusted residual of the 2025 "
        "study. χ² and Cramér's V (bias-corrected) are of the table of occurrences and are "
        "printed for comparison; their sampling model does not hold."
    )
    return markdown(rows, header, caption, "tbl-methods", widths=(26, 9, 9, 9, 9, 11, 10, 9, 8))
