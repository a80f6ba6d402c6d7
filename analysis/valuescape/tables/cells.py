"""How the cells of a column are printed: decided by the column's name, type and unit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import pandas as pd

from valuescape.report import printing
from valuescape.report.own.wording import p_like
from valuescape.schema import COLUMNS
from valuescape.tables.names import CELL_NAMES

Print = Literal["count", "decimal", "log10_p", "p", "points", "ratio", "share", "text", "yes_no"]
"""Ways of printing a column."""

PRINTS: tuple[str, ...] = get_args(Print)
EMPTY = printing.DASH

_P = ("q_value", "composition_q", "holm")
_RATIOS = ("risk_ratio", "odds_ratio", "variance_ratio", "design_effect", "rate_ratio", "lift")
_POINTS = ("risk_difference", "excess", "minimum_detectable", "change", "behaviour", "composition")
_SHARES = (
    *("share", "prevalence", "precision", "recall", "coverage", "share_arm", "share_versus"),
    *("baseline", "current", "baseline_standardised", "current_standardised", "prevalence_inside"),
    *("prevalence_outside", "missed", "minimum_detectable"),
)


def stem(column: str) -> str:
    """Return the quantity a limit belongs to: its name without the ending.

    Examples
    --------
    >>> stem("risk_ratio_low"), stem("ci_high"), stem("low")
    ('risk_ratio', 'estimate', 'estimate')
    """
    for end in ("low", "high"):
        if column in (end, f"ci_{end}"):
            return "estimate"
        if column.endswith(f"_{end}"):
            return column.removesuffix(f"_{end}")
    return column


def way_of(column: str, cells: pd.Series, unit: str = "") -> Print:
    """Return how a column is printed.

    Parameters
    ----------
    column : str
        Its name.
    cells : Series
        Its cells; text and truth values are printed as such whatever the name.
    unit : str
        Unit of the estimates, where the table says one for all rows.

    Examples
    --------
    >>> way_of("prevalence_inside", pd.Series([0.2])), way_of("n_clusters", pd.Series([3]))
    ('share', 'count')
    >>> way_of("estimate", pd.Series([0.2]), "share of answers")
    'share'
    """
    if pd.api.types.is_bool_dtype(cells):
        return "yes_no"
    if not pd.api.types.is_numeric_dtype(cells):
        return "text"
    quantity = stem(column)
    if "log10_p" in column or "log10_q" in column:
        return "log10_p"
    if quantity == "estimate" and unit.split(" ")[0] == "share":
        return "share"
    for names, way in _BY_NAME:
        if quantity in names:
            return way
    known = COLUMNS.get(column)
    if pd.api.types.is_integer_dtype(cells) or (known and known.kind == "integer"):
        return "count"
    return "share" if known and known.unit in ("share", "probability") else "decimal"


_BY_NAME: tuple[tuple[tuple[str, ...], Print], ...] = (
    (_P, "p"),
    (_RATIOS, "ratio"),
    (_POINTS, "points"),
    (_SHARES, "share"),
)


def printed(column: str, cells: pd.Series, way: Print) -> list[str]:
    """Print the cells of a column; what is missing is a dash.

    Examples
    --------
    >>> printed("log10_p", pd.Series([-15.0, -1.2, float("nan")]), "log10_p")
    ['< 0.001', '0.063', '–']
    >>> printed("task_type", pd.Series(["about_ai"]), "text")
    ['About AI']
    """
    names = CELL_NAMES.get(column, {}) if way == "text" else {}
    write = _WRITERS[way]
    return [EMPTY if pd.isna(cell) else names.get(cell) or write(cell) for cell in cells]


def printed_interval(low: float, high: float, way: Print) -> str:
    r"""Print two limits as a range.

    Examples
    --------
    >>> printed_interval(0.181, 0.454, "share"), printed_interval(3.8, math.inf, "ratio")
    ('18.1 to 45.4\u202f%', '3.8 to ∞')
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    if way == "share":
        return printing.percent_range(low, high)
    write = _WRITERS[way]
    return f"{write(low)} to {write(high)}"


def significant(value: float) -> str:
    """Print a number with three significant digits, and a whole one of three digits as it is.

    Examples
    --------
    >>> [significant(x) for x in (-0.71449, 12.345, 1234.5, 0.0, 2e-9, math.inf)]
    ['−0.714', '12.3', '1,234', '0', '2.00e−9', '∞']
    """
    if math.isinf(value):
        return "∞" if value > 0 else f"{printing.MINUS}∞"
    if value == 0:
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    if places > 7:
        digits, power = f"{value:.2e}".split("e")
        return f"{digits}e{int(power)}".replace("-", printing.MINUS)
    return f"{value:,.{max(places, 0)}f}".replace("-", printing.MINUS)


_WRITERS: dict[Print, Callable[[Any], str]] = {
    "count": lambda cell: printing.count(cell).replace("-", printing.MINUS),
    "decimal": significant,
    "log10_p": lambda cell: p_like(10.0**cell),
    "p": p_like,
    "points": lambda cell: printing.decimal(100 * cell, 1),
    "ratio": printing.ratio,
    "share": printing.percent,
    "text": str,
    "yes_no": lambda cell: "yes" if cell else "no",
}
