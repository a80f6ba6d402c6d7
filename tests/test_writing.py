"""Files and folders are there whole or not at all, whatever happens to the run that writes them."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faulty import contents, fill, read_only, small_disk
from valuescape import writing
from valuescape.errors import InputError, WriteError, explained
from valuescape.writing import (
    alone_in,
    lock,
    replaced_file,
    replaced_folder,
    write_bytes,
    write_together,
)

LEFT = "abcd1234.tmp"


def refuse_with(number: int) -> object:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_failing_write_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.txt"
    write_bytes(b"old", path)
    monkeypatch.setattr(Path, "replace", refuse_with(errno.ENOSPC))
    with pytest.raises(WriteError, match=r"x\.txt: cannot be written: No space left.*make room"):
        write_bytes(b"new", path)
    assert contents(tmp_path) == {"x.txt": b"old"}


def test_a_kill_in_the_middle_leaves_the_old_file_and_the_next_run_tidies(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    write_bytes(b"old", path)
    program = (
        "import time; from pathlib import Path; from valuescape.writing import replaced_file\n"
        f"with replaced_file(Path({str(path)!r})) as stream:\n"
        "    stream.write(b'n'); stream.flush(); print('half', flush=True); time.sleep(60)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stdout.readline() == b"half\n"
    write_bytes(b"while another run writes", path)
    assert len(list(tmp_path.iterdir())) == 2, "what a living run writes is not taken away"
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()
    assert path.read_bytes() == b"while another run writes"
    write_bytes(b"newer", path)
    assert contents(tmp_path) == {"x.bin": b"newer"}


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    for round_ in (b"1", b"2"):
        with replaced_folder(folder) as fresh:
            assert fresh.parent.parent == folder.parent
            write_bytes(round_, fresh / f"{round_.decode()}.txt")
            before = contents(folder) if folder.exists() else {}
            assert f"{round_.decode()}.txt" not in before
    assert contents(folder) == {"2.txt": b"2"}
    assert [p.name for p in folder.parent.iterdir()] == ["out"]
    assert oct(folder.stat().st_mode & 0o777) == "0o755"


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failing_body_leaves_the_old_folder(
    tmp_path: Path, exists: bool, failure: type[BaseException]
) -> None:
    folder = tmp_path / "out"
    if exists:
        write_bytes(b"old", folder / "a.txt")

    def half_done() -> None:
        with replaced_folder(folder) as fresh:
            write_bytes(b"half", fresh / "a.txt")
            raise failure

    with pytest.raises(failure):
        half_done()
    assert folder.exists() == exists
    assert contents(tmp_path) == ({"out/a.txt": b"old"} if exists else {})


def test_a_swap_that_fails_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    write_bytes(b"old", folder / "a.txt")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if ".new." in self.parent.name and (self.name == "out" or broken):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    for broken in (False, True):
        with pytest.raises(WriteError, match=r"out: cannot be written: Input/output error"):
            _replaced(folder)
        kept = {"out/a.txt": b"old"} if not broken else {}
        assert {n: c for n, c in contents(tmp_path).items() if n.startswith("out/")} == kept
    monkeypatch.undo()
    with pytest.raises(KeyboardInterrupt), replaced_folder(folder):
        raise KeyboardInterrupt
    assert contents(tmp_path) == {"out/a.txt": b"old"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_inside_is_named_by_its_place_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"

    def write(*, bare: bool) -> None:
        with replaced_folder(folder) as fresh:
            if bare:
                (fresh / "absent" / "a.csv").open("wb")
            monkeypatch.setattr(Path, "replace", refuse_with(errno.ENOSPC))
            write_bytes(b"new", fresh / "deep" / "a.csv")

    for bare in (True, False):
        with pytest.raises(WriteError) as caught:
            write(bare=bare)
        named = folder / ("absent" if bare else "deep") / "a.csv"
        assert str(caught.value).startswith(f"{named}: cannot be written: ")
        assert ".new." not in str(caught.value)


def test_what_fails_elsewhere_is_not_taken_for_a_failure_to_write(tmp_path: Path) -> None:
    def read(*, folder: bool) -> None:
        with replaced_folder(tmp_path / "out") if folder else replaced_file(tmp_path / "x"):
            (tmp_path / "elsewhere" / "absent").read_bytes()

    for folder in (True, False):
        with pytest.raises(FileNotFoundError):
            read(folder=folder)
    assert not any(tmp_path.iterdir())


def test_what_a_killed_run_moved_away_is_put_back_and_the_rest_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_bytes(b"old", tmp_path / f".out.new.{LEFT}" / ".old" / "a.txt")
    write_bytes(b"half", tmp_path / f".out.new.{LEFT}" / "out" / "a.txt")
    write_bytes(b"half", tmp_path / ".out.new.efgh5678.tmp" / "out" / "a.txt")
    write_bytes(b"half", tmp_path / f".x.csv.new.{LEFT}")

    def stopped() -> None:
        with replaced_folder(folder):
            assert contents(folder) == {"a.txt": b"old"}
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    write_bytes(b"x", tmp_path / "x.csv")
    assert contents(tmp_path) == {"out/a.txt": b"old", "x.csv": b"x"}


def test_nothing_but_leftovers_of_the_same_place_is_taken_away(tmp_path: Path) -> None:
    kept = (".out.new.tmp", ".out.old.2024", "out.new.abcd1234.tmp", ".outer.new.abcd1234.tmp",
            ".out.new.abcd1234", ".out.backup.abcd1234.tmp", ".outxnew.abcd1234.tmp")  # fmt: skip
    for name in kept:
        write_bytes(b"mine", tmp_path / name / "a.txt")
    with replaced_folder(tmp_path / "out"):
        pass
    assert {p.name for p in tmp_path.iterdir()} == {"out", *kept}


def test_files_that_belong_together_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = tmp_path / "first", tmp_path / "last"
    write_together({first: b"1", last: b"1"})
    seen: list[set[str]] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append({p.name for p in tmp_path.iterdir() if not p.name.startswith(".")})
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    write_together({first: b"2", last: b"2"})
    assert seen == [set(), {"first"}]
    monkeypatch.setattr(Path, "unlink", refuse_with(errno.EACCES))
    with pytest.raises(PermissionError):
        write_together({first: b"3", last: b"3"})
    monkeypatch.undo()
    assert (first.read_bytes(), last.read_bytes()) == (b"2", b"2")


def test_a_full_disk_leaves_both_of_two_files(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        write_together({disk / "a": b"old", disk / "b": b"old"})
        with pytest.raises(WriteError, match=r"disk/b: cannot be written: No space left"):
            write_together({disk / "a": b"new", disk / "b": b"x" * (1 << 20)})
        assert contents(disk) == {"a": b"old", "b": b"old"}
        filling = fill(disk)
        with pytest.raises(WriteError, match="No space left"):
            write_bytes(b"n" * 5000, disk / "a")
        filling.unlink()
        write_bytes(b"new", disk / "a")
        assert contents(disk) == {"a": b"new", "b": b"old"}


def test_a_file_larger_than_the_limit_is_refused_by_name(tmp_path: Path) -> None:
    write_bytes(b"old", tmp_path / "out" / "a.bin")
    program = (
        "import resource, signal; from pathlib import Path; from valuescape.writing import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "with replaced_folder(Path('out')) as out: write_bytes(b'x' * 2000, out / 'a.bin')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "WriteError: out/a.bin: cannot be written: File too large; files" in done.stderr
    assert contents(tmp_path) == {"out/a.bin": b"old"}


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    place = tmp_path / "home"
    write_bytes(b"old", place / "out" / "a.txt")
    with read_only(place):
        for write in (lambda: write_bytes(b"n", place / "x"), lambda: _replaced(place / "out")):
            with pytest.raises(WriteError, match=r"home/.*: cannot be written: Read-only.*another"):
                write()
        with alone_in(place):
            assert contents(place) == {"out/a.txt": b"old"}


def _replaced(folder: Path) -> None:
    with replaced_folder(folder) as fresh:
        write_bytes(b"new", fresh / "a.txt")


def _replace_often(folder: Path, mark: bytes) -> None:
    for _ in range(40):
        with replaced_folder(folder) as fresh:
            for name in ("a", "b"):
                write_bytes(mark, fresh / name)
        pair = {folder.parent / "pair" / name: mark for name in ("first", "last")}
        write_together(pair)


def test_two_runs_at_once_leave_one_whole_folder_and_nothing_beside(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["valuescape.writing"])
    runs = [
        context.Process(target=_replace_often, args=(tmp_path / "out", m)) for m in (b"1", b"2")
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
        assert run.exitcode == 0
    assert len(set(contents(tmp_path / "out").values())) == 1
    pair = contents(tmp_path / "pair")
    assert len(set(pair.values())) == 1
    assert sorted(pair) == ["first", "last"]
    assert {p.name for p in tmp_path.iterdir()} == {"out", "pair"}


def test_a_lock_is_seen_by_another_and_goes_with_its_run(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch()
    with path.open("rb") as mine, path.open("rb") as other:
        assert lock(mine.fileno(), wait=False) is True
        assert lock(other.fileno(), wait=False) is False
    with path.open("rb") as other:
        assert lock(other.fileno(), wait=False) is True


def test_where_there_are_no_locks_files_are_written_and_nothing_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "fcntl", None)
    write_bytes(b"half", tmp_path / f".x.new.{LEFT}")
    write_bytes(b"x", tmp_path / "x")
    _replaced(tmp_path / "out")
    assert contents(tmp_path) == {f".x.new.{LEFT}": b"half", "out/a.txt": b"new", "x": b"x"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/y"), "/y: No space .*room"),
        (OSError(errno.EACCES, "Permission denied", "/x"), "/x: Permission denied; name another"),
        (ModuleNotFoundError("No module named 'typst'", name="typst"), "'typst' is not installed"),
        (InputError("a.csv: no rows"), "a.csv: no rows"),
    ],
)
def test_what_the_system_refuses_is_explained(error: Exception, told: str) -> None:
    found = explained(error)
    assert found is not None
    with pytest.raises(InputError, match=told):
        raise found


@pytest.mark.parametrize(
    "error",
    [BrokenPipeError(errno.EPIPE, "Broken pipe"), KeyError("a"), FileNotFoundError(2, "No", "x"),
     ModuleNotFoundError("No module named 'valuescape.x'", name="valuescape.x")],
)  # fmt: skip
def test_what_is_our_own_fault_is_not_explained_away(error: Exception) -> None:
    assert explained(error) is None
