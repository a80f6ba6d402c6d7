"""Random conversations for tests of counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.schema import RESPONSE_TYPES


def random_frame(seed: int, n: int = 120) -> pd.DataFrame:
    """Conversations in clusters, strata with weights of their own."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"conversation_id": [f"c{i:04}" for i in range(n)]})
    frame["prompt_group"] = [f"g{g}" for g in rng.integers(0, n // 3, n)]
    frame["stratum"] = rng.choice(["north", "east", "west"], n)
    frame["weight"] = rng.uniform(1, 9, n)
    frame["task_type"] = rng.choice(["advice", "code", "history"], n)
    frame["run"] = rng.choice(["m1", "m2"], n)
    frame["group"] = rng.choice(["ordinary", "adversarial"], n)
    frame["reader"] = rng.choice(["r1", "r2", "r3"], n)
    frame["subjective"] = rng.random(n) < 0.8
    return frame


def random_values(frame: pd.DataFrame, seed: int, names: str = "klmno") -> pd.DataFrame:
    """Expressions: every value in a fifth of the conversations."""
    rng = np.random.default_rng(seed)
    hit = rng.random((len(frame), len(names))) < 0.2
    rows, columns = np.nonzero(hit)
    ids = frame["conversation_id"].to_numpy()[rows]
    return pd.DataFrame({"conversation_id": ids, "value": np.array(list(names))[columns]})


def answered_frame(seed: int, n: int = 800) -> pd.DataFrame:
    """The same with a response type each."""
    frame = random_frame(seed, n)
    rng = np.random.default_rng(seed)
    return frame.assign(response_type=rng.choice(RESPONSE_TYPES, n))
