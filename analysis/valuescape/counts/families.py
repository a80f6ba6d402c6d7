"""The families of cells the study counts: groups x context kinds x taxonomy levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from valuescape.counts.cells import CellTables, count_family, family_members
from valuescape.counts.frame import Presence, presence
from valuescape.errors import InputError

RollUp = Callable[[int], pd.DataFrame]


def context_presence(frame: pd.DataFrame, kind: str, user_values: pd.DataFrame) -> Presence:
    """Lay out one kind of context for the conversations of a frame.

    Parameters
    ----------
    frame : DataFrame
        Conversations; ``kind`` is one of its columns, or ``user_value``.
    kind : str
        ``task_type``, ``task_cluster``, ``run``, ``response_type`` (each conversation has one) or
        ``user_value`` (each has any number).
    user_values : DataFrame
        ``conversation_id`` and ``value`` of what users expressed.

    Examples
    --------
    >>> frame = pd.DataFrame({"conversation_id": ["a", "b"], "run": ["x", "y"]})
    >>> context_presence(frame, "run", pd.DataFrame()).matrix.toarray().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    ids = frame["conversation_id"]
    if kind == "user_value":
        return presence(ids, user_values, "value")
    return presence(ids, frame, kind)


def count_families(
    frame: pd.DataFrame,
    values_at: RollUp,
    user_values: pd.DataFrame,
    *,
    groups: Sequence[str],
    context_kinds: Sequence[str],
    levels: Sequence[int],
    minimum_context_clusters: int,
    minimum_value_conversations: int,
) -> CellTables:
    """Count every family among the subjective conversations of each group.

    Parameters
    ----------
    frame : DataFrame
        An analysis frame (:func:`valuescape.counts.frame.analysis_frame`).
    values_at : callable
        Gives, for a taxonomy level, ``conversation_id`` and ``value`` of the assistants.
    user_values : DataFrame
        The same of the users, at level 0.
    groups, context_kinds, levels : sequence
        What to count.
    minimum_context_clusters, minimum_value_conversations : int
        Margins from which a context and a value are in the family.

    Raises
    ------
    InputError
        If the margins leave no family.
    """
    cells, strata, contexts = [], [], []
    for group in groups:
        part = frame[(frame["group"] == group) & frame["subjective"]].reset_index(drop=True)
        for kind in context_kinds:
            found = context_presence(part, kind, user_values)
            chosen = family_members(part, found, minimum_clusters=minimum_context_clusters)
            contexts.append(
                _context_rows(part, found, chosen).assign(group=group, context_kind=kind)
            )
            for level in levels:
                values = presence(part["conversation_id"], values_at(level), "value")
                kept = family_members(part, values, minimum=minimum_value_conversations)
                if not (chosen.any() and kept.any()):
                    continue
                family: dict[str, str | int] = {"group": group, "context_kind": kind}
                family["level"] = level
                tables = count_family(part, _only(found, chosen), _only(values, kept), family)
                cells.append(tables.cells)
                strata.append(tables.strata)
    if not cells:
        raise InputError(
            f"no family has a context in {minimum_context_clusters} prompt groups and a value in "
            f"{minimum_value_conversations} conversations; allowed are minima that some reach"
        )
    return CellTables(
        pd.concat(cells, ignore_index=True),
        pd.concat(strata, ignore_index=True),
        pd.concat(contexts, ignore_index=True),
    )


def _only(found: Presence, chosen: np.ndarray) -> Presence:
    return Presence(found.matrix[:, np.flatnonzero(chosen)], found.names[chosen])


def _context_rows(part: pd.DataFrame, found: Presence, chosen: np.ndarray) -> pd.DataFrame:
    held = found.matrix.tocsc()
    groups = part["prompt_group"].to_numpy()
    clusters = [
        len(np.unique(groups[held.indices[held.indptr[j] : held.indptr[j + 1]]]))
        for j in range(held.shape[1])
    ]
    n = np.asarray(held.sum(axis=0)).ravel().astype(np.int64)
    return pd.DataFrame(
        {"context": found.names, "n": n, "n_clusters": clusters, "in_family": chosen}
    )
