"""Faults made to order: a full disk, a disk that cannot be written to, a kill at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

KILLED = -9
FILLING = ".filling"
_EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree",
           "tempfile.mkstemp", "tempfile.mkdtemp", "fcntl.flock")  # fmt: skip
STRIKER = f"""
import os, signal, sys
at, module = int(sys.argv[1]), sys.argv[2]
place = os.path.realpath(sys.argv[3])
n = 0
def strike(event, arguments):
    global n
    if event not in {_EVENTS!r}:
        return
    if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
        return
    if event == "open" and not os.path.realpath(str(arguments[0])).startswith(place):
        return
    n += 1
    if n == at:
        os.kill(os.getpid(), signal.SIGKILL)
"""
STAGE = """
import importlib
stage = importlib.import_module("valuescape.stages." + module)
from valuescape.stages import run
sys.addaudithook(strike)
run(stage.main)
print("events", n)
"""
COMMAND = """
from valuescape.cli import app
sys.addaudithook(strike)
sys.argv = ["valuescape", *sys.argv[4:]]
try:
    app()
finally:
    print("events", n)
"""


def struck(
    at: int, folder: Path, program: str, module: str = "", words: Sequence[object] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a stage or a command that kills itself before the ``at``-th thing it does to files.

    Counted are the files that it opens for writing in ``folder``, and whatever it makes, renames,
    locks or removes; 0 lets it live, and its last line tells how many there were.
    """
    given = [str(at), module or "-", str(folder), *map(str, words)]
    return subprocess.run(
        [sys.executable, "-c", STRIKER + program, *given],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def n_events(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many things a run did to files."""
    assert done.returncode == 0, done.stderr
    word, n = done.stdout.splitlines()[-1].split()
    assert word == "events"
    return int(n)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of a few kB or MB on a folder; the test is skipped where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    _mounted(["-t", "tmpfs", "-o", f"size={size}", "none", str(folder)])
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Mount a folder upon itself so that nobody, root included, writes to it."""
    _mounted(["--bind", str(folder), str(folder)])
    try:
        _mounted(["-o", "remount,bind,ro", str(folder)])
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)


def _mounted(words: list[str]) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a disk is mounted by root on Linux only")
    done = subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


def fill(disk: Path, *, but: int = 0) -> Path:
    """Fill a disk up to some bytes."""
    filling = disk / FILLING
    with filling.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            pass
        stream.truncate(max(0, stream.tell() - but))
    return filling
