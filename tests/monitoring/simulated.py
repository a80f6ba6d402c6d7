"""Simulated labels: conversations with planted values, as the tables that commands read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TASKS = ("casual_chat", "coding_technical", "personal_advice")
VALUES = {"clarity": (0.1, 0.5, 0.2), "warmth": (0.5, 0.05, 0.4), "cruelty": (0.02, 0.02, 0.02)}


def labelled(
    seed: int,
    n: int,
    *,
    mix: tuple[float, ...] = (0.4, 0.3, 0.3),
    odds: dict[str, float] | None = None,
    prefix: str = "c",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw labels and expressions of simulated conversations."""
    rng = np.random.default_rng(seed)
    task = rng.choice(len(TASKS), n, p=mix)
    ids = np.array([f"{prefix}{i:05d}" for i in range(n)])
    rows = []
    for name, share in VALUES.items():
        p = np.array(share)[task]
        ratio = (odds or {}).get(name, 1.0)
        p = ratio * p / (1 - p + ratio * p)
        rows += [(one, name) for one in ids[rng.random(n) < p]]
    labels = pd.DataFrame(
        {
            "conversation_id": ids,
            "labeller": "simulated-1",
            "status": "ok",
            "task_type": np.array(TASKS)[task],
            "response_type": np.where(rng.random(n) < 0.3, "mild_support", "no_values"),
        }
    )
    said = pd.DataFrame(rows, columns=["conversation_id", "value"])
    return labels, said.assign(labeller="simulated-1", party="assistant")


def write(folder: Path, tables: tuple[pd.DataFrame, pd.DataFrame], rows: int = 10**6) -> Path:
    """Write both tables as Parquet, with so many rows a row group."""
    folder.mkdir(parents=True, exist_ok=True)
    tables[0].to_parquet(folder / "labels.parquet", index=False, row_group_size=rows)
    tables[1].to_parquet(folder / "expressions.parquet", index=False)
    return folder
