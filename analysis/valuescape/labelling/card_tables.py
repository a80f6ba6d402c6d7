"""Tables of the model card: goals and what was reached, and what else was tried."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

_GOALS = (
    ("subjective", "all", "kappa", "Subjective or not: Cohen's kappa", 0.80),
    ("task_type", "all", "kappa", "Task type: Cohen's kappa", 0.70),
    ("response_type", "all", "kappa", "Response type: Cohen's kappa", 0.60),
    ("assistant_value", "common", "mean_average_precision", "40 commonest values: mean AP", 0.45),
    ("heading_value", "all", "mean_average_precision", "8 top headings: mean AP", 0.65),
)


def goals(figures: pd.DataFrame, people: pd.DataFrame) -> str:
    """Return what was aimed at and what was reached, fitted on all readings.

    Parameters
    ----------
    figures, people : DataFrame
        The tables ``metrics.csv`` and ``xstest_check.csv``.

    Returns
    -------
    str
        A section in Markdown.
    """
    own = figures[(figures["training"] == "all") & (figures["evaluated_on"] == "all")]
    found = {(r["facet"], r["item"], r["quantity"]): r for r in own.to_dict("records")}
    refusals = people[
        (people["labeller"] != "reading-closed-1")
        & (people["predicted"] == "strong_resistance")
        & (people["model"] == "all")
        & (people["quantity"] == "agreement")
    ].to_dict("records")[0]
    rows = [
        f"| {name} | {goal:.2f} | {interval(row)} | {'yes' if row['estimate'] >= goal else 'no'} |"
        for name, goal, row in (
            *((name, goal, found[f, item, q]) for f, item, q, name, goal in _GOALS),
            ("XSTest, full refusal against the rest: agreement", 0.9, refusals),
        )
    ]
    return "\n".join(
        [
            "## Goals",
            "Set before fitting; where one is missed, the readings' own repeatability and the",
            "sentence embeddings below say how far there is to go. Calibration errors are to be at",
            "most 0.03.",
            "",
            "| figure | goal | reached | met |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def tried(comparison: pd.DataFrame) -> str:
    """Return the table ``labeller_comparison.csv`` as a section in Markdown."""
    figures = comparison[["facet", "quantity"]].drop_duplicates().to_dict("records")
    names = [f"{f['facet']}, {f['quantity']}".replace("_", " ") for f in figures]
    rows = []
    for name, part in comparison.groupby("candidate", sort=False):
        at = part.set_index(["facet", "quantity"])
        cells = [_against(at.loc[(f["facet"], f["quantity"])]) for f in figures]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(
        [
            "## What else was tried",
            "Heads before calibration, each group's scores by a fit without it, fitted on all",
            "sources. In brackets the difference from the labeller as shipped, with its 95 %",
            "interval over prompt groups. The embeddings are those of a universal sentence encoder",
            "(31 MB, beginnings of the user's turns and of the reply); they are not shipped, since",
            "they cost most of the speed and a dependency.",
            "",
            f"| candidate | {' | '.join(names)} |",
            "|---" * (len(names) + 1) + "|",
            *rows,
            "",
        ]
    )


def _against(row: pd.Series) -> str:
    low, high = row["difference_low"], row["difference_high"]
    return f"{row['estimate']:.3f} ({row['difference']:+.3f}, {low:+.3f} to {high:+.3f})"


def interval(row: dict[Hashable, Any]) -> str:
    """Return a figure with its interval, for a cell."""
    return f"{row['estimate']:.3f} ({row['ci_low']:.3f} to {row['ci_high']:.3f})"
