"""A simulated private corpus: labels of conversations that nobody had, with users behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.taxonomy.placement import assignments, groups

ASSISTANTS = ("alder", "birch", "cedar", "dogwood")
LABELLER = "simulated-1"


def vocabulary(per_heading: int) -> list[str]:
    """The first values below each heading, as the project's list has them."""
    tree, listed = groups(), assignments()
    family = listed["group"].map(tree["parent_id"])
    heading = family.map(tree["parent_id"])
    return sorted(
        str(name)
        for _, part in listed.assign(heading=heading).groupby("heading")
        for name in part["value"].head(per_heading)
    )


def corpus(
    seed: int, n: int = 900, users: int = 140, per_heading: int = 4
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Labels, expressions, what is known of conversations; users differ in size and interests."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(users, 0.7))
    user = rng.choice(users, n, p=share)
    interest = rng.dirichlet(np.full(len(TASK_TYPES), 0.25), users)
    task = np.array([rng.choice(len(TASK_TYPES), p=interest[u]) for u in user])
    answer = rng.choice(len(RESPONSE_TYPES), n, p=[0.22, 0.3, 0.04, 0.05, 0.07, 0.06, 0.26])
    assistant = rng.choice(len(ASSISTANTS), n, p=[0.5, 0.3, 0.18, 0.02])
    ids = [f"c{i}" for i in range(n)]
    labels = pd.DataFrame(
        {
            "conversation_id": ids,
            "labeller": LABELLER,
            "status": "ok",
            "subjective": rng.random(n) < 0.85,
            "task_type": np.array(TASK_TYPES)[task],
            "task": "",
            "response_type": np.array(RESPONSE_TYPES)[answer],
        }
    )
    known = pd.DataFrame(
        {
            "conversation_id": ids,
            "model": np.array(ASSISTANTS)[assistant],
            "user": [f"u{u}" for u in user],
            "prompt": [f"p{i}" for i in range(n)],
        }
    )
    names = np.array(vocabulary(per_heading))
    base = rng.beta(0.5, 5.0, names.size)
    lift = np.exp(rng.normal(0.0, 1.0, (len(TASK_TYPES), names.size)))
    chance = np.clip(base * lift[task], 0.0, 0.9)
    held = (rng.random((n, names.size)) < chance) & labels["subjective"].to_numpy()[:, None]
    rows, columns = np.nonzero(held)
    said = _expressions(ids, names, rows, columns, "assistant")
    wanted = rng.random((n, names.size)) < 0.5 * chance
    rows, columns = np.nonzero(wanted & held | (wanted & (rng.random(held.shape) < 0.2)))
    return labels, pd.concat([said, _expressions(ids, names, rows, columns, "user")]), known


def _expressions(
    ids: list[str], names: np.ndarray, rows: np.ndarray, columns: np.ndarray, party: str
) -> pd.DataFrame:
    table = pd.DataFrame({"conversation_id": np.array(ids)[rows], "value": names[columns]})
    rank = table.groupby("conversation_id").cumcount() + 1
    return table.assign(
        labeller=LABELLER, party=party, value_raw=table["value"], explicit=False, rank=rank
    )[["conversation_id", "labeller", "party", "value", "value_raw", "explicit", "rank"]]


def write_corpus(folder: Path, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> Path:
    """Write the folder that ``valuescape report`` takes in place of conversations."""
    folder.mkdir(parents=True)
    labels, expressions, known = tables
    labels.to_parquet(folder / "labels.parquet")
    expressions.to_parquet(folder / "expressions.parquet")
    known.to_csv(folder / "conversations.csv", index=False)
    return folder


def without(
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], user: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The corpus as it would be had a user never been there."""
    known = tables[2]
    kept = set(known.loc[known["user"] != user, "conversation_id"])
    return tuple(t[t["conversation_id"].isin(kept)].reset_index(drop=True) for t in tables)  # type: ignore[return-value]
