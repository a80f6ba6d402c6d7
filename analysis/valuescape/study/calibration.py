"""The study's own design as a skeleton for simulation: what is measured in the readings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.cells import design_of, family_members
from valuescape.counts.frame import Presence, presence
from valuescape.errors import InputError
from valuescape.simulation.skeleton import Skeleton
from valuescape.statistics.groups import as_codes, group_sums
from valuescape.statistics.sampling import Design, centred, intracluster_correlation

LARGEST_CORRELATION = 0.9
_CONTEXT_KINDS = ("task_type", "run")
_SHRINKAGE = 5.0


def study_skeleton(
    frame: pd.DataFrame,
    values: pd.DataFrame,
    *,
    minimum_context_clusters: int,
    minimum_value_conversations: int,
    n_contexts: int,
    n_values: int,
) -> Skeleton:
    """Take design, contexts, prevalences and correlations of one group from its readings.

    Strata, prompt groups, weights and readers are those of the readings, and so are the contexts:
    task types and runs of the family, at even steps of the logarithm of their rank by size.  Values
    are taken in the same way, each with its prevalence by stratum (drawn towards that of the group
    by five conversations) and its intra-class correlations within prompt groups and within readers,
    at most 0.9.  What is drawn of them later is simulated.

    Parameters
    ----------
    frame : DataFrame
        Subjective conversations of one group, with ``reader``, ``weight``, ``stratum``,
        ``prompt_group``, ``task_type`` and ``run``.
    values : DataFrame
        ``conversation_id`` and ``value`` of the assistants.
    minimum_context_clusters, minimum_value_conversations : int
        Margins of the family.
    n_contexts, n_values : int
        How many are taken, at most.

    Raises
    ------
    InputError
        If no context or no value is in the family.
    """
    found = presence(frame["conversation_id"], values, "value")
    kept = family_members(frame, found, minimum=minimum_value_conversations)
    contexts = _contexts(frame, minimum_context_clusters)
    if not kept.any() or contexts.shape[1] == 0:
        raise InputError(
            "calibrate: the margins leave no context or no value of the readings to simulate"
        )
    contexts = _spaced(contexts, n_contexts)
    y = _spaced(found.matrix[:, np.flatnonzero(kept)].toarray(), n_values)
    design = design_of(frame)
    reader = as_codes(frame["reader"])
    by_reader = Design.of(np.ones(len(frame)), design.stratum, reader)
    return Skeleton(
        design,
        contexts.astype(np.int64),
        reader,
        _prevalence(y, design),
        _correlation(y, design),
        _correlation(y, by_reader),
    )


def _contexts(frame: pd.DataFrame, minimum: int) -> NDArray[np.float64]:
    blocks = []
    for kind in _CONTEXT_KINDS:
        found: Presence = presence(frame["conversation_id"], frame, kind)
        kept = family_members(frame, found, minimum_clusters=minimum)
        blocks.append(found.matrix[:, np.flatnonzero(kept)].toarray())
    return np.hstack(blocks)


def _spaced(columns: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Take columns, the fullest first, at even steps of the logarithm of their rank."""
    order = np.argsort(-columns.sum(axis=0), kind="stable")
    ranks = np.unique(np.rint(np.geomspace(1, order.size, n)).astype(int)) - 1
    return columns[:, order[ranks]]


def _prevalence(y: NDArray[np.float64], design: Design) -> NDArray[np.float64]:
    total = group_sums(y, design.stratum) + _SHRINKAGE * y.mean(axis=0)
    size = np.bincount(design.stratum)[:, None] + _SHRINKAGE
    return np.asarray(total / size)


def _correlation(y: NDArray[np.float64], design: Design) -> NDArray[np.float64]:
    return np.minimum(intracluster_correlation(centred(y, design), design), LARGEST_CORRELATION)
