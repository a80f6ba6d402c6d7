"""Simulated corpora of the size of large deployments, as integer codes or Parquet files.

Nothing here was said by anybody: tasks, users and values are drawn at random, with some values
planted on some tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from valuescape.statistics.arrays import IntArray

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
    for name in ("n_conversations", "n_tasks", "n_values", "n_users"):
        if getattr(plan, name) < 1:
            raise ValueError(f"{name} = {getattr(plan, name)}: must be at least 1")
    task = _heavy_tailed(plan.n_tasks, plan.n_conversations, plan.exponent, rng)
    user = _heavy_tailed(plan.n_users, plan.n_conversations, plan.exponent, rng)
    planted = rng.integers(0, plan.n_values, (plan.n_tasks, PLANTED_VALUES))
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
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = _names("c", corpus.plan.n_conversations)
    labels = pa.table(
        {
            "conversation_id": ids,
            "task": _names("task ", corpus.plan.n_tasks).take(pa.array(corpus.task)),
            "user_id": _names("u", corpus.plan.n_users).take(pa.array(corpus.user)),
        }
    )
    expressions = pa.table(
        {
            "conversation_id": ids.take(pa.array(corpus.conversation)),
            "value": _names("value ", corpus.plan.n_values).take(pa.array(corpus.value)),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "labels.parquet", folder / "expressions.parquet"
    pq.write_table(labels, paths[0])
    pq.write_table(expressions, paths[1])
    return paths


def _names(stem: str, n: int) -> Any:
    """Arrow strings such as ``c0000017``."""
    import pyarrow as pa

    return pa.array([f"{stem}{i:07}" for i in range(n)])
