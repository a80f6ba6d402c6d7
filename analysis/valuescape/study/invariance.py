"""Which values depend least on the kind of task, and how far kinds of task differ in values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.counts.families import RollUp
from valuescape.statistics.divergence import jensen_shannon_pairs
from valuescape.statistics.invariance import corrected_cv
from valuescape.statistics.multiplicity import adjust_p
from valuescape.study.family_data import each_family

VALUE_KEY = ["group", "level", "value"]
_MINIMUM_CONTEXTS = 3


def invariance(cells: pd.DataFrame, *, context_kind: str, conf_level: float) -> pd.DataFrame:
    """Coefficient of variation of every value's prevalence across the contexts of its family.

    Counts are of conversations read, unweighted; each context's effective size is its size over
    the design effect of the cell.

    Parameters
    ----------
    cells : DataFrame
        Table ``counts``.
    context_kind : str
        Kind of context across which prevalences are compared.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row a group, level and value: ``estimate`` (sampling noise removed), ``ci_low``,
        ``ci_high``, ``raw_cv``, ``prevalence``, ``truncated``, ``log10_p`` that prevalence is the
        same in all contexts, ``n_contexts`` and ``n_value``.  A family of fewer than three
        contexts has no row, nor has a value that none or all of the conversations have.
    """
    chosen = cells[cells["context_kind"] == context_kind]
    tables = []
    for _, part in chosen.groupby(["group", "level"], sort=True):
        both = part.pivot_table(index="context", columns="value", values="n_both")
        size = part.groupby("context")["n_context"].first().loc[both.index].to_numpy()
        varies = (both.sum() > 0) & (both.sum() < size.sum())
        if len(both) < _MINIMUM_CONTEXTS or not varies.any():
            continue
        effect = part.pivot_table(index="context", columns="value", values="design_effect")
        names = both.columns[varies]
        found = corrected_cv(
            both[names].to_numpy(dtype=np.int64),
            size[:, None],
            conf_level=conf_level,
            deff=effect[names].to_numpy(),
        )
        table = found.to_frame().assign(
            group=part["group"].iloc[0],
            level=part["level"].iloc[0],
            value=np.asarray(names, dtype=object),
            n_value=both[names].sum().to_numpy(dtype=np.int64),
        )
        tables.append(table)
    kept = ["estimate", "ci_low", "ci_high", "raw_cv", "prevalence", "truncated", "log10_p"]
    columns = [*VALUE_KEY, *kept, "n_contexts", "n_value"]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)[columns]


def divergences(
    frame: pd.DataFrame,
    values_at: RollUp,
    cells: pd.DataFrame,
    *,
    context_kind: str,
    level: int,
    conf_level: float,
) -> pd.DataFrame:
    """Jensen-Shannon divergence between the value distributions of every two contexts.

    Parameters
    ----------
    frame, values_at
        As for :func:`valuescape.study.family_data.each_family`.
    cells : DataFrame
        Table ``counts``.
    context_kind : str
        A kind of which a conversation has one.
    level : int
        Level of the tree whose nodes are the values.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row a group and pair (``first``, ``second``): ``estimate`` in bits, corrected for
        sampling bias, ``ci_low``, ``ci_high``, ``plugin``, ``unseen`` (chance that a further
        occurrence is of a value not seen before), ``log10_p`` that the distributions are equal,
        ``holm`` (adjusted over the pairs of a group), and occurrences.
    """
    chosen = cells[(cells["context_kind"] == context_kind) & (cells["level"] == level)]
    tables = []
    for data in each_family(frame, values_at, pd.DataFrame(), chosen):
        inside = np.asarray(data.contexts.matrix.sum(axis=1)).ravel() == 1
        picks = data.values.matrix[inside].toarray().astype(np.int64)
        name = data.contexts.names[data.contexts.matrix[inside].toarray().argmax(axis=1)]
        if np.unique(name).size < 2:
            continue
        clusters = data.frame["prompt_group"][inside]
        found = jensen_shannon_pairs(
            picks, group=name, cluster=clusters.to_numpy(dtype=str), conf_level=conf_level
        )
        pairs = found.to_frame().assign(group=data.family["group"])
        tables.append(pairs.assign(holm=10.0 ** adjust_p(pairs["log10_p"], "holm")))
    table = pd.concat(tables, ignore_index=True)
    kept = ["estimate", "ci_low", "ci_high", "plugin", "unseen", "log10_p", "holm", "n_a", "n_b"]
    return table[["group", "first", "second", *kept]]
