"""Headline results estimated in other ways, in two tables."""

from __future__ import annotations

import pandas as pd

from valuescape.report.figures.robustness import (
    COLUMNS,
    HEADLINE_NAMES,
    READERS,
    robustness_data,
)
from valuescape.report.printing import count, percent, ratio
from valuescape.report.results import Results
from valuescape.report.tables.layout import EMPTY, markdown

_CONTRASTS = (
    "Headline contrasts estimated in other ways: risk ratios, and the excess of mirroring in "
    "points, each with its interval and the number of conversations (of the context, for a ratio). "
    "The row of readers gives the lowest and the highest estimate. An asterisk marks an estimate "
    "outside the interval of the first row, two one whose own interval leaves out the estimate of "
    "the first row. The machine alone labels all of the frame, so that nothing is sampled. "
)
_SHARES = (
    "Headline shares estimated in other ways, in per cent of subjective conversations; signs as in "
    "@tbl-robust-contrasts. Readings crossed with each other have one facet alone for a response "
    "type: there is nothing to cross."
)


def robust_contrasts_table(results: Results) -> str:
    """Set every variant of the contrasts beside the primary estimate."""
    data = _data(results)
    caption = _CONTRASTS + _reasons(data[data["scale"] != "share"])
    return _table(data[data["scale"] != "share"], caption, "tbl-robust-contrasts")


def robust_shares_table(results: Results) -> str:
    """Set every variant of the shares beside the primary estimate."""
    data = _data(results)
    return _table(data[data["scale"] == "share"], _SHARES, "tbl-robust-shares")


def _data(results: Results) -> pd.DataFrame:
    return robustness_data(results.table("robustness", "robustness", COLUMNS))


def _reasons(data: pd.DataFrame) -> str:
    """Say why some estimates cannot be had, commonest reason first."""
    none = data[data["estimate"].isna() & (data["kind"] != READERS)]
    return f"Without an estimate ({EMPTY}): " + "; ".join(none["note"].value_counts().index) + "."


def _table(data: pd.DataFrame, caption: str, key: str) -> str:
    headlines = list(dict.fromkeys(data["headline"]))
    cells = data.set_index(["row", "headline"])
    labels = data.drop_duplicates("row").set_index("row")["label"].sort_index()
    rows = [
        [label, *(_cell(cells.loc[(int(str(row)), headline)]) for headline in headlines)]
        for row, label in labels.items()
    ]
    header = ["Variant", *(HEADLINE_NAMES[name].replace("\n", " ") for name in headlines)]
    return markdown(rows, header, caption, key, widths=(20, *[16] * len(headlines)))


def _cell(row: pd.Series) -> str:
    low, high = (_printed(row[end], row["scale"]) for end in ("ci_low", "ci_high"))
    if row["kind"] == READERS:
        return low if low == high else f"{low} to {high}"
    if pd.isna(row["estimate"]):
        return EMPTY
    sign = "\\*\\*" if row["disagrees"] else "\\*" if row["outside"] else ""
    shown = _printed(row["estimate"], row["scale"]) + sign
    if pd.isna(row["ci_low"]):
        return shown
    return f"{shown} ({low} to {high}); {count(row['n'])}"


def _printed(value: float, scale: str) -> str:
    if scale == "ratio":
        return ratio(value)
    return percent(value, 0 if scale == "excess" else 1).split("\u202f")[0]
