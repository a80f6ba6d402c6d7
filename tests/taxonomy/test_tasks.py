"""Kinds of task: nested cuts, named by their medoids, blind to the order of rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.metrics import adjusted_rand_score

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.store import read_columns, read_table
from valuescape.taxonomy.tasks import build_task_taxonomy, cluster_tasks, task_stability


def planted(n_kinds: int, per_kind: int, noise: float, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    centres = np.eye(n_kinds).repeat(per_kind, axis=0)
    names = [f"kind {k} phrase {i}" for k in range(n_kinds) for i in range(per_kind)]
    return pd.DataFrame(centres + noise * rng.normal(size=centres.shape), index=names)


def labels_of(embeddings: pd.DataFrame) -> pd.DataFrame:
    ids = [f"c{i}" for i in range(len(embeddings))]
    first = pd.DataFrame({"conversation_id": ids, "labeller": "a", "task": embeddings.index})
    return pd.concat([first, first.assign(labeller="b")])


def test_planted_kinds_are_found() -> None:
    found = cluster_tasks(planted(6, 20, 0.05), [6, 3])
    assert adjusted_rand_score(found[:, 0], np.repeat(np.arange(6), 20)) == 1.0


@given(st.integers(0, 10_000), st.integers(4, 12), st.integers(2, 4))
@settings(max_examples=25, deadline=None)
def test_cuts_are_nested_and_equal_another_cutter(seed: int, fine: int, coarse: int) -> None:
    points = pd.DataFrame(np.random.default_rng(seed).normal(size=(40, 5)))
    found = cluster_tasks(points, [fine, coarse])
    pairs = np.unique(found, axis=0)
    assert len(pairs) == len(np.unique(found[:, 0])) == fine
    unit = points.to_numpy() / np.linalg.norm(points.to_numpy(), axis=1, keepdims=True)
    other = cut_tree(linkage(unit, "ward"), n_clusters=[fine, coarse])
    for ours, theirs in zip(found.T, other.T, strict=True):
        assert adjusted_rand_score(ours, theirs) == 1.0
    assert (np.diff(np.bincount(found[:, 0])) <= 0).all()


@pytest.mark.parametrize("sizes", [[1, 2], [200, 2], [2, 3]])
def test_sizes_that_do_not_fit_are_refused(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="must fall and lie between 2 and 40"):
        cluster_tasks(planted(4, 10, 0.1), sizes)


def test_nodes_are_named_by_their_medoid_and_counted() -> None:
    embeddings = planted(4, 5, 0.02)
    found = build_task_taxonomy(labels_of(embeddings), embeddings, [4, 2])
    fine = found.nodes[found.nodes["level"] == 1]
    assert sorted(fine["n"]) == [5, 5, 5, 5]
    assert found.nodes.loc[found.nodes["level"] == 2, "n"].sum() == 20
    assert set(fine["parent_id"]) <= set(found.nodes.loc[found.nodes["level"] == 2, "node_id"])
    kinds = found.places.groupby("name")["task"].agg(lambda t: t.str.slice(0, 6).nunique())
    assert (kinds == 1).all()
    assert all(name in set(embeddings.index) for name in found.nodes["name"])


def test_the_order_of_rows_changes_nothing() -> None:
    embeddings = planted(5, 8, 0.4)
    first = build_task_taxonomy(labels_of(embeddings), embeddings, [7, 3])
    mixed = embeddings.sample(frac=1, random_state=3)
    again = build_task_taxonomy(labels_of(embeddings).sample(frac=1, random_state=1), mixed, [7, 3])
    pd.testing.assert_frame_equal(first.nodes, again.nodes)
    pd.testing.assert_frame_equal(first.places, again.places)


def test_a_phrase_without_embedding_or_with_two_is_named() -> None:
    embeddings = planted(2, 4, 0.1)
    with pytest.raises(InputError, match=r"'kind 0 phrase 0' has none \(1 phrases"):
        build_task_taxonomy(labels_of(embeddings), embeddings.iloc[1:], [3, 2])
    twice = pd.concat([embeddings, embeddings.iloc[:1]])
    with pytest.raises(InputError, match="'kind 0 phrase 0' occurs twice"):
        build_task_taxonomy(labels_of(embeddings), twice, [3, 2])


def test_stability_tells_planted_kinds_from_noise() -> None:
    clear, none = planted(5, 12, 0.05), planted(5, 12, 20.0)
    plan = {"n_resamples": 4, "share": 0.8, "seed": 1}
    good = task_stability(labels_of(clear), clear, [5, 3], **plan)
    bad = task_stability(labels_of(none), none, [5, 3], **plan)
    both = good.merge(bad, on=["level", "method"], suffixes=("_good", "_bad"))
    parts = both[both["method"] == "parts of the phrases"]
    fine = parts[parts["level"] == 1]
    assert (fine["estimate_good"] > 0.99).all()
    assert (fine["estimate_bad"] < 0.8).all()
    assert (good.loc[good["method"] == "two readings", "estimate"] == 1.0).all()


def test_every_phrase_read_has_a_shipped_embedding() -> None:
    tasks = read_table(ROOT / "data/labels/labels.csv", "readings")["task"]
    shipped = read_columns(ROOT / "data/labels/embeddings/tasks.parquet", ["task"])
    assert set(tasks) == set(shipped["task"])
    assert not shipped["task"].duplicated().any()
    assert (shipped.drop(columns="task").dtypes == np.int8).all()
