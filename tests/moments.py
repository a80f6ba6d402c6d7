"""A program that is killed before each thing it does to files, and run again after each kill.

The program runs up to the first thing it does to files. There it forks: one copy goes on to the end
and shows what is to come out; for every moment one copy goes on and kills itself there, then one
more goes on to the end, as the same command repeated would.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faulty import contents
from tests.paths import ROOT

EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree",
          "fcntl.flock")  # fmt: skip


@dataclass(frozen=True)
class Group:
    """A folder whose files belong together; where ``marker`` is, they are of one run."""

    folder: str
    marker: str


def killed_at_each_moment(
    home: Path, words: Sequence[object], groups: Sequence[Group], *, every: int = 1
) -> int:
    """Kill a stage (``stage NAME``) or a command at every ``every``-th moment; return how many.

    Raises
    ------
    AssertionError
        If a kill leaves a marker over files that are not of one run, or a second run does not end
        with what a run ends with that nobody kills, and nothing beside.
    """
    told = json.dumps([[g.folder, g.marker] for g in groups])
    command = [sys.executable, "-m", "tests.moments", str(home), told, str(every)]
    done = subprocess.run(
        [*command, *map(str, words)],
        cwd=home,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return int(done.stdout.splitlines()[-1].removeprefix("killed "))


class GoesOnError(Exception):
    """Leads a copy out of the hook, back into the program."""


class Moments:
    """The hook that counts what is done to files, forks at the first and kills its copies."""

    def __init__(self, home: Path, groups: Sequence[Group], every: int) -> None:
        self.home, self.groups, self.every = home.resolve(), groups, every
        self.n, self.at, self.told = 0, 0, -1
        self.is_copy = self.is_busy = False

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_busy or event not in EVENTS:
            return
        if event == "open" and not self._writes(*arguments):
            return
        if not self.is_copy:
            self.is_busy = True
            with suppress(GoesOnError):
                self._fork_at_each_moment()
            self.is_busy = False
        self.n += 1
        if self.n == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _writes(self, path: object, mode: object, *_: object) -> bool:
        writing = isinstance(mode, str) and bool(set(mode) & set("wax+"))
        return writing and isinstance(path, str) and Path(path).is_relative_to(self.home)

    def _fork_at_each_moment(self) -> None:
        before = self._all()
        code, n = self._copied(0)
        assert code == 0, "a run that nobody kills fails"
        after = self._all()
        assert after != before
        assert n
        moments = range(1, n + 1, self.every)
        for at in moments:
            self._restore(before)
            code, _ = self._copied(at)
            assert code == signal.SIGKILL, (at, code)
            self._check_whole(at, before, after)
            code, _ = self._copied(0)
            assert code == 0, at
            assert self._all() == after, at
            assert not list(self.home.rglob(".*.tmp")), at
        print("killed", len(moments), flush=True)  # noqa: T201
        os._exit(0)

    def _copied(self, at: int) -> tuple[int, int]:
        """Let a copy go on; return how it ended and how many things it did to files."""
        into, out = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(into)
            self.is_copy, self.at, self.told = True, at, out
            raise GoesOnError
        os.close(out)
        status = os.waitpid(child, 0)[1]
        with os.fdopen(into) as stream:
            n = stream.read()
        return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else status), int(n or 0)

    def _all(self) -> dict[str, dict[str, bytes]]:
        return {g.folder: contents(self.home / g.folder) for g in self.groups}

    def _restore(self, before: dict[str, dict[str, bytes]]) -> None:
        for folder, files in before.items():
            shutil.rmtree(self.home / folder, ignore_errors=True)
            for name, content in files.items():
                (self.home / folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.home / folder / name).write_bytes(content)

    def _check_whole(self, at: int, *runs: dict[str, dict[str, bytes]]) -> None:
        for group in self.groups:
            found = {
                name: content
                for name, content in contents(self.home / group.folder).items()
                if not name.startswith(".")
            }
            if group.marker in found:
                assert found in [run[group.folder] for run in runs], (at, group, sorted(found))


def main() -> None:
    """Run what the command line names, with the hook."""
    home, told, every, *words = sys.argv[1:]
    moments = Moments(Path(home), [Group(*g) for g in json.loads(told)], int(every))
    program = _stage(words[1]) if words[0] == "stage" else _command(words)
    sys.addaudithook(moments.watch)
    program()
    assert moments.is_copy, "nothing was written"
    moments.is_busy = True
    os.write(moments.told, str(moments.n).encode())
    os._exit(0)


def _stage(name: str) -> Callable[[], None]:
    stage = importlib.import_module(f"valuescape.stages.{name}")
    return lambda: importlib.import_module("valuescape.stages").run(stage.main)


def _command(words: list[str]) -> Callable[[], None]:
    from valuescape.cli import app

    return lambda: app(words, standalone_mode=False)


if __name__ == "__main__":
    main()
