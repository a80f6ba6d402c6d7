"""Simulated corpora of the size of large deployments, as integer codes or Parquet files.

Nothing here was said by anybody: tasks, users and values are drawn at random, with some values
planted on some tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from valuescape.statistics.arrays import IntArray

PART_SIZE = 500_000
PLANTED_SHARE = 0.2
PLANTED_VALUES = 12
MEAN_VALUES = 5.0


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """Size and shape of a simulated corpus.

    Attributes
    ----------
    n_conversations, n_tasks, n_values, n_users : int
        How many there are; each user has one conversation or more.
    exponent : float
        The r-th commonest task, user or value is drawn with weight ``(r + 5) ** -exponent``.
    """

    n_conversations: int
    n_tasks: int = 1_000
    n_values: int = 3_307
    n_users: int = 60_000
    exponent: float = 1.0


@dataclass(frozen=True, slots=True)
class Corpus:
    """One simulated corpus.

    Attributes
    ----------
    task, user : ndarray of int64, shape (n_conversations,)
        Codes from 0.
    conversation, value : ndarray of int64, shape (n_expressions,)
        Which conversation expresses which value: sorted, each pair once.
    plan : CorpusPlan
        What was asked for.
    """

    task: IntArray
    user: IntArray
    conversation: IntArray
    value: IntArray
    plan: CorpusPlan


def simulate_corpus(plan: CorpusPlan, rng: np.random.Generator) -> Corpus:
    """Draw tasks, users and about five values a conversation.

    Four fifths of the values come from one heavy-tailed list, whatever the task; the rest from a
    dozen values planted on the task, so that most cells are null and some are strongly enriched.

    Parameters
    ----------
    plan : CorpusPlan
        Sizes, all at least 1.
    rng : numpy.random.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        If a size is below 1.

    Examples
    --------
    >>> plan = CorpusPlan(1_000, n_tasks=10, n_values=50, n_users=200)
    >>> corpus = simulate_corpus(plan, np.random.default_rng(0))
    >>> corpus.task.size, bool(4 < corpus.value.size / 1_000 < 6)
    (1000, True)
    """
    _check_sizes(plan)
    task, user = _tasks_and_users(plan, rng)
    planted = rng.integers(0, plan.n_values, (plan.n_tasks, PLANTED_VALUES))
    return _with_values(plan, task, user, planted, rng)


def simulate_parts(
    plan: CorpusPlan, rng: np.random.Generator, part_size: int = PART_SIZE
) -> Iterator[Corpus]:
    """Draw a corpus part by part, so that it may be larger than memory.

    Tasks, users and planted values are those of one corpus; conversations are numbered from 0 in
    each part.

    Parameters
    ----------
    plan : CorpusPlan
        Sizes of the whole, all at least 1.
    rng : numpy.random.Generator
        Source of randomness.
    part_size : int, default 500,000
        Conversations of each part but the last.

    Raises
    ------
    ValueError
        If a size is below 1.

    Examples
    --------
    >>> plan = CorpusPlan(1_000, n_tasks=10, n_values=50, n_users=200)
    >>> parts = simulate_parts(plan, np.random.default_rng(0), part_size=400)
    >>> [part.task.size for part in parts]
    [400, 400, 200]
    """
    _check_sizes(plan)
    if part_size < 1:
        raise ValueError(f"part_size = {part_size}: must be at least 1")
    planted = rng.integers(0, plan.n_values, (plan.n_tasks, PLANTED_VALUES))
    for first in range(0, plan.n_conversations, part_size):
        size = min(part_size, plan.n_conversations - first)
        part = replace(plan, n_conversations=size)
        yield _with_values(part, *_tasks_and_users(part, rng), planted, rng)


def _check_sizes(plan: CorpusPlan) -> None:
    for name in ("n_conversations", "n_tasks", "n_values", "n_users"):
        if getattr(plan, name) < 1:
            raise ValueError(f"{name} = {getattr(plan, name)}: must be at least 1")


def _tasks_and_users(plan: CorpusPlan, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    task = _heavy_tailed(plan.n_tasks, plan.n_conversations, plan.exponent, rng)
    return task, _heavy_tailed(plan.n_users, plan.n_conversations, plan.exponent, rng)


def _with_values(
    plan: CorpusPlan, task: IntArray, user: IntArray, planted: IntArray, rng: np.random.Generator
) -> Corpus:
    """Draw what each conversation expresses."""
    size = 1 + rng.poisson(MEAN_VALUES - 0.9, plan.n_conversations)
    conversation = np.repeat(np.arange(plan.n_conversations), size)
    value = _heavy_tailed(plan.n_values, conversation.size, plan.exponent, rng)
    own = planted[task[conversation], rng.integers(0, PLANTED_VALUES, conversation.size)]
    value = np.where(rng.random(conversation.size) < PLANTED_SHARE, own, value)
    pairs = np.unique(conversation * plan.n_values + value)
    return Corpus(task, user, pairs // plan.n_values, pairs % plan.n_values, plan)


def _heavy_tailed(n_codes: int, size: int, exponent: float, rng: np.random.Generator) -> IntArray:
    """Draw codes from 0, small ones more often."""
    weight = (np.arange(n_codes) + 6.0) ** -exponent
    codes = np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random(size), side="right")
    return np.minimum(codes, n_codes - 1).astype(np.int64)


def write_corpus(corpus: Corpus, folder: Path) -> tuple[Path, Path]:
    """Write ``labels.parquet`` and ``expressions.parquet`` with pyarrow's defaults.

    Returns
    -------
    tuple of Path
        Labels (conversation_id, task, user_id) and expressions (conversation_id, value).
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "labels.parquet", folder / "expressions.parquet"
    _write(corpus, *paths)
    return paths


def write_parts(
    plan: CorpusPlan, folder: Path, rng: np.random.Generator, part_size: int = PART_SIZE
) -> tuple[Path, Path]:
    """Write a corpus of any size as two folders of Parquet files, a file a part.

    Returns
    -------
    tuple of Path
        Folders ``labels`` and ``expressions``, with the columns of :func:`write_corpus`.

    Raises
    ------
    ValueError
        As :func:`simulate_parts`.
    """
    folders = folder / "labels", folder / "expressions"
    for place in folders:
        place.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(simulate_parts(plan, rng, part_size)):
        name = f"part-{number:05}.parquet"
        _write(part, folders[0] / name, folders[1] / name, first=number * part_size)
    return folders


def _write(corpus: Corpus, labels_path: Path, expressions_path: Path, first: int = 0) -> None:
    """Write one part, whose conversations are named from the first on."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = pa.array([f"c{first + i:07}" for i in range(corpus.plan.n_conversations)])
    labels = pa.table(
        {
            "conversation_id": ids,
            "task": _names("task ", corpus.task),
            "user_id": _names("u", corpus.user),
        }
    )
    expressions = pa.table(
        {
            "conversation_id": ids.take(pa.array(corpus.conversation)),
            "value": _names("value ", corpus.value),
        }
    )
    pq.write_table(labels, labels_path)
    pq.write_table(expressions, expressions_path)


def _names(stem: str, codes: IntArray) -> Any:
    """Arrow strings such as ``task 0000017``."""
    import pyarrow as pa

    used, place = np.unique(codes, return_inverse=True)
    return pa.array([f"{stem}{code:07}" for code in used]).take(pa.array(place))
