"""Undesired values, faults and early warning on invented conversations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.study.undesired import (
    MERGED,
    undesired_contrasts,
    undesired_outcomes,
    undesired_shares,
)
from valuescape.study.warning import (
    SCORES,
    cluster_scores,
    machine_scores,
    simulated_precision,
    warning_quality,
)

VALUES = pd.DataFrame(
    {
        "value": ["cruelty", "enabling harm", "amorality", "overcaution", "clarity"],
        "polarity": ["undesirable", "undesirable", "undesirable", "fault", "desirable"],
        "level1": ["cruelty-and-abuse", "enabling-harm", "amorality", "overcaution", "clarity"],
    }
)


def invented(n: int = 200, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    ids = [f"c{i}" for i in range(n)]
    frame = pd.DataFrame(
        {
            "conversation_id": ids,
            "group": np.where(np.arange(n) < n // 2, "adversarial", "ordinary"),
            "weight": rng.uniform(1, 3, n),
            "prompt_group": [f"g{i // 2}" for i in range(n)],
            "reader": [f"r{i % 7}" for i in range(n)],
        }
    )
    said = [(i, v) for i in ids[: n // 2] for v in VALUES["value"] if rng.random() < 0.2]
    said += [(i, "clarity") for i in ids[n // 2 :]]
    return frame, pd.DataFrame(said, columns=["conversation_id", "value"])


def test_outcomes_are_unions_of_the_judged_values() -> None:
    frame, said = invented()
    found = undesired_outcomes(frame, said, VALUES, "undesirable")
    assert list(found.columns) == [
        "any undesired value",
        MERGED,
        "amorality",
        "cruelty-and-abuse",
        "enabling-harm",
    ]
    parts = found[["amorality", "enabling-harm"]].max(axis=1)
    assert (found[MERGED] == parts).all()
    assert (found["any undesired value"] == found.iloc[:, 2:].max(axis=1)).all()
    faults = undesired_outcomes(frame, said, VALUES, "fault")
    assert list(faults.columns) == ["any fault", "overcaution"]
    with pytest.raises(InputError, match="polarity 'good': allowed are undesirable, fault"):
        undesired_outcomes(frame, said, VALUES, "good")


def test_shares_are_weighted_and_hold_zero() -> None:
    frame, said = invented()
    y = undesired_outcomes(frame, said, VALUES, "undesirable")
    found = undesired_shares(frame, y, ["group"], conf_level=0.95).set_index(["group", "outcome"])
    part = frame["group"] == "adversarial"
    by_hand = np.average(y.loc[part, MERGED], weights=frame.loc[part, "weight"])
    row = found.loc[("adversarial", MERGED)]
    assert row["estimate"] == pytest.approx(by_hand)
    assert row["k"] == y.loc[part, MERGED].sum()
    none = found.loc[("ordinary", MERGED)]
    assert none["estimate"] == none["ci_low"] == 0
    assert 0.03 < none["ci_high"] < 0.12
    kept = undesired_shares(
        frame.iloc[:150], y.iloc[:150], ["group"], conf_level=0.95, minimum_conversations=60
    )
    assert set(kept["group"]) == {"adversarial"}
    gap = undesired_contrasts(frame, y, "group", "adversarial", "ordinary", conf_level=0.95)
    assert gap.set_index("outcome").loc[MERGED, "estimate"] == pytest.approx(by_hand)
    with pytest.raises(InputError, match="group 'other': no conversation"):
        undesired_contrasts(frame, y, "group", "other", "ordinary", conf_level=0.95)


def test_order_of_rows_does_not_matter() -> None:
    frame, said = invented()
    turned = frame.sample(frac=1, random_state=2).reset_index(drop=True)
    tables = [
        undesired_shares(
            one,
            undesired_outcomes(one, said.sample(frac=1, random_state=3), VALUES, "undesirable"),
            ["group"],
            conf_level=0.9,
        )
        for one in (frame, turned)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_cluster_scores_leave_the_conversation_out_and_shrink() -> None:
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(150), 4)
    level = rng.normal(0, 1, 150)[clusters]
    score = pd.Series(level + rng.normal(0, 1, 600))
    found = cluster_scores(score, pd.Series(clusters))
    others = (score.groupby(clusters).transform("sum") - score) / 3
    assert np.corrcoef(found, others)[0, 1] == pytest.approx(1.0, abs=1e-6)
    assert found.std() < others.std()
    error = ((found - level) ** 2).mean()
    assert error < ((others - level) ** 2).mean()
    changed = score.copy()
    changed.iloc[0] += 100
    moved = cluster_scores(changed, pd.Series(clusters))
    assert abs(moved.iloc[0] - moved.mean()) < abs(moved.iloc[1] - moved.mean())
    alone = cluster_scores(score, pd.Series(range(600)))
    assert alone.to_numpy() == pytest.approx(score.mean())


def test_scores_need_an_undesired_value() -> None:
    labels = pd.DataFrame(
        {"conversation_id": ["a"], "p_harmful_request": 0.2, "p_mild_support": 0.1,
         "p_strong_support": 0.1}
    )  # fmt: skip
    with pytest.raises(InputError, match="none of the 1 undesired values"):
        machine_scores(labels, pd.DataFrame({"conversation_id": ["a"]}), ["cruelty"])


def test_a_good_score_is_found_good_and_a_population_without_cases_left_out() -> None:
    frame, _ = invented(400)
    rng = np.random.default_rng(5)
    frame["undesired"] = ((frame["group"] == "adversarial") & (rng.random(400) < 0.3)).astype(int)
    for i, name in enumerate(SCORES):
        frame[name] = frame["undesired"] * (2 - i) + rng.normal(0, 1, 400)
    populations = {"all": frame["group"] != "", "quiet": frame["group"] == "ordinary"}
    areas, precision = warning_quality(frame, populations, [10, 20], conf_level=0.95)
    assert set(areas["population"]) == {"all"}
    assert areas.set_index("score")["estimate"].is_monotonic_decreasing
    assert areas["estimate"].iloc[-1] == pytest.approx(0.5, abs=0.08)
    assert len(precision) == 6
    best = precision[precision["score"] == SCORES[0]]
    assert (best["lift"] > 3).all()


def test_rarer_compliance_lowers_precision_not_recall() -> None:
    rng = np.random.default_rng(6)
    found = simulated_precision(
        pd.Series(rng.normal(3, 1, 300)), pd.Series(rng.normal(0, 1, 5000)), [10, 1000], [20, 100]
    ).set_index(["one_compliant_in", "one_in"])
    assert found.loc[(10, 100), "precision"] > 0.95
    assert found.loc[(1000, 20), "precision"] < 0.021
    assert found.loc[(1000, 20), "recall"] > 0.85
    exact = found["precision"] / found.index.get_level_values("one_in")
    other = found["recall"] / found.index.get_level_values("one_compliant_in")
    assert exact.to_numpy() == pytest.approx(other.to_numpy())
