"""Sufficient statistics of every context against every value, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.frame import Presence
from valuescape.statistics.design import (
    Design,
    DesignScores,
    StratumCounts,
    design_scores,
    stratum_counts,
)
from valuescape.statistics.prevalence import Prevalences, prevalences

CELL_KEY = ["group", "context_kind", "level", "context", "value"]
_FAMILY = ["group", "context_kind", "level"]


@dataclass(frozen=True, slots=True)
class CellTables:
    """Counts of one or more families, in three tables.

    Attributes
    ----------
    cells : DataFrame
        Table ``counts``: one row a cell.
    strata : DataFrame
        Table ``stratum_counts``: the cells and margins of each stratum that are not zero; a margin
        of a context has an empty ``value``, one of a value an empty ``context``, the total both.
    contexts : DataFrame
        Table ``contexts``: every context with its size and whether it is in the family.
    """

    cells: pd.DataFrame
    strata: pd.DataFrame
    contexts: pd.DataFrame


def design_of(frame: pd.DataFrame) -> Design:
    """Take weights, strata and prompt groups from an analysis frame.

    Examples
    --------
    >>> frame = pd.DataFrame({"weight": [2.0, 2.0], "stratum": "s", "prompt_group": ["a", "b"]})
    >>> design_of(frame).cluster.tolist()
    [0, 1]
    """
    return Design.of(frame["weight"], frame["stratum"], frame["prompt_group"])


def family_members(
    frame: pd.DataFrame, found: Presence, *, minimum_clusters: int = 1, minimum: int = 1
) -> NDArray[np.bool_]:
    """Tell which names occur in enough prompt groups and enough conversations.

    Only margins are looked at, so that the choice is blind to the associations tested.

    Returns
    -------
    ndarray of bool, shape (n_names,)
    """
    enough = np.asarray(found.matrix.sum(axis=0)).ravel() >= minimum
    codes, groups = pd.factorize(frame["prompt_group"])
    rows, columns = found.matrix.nonzero()
    pairs = np.unique(columns.astype(np.int64) * len(groups) + codes[rows])
    clusters = np.bincount(pairs // len(groups), minlength=found.matrix.shape[1])
    return np.asarray(enough & (clusters >= minimum_clusters))


def count_family(
    frame: pd.DataFrame, contexts: Presence, values: Presence, family: Mapping[str, str | int]
) -> CellTables:
    """Count one family: every context against every value.

    Parameters
    ----------
    frame : DataFrame
        The conversations (rows of both matrices) with weight, stratum and prompt group.
    contexts, values : Presence
        What is compared with what.
    family : mapping
        ``group``, ``context_kind`` and ``level``, repeated in each row.

    Returns
    -------
    CellTables
        With an empty ``contexts`` table: which contexts were left out is known to the caller.
    """
    design = design_of(frame)
    x, y = contexts.matrix.toarray(), values.matrix.toarray()
    counts = stratum_counts(x, y, design)
    scores = design_scores(x, y, design)
    cells = _cell_rows(counts, scores, prevalences(x, y, design), contexts.names, values.names)
    strata = _stratum_rows(
        counts, np.unique(frame["stratum"].astype(str)), contexts.names, values.names
    )
    return CellTables(
        cells.assign(**family)[[*CELL_KEY, *_measures(cells)]],
        strata.assign(**family)[[*_FAMILY, "stratum", "context", "value", "n"]],
        pd.DataFrame(),
    )


def _measures(cells: pd.DataFrame) -> list[str]:
    return [c for c in cells.columns if c not in CELL_KEY]


def _cell_rows(
    counts: StratumCounts,
    scores: DesignScores,
    shares: Prevalences,
    contexts: NDArray[np.str_],
    values: NDArray[np.str_],
) -> pd.DataFrame:
    shape = (len(contexts), len(values))

    def per_context(v: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.repeat(v, shape[1])

    def per_value(v: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.tile(v, shape[0])

    return pd.DataFrame(
        {
            "context": np.repeat(contexts, shape[1]),
            "value": np.tile(values, shape[0]),
            "n_both": counts.both.sum(axis=0).ravel(),
            "n_context": per_context(counts.context.sum(axis=0)),
            "n_value": per_value(counts.value.sum(axis=0)),
            "n_total": int(counts.total.sum()),
            "n_clusters_context": per_context(scores.n_clusters_context),
            "n_clusters_value": per_value(scores.n_clusters_value),
            "expected": counts.expected.ravel(),
            "prevalence_inside": shares.inside.ravel(),
            "prevalence_outside": shares.outside.ravel(),
            "effective_inside": shares.effective_inside.ravel(),
            "effective_outside": shares.effective_outside.ravel(),
            "score": scores.score.ravel(),
            "score_variance": scores.score_variance.ravel(),
            "score_variance_independent": scores.score_variance_independent.ravel(),
            "design_effect": scores.design_effect.ravel(),
        }
    )


def _stratum_rows(
    counts: StratumCounts,
    strata: NDArray[np.str_],
    contexts: NDArray[np.str_],
    values: NDArray[np.str_],
) -> pd.DataFrame:
    no_name = np.array([""])
    blocks = [
        (counts.both, contexts, values),
        (counts.context[:, :, None], contexts, no_name),
        (counts.value[:, None, :], no_name, values),
        (counts.total[:, None, None], no_name, no_name),
    ]
    frames = []
    for block, rows, columns in blocks:
        h, c, v = np.nonzero(block)
        frames.append(
            pd.DataFrame(
                {
                    "stratum": strata[h],
                    "context": rows[c],
                    "value": columns[v],
                    "n": block[h, c, v],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def stratum_counts_of(
    strata: pd.DataFrame, contexts: NDArray[np.str_], values: NDArray[np.str_]
) -> StratumCounts:
    """Rebuild the arrays of one family from its rows of the table ``stratum_counts``.

    Examples
    --------
    >>> rows = pd.DataFrame({"stratum": "s", "context": ["a", "a", "", ""],
    ...     "value": ["v", "", "v", ""], "n": [1, 2, 3, 9]})
    >>> found = stratum_counts_of(rows, np.array(["a"]), np.array(["v"]))
    >>> found.both.ravel().tolist(), found.context.ravel().tolist(), found.total.tolist()
    ([1], [2], [9])
    """
    names, h = np.unique(strata["stratum"].astype(str), return_inverse=True)
    c = pd.Index(contexts).get_indexer(pd.Index(strata["context"]))
    v = pd.Index(values).get_indexer(pd.Index(strata["value"]))
    n = strata["n"].to_numpy(dtype=np.int64)
    both = np.zeros((len(names), len(contexts), len(values)), dtype=np.int64)
    context = np.zeros(both.shape[:2], dtype=np.int64)
    value = np.zeros((both.shape[0], both.shape[2]), dtype=np.int64)
    total = np.zeros(both.shape[0], dtype=np.int64)
    cell, row, column = (c >= 0) & (v >= 0), (c >= 0) & (v < 0), (c < 0) & (v >= 0)
    both[h[cell], c[cell], v[cell]] = n[cell]
    context[h[row], c[row]] = n[row]
    value[h[column], v[column]] = n[column]
    whole = ~(cell | row | column)
    total[h[whole]] = n[whole]
    return StratumCounts(both, context, value, total)
