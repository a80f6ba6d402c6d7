"""The released folder: readable by others' tools, equal to what it was made from."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlcroissant
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.release.codebook import CodedTable, Column, read_codebook
from valuescape.release.tables import ARROW, read_coded
from valuescape.settings import load_settings
from valuescape.stages import release

SETTINGS = load_settings(ROOT / "params.yaml").release
CODEBOOK = read_codebook(ROOT / "data" / "codebook.yaml")
RELEASED = [CODEBOOK[path] for path in SETTINGS.tables]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("checkout")
    for name in ("params.yaml", "CITATION.cff", "LICENSE-DATA"):
        shutil.copy(ROOT / name, root)
    (root / "dvc.yaml").touch()
    for name in ("labels", "results/taxonomy"):
        shutil.copytree(ROOT / "data" / name, root / "data" / name)
    for name in ("README.md", "codebook.yaml"):
        shutil.copy(ROOT / "data" / name, root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        release.main()
        yield root


@pytest.fixture(scope="module")
def folder(checkout: Path) -> Path:
    return checkout / "data" / "release"


def test_checksums_are_those_of_the_files_and_of_the_commit(checkout: Path, folder: Path) -> None:
    listed = (checkout / "data" / "release.sha256").read_text("utf-8")
    assert listed == (folder / "SHA256SUMS").read_text("utf-8")
    assert listed == (ROOT / "data" / "release.sha256").read_text("utf-8")
    named = dict(line.split("  ")[::-1] for line in listed.splitlines())
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(named) == there - {"SHA256SUMS"}
    for path, digest in named.items():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("table", RELEASED, ids=lambda table: table.name)
def test_parquet_holds_what_the_csv_holds(folder: Path, table: CodedTable) -> None:
    csv = pd.read_csv(folder / "csv" / f"{table.name}.csv", dtype=str, keep_default_na=False)
    parquet = pq.read_table(folder / "parquet" / f"{table.name}.parquet")
    assert parquet.num_rows == len(csv)
    for column in table.columns:
        assert parquet.schema.field(column.name).type == ARROW[column.type]
        cells = parquet.column(column.name).cast(pa.string()).to_pandas()
        if column.type == "number":
            numbers = pd.to_numeric(csv[column.name]).to_numpy()
            assert parquet.column(column.name).to_pandas().to_numpy() == pytest.approx(numbers)
        else:
            assert cells.fillna("").tolist() == csv[column.name].tolist()


def test_croissant_is_valid_without_a_warning(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        data = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not caplog.records
    assert not data.metadata.ctx.issues.errors
    assert not data.metadata.ctx.issues.warnings
    assert {r.name for r in data.metadata.record_sets} == {table.name for table in RELEASED}


@pytest.mark.parametrize("table", RELEASED, ids=lambda table: table.name)
def test_croissant_loads_every_table(folder: Path, table: CodedTable) -> None:
    data = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    first = next(iter(itertools.islice(data.records(table.name), 1)))
    row = pq.read_table(folder / "parquet" / f"{table.name}.parquet").slice(0, 1).to_pylist()[0]
    for column in table.columns:
        cell = first[f"{table.name}/{column.name}"]
        wanted = row[column.name]
        if wanted is not None:
            assert (cell.decode() if isinstance(cell, bytes) else cell) == wanted


def test_card_has_the_header_of_the_hub_and_the_whole_data_card(folder: Path) -> None:
    _, header, body = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    said = yaml.safe_load(header)
    assert said["license"] == "cc-by-4.0"
    assert said["size_categories"] == ["10K<n<100K"]
    assert [c["config_name"] for c in said["configs"]] == [table.name for table in RELEASED]
    for config in said["configs"]:
        assert (folder / config["data_files"]).is_file()
    assert body.strip() == (ROOT / "data" / "README.md").read_text("utf-8").strip()


def test_no_text_of_conversations_is_released(folder: Path) -> None:
    allowed = {"task", "description", "meaning"}
    for table in RELEASED:
        assert not {c.name for c in table.columns} & {"text", "content", "messages", "turns"}
        frame = pd.read_csv(folder / "csv" / f"{table.name}.csv", dtype=str)
        for name in frame.columns.difference(list(allowed)):
            assert frame[name].str.len().max() <= 120, f"{table.name}.{name} holds long cells"


def test_citation_names_version_and_date(folder: Path) -> None:
    said = json.loads((folder / "croissant.json").read_text("utf-8"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert said["version"] == cited["version"]
    assert said["datePublished"] == cited["date-released"].isoformat()
    assert said["version"] in said["citeAs"]


CODED = CodedTable(
    "labels/x.csv", "A row.", ("a",), (Column("a", "A.", "integer"), Column("b", "B.", "boolean"))
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n1\n", "x.csv: has columns a; the codebook names a, b"),
        ("a,b\none,true\n", "x.csv: does not fit its codebook: .*'one'"),
        ("a,b\n1,perhaps\n", "x.csv: does not fit its codebook: .*'perhaps'"),
    ],
)
def test_a_table_that_does_not_fit_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        read_coded(path, CODED)


@pytest.mark.parametrize("text", ["", "files: 3", "files:\n  a.csv: {about: x}", ": :"])
def test_a_broken_codebook_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"codebook\.yaml: cannot be read as a codebook"):
        read_codebook(path)


def test_an_unknown_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    column = {"meaning": "M.", "type": "float"}
    entry = {"about": "x", "key": ["c"], "columns": {"c": column}}
    path.write_text(yaml.safe_dump({"files": {"a.csv": entry}}), "utf-8")
    with pytest.raises(InputError, match=r"a\.csv: column 'c' has type 'float'; allowed: string"):
        read_codebook(path)
