"""Each defect of the input ends a stage with one message and leaves earlier outputs alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.checkout import edit_params, edit_table, read_cells
from tests.paths import ROOT
from valuescape.stages import associate, correct, count, respond, run, taxonomy

Edit = Callable[[pd.DataFrame], pd.DataFrame]
EARLIER = "what an earlier run wrote"


@pytest.fixture
def checkout(small_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the inputs; every stage has an earlier output."""
    shutil.copytree(small_source, tmp_path, dirs_exist_ok=True)
    for stage in ("taxonomy", "count", "associate", "respond", "correct"):
        folder = tmp_path / "data" / "results" / stage
        folder.mkdir(exist_ok=True)
        (folder / "earlier.txt").write_text(EARLIER, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def results(folder: Path) -> dict[str, bytes]:
    out = folder / "data" / "results"
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def ended(stage: Callable[[], None], folder: Path) -> str:
    """Run a stage as a program and return its one message."""
    before = results(folder)
    with pytest.raises(SystemExit) as caught:
        run(stage)
    message = str(caught.value.code)
    assert message.startswith("error: ")
    assert "\n" not in message
    assert results(folder) == before
    return message


def cell(row: int, column: str, value: str) -> Edit:
    def edit(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[row, column] = value
        return table

    return edit


def twice(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.iloc[[0]]])


DEFECTS: dict[str, tuple[str, Edit, str]] = {
    "missing column": (
        "labels",
        lambda t: t.drop(columns="reader"),
        "labels.csv: column 'reader' is missing; needed are conversation_id, codebook",
    ),
    "extra column": (
        "labels",
        lambda t: t.assign(note=""),
        "labels.csv: column 'note' is not known; allowed are conversation_id, codebook",
    ),
    "unknown task type": (
        "labels",
        cell(4, "task_type", "cooking"),
        "labels.csv, line 6: task_type is 'cooking'; allowed are personal_advice, health_advice",
    ),
    "duplicate label": ("labels", twice, "a second row for conversation_id="),
    "duplicate conversation": ("conversations", twice, "conversations.csv, line "),
    "duplicate expression": ("expressions", twice, "a second row for conversation_id="),
    "inclusion probability 0": (
        "sample",
        cell(2, "inclusion_probability", "0"),
        "sample.csv, line 4: inclusion_probability is '0'; allowed is a finite number in (0, 1]",
    ),
    "inclusion probability 1.2": (
        "sample",
        cell(0, "inclusion_probability", "1.2"),
        "sample.csv, line 2: inclusion_probability is '1.2'; allowed is a finite number in (0, 1]",
    ),
    "inclusion probability nan": (
        "sample",
        cell(0, "inclusion_probability", "nan"),
        "sample.csv, line 2: inclusion_probability is 'nan'; allowed is a finite number in (0, 1]",
    ),
    "weights that miss the frame": (
        "frame",
        cell(0, "n_conversations", "10"),
        "sample.csv: in stratum 'alpaca_eval' the inverse inclusion probabilities add up to",
    ),
    "expression of nobody": (
        "expressions",
        cell(0, "conversation_id", "nowhere/1"),
        "expressions.csv, line 2: labels.csv has no row for conversation_id=nowhere/1",
    ),
    "unknown party": (
        "expressions",
        cell(1, "party", "both"),
        "expressions.csv, line 3: party is 'both'; allowed are assistant, user",
    ),
    "empty value": (
        "expressions",
        cell(1, "value", ""),
        "expressions.csv, line 3: value is ''; a text is needed",
    ),
    "no rows": ("assistants", lambda t: t.iloc[:0], "assistants.csv: no rows; at least one row"),
}


@pytest.mark.parametrize("stage", [taxonomy, count], ids=["taxonomy", "count"])
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_readings_ends_the_stage(
    checkout: Path, defect: str, stage: object
) -> None:
    table, edit, message = DEFECTS[defect]
    edit_table(checkout, table, edit)
    assert message in ended(stage.main, checkout)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["labels", "expressions", "sample", "frame"])
def test_an_empty_or_absent_file_ends_the_stage(checkout: Path, name: str) -> None:
    path = checkout / "data" / "labels" / f"{name}.csv"
    path.write_bytes(b"")
    assert f"{name}.csv: the file is empty" in ended(taxonomy.main, checkout)
    path.unlink()
    assert f"{name}.csv: no such file" in ended(taxonomy.main, checkout)


def test_one_value_in_two_spellings_inside_a_conversation_ends_the_stage(checkout: Path) -> None:
    rows = read_cells(checkout / "data" / "labels" / "expressions.csv")
    first = rows[rows["value"].str.contains(" ")].iloc[0]
    twin = first.copy()
    twin["value"] = first["value"].replace(" ", "-").title()
    edit_table(checkout, "expressions", lambda t: pd.concat([t, twin.to_frame().T]))
    message = ended(taxonomy.main, checkout)
    assert (
        f"expressions.csv, line {len(rows) + 2}: '{twin['value']}' and '{first['value']}'"
        in message
    )
    assert "are two spellings of one value" in message
    assert "one is allowed" in message


ALL = {
    "taxonomy": taxonomy.main,
    "count": count.main,
    "associate": associate.main,
    "respond": respond.main,
    "correct": correct.main,
}


@pytest.mark.parametrize("stage", ALL)
def test_a_misspelt_option_ends_every_stage(checkout: Path, stage: str) -> None:
    path = checkout / "params.yaml"
    params = yaml.safe_load(path.read_text("utf-8"))
    option, *_ = params[stage]
    params[stage][f"{option}s"] = params[stage].pop(option)
    path.write_text(yaml.safe_dump(params), "utf-8")
    message = ended(ALL[stage], checkout)
    assert f"params.yaml: option '{stage}.{option}s' is not known; allowed are " in message


def test_a_labeller_that_nobody_is_ends_the_stage(checkout: Path) -> None:
    edit_params(checkout, "count", "labeller", "reading-clsoed-1")
    assert "option 'count.labeller' is 'reading-clsoed-1'" in ended(count.main, checkout)
    edit_params(checkout, "count", "labeller", "reading-closed-1")
    for name in ("labels", "expressions"):
        edit_table(checkout, name, lambda t: t[t["codebook"] != "unprimed"])
    edit_params(checkout, "count", "labeller", "reading-unprimed-1")
    message = ended(count.main, checkout)
    assert "no labels of 'reading-unprimed-1'; allowed are reading-closed-1" in message


def test_a_folder_that_is_no_checkout_ends_the_stage(checkout: Path) -> None:
    (checkout / "dvc.yaml").unlink()
    assert "not inside a valuescape checkout" in ended(count.main, checkout)


def as_program(stage: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"valuescape.stages.{stage}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_program_says_one_line_and_exits_with_1(checkout: Path) -> None:
    edit_table(checkout, "labels", cell(4, "task_type", "cooking"))
    before = results(checkout)
    done = as_program("taxonomy", checkout)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert "labels.csv, line 6: task_type is 'cooking'" in done.stderr
    assert results(checkout) == before


def test_the_root_is_not_touched_by_these_tests(checkout: Path) -> None:
    assert Path.cwd() == checkout
    assert not checkout.is_relative_to(ROOT)
