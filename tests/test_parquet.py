"""Parquet files of any writer are read as stored, and what is no table is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valuescape import parquet
from valuescape.errors import InputError
from valuescape.parquet import read_parquet


def written(folder: Path, table: pa.Table) -> Path:
    pq.write_table(table, folder / "t.parquet")
    return folder / "t.parquet"


def test_an_index_with_a_name_is_a_column_and_one_without_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1.5, None]}, index=[7, 9])
    frame.to_parquet(path)
    pd.testing.assert_frame_equal(read_parquet(path), frame.reset_index(drop=True))
    frame.set_index("a").to_parquet(path)
    assert sorted(read_parquet(path).columns) == ["a", "b"]


@pytest.mark.parametrize("about", ["", "[]", "{}", '{"index_columns": ["x"]}', '{"columns": 3}'])
def test_what_pandas_said_of_itself_does_not_matter(about: str, tmp_path: Path) -> None:
    table = pa.table({"a": ["x"]}).replace_schema_metadata({"pandas": about})
    assert read_parquet(written(tmp_path, table)).to_dict("list") == {"a": ["x"]}


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.int64()), pa.struct([("a", pa.string())]), pa.binary(), pa.duration("s")]
)
def test_columns_that_are_no_cells_are_refused(kind: Any, tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"a": pa.nulls(3, kind)}))
    with pytest.raises(InputError, match=r"t\.parquet: column 'a' is .*; allowed are text"):
        read_parquet(path)


def test_a_column_is_there_once(tmp_path: Path) -> None:
    path = written(tmp_path, pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]))
    with pytest.raises(InputError, match="column 'a' occurs twice"):
        read_parquet(path)


def test_more_rows_than_a_table_with_a_key_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, pa.table({"a": ["x"] * 100_000}))
    assert len(read_parquet(path)) == 100_000
    monkeypatch.setattr(parquet, "_PLENTY", 1000)
    with pytest.raises(InputError, match=r"100,000 rows in [\d,]+ bytes"):
        read_parquet(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 9])
def test_what_is_no_parquet_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"t\.parquet: not a readable Parquet file"):
        read_parquet(path)
