"""How many different values each protocol of reading finds, at equal numbers of conversations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from valuescape.statistics.richness import richness


def vocabulary_table(
    expressions: pd.DataFrame,
    subjective: pd.DataFrame,
    labellers: Sequence[str],
    *,
    conf_level: float,
) -> pd.DataFrame:
    """Count names, rarefied to the smallest protocol, with Chao2 and concentration.

    Parameters
    ----------
    expressions : DataFrame
        ``conversation_id``, ``labeller``, ``value`` of assistants, names merged.
    subjective : DataFrame
        ``conversation_id`` and ``labeller`` of the subjective conversations compared.
    labellers : sequence of str
        Protocols, each one labeller.
    conf_level : float
        Level of the Chao2 interval.

    Returns
    -------
    DataFrame
        One row a labeller: ``n`` conversations, ``names``, ``uniques``, ``duplicates``,
        ``rarefied`` to ``n_rarefied`` conversations, ``chao2`` with limits,
        ``values_per_conversation`` and ``share_of_top_ten`` (of all expressions).
    """
    kept = expressions.merge(subjective, on=["conversation_id", "labeller"])
    sizes = subjective["labeller"].value_counts()
    smallest = int(sizes.loc[list(labellers)].min())
    rows = []
    for labeller in labellers:
        said = kept[kept["labeller"] == labeller]
        incidence = said.groupby("value")["conversation_id"].nunique().sort_values(ascending=False)
        n = int(sizes[labeller])
        found = richness(incidence, n, n_rarefied=smallest, conf_level=conf_level)
        rows.append(
            {
                "labeller": labeller,
                "n": n,
                "names": found.observed,
                "uniques": found.uniques,
                "duplicates": found.duplicates,
                "rarefied": found.rarefied,
                "n_rarefied": found.n_rarefied,
                "chao2": found.chao2,
                "chao2_low": found.chao2_low,
                "chao2_high": found.chao2_high,
                "values_per_conversation": incidence.sum() / n,
                "share_of_top_ten": incidence.head(10).sum() / incidence.sum(),
            }
        )
    return pd.DataFrame(rows)
