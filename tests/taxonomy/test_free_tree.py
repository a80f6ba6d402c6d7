"""A tree over any names: whole, of one polarity a branch, the same in any order."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from valuescape.errors import InputError
from valuescape.store import read_table
from valuescape.taxonomy.embedding import Embedding, stem_embedding
from valuescape.taxonomy.encoders import unit_rows
from valuescape.taxonomy.free_tree import ValueTree, build_tree

TOPICS = ("honesty", "safety", "beauty", "thrift", "cruelty", "deception")
NAMES = [f"{topic} {place}" for topic in TOPICS for place in ("at home", "at work", "in games",
         "in trade", "in law", "at sea")]  # fmt: skip
SCRIPTS = ["诚实", "честность", "εντιμότητα", "正直さ", "정직", "الصدق", "ईमानदारी", "naïveté"]


def planted(noise: float = 0.3) -> tuple[Embedding, dict[str, int]]:
    """Twelve groups of ten invented names that lie together."""
    rng = np.random.default_rng(5)
    names = [f"virtue {a}{b}" for a in "abcdefghijkl" for b in "mnopqrstuv"]
    truth = dict(zip(names, np.repeat(np.arange(12), 10), strict=True))
    centres = rng.normal(size=(12, 20))
    points = unit_rows(centres[list(truth.values())] + noise * rng.normal(size=(120, 20)))
    place = dict(zip(names, points, strict=True))
    return Embedding(
        "planted", lambda asked: np.vstack([place[n] for n in asked]), None, 0.3
    ), truth


def check_whole(tree: ValueTree) -> None:
    nodes = tree.nodes.set_index("node_id")
    assert nodes.index.is_unique
    for level in (1, 2, 3):
        assert not nodes.loc[nodes["level"] == level, "name"].str.casefold().duplicated().any()
    for row in tree.places.itertuples():
        chain = [row.node_id, row.level1, row.level2, row.level3]
        assert [nodes.loc[node, "level"] for node in chain] == [0, 1, 2, 3]
        assert [nodes.loc[node, "parent_id"] for node in chain] == [*chain[1:], ""]
        assert {nodes.loc[node, "polarity"] for node in chain} == {row.polarity}
    children = nodes[nodes["level"] < 3]
    sums = children.groupby("parent_id")["n"].sum()
    assert (nodes.loc[sums.index, "n"] == sums).all()
    assert nodes.loc[nodes["level"] == 3, "n"].sum() == tree.places["n"].sum()


def test_planted_groups_are_recovered_whatever_the_order() -> None:
    embedding, truth = planted()
    tree = build_tree(list(truth), embedding=embedding, sizes=[12, 4, 2])
    check_whole(tree)
    found = tree.places.set_index("value_raw")["level1"]
    assert adjusted_rand_score([truth[n] for n in found.index], found) == 1.0
    again = build_tree(list(truth)[::-1], embedding=embedding, sizes=[12, 4, 2])
    pd.testing.assert_frame_equal(tree.nodes, again.nodes)
    pd.testing.assert_frame_equal(tree.places, again.places)


def test_by_words_alone_topics_stay_together_and_polarities_apart() -> None:
    tree = build_tree(NAMES, sizes=[9, 4, 2])
    check_whole(tree)
    polarity = tree.places.set_index("value_raw")["polarity"]
    assert polarity["cruelty at sea"] == "undesirable"
    assert polarity["beauty at sea"] == "desirable"
    tops = tree.nodes[tree.nodes["level"] == 3]
    assert set(tops["polarity"]) == {"desirable", "undesirable"}


def test_any_script_duplicates_spellings_and_counts(tmp_path) -> None:
    often = dict.fromkeys([*SCRIPTS, *NAMES], 1) | {"Beauty-at-sea": 9, "harm enabling": 2}
    tree = build_tree(often)
    check_whole(tree)
    places = tree.places.set_index("value_raw")
    assert places.loc["beauty at sea", ["value", "reason"]].tolist() == [
        "Beauty-at-sea",
        "spelling",
    ]
    assert places.loc["harm enabling", "value"] == "enabling harm"
    assert tree.places["n"].sum() == sum(often.values())
    tree.nodes.to_csv(tmp_path / "taxonomy.csv", index=False)
    assert len(read_table(tmp_path / "taxonomy.csv", "taxonomy")) == len(tree.nodes)


def test_near_names_are_merged_where_the_embedding_has_a_threshold() -> None:
    embedding, truth = planted(noise=0.01)
    merging = Embedding("planted", embedding.encode, 0.95, 0.3)
    tree = build_tree({name: 1 + (name[-1] == "q") for name in truth}, embedding=merging)
    assert tree.places["value"].nunique() == 12
    assert tree.places["value"].str.endswith("q").all()
    near = tree.places[tree.places["value"] != tree.places["value_raw"]]
    assert near["reason"].str.fullmatch(r"near: cosine of at least 0\.95 \(planted\)").all()


def test_each_option_changes_the_tree() -> None:
    embedding, truth = planted(noise=1.5)
    base = build_tree(truth.keys(), embedding=embedding)
    assert (base.nodes["level"] == 3).sum() == 5
    two = build_tree(truth.keys(), embedding=embedding, n_headings=2)
    assert (two.nodes["level"] == 3).sum() == 2
    part = {"embedding": embedding, "sizes": [12, 4, 2], "most_points_of_ward": 40}
    one, other = (build_tree(truth.keys(), seed=seed, **part) for seed in (1, 2))
    assert not one.places["level1"].equals(other.places["level1"])
    words = build_tree(truth.keys(), embedding=stem_embedding())
    assert not words.places["level1"].equals(base.places["level1"])


@pytest.mark.parametrize("names", [["hope"], ["hope"] * 20, ["hope", "Hope", "zeal"]])
def test_too_few_values_are_refused(names: list[str]) -> None:
    with pytest.raises(InputError, match="distinct values; a tree of four levels needs at least 8"):
        build_tree(names)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sizes": [19, 4, 2]}, "sizes: 19, 4, 2 of 36 values"),
        ({"sizes": [9, 5, 2]}, "each at least 1 and at most half"),
        ({"sizes": [9, 4]}, "three numbers are needed"),
        ({"sizes": [9, 4, 0]}, "at least 1"),
        ({"n_headings": 0}, "headings: 0 of 36 values; allowed is 1 to 4"),
        ({"n_headings": 9}, "headings: 9"),
    ],
)
def test_sizes_that_make_no_tree_are_refused(options: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        build_tree(NAMES, **options)


@pytest.mark.slow
def test_fifty_thousand_names_are_arranged() -> None:
    rng = np.random.default_rng(0)
    names = [f"value {i:05d}" for i in range(50_000)]
    place = {name: i for i, name in enumerate(names)}
    points = unit_rows(rng.normal(size=(800, 24))[rng.integers(0, 800, 50_000)]
                       + 0.2 * rng.normal(size=(50_000, 24)))  # fmt: skip
    embedding = Embedding("made", lambda asked: points[[place[n] for n in asked]], None, 0.3)
    tree = build_tree(names, embedding=embedding)
    levels = tree.nodes["level"].value_counts()
    assert (levels[0], levels[3]) == (50_000, 5)
