"""The tree over all released readings: whole, of one polarity a branch, deterministic."""

import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.corpora.readings import load_readings
from valuescape.errors import InputError
from valuescape.taxonomy.merging import check_spellings
from valuescape.taxonomy.quality import QUALITY_KEY, quality_report
from valuescape.taxonomy.similarity import name_similarity
from valuescape.taxonomy.tree import Taxonomy, build_taxonomy
from valuescape.taxonomy.values import normalise_values, roll_up


@pytest.fixture(scope="module")
def expressions() -> pd.DataFrame:
    return load_readings(ROOT / "data" / "labels").expressions


@pytest.fixture(scope="module")
def tree(expressions: pd.DataFrame) -> Taxonomy:
    return build_taxonomy(expressions, 0.12, name_similarity)


def test_every_value_read_has_one_chain_to_a_heading(tree, expressions) -> None:
    assert set(tree.places["value_raw"]) == set(expressions["value"])
    assert tree.places["value_raw"].is_unique
    parent = tree.nodes.set_index("node_id")["parent_id"]
    assert parent.index.is_unique
    level = tree.nodes.set_index("node_id")["level"]
    for row in tree.places.drop_duplicates("value").itertuples():
        chain = [row.node_id, row.level1, row.level2, row.level3]
        assert [level[node] for node in chain] == [0, 1, 2, 3]
        assert [parent[node] for node in chain] == [*chain[1:], ""]


def test_no_heading_holds_two_polarities(tree) -> None:
    assert not tree.places[["level3", "polarity"]].drop_duplicates()["level3"].duplicated().any()
    desirable = tree.nodes.query("level == 3 and polarity == 'desirable'")["node_id"]
    assert len(desirable) == 5
    under = tree.places[tree.places["level3"].isin(desirable)]
    assert set(under["polarity"]) == {"desirable"}


def test_sizes_equal_a_plain_count(tree, expressions) -> None:
    said = expressions.query("party == 'assistant' and labeller == 'reading-closed-1'")
    value = tree.places.set_index("value_raw")
    sizes = tree.nodes.set_index("node_id")["n"]
    for node, column in (
        ("value-enabling-harm", "node_id"),
        ("clarity", "level1"),
        ("harm", "level2"),
        ("social-values", "level3"),
    ):
        mine = said["value"].map(value[column]) == node
        assert sizes[node] == said.loc[mine, "conversation_id"].nunique()


def test_a_node_is_at_least_as_large_as_its_largest_child(tree) -> None:
    nodes = tree.nodes.set_index("node_id")
    children = nodes[nodes["parent_id"] != ""]
    largest = children.groupby("parent_id")["n"].max()
    total = children.groupby("parent_id")["n"].sum()
    above = nodes.loc[largest.index, "n"]
    assert ((above >= largest) & (above <= total)).all()


def test_released_readings_hold_no_twins_in_one_conversation(expressions) -> None:
    check_spellings(expressions, "expressions.csv")


def test_merged_names_are_listed_with_reasons(tree) -> None:
    changed = tree.places[tree.places["value_raw"] != tree.places["value"]]
    assert set(changed["value_raw"]) == set(tree.merged["value_raw"])
    assert tree.merged["reason"].str.match("^(spelling$|synonym: .)").all()


def test_the_order_of_rows_makes_no_difference(tree, expressions) -> None:
    other = build_taxonomy(expressions.sample(frac=1, random_state=3), 0.12, name_similarity)
    pd.testing.assert_frame_equal(tree.nodes, other.nodes)
    pd.testing.assert_frame_equal(tree.places, other.places)
    pd.testing.assert_frame_equal(tree.merged, other.merged)


def test_new_names_are_filed_or_binned_within_their_polarity() -> None:
    said = pd.DataFrame(
        {
            "conversation_id": ["a"] * 4,
            "labeller": "reading-closed-1",
            "party": "assistant",
            "value": ["bicycle safety", "xyzzy", "enabling xyzzy", "qwyx torture"],
        }
    )
    tree = build_taxonomy(said, 0.12, name_similarity)
    found = tree.places.set_index("value")
    assert found.loc["bicycle safety", ["level1", "placed"]].tolist() == ["safety", "computed"]
    assert found.loc["enabling xyzzy", "level1"] == "enabling-harm"
    assert found.loc["xyzzy", ["placed", "level3"]].tolist() == [
        "unassigned",
        "unassigned-desirable-3",
    ]
    assert found.loc["qwyx torture", "polarity"] == "undesirable"
    assert not found["judged"].any()
    rolled = roll_up(normalise_values(said, tree.places), tree.places, 3)
    assert set(rolled["node_id"]) <= set(tree.nodes["node_id"])


def test_labeller_decides_whose_conversations_are_counted(expressions, tree) -> None:
    other = build_taxonomy(expressions, 0.12, name_similarity, labeller="reading-closed-2")
    assert other.nodes["n"].sum() < tree.nodes["n"].sum()
    assert (other.nodes["node_id"] == tree.nodes["node_id"]).all()


def test_no_expressions_are_refused(expressions) -> None:
    with pytest.raises(InputError, match="no rows"):
        build_taxonomy(expressions.iloc[:0], 0.12)


def test_quality_report_counts_what_is_there(tree) -> None:
    report = quality_report(tree, {"names": name_similarity})
    assert not report.duplicated(QUALITY_KEY).any()
    found = report.set_index(QUALITY_KEY)["estimate"]
    assert found["nodes", 0, "count"] == tree.places["value"].nunique()
    assert found["single_child_nodes", 2, "count"] == 0
    assert found["names_merged", -1, "spelling or synonym"] == len(tree.merged)
    accuracy = [found["placement_accuracy", level, "names"] for level in (1, 2, 3)]
    assert accuracy == sorted(accuracy)
    assert accuracy[0] > 0.5
