"""Whether any value at all depends on the context: one test a family, under the design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from valuescape.counts.families import RollUp
from valuescape.statistics.conditional_independence import (
    ConditionalIndependence,
    conditional_independence,
)
from valuescape.study.family_data import FamilyData, each_family
from valuescape.study.plan import FAMILY

_SEVERAL = "user_value"
"""The kind of context of which a conversation may have several."""


def independence(
    frame: pd.DataFrame, values_at: RollUp, user_values: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Test the independence of contexts and values within strata, in every family.

    Where each conversation has one context, every value's prevalence is compared across the
    contexts of the family (marginal independence); where it may have several, each is compared with
    its absence (joint independence).  As in the test of a cell, observed less expected is summed
    over strata within the group, so that differences between sources count for nothing.  Weights
    and prompt groups enter the second-order Rao-Scott correction, with the trace of squares from
    products of different prompt groups: with hundreds of values and a few hundred groups the
    plug-in form never rejects.

    Parameters
    ----------
    frame, values_at, user_values, cells
        As for :func:`valuescape.study.family_data.each_family`.

    Returns
    -------
    DataFrame
        The key of the family, ``statistic`` and ``df`` (second order), ``design_effect``,
        ``log10_p``, ``n``, ``n_clusters``, ``n_strata`` and ``method``.  A family with fewer than
        two contexts to compare within a stratum has no row.
    """
    rows = []
    for data in each_family(frame, values_at, user_values, cells):
        row = (_joint if data.family["context_kind"] == _SEVERAL else _marginal)(data)
        if row is not None:
            rows.append({**data.family, **row})
    columns = [
        "statistic",
        "df",
        "design_effect",
        "log10_p",
        "n",
        "n_clusters",
        "n_strata",
        "method",
    ]
    return pd.DataFrame(rows, columns=[*FAMILY, *columns])


def _marginal(data: FamilyData) -> dict[str, object] | None:
    chosen = np.asarray(data.contexts.matrix.sum(axis=1)).ravel() == 1
    codes = data.contexts.matrix[chosen].argmax(axis=1)
    picks = data.values.matrix[chosen]
    varies = np.asarray(picks.sum(axis=0)).ravel()
    picks = picks[:, np.flatnonzero((varies > 0) & (varies < picks.shape[0]))]
    if np.unique(codes).size < 2 or picks.shape[1] == 0:
        return None
    part = data.frame[chosen]
    names = data.contexts.names[np.asarray(codes).ravel()]
    if not _compared(names, part["stratum"]):
        return None
    return _row(names, picks, part, "conditional_marginal_independence")


def _compared(names: np.ndarray, stratum: pd.Series) -> bool:
    """Whether any stratum holds two contexts."""
    return bool(pd.Series(names).groupby(stratum.to_numpy()).nunique().max() > 1)


def _joint(data: FamilyData) -> dict[str, object] | None:
    sets = []
    for matrix in (data.contexts.matrix, data.values.matrix):
        total = np.asarray(matrix.sum(axis=0)).ravel()
        sets.append(matrix[:, np.flatnonzero((total > 0) & (total < matrix.shape[0]))])
    if any(matrix.shape[1] == 0 for matrix in sets):
        return None
    return _row(sets[0], sets[1], data.frame, "conditional_joint_independence")


def _row(context: Any, picks: Any, part: pd.DataFrame, method: str) -> dict[str, object]:
    found: ConditionalIndependence = conditional_independence(
        context,
        picks,
        part["stratum"],
        weight=part["weight"],
        cluster=part["prompt_group"],
        trace_squares="cross",
    )
    return {
        "statistic": found.second_order_statistic,
        "df": found.second_order_df,
        "design_effect": found.design_effect,
        "log10_p": found.log10_p,
        "n": found.n,
        "n_clusters": found.n_clusters,
        "n_strata": found.n_strata,
        "method": method,
    }
