"""How good the shipped labeller is, read from its model card."""

from __future__ import annotations

import re
from importlib.resources import files

import pandas as pd

from valuescape.report.own.contents import Quality

_TITLE = re.compile(r"^# Model card: (\S+)$", re.MULTILINE)
_SHOWN = (
    "Subjective or not: Cohen's kappa",
    "Task type (16): Cohen's kappa",
    "Response type (7): Cohen's kappa",
    "40 commonest values: mean AP",
    "40 commonest values: mean base rate",
)
_AS_SHIPPED = "without alpaca_eval, all readings"
_PARTY = "assistant_value"


def labeller_quality(labeller: str) -> Quality | None:
    """Return what the model card says of a labeller, or None if the card is of another.

    Examples
    --------
    >>> labeller_quality("somebody-1") is None
    True
    """
    card = (files("valuescape.resources") / "labeller" / "MODEL_CARD.md").read_text("utf-8")
    title = _TITLE.search(card)
    if title is None or title.group(1) != labeller:
        return None
    rows = [_cells(line) for line in card.splitlines() if line.startswith("|")]
    header = next(row for row in rows if row[0] == "figure")
    column = header.index(_AS_SHIPPED)
    told = {row[0]: row[column] for row in rows if len(row) == len(header)}
    items = next(row for row in rows if row[:2] == ["facet", "item"])
    found = [dict(zip(items, row, strict=True)) for row in rows if row[0] == _PARTY]
    values = pd.DataFrame(found)[["item", "precision", "recall"]].rename(columns={"item": "name"})
    return Quality(
        tuple((name, told[name]) for name in _SHOWN),
        values.astype({"precision": float, "recall": float}),
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
