"""Tables are checked on the way in, exact and whole on the way out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.errors import InputError
from valuescape.schema import GROUPS, TABLES, TASK_TYPES
from valuescape.store import (
    read_columns,
    read_table,
    rounded,
    write_json,
    write_table,
)

READINGS = """conversation_id,codebook,reading,reader,subjective,task_type,task,response_type
a,closed,1,r1,true,about_ai,query,no_values
b,closed,1,r1,false,casual_chat,,mild_support
b,closed,2,r2,true,casual_chat,chat,reframing
"""
SAMPLE = (
    "conversation_id,stratum,wave,psu_id,inclusion_probability,second_reading_probability,"
    "open_reading_probability,unprimed_reading_probability\n"
    "a,s,1,p,0.5,0.1,0,0.2\n"
    "b,s,2,q,1,0.1,0.5,1\n"
)


def refusal(path: Path, name: str) -> str:
    with pytest.raises(InputError) as caught:
        read_table(path, name)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def changed(tmp_path: Path, text: str, old: str, new: str) -> Path:
    assert text.count(old) == 1, (old, text.count(old))
    path = tmp_path / "table.csv"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")
    return path


def test_a_good_table_is_typed(tmp_path: Path) -> None:
    found = read_table(changed(tmp_path, READINGS, "query", "query"), "readings")
    assert found["subjective"].tolist() == [True, False, True]
    assert found["subjective"].dtype == bool
    assert found["reading"].dtype == np.int64
    assert found["task"].tolist() == ["query", "", "chat"]
    assert found.index.tolist() == [0, 1, 2]


BAD_READINGS = {
    "renamed column": ("_type\n", "_typ\n", "'response_type' is missing", "needed are conv"),
    "column twice": ("task,", "task_type,", "'task' is missing", "needed are conv"),
    "unknown task type": ("about_ai", "abuot_ai", "line 2: task_type is 'abuot_ai'", "about_ai, "),
    "word in another case": ("about_ai", "About_AI", "line 2: task_type", "allowed are personal"),
    "space before a word": (",about_ai", ", about_ai", "line 2: task_type", "allowed are"),
    "unknown response": ("no_values", "none", "line 2: response_type is 'none'", "no_values"),
    "key twice": (
        "b,closed,2,",
        "b,closed,1,",
        "line 4: a second row for conversation_id=b",
        "one",
    ),
    "number too high": ("b,closed,2,", "b,closed,3,", "line 4: reading is '3'", "[1, 2]"),
    "number too low": ("b,closed,2,", "b,closed,0,", "line 4: reading is '0'", "[1, 2]"),
    "number beyond all": ("b,closed,2,", "b,closed,1e300,", "line 4: reading is '1e300'", "[1, 2]"),
    "fraction": ("b,closed,2,", "b,closed,1.5,", "line 4: reading is '1.5'", "a whole number"),
    "word for a number": ("b,closed,2,", "b,closed,two,", "line 4: reading is 'two'", "whole"),
    "empty text": ("a,closed,1,r1", "a,closed,1,", "line 2: reader is ''", "a text is needed"),
    "empty key": ("a,closed,1,r1", ",closed,1,r1", "line 2: conversation_id is ''", "a text"),
    "empty number": ("b,closed,2,", "b,closed,,", "line 4: reading is ''", "a whole number"),
    "empty boolean": ("r1,false", "r1,", "line 3: subjective is ''", "true, false"),
    "bad boolean": ("r1,false", "r1,no", "line 3: subjective is 'no'", "allowed are true, false"),
    "boolean as number": ("r1,false", "r1,0", "line 3: subjective is '0'", "true, false"),
    "row too short": (",chat,reframing", ",chat", "line 4: response_type is ''", "allowed are"),
    "row too long": ("chat,reframing", "chat,reframing,x", "line 4", "8 fields"),
    "first row too long": ("query,no_values", "query,no_values,x", "line 2", "more cells"),
    "blank line": ("b,closed,2,", "\nb,closed,2,", "line 4: conversation_id is ''", "a text"),
    "quote left open": (",chat,", ',"chat,', "not a readable CSV file", ""),
}


@pytest.mark.parametrize("defect", BAD_READINGS)
def test_a_bad_table_is_refused_with_file_line_and_what_is_allowed(
    tmp_path: Path, defect: str
) -> None:
    old, new, place, allowed = BAD_READINGS[defect]
    message = refusal(changed(tmp_path, READINGS, old, new), "readings")
    assert place in message
    assert allowed in message


def test_an_extra_column_is_named_and_the_allowed_ones_listed(tmp_path: Path) -> None:
    rows = [line + ",x" for line in READINGS.splitlines()]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    message = refusal(path, "readings")
    assert "column 'x' is not known; allowed are conversation_id, codebook" in message


@pytest.mark.parametrize("probability", ["0", "0.0", "1.2", "nan", "NaN", "inf", "-0.1", "1e400"])
def test_an_inclusion_probability_outside_its_range_is_refused(
    tmp_path: Path, probability: str
) -> None:
    path = changed(tmp_path, SAMPLE, "q,1,", f"q,{probability},")
    message = refusal(path, "sample")
    assert f"line 3: inclusion_probability is {probability!r}" in message
    assert "a finite number in (0, 1]" in message


def test_the_ends_of_the_range_are_allowed(tmp_path: Path) -> None:
    path = changed(tmp_path, SAMPLE, "p,0.5,", "p,1e-300,")
    assert read_table(path, "sample")["inclusion_probability"].tolist() == [1e-300, 1.0]


def test_the_number_of_rows_alike_is_told(tmp_path: Path) -> None:
    path = changed(tmp_path, READINGS.replace("casual_chat", "chatting"), "about_ai", "about_ai")
    assert "(1 more such rows)" in refusal(path, "readings")


@pytest.mark.parametrize("text", ["", "\n", "conversation_id\n", READINGS.splitlines()[0] + "\n"])
def test_files_without_rows_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    refusal(path, "readings")


def test_absent_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "labels.csv", "readings")
    assert "no such file" in refusal(tmp_path, "readings")


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(READINGS.replace("chat,reframing", "\xe9t\xe9,reframing").encode("latin-1"))
    assert f"{path}, line 4: not UTF-8" in refusal(path, "readings")
    path.write_bytes(READINGS.encode("utf-16"))
    refusal(path, "readings")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"\xef\xbb\xbf" + READINGS.encode())
    assert read_table(path, "readings")["conversation_id"].iloc[0] == "a"


def test_words_that_look_missing_are_kept(tmp_path: Path) -> None:
    text = READINGS.replace("query,", "NA,").replace("chat,reframing", "null,reframing")
    found = read_table(changed(tmp_path, text, "NA,n", "NA,n"), "readings")
    assert found["task"].tolist() == ["NA", "", "null"]


def test_parquet_tables_are_checked_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "conversation_id": ["a", "b"],
            "labeller": "r",
            "party": "assistant",
            "value": "care",
            "value_raw": "care",
            "explicit": pd.array([True, None], dtype="boolean"),
            "rank": [1, 1],
        }
    )
    path = tmp_path / "expressions.parquet"
    frame.to_parquet(path)
    found = read_table(path, "expressions")
    assert found["explicit"].isna().tolist() == [False, True]
    frame.assign(party=["assistant", "helper"]).to_parquet(path)
    assert "line 2: party is 'helper'; allowed are assistant, user" in refusal(path, "expressions")
    path.write_bytes(b"not parquet")
    assert "not a readable Parquet file" in refusal(path, "expressions")


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=8)
contexts = st.fixed_dictionaries(
    {
        "group": st.sampled_from(GROUPS),
        "context_kind": st.just("task_type"),
        "context": texts,
        "n": st.integers(0, 10**9),
        "n_clusters": st.integers(0, 10**6),
        "in_family": st.booleans(),
    }
)


@given(st.lists(contexts, min_size=1, max_size=8, unique_by=lambda r: (r["group"], r["context"])))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, rows) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.getbasetemp() / "round.csv"
    key = ["group", "context_kind", "context"]
    frame = pd.DataFrame(rows)[list(TABLES["contexts"].columns)]
    write_table(frame, path, key=key)
    found = read_table(path, "contexts")
    pd.testing.assert_frame_equal(
        found, frame.sort_values(key).reset_index(drop=True), check_dtype=False
    )
    first = path.read_bytes()
    write_table(found.sample(frac=1, random_state=1), path, key=key)
    assert path.read_bytes() == first
    assert b"\r" not in first


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20), st.integers(1, 9))
def test_rounding_keeps_the_digits_asked_for(values: list[float], digits: int) -> None:
    found = rounded(np.array(values), digits)
    for before, after in zip(values, found, strict=True):
        if abs(before) < 1e-12:
            assert after == 0
            assert np.copysign(1.0, after) == 1.0
        else:
            assert after == float(f"{before:.{digits}g}")
    np.testing.assert_array_equal(rounded(found, digits), found)


def test_rounding_keeps_shape_and_what_is_no_number() -> None:
    found = rounded(np.array([[1.23456, np.nan], [np.inf, -1e-13]]), 3)
    np.testing.assert_array_equal(found, [[1.23, np.nan], [np.inf, 0.0]])
    assert rounded(np.array([]), 3).shape == (0,)


def test_bytes_of_a_results_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": ["b", "a", "c"],
            "x": [1 / 3, 1e-13, np.nan],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "sure": [True, False, True],
            "mixed": [True, np.nan, False],
        }
    )
    write_table(frame, tmp_path / "t.csv", key=["name"], digits=5)
    expected = "name,x,n,sure,mixed\na,0,,false,\nb,0.33333,1,true,true\nc,,3,true,false\n"
    assert (tmp_path / "t.csv").read_bytes() == expected.encode()
    assert oct((tmp_path / "t.csv").stat().st_mode & 0o777) == "0o644"
    with pytest.raises(ValueError, match="does not identify"):
        write_table(frame.assign(name="a"), tmp_path / "t.csv", key=["name"])
    assert (tmp_path / "t.csv").read_bytes() == expected.encode()


def test_json_is_sorted_and_ends_in_a_line_feed(tmp_path: Path) -> None:
    write_json({"b": "é", "a": 1}, tmp_path / "x.json")
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert text == '{\n  "a": 1,\n  "b": "é"\n}\n'
    assert json.loads(text) == {"a": 1, "b": "é"}


def test_every_task_type_passes(tmp_path: Path) -> None:
    rows = [f"c{i},closed,1,r,true,{t},,no_values" for i, t in enumerate(TASK_TYPES)]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join([READINGS.splitlines()[0], *rows]), encoding="utf-8")
    assert read_table(path, "readings")["task_type"].tolist() == list(TASK_TYPES)


def test_results_are_read_if_they_hold_the_columns_needed(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1], "b": [0.5], "c": ["x"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        pd.testing.assert_frame_equal(read_columns(tmp_path / name, ["b", "a"]), frame)
        with pytest.raises(InputError, match=rf"{name}: column 'd' is missing; needed are a, d"):
            read_columns(tmp_path / name, ["a", "d"])
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(InputError, match=rf"{name}: not a? ?readable"):
            read_columns(tmp_path / name, ["a"])
        (tmp_path / name).unlink()
        with pytest.raises(InputError, match=rf"{name}: no such file"):
            read_columns(tmp_path / name, ["a"])


def test_huge_numbers_beside_an_empty_cell_and_empty_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    path.write_text("stratum,n_conversations,n_psu,n_read\ns,,1,1\nt,1e30,1,1\n")
    assert "line 3: n_conversations is '1e30'" in refusal(path, "frame")
    path = tmp_path / "t.parquet"
    frame = pd.DataFrame([line.split(",") for line in READINGS.splitlines()[1:]])
    frame.columns = pd.Index(READINGS.splitlines()[0].split(","))
    frame.assign(subjective=None).to_parquet(path)
    assert "line 1: subjective is ''" in refusal(path, "readings")
