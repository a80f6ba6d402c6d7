"""Rectangles fill their box, do not overlap, and have the areas of their readings."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.explorer.tables import NODES
from valuescape.errors import InputError
from valuescape.report.explorer.treemap import HEIGHT, ROOT, STRIP, WIDTH, treemap_views


def flat(sizes: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"node_id": [f"n{i}" for i in range(len(sizes))], "parent_id": "", "level": 0, "n": sizes}
    )


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_areas_are_in_proportion_and_fill_the_whole(sizes: list[int]) -> None:
    rectangles = treemap_views(flat(sizes))[ROOT]
    whole = WIDTH * HEIGHT
    assert sorted(r.node for r in rectangles) == list(range(len(sizes)))
    for r in rectangles:
        assert r.width * r.height == pytest.approx(whole * sizes[r.node] / sum(sizes), rel=1e-6)
        assert r.x >= -1e-6
        assert r.y >= -1e-6
        assert r.x + r.width <= WIDTH + 1e-6
        assert r.y + r.height <= HEIGHT + 1e-6


@given(st.lists(st.integers(1, 500), min_size=2, max_size=25))
def test_siblings_do_not_overlap(sizes: list[int]) -> None:
    rectangles = treemap_views(flat(sizes))[ROOT]
    for i, a in enumerate(rectangles):
        for b in rectangles[i + 1 :]:
            across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
            along = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
            assert min(across, along) <= 1e-6


def test_grandchildren_lie_below_the_name_of_their_parent() -> None:
    for view, rectangles in treemap_views(NODES).items():
        parents = {r.node: r for r in rectangles if r.depth == 1}
        row = {node: i for i, node in enumerate(NODES["node_id"])}
        for r in (r for r in rectangles if r.depth == 2):
            box = parents[row[NODES["parent_id"][r.node]]]
            assert box.x < r.x
            assert r.x + r.width < box.x + box.width
            assert box.y + STRIP <= r.y + 1e-9
            assert r.y + r.height < box.y + box.height
        assert view == ROOT or {NODES["parent_id"][n] for n in parents} == {NODES["node_id"][view]}


def test_every_node_with_children_can_be_looked_into() -> None:
    inner = {i for i, n in enumerate(NODES["node_id"]) if n in set(NODES["parent_id"])}
    assert set(treemap_views(NODES)) == inner | {ROOT}


def test_a_node_without_readings_is_there() -> None:
    rectangles = treemap_views(flat([0, 5, 0]))[ROOT]
    assert all(r.width > 0 and r.height > 0 for r in rectangles)


def test_an_unknown_parent_is_named() -> None:
    nodes = flat([1, 2]).assign(parent_id=["", "gone"])
    with pytest.raises(InputError, match="the parent 'gone' of row 2 is not in the table"):
        treemap_views(nodes)
