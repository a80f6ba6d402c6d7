"""Whole-number sums, added up by loops, give the moments of the compiled ones to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuescape.statistics.cluster_products import ClusterProducts, sums_of_products
from valuescape.statistics.clustered_moments import cluster_sums


def products(context: np.ndarray, y: np.ndarray, cluster: np.ndarray) -> ClusterProducts:
    """Add up cluster by cluster, with dense indicators."""
    x = np.eye(context.max() + 1, dtype=np.int64)[context]
    shape = x.shape[1], y.shape[1]
    cells = np.zeros((5, *shape), dtype=np.int64)
    of_context, of_value = (np.zeros((n, 3), dtype=np.int64) for n in shape)
    sizes = np.unique(cluster, return_counts=True)[1]
    for g in np.unique(cluster):
        own = cluster == g
        n, s, t, m = own.sum(), x[own].sum(axis=0), y[own].sum(axis=0), x[own].T @ y[own]
        cells += [m * m, m * t, m * s[:, None], m * n, np.outer(s, t)]
        for found, times in ((of_context, s), (of_value, t)):
            found += np.column_stack([times**2, times * n, times > 0])
    return ClusterProducts(
        sizes.size,
        int(np.sum(sizes**2)),
        x.sum(axis=0),
        y.sum(axis=0),
        x.T @ y,
        *cells,
        of_context,
        of_value,
    )


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    context = np.concatenate([[0, 1, 2], rng.integers(0, 3, 60)])
    y = (rng.random((context.size, 4)) < 0.3).astype(np.int64)
    y[0] = 1
    cluster = np.concatenate([[0, 1], rng.integers(0, rng.integers(2, 30), context.size - 2)])
    return context, y, cluster


@given(st.integers(0, 10**6))
def test_moments_are_those_of_the_compiled_sums(seed: int) -> None:
    context, y, cluster = drawn(seed)
    expected = cluster_sums(context, y.nonzero(), cluster)
    found = sums_of_products(products(context, y, cluster))
    for name in expected.__slots__:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def test_one_cluster_or_context_cannot_be_compared() -> None:
    whole = products(*drawn(1))
    with pytest.raises(ValueError, match="1 clusters, 3 contexts; allowed is at least two of each"):
        sums_of_products(replace(whole, n_clusters=1))
    with pytest.raises(ValueError, match="1 contexts; allowed is at least two of each"):
        sums_of_products(replace(whole, n_context=whole.n_context[:1]))
