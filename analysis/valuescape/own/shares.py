"""How common kinds of task, response types, values and headings are, as far as may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from valuescape.counts.frame import presence
from valuescape.own.counting import LEVELS, nodes_present
from valuescape.own.floors import Shown
from valuescape.own.frame import HEADING_LEVEL, Frame
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.statistics.clusters import clustered_share
from valuescape.statistics.effective_share import effective_share

CONF_LEVEL, MINIMUM_CLUSTERS = 0.95, 5
UNDESIRED = {"undesirable-values": "any undesired value", "faults-of-the-reply": "any fault"}
_SHARE = ["estimate", "ci_low", "ci_high"]


def overview_table(frame: Frame, shown: Shown) -> pd.DataFrame:
    """Say how large the corpus is.

    Returns
    -------
    DataFrame
        ``quantity``, ``n``; empty where it may not be shown.
    """
    whole, part = frame.conversations, frame.subjective
    rest = len(whole) - len(part)
    rows = [
        ("conversations", len(whole) if shown.not_subjective else None),
        ("subjective", len(part)),
        ("not_subjective", rest if shown.not_subjective else None),
        ("clusters", part["prompt_group"].nunique()),
        ("assistants", len(shown.listed("assistant"))),
        ("task_types", len(shown.listed("task_type"))),
    ]
    return pd.DataFrame(rows, columns=["quantity", "n"]).astype({"n": "Int64"})


def context_shares(frame: Frame, shown: Shown, kind: str, names: tuple[str, ...]) -> pd.DataFrame:
    """Share of each context of a kind among subjective conversations.

    Returns
    -------
    DataFrame
        ``name``, ``n`` (conversations), ``n_clusters``, ``estimate``, ``ci_low``, ``ci_high``: the
        contexts that may be shown, in the order given.
    """
    part = frame.subjective
    held = presence(part["conversation_id"], part, kind, np.array(names))
    table = _shares(part, held.matrix).assign(name=names)
    table = table[[shown.contexts.get((kind, name), False) for name in names]]
    return table[["name", "n", "n_clusters", *_SHARE]].reset_index(drop=True)


def response_shares(frame: Frame, shown: Shown) -> pd.DataFrame:
    """Share of each response type within each kind of task.

    Returns
    -------
    DataFrame
        ``task_type``, ``response_type``, ``k`` of ``n``, ``n_clusters``, ``estimate``, ``ci_low``,
        ``ci_high``; empty where the cell may not be shown. Kinds of task of which no cell may be
        shown, or of fewer than five clusters, are left out.
    """
    parts = []
    for task in TASK_TYPES:
        cells = [shown.responses.get((task, answer), False) for answer in RESPONSE_TYPES]
        if not (shown.contexts.get(("task_type", task)) and any(cells)):
            continue
        part = frame.subjective[frame.subjective["task_type"] == task].reset_index(drop=True)
        if part["prompt_group"].nunique() < MINIMUM_CLUSTERS:
            continue
        held = presence(part["conversation_id"], part, "response_type", np.array(RESPONSE_TYPES))
        table = _shares(part, held.matrix).rename(columns={"n": "k"}).astype({"k": float})
        table.loc[~np.array(cells), ["k", *_SHARE]] = np.nan
        parts.append(
            table.assign(
                task_type=task,
                response_type=RESPONSE_TYPES,
                n=len(part),
                n_clusters=part["prompt_group"].nunique(),
            )
        )
    columns = ["task_type", "response_type", "k", "n", "n_clusters", *_SHARE]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns].astype({"k": "Int64"})


def node_shares(frame: Frame, shown: Shown) -> pd.DataFrame:
    """Share of subjective conversations in which the assistant expresses each value and heading.

    Returns
    -------
    DataFrame
        ``level``, ``name``, ``node_id``, ``heading``, ``polarity``, ``n``, ``n_clusters``,
        ``estimate``, ``ci_low``, ``ci_high``: what may be shown, the most common first.
    """
    names = frame.nodes.set_index("node_id")["name"]
    about = frame.nodes.set_index(["level", "name"])
    parts = []
    for level in LEVELS:
        held = nodes_present(frame, level)
        table = _shares(frame.subjective, held.matrix).assign(level=level, name=held.names)
        known = about.loc[level].loc[list(held.names)]
        table = table.assign(
            node_id=known["node_id"].to_numpy(),
            heading=known["parent_id"].map(names).to_numpy(),
            polarity=known["polarity"].to_numpy(),
        )
        seen = [shown.nodes.get((level, str(name)), False) for name in held.names]
        parts.append(table[np.array(seen, dtype=bool)])
    columns = ["level", "name", "node_id", "heading", "polarity", "n", "n_clusters", *_SHARE]
    table = pd.concat(parts, ignore_index=True)[columns]
    order = ["level", "estimate", "name"]
    return table.sort_values(order, ascending=[True, False, True], ignore_index=True)


def undesired_table(frame: Frame, shown: Shown) -> pd.DataFrame:
    """Share of subjective conversations with an undesired value or a fault, by assistant.

    Returns
    -------
    DataFrame
        ``part`` ("all" or the assistant), ``outcome``, ``k`` of ``n``, ``estimate``, ``ci_low``,
        ``ci_high`` (exact limits on effective counts): what may be shown.
    """
    part = frame.subjective
    held = nodes_present(frame, HEADING_LEVEL)
    place = {str(name): j for j, name in enumerate(held.names)}
    titles = frame.nodes.set_index("node_id")["name"].to_dict()
    dense = held.matrix.toarray()
    rows = []
    for node, outcome in UNDESIRED.items():
        name = titles.get(node)
        if name is None or not shown.nodes.get((HEADING_LEVEL, name)):
            continue
        y = dense[:, place[name]]
        rows.append({"part": "all", "outcome": outcome, **_rare(y, part["prompt_group"])})
        for assistant in shown.listed("assistant"):
            if shown.cells.get(("assistant", HEADING_LEVEL, assistant, name)):
                own = (part["assistant"] == assistant).to_numpy()
                found = _rare(y[own], part.loc[own, "prompt_group"])
                rows.append({"part": assistant, "outcome": outcome, **found})
    return pd.DataFrame(rows, columns=["part", "outcome", "k", "n", *_SHARE])


def _rare(y: NDArray[np.float64], clusters: pd.Series) -> dict[str, float]:
    found = effective_share(
        y[:, None], weight=np.ones(y.size), clusterings=[clusters], conf_level=CONF_LEVEL
    ).to_frame()
    limits = {name: float(found[name].iloc[0]) for name in _SHARE}
    return {"k": int(y.sum()), "n": y.size, **limits}


def _shares(part: pd.DataFrame, held: sparse.csr_array) -> pd.DataFrame:
    """Shares of columns with cluster-robust intervals, counts, and clusters that hold each."""
    found = clustered_share(
        held.toarray(),
        weight=part["weight"],
        clusterings=[part["prompt_group"]],
        conf_level=CONF_LEVEL,
    ).to_frame()
    rows, columns = held.nonzero()
    codes = pd.factorize(part["prompt_group"])[0]
    pairs = np.unique(columns.astype(np.int64) * len(part) + codes[rows]) // len(part)
    return pd.DataFrame(
        {
            "n": np.bincount(columns, minlength=held.shape[1]),
            "n_clusters": np.bincount(pairs, minlength=held.shape[1]),
            **{name: found[name].to_numpy() for name in _SHARE},
        }
    )
