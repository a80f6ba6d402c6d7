"""Damaged corpora of all formats: every record is read, skipped, or refused and counted."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpora import invented
from tests.fuzz.campaign import CASES, campaign, fault, refused_in_place_of
from tests.fuzz.mutations import damaged_bytes, damaged_value, spelt, zipped
from valuescape.corpora.adapters.registry import FORMATS
from valuescape.corpora.jsonl import as_record, read_jsonl
from valuescape.corpora.reading import Tally, read_corpus
from valuescape.errors import InputError

IDENTITIES = ("id", "uuid", "conversation_id", "conversation_hash", "custom_id", "message_tree_id")
TABULAR = ("xstest", "wildchat", "lmsys")


def numbered(record: dict[str, Any], i: int) -> dict[str, Any]:
    names = [n for n in IDENTITIES if n in record]
    return {**record, **{n: f"{record[n]}-{i}" for n in names}}


def as_csv(rows: list[Any]) -> bytes:
    text = io.StringIO()
    out = csv.writer(text)
    for row in rows:
        out.writerow(list(row.values()) if isinstance(row, dict) else [row])
    return text.getvalue().encode("utf-8", "surrogatepass")


def as_parquet(rows: list[Any]) -> bytes:
    out = pa.BufferOutputStream()
    try:
        pq.write_table(pa.Table.from_pylist([r for r in rows if isinstance(r, dict)]), out)
    except (pa.ArrowException, ValueError, TypeError, AttributeError, OverflowError):
        return b"PAR1"
    return out.getvalue().to_pybytes()


def stored(name: str, rng: random.Random, rows: list[Any]) -> bytes:
    """Store records as their format is stored upstream, or in another way that is read."""
    if name == "inspect" and rng.random() < 0.5:
        members = {"header.json": spelt(rng, invented.INSPECT_HEADER)}
        return zipped(members | {f"samples/{i}.json": spelt(rng, r) for i, r in enumerate(rows)})
    if name in ("chatgpt", "claude") and rng.random() < 0.3:
        return zipped({"conversations.json": b"[" + b",".join(spelt(rng, r) for r in rows) + b"]"})
    if name == "xstest" and rng.random() < 0.7:
        head = dict.fromkeys(invented.RECORDS["xstest"])
        return as_csv([{k: k for k in head}, *rows])
    if name in ("wildchat", "lmsys") and rng.random() < 0.5:
        return as_parquet(rows)
    if name == "oasst-reports":
        around = {**invented.AROUND[name], "prompts": rows}
        return spelt(rng, around if rng.random() < 0.7 else damaged_value(rng, around))
    if rng.random() < 0.3:
        return b"[" + b",".join(spelt(rng, row) for row in rows) + b"]"
    return b"\n".join(spelt(rng, row) for row in rows)


def cases(name: str) -> Callable[[random.Random], bytes]:
    rows = [numbered(invented.RECORDS[name], i) for i in range(3)]

    def make(rng: random.Random) -> bytes:
        given: list[Any] = [damaged_value(rng, r) if rng.random() < 0.6 else r for r in rows]
        content = stored(name, rng, given)
        return damaged_bytes(rng, content) if rng.random() < 0.6 else content

    return make


def reading(name: str) -> Callable[[Path], None]:
    """Read as the commands do: malformed records are counted, what is read can be written."""

    def read(path: Path) -> None:
        tally = Tally()
        found = read_corpus([path], name, malformed=tally.on_malformed, skipped=tally.on_skipped)
        for conversation in found:
            json.dumps(as_record(conversation))
            assert conversation.id.encode("utf-8")
            f"{conversation.model}{conversation.user_id}{conversation.started_at}".encode()
            assert conversation.messages
        for error in tally.malformed:
            assert str(path) in str(error), error
            str(error).encode("utf-8")

    return read


def file_name(name: str) -> str:
    return {"xstest": "f.csv", "inspect": "f.json"}.get(name, "f.jsonl")


@pytest.mark.parametrize("n", CASES)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name: str, n: int, tmp_path: Path) -> None:
    found = campaign(tmp_path / file_name(name), cases(name), reading(name), n)
    assert found.read > n / 4


@pytest.mark.parametrize("n", CASES)
def test_the_format_is_found_or_none_is(n: int, tmp_path: Path) -> None:
    makers = [cases(name) for name in FORMATS]
    campaign(tmp_path / "f.json", lambda rng: rng.choice(makers)(rng), reading("auto"), n, seed=1)


@pytest.mark.parametrize("n", CASES)
def test_our_own_format_read_alone(n: int, tmp_path: Path) -> None:
    for name in ("f.jsonl", "f.jsonl.gz"):
        campaign(tmp_path / name, cases("valuescape"), _read_own, n // 2, seed=2)


def _read_own(path: Path) -> None:
    errors: list[InputError] = []
    for conversation in read_jsonl(path, errors.append):
        json.dumps(as_record(conversation))
    assert all(str(path) in str(error) for error in errors)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                sorted({key for record in invented.RECORDS.values() for key in record} | {"role"})
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


def any_json(read: Callable[[Path], object], path: Path, n: int) -> None:
    @settings(max_examples=n, derandomize=True, database=None)
    @given(st.lists(JSON, max_size=3))
    def check(rows: list[Any]) -> None:
        content = "\n".join(json.dumps(row) for row in rows).encode()
        assert not fault(path, content, read)

    check()


@pytest.mark.parametrize("n", CASES)
def test_any_json_at_all(n: int, tmp_path: Path) -> None:
    any_json(reading("auto"), tmp_path / "f.jsonl", n)


@pytest.mark.parametrize("name", ["auto", "valuescape", "xstest"])
def test_what_is_no_file(name: str, tmp_path: Path) -> None:
    refused_in_place_of(tmp_path, "f.jsonl", lambda path: list(read_corpus([path], name)))


def test_what_is_no_file_of_our_own(tmp_path: Path) -> None:
    refused_in_place_of(tmp_path, "f.jsonl", lambda path: list(read_jsonl(path)))
