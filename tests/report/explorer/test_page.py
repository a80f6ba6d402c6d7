"""The page holds the tables, whole and harmless."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.report.explorer.tables import CONTEXTS, HOSTILE, NODES, small_tables
from valuescape.errors import InputError
from valuescape.report.explorer.data import explorer_data
from valuescape.report.explorer.page import Wording, explorer_page

WORDING = Wording("Values & <more>", "{{DATA}} is not a place here.", "0.0")


def held(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def test_cells_of_the_page_are_those_of_the_table() -> None:
    tables = small_tables()
    data = explorer_data(tables)
    cells = data["cells"]
    assert len({len(column) for column in cells.values()}) == 1
    assert len(cells["k"]) == len(tables.cells)
    keyed = tables.cells.set_index(["group", "context_kind", "context", "value"])
    for i, node in enumerate(cells["node"]):
        group, kind, context, *_ = data["contexts"][cells["context"][i]]
        key = (data["groups"][group][0], data["kinds"][kind][0], context, data["nodes"][node][1])
        row = keyed.loc[key]
        assert cells["k"][i] == row["n_both"]
        assert cells["ratio"][i] == pytest.approx(row["risk_ratio"], rel=5e-3)
        assert cells["inside"][i] == pytest.approx(row["prevalence_inside"], rel=5e-3)
        assert cells["q"][i] == pytest.approx(max(row["q_value"], 1e-6), rel=5e-3)


def test_parents_come_before_children_and_lend_their_colour() -> None:
    nodes = explorer_data(small_tables())["nodes"]
    for i, node in enumerate(nodes):
        assert node[3] < i
        assert node[8] == (nodes[node[3]][8] if node[3] >= 0 else node[8])


def test_shares_are_of_values_and_headings_only() -> None:
    data = explorer_data(small_tables())
    assert [data["nodes"][s[0]][1] for s in data["shares"]] == ["Social values", "kindness"]


def test_rows_may_come_in_any_order() -> None:
    tables = small_tables()
    shuffled = replace(
        tables,
        nodes=tables.nodes.sample(frac=1, random_state=1),
        cells=tables.cells.sample(frac=1, random_state=2),
        contexts=tables.contexts.sample(frac=1, random_state=3),
        shares=tables.shares.sample(frac=1, random_state=4),
    )
    assert explorer_data(shuffled) == explorer_data(tables)


def test_hidden_and_infinite_numbers_are_null() -> None:
    tables = small_tables()
    cells = tables.cells.astype({"n_both": "Int64"})
    cells.loc[0, "n_both"] = pd.NA
    cells.loc[0, ["prevalence_inside", "q_value"]] = np.nan
    cells.loc[0, ["risk_ratio", "ci_high"]] = np.inf
    page = explorer_page(replace(tables, cells=cells), WORDING)
    found = held(page)["cells"]
    at = found["k"].index(None)
    assert [found[c][at] for c in ("inside", "ratio", "high", "q")] == [None] * 4


def test_names_cannot_leave_the_data() -> None:
    page = explorer_page(small_tables(), WORDING)
    assert HOSTILE not in page
    assert page.count("</script>") == 2
    assert "Values &amp; &lt;more&gt;" in page
    assert held(page)["nodes"][-1][1] in set(NODES["name"])


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    page = explorer_page(small_tables(), WORDING)
    assert "default-src 'none'" in page
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|innerHTML|eval)\b", page)


def test_a_cell_without_its_context_is_named() -> None:
    tables = replace(small_tables(), contexts=CONTEXTS[CONTEXTS["context"] != "casual_chat"])
    with pytest.raises(InputError, match="context 'casual_chat' of adversarial, task_type is not"):
        explorer_data(tables)
