"""Axes of one group: planted ones found; what is dropped, freed of, and refused."""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest

from valuescape.counts.frame import presence
from valuescape.errors import InputError
from valuescape.study.axes import AxesPlan, AxesTables, covariates, modal_task, value_axes

PLAN = AxesPlan(0.02, 0.6, 50, n_boot=30, n_null=40, n_splits=8, seed=3, conf_level=0.95)
NAMES = [f"v{k}" for k in range(8)]


def group(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ninety prompts, four runs: values 0 to 3 and 4 to 7 go together; run 0 has more of v0 to v3.

    ``always`` is in nearly every answer, ``never`` in hardly one.
    """
    rng = np.random.default_rng(seed)
    prompt, run = np.repeat(np.arange(90), 4), np.tile(np.arange(4), 90)
    n = prompt.size
    frame = pd.DataFrame(
        {
            "conversation_id": [f"c{i}" for i in range(n)],
            "prompt_id": prompt.astype(str),
            "prompt_group": prompt.astype(str),
            "source": "s",
            "run": [f"s: {k}" for k in run],
            "reader": rng.integers(0, 5, n).astype(str),
            "task_type": np.array(["a", "b", "c"])[prompt % 3],
            "subjective": (rng.random(n) < 0.9) & (prompt < 80),
        }
    )
    cause = rng.normal(size=(n, 2)) + np.where(run == 0, 0.8, 0)[:, None] * [1, 0]
    latent = 1.6 * np.repeat(cause, 4, axis=1) + rng.normal(size=(n, 8))
    held = [(f"v{j}", latent[:, j] > 1.2) for j in range(8)]
    held += [("always", rng.random(n) < 0.97), ("never", rng.random(n) < 0.005)]
    said = pd.concat(
        pd.DataFrame({"conversation_id": frame["conversation_id"][h], "value": name})
        for name, h in held
    )
    return frame, said


NOBODY = pd.DataFrame({"conversation_id": ["c0"], "value": ["wish"]})


@cache
def found_in(plan: AxesPlan = PLAN) -> AxesTables:
    return value_axes(*group(), NOBODY, plan)


def test_planted_axes_profiles_and_dropped_values() -> None:
    found = found_in()
    assert found.axes["retained"].sum() == 2
    kept = found.values.set_index("value")["kept"]
    assert kept["always"] == "near-universal"
    assert kept["never"] == "rare"
    assert set(kept.index[kept == "kept"]) == set(NAMES)
    wide = found.loadings.pivot_table(index="value", columns="axis", values="loading")
    first = wide.loc[NAMES[:4]].mean().abs().idxmax()
    other = 3 - first
    assert (wide.loc[NAMES[:4], first] > 0.5).all()
    assert (wide.loc[NAMES[4:], other] > 0.5).all()
    profile = found.profiles[found.profiles["axis"] == first].set_index("run")
    assert profile.loc["s: 0", "ci_low"] > 0.1
    assert set(profile.index) == {f"s: {k}" for k in range(4)}
    assert found.axes["congruence"].iloc[:2].min() > 0.8


def test_prompts_whose_majority_is_not_subjective_are_left_out() -> None:
    frame, _ = group()
    share = frame.groupby("prompt_id")["subjective"].mean()
    found = found_in()
    assert found.axes["n_clusters"].iloc[0] == (share > 0.5).sum() < 90
    assert found.axes["n"].iloc[0] == 4 * (share > 0.5).sum()


def test_runs_read_too_little_or_alone_in_their_source_have_no_profile() -> None:
    assert found_in(plan=dataclasses.replace(PLAN, minimum_readings=91)).profiles.empty
    frame, said = group()
    alone = frame["run"] == "s: 3"
    moved = frame.assign(source=np.where(alone, "t", "s"))
    profiles = value_axes(moved, said, NOBODY, PLAN).profiles
    assert set(profiles["run"]) == {"s: 0", "s: 1", "s: 2"}


def test_the_order_of_rows_and_names_of_readers_do_not_matter() -> None:
    frame, said = group()
    once = found_in().loadings
    order = np.random.default_rng(0).permutation(len(frame))
    turned = frame.iloc[order].assign(reader=lambda t: "reader " + t["reader"])
    again = value_axes(turned, said, NOBODY, PLAN).loadings
    key = ["axis", "value"]
    columns = [*key, "loading", "share"]
    left, right = (t[columns].sort_values(key).reset_index(drop=True) for t in (once, again))
    pd.testing.assert_frame_equal(left, right, atol=1e-6)


def test_no_axis_leaves_the_eigenvalues_alone() -> None:
    frame, said = group()
    rng = np.random.default_rng(0)
    noise = said.assign(conversation_id=said.groupby("value")["conversation_id"].transform(
        lambda ids: rng.choice(frame["conversation_id"], len(ids), replace=False)
    ))  # fmt: skip
    found = value_axes(frame, noise, NOBODY, PLAN)
    assert found.axes["retained"].sum() == 0
    assert found.loadings.empty
    assert found.profiles.empty
    assert found.axes["congruence"].isna().all()


def test_covariates_are_task_source_reader_and_what_users_say() -> None:
    frame, _ = group()
    of_user = presence(frame["conversation_id"], NOBODY, "value")
    found = covariates(frame, of_user)
    assert found.shape == (len(frame), 2 + 4 + 1)
    assert found[0, -1] == 1
    assert found[1:, -1].sum() == 0


def test_the_commonest_task_of_a_prompt_breaks_ties_by_name() -> None:
    frame = pd.DataFrame({"prompt_id": list("ppqq"), "task_type": ["b", "a", "c", "c"]})
    assert modal_task(frame).tolist() == ["a", "a", "c", "c"]


@pytest.mark.parametrize("kept", ["one value", "none", "no prompt"])
def test_too_little_to_find_axes_in_is_refused(kept: str) -> None:
    frame, said = group()
    if kept == "no prompt":
        frame = frame.assign(subjective=False)
    else:
        said = said[said["value"].isin(["v1"] if kept == "one value" else [])]
    with pytest.raises(InputError, match="axes_minimum_share"):
        value_axes(frame, said, NOBODY, PLAN)
