"""Values stated in words: how repeatable the mark is, since no machine label corrects it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.statistics.agreement import cohen_kappa, percent_agreement
from valuescape.statistics.arrays import FloatArray, divide
from valuescape.statistics.cluster_bootstrap import bootstrap_interval
from valuescape.statistics.specific_agreement import specific_agreement
from valuescape.study.agreement import Resampling
from valuescape.study.resistance import RESISTANCE, SUPPORT

METHOD = "readings only: the machine does not label it, so it is not corrected"
_COLUMNS = ["group", "stance", "quantity", "estimate", "ci_low", "ci_high", "n", "n_clusters"]

_FEWEST = 10
"""Prompt groups with a value that both readings name, below which nothing is said."""

_STANCES = {"all": None, "resistance": RESISTANCE, "support": SUPPORT}


def explicit_repeatability(
    frame: pd.DataFrame, first: pd.DataFrame, second: pd.DataFrame, plan: Resampling
) -> pd.DataFrame:
    """Compare what two readings say of values stated in words.

    Parameters
    ----------
    frame : DataFrame
        Subjective conversations by the first reading that were read twice: ``conversation_id``,
        ``group``, ``response_type`` (of the first reading), ``weight``.
    first, second : DataFrame
        ``conversation_id``, ``value``, ``explicit`` of the assistants by either reading.
    plan : Resampling
        How intervals are made.

    Returns
    -------
    DataFrame
        A row a ``group``, ``stance`` (``all``, ``resistance``, ``support``) and
        ``quantity``, with ``estimate``, ``ci_low``, ``ci_high``, ``n``, ``n_clusters``, ``method``.
        Of values that both readings name in a conversation: ``percent``, ``cohen_kappa``,
        ``specific_explicit`` and ``specific_implicit``.  Of all values that either names, weighted:
        ``share_first``, ``share_second`` and ``difference`` (second less first).  Kappa does not
        exist where a reading marks all alike; parts with fewer than ten prompt groups are left out.
    """
    sides = [
        said.assign(explicit=said["explicit"].astype(bool)).merge(
            frame, on="conversation_id", validate="many_to_one"
        )
        for said in (first, second)
    ]
    rows: list[dict[str, object]] = []
    for group in sorted(frame["group"].unique()):
        for stance, types in _STANCES.items():
            parts = [_chosen(side, group, types) for side in sides]
            key = {"group": group, "stance": stance}
            rows.extend({**key, **row} for row in _rows(parts[0], parts[1], plan))
    return pd.DataFrame(rows, columns=_COLUMNS).assign(method=METHOD)


def _chosen(side: pd.DataFrame, group: str, types: tuple[str, ...] | None) -> pd.DataFrame:
    inside = (side["group"] == group).to_numpy()
    if types is not None:
        inside = inside & side["response_type"].isin(types).to_numpy()
    return side[inside]


def _rows(first: pd.DataFrame, second: pd.DataFrame, plan: Resampling) -> list[dict[str, object]]:
    key = ["conversation_id", "value"]
    shared = first.merge(second[[*key, "explicit"]], on=key, suffixes=("", "_2"))
    ids = shared["conversation_id"]
    if np.unique(plan.clusters(ids)).size < _FEWEST:
        return []
    return [*_agreement(shared, plan), *_shares(first, second, plan)]


def _agreement(shared: pd.DataFrame, plan: Resampling) -> list[dict[str, object]]:
    ids = shared["conversation_id"]
    one, two = (shared[c].to_numpy(dtype=object) for c in ("explicit", "explicit_2"))
    draws, level = plan.of(ids), plan.conf_level
    ratings = np.column_stack([one, two])
    found = {"percent": percent_agreement(ratings, bootstrap=draws, conf_level=level)}
    if min(len(set(one)), len(set(two))) > 1:
        found["cohen_kappa"] = cohen_kappa(one, two, bootstrap=draws, conf_level=level)
    for name, mark in (("specific_explicit", True), ("specific_implicit", False)):
        if mark in {*one, *two}:
            found[name] = specific_agreement(one, two, mark, bootstrap=draws, conf_level=level)
    n_clusters = np.unique(plan.clusters(ids)).size
    return [
        _row(name, (part.estimate, part.low, part.high), part.n_units, n_clusters)
        for name, part in found.items()
    ]


def _shares(first: pd.DataFrame, second: pd.DataFrame, plan: Resampling) -> list[dict[str, object]]:
    """Weighted shares of expressions by either reading, and their difference."""
    ids = pd.Series(np.union1d(first["conversation_id"], second["conversation_id"]))
    columns = []
    for side in (first, second):
        weight = side["weight"].to_numpy(dtype=float)
        stated = pd.Series(weight * side["explicit"]).groupby(side["conversation_id"].to_numpy())
        named = pd.Series(weight).groupby(side["conversation_id"].to_numpy())
        columns += [part.sum().reindex(ids, fill_value=0.0).to_numpy() for part in (stated, named)]
    sums = np.column_stack(columns)
    low, high = bootstrap_interval(sums, _compared, plan.of(ids), plan.conf_level)
    n_clusters = np.unique(plan.clusters(ids)).size
    sizes = (len(first), len(second), len(ids))
    names = ("share_first", "share_second", "difference")
    estimates = _compared(sums.sum(axis=0))
    return [
        _row(name, (float(estimates[j]), float(low[j]), float(high[j])), sizes[j], n_clusters)
        for j, name in enumerate(names)
    ]


def _compared(sums: FloatArray) -> FloatArray:
    one, two = (divide(sums[..., j], sums[..., j + 1]) for j in (0, 2))
    return np.stack([one, two, two - one], axis=-1)


def _row(
    quantity: str, limits: tuple[float, float, float], n: int, n_clusters: int
) -> dict[str, object]:
    names = ("estimate", "ci_low", "ci_high")
    return {
        "quantity": quantity,
        **dict(zip(names, limits, strict=True)),
        "n": n,
        "n_clusters": n_clusters,
    }
