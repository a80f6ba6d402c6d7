"""How far two labellers agree: readers with each other, the machine with readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.frame import presence
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.statistics.agreement import (
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap
from valuescape.statistics.coefficient import Agreement
from valuescape.statistics.overlap import mean_jaccard, precision_recall

FACETS = ("subjective", "task_type", "response_type")


@dataclass(frozen=True, slots=True)
class Resampling:
    """Bootstrap of prompt groups, and the level of its intervals.

    Attributes
    ----------
    prompt_group : Series
        Prompt group of each conversation, indexed by ``conversation_id``.
    n_boot, seed : int
        Replicates and seed.
    conf_level : float
        Confidence level.
    """

    prompt_group: pd.Series
    n_boot: int
    seed: int
    conf_level: float

    def clusters(self, ids: pd.Series) -> NDArray[np.str_]:
        """Return the prompt group of each conversation."""
        return ids.map(self.prompt_group).to_numpy(dtype=str)

    def of(self, ids: pd.Series) -> ClusterBootstrap:
        """Return the resampling of these conversations."""
        return ClusterBootstrap(self.clusters(ids), self.n_boot, self.seed)


def paired_labels(labels: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Put two labellers' labels of the same conversations side by side.

    Parameters
    ----------
    labels : DataFrame
        Table ``labels``.
    first, second : str
        Labellers.

    Returns
    -------
    DataFrame
        ``conversation_id`` and each facet with ``_1`` and ``_2``.

    Examples
    --------
    >>> labels = pd.DataFrame({"conversation_id": ["a", "a"], "labeller": ["r", "s"],
    ...     "subjective": [True, False], "task_type": "about_ai", "response_type": "no_values"})
    >>> paired_labels(labels, "r", "s")["subjective_2"].tolist()
    [False]
    """
    kept = ["conversation_id", *FACETS]
    sides = [labels.loc[labels["labeller"] == name, kept] for name in (first, second)]
    return sides[0].merge(
        sides[1], on="conversation_id", suffixes=("_1", "_2"), validate="one_to_one"
    )


def agreement_table(pairs: pd.DataFrame, plan: Resampling) -> pd.DataFrame:
    """Agreement on every facet, four coefficients each.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`paired_labels`.
    plan : Resampling
        How intervals are made.

    Returns
    -------
    DataFrame
        ``facet``, ``statistic``, ``estimate``, ``ci_low``, ``ci_high``, ``n``, ``n_clusters``.
        ``response_type_subjective`` is the response type where both say subjective.  A facet of
        which a labeller used one category only is left out: chance-corrected agreement does not
        exist for it (the unprimed readings are of subjective conversations by design).
    """
    both = pairs[pairs["subjective_1"] & pairs["subjective_2"]]
    parts = [(facet, facet, pairs) for facet in FACETS]
    parts.append(("response_type_subjective", "response_type", both))
    rows = []
    for name, facet, part in parts:
        first = part[f"{facet}_1"].astype(str).to_numpy(dtype=object)
        second = part[f"{facet}_2"].astype(str).to_numpy(dtype=object)
        ids = part["conversation_id"]
        if min(len(set(first)), len(set(second))) < 2:
            continue
        for statistic, found in _coefficients(first, second, plan.of(ids), plan.conf_level).items():
            row = _agreement_row(found, plan.clusters(ids))
            rows.append({"facet": name, "statistic": statistic, **row})
    return pd.DataFrame(rows)


def _coefficients(
    first: NDArray[np.object_],
    second: NDArray[np.object_],
    resample: ClusterBootstrap,
    conf_level: float,
) -> dict[str, Agreement]:
    ratings = np.column_stack([first, second])
    pooled: dict[str, Callable[..., Agreement]] = {
        "percent": percent_agreement,
        "krippendorff_alpha": krippendorff_alpha,
        "gwet_ac1": gwet_ac1,
    }
    found = {
        name: coefficient(ratings, bootstrap=resample, conf_level=conf_level)
        for name, coefficient in pooled.items()
    }
    found["cohen_kappa"] = cohen_kappa(first, second, bootstrap=resample, conf_level=conf_level)
    return found


def value_overlap(
    pairs: pd.DataFrame, first: pd.DataFrame, second: pd.DataFrame, plan: Resampling
) -> pd.DataFrame:
    """Mean Jaccard index of the two labellers' value sets where both name a value.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`paired_labels`: the conversations compared.
    first, second : DataFrame
        ``conversation_id`` and ``value`` of each labeller.
    plan : Resampling
        How the interval is made.

    Returns
    -------
    DataFrame
        One row, laid out as :func:`agreement_table`.
    """
    sets = [table.groupby("conversation_id")["value"].agg(frozenset) for table in (first, second)]
    ids = pairs["conversation_id"]
    ids = ids[ids.isin(sets[0].index) & ids.isin(sets[1].index)]
    found = mean_jaccard(
        sets[0].loc[ids].tolist(),
        sets[1].loc[ids].tolist(),
        bootstrap=plan.of(ids),
        conf_level=plan.conf_level,
    )
    row = _agreement_row(found, plan.clusters(ids))
    return pd.DataFrame([{"facet": "values", "statistic": "jaccard", **row}])


def _agreement_row(found: Agreement, clusters: NDArray[np.str_]) -> dict[str, object]:
    return {
        "estimate": found.estimate,
        "ci_low": found.low,
        "ci_high": found.high,
        "n": found.n_units,
        "n_clusters": len(np.unique(clusters)),
    }


def category_precision(pairs: pd.DataFrame, plan: Resampling) -> pd.DataFrame:
    """Precision and recall of the second labeller for each category of each facet.

    Returns
    -------
    DataFrame
        ``facet``, ``name``, ``precision`` and ``recall`` with ``_low`` and ``_high``,
        ``n_reference``, ``n_predicted``, ``n``.
    """
    categories: dict[str, Sequence[object]] = {
        "subjective": (True,),
        "task_type": TASK_TYPES,
        "response_type": RESPONSE_TYPES,
    }
    parts = []
    for facet, names in categories.items():
        wanted = np.array(names, dtype=object)
        marks = [
            pairs[f"{facet}_{side}"].to_numpy(dtype=object)[:, None] == wanted for side in (2, 1)
        ]
        table = _precision_rows(marks[0], marks[1], pairs["conversation_id"], plan)
        printed = pd.Series([facet if name is True else str(name) for name in names])
        parts.append(table.assign(facet=facet, name=printed))
    return pd.concat(parts, ignore_index=True)


def value_precision(
    pairs: pd.DataFrame,
    reference: pd.DataFrame,
    predicted: pd.DataFrame,
    plan: Resampling,
    *,
    minimum: int,
) -> pd.DataFrame:
    """Precision and recall of predicted values against a reading's, value by value.

    Values with fewer than ``minimum`` conversations in the reference are left out.

    Returns
    -------
    DataFrame
        As :func:`category_precision`, with ``facet`` "value".
    """
    ids = pairs["conversation_id"]
    truth = presence(ids, reference, "value")
    kept = np.asarray(truth.matrix.sum(axis=0)).ravel() >= minimum
    names = truth.names[kept]
    marks = [
        presence(ids, table, "value", names).matrix.toarray() > 0
        for table in (predicted, reference)
    ]
    return _precision_rows(marks[0], marks[1], ids, plan).assign(facet="value", name=names)


def _precision_rows(
    predicted: NDArray[np.bool_], reference: NDArray[np.bool_], ids: pd.Series, plan: Resampling
) -> pd.DataFrame:
    wilson = precision_recall(predicted, reference, conf_level=plan.conf_level)
    found = precision_recall(
        predicted, reference, bootstrap=plan.of(ids), conf_level=plan.conf_level
    )
    columns: dict[str, NDArray[np.float64]] = {}
    for name in ("precision", "recall"):
        columns[name] = np.atleast_1d(getattr(found, name))
        for end in ("low", "high"):
            resampled = np.atleast_1d(getattr(found, f"{name}_{end}"))
            scored = np.atleast_1d(getattr(wilson, f"{name}_{end}"))
            inner = np.isfinite(resampled) & (columns[name] > 0) & (columns[name] < 1)
            columns[f"{name}_{end}"] = np.where(inner, resampled, scored)
    return pd.DataFrame(columns).assign(
        n_reference=reference.sum(axis=0), n_predicted=predicted.sum(axis=0), n=len(reference)
    )


def compare_labellers(
    labels: pd.DataFrame,
    values: pd.DataFrame,
    first: str,
    others: Sequence[str],
    groups: pd.Series,
    plan: Resampling,
) -> pd.DataFrame:
    """Agreement of one labeller with each of the others, over all and within groups.

    Parameters
    ----------
    labels, values : DataFrame
        Tables ``labels`` and ``expressions`` (of assistants) of all labellers.
    first : str
        The labeller compared with.
    others : sequence of str
        The labellers compared.
    groups : Series
        Group of each conversation, indexed by ``conversation_id``.
    plan : Resampling
        How intervals are made.

    Returns
    -------
    DataFrame
        ``pair``, ``group`` (or ``all``) and the columns of :func:`agreement_table`.
    """
    tables = []
    for other in others:
        pairs = paired_labels(labels, first, other)
        group = pairs["conversation_id"].map(groups)
        sets = [values[values["labeller"] == name] for name in (first, other)]
        parts = {"all": pairs} | {
            str(name): pairs[group == name] for name in ("ordinary", "adversarial")
        }
        for name, part in parts.items():
            overlap = value_overlap(part, sets[0], sets[1], plan)
            found = pd.concat([agreement_table(part, plan), overlap])
            tables.append(found.assign(pair=f"{first} and {other}", group=name))
    return pd.concat(tables, ignore_index=True)


def machine_precision(
    labels: pd.DataFrame,
    values: pd.DataFrame,
    reading: str,
    machine: str,
    plan: Resampling,
    *,
    minimum: int,
) -> pd.DataFrame:
    """Precision and recall of a machine against a reading: categories and values.

    Returns
    -------
    DataFrame
        ``pair`` and the columns of :func:`category_precision`.
    """
    pairs = paired_labels(labels, reading, machine)
    sets = [values[values["labeller"] == name] for name in (reading, machine)]
    parts = [
        category_precision(pairs, plan),
        value_precision(pairs, sets[0], sets[1], plan, minimum=minimum),
    ]
    return pd.concat(parts, ignore_index=True).assign(pair=f"{reading} and {machine}")
