"""Printed names of columns, once."""

from __future__ import annotations

from collections.abc import Mapping

from valuescape.report import style

COLUMN_NAMES: dict[str, str] = {
    "adjusted_residual": "Adjusted residual",
    "ci_high": "Interval, high",
    "ci_low": "Interval, low",
    "composition_q": "q of composition",
    "conf_level": "Confidence level",
    "df": "Degrees of freedom",
    "k": "With it",
    "log_odds": "Log odds ratio",
    "log_rr": "Log risk ratio",
    "n": "n",
    "n_both": "Both",
    "n_context": "In context",
    "n_total": "All",
    "n_value": "With value",
    "phi_squared": "φ²",
    "phi_squared_first": "φ², first",
    "phi_squared_second": "φ², second",
    "prevalence_inside": "Share inside",
    "prevalence_outside": "Share outside",
    "q_value": "q",
    "raw_cv": "Raw CV",
    "z": "z",
}
CELL_NAMES: dict[str, Mapping[str, str]] = {
    "context": {**style.TASK_TYPE_NAMES, **style.RESPONSE_TYPE_NAMES},
    "group": style.GROUP_NAMES,
    "polarity": style.POLARITY_NAMES,
    "response_type": style.RESPONSE_TYPE_NAMES,
    "stance": style.STANCE_NAMES,
    "task_type": style.TASK_TYPE_NAMES,
}
"""Columns whose cells come from a closed list, and how each is printed."""


def column_name(column: str) -> str:
    """Print the name of a column.

    Examples
    --------
    >>> [column_name(c) for c in ("q_value", "log10_p_adjusted", "n_clusters", "risk_ratio")]
    ['q', 'p, adjusted', 'Clusters', 'Risk ratio']
    """
    if column in COLUMN_NAMES:
        return COLUMN_NAMES[column]
    for machine, printed in (("log10_p", "p"), ("log10_q", "q")):
        before, found, after = column.partition(machine)
        if found:
            kind = " ".join(f"{before}{after}".replace("_", " ").split())
            return f"{printed}, {kind}" if kind else printed
    for end in ("low", "high"):
        if column.endswith(f"_{end}"):
            return f"{column_name(column.removesuffix(f'_{end}'))}, {end}"
    words = column.removeprefix("n_").replace("_", " ").strip() or column
    return f"{words[0].upper()}{words[1:]}"
