"""The published claims that can be tested here, each in one of two families."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from valuescape.statistics.multiplicity import adjust_p

TESTED = ["risk_ratio", "ci_low", "ci_high", "log10_p", "n_both", "n_context", "n_value"]
HOLDS, OPEN, CONTRARY, UNTESTABLE = "holds", "not shown", "contrary", "cannot be tested"


def judge_claims(
    claims: pd.DataFrame, cells: Mapping[str, pd.DataFrame], *, level: float
) -> pd.DataFrame:
    """Judge each claim by its cell, Holm-adjusted within primed and within unprimed claims.

    A claim says that a value is more frequent in its context than outside it.  It "holds" when
    the adjusted two-sided p-value of the primary test is at most ``level`` and the risk ratio is
    above 1, is "contrary" when the ratio is below 1, and is "not shown" otherwise.

    Parameters
    ----------
    claims : DataFrame
        Table ``claims``; ``primed`` marks values that the codebook names as examples.
    cells : mapping of str to DataFrame
        For each ``context_kind`` of the claims, results of
        :func:`~valuescape.study.associations.associate` at level 0.
    level : float
        Familywise error of each family.

    Returns
    -------
    DataFrame
        The claims with ``risk_ratio``, ``ci_low``, ``ci_high``, ``log10_p``, ``holm``, counts,
        ``verdict`` and ``why_not`` (the reason a claim cannot be tested).
    """
    found = [_cell(claim, cells) for _, claim in claims.iterrows()]
    table = pd.concat([claims.reset_index(drop=True), pd.DataFrame(found)], axis=1)
    table["why_not"] = table["why_not"].where(table["why_not"] != "", table.pop("missing"))
    table["holm"] = np.nan
    for _, family in table.groupby("primed"):
        table.loc[family.index, "holm"] = 10.0 ** adjust_p(family["log10_p"].to_numpy(), "holm")
    significant = table["holm"] <= level
    table["verdict"] = np.select(
        [table["log10_p"].isna(), significant & (table["risk_ratio"] > 1), significant],
        [UNTESTABLE, HOLDS, CONTRARY],
        OPEN,
    )
    return table


def _cell(claim: pd.Series, cells: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    nothing: dict[str, object] = dict.fromkeys(TESTED, np.nan)
    if claim["why_not"]:
        return nothing | {"missing": ""}
    table = cells[claim["context_kind"]]
    table = table[(table["group"] == claim["group"]) & (table["context"] == claim["context"])]
    if table.empty:
        return nothing | {"missing": "the context has too few prompt groups"}
    cell = table[table["value"] == claim["value"]]
    if cell.empty:
        return nothing | {"missing": "the value was read in too few conversations"}
    return {**cell.iloc[0][TESTED].to_dict(), "missing": ""}
