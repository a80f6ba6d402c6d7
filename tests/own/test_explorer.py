"""The explorer of someone's own conversations: two levels, hidden numbers told as such."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pandas as pd
import pytest

from tests.own import simulated
from tests.own.test_contents import frame_of
from valuescape.own.contents import own_contents
from valuescape.own.explorer import own_explorer
from valuescape.own.floors import Floors
from valuescape.report.own.contents import Contents


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Contents, pd.DataFrame]:
    frame = frame_of(
        tmp_path_factory.mktemp("explorer"), simulated.corpus(2, 300, 200, 1), private=True
    )
    return own_contents(frame, Floors(), "simulated"), frame.nodes


def data(page: str | None) -> dict[str, Any]:
    assert page is not None
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_values_lie_under_headings_and_only_what_is_shown_is_there(
    made: tuple[Contents, pd.DataFrame],
) -> None:
    contents, nodes = made
    shown = data(own_explorer(contents, nodes))
    names = {node[1] for node in shown["nodes"]}
    assert names == set(contents.tables["values"]["name"])
    assert {node[2] for node in shown["nodes"]} == {0, 3}
    assert [title for _, title in shown["groups"]] == ["All conversations"]
    hidden = [k is None for k in shown["cells"]["k"]]
    assert any(hidden)
    for column in ("inside", "ratio", "low", "high", "q"):
        assert all(
            x is None for x, dark in zip(shown["cells"][column], hidden, strict=True) if dark
        )


def test_a_heading_whose_number_is_hidden_says_so(made: tuple[Contents, pd.DataFrame]) -> None:
    contents, nodes = made
    values = contents.tables["values"]
    heading = str(values.loc[values["level"] == 0, "heading"].iloc[0])
    fewer = values[~((values["level"] == 3) & (values["name"] == heading))]
    changed = dataclasses.replace(contents, tables=dict(contents.tables) | {"values": fewer})
    (node,) = [n for n in data(own_explorer(changed, nodes))["nodes"] if n[1] == heading]
    assert node[7].startswith("Its number is hidden")
    below = values[(values["level"] == 0) & (values["heading"] == heading)]
    assert node[6] == below["n"].max()


def test_without_cells_there_is_no_explorer(made: tuple[Contents, pd.DataFrame]) -> None:
    contents, nodes = made
    none = dict(contents.tables) | {"associations": pd.DataFrame()}
    assert own_explorer(dataclasses.replace(contents, tables=none), nodes) is None
