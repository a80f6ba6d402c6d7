"""Packed files and long lines cost little memory, and those made to fill it are refused."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from valuescape.corpora.jsonl import read_jsonl
from valuescape.corpora.reading import read_corpus
from valuescape.corpora.records import File, records
from valuescape.corpora.scanning import LONGEST
from valuescape.corpora.unpacking import bounded_lines, check_unpacked, opened
from valuescape.errors import InputError

SIZE = LONGEST + (4 << 20)


def test_conversations_are_never_packed_so_well() -> None:
    check_unpacked(LONGEST, 1)
    check_unpacked(300 << 30, 1 << 30)
    with pytest.raises(InputError, match="more than 300 times"):
        check_unpacked((300 << 30) + 1, 1 << 30)


@pytest.mark.parametrize("read", [lambda p: read_corpus([p]), read_jsonl])
def test_a_gzip_bomb_is_refused(read: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * SIZE, 6, mtime=0))
    with pytest.raises(InputError, match=r"c\.jsonl\.gz: cannot be read .*300 times"):
        list(read(path))  # type: ignore[call-overload]


@pytest.mark.parametrize("name", ["conversations.json", "header.json"])
def test_a_zip_bomb_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(name, b" " * SIZE)
    with pytest.raises(InputError, match=rf"c\.zip, {name}: unpacks to more than 300 times"):
        list(read_corpus([path]))


def test_one_line_too_long_is_passed_over() -> None:
    for text in (b"aaaaa\nb\n", b"aaaaaaaaaaa\nb\n"):
        assert list(bounded_lines(io.BytesIO(text), longest=4)) == [None, b"b\n"]
    assert list(bounded_lines(io.BytesIO(b"aaaa\n\naaaaaaaaaaa"), longest=4)) == [
        b"aaaa\n",
        b"\n",
        None,
    ]


def test_a_mark_is_passed_over_packed_or_not(tmp_path: Path) -> None:
    for name, content in (("a", b"\xef\xbb\xbfx"), ("b", gzip.compress(b"\xef\xbb\xbfx"))):
        (tmp_path / name).write_bytes(content)
        with opened(tmp_path / name) as stream:
            assert stream.read() == b"x"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_of_any_newline_is_read(end: str, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(f'a,b{end}1,"x{end}y"{end}2,z'.encode())
    found = [r.content for r in records(File("c.csv", path, 0, "s"), print)]
    assert found == [{"a": "1", "b": f"x{end}y"}, {"a": "2", "b": "z"}]


def test_a_row_of_csv_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("valuescape.corpora.records._LONGEST_ROW", 1000)
    path = tmp_path / "c.csv"
    for cell in (b'"\n\n\n",', b","):
        path.write_bytes(b"a,b\n" + b"1,2\n" * 500 + cell * 1001)
        with pytest.raises(InputError, match=r"c\.csv, row 501: .*a row of more than"):
            list(records(File("c.csv", path, 0, "s"), print))
