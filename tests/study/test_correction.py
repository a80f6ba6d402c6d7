"""Corrected shares against simulated truth, and frames that cannot be corrected."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.study.correction import (
    CorrectionPlan,
    GroupFrame,
    corrected_shares,
    corrected_stances,
    group_frame,
    node_probabilities,
)

PLAN = CorrectionPlan(
    conf_level=0.95, minimum_phi_squared=0.1, rare=0.02, minimum_positive=10, minimum_readings=30
)
N = 6000


@dataclasses.dataclass(frozen=True)
class World:
    conversations: pd.DataFrame
    machine: pd.DataFrame
    truth: pd.DataFrame
    said: pd.DataFrame
    values: pd.DataFrame

    def read(self, seed: int) -> pd.DataFrame:
        """Draw a fifth of the prompt groups of one stratum, two fifths of the other."""
        rng = np.random.default_rng(seed)
        groups = self.conversations.drop_duplicates("prompt_group")
        chance = np.where(groups["stratum"] == "s", 0.2, 0.4)
        drawn = groups.loc[rng.random(len(groups)) < chance, "prompt_group"]
        chosen = self.conversations["prompt_group"].isin(drawn)
        return self.truth[chosen.to_numpy()].reset_index(drop=True)


def world(seed: int = 2, bias: float = 0.2) -> World:
    """A frame whose machine sees the truth through noise and is ``bias`` too generous."""
    rng = np.random.default_rng(seed)
    ids = [f"c{i:05}" for i in range(N)]
    group = np.arange(N) // 2
    stratum = np.where(group % 2 == 0, "s", "t")
    conversations = pd.DataFrame(
        {
            "conversation_id": ids,
            "stratum": stratum,
            "group": "ordinary",
            "in_frame": True,
            "prompt_group": [f"g{g}" for g in group],
            "run": np.where(np.arange(N) % 3 == 0, "one", "other"),
        }
    )
    subjective = rng.random(N) < np.where(stratum == "s", 0.6, 0.3)
    task, response = rng.choice(TASK_TYPES[:3], N), rng.choice(RESPONSE_TYPES[:2], N)
    truth = pd.DataFrame(
        {
            "conversation_id": ids,
            "subjective": subjective,
            "task_type": task,
            "response_type": response,
        }
    )
    machine = truth.assign(labeller="m", status="ok", fold=group % 3)

    def seen(hit: np.ndarray) -> np.ndarray:
        return np.clip(0.1 + 0.5 * hit + bias + rng.normal(0, 0.1, N), 0, 1)

    machine["p_subjective"] = seen(subjective)
    for names, facet in ((TASK_TYPES, task), (RESPONSE_TYPES, response)):
        for name in names:
            machine[f"p_{name}"] = seen(facet == name)
    cares = subjective & (rng.random(N) < 0.25)
    said = pd.DataFrame({"conversation_id": np.array(ids)[cares], "value": "care"})
    blind = rng.uniform(0, 1, N)
    index = pd.Index(ids, name="conversation_id")
    values = pd.DataFrame({"care": seen(cares), "blind": blind}, index=index)
    said = pd.concat([said, said.assign(value="blind").sample(frac=0.6, random_state=1)])
    return World(conversations, machine, truth, said, values)


WORLD = world()


def framed(read_seed: int = 1) -> GroupFrame:
    return group_frame(WORLD.conversations, WORLD.machine, WORLD.read(read_seed), "ordinary")


def shares(read_seed: int = 1, plan: CorrectionPlan = PLAN) -> pd.DataFrame:
    frame = framed(read_seed)
    read = frame.table.loc[frame.design.read, "conversation_id"]
    said = WORLD.said[WORLD.said["conversation_id"].isin(read)]
    return corrected_shares(frame, {"value": (said, WORLD.values)}, plan)


def truths() -> dict[tuple[str, str], float]:
    inside = WORLD.truth["subjective"]
    part = WORLD.truth[inside]
    held = {v: part["conversation_id"].isin(s["conversation_id"]).mean()
            for v, s in WORLD.said.groupby("value")}  # fmt: skip
    return (
        {("subjective", "subjective"): inside.mean()}
        | {("task_type", n): (part["task_type"] == n).mean() for n in TASK_TYPES[:3]}
        | {("response_type", n): (part["response_type"] == n).mean() for n in RESPONSE_TYPES[:2]}
        | {("value", v): share for v, share in held.items()}
    )


def test_a_biased_machine_is_corrected_to_the_truth() -> None:
    draws = [shares(seed).set_index(["quantity", "name"]) for seed in range(8)]
    covered = []
    for key, truth in truths().items():
        estimates = np.array([draw.loc[key, "estimate"] for draw in draws])
        error = np.array([(draw.loc[key, "ci_high"] - draw.loc[key, "ci_low"]) / 3.92
                          for draw in draws])  # fmt: skip
        assert abs(estimates.mean() - truth) < 4 * error.mean() / np.sqrt(8) + 0.002, key
        covered += [draw.loc[key, "ci_low"] <= truth <= draw.loc[key, "ci_high"] for draw in draws]
        if key[1] != "blind":
            machine = draws[0].loc[key, "machine"]
            assert abs(machine - truth) > 0.02, key
    assert np.mean(covered) > 0.88


def test_rows_say_what_they_rest_on() -> None:
    found = shares().set_index(["quantity", "name"])
    frame = framed()
    assert set(found["n_read"]) == {int(frame.design.read.sum())}
    assert set(found["n_frame"]) == {N}
    assert set(found["unit"]) == {"share"}
    assert found.loc[("value", "care"), "method"] == "corrected"
    blind = found.loc[("value", "blind")]
    assert blind["method"] == "readings"
    assert blind["estimate"] == blind["readings"]
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["ci_high"]).all()
    assert found.loc[("subjective", "subjective"), "gain"] > 1


def test_each_option_of_the_plan_changes_the_table() -> None:
    base = shares().set_index(["quantity", "name"])
    changed = dataclasses.replace(PLAN, minimum_phi_squared=0.0)
    assert shares(plan=changed).set_index(["quantity", "name"]).loc[
        ("value", "blind"), "method"
    ] == "corrected"  # fmt: skip
    changed = dataclasses.replace(PLAN, minimum_positive=10_000)
    assert "value" not in set(shares(plan=changed)["quantity"])
    changed = dataclasses.replace(PLAN, conf_level=0.5)
    narrow = shares(plan=changed).set_index(["quantity", "name"])
    assert (narrow["ci_low"] > base["ci_low"]).all()
    changed = dataclasses.replace(PLAN, rare=0.9)
    wilson = shares(plan=changed).set_index(["quantity", "name"])
    assert (wilson["ci_low"] != base["ci_low"]).any()


def test_the_frame_is_the_groups_conversations_that_could_be_drawn() -> None:
    listed = WORLD.conversations.copy()
    listed.loc[:99, "in_frame"] = False
    listed.loc[100:199, "group"] = "adversarial"
    frame = group_frame(listed, WORLD.machine, WORLD.read(1), "ordinary")
    assert len(frame.table) == N - 200
    assert frame.design.read.sum() == WORLD.read(1)["conversation_id"].isin(
        listed.loc[200:, "conversation_id"]
    ).sum()  # fmt: skip


def test_a_conversation_without_a_machine_label_is_refused() -> None:
    with pytest.raises(
        InputError, match="2 conversations of the frame have none, the first is 'c00000'"
    ):
        group_frame(WORLD.conversations, WORLD.machine.iloc[2:], WORLD.read(1), "ordinary")


def test_a_prompt_group_in_two_folds_is_refused() -> None:
    machine = WORLD.machine.assign(fold=WORLD.machine["fold"])
    machine.loc[0, "fold"] = 2
    with pytest.raises(InputError, match=r"prompt group 'g0' is in 2 folds; one is allowed"):
        group_frame(WORLD.conversations, machine, WORLD.read(1), "ordinary")


def test_nodes_gather_the_probabilities_of_their_values() -> None:
    rng = np.random.default_rng(1)
    base = pd.Series([1.0, 0.5, 0.0], index=list("abc"))
    p = pd.DataFrame(rng.uniform(0, 1, (3, 3)), index=base.index, columns=["x", "y", "z"])
    p = p.mul(base, axis=0)
    nodes = pd.Series({"x": "one", "y": "two", "z": "one"})
    found = node_probabilities(p, base, nodes)
    assert found.columns.tolist() == ["one", "two"]
    none = (1 - p.loc["b", "x"] / 0.5) * (1 - p.loc["b", "z"] / 0.5)
    assert found.loc["b", "one"] == pytest.approx(0.5 * (1 - none))
    np.testing.assert_allclose(found["two"], p["y"])
    assert (found.le(base, axis=0)).all().all()
    assert found.loc["c"].tolist() == [0.0, 0.0]


def test_stances_by_context_cover_the_truth_of_the_frame() -> None:
    run = WORLD.conversations.set_index("conversation_id")["run"]
    part = WORLD.truth[WORLD.truth["subjective"]].assign(
        run=lambda t: t["conversation_id"].map(run).to_numpy()
    )
    hits, n = 0, 0
    for seed in range(12):
        found = corrected_stances(framed(seed), PLAN)
        assert set(found["context_kind"]) == {"task_type", "run"}
        for row in found[found["response_type"].isin(RESPONSE_TYPES[:2])].itertuples():
            inside = part[part[row.context_kind] == row.context]
            real = (inside["response_type"] == row.response_type).mean()
            hits += row.corrected_low <= real <= row.corrected_high
            n += 1
    assert n == 12 * 5 * 2
    assert hits / n >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / (12 * 5))


def test_contexts_with_few_readings_are_left_out() -> None:
    few = corrected_stances(framed(), dataclasses.replace(PLAN, minimum_readings=400))
    assert set(few["context"]) <= {"one", "other"}
    assert len(few) < len(corrected_stances(framed(), PLAN))
