"""Engines count what this machine counts, to the last digit, and refuse what it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.counts.ibis.data import in_folder, running, unusual_tables
from valuescape.counts.association import associated, association_table, count_cells
from valuescape.counts.cells import count_family
from valuescape.counts.frame import presence
from valuescape.counts.ibis.engines import Engine
from valuescape.counts.ibis.relations import Relations, relate
from valuescape.counts.local import CodedLabels, code_labels
from valuescape.counts.margins import CellCounts
from valuescape.errors import InputError
from valuescape.statistics.cluster_products import sums_of_products
from valuescape.statistics.clustered_residual import clustered_residual, residual_of_sums
from valuescape.statistics.cooccurrence import cooccurrence, cooccurrence_of_counts
from valuescape.statistics.paired_blocks import paired_blocks

READER = "r'2"
LABELS = {"conversation_id": ["a", "b", "c"], "task": ["code", "advice", None]}
EXPRESSIONS = {"conversation_id": ["a", "b", "b", "c"], "value": ["v", "v", "w", "v"]}


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running(request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table]:
    return unusual_tables(1)


@pytest.fixture(scope="module")
def files(
    tables: tuple[pa.Table, pa.Table], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tables") / "odd [1] {a} 100% é'*"
    return in_folder(tables[0], folder / "labels"), in_folder(tables[1], folder / "expressions")


@pytest.fixture(scope="module")
def coded(tables: tuple[pa.Table, pa.Table]) -> CodedLabels:
    return code_labels(*tables, context="task", labeller=READER)


@pytest.fixture(scope="module", params=[1, 3], ids=["one pass", "three passes"])
def related(engine: Engine, files: tuple[Path, Path], request: pytest.FixtureRequest) -> Relations:
    found = relate(*files, context="task", labeller=READER, engine=engine)
    return replace(found, passes=request.param)


@pytest.fixture(scope="module")
def counted(related: Relations) -> CellCounts:
    return related.cells()


@pytest.fixture(scope="module")
def conversations(tables: tuple[pa.Table, pa.Table]) -> pd.DataFrame:
    """Conversations that are counted, in the order of their codes."""
    labels = tables[0].filter(pc.field("labeller") == READER)
    used = pc.and_(pc.is_valid(labels["task"]), pc.fill_null(labels["subjective"], False))
    return labels.filter(used).to_pandas()


def test_cells_and_margins_are_those_of_this_machine(
    coded: CodedLabels, counted: CellCounts
) -> None:
    expected = count_cells(coded)
    assert counted.contexts == expected.contexts
    assert counted.values == expected.values
    assert "nul\0byte" in counted.values
    np.testing.assert_array_equal(counted.counts, expected.counts)
    np.testing.assert_array_equal(counted.n_context, expected.n_context)
    np.testing.assert_array_equal(counted.n_value, expected.n_value)
    assert (counted.n_total, counted.n_left_out) == (expected.n_total, expected.n_left_out)


def test_the_association_table_is_the_same_to_the_last_bit(
    tables: tuple[pa.Table, pa.Table], counted: CellCounts
) -> None:
    expected = association_table(*tables, context="task", labeller=READER)
    assert associated(counted).to_arrow().equals(expected.to_arrow())


def test_values_occur_together_as_often(
    coded: CodedLabels, related: Relations, counted: CellCounts
) -> None:
    expected = cooccurrence(coded.conversation, coded.value, coded.context.size)
    found = cooccurrence_of_counts(related.value_pairs(counted), counted.n_total)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.adjusted_residual, expected.adjusted_residual)


def test_second_moments_of_users_give_the_same_residuals(
    coded: CodedLabels, conversations: pd.DataFrame, related: Relations, counted: CellCounts
) -> None:
    expected = clustered_residual(
        coded.context, (coded.conversation, coded.value), conversations["user"].to_numpy(str)
    )
    products = related.cluster_products(counted, cluster="user")
    found = residual_of_sums(sums_of_products(products))
    assert found.n_clusters == conversations["user"].nunique()
    for name in expected.__slots__:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def test_strata_are_those_of_the_table_of_counts(
    tables: tuple[pa.Table, pa.Table], conversations: pd.DataFrame, related: Relations
) -> None:
    frame = conversations.assign(
        weight=1.0, stratum=conversations["region"], prompt_group=conversations["prompt"]
    )
    own = tables[1].filter((pc.field("labeller") == READER) & (pc.field("party") == "assistant"))
    ids = frame["conversation_id"]
    family = {"group": "all", "context_kind": "task", "level": 0}
    contexts, values = presence(ids, frame, "task"), presence(ids, own.to_pandas(), "value")
    expected = count_family(frame, contexts, values, family).strata
    key = ["stratum", "context", "value"]
    found = related.stratum_counts(stratum="region").to_pandas()
    pd.testing.assert_frame_equal(
        *(
            table[[*key, "n"]].sort_values([*key, "n"]).reset_index(drop=True).astype({"n": int})
            for table in (found, expected)
        )
    )


def test_prompts_answered_by_two_are_those_of_paired_blocks(
    coded: CodedLabels, conversations: pd.DataFrame, related: Relations
) -> None:
    outcome = np.zeros((coded.context.size, len(coded.values)))
    outcome[coded.conversation, coded.value] = 1.0
    arms, prompts = (conversations[name].to_numpy(str) for name in ("task", "prompt"))
    blocks = paired_blocks(outcome, arms, prompts, None, None)
    columns = ["hits_arm", "hits_versus", "size_arm", "size_versus"]
    n_compared = 0
    for (arm, versus), part in (
        related.block_types(block="prompt").to_pandas().groupby(["arm", "versus"])
    ):
        places = [int(np.flatnonzero(blocks.arms == name)[0]) for name in (arm, versus)]
        both = blocks.strata(*places)
        assert both is not None
        for value, rows in part.groupby("value"):
            v = coded.values.index(value)
            keys = zip(
                both.hits[:, v],
                both.others[:, v],
                both.size[:, 0],
                both.size_other[:, 0],
                strict=True,
            )
            found = rows.set_index(columns)["n"].to_dict()
            assert found == Counter(tuple(map(int, key)) for key in keys)
            n_compared += 1
    assert n_compared > 100


def table(columns: dict[str, list[object]], **changes: list[object] | None) -> pa.Table:
    merged = {name: cells for name, cells in (columns | changes).items() if cells is not None}
    return pa.table(merged)


def count(engine: Engine, folder: Path, labels: pa.Table, expressions: pa.Table) -> CellCounts:
    paths = folder / "labels.parquet", folder / "expressions.parquet"
    for path, sheet in zip(paths, (labels, expressions), strict=True):
        pq.write_table(sheet, path)
    return relate(*paths, context="task", engine=engine).cells()


REFUSED = [
    ({"task": None}, {}, r"labels\.parquet: no column 'task'; there are: conversation_id"),
    ({}, {"value": None}, r"expressions\.parquet: no column 'value'; there are: conversation_id"),
    ({"task": [1, 2, 3]}, {}, "labels.parquet: column 'task' is int64; allowed: text"),
    ({"subjective": ["y", "n", "y"]}, {}, "column 'subjective' is string; allowed: bool"),
    ({"conversation_id": [1, 2, 3]}, {}, "labels.parquet: column 'conversation_id' is int64"),
    ({"conversation_id": ["a", None, "c"]}, {}, "1 row, column 'conversation_id' = None: is empty"),
    ({"conversation_id": ["a", "b", "a"]}, {}, "= 'a': has labels in an earlier row"),
    ({"task": pa.nulls(3, pa.string())}, {}, "no conversation has an entry in 'task'"),
    ({}, {"value": ["v", None, "w", None]}, "2 rows, column 'value' = None: is empty"),
    ({}, {"conversation_id": [*"abbd"]}, "1 row, column 'conversation_id' = 'd': has no row in"),
    ({}, {"conversation_id": ["a", "b", None, "c"]}, "column 'conversation_id' = None: is empty"),
    ({}, {"party": ["user"] * 4}, "expressions.parquet: no row has the party 'assistant'"),
    ({}, {"conversation_id": ["c"] * 4}, "no value of the conversations counted"),
    ({"labeller": [*"mno"]}, {}, "labels.parquet: several labellers; choose one of: m, n, o"),
]


@pytest.mark.parametrize(("labels", "expressions", "message"), REFUSED)
def test_what_this_machine_refuses_is_refused(
    engine: Engine,
    tmp_path: Path,
    labels: dict[str, list[object]],
    expressions: dict[str, list[object]],
    message: str,
) -> None:
    sheets = table(LABELS, **labels), table(EXPRESSIONS, **expressions)
    with pytest.raises(InputError, match=message):
        count(engine, tmp_path, *sheets)
    with pytest.raises(InputError):
        code_labels(*sheets, context="task")


def test_one_category_and_a_repeated_pair(engine: Engine, tmp_path: Path) -> None:
    labels = table(LABELS, task=["code"] * 3)
    expressions = table(EXPRESSIONS, conversation_id=[*"aabc"], value=["v"] * 4)
    found = count(engine, tmp_path, labels, expressions)
    expected = association_table(labels, expressions, context="task")
    assert found.counts.tolist() == [[3]]
    assert associated(found).to_arrow().equals(expected.to_arrow())


@pytest.mark.parametrize("empty", ["labels", "expressions"])
def test_empty_tables_are_named(engine: Engine, tmp_path: Path, empty: str) -> None:
    sheets = {"labels": table(LABELS), "expressions": table(EXPRESSIONS)}
    sheets[empty] = sheets[empty].slice(0, 0)
    with pytest.raises(InputError, match=rf"{empty}\.parquet: no rows; at least one is needed"):
        count(engine, tmp_path, **sheets)


def test_roles_need_a_column_without_gaps(engine: Engine, tmp_path: Path) -> None:
    labels = table(LABELS, task=["code", "advice", "code"], user=["u", None, "u"])
    counted = count(engine, tmp_path, labels, table(EXPRESSIONS))
    paths = tmp_path / "labels.parquet", tmp_path / "expressions.parquet"
    found = relate(*paths, context="task", engine=engine)
    with pytest.raises(InputError, match="1 row, column 'user' = None: is empty"):
        found.cluster_products(counted, cluster="user")
    with pytest.raises(InputError, match="no column 'person'; there are: conversation_id, task"):
        found.cluster_products(counted, cluster="person")


def test_labellers_are_chosen_as_on_this_machine(engine: Engine, files: tuple[Path, Path]) -> None:
    for labeller, message in (
        (None, r"several labellers; choose one of: r'2, r1"),
        ("r3", r"no labeller 'r3'; choose one of: r'2, r1"),
    ):
        with pytest.raises(InputError, match=message):
            relate(*files, context="task", labeller=labeller, engine=engine)


def test_files_that_cannot_be_read_are_named(engine: Engine, tmp_path: Path) -> None:
    good = in_folder(table(EXPRESSIONS), tmp_path / "good", 1)
    (tmp_path / "none").mkdir()
    broken = in_folder(table(LABELS), tmp_path / "broken", 2)
    (broken / "part-1.parquet").write_bytes(b"PAR1")
    other = in_folder(table(LABELS), tmp_path / "other", 2)
    pq.write_table(table(LABELS, task=[1, 2, 3]), other / "part-1.parquet")
    for path, message in (
        (tmp_path / "nowhere", "nowhere: cannot be read as Parquet"),
        (tmp_path / "none", r"none: no file that ends in \.parquet; at least one is needed"),
        (broken, r"part-1\.parquet: not a readable Parquet"),
        (other, r"part-1\.parquet: columns differ from those of part-0\.parquet"),
    ):
        with pytest.raises(InputError, match=message):
            relate(path, good, context="task", engine=engine)
    with pytest.raises(InputError, match="good: a path needs an engine to read it"):
        relate(good, good, context="value")


def test_rows_cut_off_are_said_to_have_stopped_the_count(engine: Engine, tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(5_000)]
    labels = in_folder(
        pa.table({"conversation_id": names, "task": ["x"] * 5_000}), tmp_path / "l", 1
    )
    said = in_folder(
        pa.table({"conversation_id": names, "value": ["v"] * 5_000}), tmp_path / "e", 1
    )
    file = said / "part-0.parquet"
    content = bytearray(file.read_bytes())
    content[100 : len(content) // 2] = bytes(len(content) // 2 - 100)
    file.write_bytes(content)
    with pytest.raises(InputError, match="counting stopped: "):
        relate(labels, said, context="task", engine=engine).cells()
