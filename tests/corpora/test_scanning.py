"""Documents cut into values: as the whole parsed at once, whatever the size of the blocks."""

import io
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.corpora import scanning
from valuescape.corpora.scanning import Scanner, parsed
from valuescape.errors import InputError

TEXTS = st.text(st.sampled_from('ab"\\{}[],: \n\té😀'), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def read(document: bytes) -> list[Any]:
    return [parsed(e.raw) for e in Scanner(io.BytesIO(document)).elements(("a",), ("b",))]


@pytest.fixture(params=[1, 2, 3, 7, 1 << 20])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(scanning, "_BLOCK", request.param)
    return int(request.param)


@given(values=st.lists(VALUES, max_size=4), spaced=st.booleans(), ascii_only=st.booleans())
@pytest.mark.parametrize("size", [1, 2, 5, 1 << 20])
def test_an_array_gives_its_elements(
    size: int, values: list[Any], spaced: bool, ascii_only: bool
) -> None:
    document = json.dumps(values, indent=2 if spaced else None, ensure_ascii=ascii_only).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "_BLOCK", size)
        found = list(Scanner(io.BytesIO(document)).elements(()))
    assert [parsed(e.raw) for e in found] == values
    assert [e.index for e in found] == list(range(len(values)))


@given(members=st.dictionaries(TEXTS, VALUES, max_size=4), rows=st.lists(VALUES, max_size=3))
def test_an_object_gives_the_members_wanted(members: dict[str, Any], rows: list[Any]) -> None:
    document = json.dumps({**members, "samples": rows, "kept": 1}).encode()
    found = list(Scanner(io.BytesIO(document)).elements(("kept",), ("samples",)))
    assert [(e.key, e.index, parsed(e.raw)) for e in found] == [
        *(("samples", i, row) for i, row in enumerate(rows)),
        ("kept", None, 1),
    ]


def test_a_value_longer_than_the_limit_is_passed_over(block: int) -> None:
    document = json.dumps(["x" * 50, {"a": "y" * 50}, [1], "short"]).encode()
    found = list(Scanner(io.BytesIO(document), longest=10).elements(()))
    assert [e.raw for e in found] == [None, None, b"[1]", b'"short"']
    with pytest.raises(InputError, match="longer than 64 MiB"):
        parsed(found[0].raw)


@pytest.mark.parametrize(
    "document",
    ['["a', '["a\\', "[1, 2", '[{"a": [1]', '{"a": 1', '{"a" 1}', "{", "", "nothing", "[1,}", "[}"],
)
def test_a_cut_document_says_at_which_byte(block: int, document: str) -> None:
    with pytest.raises(InputError, match=r"byte \d+|not JSON"):
        read(document.encode())


def test_what_is_nested_too_deep_is_not_read_on() -> None:
    for opening in (b"[", b'{"a":'):
        with pytest.raises(InputError, match=r"byte \d+: nested more than 10,000 deep"):
            read(b"[" + opening * 100_000)


@given(st.binary(max_size=30))
def test_no_bytes_make_it_run_for_ever_or_fail_otherwise(noise: bytes) -> None:
    for start in (b"[", b"{"):
        with suppress(InputError):
            read(start + noise)
