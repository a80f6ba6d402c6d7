"""Normalised expressions and their roll-up count a conversation once."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.errors import InputError
from valuescape.taxonomy.similarity import name_similarity
from valuescape.taxonomy.tree import build_taxonomy
from valuescape.taxonomy.values import load_values, normalise_values, roll_up

NAMES = ["humor", "hope", "honesty", "truthfulness", "enabling harm", "harm enabling", "optimism"]
KEY = ["conversation_id", "labeller", "party"]
rows = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["reading-closed-1", "reading-open-1"]),
        st.sampled_from(["user", "assistant"]),
        st.sampled_from(NAMES),
        st.integers(1, 6),
        st.booleans(),
    ),
    min_size=1,
    unique_by=lambda row: row[:4],
)


def _table(found: list[tuple[str, str, str, str, int, bool]]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=[*KEY, "value", "rank", "explicit"])


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    said = _table([("a", "reading-closed-1", "user", name, 1, False) for name in NAMES])
    return build_taxonomy(said, 0.1, name_similarity).places


@given(found=rows)
def test_normalising_equals_a_plain_loop(values, found) -> None:
    printed = dict(zip(values["value_raw"], values["value"], strict=True))
    plain: dict[tuple[str, ...], list[tuple[int, bool]]] = {}
    for *unit, name, rank, explicit in found:
        plain.setdefault((*unit, printed[name]), []).append((rank, explicit))
    normal = normalise_values(_table(found), values)
    assert not normal.duplicated([*KEY, "value"]).any()
    assert {
        (*(row[c] for c in KEY), row["value"]): (row["rank"], row["explicit"])
        for row in normal.to_dict("records")
    } == {k: (min(r for r, _ in v), any(e for _, e in v)) for k, v in plain.items()}


@given(found=rows, level=st.integers(0, 3))
def test_roll_up_counts_a_conversation_once_and_loses_none(values, found, level) -> None:
    normal = normalise_values(_table(found), values)
    rolled = roll_up(normal, values, level)
    assert not rolled.duplicated([*KEY, "node_id"]).any()
    units = set(map(tuple, normal[KEY].to_numpy()))
    assert set(map(tuple, rolled[KEY].to_numpy())) == units
    assert len(rolled) <= len(normal)
    column = "node_id" if level == 0 else f"level{level}"
    node = values.set_index("value_raw")[column]
    assert {(*row[:3], node[row[3]]) for row in found} == set(
        map(tuple, rolled[[*KEY, "node_id"]].to_numpy())
    )


@given(found=rows)
def test_levels_can_be_climbed_in_steps(values, found) -> None:
    normal = normalise_values(_table(found), values)
    parent = values.drop_duplicates("level1").set_index("level1")["level2"]
    first = roll_up(normal, values, 1)
    climbed = set(zip(*(first[c] for c in KEY), first["node_id"].map(parent), strict=True))
    second = roll_up(normal, values, 2)
    assert climbed == set(zip(*(second[c] for c in KEY), second["node_id"], strict=True))


def test_normalising_twice_changes_nothing(values) -> None:
    said = _table([("a", "r", "user", name, i + 1, False) for i, name in enumerate(NAMES)])
    once = normalise_values(said, values)
    again = normalise_values(once, values)
    pd.testing.assert_frame_equal(once, again)
    assert once.loc[once["value"] == "enabling harm", "value_raw"].tolist() == ["enabling harm"]


def test_level_zero_prints_names_and_probability_is_the_highest(values) -> None:
    said = _table([("a", "r", "user", n, 1, False) for n in ("harm enabling", "enabling harm")])
    rolled = roll_up(normalise_values(said.assign(probability=[0.2, 0.7]), values), values, 0)
    assert rolled[["node_id", "value", "probability"]].to_numpy().tolist() == [
        ["value-enabling-harm", "enabling harm", 0.7]
    ]


def test_missing_explicit_stays_missing(values) -> None:
    said = _table([("a", "r", "user", n, 1, False) for n in ("harm enabling", "enabling harm")])
    said["explicit"] = pd.array([None, None], dtype="boolean")
    assert normalise_values(said, values)["explicit"].isna().all()


def test_unknown_values_and_levels_are_refused(values) -> None:
    said = _table([("a", "r", "user", "hope", 1, False)])
    with pytest.raises(InputError, match="value 'unheard of' is not in the taxonomy"):
        normalise_values(said.assign(value="unheard of"), values)
    with pytest.raises(InputError, match="normalise the expressions first"):
        roll_up(said.assign(value="unheard of"), values, 1)
    with pytest.raises(InputError, match="allowed are 0, 1, 2, 3"):
        roll_up(said, values, 4)


def test_no_expressions_roll_up_to_none(values) -> None:
    empty = _table([("a", "r", "user", "hope", 1, False)]).iloc[:0]
    assert roll_up(normalise_values(empty, values), values, 2).empty


def test_load_values_refuses_other_files(tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    with pytest.raises(InputError, match="no such file"):
        load_values(path)
    path.write_text("")
    with pytest.raises(InputError, match="not a readable CSV"):
        load_values(path)
    path.write_text("value_raw,value\na,b\n")
    with pytest.raises(InputError, match="columns are value_raw, value; needed are"):
        load_values(path)
