"""Null data of independent conversations: contexts that say nothing about the values tested.

Each generator plants one reason for which counting occurrences as if they were independent goes
wrong.  In all of them presence of a tested value in a conversation is independent of its context.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is simulated.

    Attributes
    ----------
    n_conversations, n_contexts, n_values : int
        Conversations, contexts (each conversation has one) and values.
    """

    n_conversations: int = 2000
    n_contexts: int = 8
    n_values: int = 40

    def __post_init__(self) -> None:
        """Refuse sizes that leave nothing to test.

        Raises
        ------
        ValueError
            If there are fewer than 50 conversations or two contexts, or the number of values is
            not a positive multiple of 10.
        """
        if self.n_conversations < 50:
            raise ValueError(f"n_conversations = {self.n_conversations}: at least 50 are needed")
        if self.n_contexts < 2:
            raise ValueError(f"n_contexts = {self.n_contexts}: at least 2 are needed")
        if self.n_values < 10 or self.n_values % 10:
            raise ValueError(f"n_values = {self.n_values}: a positive multiple of 10 is needed")


@dataclass(frozen=True, slots=True)
class Conversations:
    """Simulated conversations.

    Attributes
    ----------
    context : ndarray of int, shape (n,)
        Context of each conversation, coded from 0.
    occurrences : ndarray of int, shape (n, n_values)
        How often each value is counted in each conversation.
    tested : ndarray of bool, shape (n_values,)
        Values whose presence is independent of the context.
    user : ndarray of int, shape (n,)
        Who holds the conversation.
    """

    context: NDArray[np.intp]
    occurrences: IntArray
    tested: BoolArray
    user: NDArray[np.intp]

    @property
    def presence(self) -> IntArray:
        """Whether each conversation holds each value, 0/1."""
        return (self.occurrences > 0).astype(np.int64)

    @property
    def contexts(self) -> IntArray:
        """Indicators of the contexts, shape (n, n_contexts)."""
        codes = np.arange(self.context.max() + 1)
        return np.asarray(self.context[:, None] == codes, dtype=np.int64)


def zipf_shares(n: int, exponent: float = 1.0) -> FloatArray:
    """Shares that fall with a power of the rank.

    Examples
    --------
    >>> zipf_shares(3).round(3).tolist()
    [0.545, 0.273, 0.182]
    """
    weight = np.arange(1, n + 1, dtype=float) ** -exponent
    return np.asarray(weight / weight.sum())


def prevalences_of(n: int) -> FloatArray:
    """Prevalence of each of n values, from 0.4 down by a power of the rank.

    Examples
    --------
    >>> prevalences_of(4).round(3).tolist()
    [0.4, 0.2, 0.133, 0.1]
    """
    return np.asarray(0.4 / np.arange(1, n + 1, dtype=float))


def exactly_five(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Every conversation holds exactly five distinct values.

    Examples
    --------
    >>> data = exactly_five(Sizes(50, 2, 10), np.random.default_rng(1))
    >>> data.occurrences.sum(axis=1)[:3].tolist()
    [5, 5, 5]
    """
    counts = np.full(sizes.n_conversations, 5)
    return _independent(_drawn_values(counts, sizes, rng), sizes, rng)


def heavy_tailed(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Numbers of values follow a Pareto law (shape 1.5, from 2, cut at all values)."""
    drawn = 2.0 * (1.0 + rng.pareto(1.5, sizes.n_conversations))
    counts = np.minimum(drawn, sizes.n_values).astype(np.int64)
    return _independent(_drawn_values(counts, sizes, rng), sizes, rng)


def bundles(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Values come in bundles of five: all of a bundle or none."""
    n_bundles = sizes.n_values // 5
    chosen = rng.random((sizes.n_conversations, n_bundles)) < prevalences_of(n_bundles)
    return _independent(np.repeat(chosen, 5, axis=1).astype(np.int64), sizes, rng)


def others_differ(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """In every second context three values in five are three times as frequent; the rest tested.

    Presence of the tested values does not depend on the context, their share of occurrences does.
    """
    context = _contexts(sizes, rng)
    tested = np.arange(sizes.n_values) % 5 < 2
    prevalence = prevalences_of(sizes.n_values) * np.where(tested, 1.0, 0.5)
    raised = (context % 2 == 0)[:, None] & ~tested
    found = rng.random(raised.shape) < prevalence * np.where(raised, 3.0, 1.0)
    return Conversations(context, found.astype(np.int64), tested, np.arange(context.size))


def mentions(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Values are counted each time they are mentioned: a geometric number with mean three."""
    shape = (sizes.n_conversations, sizes.n_values)
    present = rng.random(shape) < prevalences_of(sizes.n_values)
    return _independent(present * rng.geometric(1 / 3, shape), sizes, rng)


def categories(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Five values a conversation, counted by category; those of one conversation are akin.

    Categories of a conversation's values follow a Dirichlet-multinomial law whose draws within a
    conversation have correlation 0.6.
    """
    n_categories = sizes.n_values // 2
    strength = _strength(0.6) * zipf_shares(n_categories)
    taste = rng.dirichlet(strength, sizes.n_conversations)
    return _independent(rng.multinomial(5, taste), sizes, rng)


def repeated_users(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Users hold very different numbers of conversations and have tastes in task and in value.

    The number of conversations is lognormal (log-scale SD 1.2, mean about 8); a user's tasks have
    intra-user correlation 1/6, and so has each value.  The two tastes are independent.
    """
    n = sizes.n_conversations
    size = np.maximum(1, np.rint(rng.lognormal(np.log(4.0), 1.2, n))).astype(np.int64)
    user = np.repeat(np.arange(n), size)[:n]
    n_users = int(user[-1]) + 1
    strength = _strength(1 / 6)
    tasks = rng.dirichlet(strength * zipf_shares(sizes.n_contexts, 1.2), n_users)
    context = (rng.random(n)[:, None] > np.cumsum(tasks, axis=1)[user]).sum(axis=1)
    p = prevalences_of(sizes.n_values)
    liking = rng.beta(strength * p, strength * (1.0 - p), (n_users, sizes.n_values))
    found = (rng.random((n, sizes.n_values)) < liking[user]).astype(np.int64)
    context = np.minimum(context, sizes.n_contexts - 1)
    return Conversations(context, found, np.ones(sizes.n_values, dtype=bool), user)


def planted(sizes: Sizes, rng: np.random.Generator) -> Conversations:
    """Every fourth value is twice as frequent in one context, not the same for all; not a null."""
    context = _contexts(sizes, rng)
    values = np.arange(sizes.n_values)
    tested = values % 4 > 0
    home = (values // 4) % sizes.n_contexts
    raised = (context[:, None] == home) & ~tested
    found = rng.random(raised.shape) < prevalences_of(sizes.n_values) * np.where(raised, 2.0, 1.0)
    return Conversations(context, found.astype(np.int64), tested, np.arange(context.size))


def _strength(correlation: float) -> float:
    """Return the sum of the parameters of a Dirichlet law whose draws correlate so much."""
    return (1.0 - correlation) / correlation


def _contexts(sizes: Sizes, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw contexts; the first conversations hold one of each."""
    context = rng.choice(
        sizes.n_contexts, sizes.n_conversations, p=zipf_shares(sizes.n_contexts, 1.2)
    )
    context[: sizes.n_contexts] = np.arange(sizes.n_contexts)
    return np.asarray(context, dtype=np.intp)


def _independent(occurrences: IntArray, sizes: Sizes, rng: np.random.Generator) -> Conversations:
    context = _contexts(sizes, rng)
    tested = np.ones(occurrences.shape[1], dtype=bool)
    return Conversations(context, occurrences, tested, np.arange(context.size))


def _drawn_values(counts: IntArray, sizes: Sizes, rng: np.random.Generator) -> IntArray:
    """Draw distinct values by weight, a given number in each conversation (Gumbel top-k)."""
    weight = np.log(zipf_shares(sizes.n_values))
    keys = weight + rng.gumbel(size=(counts.size, sizes.n_values))
    order = np.argsort(-keys, axis=1)
    found = np.zeros(keys.shape, dtype=np.int64)
    np.put_along_axis(found, order, np.arange(sizes.n_values) < counts[:, None], axis=1)
    return found
