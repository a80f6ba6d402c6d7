"""Judged places are kept; the others follow likeness within their polarity."""

import numpy as np
import pytest

from valuescape.taxonomy.merging import synonyms
from valuescape.taxonomy.names import read_rules
from valuescape.taxonomy.placement import (
    assignments,
    group_scores,
    groups,
    leave_one_out,
    place_values,
)
from valuescape.taxonomy.similarity import name_similarity


def test_every_judged_place_is_a_group_and_no_value_has_two() -> None:
    table = assignments()
    assert table["key"].is_unique
    assert set(table["group"]) == set(groups().query("level == 1").index)
    assert not set(table["key"]) & set(synonyms())


def test_tree_has_no_orphans_no_single_children_and_the_asked_sizes() -> None:
    table = groups()
    assert table["level"].value_counts().to_dict() == {1: 78, 2: 22, 3: 8}
    assert table["name"].is_unique
    children = table["parent_id"].value_counts().drop("")
    assert set(children.index) == set(table.query("level > 1").index)
    assert children.min() >= 2
    assert (table["description"].str.len() > 10).all()
    assert len(read_rules("groups.csv")) == table.index.nunique()


def test_the_five_desirable_headings_are_the_published_ones() -> None:
    headings = groups().query("level == 3 and polarity == 'desirable'")["name"]
    assert set(headings) == {
        f"{name} values" for name in ("Practical", "Epistemic", "Social", "Protective", "Personal")
    }


def test_scores_are_means_over_the_nearest_members() -> None:
    similarity = np.array([[0.1, 0.9, 0.4, 0.8], [0.0, 0.0, 0.5, 0.5]])
    found = group_scores(similarity, np.array([0, 0, 0, 1]), 2, n_neighbours=2)
    assert np.allclose(found, [[0.65, 0.4], [0.25, 0.25]])


@pytest.mark.parametrize("name", ["dominance of the market by women", "harmless torture"])
def test_an_undesirable_name_is_filed_among_undesirable_ones(name: str) -> None:
    placed = place_values([name], ["undesirable"], name_similarity, 0.0)
    assert groups().loc[placed["level1"].item(), "polarity"] == "undesirable"


def test_each_option_changes_the_result() -> None:
    names, polarity = ["bicycle safety"], ["desirable"]
    base = place_values(names, polarity, name_similarity, 0.0)
    assert base["placed"].item() == "computed"
    refused = place_values(names, polarity, name_similarity, 0.99)
    assert (refused["placed"].item(), refused["level1"].item()) == ("unassigned", "")
    assert refused["score"].item() == base["score"].item()
    nearer = place_values(names, polarity, name_similarity, 0.0, n_neighbours=1)
    assert nearer["score"].item() > base["score"].item()


def test_leaving_out_beats_guessing_and_never_crosses_polarity() -> None:
    tried = leave_one_out(name_similarity)
    polarity = groups()["polarity"]
    assert (tried["judged"].map(polarity) == tried["computed"].map(polarity)).all()
    commonest = tried["judged"].value_counts(normalize=True).iloc[0]
    assert (tried["judged"] == tried["computed"]).mean() > 0.5 > 10 * commonest
