"""Whether assistants express the user's own values, as far as may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.counts.frame import Presence, presence
from valuescape.own.floors import Floors
from valuescape.own.frame import Frame
from valuescape.own.skipped import Skipped
from valuescape.statistics.suppression import suppress
from valuescape.study.mirroring import STANCES, exchanged, mirrored, mirroring_table

MINIMUM_CLUSTERS = 10
_REST = "rest"


def own_mirroring(frame: Frame, floors: Floors | None) -> tuple[pd.DataFrame, list[Skipped]]:
    """Share of conversations with a value of the user that the assistant expresses too.

    Returns
    -------
    table : DataFrame
        As :func:`~valuescape.study.mirroring.mirroring_table`: stances whose counts may be shown
        and that have at least ten clusters.
    skipped : list of Skipped
        Why stances, or all, are left out.
    """
    part = frame.subjective
    said, wanted = frame.expressed("assistant"), frame.expressed("user")
    names = np.unique(np.concatenate([said["value"], wanted["value"]]).astype(str))
    ids = part["conversation_id"]
    both = presence(ids, said, "value", names), presence(ids, wanted, "value", names)
    if not both[1].matrix.nnz:
        why = "the labels hold no value of a user"
        return pd.DataFrame(), [Skipped("report", "mirroring", None, why)]
    table = mirroring_table(part, *both, STANCES, conf_level=0.95)
    if table.empty:
        why = "too few conversations in which the user expresses a value"
        return table, [Skipped("report", "mirroring", None, why)]
    table = table[table["quantity"] != "observed_all"]
    enough = set(table.loc[table["n_clusters"] >= MINIMUM_CLUSTERS, "stance"])
    kept = enough & _shown_stances(part, *both, floors)
    step = "floors" if floors else "report"
    skipped = [
        Skipped(step, f"mirroring, {stance.replace('_', ' ')}", None, "too few conversations")
        for stance in STANCES
        if stance not in kept
    ]
    return table[table["stance"].isin(kept)].drop(columns="n_without_partner"), skipped


def _shown_stances(
    part: pd.DataFrame, assistant: Presence, user: Presence, floors: Floors | None
) -> set[str]:
    """Protect conversations compared, and those that mirror, stance by stance under their sums."""
    if floors is None:
        return set(STANCES)
    compared = np.isfinite(exchanged(part, assistant, user))
    mirrors = compared & mirrored(assistant, user)
    parts = {stance: types for stance, types in STANCES.items() if stance != "any"}
    used = {kind for types in parts.values() for kind in types}
    parts[_REST] = [kind for kind in STANCES["any"] if kind not in used]
    sides = [part["response_type"].isin(types).to_numpy() for types in parts.values()]
    rows = [*sides, np.ones(len(part), dtype=bool)]
    n = np.array([[(of & side).sum() for of in (compared, mirrors)] for side in sides])
    users = np.array(
        [
            [part.loc[of & side, "prompt_group"].nunique() for of in (compared, mirrors)]
            for side in rows
        ]
    )
    found = suppress(
        n, users=users, floor=floors.conversations, user_floor=floors.users, totals="columns"
    )
    names = [*parts, "any"]
    clear = ~np.any(found.hidden, axis=1)
    return {name for name, seen in zip(names, clear, strict=True) if seen and name != _REST}
