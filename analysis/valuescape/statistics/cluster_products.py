"""Products of counts added up over clusters: whole numbers, which any database adds exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuescape.statistics.arrays import IntArray
from valuescape.statistics.clustered_moments import ClusterSums, complete_variance


@dataclass(frozen=True, slots=True)
class ClusterProducts:
    """Sums over clusters g of products of whole numbers.

    Cluster g has N_g conversations: s of a context, t with a value, m both.

    Attributes
    ----------
    n_clusters, squared_size : int
        How many clusters there are, and N_g^2.
    n_context, n_value : ndarray of int64, shapes (n_contexts,) and (n_values,)
        Conversations of each context, and with each value.
    k, squares, with_value, with_context, with_size : ndarray of int64, shape (n_contexts, n_values)
        m, m^2, m t, m s and m N_g.
    together : ndarray of int64, shape (n_contexts, n_values)
        s t, over all clusters with a conversation of the context and one with the value.
    of_context : ndarray of int64, shape (n_contexts, 3)
        s^2, s N_g, and the number of clusters with s > 0.
    of_value : ndarray of int64, shape (n_values, 3)
        t^2, t N_g, and the number of clusters with t > 0.
    """

    n_clusters: int
    squared_size: int
    n_context: IntArray
    n_value: IntArray
    k: IntArray
    squares: IntArray
    with_value: IntArray
    with_context: IntArray
    with_size: IntArray
    together: IntArray
    of_context: IntArray
    of_value: IntArray


def sums_of_products(products: ClusterProducts) -> ClusterSums:
    """Work out the moments of clusters, to the last digit those of `cluster_sums`.

    Parameters
    ----------
    products : ClusterProducts
        Sums over at least two clusters, none of them above 2**53.

    Raises
    ------
    ValueError
        If there are fewer than two clusters or two contexts.

    Examples
    --------
    One conversation of cluster a in context 0, two of cluster b in context 1; a value is in the
    first of each.

    >>> one = np.array([[1], [1]])
    >>> found = sums_of_products(ClusterProducts(2, 5, np.array([1, 2]), np.array([2]),
    ...     one, one, one, np.array([[1], [2]]), np.array([[1], [2]]), np.array([[1], [2]]),
    ...     np.array([[1, 1, 1], [4, 4, 1]]), np.array([[2, 3, 2]])))
    >>> found.variance.round(4).ravel().tolist()
    [0.1235, 0.1235]
    """
    if products.n_clusters < 2 or products.n_context.size < 2:
        raise ValueError(
            f"{products.n_clusters} clusters, {products.n_context.size} contexts; allowed is at "
            "least two of each"
        )
    total = int(products.n_context.sum())
    a, b = (products.n_context / total)[:, None], products.n_value / total
    beside = 2.0 * b * (a * products.with_size - products.with_context)
    joint = 2.0 * a * b * products.together
    joint += products.squares - 2.0 * a * products.with_value + beside
    sums = ClusterSums(
        products.n_clusters,
        products.squared_size,
        products.n_context,
        products.n_value,
        products.k,
        (products.squares - products.k).astype(np.float64),
        joint,
        products.of_context.astype(np.float64),
        products.of_value.astype(np.float64),
    )
    complete_variance(sums)
    return sums
