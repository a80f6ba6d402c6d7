"""Streams of random numbers that do not depend on what else is simulated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def streams(seed: int, name: str, n: int) -> Iterator[np.random.Generator]:
    """Yield one generator a replicate of a scenario.

    The sequence is spawned from the seed and the letters of the name, so that adding a scenario or
    more replicates changes nobody else's numbers.

    Parameters
    ----------
    seed : int
        Seed of all simulations, at least 0.
    name : str
        Name of the scenario.
    n : int
        Replicates, at least 1.

    Raises
    ------
    ValueError
        If ``n`` is below 1, the seed is negative or the name is empty.

    Examples
    --------
    >>> first, _ = streams(1, "bundles", 2)
    >>> again, *_ = streams(1, "bundles", 5)
    >>> bool(first.random() == again.random())
    True
    """
    if n < 1:
        raise ValueError(f"n = {n}: at least one replicate is needed")
    if seed < 0:
        raise ValueError(f"seed = {seed}: must not be negative")
    if not name:
        raise ValueError("name: a scenario needs a name")
    root = np.random.SeedSequence([seed, *name.encode("utf-8")])
    return (np.random.default_rng(child) for child in root.spawn(n))
