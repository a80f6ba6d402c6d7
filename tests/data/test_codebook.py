"""data/codebook.yaml against the files it describes, and the sampling design of the readings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from tests.paths import ROOT
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

DATA = ROOT / "data"
CODEBOOK = yaml.safe_load((DATA / "codebook.yaml").read_text(encoding="utf-8"))
FILES: dict[str, dict[str, Any]] = CODEBOOK["files"]
PARQUET: dict[str, dict[str, str]] = CODEBOOK["parquet"]
FIELDS = {"meaning", "type", "unit", "values", "missing"}
TYPES = {"string", "integer", "number", "boolean"}
RULES = [{"pattern"}, {"minimum", "maximum"}, {"refers_to"}]
CELLS = {
    "integer": r"-?\d+",
    "number": r"-?\d+(\.\d+)?(e-?\d+)?",
    "boolean": "true|false",
    "string": r"\S(.*\S)?",
}
COLUMNS = [(name, column) for name, file in FILES.items() for column in file["columns"]]


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: _read(name) for name in FILES}


RELEASED = {"results/taxonomy/merged.csv", "results/taxonomy/taxonomy.csv"}


def _csv_files() -> set[str]:
    paths = [*DATA.glob("labels/**/*.csv"), *DATA.glob("reference/*.csv")]
    return {path.relative_to(DATA).as_posix() for path in paths} | RELEASED


def test_every_file_has_an_entry_and_every_entry_a_file() -> None:
    assert set(FILES) == _csv_files()


@pytest.mark.parametrize("name", FILES)
def test_every_column_has_an_entry_in_order(name: str, tables: dict[str, pd.DataFrame]) -> None:
    assert list(FILES[name]["columns"]) == list(tables[name].columns)


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_entry_is_well_formed(name: str, column: str) -> None:
    entry = FILES[name]["columns"][column]
    assert set(entry) == FIELDS
    assert entry["type"] in TYPES
    assert entry["meaning"].strip().endswith(".")
    assert entry["missing"]
    rule = entry["values"]
    assert rule is None or isinstance(rule, list) or set(rule) in RULES
    if entry["type"] == "number":
        assert entry["unit"]


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_types_and_missing_cells_hold(
    name: str, column: str, tables: dict[str, pd.DataFrame]
) -> None:
    entry, cells = FILES[name]["columns"][column], tables[name][column]
    filled = cells[cells != ""]
    assert (len(filled) == len(cells)) == (entry["missing"] == "never")
    wrong = filled[~filled.str.fullmatch(CELLS[entry["type"]])]
    assert wrong.empty, wrong.head().to_dict()


def _broken(rule: Any, filled: pd.Series, tables: dict[str, pd.DataFrame]) -> pd.Series:
    """Select the cells that the rule of a column forbids."""
    if rule is None:
        return filled.iloc[:0]
    if isinstance(rule, list):
        allowed = {str(value).lower() if isinstance(value, bool) else str(value) for value in rule}
        return filled[~filled.isin(allowed)]
    if "pattern" in rule:
        return filled[~filled.str.fullmatch(rule["pattern"])]
    if "refers_to" in rule:
        name, column = rule["refers_to"].rsplit(".", 1)
        return filled[~filled.isin(tables[name][column])]
    return filled[~filled.astype(float).between(rule["minimum"], rule["maximum"])]


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_allowed_values_hold(name: str, column: str, tables: dict[str, pd.DataFrame]) -> None:
    cells = tables[name][column]
    broken = _broken(FILES[name]["columns"][column]["values"], cells[cells != ""], tables)
    assert broken.empty, broken.head().to_dict()


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_no_declared_value_is_unused(
    name: str, column: str, tables: dict[str, pd.DataFrame]
) -> None:
    rule = FILES[name]["columns"][column]["values"]
    if isinstance(rule, list):
        used = set(tables[name][column])
        assert {str(value).lower() for value in rule} <= {value.lower() for value in used}


@pytest.mark.parametrize("name", FILES)
def test_keys_name_rows(name: str, tables: dict[str, pd.DataFrame]) -> None:
    assert not tables[name].duplicated(FILES[name]["key"]).any()


@pytest.mark.parametrize("name", FILES)
def test_files_are_utf8_with_line_feeds(name: str) -> None:
    content = Path(DATA / name).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    content.decode("utf-8")


def test_design_weights_sum_to_the_frame(tables: dict[str, pd.DataFrame]) -> None:
    sample, frame = tables["labels/sample.csv"], tables["labels/frame.csv"]
    weight = 1 / sample["inclusion_probability"].astype(float)
    ratio = weight.groupby(sample["stratum"]).sum() / frame.set_index("stratum")[
        "n_conversations"
    ].astype(float)
    assert ratio.notna().all()
    assert ratio.between(0.9, 1.1).all(), ratio.to_dict()


def test_frame_counts_equal_the_files(tables: dict[str, pd.DataFrame]) -> None:
    frame = tables["labels/frame.csv"].set_index("stratum")
    every = tables["labels/conversations.csv"]
    in_frame = every[every["in_frame"] == "true"].groupby("stratum").size()
    read = tables["labels/sample.csv"].groupby("stratum").size()
    assert (frame["n_conversations"].astype(int) == in_frame).all()
    assert (frame["n_read"].astype(int) == read).all()


def test_read_conversations_lie_in_the_frame_and_stratum(tables: dict[str, pd.DataFrame]) -> None:
    every = tables["labels/conversations.csv"]
    read = tables["labels/sample.csv"].merge(every, on="conversation_id", suffixes=("", "_listed"))
    assert (read["in_frame"] == "true").all()
    assert (read["stratum"] == read["stratum_listed"]).all()
    by_prompt = read["stratum"] == "alpaca_eval"
    assert (read["psu_id"] == read["prompt_id"].where(by_prompt, read["conversation_id"])).all()


def test_assistant_counts_equal_the_files(tables: dict[str, pd.DataFrame]) -> None:
    run = ["source", "model"]
    every, read = tables["labels/conversations.csv"], tables["labels/sample.csv"]
    assistants = tables["labels/assistants.csv"].set_index(run).astype({"n_read": int})
    listed = every.groupby(run).size()
    drawn = every[every["conversation_id"].isin(read["conversation_id"])].groupby(run).size()
    assert assistants["n_conversations"].astype(int).eq(listed).all()
    assert assistants["n_read"].eq(drawn.reindex(assistants.index, fill_value=0)).all()


def test_values_belong_to_a_reading_of_a_subjective_conversation(
    tables: dict[str, pd.DataFrame],
) -> None:
    key = ["conversation_id", "codebook", "reading"]
    found = tables["labels/expressions.csv"].merge(tables["labels/labels.csv"], on=key, how="left")
    assert found["reader"].notna().all()
    assert (found.loc[found["party"] == "assistant", "subjective"] == "true").all()
    assert (found.loc[found["party"] == "user", "explicit"] == "true").all()
    ranks = found["rank"].astype(int).groupby([found[name] for name in [*key, "party"]])
    assert (ranks.max() == ranks.size()).all()
    assert (ranks.nunique() == ranks.size()).all()


def test_every_read_conversation_has_a_first_closed_reading_and_no_reader_two(
    tables: dict[str, pd.DataFrame],
) -> None:
    labels, sample = tables["labels/labels.csv"], tables["labels/sample.csv"]
    closed = labels[labels["codebook"] == "closed"]
    first = closed.loc[closed["reading"] == "1", "conversation_id"]
    assert set(first) == set(sample["conversation_id"])
    assert not closed.duplicated(["conversation_id", "reader"]).any()
    assert (labels.loc[labels["reading"] == "2", "codebook"] == "closed").all()


def test_extra_readings_exist_only_where_they_could_be_drawn(
    tables: dict[str, pd.DataFrame],
) -> None:
    labels = tables["labels/labels.csv"].merge(tables["labels/sample.csv"], on="conversation_id")
    for codebook in ("open", "unprimed"):
        chance = labels.loc[labels["codebook"] == codebook, f"{codebook}_reading_probability"]
        assert (chance.astype(float) > 0).all()


def test_task_phrases_hold_no_address_or_long_number(tables: dict[str, pd.DataFrame]) -> None:
    task = tables["labels/labels.csv"]["task"]
    assert not task.str.contains(r"@|https?:|www\.|\d{5,}").any()
    assert (task.str.count(" ") + 1).between(2, 10).all()


def _expanded(columns: dict[str, str], found: list[str]) -> set[str]:
    """The columns an entry stands for: a name in angle brackets stands for all that are left."""
    plain = {name for name in columns if "<" not in name}
    kinds = {"p_<task_type>": TASK_TYPES, "p_<response_type>": RESPONSE_TYPES}
    for name in columns:
        if name in kinds:
            plain |= {f"p_{kind}" for kind in kinds[name]}
        elif "<" in name:
            plain |= set(found) - plain
    return plain


@pytest.mark.parametrize("name", PARQUET)
def test_every_parquet_column_has_an_entry(name: str) -> None:
    import pyarrow.parquet as pq

    found = pq.read_schema(DATA / name).names
    assert _expanded(PARQUET[name], found) == set(found)


def test_every_parquet_file_has_an_entry() -> None:
    found = {path.relative_to(DATA).as_posix() for path in DATA.glob("labels/*/*.parquet")}
    assert set(PARQUET) == found
