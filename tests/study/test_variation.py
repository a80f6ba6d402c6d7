"""Variance components of readings: planted shares found, too little to tell left out."""

import numpy as np
import pandas as pd
import pytest

from valuescape.schema import RESPONSE_TYPES
from valuescape.study.variation import ALL, variance_shares

OPTIONS = {"minimum": 10, "n_boot": 0, "seed": 1, "conf_level": 0.95}


def readings(seed: int = 0, second: float = 0.5) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Ninety prompts, six runs, eight readers; the value depends on the prompt above all."""
    rng = np.random.default_rng(seed)
    prompt, run = np.repeat(np.arange(90), 6), np.tile(np.arange(6), 90)
    n = prompt.size
    first = pd.DataFrame(
        {
            "conversation_id": [f"c{i}" for i in range(n)],
            "prompt_id": prompt.astype(str),
            "prompt_group": prompt.astype(str),
            "run": [f"source: {k}" for k in run],
            "subjective": True,
        }
    )
    share = np.clip(0.4 + rng.normal(0, 0.35, 90)[prompt], 0.02, 0.98)
    twice = rng.random(n) < second
    table = pd.concat([first.assign(labeller="one"), first[twice].assign(labeller="two")])
    table = table.reset_index(drop=True)
    place = np.concatenate([np.arange(n), np.flatnonzero(twice)])
    table["reader"] = rng.integers(0, 8, len(table)).astype(str)
    table["response_type"] = np.array(RESPONSE_TYPES)[rng.integers(0, 2, len(table))]
    held = rng.random(len(table)) < share[place]
    said = table.loc[held, ["conversation_id", "labeller"]].assign(value="care")
    return table, {"value": said}


def test_the_prompt_carries_the_planted_share() -> None:
    table, said = readings()
    found = variance_shares(table, said, **OPTIONS)  # type: ignore[arg-type]
    care = found[(found["quantity"] == "value") & (found["name"] == "care")]
    share = care.set_index("component")["share"]
    assert share["prompt"] == pytest.approx(0.42, abs=0.12)
    assert share[["assistant", "reader"]].max() < 0.05
    assert share.sum() == pytest.approx(1.0)
    assert care["n"].unique().tolist() == [len(table)]
    pooled = found[(found["quantity"] == "value") & (found["name"] == ALL)]
    np.testing.assert_allclose(pooled["variance"], care["variance"])
    stances = found[found["quantity"] == "response_type"]
    assert set(stances["name"]) == {ALL, *RESPONSE_TYPES[:2]}


def test_what_is_not_subjective_counts_as_nothing() -> None:
    table, said = readings()
    none = variance_shares(table.assign(subjective=False), said, **OPTIONS)  # type: ignore[arg-type]
    assert none.empty


def test_too_little_to_tell_components_apart_gives_no_row() -> None:
    table, said = readings(second=0.0)
    assert variance_shares(table, said, **OPTIONS).empty  # type: ignore[arg-type]
    table, said = readings()
    one = table[table["run"] == "source: 1"].reset_index(drop=True)
    assert variance_shares(one, said, **OPTIONS).empty  # type: ignore[arg-type]
