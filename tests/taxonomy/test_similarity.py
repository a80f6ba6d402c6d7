"""Similarities lie in [0, 1] and equal what a slow, plain computation gives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.taxonomy.similarity import (
    cooccurrence_similarity,
    mixed_similarity,
    name_similarity,
)

NAMES = ["hope", "joy", "craft", "tact", "zeal"]
VALUES = st.lists(st.lists(st.sampled_from(NAMES), unique=True), min_size=1, max_size=30)


def _plain_cooccurrence(conversations: list[list[str]]) -> np.ndarray:
    """Cosine of positive PMI rows, from the definition, by loops."""
    times = {n: sum(n in c for c in conversations) for n in NAMES}
    common = [n for n in NAMES if times[n] >= 5]
    count = np.array(
        [[sum(a in c and b in c for c in conversations) if a != b else 0 for b in common]
         for a in NAMES], dtype=float,
    )  # fmt: skip
    total = count.sum()
    rows = np.zeros_like(count)
    for i in range(len(NAMES)):
        for j in range(len(common)):
            if count[i, j]:
                expected = count[i].sum() * count[:, j].sum() / total
                rows[i, j] = max(np.log(count[i, j] / expected), 0.0)
    length = np.linalg.norm(rows, axis=1)
    cosine = np.zeros((len(NAMES), len(NAMES)))
    for i in range(len(NAMES)):
        for j in range(len(NAMES)):
            if length[i] > 1e-12 and length[j] > 1e-12:
                cosine[i, j] = rows[i] @ rows[j] / (length[i] * length[j])
    return cosine


@settings(deadline=None, max_examples=60)
@given(VALUES)
def test_cooccurrence_equals_its_definition(conversations: list[list[str]]) -> None:
    rows = [(str(i), v) for i, values in enumerate(conversations) for v in values]
    if not rows:
        return
    table = pd.DataFrame(rows, columns=["conversation_id", "value"])
    found = cooccurrence_similarity(table)(NAMES, NAMES)
    plain = _plain_cooccurrence(conversations)
    assert np.allclose(found, plain, atol=1e-9) or _only_rounding(found, plain)


def _only_rounding(found: np.ndarray, plain: np.ndarray) -> bool:
    """A row whose information is zero but for rounding has no defined direction."""
    different = ~np.isclose(found, plain, atol=1e-9)
    return bool((np.isclose(found[different], 0) | np.isclose(plain[different], 0)).all())


def test_cooccurrence_ignores_the_order_of_rows_and_repeats() -> None:
    rng = np.random.default_rng(7)
    table = pd.DataFrame(
        {"conversation_id": rng.integers(0, 30, 200).astype(str), "value": rng.choice(NAMES, 200)}
    )
    shuffled = pd.concat([table, table]).sample(frac=1, random_state=1)
    assert np.allclose(
        cooccurrence_similarity(table)(NAMES, NAMES),
        cooccurrence_similarity(shuffled)(NAMES, NAMES),
    )


def test_a_value_never_seen_is_like_none() -> None:
    table = pd.DataFrame({"conversation_id": list("abc"), "value": ["hope"] * 3})
    assert cooccurrence_similarity(table)(["unheard of"], ["hope"]).tolist() == [[0.0]]


def test_names_are_most_like_themselves_whatever_the_spelling() -> None:
    names = ["child safety", "narrative craft", "child protection", "Child-Safety"]
    found = name_similarity(names, names)
    assert np.allclose(found, found.T)
    assert np.allclose(np.diag(found), 1.0)
    assert found[0, 3] == pytest.approx(1.0)
    assert found[0, 2] > found[0, 1]


def test_weights_of_a_mixture_count() -> None:
    def ones(queries, references):
        return np.ones((len(queries), len(references)))

    def zeros(queries, references):
        return np.zeros((len(queries), len(references)))

    assert mixed_similarity([(ones, 0.3), (zeros, 0.7)])(["a"], ["b"]).item() == pytest.approx(0.3)
