"""Null data of the study's kind: strata, prompt groups answered several times, weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.design import Design


@dataclass(frozen=True)
class Plan:
    """Prompt groups of each stratum, answers to each, prevalence and intra-cluster correlation."""

    groups: tuple[int, ...] = (40, 60, 30)
    answers: int = 8
    prevalence: float = 0.3
    correlation: float = 0.4
    n_values: int = 40
    strata_differ: bool = True


def null_data(
    plan: Plan, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], Design]:
    """Contexts that say nothing about values: two of prompts, two of single answers."""
    stratum_of = np.repeat(np.arange(len(plan.groups)), plan.groups)
    cluster = np.repeat(np.arange(stratum_of.size), plan.answers)
    stratum = stratum_of[cluster]
    weight = np.array([5.0, 2.0, 10.0])[stratum % 3] * rng.uniform(0.7, 1.4, stratum.size)
    tilt = np.array([0.6, 1.0, 1.6])[stratum_of % 3] if plan.strata_differ else 1.0
    p = np.broadcast_to(plan.prevalence * tilt, stratum_of.shape)[:, None]
    strength = (1 - plan.correlation) / plan.correlation
    taste = rng.beta(p * strength, (1 - p) * strength, (stratum_of.size, plan.n_values))
    y = (rng.random((cluster.size, plan.n_values)) < taste[cluster]).astype(np.int64)
    of_prompt, of_answer = rng.random(stratum_of.size)[cluster], rng.random(cluster.size)
    x = np.column_stack([of_prompt < 0.4, of_prompt < 0.15, of_answer < 0.3, of_answer < 0.08])
    return x.astype(np.int64), y, Design.of(weight, stratum, cluster)
