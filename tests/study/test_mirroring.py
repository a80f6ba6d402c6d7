"""Mirroring against random shuffles, loops and planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from valuescape.counts.frame import Presence
from valuescape.study.mirroring import expected_mirroring, mirrored, mirroring_table

STANCES = {"any": ("mild_support", "reframing"), "support": ("mild_support",)}


def laid_out(matrix: np.ndarray) -> Presence:
    names = np.array([f"v{j}" for j in range(matrix.shape[1])])
    return Presence(sparse.csr_array(matrix.astype(float)), names)


matrices = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        *(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=n, max_size=n),) * 2,
        *(st.lists(st.integers(0, 2), min_size=n, max_size=n),) * 2,
    )
)


@given(matrices)
def test_expectation_is_the_mean_over_all_partners(data) -> None:  # type: ignore[no-untyped-def]
    said, wanted, cell, cluster = (np.array(part) for part in data)
    found = expected_mirroring(laid_out(said), laid_out(wanted), cell, cluster)
    for i in range(len(cell)):
        partners = [j for j in range(len(cell)) if cell[j] == cell[i] and cluster[j] != cluster[i]]
        if not wanted[i].any() or not partners:
            assert np.isnan(found[i])
        else:
            hits = [bool((said[j] & wanted[i]).any()) for j in partners]
            assert found[i] == pytest.approx(np.mean(hits))


def test_expectation_is_that_of_random_exchanges_within_cells() -> None:
    """With clusters of one the exchange is a shuffle in which nobody keeps their own."""
    rng = np.random.default_rng(3)
    n = 24
    said, wanted = rng.random((n, 4)) < 0.4, rng.random((n, 4)) < 0.4
    cell = np.repeat([0, 1, 2], 8)
    expected = expected_mirroring(laid_out(said), laid_out(wanted), cell, np.arange(n))
    hits, rounds = np.zeros(n), 0
    while rounds < 4000:
        order = np.concatenate([rng.permutation(np.flatnonzero(cell == c)) for c in range(3)])
        fixed = order == np.arange(n)
        hits += np.where(fixed, 0, (said[order] & wanted).any(axis=1))
        rounds += 1
    moved = rounds * 7 / 8
    asked = wanted.any(axis=1)
    np.testing.assert_allclose(hits[asked] / moved, expected[asked], atol=0.035)
    assert np.isnan(expected[~asked]).all()


def test_mirroring_needs_the_same_names() -> None:
    one = laid_out(np.eye(2))
    other = Presence(one.matrix, np.array(["a", "b"]))
    with pytest.raises(ValueError, match="different names"):
        mirrored(one, other)
    assert mirrored(one, one).tolist() == [True, True]


def simulated(seed: int, copies: float, n: int = 900) -> tuple[pd.DataFrame, Presence, Presence]:
    """Users name one of ten values; assistants copy it with a probability, else name any."""
    rng = np.random.default_rng(seed)
    wanted = np.eye(10)[rng.integers(0, 10, n)]
    wanted[rng.random(n) < 0.3] = 0
    said = np.eye(10)[rng.integers(0, 10, n)]
    copied = (rng.random(n) < copies) & wanted.any(axis=1)
    said[copied] = wanted[copied]
    frame = pd.DataFrame(
        {
            "group": "ordinary",
            "task_type": rng.choice(["advice", "code"], n),
            "response_type": rng.choice(["mild_support", "reframing"], n),
            "prompt_group": [f"g{i // 2}" for i in range(n)],
            "reader": rng.choice([f"r{i}" for i in range(12)], n),
            "weight": rng.uniform(1, 3, n),
        }
    )
    return frame, laid_out(said), laid_out(wanted)


@pytest.mark.parametrize("copies", [0.0, 0.5])
def test_planted_copying_is_the_excess(copies: float) -> None:
    frame, said, wanted = simulated(8, copies)
    table = mirroring_table(frame, said, wanted, STANCES, conf_level=0.95)
    rows = table[table["stance"] == "any"].set_index("quantity")["estimate"]
    asked = np.asarray(wanted.matrix.sum(axis=1)).ravel() > 0
    hit = mirrored(said, wanted)
    assert rows["observed"] == pytest.approx(np.average(hit[asked], weights=frame["weight"][asked]))
    assert rows["observed_all"] == pytest.approx(np.average(hit, weights=frame["weight"]))
    assert rows["excess"] == pytest.approx(rows["observed"] - rows["expected"])
    assert rows["expected"] == pytest.approx(0.1, abs=0.03)
    assert rows["excess"] == pytest.approx(copies * 0.9, abs=0.08)
    excess = table[(table["stance"] == "any") & (table["quantity"] == "excess")].iloc[0]
    assert (excess["ci_low"] > 0) == (copies > 0)


def test_rows_of_the_table() -> None:
    frame, said, wanted = simulated(9, 0.2, n=300)
    table = mirroring_table(frame, said, wanted, STANCES, conf_level=0.95)
    assert not table.duplicated(["group", "stance", "quantity"]).any()
    assert (table["ci_low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["ci_high"]).all()
    support = table[(table["stance"] == "support") & (table["quantity"] == "observed_all")]
    assert support["n"].item() == (frame["response_type"] == "mild_support").sum()
    narrower = mirroring_table(frame, said, wanted, STANCES, conf_level=0.8)
    assert (narrower["ci_low"] >= table["ci_low"]).all()


def test_a_part_with_one_reader_or_prompt_group_is_left_out() -> None:
    frame, said, wanted = simulated(9, 0.2, n=60)
    for column in ("reader", "prompt_group"):
        alone = frame.assign(**{column: "only"})
        assert mirroring_table(alone, said, wanted, STANCES, conf_level=0.95).empty
