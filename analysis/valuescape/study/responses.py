"""How assistants answer the user's values: shares of response types."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuescape.schema import RESPONSE_TYPES
from valuescape.statistics.cluster_spread import between_cluster_spread
from valuescape.statistics.clusters import ClusteredShare, clustered_share

METHOD = "weighted share; prompt group and reader clustered; logit t interval"


def response_shares(
    frame: pd.DataFrame, by: Sequence[str], *, conf_level: float, minimum_clusters: int = 2
) -> pd.DataFrame:
    """Share of each response type in every part of the frame.

    Parameters
    ----------
    frame : DataFrame
        Conversations with ``response_type``, ``weight``, ``prompt_group``, ``reader`` and ``by``.
    by : sequence of str
        Columns that divide the frame.
    conf_level : float
        Confidence level.
    minimum_clusters : int
        Parts with fewer prompt groups or fewer readers are left out.

    Returns
    -------
    DataFrame
        ``by``, ``response_type``, ``estimate``, ``ci_low``, ``ci_high``, ``standard_error``, ``k``,
        ``n``, ``n_clusters`` (prompt groups), ``n_readers``, ``reader_low``, ``reader_high``,
        ``reader_sd`` (between readers, beyond sampling), ``method``, ``unit``.
    """
    rows = []
    for _, part in frame.groupby(list(by), sort=True):
        readers = part["reader"].nunique()
        if min(readers, part["prompt_group"].nunique()) < minimum_clusters:
            continue
        found = _shares(part, conf_level)
        for name in by:
            found[name] = part[name].iloc[0]
        rows.append(found.assign(n_readers=readers))
    columns = [*by, "response_type"]
    table = pd.concat(rows, ignore_index=True).assign(method=METHOD, unit="share")
    return table[[*columns, *(c for c in table.columns if c not in columns)]]


def _shares(part: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    answers = part["response_type"].to_numpy()[:, None] == np.array(RESPONSE_TYPES)[None, :]
    found = clustered_share(
        answers,
        weight=part["weight"],
        clusterings=[part["prompt_group"], part["reader"]],
        conf_level=conf_level,
    )
    table = share_columns(found).assign(
        response_type=RESPONSE_TYPES,
        k=answers.sum(axis=0),
        n_clusters=part["prompt_group"].nunique(),
    )
    spread = [
        between_cluster_spread(answers[:, j], weight=part["weight"], cluster=part["reader"])
        for j in range(len(RESPONSE_TYPES))
    ]
    table[["reader_low", "reader_high", "reader_sd"]] = [
        (s.lowest, s.highest, s.sd) for s in spread
    ]
    return table


def share_columns(found: ClusteredShare) -> pd.DataFrame:
    """Keep the columns of a clustered share that result tables carry."""
    return found.to_frame()[["estimate", "ci_low", "ci_high", "standard_error", "n"]]
