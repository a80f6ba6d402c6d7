"""Every table of the schema is well formed and its words are the released data's."""

import dataclasses
import keyword

import pytest

from tests.checkout import TABLE_FILES
from tests.paths import ROOT
from valuescape.schema import (
    COLUMNS,
    GROUPS,
    RESPONSE_TYPES,
    TABLES,
    TASK_TYPES,
    Column,
)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_tables_name_known_columns_once_and_are_identified_by_some(table) -> None:  # type: ignore[no-untyped-def]
    assert len(set(table.columns)) == len(table.columns)
    assert set(table.key) <= set(table.columns)
    assert table.key
    for name in table.columns:
        column = table.column(name)
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert column.meaning
    for name in table.key:
        if table.name != "stratum_counts":
            assert not table.column(name).missing, name


@pytest.mark.parametrize("name", TABLE_FILES)
def test_released_files_have_the_columns_of_their_table(name: str) -> None:
    with (ROOT / "data" / "labels" / f"{name}.csv").open(encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split(",")
    assert tuple(header) == TABLES[TABLE_FILES[name]].columns


def test_closed_lists_are_those_of_the_codebook() -> None:
    codebook = (ROOT / "data" / "labels" / "CODEBOOK.md").read_text(encoding="utf-8")
    for name in (*TASK_TYPES, *RESPONSE_TYPES):
        assert name in codebook, name
    assert len(TASK_TYPES) == 16
    assert len(RESPONSE_TYPES) == 7
    assert len(GROUPS) == 4


def test_bounds_belong_to_numbers_and_lists_to_texts() -> None:
    for name, column in COLUMNS.items():
        bounded = any(b is not None for b in (column.minimum, column.maximum, column.above))
        assert not bounded or column.kind in ("integer", "number"), name
        assert not column.allowed or column.kind == "string", name


def test_a_column_of_a_table_comes_before_the_common_one() -> None:
    assert not COLUMNS["explicit"].missing
    assert TABLES["expressions"].column("explicit").missing
    with pytest.raises(dataclasses.FrozenInstanceError):
        Column("string", "x").kind = "number"  # type: ignore[misc]
