"""A first look at any labelled corpus: which values go with which task, how users are answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.corpora.conversation import Conversation
from valuescape.counts.cells import count_family, family_members
from valuescape.counts.frame import Presence, presence
from valuescape.statistics.clusters import clustered_share
from valuescape.store import RESAMPLED_DIGITS, replaced_folder, write_table
from valuescape.study.associations import associate
from valuescape.study.plan import CellPlan
from valuescape.study.rankings import top_values

PLAN = CellPlan(
    minimum_expected=20.0,
    minimum_clusters=20,
    conf_level=0.95,
    q_threshold=0.05,
    distinctive_risk_ratio=1.2,
    minimum_expected_ranked=1.0,
    prior_strength=None,
)
MINIMUM_CLUSTERS, MINIMUM_CONVERSATIONS = 3, 5


@dataclass(frozen=True, slots=True)
class Overview:
    """Tables of a first look.

    Attributes
    ----------
    associations : DataFrame
        Task types against values, as :func:`~valuescape.study.associations.associate`.
    top_values : DataFrame
        Most distinctive values of each task type.
    response_types : DataFrame
        Share of each response type among subjective conversations, with interval.
    """

    associations: pd.DataFrame
    top_values: pd.DataFrame
    response_types: pd.DataFrame

    def write(self, folder: Path) -> None:
        """Write the three tables as CSV into a folder, replacing it only when all are whole."""
        with replaced_folder(folder) as out:
            key = ["context", "value"]
            write_table(
                self.associations, out / "associations.csv", key=key, digits=RESAMPLED_DIGITS
            )
            write_table(
                self.top_values,
                out / "top_values.csv",
                key=["context", "rank"],
                digits=RESAMPLED_DIGITS,
            )
            write_table(self.response_types, out / "response_types.csv", key=["response_type"])


def conversation_table(conversations: Iterable[Conversation]) -> pd.DataFrame:
    """List what is known of conversations without their text.

    Returns
    -------
    DataFrame
        ``conversation_id``, ``run``, ``prompt_group`` (the user where given, else the prompt).
    """
    rows = [
        {
            "conversation_id": c.id,
            "run": c.model,
            "prompt_group": c.user_id or c.prompt_id,
        }
        for c in conversations
    ]
    return pd.DataFrame(rows)


def overview(
    conversations: pd.DataFrame, labels: pd.DataFrame, expressions: pd.DataFrame, *, top_k: int = 3
) -> Overview:
    """Count, test and rank one corpus of conversations of equal weight.

    Parameters
    ----------
    conversations : DataFrame
        From :func:`conversation_table`.
    labels, expressions : DataFrame
        Tables ``labels`` and ``expressions`` of one labeller.
    top_k : int
        Values kept a task type.
    """
    joined = labels.merge(conversations, on="conversation_id", validate="one_to_one")
    frame = joined[joined["subjective"]].sort_values("conversation_id").reset_index(drop=True)
    frame = frame.assign(weight=1.0, stratum="all")
    said = expressions[expressions["party"] == "assistant"]
    tasks = presence(frame["conversation_id"], frame, "task_type")
    values = presence(frame["conversation_id"], said, "value")
    tasks = _members(frame, tasks, MINIMUM_CLUSTERS, 1)
    values = _members(frame, values, 1, MINIMUM_CONVERSATIONS)
    family: dict[str, str | int] = {"group": "all", "context_kind": "task_type", "level": 0}
    tables = count_family(frame, tasks, values, family)
    found = associate(tables.cells, tables.strata, PLAN)
    return Overview(
        found, top_values(found, context_kind="task_type", top_k=top_k), _stances(frame)
    )


def _members(frame: pd.DataFrame, found: Presence, clusters: int, minimum: int) -> Presence:
    kept = family_members(frame, found, minimum_clusters=clusters, minimum=minimum)
    return Presence(found.matrix[:, kept.nonzero()[0]], found.names[kept])


def _stances(frame: pd.DataFrame) -> pd.DataFrame:
    held = presence(frame["conversation_id"], frame, "response_type")
    found = clustered_share(
        held.matrix.toarray(), weight=frame["weight"], clusterings=[frame["prompt_group"]]
    )
    return found.to_frame().assign(response_type=held.names)
