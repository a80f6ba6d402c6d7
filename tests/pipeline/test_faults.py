"""Stages that are killed, run out of disk, meet damaged files or each other, and are run again."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import Trace, add_demo_labels, add_machine_labels, copied
from tests.faulty import contents, read_only, small_disk
from tests.moments import Group, killed_at_each_moment
from valuescape.report import rendering
from valuescape.stages import correct, count, render, run

COUNTED = "data/results/count"
STAGES = {
    "count": Group(COUNTED, "cells.csv"),
    "associate": Group("data/results/associate", "associations.csv"),
    "respond": Group("data/results/respond", "shares.csv"),
}


def ended(stage: Callable[[], None]) -> str:
    """Run a stage as a program; return the one message that it ends with."""
    with pytest.raises(SystemExit) as caught:
        run(stage)
    message = str(caught.value.code)
    assert message.startswith("error: ")
    assert "\n" not in message
    return message


@pytest.fixture(scope="module")
def counted(small_source: Path) -> dict[str, Any]:
    """Count once: later runs of the stage ``count`` in this module only read and write."""
    return {}


@pytest.fixture
def checkout(
    small_source: Path, tmp_path: Path, counted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Path:
    home = copied(small_source, tmp_path / "checkout")
    monkeypatch.chdir(home)
    for name in ("count_families", "vocabulary_table"):
        monkeypatch.setattr(count, name, _once(name, getattr(count, name), counted))
    return home


def _once(name: str, function: Callable[..., Any], known: dict[str, Any]) -> Callable[..., Any]:
    def found(*arguments: Any, **options: Any) -> Any:
        if name not in known:
            known[name] = function(*arguments, **options)
        return known[name]

    return found


def test_killed_while_it_writes_it_ends_right_when_run_again(
    small_source: Path, tmp_path: Path
) -> None:
    home = copied(small_source, tmp_path)
    (home / COUNTED).mkdir()
    (home / COUNTED / "cells.csv").write_text("what another version wrote")
    assert killed_at_each_moment(home, ["stage", "count"], [STAGES["count"]], every=6) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_many_moments_of_writing(
    stage: str, small_run: tuple[Path, Trace], tmp_path: Path
) -> None:
    home = copied(small_run[0], tmp_path)
    group = STAGES[stage]
    assert (home / group.folder / group.marker).is_file()
    (home / group.folder / group.marker).write_text("what another version wrote")
    every = {"count": 1, "associate": 25, "respond": 9}[stage]
    assert killed_at_each_moment(home, ["stage", stage], [group], every=every) >= 2


@pytest.mark.slow
def test_killed_at_random_from_without_it_ends_right_when_run_again(
    small_run: tuple[Path, Trace], tmp_path: Path
) -> None:
    home, rng = copied(small_run[0], tmp_path), random.Random(3)  # noqa: S311
    expected = contents(small_run[0] / COUNTED)
    earlier = home / COUNTED / "cells.csv"
    earlier.write_text("what another version wrote")
    before = contents(home / COUNTED)
    command = [sys.executable, "-m", "valuescape.stages.count"]
    begun = time.monotonic()
    subprocess.run(command, cwd=copied(home, tmp_path / "timed"), check=True)
    longest, kills = time.monotonic() - begun, 0
    for _ in range(5):
        running = subprocess.Popen(command, cwd=home)
        try:
            running.wait(rng.uniform(0.5, 1.0) * longest)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            kills += 1
        assert contents(home / COUNTED) in (before, expected)
    subprocess.run(command, cwd=home, check=True)
    assert contents(home / COUNTED) == expected
    assert not list((home / "data/results").glob(".*"))
    assert kills


def test_a_full_disk_names_the_file_and_leaves_the_earlier_results(
    checkout: Path, tmp_path: Path
) -> None:
    count.main()
    expected = contents(checkout / COUNTED)
    results, kept = checkout / "data/results", tmp_path / "kept"
    results.rename(kept)
    shutil.rmtree(kept / "count")
    size = 40_000 + sum(len(content) for content in contents(kept).values())
    with small_disk(results, f"{size // 1024}k") as disk:
        shutil.copytree(kept / "taxonomy", disk / "taxonomy")
        (disk / "count").mkdir()
        (disk / "count" / "cells.csv").write_text("earlier")
        told = ended(count.main)
        assert f"{COUNTED}/" in told
        assert told.endswith("No space left on device; make room there and run the same command "
                             "again")  # fmt: skip
        assert contents(disk / "count") == {"cells.csv": b"earlier"}
        assert not list(disk.glob(".*"))
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        count.main()
        assert contents(disk / "count") == expected


def test_results_that_cannot_be_written_to_are_named(checkout: Path) -> None:
    (checkout / COUNTED).mkdir()
    (checkout / COUNTED / "cells.csv").write_text("earlier")
    with read_only(checkout / "data" / "results"):
        told = ended(count.main)
    assert f"{COUNTED}: cannot be written: Read-only file system; name another" in told
    assert contents(checkout / COUNTED) == {"cells.csv": b"earlier"}
    count.main()
    assert len(contents(checkout / COUNTED)) == 4


def test_a_limit_of_size_is_told_without_a_disk_of_its_own(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a full disk does, where none can be mounted."""
    count.main()
    expected = contents(checkout / COUNTED)

    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr("valuescape.writing._put", refuse)
        assert f"{COUNTED}/vocabulary.csv: cannot be written: No space" in ended(count.main)
    assert contents(checkout / COUNTED) == expected
    assert not list((checkout / "data/results").glob(".*"))


def _in_a_process(home: Path, known: dict[str, Any]) -> None:
    os.chdir(home)
    for name in ("count_families", "vocabulary_table"):
        setattr(count, name, _once(name, getattr(count, name), known))
    run(count.main)


def test_two_runs_in_one_checkout_end_with_whole_results(
    checkout: Path, counted: dict[str, Any]
) -> None:
    count.main()
    expected = contents(checkout / COUNTED)
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_in_a_process, args=(checkout, counted)) for _ in range(3)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
        assert one.exitcode == 0
    assert contents(checkout / COUNTED) == expected
    assert not list((checkout / "data/results").glob(".*"))


@pytest.mark.parametrize("jump", [-3e8, 3e8])
def test_a_clock_that_jumps_changes_no_result(
    jump: float, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count.main()
    expected = contents(checkout / COUNTED)
    clock, n = time.time, iter(range(1, 10**9))
    monkeypatch.setattr(time, "time", lambda: clock() + jump * next(n))
    for path in (checkout / "data").rglob("*.csv"):
        os.utime(path, (clock() + jump, clock() + jump))
    count.main()
    assert contents(checkout / COUNTED) == expected


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda content: content[: len(content) * 2 // 3],
    "cut off by a byte": lambda content: content[:-1],
    "overwritten": lambda content: content[:40] + b"\xff" * 400 + content[440:],
    "a page": lambda _: b"<html>not found</html>",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_parquet_file_is_named_with_what_to_do(damage: str, checkout: Path) -> None:
    add_machine_labels(checkout)
    add_demo_labels(checkout)
    path = checkout / "data/labels/machine/labels.parquet"
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    told = ended(correct.main)
    assert f"{path}: not a readable Parquet file (" in told
    assert told.endswith("copy or make it again (in a checkout: git restore, or dvc repro)")
    assert not (checkout / "data/results/correct").exists()


def test_an_input_that_another_stage_has_not_made_is_named(checkout: Path) -> None:
    shutil.rmtree(checkout / "data/results/taxonomy")
    assert "taxonomy/values.csv: no such file; the stage taxonomy writes it" in ended(count.main)
    assert not (checkout / COUNTED).exists()


def test_a_renderer_that_is_not_installed_is_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        raise rendering.PackageNotFoundError(name)

    monkeypatch.setattr(rendering.shutil, "which", lambda _: None)
    monkeypatch.setattr(rendering, "version", absent)
    told = ended(render.main)
    assert "package pypandoc-binary is not installed; install Quarto >= 1.9" in told
    assert not (checkout / "paper").exists()


def test_a_package_that_is_missing_is_named_and_nothing_is_written(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandera.errors", None)
    told = ended(count.main)
    assert told.endswith("the Python package 'pandera.errors' is not installed; install the "
                         "packages again (make install, or pip install valuescape)")  # fmt: skip
    assert not (checkout / COUNTED).exists()
