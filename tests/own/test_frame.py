"""From labels to a frame: clusters, dropped names, labels that did not end well."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.own import simulated
from valuescape.corpora.reading import Tally
from valuescape.errors import InputError
from valuescape.own.frame import own_frame
from valuescape.own.labels import Labelled, given_labels


@pytest.fixture
def labelled(tmp_path: Path) -> Labelled:
    tables = simulated.corpus(1, 80, 20, 1)
    return given_labels(simulated.write_corpus(tmp_path / "in", tables), None, None, Tally())


def with_known(labelled: Labelled, **columns: object) -> Labelled:
    known = labelled.known.assign(**columns)
    return Labelled(labelled.labels, labelled.expressions, known, labelled.labeller, ())


def test_users_are_the_clusters_else_prompts_else_conversations(labelled: Labelled) -> None:
    by_user = own_frame(labelled, private=True)
    assert (by_user.clusters, by_user.users_known) == ("users", True)
    assert by_user.conversations["prompt_group"].nunique() == labelled.known["user"].nunique()
    by_prompt = own_frame(with_known(labelled, user=""), private=True)
    assert (by_prompt.clusters, by_prompt.users_known) == ("prompts", False)
    alone = own_frame(with_known(labelled, user="", prompt=""), private=True)
    assert (alone.clusters, alone.users_known) == ("conversations", False)
    assert alone.conversations["prompt_group"].is_unique
    some = labelled.known["user"].where(labelled.known.index % 2 == 0, "")
    mixed = own_frame(with_known(labelled, user=some), private=True)
    assert mixed.clusters == "users, or prompts where no user is named"
    assert not mixed.users_known


def test_names_off_the_list_are_dropped_of_private_conversations_only(labelled: Labelled) -> None:
    said = labelled.expressions.copy()
    said.loc[said.index[:3], ["value", "value_raw"]] = "loyalty to aunt mildred"
    free = Labelled(labelled.labels, said, labelled.known, labelled.labeller, ())
    private, public = own_frame(free, private=True), own_frame(free, private=False)
    assert "loyalty to aunt mildred" not in set(private.nodes["name"])
    assert "loyalty to aunt mildred" in set(public.nodes["name"])
    (told,) = [row for row in private.skipped if row.what == "expressions of values"]
    assert told.n == 3
    assert "mildred" not in told.why


def test_labels_that_did_not_end_well_are_left_out_and_counted(labelled: Labelled) -> None:
    labels = labelled.labels.copy()
    labels.loc[labels.index[:4], "status"] = "refused"
    frame = own_frame(
        Labelled(labels, labelled.expressions, labelled.known, labelled.labeller, ()), private=True
    )
    assert len(frame.conversations) == len(labels) - 4
    assert [row.n for row in frame.skipped] == [4]


def test_values_lie_directly_under_headings(labelled: Labelled) -> None:
    nodes = own_frame(labelled, private=True).nodes
    assert set(nodes["level"]) == {0, 3}
    headings = set(nodes.loc[nodes["level"] == 3, "node_id"])
    assert set(nodes.loc[nodes["level"] == 0, "parent_id"]) <= headings
    assert "n" not in nodes


def test_no_value_at_all_is_said(labelled: Labelled) -> None:
    nothing = pd.DataFrame(columns=labelled.expressions.columns)
    empty = Labelled(labelled.labels, nothing, labelled.known, labelled.labeller, ())
    with pytest.raises(InputError, match="express no value"):
        own_frame(empty, private=True)
