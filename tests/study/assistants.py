"""Simulated answers of assistants to the same prompts, with planted differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.study.shared_prompts import Comparison, comparisons

RUNS = ("apple", "birch", "cedar", "dune")
SHARES = {"care": (0.45, 0.2, 0.2, 0.2), "clarity": (0.4, 0.4, 0.4, 0.4), "rigor": (0.1,) * 4}
READ = {"apple": 1.0, "birch": 1.0, "cedar": 1.0, "dune": 0.1}


@dataclass(frozen=True)
class Answers:
    """Tables of one source: all answers, those read, and machine labels of all."""

    conversations: pd.DataFrame
    read: pd.DataFrame
    machine: pd.DataFrame
    said: pd.DataFrame
    probabilities: pd.DataFrame
    truth: pd.DataFrame

    def difference(self, name: str, arm: str, versus: str) -> float:
        """True difference of two runs in the frame."""
        run = self.conversations["run"].to_numpy()
        held = self.truth[name].to_numpy()
        return float(held[run == f"source: {arm}"].mean() - held[run == f"source: {versus}"].mean())

    def compared(self, minimum: int = 10, source: str = "source") -> list[Comparison]:
        return comparisons(
            self.conversations,
            self.machine,
            self.read,
            {"value": (self.said, self.probabilities)},
            sources=[source],
            minimum=minimum,
        )


def answers(
    seed: int = 0,
    *,
    n_prompts: int = 240,
    n_read: int = 120,
    planted: bool = True,
    shared: bool = True,
) -> Answers:
    """Four runs answer every prompt; whole prompts are read, or answers singly."""
    rng = np.random.default_rng(seed)
    prompt, run = np.repeat(np.arange(n_prompts), 4), np.tile(np.arange(4), n_prompts)
    n = prompt.size
    ids = np.array([f"c{i:05}" for i in range(n)])
    names = np.array(RUNS)[run]
    conversations = pd.DataFrame(
        {
            "conversation_id": ids,
            "source": "source",
            "group": "ordinary",
            "stratum": "s",
            "in_frame": True,
            "prompt_id": [f"p{p}" for p in prompt],
            "prompt_group": [f"g{p}" for p in prompt],
            "run": [f"source: {name}" for name in names],
        }
    )
    subjective = (rng.random(n_prompts) < 0.7)[prompt]
    tilt = rng.normal(0, 1, n_prompts)[prompt]
    held = {}
    for name, shares in SHARES.items():
        share = np.array(shares if planted else (shares[-1],) * 4)[run]
        held[name] = subjective & (rng.random(n) < np.clip(share * np.exp(0.3 * tilt), 0, 0.95))
    stance = np.where(rng.random(n) < 0.5, RESPONSE_TYPES[0], RESPONSE_TYPES[-1])
    drawn = np.isin(prompt, rng.choice(n_prompts, n_read, replace=False))
    if not shared:
        drawn = rng.random(n) < n_read / n_prompts
    drawn &= rng.random(n_prompts)[prompt] < np.array([READ[r] for r in RUNS])[run]
    read = pd.DataFrame(
        {
            "conversation_id": ids,
            "subjective": subjective,
            "task_type": np.array(TASK_TYPES)[prompt % 3],
            "response_type": stance,
            "reader": [f"reader-{k}" for k in rng.integers(0, 6, n)],
        }
    )[drawn]
    machine = pd.DataFrame({"conversation_id": ids, "labeller": "m", "fold": prompt % 5})
    machine["subjective"], machine["task_type"], machine["response_type"] = True, "", ""
    machine["p_subjective"] = np.where(subjective, 0.8, 0.3)
    for task in TASK_TYPES:
        machine[f"p_{task}"] = 1 / len(TASK_TYPES)
    for name in RESPONSE_TYPES:
        machine[f"p_{name}"] = np.where(stance == name, 0.6, 0.4 / 6)
    p = {k: np.clip(0.1 + 0.4 * v + rng.normal(0, 0.05, n), 0, 1) for k, v in held.items()}
    said = pd.concat(
        pd.DataFrame({"conversation_id": ids[v & drawn], "value": k}) for k, v in held.items()
    )
    return Answers(
        conversations,
        read.reset_index(drop=True),
        machine,
        said,
        pd.DataFrame(p, index=ids),
        pd.DataFrame(held, index=ids),
    )
