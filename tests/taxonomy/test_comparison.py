"""Comparisons of trees equal plain computations and have their known ends."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.taxonomy.comparison import (
    agreement_of_trees,
    explained,
    fit_of_tree,
    neighbours_share,
    node_jaccard,
)
from valuescape.taxonomy.encoders import unit_rows

partitions = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1)


def _tree(**levels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"value_raw": [f"v{i}" for i in range(len(levels["level1"]))], **levels})


@given(partitions)
def test_jaccard_equals_its_definition(pairs: list[tuple[str, str]]) -> None:
    one, other = ([p[k] for p in pairs] for k in (0, 1))
    total = 0.0
    for node in set(one):
        inside = {i for i, n in enumerate(one) if n == node}
        others = [{i for i, n in enumerate(other) if n == m} for m in set(other)]
        best = max(len(inside & o) / len(inside | o) for o in others)
        total += len(inside) * best / len(one)
    assert node_jaccard(one, other) == pytest.approx(total)
    assert node_jaccard(one, one) == 1.0


@settings(deadline=None)
@given(st.integers(3, 40), st.integers(0, 9))
def test_neighbours_equal_a_loop(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = unit_rows(rng.normal(size=(n, 4)))
    nodes = pd.DataFrame({"level1": rng.choice(list("abcd"), n), "level2": rng.choice(["x"], n)})
    same = 0
    for i in range(n):
        nearest = max((j for j in range(n) if j != i), key=lambda j: points[i] @ points[j])
        same += nodes["level1"][i] == nodes["level1"][nearest]
    assert neighbours_share(points, nodes) == pytest.approx([same / n, 1.0])


def test_explained_share_and_silhouette_have_their_ends() -> None:
    points = unit_rows(np.repeat(np.eye(3), 4, axis=0) + 1e-6)
    right = [f"n{i // 4}" for i in range(12)]
    assert explained(points, right) == pytest.approx(1.0)
    assert explained(points, ["n"] * 12) == pytest.approx(0.0)
    assert explained(np.ones((3, 2)), list("abc")) == 0.0
    found = fit_of_tree(points, _tree(level1=right, level2=["m"] * 12, level3=["t"] * 12), "x")
    width = found[found["quantity"] == "silhouette"]
    assert width[["level", "estimate"]].round(6).to_numpy().tolist() == [[1, 1.0]]


def test_trees_are_compared_over_common_names_and_nodes_may_be_renamed() -> None:
    one = _tree(level1=list("aabbc"), level2=list("xxyyy"), level3=list("ttttt"))
    other = one.replace({"a": "q", "x": "r"}).iloc[::-1]
    found = agreement_of_trees(one, other, "same")
    assert (found["estimate"] == 1.0).all()
    assert len(found) == 6
    assert (agreement_of_trees(one, other.iloc[:4], "part")["n"] == 4).all()
    with pytest.raises(ValueError, match="1 names in common"):
        agreement_of_trees(one, other.iloc[:1], "one")
