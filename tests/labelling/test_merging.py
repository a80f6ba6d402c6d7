"""Merging: every row kept once, whoever labelled it; conflicts named by file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.labelling.command import write_labels
from valuescape.labelling.merging import merge_labels
from valuescape.labelling.protocol import Expression, Label
from valuescape.store import read_table


def label(name: str, task: str = "casual_chat", *values: str) -> Label:
    said = tuple(Expression("assistant", v, None, k) for k, v in enumerate(values, start=1))
    return Label(name, "ok", bool(values), task, "", "no_values", said)


def failed(name: str) -> Label:
    return Label(name, "refused", None, None, "", None, ())


A = [label("c1", "casual_chat", "care", "clarity"), label("c2"), failed("c3")]


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path, Path]:
    names = [tmp_path / name for name in ("one", "other", "more")]
    write_labels(A, "first-1", names[0])
    write_labels([label("c1", "about_ai", "candour"), label("c2")], "second-1", names[1])
    write_labels([label("c9", "about_ai", "care"), A[0], failed("c3")], "first-1", names[2])
    return names[0], names[1], names[2]


def test_all_rows_are_there_once_with_their_status(
    parts: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    found = merge_labels(parts, tmp_path / "out")
    labels = read_table(tmp_path / "out" / "labels.parquet", "labels")
    assert labels[["conversation_id", "labeller", "status"]].to_numpy().tolist() == [
        ["c1", "first-1", "ok"], ["c2", "first-1", "ok"], ["c3", "first-1", "refused"],
        ["c1", "second-1", "ok"], ["c2", "second-1", "ok"], ["c9", "first-1", "ok"],
    ]  # fmt: skip
    expressions = read_table(tmp_path / "out" / "expressions.parquet", "expressions")
    assert expressions[["conversation_id", "labeller", "value"]].to_numpy().tolist() == [
        ["c1", "first-1", "care"], ["c1", "first-1", "clarity"],
        ["c1", "second-1", "candour"], ["c9", "first-1", "care"],
    ]  # fmt: skip
    assert found.lines() == [
        "first-1: 4 conversations",
        "second-1: 2 conversations",
        "2 in two folders alike, written once",
    ]
    for part in parts:
        for name in ("labels", "expressions"):
            rows, whole = (
                pd.read_parquet(folder / f"{name}.parquet").astype("string")
                for folder in (part, tmp_path / "out")
            )
            assert len(rows.merge(whole)) == len(rows)


def test_csv_is_read_and_merging_again_changes_nothing(
    parts: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    merge_labels(parts[:2], tmp_path / "out")
    for name in ("labels", "expressions"):
        path = parts[1] / f"{name}.parquet"
        pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    merge_labels(parts[:2], tmp_path / "csv")
    merge_labels([tmp_path / "out", parts[1]], tmp_path / "again")
    for name in ("labels", "expressions"):
        written = [(tmp_path / f / f"{name}.parquet").read_bytes() for f in ("out", "csv", "again")]
        assert written[0] == written[1] == written[2]


def test_labels_without_a_single_value_are_merged(tmp_path: Path) -> None:
    write_labels([label("a")], "x-1", tmp_path / "a")
    write_labels([label("b")], "x-1", tmp_path / "b")
    found = merge_labels([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert (len(found.labels), len(found.expressions), found.n_repeated) == (2, 0, 0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ([label("c9"), label("c1", "about_ai", "care", "clarity")],
         r"more/labels.parquet, line 2: conversation 'c1' of 'first-1' is labelled otherwise in "
         r".*one/labels.parquet, line 1; leave one out"),
        ([label("c1", "casual_chat", "care")], r"more/labels.parquet, line 1: .* otherwise"),
        ([label("c1", "casual_chat", "clarity", "care")], "otherwise"),
        ([label("c3")], "conversation 'c3' of 'first-1' is labelled otherwise"),
    ],
)  # fmt: skip
def test_labels_that_differ_are_refused(
    parts: tuple[Path, Path, Path], tmp_path: Path, changed: list[Label], message: str
) -> None:
    write_labels(changed, "first-1", parts[2])
    with pytest.raises(InputError, match=message):
        merge_labels(parts, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folders_are_checked(parts: tuple[Path, Path, Path], tmp_path: Path) -> None:
    def refused(message: str, *folders: Path, out: Path = tmp_path / "out") -> None:
        with pytest.raises(InputError, match=message):
            merge_labels(folders, out)

    refused("1 folder given; a merge needs at least two", parts[0])
    refused("one: is one of the folders", *parts, out=parts[0])
    absent = tmp_path / "absent"
    refused("absent: needed is labels.parquet or labels.csv; neither", parts[0], absent)
    (parts[1] / "labels.csv").write_text("conversation_id\n")
    refused("other: needed is labels.parquet or labels.csv; both", *parts)
    shutil.rmtree(parts[1])
    write_labels([label("c7")], "second-1", parts[1])
    shutil.copy(parts[0] / "expressions.parquet", parts[1])
    told = "conversation 'c1' of 'first-1' has a value here but no row of labels"
    refused(f"other/expressions.parquet, line 1: {told}", *parts)
    pd.DataFrame({"conversation_id": ["a"]}).to_parquet(parts[1] / "labels.parquet")
    refused("other/labels.parquet: column 'labeller' is missing", *parts)


def test_the_command(parts: tuple[Path, Path, Path], tmp_path: Path) -> None:
    names, out = [str(part) for part in parts], tmp_path / "out"
    done = CliRunner().invoke(app, ["labels", "merge", *names, "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert "second-1: 2 conversations" in done.output
    again = CliRunner().invoke(app, ["labels", "merge", names[0], "--output", str(out)])
    assert again.exit_code == 1
    assert "error: 1 folder given" in again.output
