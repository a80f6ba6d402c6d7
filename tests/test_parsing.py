"""JSON and YAML that hide something, never end or are no text are refused in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from valuescape.errors import InputError
from valuescape.parsing import LONGEST_YAML, check_head, parse_json, read_json, read_yaml

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LAUGHS, "aliases"),
        ("a: &a [*a]", "aliases"),
        ("a: 1\nb: 2\na: 3\n", "'a' occurs twice .*line 3"),
        ("2020-01-01: x", "a key is no text"),
        ("1: x", "a key is no text.*line 1"),
        ("!!binary YQ==: x", "is no text"),
        ("? [a]\n: b", "is no text"),
        ("a: 2020-99-99", "month"),
        ("a: !!timestamp x", "not readable as YAML"),
        ("a: !!bool x", "not readable as YAML"),
        ("a: !!int x", "not readable as YAML"),
        ("[" * 100_000, "nested too deep"),
        ("a: {", "line 1"),
        ("a: \x00", "not readable as YAML"),
        ("#" * (LONGEST_YAML + 1), "longer than 1 MiB"),
    ],
)
def test_yaml_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=said) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_yaml_and_json_are_read_with_and_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in ('{"a": [1, null]}', '\ufeff{"a": [1, null]}'):
        path.write_text(content, encoding="utf-8")
        assert read_yaml(path) == read_json(path) == {"a": [1, None]}


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "9" * 5000, ""])
def test_json_is_refused_by_place(text: str) -> None:
    with pytest.raises(InputError, match=r"^line 7: not JSON"):
        parse_json(text, "line 7")


def test_what_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff")
    for path, said in (
        (tmp_path / "a", "UTF-8|utf-8"),
        (tmp_path, "directory"),
        (tmp_path / "b", "no such"),
    ):
        for read in (read_json, read_yaml):
            with pytest.raises(InputError, match=said):
                read(path)


@pytest.mark.parametrize(
    ("text", "delimiter", "told"),
    [
        ("a,b\n1,2,3\n", ",", "line 2: more cells than the header has columns"),
        ("a;b\n1;2;3\n", ";", "line 2: more cells"),
        ("a," * 10_000 + "b\n", ",", "10,001 columns; up to 10,000 are read"),
    ],
)
def test_a_head_that_keeps_pandas_busy_is_refused(
    text: str, delimiter: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=f"{path}.*{told}"):
        check_head(path, delimiter)


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n", "a,b\n1\n", "a,b\n1,2\n1,2,3\n", '"' * 99])
def test_other_heads_are_left_to_the_reader(text: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    check_head(path)
    check_head(tmp_path / "absent.csv")
