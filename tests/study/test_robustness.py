"""Headline results in other ways, against loops over invented data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.counts.random_data import answered_frame, random_values
from valuescape.study.machine_headlines import (
    NOT_CORRECTED,
    NOT_LABELLED,
    NOT_SAMPLED,
    Corrected,
    machine_rows,
)
from valuescape.study.resistance import RESISTANCE, SUPPORT
from valuescape.study.robustness import (
    NOTHING_READ,
    RobustnessPlan,
    compared,
    estimate,
    robustness_table,
)
from valuescape.study.variants import Headline, Material, Variant, subsets

PLAN = RobustnessPlan(0.95, 5, 3)
TASK = Headline("t", "task_type", "ordinary", "advice", "k")
STANCE = Headline("s", "stance", "ordinary", "resistance", "k")
USER = Headline("u", "user_value", "ordinary", "l", "k")
MIRROR = Headline("m", "mirroring", "ordinary", "support", "")
TYPE = Headline("r", "response_type", "ordinary", "", "reframing")
HEADING = Headline("h", "heading", "ordinary", "", "m")
ALL = [TASK, STANCE, USER, MIRROR, TYPE, HEADING]


def invented(seed: int = 3) -> Material:
    frame = answered_frame(seed)
    rng = np.random.default_rng(seed)
    frame["stratum"] = "one"
    frame["source"] = rng.choice(["x", "y"], len(frame))
    frame["wave"] = np.where(frame["reader"] == "r1", 1, 2)
    frame["n_turns"] = rng.choice([2, 4], len(frame))
    frame["n_characters"] = rng.permutation(len(frame))
    said, wanted = (random_values(frame, seed + i) for i in (1, 2))
    return Material(frame, said, random_values(frame, seed + 3), wanted)


MATERIAL = invented()


def inside(material: Material) -> pd.DataFrame:
    frame = material.frame
    return frame[frame["subjective"] & (frame["group"] == "ordinary")]


def holds(part: pd.DataFrame, pairs: pd.DataFrame, value: str) -> pd.Series:
    return part["conversation_id"].isin(pairs.loc[pairs["value"] == value, "conversation_id"])


def ratio(part: pd.DataFrame, context: pd.Series, held: pd.Series) -> float:
    shares = [np.average(held[rows], weights=part["weight"][rows]) for rows in (context, ~context)]
    return float(shares[0] / shares[1])


def test_ratios_are_those_of_weighted_shares() -> None:
    part = inside(MATERIAL)
    held = holds(part, MATERIAL.said, "k")
    advice = part["task_type"] == "advice"
    found = estimate(TASK, MATERIAL, PLAN)
    assert found["estimate"] == pytest.approx(ratio(part, advice, held))
    assert found["ci_low"] < found["estimate"] < found["ci_high"]
    assert (found["n"], found["note"]) == (advice.sum(), "")
    asked = holds(part, MATERIAL.wanted, "l")
    assert estimate(USER, MATERIAL, PLAN)["estimate"] == pytest.approx(ratio(part, asked, held))
    sided = part[part["response_type"].isin((*RESISTANCE, *SUPPORT))]
    resists = sided["response_type"].isin(RESISTANCE)
    expected = ratio(sided, resists, holds(sided, MATERIAL.said, "k"))
    assert estimate(STANCE, MATERIAL, PLAN)["estimate"] == pytest.approx(expected)


def test_shares_are_weighted_shares() -> None:
    part = inside(MATERIAL)
    for headline, hit in (
        (TYPE, part["response_type"] == "reframing"),
        (HEADING, holds(part, MATERIAL.headings, "m")),
    ):
        found = estimate(headline, MATERIAL, PLAN)
        assert found["estimate"] == pytest.approx(np.average(hit, weights=part["weight"]))
        assert found["n"] == len(part)


def test_planted_mirroring_is_found() -> None:
    mirrors = replace(MATERIAL, said=MATERIAL.wanted)
    found, none = (estimate(MIRROR, material, PLAN) for material in (mirrors, MATERIAL))
    assert found["ci_low"] > 0.3
    assert none["ci_low"] < 0 < none["ci_high"]
    asked = inside(MATERIAL)
    asked = asked[asked["response_type"].isin(SUPPORT)]
    assert found["n"] == asked["conversation_id"].isin(MATERIAL.wanted["conversation_id"]).sum()


def test_what_cannot_be_had_says_why() -> None:
    few = replace(PLAN, minimum_clusters=10_000)
    for headline in ALL:
        found = estimate(headline, MATERIAL, few)
        assert np.isnan(found["estimate"])
        assert "fewer than 10000 prompt groups" in str(found["note"])
    assert "in the context" in str(estimate(TASK, MATERIAL, few)["note"])
    never = estimate(replace(TASK, name="z"), MATERIAL, PLAN)
    assert never["note"] == NOTHING_READ
    alone = replace(MATERIAL, frame=MATERIAL.frame.assign(reader="r1"))
    assert estimate(TYPE, alone, PLAN)["note"] == "one reader alone"


def test_a_source_is_left_out_with_all_of_its_prompt_groups() -> None:
    found = {v.name: v for v in subsets(MATERIAL, MATERIAL.frame)}
    left = found["x"].material.frame
    of_x = set(MATERIAL.frame.loc[MATERIAL.frame["source"] == "x", "prompt_group"])
    assert not set(left["prompt_group"]) & of_x
    assert len(left) == (~MATERIAL.frame["prompt_group"].isin(of_x)).sum()


def test_the_other_variants_divide_the_conversations() -> None:
    found = {v.name: v.material.frame for v in subsets(MATERIAL, MATERIAL.frame)}
    n = len(MATERIAL.frame)
    pairs = [("wave 1", "wave 2"), ("shorter half", "longer half")]
    pairs += [("odd prompt groups", "even prompt groups")]
    for one, other in pairs:
        assert len(found[one]) + len(found[other]) == n
        assert not set(found[one]["conversation_id"]) & set(found[other]["conversation_id"])
    for reader in ("r1", "r2", "r3"):
        assert reader not in set(found[reader]["reader"])
        assert len(found[reader]) == (MATERIAL.frame["reader"] != reader).sum()
    assert set(found["single-turn only"]["n_turns"]) == {2}
    assert found["shorter half"].groupby("group")["n_characters"].max().lt(
        found["longer half"].groupby("group")["n_characters"].min()
    ).all()  # fmt: skip
    assert (found["odd prompt groups"]["prompt_group"].str[-1].astype(int) % 2 == 1).all()


def test_a_silent_measure_is_not_computed() -> None:
    variants = [
        Variant("primary", "primary", MATERIAL),
        Variant("reading", "crossed", MATERIAL, {"response_type": "nothing to cross"}),
    ]
    table = robustness_table(ALL, variants, PLAN)
    assert len(table) == 2 * len(ALL)
    silent = table[table["note"] == "nothing to cross"]
    assert silent[["headline", "variant"]].to_numpy().tolist() == [["r", "crossed"]]
    again = compared(table)
    assert not again["outside"].any()
    assert not again["disagrees"].any()


def test_an_estimate_disagrees_only_if_neither_interval_holds_the_other() -> None:
    row = {"headline": "h", "place": 0, "estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0}
    others = [(4.0, 1.5, 6.0), (4.0, 3.5, 4.5), (0.5, np.nan, np.nan), (2.5, 2.2, 2.8)]
    rows = [row | {"place": i, "estimate": e, "ci_low": a, "ci_high": b}
            for i, (e, a, b) in enumerate(others, start=1)]  # fmt: skip
    found = compared(pd.DataFrame([row, *rows]))
    assert found["outside"].tolist() == [False, True, True, True, False]
    assert found["disagrees"].tolist() == [False, False, True, False, False]


def test_machine_rows_take_what_the_stage_correct_has() -> None:
    limits = {"estimate": 3.0, "ci_low": 2.0, "ci_high": 4.0, "machine": 1.5}
    claims = pd.DataFrame([{"key": "t", **limits, "n_read_first": 7, "n_clusters_first": 5}])
    share = {"estimate": 0.9, "ci_low": 0.8, "ci_high": 1.0, "corrected": 0.4,
             "corrected_low": 0.3, "corrected_high": 0.5, "n_clusters": 6}  # fmt: skip
    shares = pd.DataFrame(
        [{"group": "ordinary", "quantity": "response_type", "name": "reframing", **share,
          "machine": 0.2, "n_read": 9}]
    )  # fmt: skip
    mirroring = pd.DataFrame(
        [{"group": "ordinary", "stance": "support", "quantity": "excess", **share,
          "machine": np.nan, "n_domain": 8}]
    )  # fmt: skip
    found = machine_rows(
        [TASK, TYPE, MIRROR, HEADING], Corrected(claims, shares, mirroring), first_place=4
    ).set_index(["headline", "place"])
    assert found.loc[("t", 4), ["estimate", "n"]].tolist() == [3.0, 7]
    assert found.loc[("t", 5), ["estimate", "note"]].tolist() == [1.5, NOT_SAMPLED]
    assert found.loc[("r", 4), ["estimate", "ci_low", "n"]].tolist() == [0.4, 0.3, 9]
    assert found.loc[("m", 4), ["estimate", "n"]].tolist() == [0.4, 8]
    assert found.loc[("m", 5), "note"] == NOT_LABELLED
    assert found.loc[("h", 4), "note"] == NOT_CORRECTED
    assert found["ci_low"].notna().sum() == 3
