"""Corrected mirroring against the planted truth of a simulated frame."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.statistics.correction import LabelledFrame
from valuescape.study.contrasts import Spoken
from valuescape.study.corrected_mirroring import corrected_mirroring, mirroring_features
from valuescape.study.correction import CorrectionPlan, GroupFrame

PLAN = CorrectionPlan(
    conf_level=0.95, minimum_phi_squared=0.1, rare=0.02, minimum_positive=10, minimum_readings=30
)
N, VALUES = 3000, np.array(["care", "thrift", "truth", "zeal"])
SUPPORT, OTHER = "strong_support", "reframing"
STANCES = {"any": tuple(RESPONSE_TYPES), "support": (SUPPORT,)}


@dataclasses.dataclass(frozen=True)
class World:
    """Everything that is true, and what a machine that names two values of users says."""

    table: pd.DataFrame
    asked: np.ndarray
    mirrors: np.ndarray
    subjective: np.ndarray
    support: np.ndarray
    wanted: np.ndarray
    said: np.ndarray
    p_assistant: pd.DataFrame
    p_user: pd.DataFrame

    def framed(self, seed: int) -> tuple[GroupFrame, Spoken]:
        rng = np.random.default_rng(seed)
        chance = np.where(np.arange(N // 2) % 2 == 0, 0.15, 0.3)
        read = (rng.random(N // 2) < chance)[np.arange(N) // 2]
        table = self.table.assign(
            subjective=pd.Series(self.subjective, dtype="boolean").where(read),
            task_type=self.table["task_type"].where(read),
            response_type=pd.Series(np.where(self.support, SUPPORT, OTHER)).where(read),
        )
        design = LabelledFrame.of(read, table["stratum"], table["prompt_group"], table["fold"])
        spoken = [self._pairs(side, read) for side in (self.said, self.wanted)]
        return GroupFrame(table, design), Spoken(*spoken, self.p_assistant, self.p_user)

    def _pairs(self, side: np.ndarray, read: np.ndarray) -> pd.DataFrame:
        rows, columns = np.nonzero(side & read[:, None])
        ids = self.table["conversation_id"].to_numpy()
        return pd.DataFrame({"conversation_id": ids[rows], "value": VALUES[columns]})


def world(seed: int = 4) -> World:
    rng = np.random.default_rng(seed)
    ids = [f"c{i:05}" for i in range(N)]
    stratum = np.where(np.arange(N) // 2 % 2 == 0, "s", "t")
    subjective = rng.random(N) < np.where(stratum == "s", 0.8, 0.6)
    support = rng.random(N) < 0.5
    asked = subjective & (rng.random(N) < np.where(support, 0.7, 0.4))
    wanted = np.eye(4, dtype=bool)[rng.integers(0, 4, N)] & asked[:, None]
    said = np.eye(4, dtype=bool)[rng.integers(0, 4, N)] & subjective[:, None]
    copies = asked & (rng.random(N) < np.where(support, 0.6, 0.05))
    said = np.where(copies[:, None], wanted, said)
    mirrors = (said & wanted).any(axis=1)

    def seen(hit: np.ndarray) -> np.ndarray:
        return np.clip(0.05 + 0.4 * hit + rng.normal(0, 0.08, hit.shape), 0.001, 0.999)

    table = pd.DataFrame(
        {
            "conversation_id": ids,
            "group": "ordinary",
            "stratum": stratum,
            "prompt_group": [f"g{i // 2}" for i in range(N)],
            "fold": np.arange(N) // 2 % 5,
            "task_type": rng.choice(TASK_TYPES[:2], N),
            "p_subjective": np.clip(0.1 + 0.7 * subjective + rng.normal(0, 0.1, N), 0.01, 0.99),
        }
    )
    for name in RESPONSE_TYPES:
        hit = subjective & (support if name == SUPPORT else ~support)
        table[f"p_{name}"] = seen(hit) if name in (SUPPORT, OTHER) else 0.02
    table["p_no_values"] = 1.0 - table["p_subjective"]
    index = pd.Index(ids, name="conversation_id")
    p_assistant = pd.DataFrame(seen(said), index=index, columns=VALUES)
    p_user = pd.DataFrame(seen(wanted[:, :2]), index=index, columns=VALUES[:2])
    return World(table, asked, mirrors, subjective, support, wanted, said, p_assistant, p_user)


WORLD = world()


def table(seed: int, plan: CorrectionPlan = PLAN, **changes: float) -> pd.DataFrame:
    frame, spoken = WORLD.framed(seed)
    found = corrected_mirroring(frame, spoken, STANCES, plan, **({"penalty": 5.0} | changes))
    return found.set_index(["stance", "quantity"])


def truths() -> dict[tuple[str, str], float]:
    found = {}
    for stance, inside in (
        ("any", WORLD.subjective),
        ("support", WORLD.subjective & WORLD.support),
    ):
        asked = inside & WORLD.asked
        found[stance, "stated"] = asked.sum() / inside.sum()
        found[stance, "observed_all"] = (inside & WORLD.mirrors).sum() / inside.sum()
        found[stance, "observed"] = (asked & WORLD.mirrors).sum() / asked.sum()
    return found


def test_the_corrected_shares_cover_the_truth_and_the_naive_ones_do_not() -> None:
    """The naive: both sides taken as independent, of the two values that the machine names."""
    draws = [table(seed) for seed in range(25)]
    right = truths()
    hits = [
        draw.loc[key, "corrected_low"] <= real <= draw.loc[key, "corrected_high"]
        for draw in draws
        for key, real in right.items()
    ]
    assert np.mean(hits) >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / 25) / np.sqrt(2)
    shared = [name for name in WORLD.p_user if name in WORLD.p_assistant]
    both = WORLD.p_user[shared].to_numpy() * WORLD.p_assistant[shared].to_numpy()
    naive = 1 - np.prod(1 - both, axis=1)
    share = naive.mean() / WORLD.table["p_subjective"].mean()
    real = right["any", "observed_all"]
    assert abs(share - real) > 0.05
    for draw in draws:
        row = draw.loc[("any", "observed_all")]
        assert not row["corrected_low"] <= share <= row["corrected_high"]


def test_the_machine_earns_its_keep_where_it_sees_both_sides() -> None:
    found = table(1)
    assert found.loc[("any", "stated"), "method"] == "corrected"
    assert found.loc[("any", "stated"), "gain"] > 1.1
    for _, row in found.iterrows():
        side = "corrected" if row["phi_squared"] >= PLAN.minimum_phi_squared else "readings"
        assert row["method"] == side
        assert row["estimate"] == row[side]
        assert row["ci_low"] == row[f"{side}_low"]
    strict = table(1, dataclasses.replace(PLAN, minimum_phi_squared=0.9))
    assert set(strict["method"]) == {"readings"}


def test_the_excess_is_what_was_planted() -> None:
    """A supporter copies three times in five, and else names one of four values at random."""
    draws = [table(seed) for seed in range(12)]
    estimates = np.array([draw.loc[("support", "excess"), "corrected"] for draw in draws])
    expected = np.array([
        draw.loc[("support", "observed"), "readings"] - draw.loc[("support", "excess"), "readings"]
        for draw in draws
    ])  # fmt: skip
    assert expected == pytest.approx(0.25, abs=0.05)
    assert estimates.mean() == pytest.approx(0.6 * 0.75, abs=0.04)
    assert all(np.isnan(draw.loc[("support", "excess"), "machine"]) for draw in draws)


def test_rows_and_readings() -> None:
    found, (frame, _) = table(2), WORLD.framed(2)
    read = frame.design.read
    assert set(found.index.get_level_values("quantity")) == {
        "stated", "observed_all", "observed", "excess",
    }  # fmt: skip
    assert found.loc[("any", "stated"), "n_domain"] == (WORLD.subjective & read).sum()
    support = WORLD.subjective & WORLD.support & read
    assert found.loc[("support", "observed_all"), "n_domain"] == support.sum()
    assert found.loc[("support", "observed"), "n_domain"] == (support & WORLD.asked).sum()
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["ci_high"]).all()
    few = table(2, dataclasses.replace(PLAN, minimum_readings=int(support.sum()) + 1))
    assert "support" not in few.index.get_level_values("stance")
    assert not np.allclose(table(2, penalty=500.0)["machine"], found["machine"], equal_nan=True)


def test_features_know_nothing_of_the_readings() -> None:
    one, other = (mirroring_features(*WORLD.framed(seed)) for seed in (1, 2))
    np.testing.assert_array_equal(one, other)
    assert np.isfinite(one).all()
