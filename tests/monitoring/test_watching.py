"""A running monitor: new rows only, the same file twice, kills, alarms and what cannot be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.monitoring.simulated import labelled, write
from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.monitoring.command import watch_folder
from valuescape.monitoring.evidence import Rules
from valuescape.monitoring.state import read_state, write_state
from valuescape.monitoring.watching import OTHER

DRIFT = {"warmth": 0.25}


@pytest.fixture
def baseline(tmp_path: Path) -> Path:
    return write(tmp_path / "baseline", labelled(1, 3000))


def day(folder: Path, number: int, n: int = 80, **options: object) -> Path:
    name = f"2026-03-{number:02d}"
    tables = labelled(50 + number, n, prefix=f"d{number}-", **options)  # type: ignore[arg-type]
    return write(folder / name, tables)


def watched(tmp_path: Path, state: str = "state.json", **options: object) -> pd.DataFrame:
    out = tmp_path / "table.csv"
    watch_folder(tmp_path / "stream", tmp_path / state, output=out, **options)  # type: ignore[arg-type]
    return pd.read_csv(out, keep_default_na=False).set_index("name")


def test_a_drift_is_alarmed_and_placed_and_the_rest_is_not(tmp_path: Path, baseline: Path) -> None:
    for number in range(1, 21):
        day(tmp_path / "stream", number, odds=DRIFT if number > 10 else None)
    table = watched(tmp_path, baseline=baseline)
    row = table.loc["warmth"]
    assert row["verdict"] == "behaviour down"
    assert row["alarm"] > "2026-03-10"
    assert row["since_low"] <= "2026-03-11" <= row["since_high"]
    quiet = table.drop(index="warmth")
    assert (quiet["verdict"] == "no change shown").all()
    assert (quiet["ci_low"] <= quiet["baseline"]).all()
    assert (quiet["baseline"] <= quiet["ci_high"]).all()


def test_another_mix_is_composition_not_behaviour(tmp_path: Path, baseline: Path) -> None:
    for number in range(1, 16):
        day(tmp_path / "stream", number, mix=(0.05, 0.9, 0.05))
    table = watched(tmp_path, baseline=baseline)
    assert table.loc["clarity", "verdict"] == "composition"
    assert not table["verdict"].str.startswith("behaviour").any()


def test_step_by_step_equals_all_at_once_and_files_count_once(
    tmp_path: Path, baseline: Path
) -> None:
    for number in range(1, 7):
        day(tmp_path / "stream", number, odds=DRIFT if number > 3 else None)
        step = watched(tmp_path, baseline=baseline if number == 1 else None)
    whole = watched(tmp_path, "other.json", baseline=baseline)
    shown = ["estimate", "ci_low", "ci_high", "log10_e", "q_value", "k", "n", "verdict"]
    pd.testing.assert_frame_equal(step[shown], whole[shown])
    before = (tmp_path / "state.json").read_text()
    again = watched(tmp_path)
    pd.testing.assert_frame_equal(step, again)
    assert (tmp_path / "state.json").read_text() == before
    shutil.copytree(tmp_path / "stream" / "2026-03-03", tmp_path / "stream" / "2026-03-30")
    pd.testing.assert_frame_equal(watched(tmp_path), again)


def test_only_new_row_groups_of_a_grown_file_are_read(tmp_path: Path, baseline: Path) -> None:
    labels, said = labelled(2, 90)
    batch = tmp_path / "stream" / "batch"
    write(batch, (labels.head(60), said), rows=30)
    assert watched(tmp_path, baseline=baseline)["n"].iloc[0] == 60
    write(batch, (labels, said), rows=30)
    told = watch_folder(tmp_path / "stream", tmp_path / "state.json")
    assert told.text.startswith("30 new conversations in 1 row groups; 1 looks")
    assert read_state(tmp_path / "state.json").trial_counts().sum() == 90


def test_dated_rows_make_a_look_a_day_in_any_order(tmp_path: Path, baseline: Path) -> None:
    labels, said = labelled(3, 40)
    stamps = [f"2026-04-{1 + i % 4:02d}T10:00:00Z" for i in range(40)]
    write(tmp_path / "stream" / "a", (labels.assign(started_at=stamps), said))
    watched(tmp_path, baseline=baseline)
    state = read_state(tmp_path / "state.json")
    assert [look.name for look in state.looks] == [f"2026-04-0{d}" for d in (1, 2, 3, 4)]
    late, words = labelled(4, 5, prefix="late")
    write(tmp_path / "stream" / "b", (late.assign(started_at="2026-04-02T08:00:00Z"), words))
    told = watch_folder(tmp_path / "stream", tmp_path / "state.json")
    assert "5 late" in told.text
    assert sum(read_state(tmp_path / "state.json").looks[-1].trials.values()) == 15
    wrong = labelled(5, 3, prefix="w")
    write(tmp_path / "stream" / "c", (wrong[0].assign(started_at="yesterday"), wrong[1]))
    with pytest.raises(InputError, match="started_at is 'yesterday'; a time in ISO 8601"):
        watch_folder(tmp_path / "stream", tmp_path / "state.json")


def test_one_conversation_a_day_is_enough(tmp_path: Path, baseline: Path) -> None:
    labels, said = labelled(6, 120, odds={"warmth": 0.02})
    stamps = pd.date_range("2026-01-01", periods=120, tz="UTC").strftime("%Y-%m-%d")
    write(tmp_path / "stream" / "a", (labels.assign(started_at=stamps), said))
    table = watched(tmp_path, baseline=baseline)
    assert table.loc["warmth", "verdict"] == "behaviour down"
    assert table.loc["clarity", "verdict"] == "no change shown"


def test_values_and_tasks_that_are_new(tmp_path: Path, baseline: Path) -> None:
    labels, said = labelled(7, 400)
    fresh = said.assign(value=said["value"].replace("warmth", "zeal"))
    labels.loc[:9, "task_type"] = "money_law"
    write(tmp_path / "stream" / "a", (labels, fresh))
    told = watch_folder(tmp_path / "stream", tmp_path / "state.json", baseline=baseline)
    assert "10 in task types that the baseline lacks" in told.text
    assert f"{OTHER}: behaviour up" in told.text


def test_a_run_that_fails_leaves_the_state_as_it_was(tmp_path: Path, baseline: Path) -> None:
    day(tmp_path / "stream", 1)
    watched(tmp_path, baseline=baseline)
    before = (tmp_path / "state.json").read_bytes()
    day(tmp_path / "stream", 2)
    broken = tmp_path / "stream" / "2026-03-03"
    broken.mkdir()
    (broken / "labels.parquet").write_bytes(b"no parquet")
    (broken / "expressions.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match=r"2026-03-03/labels\.parquet: not a readable Parquet"):
        watched(tmp_path)
    assert (tmp_path / "state.json").read_bytes() == before
    shutil.rmtree(broken)
    assert watched(tmp_path)["n"].iloc[0] == 160


def test_the_state_is_read_as_written(tmp_path: Path, baseline: Path) -> None:
    day(tmp_path / "stream", 1)
    watched(tmp_path, baseline=baseline, rules=Rules(run_length=50, tolerance=1.5))
    state = read_state(tmp_path / "state.json")
    assert state.rules == Rules(run_length=50, tolerance=1.5)
    write_state(state, tmp_path / "copy.json")
    assert read_state(tmp_path / "copy.json") == state


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 9}', "{}"])
def test_no_state_is_refused_by_name(tmp_path: Path, baseline: Path, content: str) -> None:
    day(tmp_path / "stream", 1)
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(InputError, match=r"state\.json: "):
        watched(tmp_path)


def test_baselines_and_folders_that_do_not_fit(tmp_path: Path, baseline: Path) -> None:
    with pytest.raises(InputError, match="a new monitor needs --baseline"):
        watched(tmp_path)
    with pytest.raises(InputError, match="stream: no such folder"):
        watched(tmp_path, baseline=baseline)
    (tmp_path / "stream").mkdir()
    with pytest.raises(InputError, match=r"no labels\.parquet in it or below"):
        watched(tmp_path, baseline=baseline)
    day(tmp_path / "stream", 1)
    with pytest.raises(InputError, match="--quantity 'mood' is not known"):
        watched(tmp_path, baseline=baseline, quantity="mood")
    with pytest.raises(InputError, match="in at least 100000 conversations"):
        watched(tmp_path, baseline=baseline, minimum=100_000)
    watched(tmp_path, baseline=baseline)
    with pytest.raises(InputError, match="this monitor has a baseline"):
        watched(tmp_path, baseline=baseline)
    (tmp_path / "stream" / "2026-03-01" / "expressions.parquet").unlink()
    (tmp_path / "state.json").unlink()
    with pytest.raises(InputError, match=r"expressions\.parquet: no such file"):
        watched(tmp_path, baseline=baseline)


@pytest.mark.slow
def test_the_command_ends_with_its_verdict(tmp_path: Path, baseline: Path) -> None:
    for number in range(1, 9):
        day(tmp_path / "stream", number, odds=DRIFT)
    given = ["monitor", "watch", str(tmp_path / "stream"), "--state", str(tmp_path / "s.json")]
    done = CliRunner().invoke(app, [*given, "--baseline", str(baseline), "--exit-code"])
    assert done.exit_code == 5, done.output
    assert "warmth: behaviour down" in done.output
    assert json.loads((tmp_path / "s.json").read_text())["alarms"]
    loose = [*given[:-1], str(tmp_path / "t.json"), "--baseline", str(baseline)]
    done = CliRunner().invoke(app, [*loose, "--tolerance", "0.5"])
    assert "--tolerance 0.5 is not allowed; at least 1 is" in done.output
