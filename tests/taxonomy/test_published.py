"""Against the list and tree released with Huang et al. (2025), which we did not make."""

import pandas as pd
import pytest

from tests.paths import SHARED, needs_shared
from valuescape.taxonomy.names import normal_key, spelling_twins
from valuescape.taxonomy.placement import assignments, groups

pytestmark = needs_shared
PUBLISHED = SHARED / "published"


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    tree = pd.read_csv(PUBLISHED / "values_tree.csv", keep_default_na=False)
    node = tree.set_index("cluster_id")
    leaves = tree[tree["level"] == 0].assign(key=lambda t: t["name"].map(normal_key))
    leaves = leaves.sort_values("pct_total_occurrences", ascending=False).drop_duplicates("key")
    up = leaves["parent_cluster_id"]
    theirs = {"their1": up, "their2": up.map(node["parent_cluster_id"])}
    theirs["their3"] = theirs["their2"].map(node["parent_cluster_id"])
    leaves = leaves.assign(**theirs, heading=theirs["their3"].map(node["name"]))
    ours = assignments().merge(leaves, on="key")
    table = groups()
    level2 = ours["group"].map(table["parent_id"])
    level3 = level2.map(table["parent_id"])
    return ours.assign(
        our1=ours["group"],
        our2=level2,
        our3=level3,
        our_heading=level3.map(table["name"]),
        polarity=ours["group"].map(table["polarity"]),
    )


def test_all_published_spelling_twins_are_found_and_few_others() -> None:
    names = pd.read_csv(PUBLISHED / "values_frequencies.csv", keep_default_na=False)["value"]
    known = pd.read_csv(PUBLISHED / "published_near_duplicate_groups.csv")["variants"]
    pairs = {tuple(sorted(pair.split(" | "))) for pair in known}
    found = set(spelling_twins(names))
    assert len(pairs) == 33
    assert pairs <= found
    assert found - pairs == {
        ("backward compatibility", "backwards compatibility"),
        ("educational value", "educational values"),
        ("inclusiveness", "inclusivity"),
        ("proactiveness", "proactivity"),
        ("sustainable practice", "sustainable practices"),
    }


def test_desirable_values_mostly_share_the_published_heading(compared) -> None:
    desirable = compared[compared["polarity"] == "desirable"]
    assert len(desirable) > 700
    same = desirable["our_heading"] == desirable["heading"]
    weight = desirable["pct_total_occurrences"]
    assert same.mean() > 0.7
    assert weight[same].sum() / weight.sum() > 0.75


def test_partitions_agree_far_beyond_chance(compared) -> None:
    from sklearn.metrics import adjusted_rand_score

    desirable = compared[compared["polarity"] == "desirable"]
    for level, least in ((1, 0.2), (2, 0.2), (3, 0.45)):
        found = adjusted_rand_score(desirable[f"our{level}"], desirable[f"their{level}"])
        assert found > least


def test_undesirable_names_that_the_released_tree_files_as_protective_are_not_so_here(
    compared,
) -> None:
    moved = compared[(compared["heading"] == "Protective values")].set_index("value")
    for name in ("cruelty", "exploitation", "manipulation", "sadism", "harm"):
        assert moved.loc[name, "polarity"] == "undesirable"
