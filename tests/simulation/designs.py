"""A small skeleton: two strata, prompt groups of four answers, five readers."""

import numpy as np

from valuescape.simulation.skeleton import Skeleton
from valuescape.statistics.sampling import Design


def small_skeleton(n_groups: int = 60, prompt: float = 0.4, reader: float = 0.05) -> Skeleton:
    rng = np.random.default_rng(8)
    cluster = np.repeat(np.arange(n_groups), 4)
    stratum = cluster % 2
    contexts = np.column_stack([cluster % 3 == 0, rng.random(cluster.size) < 0.3]).astype(np.int64)
    prevalence = np.array([[0.3, 0.1, 0.02, 0.2], [0.1, 0.2, 0.05, 0.4]])
    return Skeleton(
        Design.of(np.where(stratum == 0, 2.0, 5.0), stratum, cluster),
        contexts,
        rng.integers(0, 5, cluster.size),
        prevalence,
        np.full(4, prompt),
        np.full(4, reader),
    )
