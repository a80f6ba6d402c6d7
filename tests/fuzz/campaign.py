"""Many damaged files given to a reader: each is read or refused, in time and in bounded memory."""

from __future__ import annotations

import os
import random
import re
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from valuescape.errors import InputError

CASES = [40, pytest.param(1000, marks=pytest.mark.slow)]
SECONDS = 10.0
MEGABYTES = 600
_ROUNDS = 60
_SHOWN = 400

Read = Callable[[Path], object]
Make = Callable[[random.Random], bytes]


class TooSlow(BaseException):
    """A reader did not come back in time; no handler of the package catches it."""


@dataclass(frozen=True)
class Found:
    """How the cases of a campaign ended."""

    read: int
    refused: int


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Stop what takes the processors longer, however busy the machine is."""

    def stop(*_: object) -> None:
        raise TooSlow(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def memory(field: str) -> int:
    """Return a figure of this process's memory in MB, as Linux gives it; 0 elsewhere."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    found = re.search(rf"{field}:\s*(\d+) kB", status.read_text())
    return int(found[1]) // 1024 if found else 0


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def fault(path: Path, content: bytes, read: Read) -> str:
    """Give a file to a reader and return what is wrong with the answer; empty if nothing is."""
    path.write_bytes(content)
    try:
        with limited():
            read(path)
    except InputError as error:
        return "" if str(path.parent) in str(error) else f"names no file: {error}"
    except (Exception, TooSlow) as error:  # noqa: BLE001 (any but InputError is a finding)
        return "".join(traceback.format_exception(error)[-4:])
    return ""


def shrunk(path: Path, content: bytes, read: Read) -> bytes:
    """Take pieces out of a file for as long as the same kind of fault stays."""
    kind = _kind(fault(path, content, read))
    step, rounds = max(1, len(content) // 2), 0
    while step and rounds < _ROUNDS:
        at = 0
        while at < len(content) and rounds < _ROUNDS:
            rounds += 1
            less = content[:at] + content[at + step :]
            if _kind(fault(path, less, read)) == kind:
                content = less
            else:
                at += step
        step //= 2
    return content


def _kind(told: str) -> str:
    return told.strip().splitlines()[-1].partition(":")[0] if told else ""


def campaign(path: Path, make: Make, read: Read, n: int, seed: int = 0) -> Found:
    """Read ``n`` damaged files under one name.

    A case is made from ``(seed, number)`` alone, so that it can be made again.
    """
    _forget_peak()
    before, refused = memory("VmRSS"), 0

    def counting(given: Path) -> None:
        nonlocal refused
        try:
            read(given)
        except InputError:
            refused += 1
            raise

    for number in range(n):
        content = make(random.Random(f"{seed}-{number}"))  # noqa: S311
        told = fault(path, content, counting)
        if told:
            small = shrunk(path, content, read)
            raise AssertionError(
                f"case {seed}-{number} ({len(content)} bytes, shrunk to {len(small)}): "
                f"{small[:_SHOWN]!r}\n{told}"
            )
    assert memory("VmHWM") - before <= MEGABYTES
    return Found(n - refused, refused)


def not_files(folder: Path, name: str) -> Iterator[Path]:
    """Give what stands where a file belongs: a folder, nothing, a link to itself, a pipe's end."""
    inside = folder / "in-place-of-a-file"
    inside.mkdir()
    (inside / name).mkdir()
    yield inside / name
    yield inside / "absent" / name
    circle = inside / f"circle-{name}"
    circle.symlink_to(circle)
    yield circle
    locked = inside / f"locked-{name}"
    locked.write_bytes(b"")
    locked.chmod(0)
    if not os.access(locked, os.R_OK):
        yield locked
    below = inside / f"file-{name}"
    below.write_bytes(b"")
    yield below / name


def refused_in_place_of(
    folder: Path, name: str, read: Callable[[Path], Any], *, makes: bool = False
) -> None:
    """Check that whatever is no file is refused by a message that names it.

    A reader that ``makes`` a file where there is none is not asked for one that is absent.
    """
    for path in not_files(folder, name):
        if makes and path.parent.name == "absent":
            continue
        with pytest.raises(InputError, match=re.escape(str(path))), limited():
            read(path)
