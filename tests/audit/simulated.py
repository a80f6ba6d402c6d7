"""Simulated frames: a truth, a machine that errs, coders who agree with the truth or err."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.audit.design import drawn_frame

TYPES = np.array(["no_values", "mild_support", "reframing", "strong_resistance"])
SHARES = np.array([0.55, 0.3, 0.12, 0.03])


def truth_and_machine(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers that are right, and those of a machine that is wrong in one of four or five."""
    prompts = np.arange(n) // 2
    kind = rng.choice(4, p=SHARES, size=n)
    value = rng.random(n) < np.array([0.05, 0.2, 0.4, 0.5])[kind]
    seen_kind = np.where(rng.random(n) < 0.2, rng.choice(4, p=SHARES, size=n), kind)
    seen = np.where(rng.random(n) < 0.25, rng.random(n) < 0.5, value)
    ids = [f"s{i}" for i in range(n)]
    tables = []
    for k, v in ((kind, value), (seen_kind, seen)):
        columns = {
            "conversation_id": ids,
            "response_type": TYPES[k],
            "value:care": np.where(v, "yes", "no"),
        }
        tables.append(pd.DataFrame(columns))
    tables[0]["cluster"] = prompts.astype(str)
    return tables[0], tables[1]


def rare_answers(
    n: int, prevalence: float, right: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two answers of one prevalence, alike within prompts, and a machine right that often."""
    prompts = np.arange(n) // 2
    shares = np.append(np.array([0.62, 0.26, 0.12]) * (1 - prevalence), prevalence)
    alike = rng.random(n) < 0.4
    kind = np.where(
        alike, rng.choice(4, p=shares, size=n)[prompts], rng.choice(4, p=shares, size=n)
    )
    value = np.where(alike, (rng.random(n) < prevalence)[prompts], rng.random(n) < prevalence)
    blind = rng.random((2, n)) >= right
    seen_kind = np.where(blind[0], rng.choice(4, p=shares, size=n), kind)
    seen = np.where(blind[1], rng.random(n) < prevalence, value)
    tables = [
        pd.DataFrame(
            {
                "conversation_id": [f"s{i}" for i in range(n)],
                "response_type": TYPES[k],
                "value:care": np.where(v, "yes", "no"),
            }
        )
        for k, v in ((kind, value), (seen_kind, seen))
    ]
    return tables[0].assign(cluster=prompts.astype(str)), tables[1]


def draw(truth: pd.DataFrame, machine: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    clusters = dict(zip(truth["conversation_id"], truth["cluster"], strict=True))
    return drawn_frame(machine, clusters, n=n, stratum="response_type", seed=seed)


def coder(truth: pd.DataFrame, frame: pd.DataFrame, error: float, seed: int) -> pd.DataFrame:
    """Return a coder's answers by item, a share of them drawn blindly."""
    rng = np.random.default_rng(seed)
    drawn = frame[frame["item"] != ""]
    right = truth.set_index("conversation_id").loc[drawn["conversation_id"]]
    answers = {}
    for name in ("response_type", "value:care"):
        cells = right[name].to_numpy()
        blind = rng.random(cells.size) < error
        answers[name] = np.where(blind, rng.permutation(cells), cells)
    return pd.DataFrame(answers, index=drawn["item"].to_numpy())
