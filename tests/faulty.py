"""Faults made to order: a full disk, a disk that cannot be written to, a kill at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLING = ".filling"


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
