"""Names go to a listed value, else to the nearest node of their polarity, or nowhere."""

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.store import read_table
from valuescape.taxonomy.embedding import Embedding, stem_embedding
from valuescape.taxonomy.matching import MATCH_COLUMNS, as_target, match_names, read_tree

PATH = ROOT / "data" / "results" / "taxonomy" / "taxonomy.csv"
ASKED = ["Honesty", "truth telling", "bicycle safety", "xyzzy", "harm enabling", "cruel mockery"]


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    """Two headings, one of each polarity, with three values in each of four nodes."""
    rows = [("t-good", "Good", 3, "", "desirable"), ("t-bad", "Bad", 3, "", "undesirable"),
            ("f-good", "Fine", 2, "t-good", "desirable"),
            ("f-bad", "Foul", 2, "t-bad", "undesirable")]  # fmt: skip
    for node, parent, polarity in (("care", "good", "desirable"), ("truth", "good", "desirable"),
                                   ("cruelty", "bad", "undesirable"),
                                   ("deceit", "bad", "undesirable")):  # fmt: skip
        rows.append((node, node.capitalize(), 1, f"f-{parent}", polarity))
        rows += [(f"value-{node}-{i}", f"{node} {i}", 0, node, polarity)
                 for i in ("one", "two", "three")]  # fmt: skip
    columns = ["node_id", "name", "level", "parent_id", "polarity"]
    return pd.DataFrame(rows, columns=columns).assign(description="", n=1)


def test_listed_names_in_any_spelling_go_to_their_value(small) -> None:
    found = match_names(["Care-One", "truth two"], as_target(small), stem_embedding())
    assert tuple(found.columns) == MATCH_COLUMNS
    assert found["node_id"].tolist() == ["value-care-one", "value-truth-two"]
    assert found["level3"].tolist() == ["t-good"] * 2
    assert (found["score"] == 1.0).all()


def test_scores_equal_a_plain_computation_and_polarity_is_kept(small) -> None:
    rng = np.random.default_rng(1)
    target = as_target(small)
    names = ["kindly act", "cruel act"]
    place = {n: rng.normal(size=6) for n in [*names, *target.leaves["name"]]}
    place = {n: v / np.linalg.norm(v) for n, v in place.items()}
    embedding = Embedding("made", lambda asked: np.vstack([place[n] for n in asked]), None, 0.0)
    found = match_names(names, target, embedding, n_neighbours=2).set_index("value_raw")
    for name, polarity in (("kindly act", "desirable"), ("cruel act", "undesirable")):
        leaves = target.leaves[target.leaves["polarity"] == polarity]
        scores = {
            node: sum(sorted(max(0.0, place[name] @ place[v]) for v in part["name"])[-2:]) / 2
            for node, part in leaves.groupby("level1")
        }
        best = max(scores, key=scores.get)
        assert found.loc[name, "level1"] == best
        assert found.loc[name, "score"] == pytest.approx(scores[best])
        assert found.loc[name, "margin"] == pytest.approx(scores[best] - min(scores.values()))
        assert found.loc[name, "polarity"] == polarity


def test_each_option_counts(small) -> None:
    target, names = as_target(small), ["careful truth", "deceitful cruelty"]
    base = match_names(names, target, stem_embedding(), least_score=0.0)
    assert (base["placed"] == "computed").all()
    none = match_names(names, target, stem_embedding(), least_score=1.0)
    assert (none["placed"] == "unmapped").all()
    assert (none[["node_id", "level1", "level2", "level3", "value"]] == "").all(axis=None)
    assert none["score"].tolist() == base["score"].tolist()
    again = match_names(names[::-1], target, stem_embedding(), least_score=0.0)
    pd.testing.assert_frame_equal(base, again)
    nearest = match_names(names, target, stem_embedding(), least_score=0.0, n_neighbours=1)
    assert (nearest["score"] > base["score"]).all()
    with pytest.raises(InputError, match="least score: 2 is not allowed"):
        match_names(names, target, stem_embedding(), least_score=2.0)


def test_the_study_s_tree_takes_new_names_and_bins_the_rest() -> None:
    tree = read_tree(PATH)
    found = match_names(ASKED, tree, stem_embedding()).set_index("value_raw")
    assert found.loc["Honesty", ["value", "placed"]].tolist() == ["honesty", "listed"]
    assert found.loc["harm enabling", "value"] == "enabling harm"
    assert found.loc["bicycle safety", ["level1", "placed"]].tolist() == ["safety", "computed"]
    assert found.loc["cruel mockery", "polarity"] == "undesirable"
    assert found.loc["xyzzy", ["placed", "level3"]].tolist() == ["unmapped", ""]


def test_every_value_of_a_tree_is_mapped_to_itself() -> None:
    nodes = read_table(PATH, "taxonomy")
    leaves = nodes[nodes["level"] == 0]
    found = match_names(leaves["name"], as_target(nodes), stem_embedding())
    own = leaves.set_index("name")["node_id"]
    assert (found["node_id"].to_numpy() == own[found["value_raw"]].to_numpy()).all()


def test_a_broken_tree_is_refused(small, tmp_path) -> None:
    for change, said in (
        ({"parent_id": "nowhere"}, "parent of node"),
        ({"parent_id": "t-good"}, "parent of node"),
    ):
        broken = small.assign(**change)
        with pytest.raises(InputError, match=said):
            as_target(broken)
    with pytest.raises(InputError, match="no node of level 0"):
        as_target(small[small["level"] > 0])
    unnamed = small.assign(name=small["name"].where(small["level"] > 0, "--"))
    with pytest.raises(InputError, match=r"tree: node '.*': value name '--'"):
        as_target(unnamed)
    with pytest.raises(InputError, match="no such file"):
        read_tree(tmp_path / "taxonomy.csv")
