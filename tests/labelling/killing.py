"""Runs that are killed with SIGKILL at moments of the conversation with the server."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

MOST_KILLS = 25
_MOST_EVENTS = 12
_LONGEST_DELAY = 0.03
_DYING = 0.01


def forking(preloaded: str = "tests.labelling.preloaded") -> ForkServerContext:
    """Return a context whose processes start with everything imported that a module imports."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload([preloaded])
    return found


class Killer:
    """Kills a process at the n-th thing that the server does for it, or shortly after.

    Half of the kills strike inside the server: when a request has arrived, or when it has been
    worked on and paid and the answer has not been sent.  The others strike some milliseconds later.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._left = 0

    def hook(self, call: str, moment: str) -> None:
        """Be told by the server what it does."""
        with self._lock:
            self._left -= 1
            if self._left or self._process is None:
                return
            process, delay = self._process, self._rng.uniform(-_LONGEST_DELAY, _LONGEST_DELAY)
        if delay > 0:
            threading.Timer(delay, process.kill).start()
        else:
            process.kill()
            time.sleep(_DYING)

    def until_done(self, start: Callable[[], BaseProcess]) -> int:
        """Start runs until one ends by itself; return how many were killed."""
        kills = 0
        while True:
            with self._lock:
                armed = kills < MOST_KILLS
                self._left = self._rng.randint(1, _MOST_EVENTS) if armed else 0
                self._process = start()
                process = self._process
            process.join()
            if process.exitcode == 0:
                return kills
            if process.exitcode != -9:
                pytest.fail(f"a run ended with {process.exitcode}")
            kills += 1


def messages_held(ledger: Path) -> int:
    """Return how many answers that are paid for a ledger holds, the cache's warming aside."""
    with closing(sqlite3.connect(ledger)) as opened:
        (n,) = opened.execute(
            "SELECT count(*) FROM replies JOIN submissions USING (nonce) "
            "WHERE outcome = 'message' AND kind != 'warming'"
        ).fetchone()
    return int(n)
