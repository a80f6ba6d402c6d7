"""Commands that are killed, meet each other, a full disk or a missing package; and run again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.faulty import contents, fill, read_only, small_disk
from tests.moments import Group, killed_at_each_moment
from tests.taxonomy.test_free_tree import NAMES
from valuescape.cli import app
from valuescape.stages.label import demo_corpus

TREE = ["taxonomy", "build", "names.txt", "--output", "out/tree", "--embeddings", "stems"]
LABEL = ["label", "chats.jsonl", "--output", "labels"]
REPORT = ["report", "chats.jsonl", "--output", "report"]
CONVERT = ["convert", "chats.jsonl", "--output", "out/converted.jsonl"]
REDACT = ["redact", "chats.jsonl", "out/redacted.jsonl"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lines = demo_corpus().read_text("utf-8").splitlines()
    (tmp_path / "chats.jsonl").write_text("\n".join(lines[:40]), "utf-8")
    (tmp_path / "names.txt").write_text("\n".join(NAMES), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ended(words: list[str]) -> str:
    """Run a command that fails; return its one message."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1, done.output
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ")
    assert "Traceback" not in done.output
    return last


def earlier(home: Path, *names: str) -> dict[str, bytes]:
    for name in names:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("what an earlier run wrote")
    return contents(home / Path(names[0]).parts[0])


COMMANDS: dict[str, tuple[list[str], list[Group], int]] = {
    "taxonomy build": (TREE, [Group("out/tree", "taxonomy.csv")], 6),
    "label": (LABEL, [Group("labels", "labels.parquet")], 3),
    "convert": (CONVERT, [Group("out", "converted.jsonl")], 1),
    "redact": (REDACT, [Group("out", "redacted.jsonl")], 2),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_while_it_writes_it_ends_right_when_run_again(command: str, home: Path) -> None:
    words, groups, every = COMMANDS[command]
    earlier(home, *(f"{group.folder}/{group.marker}" for group in groups))
    assert killed_at_each_moment(home, words, groups, every=every) >= 3


@pytest.mark.slow
def test_a_report_killed_while_it_is_written(home: Path) -> None:
    (home / "chats.jsonl").write_bytes(demo_corpus().read_bytes())
    groups = [Group("report-labels", "origin.json"), Group("report", "report.html")]
    (home / "report").mkdir()
    (home / "report" / "report.html").write_text("what an earlier run wrote")
    assert killed_at_each_moment(home, REPORT, groups, every=25) >= 5


@pytest.mark.slow
def test_two_reports_into_one_folder_end_with_one_of_them_whole(home: Path) -> None:
    lines = demo_corpus().read_text("utf-8").splitlines()
    for name, part in (("a", lines), ("b", lines[:150])):
        (home / f"{name}.jsonl").write_text("\n".join(part), "utf-8")
        alone = CliRunner().invoke(app, ["report", f"{name}.jsonl", "-o", f"alone-{name}/report"])
        assert alone.exit_code == 0, alone.output
    program = [sys.executable, "-c", "from valuescape.cli import app; app()", "report"]
    runs = [
        subprocess.Popen([*program, f"{name}.jsonl", "-o", "both/report"], stderr=subprocess.PIPE)
        for name in ("a", "b")
    ]
    told = [run.communicate()[1].decode() for run in runs]
    codes = [run.returncode for run in runs]
    assert 0 in codes
    for code, text in zip(codes, told, strict=True):
        assert code == 0 or "another run wrote other labels there" in text, text
    wholes = [contents(home / f"alone-{name}" / "report") for name in ("a", "b")]
    assert contents(home / "both" / "report") in wholes
    wholes = [contents(home / f"alone-{name}" / "report-labels") for name in ("a", "b")]
    assert contents(home / "both" / "report-labels") in wholes


FULL = {
    "taxonomy build": (TREE, "out/tree/taxonomy.csv"),
    "label": (LABEL, "labels/labels.parquet"),
    "convert": (CONVERT, "out/converted.jsonl"),
    "redact": (REDACT, "out/redacted.jsonl"),
    "associate": (
        ["associate", "labels/labels.parquet", "labels/expressions.parquet", "--output",
         "out/cells.csv"], "out/cells.csv"
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", FULL)
def test_a_full_disk_and_one_that_is_only_read_leave_what_was_there(
    command: str, home: Path
) -> None:
    words, name = FULL[command]
    if command == "associate":
        assert CliRunner().invoke(app, LABEL).exit_code == 0
    with small_disk(home / Path(name).parts[0], "4m") as disk:
        before = earlier(home, name)
        filling = fill(disk)
        told = ended(words)
        assert f"{Path(name).parent}" in told
        assert "No space left on device; make room there and run the same command again" in told
        filling.unlink()
        assert contents(disk) == before
        with read_only(disk):
            assert "cannot be written: Read-only file system; name another place" in ended(words)
        assert contents(disk) == before
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
        assert (home / name).read_bytes() != b"what an earlier run wrote"


def test_a_disk_that_is_full_is_told_where_none_can_be_mounted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = earlier(home, "labels/labels.parquet")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("valuescape.writing.Path.replace", refuse)
    assert "labels/labels.parquet: cannot be written: No space left" in ended(LABEL)
    monkeypatch.undo()
    monkeypatch.chdir(home)
    assert not [name for name in contents(home / "labels") if name.startswith(".")]
    assert CliRunner().invoke(app, LABEL).exit_code == 0
    assert contents(home / "labels") != before


@pytest.mark.parametrize("package", ["pyarrow", "numpy"])
def test_a_package_that_is_missing_is_named(package: str, home: Path) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        f"sys.argv = ['valuescape', *{LABEL!r}]\nfrom valuescape.cli import app; app()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"error: the Python package {package!r} is not installed; install" in done.stderr
    assert not (home / "labels").exists()


def test_kept_labels_that_are_damaged_are_made_anew(home: Path) -> None:
    (home / "chats.jsonl").write_bytes(demo_corpus().read_bytes())
    from valuescape.corpora.reading import Tally
    from valuescape.own.labels import label_corpus

    def labelled() -> bool:
        return label_corpus(Path("chats.jsonl"), Path("kept"), "embedded", tally=Tally()).reused

    assert [labelled(), labelled()] == [False, True]
    whole = contents(home / "kept")
    for name in whole:
        (home / "kept" / name).write_bytes(whole[name][: len(whole[name]) // 2])
        assert not labelled(), name
        assert contents(home / "kept") == whole
        (home / "kept" / name).unlink()
        assert not labelled(), name
        assert contents(home / "kept") == whole
