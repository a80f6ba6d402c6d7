"""Label files to codes: equal to pandas, and every bad file named with column and row."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valuescape.counts import local
from valuescape.counts.local import CodedLabels, code_labels
from valuescape.errors import InputError

LABELS = {"conversation_id": ["a", "b", "c"], "task": ["code", "advice", None]}
EXPRESSIONS = {"conversation_id": ["a", "b", "b", "c"], "value": ["v", "v", "w", "v"]}


def table(columns: dict[str, list[object]], **changes: list[object] | None) -> pa.Table:
    merged = {name: cells for name, cells in (columns | changes).items() if cells is not None}
    return pa.table(merged)


def code(labels: pa.Table, expressions: pa.Table, **options: str) -> CodedLabels:
    return code_labels(labels, expressions, **({"context": "task"} | options))  # type: ignore[arg-type]


def cells(coded: CodedLabels) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row, value in zip(coded.conversation, coded.value, strict=True):
        key = coded.contexts[coded.context[row]], coded.values[value]
        found[key] = found.get(key, 0) + 1
    return found


@st.composite
def sheets(draw: st.DrawFn) -> tuple[pa.Table, pa.Table]:
    n = draw(st.integers(2, 12))
    ids = draw(st.permutations([f"c{i}" for i in range(n)]))
    tasks = [draw(st.sampled_from(["x", "y", None])) for _ in ids]
    tasks[0] = "x"
    pairs = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from("uvw")), max_size=30))
    pairs.append((ids[0], "u"))
    labels = pa.table({"conversation_id": ids, "task": pa.array(tasks, pa.string())})
    columns = {"conversation_id": [p[0] for p in pairs], "value": [p[1] for p in pairs]}
    return labels, pa.table(columns)


@given(sheets())
def test_codes_count_what_pandas_counts(given_sheets: tuple[pa.Table, pa.Table]) -> None:
    labels, expressions = given_sheets
    coded = code(labels, expressions)
    joined = expressions.to_pandas().drop_duplicates().merge(labels.to_pandas().dropna())
    expected = joined.groupby(["task", "value"]).size()
    assert cells(coded) == expected.to_dict()
    tasks = labels.to_pandas()["task"]
    assert coded.n_left_out == tasks.isna().sum()
    assert coded.context.size == tasks.notna().sum()
    assert list(coded.contexts) == sorted(set(tasks.dropna()))


@given(given_sheets=sheets(), rows=st.integers(1, 5))
def test_files_and_tables_in_any_chunks_give_the_same(
    given_sheets: tuple[pa.Table, pa.Table], rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    paths = folder / "labels.parquet", folder / "expressions.parquet"
    for path, sheet in zip(paths, given_sheets, strict=True):
        pq.write_table(sheet, path, row_group_size=rows)
    one, other = code(*given_sheets), code_labels(*paths, context="task")
    assert cells(one) == cells(other)
    np.testing.assert_array_equal(one.context, other.context)


def test_what_is_not_subjective_is_left_out() -> None:
    labels = table(LABELS, task=["code", "advice", "code"], subjective=[True, None, True])
    coded = code(labels, table(EXPRESSIONS))
    assert cells(coded) == {("code", "v"): 2}
    assert (coded.n_left_out, coded.contexts, coded.values) == (1, ("code",), ("v",))


def test_only_the_assistant_counts() -> None:
    party = ["assistant", "user", "assistant", "user"]
    assert cells(code(table(LABELS), table(EXPRESSIONS, party=party))) == {
        ("code", "v"): 1,
        ("advice", "w"): 1,
    }


def test_a_labeller_is_chosen() -> None:
    labels = table(
        LABELS,
        conversation_id=["a", "a", "b"],
        task=["code", "advice", "advice"],
        labeller=["m", "n", "m"],
    )
    expressions = table(EXPRESSIONS, conversation_id=["a", "b", "b", "a"], labeller=[*"mmmn"])
    assert cells(code(labels, expressions, labeller="n")) == {("advice", "v"): 1}
    assert sum(cells(code(labels, expressions, labeller="m")).values()) == 3
    with pytest.raises(InputError, match="labels: several labellers; choose one of: m, n"):
        code(labels, expressions)
    with pytest.raises(InputError, match="labels: no labeller 'o'; choose one of: m, n"):
        code(labels, expressions, labeller="o")
    with pytest.raises(InputError, match="labels: no column 'labeller' to look for 'm'"):
        code(table(LABELS), expressions, labeller="m")


@pytest.mark.parametrize(
    ("labels", "expressions", "message"),
    [
        ({"task": None}, {}, "labels: no column 'task'; there are: conversation_id"),
        ({}, {"value": None}, "expressions: no column 'value'; there are: conversation_id"),
        ({"task": [1, 2, 3]}, {}, "labels: column 'task' is int64; allowed: text"),
        ({"subjective": ["y", "n", "y"]}, {}, "labels: column 'subjective' is string; allowed: b"),
        ({"conversation_id": [1, 2, 3]}, {}, "labels: column 'conversation_id' is int64"),
        ({"conversation_id": ["a", None, "c"]}, {}, "labels: row 2, column 'conversation_id' = N"),
        ({"conversation_id": ["a", "b", "a"]}, {}, "row 3, .*= 'a': has labels in an earlier row"),
        ({"task": pa.nulls(3, pa.string())}, {}, "labels: no conversation has an entry in 'task'"),
        ({}, {"value": ["v", None, "w", "v"]}, "expressions: row 2, column 'value' = None: is emp"),
        ({}, {"conversation_id": [*"abbd"]}, "row 4, .*= 'd': has no row in the labels"),
        ({}, {"conversation_id": ["a", "b", None, "c"]}, "row 3, column 'conversation_id' = None"),
        ({}, {"party": ["user"] * 4}, "expressions: no row has the party 'assistant'"),
        ({}, {"conversation_id": ["c"] * 4}, "expressions: no value of the conversations counted"),
    ],
)
def test_bad_sheets_are_named(
    labels: dict[str, list[object]], expressions: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        code(table(LABELS, **labels), table(EXPRESSIONS, **expressions))


def test_rows_are_those_of_the_file_though_a_labeller_is_chosen() -> None:
    expressions = table(EXPRESSIONS, value=["v", "v", None, "v"], labeller=[*"nmmm"])
    labels = table(LABELS, labeller=[*"mmm"])
    with pytest.raises(InputError, match="expressions: row 3, column 'value' = None: is empty"):
        code(labels, expressions, labeller="m")


def test_empty_and_unreadable_files_are_named(tmp_path: Path) -> None:
    empty = table(LABELS).slice(0, 0)
    with pytest.raises(InputError, match="labels: no rows; at least one is needed"):
        code(empty, table(EXPRESSIONS))
    path = tmp_path / "labels.parquet"
    path.write_text("conversation_id,task\n")
    with pytest.raises(InputError, match=r"labels\.parquet: not a readable Parquet"):
        code_labels(path, table(EXPRESSIONS), context="task")
    with pytest.raises(InputError, match=r"nowhere\.parquet: cannot be read as Parquet"):
        code_labels(tmp_path / "nowhere.parquet", table(EXPRESSIONS), context="task")


def test_long_and_unordered_conversations_lose_their_repeats() -> None:
    values = [f"v{i % 50}" for i in range(100)]
    expressions = pa.table({"conversation_id": ["a"] * 100, "value": values})
    assert sum(cells(code(table(LABELS), expressions)).values()) == 50
    assert pd.Series(values).nunique() == 50


@given(sheets(), st.data())
def test_chunks_and_dictionaries_of_ids_change_nothing(
    given_sheets: tuple[pa.Table, pa.Table], data: st.DataObject
) -> None:
    labels, expressions = given_sheets
    cut = data.draw(st.integers(0, len(expressions)))
    chunked = pa.concat_tables([expressions.slice(0, cut), expressions.slice(cut)])
    coded_ids = chunked["conversation_id"].dictionary_encode()
    expected = cells(code(labels, expressions))
    assert cells(code(pa.concat_tables([labels.slice(0, 1), labels.slice(1)]), chunked)) == expected
    assert cells(code(labels, chunked.set_column(0, "conversation_id", coded_ids))) == expected


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets(), st.sampled_from(["1", "3"]), st.integers(1, 40))
def test_row_groups_and_threads_change_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given_sheets: tuple[pa.Table, pa.Table],
    threads: str,
    rows: int,
) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
    paths = tmp_path / "labels.parquet", tmp_path / "expressions.parquet"
    for sheet, path in zip(given_sheets, paths, strict=True):
        pq.write_table(sheet, path, row_group_size=rows)
    assert cells(code_labels(*paths, context="task")) == cells(code(*given_sheets))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.integers(1, 9))
def test_pieces_hide_no_repeated_pair(
    monkeypatch: pytest.MonkeyPatch, seed: int, piece: int
) -> None:
    monkeypatch.setattr(local, "ROWS_COMPARED", piece)
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 30))
    row = np.sort(rng.integers(0, 6, size)).astype(np.int32)
    value = rng.integers(0, 9, size).astype(np.int32)
    pairs = {*zip(row.tolist(), value.tolist(), strict=True)}
    assert local._none_twice(row, value) == (len(pairs) == size)


def test_the_labels_error_comes_first_though_both_files_are_bad(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"labels\.parquet: cannot be read"):
        code_labels(tmp_path / "labels.parquet", tmp_path / "values.parquet", context="task")
