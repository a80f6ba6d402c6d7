"""One test a family of cells, and how many of its cells each method would declare."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.statistics.contingency import contingency
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.tails import normal_log10_p
from valuescape.study.plan import FAMILY, CellPlan


def omnibus(cells: pd.DataFrame, associations: pd.DataFrame, plan: CellPlan) -> pd.DataFrame:
    """Chi-square of each context kind's table, and how many cells each method would declare.

    The table of single-choice contexts (task type, run) counts every value of a conversation, as
    the 2025 study did: its p-value takes expressions for independent, which they are not, and is
    printed for comparison.  Cells declared are those of the primary test (BH, Bonferroni), of the
    exact test that ignores the design (Bonferroni), and of adjusted residuals compared with the
    normal distribution (Bonferroni).

    Parameters
    ----------
    cells : DataFrame
        Table ``counts``.
    associations : DataFrame
        From :func:`~valuescape.study.associations.associate`, with ``replication``.
    plan : CellPlan
        Levels.

    Returns
    -------
    DataFrame
        One row a family: ``n_cells``, ``chi_square``, ``chi_square_df``, ``chi_square_log10_p``,
        ``cramers_v_corrected``, ``declared_bh``, ``declared_bonferroni``,
        ``declared_hierarchical``, ``declared_independent``, ``declared_residual``, and, of the
        cells declared (BH), how many are ``replicated_both_ways`` and ``replicated_one_way`` in
        halves of the prompt groups.
    """
    tested = dict(list(associations.groupby(FAMILY)))
    rows = []
    for key, part in cells.groupby(FAMILY, sort=True):
        family = dict(zip(FAMILY, key, strict=True))
        found = tested[key]
        bound = np.log10(plan.q_threshold)
        by_residual = adjust_p(normal_log10_p(found["adjusted_residual"]), "bonferroni")
        row: dict[str, object] = {
            **family,
            "n_cells": int(found["log10_p"].notna().sum()),
            "declared_bh": int((found["q_value"] <= plan.q_threshold).sum()),
            "declared_bonferroni": int(found["bonferroni"].sum()),
            "declared_hierarchical": int(found["hierarchical"].sum()),
            **_replicated(found[found["q_value"] <= plan.q_threshold]),
            "declared_independent": int(
                (adjust_p(found["log10_p_independent"], "bonferroni") <= bound).sum()
            ),
            "declared_residual": int((by_residual <= bound).sum()),
        }
        grid = part.pivot_table(index="context", columns="value", values="n_both")
        grid = grid.loc[:, grid.sum() > 0]
        if family["context_kind"] != "user_value" and min(grid.shape) > 1:
            table = contingency(grid.to_numpy())
            row |= {
                "chi_square": table.statistic,
                "chi_square_df": table.df,
                "chi_square_log10_p": table.log10_p,
                "cramers_v_corrected": table.cramers_v_corrected,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def _replicated(declared: pd.DataFrame) -> dict[str, int]:
    times = declared["replication"].value_counts()
    return {f"replicated_{way}": int(times.get(way, 0)) for way in ("both_ways", "one_way")}
