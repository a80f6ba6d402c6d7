"""The values most distinctive of each context, and those that cannot be told from the first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.statistics.intervals import critical_value
from valuescape.statistics.rank_sets import rank_sets
from valuescape.statistics.top_set import tied_top_set
from valuescape.study.plan import CellPlan

_CONTEXT = ["group", "context_kind", "level", "context"]


def top_values(associations: pd.DataFrame, *, context_kind: str, top_k: int) -> pd.DataFrame:
    """Rank the values of each context by their shrunken risk ratio.

    Parameters
    ----------
    associations : DataFrame
        From :func:`associate`.
    context_kind : str
        Kind of context to rank within.
    top_k : int
        Values kept a context.

    Returns
    -------
    DataFrame
        ``group``, ``level``, ``context``, ``rank``, and the columns of the cell.  A context
        without a distinctive value has one row with ``value`` "no distinctive value" and rank 0.
    """
    chosen = associations[associations["context_kind"] == context_kind]
    rows = []
    for (group, level, context), part in chosen.groupby(["group", "level", "context"], sort=True):
        best = part[part["distinctive"]].sort_values(
            ["log_rr", "value"], ascending=[False, True], kind="stable"
        )
        if best.empty:
            first = part.iloc[0]
            rows.append(
                pd.DataFrame(
                    {
                        "group": [group],
                        "level": [level],
                        "context": [context],
                        "rank": [0],
                        "value": ["no distinctive value"],
                        "n_context": [first["n_context"]],
                        "n_clusters_context": [first["n_clusters_context"]],
                    }
                )
            )
            continue
        best = best.head(top_k)
        rows.append(best.assign(rank=np.arange(1, len(best) + 1)).drop(columns="context_kind"))
    return pd.concat(rows, ignore_index=True)


def top_sets(associations: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    """Values that cannot be excluded from being the most over-represented of their context.

    Candidates are the values whose effective expected count is at least
    ``plan.minimum_expected_ranked``: of rarer ones too little is known to exclude any.  They are
    compared by their shrunken log risk ratios with simultaneous pairwise intervals.

    Parameters
    ----------
    associations : DataFrame
        From :func:`~valuescape.study.associations.associate`.
    plan : CellPlan
        Levels.

    Returns
    -------
    DataFrame
        One row a candidate: the key of the cell, ``log_rr``, ``rank``, ``rank_low`` and
        ``rank_high`` (simultaneous confidence set of the rank) and ``in_top_set``.
    """
    effective = associations["expected"] / associations["design_effect"]
    possible = associations[(effective >= plan.minimum_expected_ranked)]
    parts = [_ranked_context(part, plan) for _, part in possible.groupby(_CONTEXT, sort=True)]
    return pd.concat(parts, ignore_index=True)


def _ranked_context(part: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    ordered = part.sort_values("value", kind="stable")
    width = ordered["log_rr_high"] - ordered["log_rr_low"]
    error = (width / (2 * critical_value(plan.conf_level))).to_numpy()
    top = tied_top_set(ordered["log_rr"], standard_error=error, conf_level=plan.conf_level)
    ranks = rank_sets(ordered["log_rr"], standard_error=error, conf_level=plan.conf_level)
    return ordered[[*_CONTEXT, "value", "log_rr"]].assign(
        rank=top.rank, rank_low=ranks.low, rank_high=ranks.high, in_top_set=top.in_set
    )
