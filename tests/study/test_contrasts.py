"""Corrected contrasts of cells against the truth of a simulated frame."""

import numpy as np
import pandas as pd
import pytest

from tests.study.test_correction import PLAN, WORLD, framed
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.statistics.corrected_contrast import corrected_contrast
from valuescape.statistics.rectified import Domain
from valuescape.study.contrasts import Spoken, contrasts
from valuescape.study.correction import GroupFrame

FIRST = TASK_TYPES[0]
SUPPORT, RESISTANCE = "strong_support", "strong_resistance"


def cell(kind: str, context: str, value: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"group": ["ordinary"], "context_kind": kind, "context": context, "value": value}
    )


def spoken(frame: GroupFrame) -> Spoken:
    read = frame.table.loc[frame.design.read, "conversation_id"]
    said = WORLD.said[WORLD.said["conversation_id"].isin(read)]
    ids = WORLD.truth["conversation_id"].sample(frac=0.3, random_state=7)
    wished = pd.DataFrame({"conversation_id": ids, "value": "wish"})
    return Spoken(said, wished, WORLD.values, pd.DataFrame(index=WORLD.values.index))


def found(cells: pd.DataFrame, frame: GroupFrame) -> pd.Series:
    return contrasts(cells, {"ordinary": frame}, spoken(frame), PLAN).iloc[0]


def test_a_task_is_compared_with_the_other_subjective_conversations() -> None:
    frame = framed()
    row = found(cell("task_type", FIRST, "care"), frame)
    table, design = frame.table, frame.design
    subjective = table["subjective"].fillna(False).to_numpy(dtype=float)
    inside = (table["task_type"] == FIRST).to_numpy(dtype=float)
    p, p_task = table["p_subjective"].to_numpy(), table[f"p_{FIRST}"].to_numpy()
    sides = [
        Domain.labelled(np.where(design.read, inside * subjective, np.nan), p * p_task, design),
        Domain.labelled(
            np.where(design.read, (1 - inside) * subjective, np.nan), p * (1 - p_task), design
        ),
    ]
    ids = table["conversation_id"]
    said = spoken(frame).assistant
    read = ids.isin(said.loc[said["value"] == "care", "conversation_id"]).to_numpy(dtype=float)
    joint = WORLD.values["care"].reindex(ids).to_numpy()
    alone = corrected_contrast(
        read,
        np.clip(joint / np.maximum(p, 1e-9), 0, 1),
        design,
        *sides,
        scale="ratio",
        standardised=True,
    )
    assert row["estimate"] == pytest.approx(alone.estimate)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((alone.ci_low, alone.ci_high))
    assert row["n_read_first"] == int((inside * subjective)[design.read].sum())


def truth(inside: pd.Series, outside: pd.Series, holds: pd.Series) -> float:
    """Ratio of the prevalences, the rest at the context's mix of strata."""
    part, stratum = WORLD.truth["subjective"], WORLD.conversations["stratum"]
    rest = holds[part & outside].groupby(stratum).mean()
    size = stratum[part & inside].value_counts()
    return float(holds[part & inside].mean() / ((rest * size).sum() / size.sum()))


def test_ratios_cover_the_truth_of_the_frame() -> None:
    care = WORLD.said.loc[WORLD.said["value"] == "care", "conversation_id"]
    holds = WORLD.truth["conversation_id"].isin(care)
    task = WORLD.truth["task_type"] == FIRST
    first = WORLD.truth["response_type"] == RESPONSE_TYPES[0]
    wanted = {
        ("task_type", FIRST, "care"): truth(task, ~task, holds),
        ("response_type", FIRST, RESPONSE_TYPES[0]): truth(task, ~task, first),
    }
    hits = []
    for seed in range(40):
        frame = framed(seed)
        for key, real in wanted.items():
            row = found(cell(*key), frame)
            hits.append(row["ci_low"] <= real <= row["ci_high"])
    assert np.mean(hits) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(hits))


def test_user_values_are_a_context_and_without_a_machine_the_readings_speak() -> None:
    frame = framed()
    row = found(cell("user_value", "wish", "care"), frame)
    assert np.isfinite(row["estimate"])
    lonely = found(cell("task_type", FIRST, "unheard"), frame)
    assert lonely["n_read_first"] > 0
    assert lonely["gain"] == pytest.approx(1.0)


def test_a_context_that_was_not_read_has_no_ratio() -> None:
    row = found(cell("task_type", TASK_TYPES[-1], "care"), framed())
    assert row[["estimate", "ci_low", "log10_p", "gain"]].isna().all()


def test_stances_are_compared_with_each_other() -> None:
    frame = framed()
    table = frame.table.copy()
    rename = {RESPONSE_TYPES[0]: RESISTANCE, RESPONSE_TYPES[1]: SUPPORT}
    table["response_type"] = table["response_type"].replace(rename)
    other = GroupFrame(table, frame.design)
    row = found(cell("stance", "resistance", "care"), other)
    stance = table["response_type"].isin([RESISTANCE, "mild_resistance"])
    subjective = table["subjective"].fillna(False).astype(bool)
    assert row["n_read_first"] == (stance & subjective & frame.design.read).sum()
    assert row["ci_low"] < row["estimate"] < row["ci_high"]
