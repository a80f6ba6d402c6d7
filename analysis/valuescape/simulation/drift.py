"""Simulated streams of labelled conversations, day by day, with planted drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

MIX_CONCENTRATION = 2.0
SPREAD_BETWEEN_TASKS = 0.8
"""Standard deviation of a value's log odds between task types."""


@dataclass(frozen=True, slots=True)
class World:
    """What a simulated assistant does before anything drifts.

    Attributes
    ----------
    mix : ndarray of float64, shape (n_tasks,)
        Share of each task type.
    log_odds : ndarray of float64, shape (n_tasks, n_values)
        Log odds of each value in each task type.
    """

    mix: NDArray[np.float64]
    log_odds: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """Counts of each day.

    Attributes
    ----------
    trials : ndarray of int64, shape (n_days, n_tasks)
        Conversations.
    successes : ndarray of int64, shape (n_days, n_tasks, n_values)
        Conversations that express the value.
    """

    trials: NDArray[np.int64]
    successes: NDArray[np.int64]


def draw_world(
    rng: np.random.Generator, n_tasks: int, prevalence: ArrayLike, *, even: bool = False
) -> World:
    """Draw the mix of tasks and how values depend on the task.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    n_tasks : int
        Task types.
    prevalence : array_like, shape (n_values,)
        Share of each value in a task type of the middle, inside (0, 1).
    even : bool, default False
        Whether all task types are alike.

    Raises
    ------
    ValueError
        If there is no task type or a prevalence is not inside (0, 1).

    Examples
    --------
    >>> world = draw_world(np.random.default_rng(1), 3, [0.1, 0.02])
    >>> world.mix.size, world.log_odds.shape
    (3, (3, 2))
    """
    p = np.asarray(prevalence, dtype=float)
    if n_tasks < 1:
        raise ValueError(f"n_tasks = {n_tasks}: at least one is needed")
    if p.ndim != 1 or not p.size or not ((p > 0) & (p < 1)).all():
        raise ValueError("prevalence: one share inside (0, 1) a value is needed")
    between = rng.normal(0.0, 0.0 if even else SPREAD_BETWEEN_TASKS, (n_tasks, p.size))
    return World(draw_mix(rng, n_tasks), special.logit(p) + between)


def draw_mix(rng: np.random.Generator, n_tasks: int) -> NDArray[np.float64]:
    """Draw a mix of task types.

    Examples
    --------
    >>> float(draw_mix(np.random.default_rng(1), 4).sum().round(6))
    1.0
    """
    return rng.dirichlet(np.full(n_tasks, MIX_CONCENTRATION))


def draw_stream(
    rng: np.random.Generator,
    world: World,
    n_days: int,
    daily: float,
    *,
    shift: ArrayLike = 0.0,
    change: int = 0,
    mix: ArrayLike | None = None,
    restless: float = 0.0,
) -> Stream:
    """Draw the days of a stream.

    Conversations are independent, and so are a conversation's values given its task.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    world : World
        What holds before the change.
    n_days : int
        Days, at least 1.
    daily : float
        Mean number of conversations a day (Poisson).
    shift : array_like, shape (n_values,) or scalar, default 0
        Added to the log odds from the change on: drift of behaviour.
    change : int, default 0
        First changed day, from 0.
    mix : array_like, shape (n_tasks,), optional
        Mix of tasks from the change on: drift of composition.
    restless : float, default 0
        Standard deviation of what each day adds to the log odds of each value by itself.

    Raises
    ------
    ValueError
        If there is no day or the change lies outside the stream.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> world = draw_world(rng, 3, [0.1])
    >>> stream = draw_stream(rng, world, 200, 50, shift=2.0, change=100)
    >>> early, late = stream.successes[:100].sum(), stream.successes[100:].sum()
    >>> bool(late > 2 * early)
    True
    """
    if n_days < 1 or not 0 <= change <= n_days:
        raise ValueError(f"change = {change}: must lie in 0 to n_days = {n_days}, at least 1")
    after = (np.arange(n_days) >= change)[:, None]
    later = world.mix if mix is None else np.asarray(mix, dtype=float)
    sizes = rng.poisson(daily, n_days)
    trials = rng.multinomial(sizes, np.where(after, later, world.mix))
    n_values = world.log_odds.shape[1]
    moved = np.broadcast_to(np.asarray(shift, dtype=float), (n_values,)) * after
    moved = moved + rng.normal(0.0, restless, (n_days, n_values))
    shares = special.expit(world.log_odds[None] + moved[:, None, :])
    return Stream(trials, rng.binomial(trials[:, :, None], shares))
