"""The usual tests of context against value, and those of this study, on simulated data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.simulation.conversations import Conversations
from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.cells import adjusted_residual
from valuescape.statistics.contingency import contingency
from valuescape.statistics.design import Design, design_scores, design_tests, stratum_counts
from valuescape.statistics.groups import group_sums
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.tails import normal_log10_p


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What each method says of each cell of one simulated data set.

    Attributes
    ----------
    log10_p : dict of ndarray, each shape (n_cells,)
        By method; NaN where a cell has no information.
    expected : ndarray, shape (n_cells,)
        Expected conversations with context and value.
    null : ndarray of bool, shape (n_cells,)
        Whether the null holds.
    """

    log10_p: dict[str, FloatArray]
    expected: FloatArray
    null: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trust:
    """From where the clustered score is trusted.

    Attributes
    ----------
    minimum_expected : float
        Smallest effective expected count.
    minimum_clusters : int
        Smallest number of clusters.
    """

    minimum_expected: float = 20.0
    minimum_clusters: int = 20


Battery = Callable[[Conversations, Trust], dict[str, FloatArray]]
"""Several methods at once: log10 p of every context (row) and value (column) by method."""


def independent_battery(data: Conversations, trust: Trust) -> dict[str, FloatArray]:
    """Test occurrences as the 2025 study did, and presence by the exact test.

    ``pooled_residual`` is the adjusted residual in the table of occurrences,
    ``conversation_exact`` the exact mid-p of presence, conversations being independent.

    Examples
    --------
    >>> from valuescape.simulation.conversations import Sizes, bundles
    >>> data = bundles(Sizes(200, 3, 10), np.random.default_rng(1))
    >>> {name: p.shape for name, p in independent_battery(data, Trust()).items()}
    {'pooled_residual': (3, 10), 'conversation_exact': (3, 10)}
    """
    del trust
    pooled = data.contexts.T @ data.occurrences
    margins = pooled.sum(axis=1)[:, None], pooled.sum(axis=0)[None, :], pooled.sum()
    k, n, m, total = presence_counts(data)
    informative = (n > 0) & (n < total) & (m > 0) & (m < total)
    return {
        "pooled_residual": normal_log10_p(adjusted_residual(pooled, *margins)),
        "conversation_exact": np.where(informative, exact_log10_p(k, n, m, total), np.nan),
    }


def user_battery(data: Conversations, trust: Trust) -> dict[str, FloatArray]:
    """Add three tests that know of users to those that do not.

    ``design_based`` is the study's test: the clustered score where it can be trusted, else the
    exact test on deflated counts.  ``clustered_score`` is that score in every cell, and
    ``clustered_wald`` the Wald test of the log odds ratio with a sandwich variance (logistic
    regression of presence on the context), which has no p-value where one of the four counts is 0.
    """
    x, y = data.contexts, data.presence
    design = Design.of(np.ones(data.user.size), np.zeros(data.user.size), data.user)
    return independent_battery(data, trust) | {
        **design_battery(x, y, design, trust),
        "clustered_wald": _clustered_wald(x.astype(float), y.astype(float), data.user),
    }


def design_battery(
    contexts: IntArray, values: IntArray, design: Design, trust: Trust
) -> dict[str, FloatArray]:
    """Test every cell by the study's design-based test, and by the clustered score alone."""
    scores = design_scores(contexts, values, design)
    found = design_tests(
        scores,
        stratum_counts(contexts, values, design),
        minimum_expected=trust.minimum_expected,
        minimum_clusters=trust.minimum_clusters,
    )
    informative = scores.score_variance_independent > 0
    return {
        "design_based": np.where(informative, found.log10_p, np.nan),
        "clustered_score": np.where(informative, normal_log10_p(scores.z), np.nan),
    }


def pooled_chi_square(data: Conversations) -> float:
    """Chi-square of the table of occurrences as log10 p; empty rows and columns left out.

    Examples
    --------
    >>> from valuescape.simulation.conversations import Sizes, mentions
    >>> pooled_chi_square(mentions(Sizes(), np.random.default_rng(1))) < -10
    True
    """
    k = data.contexts.T @ data.occurrences
    return contingency(k[k.sum(axis=1) > 0][:, k.sum(axis=0) > 0]).log10_p


def _clustered_wald(x: FloatArray, y: FloatArray, user: NDArray[np.intp]) -> FloatArray:
    return normal_log10_p(np.stack([_wald_z(x[:, c], y, user) for c in range(x.shape[1])]))


def _wald_z(x: FloatArray, y: FloatArray, user: NDArray[np.intp]) -> FloatArray:
    inside, outside = x.sum(), (1 - x).sum()
    if min(inside, outside) == 0:
        return np.full(y.shape[1], np.nan)
    p, q = x @ y / inside, (1 - x) @ y / outside
    defined = (p > 0) & (p < 1) & (q > 0) & (q < 1)
    p, q = np.where(defined, p, 0.5), np.where(defined, q, 0.5)
    of_inside = x[:, None] * (y - p) / (inside * p * (1 - p))
    of_outside = (1 - x)[:, None] * (y - q) / (outside * q * (1 - q))
    sums = group_sums(of_inside - of_outside, user)
    n_users = sums.shape[0]
    variance = np.sum(sums**2, axis=0) * n_users / max(n_users - 1, 1)
    gap = np.log(p / (1 - p)) - np.log(q / (1 - q))
    return np.asarray(np.where(defined & (variance > 0), gap / np.sqrt(variance), np.nan))


def presence_counts(data: Conversations) -> tuple[IntArray, IntArray, IntArray, int]:
    """Count conversations with context and value, with the context, with the value, and all."""
    x, y = data.contexts, data.presence
    return x.T @ y, x.sum(axis=0)[:, None], y.sum(axis=0)[None, :], data.context.size


def outcomes_of(data: Conversations, battery: Battery, trust: Trust) -> Outcomes:
    """Apply a battery to the cells of one data set.

    Examples
    --------
    >>> from valuescape.simulation.conversations import Sizes, bundles
    >>> data = bundles(Sizes(200, 3, 10), np.random.default_rng(1))
    >>> found = outcomes_of(data, independent_battery, Trust())
    >>> found.expected.shape, bool(found.null.all())
    ((30,), True)
    """
    _, n, m, total = presence_counts(data)
    expected = n * m / total
    null = np.broadcast_to(data.tested, expected.shape)
    log10_p = {name: p.ravel() for name, p in battery(data, trust).items()}
    return Outcomes(log10_p, expected.ravel(), null.ravel())


def table_outcome(data: Conversations) -> Outcomes:
    """Apply the chi-square of occurrences to the whole table, as one cell."""
    log10_p = {"pooled_chi_square": np.array([pooled_chi_square(data)])}
    mean_expected = np.array([data.occurrences.sum() / data.contexts[0].size])
    return Outcomes(log10_p, mean_expected, np.array([True]))
