"""Spread between readers against planted spread and an analysis of variance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.schema import RESPONSE_TYPES
from valuescape.study.readers import reader_effects


def simulated(spread: float, seed: int = 3) -> pd.DataFrame:
    """Twenty readers of 150 conversations each, who say "reframing" more or less often."""
    rng = np.random.default_rng(seed)
    reader = np.repeat(np.arange(20), 150)
    habit = rng.choice([-spread, spread], 20)
    n = reader.size
    reframes = rng.random(n) < 0.4 + habit[reader]
    return pd.DataFrame(
        {
            "group": "ordinary",
            "reader": [f"r{r}" for r in reader],
            "stratum": rng.choice(["s", "t"], n),
            "task_type": rng.choice(["advice", "code"], n),
            "response_type": np.where(reframes, "reframing", "no_values"),
        }
    )


def spread_of(frame: pd.DataFrame) -> pd.Series:
    table = reader_effects(frame, ["ordinary"]).set_index("response_type")
    assert list(table.index) == list(RESPONSE_TYPES)
    assert (table["n"] == len(frame)).all()
    assert (table["n_readers"] == frame["reader"].nunique()).all()
    assert table.loc["strong_support", "sd"] == 0
    return table.loc["reframing"]


def test_planted_spread_is_found_as_the_analysis_of_variance_finds_it() -> None:
    frame = simulated(0.15)
    found = spread_of(frame)
    hit = (frame["response_type"] == "reframing").astype(float)
    means = hit.groupby(frame["reader"]).mean()
    within = hit.groupby(frame["reader"]).var().mean()
    between = means.var() - within / 150
    assert abs(found["sd"] - np.sqrt(between)) < 0.005
    assert abs(found["sd"] - 0.15) < 0.04
    assert abs(found["share_of_variance"] - between / (between + within)) < 0.01


def test_readers_alike_have_no_spread() -> None:
    assert spread_of(simulated(0.0))["sd"] < 0.02


def test_groups_are_looked_at_one_by_one() -> None:
    frame = simulated(0.1)
    other = simulated(0.0, seed=4).assign(group="adversarial")
    table = reader_effects(pd.concat([frame, other]), ["adversarial"])
    assert set(table["group"]) == {"adversarial"}
    assert set(table["n"]) == {len(other)}
