"""Damaged tables, CSV and Parquet: typed as the schema has it, or refused with file and line."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.fuzz.campaign import CASES, campaign, refused_in_place_of
from tests.fuzz.mutations import JUNK, damaged_bytes
from valuescape.labelling.merging import merge_labels
from valuescape.monitoring.periods import read_period
from valuescape.schema import TABLES
from valuescape.store import read_columns, read_table

CELLS: tuple[Any, ...] = (
    *JUNK,
    "1e300",
    "inf",
    "nan",
    "1.5",
    "-0",
    "0x10",
    "1_000",
    "true",
    b"\xff",
)
NAMES = ("labels", "expressions", "readings", "reading_expressions", "conversations", "sample",
         "frame", "assistants", "taxonomy", "claims", "machine_labels")  # fmt: skip
QUICK = ("labels", "expressions", "frame")
TYPES = (pa.int64(), pa.float64(), pa.bool_(), pa.binary(), pa.timestamp("ns"), pa.null(),
         pa.list_(pa.int64()), pa.struct([("a", pa.string())]), pa.date32(), pa.decimal128(9, 2),
         pa.duration("s"), pa.map_(pa.string(), pa.string()), pa.uint64(), pa.string())  # fmt: skip


def cell(name: str, column: str, i: int) -> Any:
    known = TABLES[name].column(column)
    if known.allowed:
        return known.allowed[i % len(known.allowed)]
    if known.kind in ("integer", "number"):
        return 1
    if known.kind == "timestamp":
        return f"2024-05-0{i + 1}T10:00:00Z"
    return i % 2 == 0 if known.kind == "boolean" else f"{column} {i}"


def rows_of(name: str) -> pd.DataFrame:
    columns = TABLES[name].columns
    return pd.DataFrame({c: [cell(name, c, i) for i in range(4)] for c in columns})


def damaged_frame(rng: random.Random, frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.astype(object)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        doing, column = rng.randrange(7), rng.choice(list(frame.columns))
        at = frame.columns.get_loc(column)
        if doing < 4 and isinstance(at, int):
            cells = frame[column].tolist()
            cells[rng.randrange(len(cells))] = rng.choice(CELLS)
            frame.isetitem(at, pd.Series(cells, index=frame.index, dtype=object))
        elif doing == 4 and frame.shape[1] > 1:
            frame = frame.drop(columns=column)
        elif doing == 5:
            frame = pd.concat([frame, frame[[column]]], axis=1)
        else:
            frame = frame.rename(
                columns={column: rng.choice(("", " ", "x", "\ufeff" + str(column)))}
            )
    return frame


def as_csv(rng: random.Random, frame: pd.DataFrame) -> bytes:
    text = frame.to_csv(index=rng.random() < 0.05, lineterminator=rng.choice(("\n", "\r\n", "\r")))
    return text.encode("utf-8", "surrogatepass")


def as_parquet(rng: random.Random, frame: pd.DataFrame) -> bytes:
    """Write a column of any type at any place, with or without what pandas says of itself."""
    names, arrays = list(frame.columns), []
    strange = rng.randrange(len(names)) if rng.random() < 0.4 and names else -1
    for place in range(len(names)):
        cells = frame.iloc[:, place].tolist()
        arrays.append(_array(rng.choice(TYPES) if place == strange else None, cells))
    about: dict[str, str] = {}
    if rng.random() < 0.3:
        wrong = ("", "[]", "{}", '{"index_columns": ["x"]}', '{"index_columns": [], "columns": 3}')
        about["pandas"] = rng.choice(wrong)
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names=names, metadata=about), out)
    return out.getvalue()


def _array(kind: Any, cells: list[Any]) -> Any:
    if kind is not None:
        return pa.nulls(len(cells), kind) if kind != pa.int64() else pa.array([2**62] * len(cells))
    for kept in (cells, [str(c).encode("utf-8", "replace").decode() for c in cells]):
        try:
            return pa.array(kept)
        except (pa.ArrowException, ValueError, OverflowError, TypeError):
            continue
    raise AssertionError(cells)


Spell = Callable[[random.Random, pd.DataFrame], bytes]
SPELT: dict[str, Spell] = {"csv": as_csv, "parquet": as_parquet}


def damaged(name: str, ending: str, **told: str) -> Callable[[random.Random], bytes]:
    frame = rows_of(name).assign(**told)

    def make(rng: random.Random) -> bytes:
        content = SPELT[ending](rng, damaged_frame(rng, frame))
        return damaged_bytes(rng, content) if rng.random() < 0.5 else content

    return make


TABLE_CASES = [
    *((name, CASES[0]) for name in QUICK),
    *(pytest.param(name, 1000, marks=pytest.mark.slow) for name in NAMES),
]


@pytest.mark.parametrize("ending", SPELT)
@pytest.mark.parametrize(("name", "n"), TABLE_CASES)
def test_tables(name: str, ending: str, n: int, tmp_path: Path) -> None:
    def read(path: Path) -> None:
        found = read_table(path, name)
        assert list(found.columns) == list(TABLES[name].columns)
        assert len(found)

    campaign(tmp_path / f"t.{ending}", damaged(name, ending), read, n)


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("ending", SPELT)
def test_results_of_other_stages(ending: str, n: int, tmp_path: Path) -> None:
    campaign(
        tmp_path / f"t.{ending}",
        damaged("frame", ending),
        lambda path: read_columns(path, ["stratum"]),
        n,
    )


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("ending", SPELT)
@pytest.mark.parametrize("name", ["labels", "expressions"])
def test_labels_to_merge_and_to_watch(name: str, ending: str, n: int, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder in (good, bad):
        folder.mkdir()
        for table in ("labels", "expressions"):
            rows = rows_of(table).assign(labeller=folder.name)
            if ending == "csv":
                rows.to_csv(folder / f"{table}.csv", index=False)
            else:
                rows.to_parquet(folder / f"{table}.parquet")

    def read(path: Path) -> None:
        read_period(path.parent, labeller="bad")
        merge_labels([good, path.parent], tmp_path / "merged")

    make = damaged(name, ending, labeller="bad")
    assert campaign(bad / f"{name}.{ending}", make, read, n).read


@pytest.mark.parametrize("ending", SPELT)
def test_what_is_no_file(ending: str, tmp_path: Path) -> None:
    refused_in_place_of(tmp_path, f"t.{ending}", lambda path: read_table(path, "labels"))
