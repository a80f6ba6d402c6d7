"""Work shared out among threads, for code that lets go of the interpreter lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

Job = TypeVar("Job")


def n_threads() -> int:
    """Threads to use: ``NUMBA_NUM_THREADS``, or the processors this process may use."""
    given = os.environ.get("NUMBA_NUM_THREADS", "")
    if given.isdigit() and int(given):
        return int(given)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(job: Callable[[Job], None], parts: Iterable[Job], pool: ThreadPoolExecutor) -> None:
    """Run a job on every part and wait; the first error is raised."""
    for done in [pool.submit(job, part) for part in parts]:
        done.result()


def shared_out(fill: Callable[[tuple[int, int]], None], n: int, size: int) -> None:
    """Call `fill` on pieces of 0..n of about one size, in threads where there are several.

    Examples
    --------
    >>> import numpy as np
    >>> found = np.zeros(5)
    >>> shared_out(lambda ends: found[slice(*ends)].fill(ends[1]), 5, 3)
    >>> found.tolist()
    [2.0, 2.0, 5.0, 5.0, 5.0]
    """
    parts = slices(n, -(-n // size))
    if len(parts) == 1:
        fill(parts[0])
        return
    with ThreadPoolExecutor(n_threads()) as pool:
        in_threads(fill, parts, pool)


def slices(n: int, pieces: int) -> list[tuple[int, int]]:
    """Cut 0..n into pieces of about one size.

    Examples
    --------
    >>> slices(5, 2)
    [(0, 2), (2, 5)]
    """
    ends = [n * piece // max(pieces, 1) for piece in range(pieces + 1)]
    return [(a, b) for a, b in pairwise(ends) if b > a]
