"""What distinguishes each assistant from the others that answered the same prompts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from valuescape.counts.cells import count_family, family_members
from valuescape.counts.families import RollUp
from valuescape.counts.frame import presence
from valuescape.study.associations import associate
from valuescape.study.plan import CellPlan
from valuescape.study.rankings import top_sets, top_values

DISTINCTION_KEY = ["source", "group", "level", "context", "value"]
TOP_KEY = ["source", "group", "level", "context", "rank"]


def distinctions(
    frame: pd.DataFrame,
    values_at: RollUp,
    plan: CellPlan,
    *,
    sources: Sequence[str],
    levels: Sequence[int],
    minimum_readings: int,
    minimum_value_conversations: int,
) -> pd.DataFrame:
    """Test and size every value of each run against the other runs of its source and group.

    All answers count, those that are not subjective as having no value. Within a comparison each
    run was read on a random sample of the same prompts (in the source read by whole prompts, on the
    same ones), so that a stratum compares like with like; prompt groups are the clusters.

    Parameters
    ----------
    frame : DataFrame
        The analysis frame of one reading.
    values_at : callable
        Gives, for a level, ``conversation_id`` and ``value`` of the assistants.
    plan : CellPlan
        As for contexts and values.
    sources, levels : sequence
        What to compare.
    minimum_readings : int
        Runs with fewer readings in a comparison are not described; they stay among the others.
    minimum_value_conversations : int
        Values in fewer conversations of a comparison are left out.

    Returns
    -------
    DataFrame
        As :func:`~valuescape.study.associations.associate` with ``source``, ``context`` (the run)
        and ``in_top_set``. Empty where no run has enough readings.
    """
    parts = []
    for (source, group), part in frame[frame["source"].isin(sources)].groupby(["source", "group"]):
        inside = part.reset_index(drop=True)
        runs = presence(inside["conversation_id"], inside, "run")
        kept = family_members(inside, runs, minimum=minimum_readings)
        if not kept.any() or len(kept) < 2:
            continue
        contexts = presence(inside["conversation_id"], inside, "run", runs.names[kept])
        judged = set(inside.loc[inside["subjective"], "conversation_id"])
        for level in levels:
            said = values_at(level)
            said = said[said["conversation_id"].isin(judged)]
            held = presence(inside["conversation_id"], said, "value")
            common = family_members(inside, held, minimum=minimum_value_conversations)
            if not common.any():
                continue
            values = presence(inside["conversation_id"], said, "value", held.names[common])
            family: dict[str, str | int] = {"group": str(group), "context_kind": "run"}
            tables = count_family(inside, contexts, values, family | {"level": level})
            found = associate(tables.cells, tables.strata, plan)
            sets = top_sets(found, plan)
            key = ["context", "value"]
            found = found.merge(sets[[*key, "in_top_set"]], on=key, how="left")
            parts.append(found.assign(source=str(source)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def distinctive_values(found: pd.DataFrame, top_k: int) -> pd.DataFrame:
    """Rank the distinctive values of each run, or say that it has none.

    Parameters
    ----------
    found : DataFrame
        From :func:`distinctions`.
    top_k : int
        Values kept a run and level.

    Returns
    -------
    DataFrame
        As :func:`~valuescape.study.rankings.top_values`, with ``source``.
    """
    parts = [
        top_values(part, context_kind="run", top_k=top_k).assign(source=source)
        for source, part in found.groupby("source")
    ]
    kept = [c for c in found.columns if c not in (*TOP_KEY, "context_kind")]
    return pd.concat(parts, ignore_index=True).reindex(columns=[*TOP_KEY, *kept])
