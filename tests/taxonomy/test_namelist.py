"""Lists of names are read in three forms; what is not allowed is named with its line."""

from pathlib import Path

import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.taxonomy import namelist
from valuescape.taxonomy.namelist import as_frequencies, counted, read_names


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def test_lines_tables_and_repeats(tmp_path: Path) -> None:
    lines = _file(tmp_path, "a.txt", "\ufeffhope\r\n\n  zeal \nhope\n诚实\n")
    assert read_names(lines).to_dict() == {"hope": 2, "zeal": 1, "诚实": 1}
    table = _file(tmp_path, "a.csv", "value,n,other\nzeal,3,x\nhope,1,\nzeal,1,\n")
    assert read_names(table).to_dict() == {"hope": 1, "zeal": 4}
    path = tmp_path / "a.parquet"
    pd.DataFrame({"value": ["null", "zeal"]}).to_parquet(path)
    assert read_names(path).to_dict() == {"null": 1, "zeal": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", "", "no name; at least one"),
        ("a.txt", " \n\n", "no name; at least one"),
        ("a.txt", "hope\na\x00b\n", r"a\.txt, line 2: .*control character '\\x00'"),
        ("a.txt", "\x00\x00\n", r"line 1: .*control character"),
        ("a.txt", "hope\n--\n", r"line 2: value name '--': expected at least one letter"),
        ("a.txt", "hope\n" + "x" * 201, "line 2: a name of 201 characters; at most 200"),
        ("a.txt", b"hope\n\xff\n", "line 2: not UTF-8"),
        ("a.csv", "name\nhope\n", "column 'value' is missing"),
        ("a.csv", "value,n\nhope,0\n", "line 2: n is not a whole number"),
        ("a.csv", "value,n\nhope,1\nzeal,x\n", "line 3: n is not a whole number"),
        ("a.csv", "value,n\nhope,inf\n", "line 2: n is not a whole number"),
        ("a.csv", f"value,n\nhope,{10**19}\n", "at most 1,000,000,000,000"),
        ("a.csv", "value,n\nhope,1,2\n", "line 2: more cells than the header"),
        ("a.txt", "hope\n" + "x" * 70_000, "line 2: over 65,536 bytes"),
        ("a.csv", "", "not readable"),
        ("a.parquet", "PAR1", "not a readable Parquet"),
    ],
)
def test_what_is_not_allowed_is_named(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_names(_file(tmp_path, name, content))


def test_no_file_and_too_many_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_names(tmp_path / "none.txt")
    monkeypatch.setattr(namelist, "MOST_NAMES", 10)
    many = (("", f"value {i}", 1) for i in range(11))
    with pytest.raises(InputError, match="over 10 names; no more are allowed"):
        counted(many, "none")


def test_names_in_a_program() -> None:
    assert as_frequencies(iter(["b", "a", "b"])).to_dict() == {"a": 1, "b": 2}
    assert as_frequencies({"b": 5}).to_dict() == {"b": 5}
    for wrong in ([], {}):
        with pytest.raises(InputError, match="none given"):
            as_frequencies(wrong)
    with pytest.raises(InputError, match="number of 'b'"):
        as_frequencies({"b": 0})
    with pytest.raises(InputError, match=r"name 2: .*control character"):
        as_frequencies(["a", "\ud800"])


def test_a_missing_name_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"value": ["hope", None]}).to_parquet(path)
    with pytest.raises(InputError, match=r"a\.parquet, line 3: value is missing"):
        read_names(path)
