"""How observations were drawn, and what clusters do to the variance of their counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.groups import group_sums, label_codes, stratum_factors

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Design:
    """How the observations were drawn.

    Attributes
    ----------
    weight : ndarray, shape (n,)
        Inverse inclusion probabilities.
    stratum, cluster : ndarray of int, shape (n,)
        Codes from 0.
    """

    weight: NDArray[np.float64]
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]

    @classmethod
    def of(cls, weight: ArrayLike, stratum: ArrayLike, cluster: ArrayLike) -> Design:
        """Code strata and clusters from any labels.

        Parameters
        ----------
        weight : array_like, shape (n,)
            Inverse inclusion probabilities, positive.
        stratum, cluster : array_like, shape (n,)
            Labels: numbers or strings.

        Returns
        -------
        Design

        Raises
        ------
        ValueError
            If there is no observation, lengths differ, a label is missing, or a weight is not
            positive and finite.

        Examples
        --------
        >>> Design.of([1.0, 2.0], ["b", "a"], ["p", "p"]).stratum.tolist()
        [1, 0]
        """
        n = np.size(weight)
        if n == 0:
            raise ValueError("weight: the design holds no observation")
        labels = (("stratum", stratum), ("cluster", cluster))
        return cls(
            as_weights("weight", weight, n),
            *(label_codes(name, given, n)[1] for name, given in labels),
        )


def indicators(array: ArrayLike, name: str, design: Design) -> NDArray[np.float64]:
    """Return 0/1 data as a matrix with one row an observation of the design.

    Parameters
    ----------
    array : array_like of 0/1, shape (n,) or (n, m)
        Indicators.
    name : str
        Argument name, for the message.
    design : Design
        Of n observations.

    Returns
    -------
    ndarray of float64, shape (n, 1) or (n, m)

    Raises
    ------
    ValueError
        If the lengths differ or anything but 0 and 1 is found.

    Examples
    --------
    >>> indicators([1, 0], "x", Design.of([1, 1], [0, 0], [0, 1])).tolist()
    [[1.0], [0.0]]
    """
    values = as_indicators(name, array)
    if values.shape[0] != design.weight.size:
        raise ValueError(f"{name}: {values.shape[0]} rows; the design has {design.weight.size}")
    return values


def centred(x: NDArray[Any], design: Design) -> NDArray[np.float64]:
    """Subtract the weighted mean of each stratum from each column.

    Examples
    --------
    >>> design = Design.of([1.0, 3.0, 1.0], [0, 0, 1], [0, 1, 2])
    >>> centred(np.array([[0.0], [1.0], [1.0]]), design).ravel().tolist()
    [-0.75, 0.25, 0.0]
    """
    totals = group_sums(design.weight[:, None] * x, design.stratum)
    sizes = group_sums(design.weight, design.stratum)
    centres: NDArray[np.float64] = x - (totals / sizes[:, None])[design.stratum]
    centres[np.abs(centres) < _ROUNDING] = 0.0
    return centres


def design_effects(xc: NDArray[Any], yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    r"""Null design effect of every cell from the intra-cluster correlation of its value.

    With the context fixed, the null variance of the score of conversations whose value has
    intra-cluster correlation :math:`\rho_v` is :math:`1 + \rho_v \kappa_c` times that of
    independent ones, :math:`\kappa_c = \sum_g[(\sum_{i \in g} a_i)^2 - \sum_{i \in g} a_i^2] /
    \sum_i a_i^2`, :math:`a_i = w_i (x_i - \bar x_h)`.  A value's correlation is not taken below
    the mean correlation of all values, since that of a rare value is estimated too noisily to
    grant it a smaller design effect.  Results are at least 1.

    Parameters
    ----------
    xc, yc : ndarray, shapes (n, n_contexts) and (n, n_values)
        Centred indicators.

    Returns
    -------
    ndarray, shape (n_contexts, n_values)

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4; Scott & Holt (1982),
    doi:10.1080/01621459.1982.10477871 (correlated context and value).

    Examples
    --------
    >>> x = y = np.array([[1.0], [1.0], [0.0], [0.0]])
    >>> design = Design.of(np.ones(4), np.zeros(4), [0, 0, 1, 1])
    >>> design_effects(centred(x, design), centred(y, design), design).tolist()
    [[2.0]]
    """
    pull = design.weight[:, None] * xc
    own = np.sum(pull**2, axis=0)
    together = np.sum(group_sums(pull, design.cluster) ** 2, axis=0)
    kappa = np.where(own > 0, (together - own) / np.where(own > 0, own, 1.0), 0.0)
    rho = null_correlation(yc, design)
    effects: NDArray[np.float64] = np.maximum(1.0, 1.0 + np.outer(kappa, rho))
    return effects


def null_correlation(yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    """Intra-cluster correlation of each column, not below that of all columns together.

    Examples
    --------
    >>> y = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    >>> design = Design.of(np.ones(4), np.zeros(4), [0, 0, 1, 1])
    >>> null_correlation(centred(y, design), design).round(3).tolist()
    [1.0, 0.333]
    """
    products, variance = _pair_products(yc, design)
    pooled = _correlation(products.sum(keepdims=True), variance.sum(keepdims=True))
    return np.maximum(_correlation(products, variance), pooled)


def intracluster_correlation(yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    r"""Mean product of two different members of a cluster over the variance, per column.

    Both are corrected for the stratum means subtracted: sums of squared cluster totals grow by
    :math:`G_h/(G_h-1)`, and the variance by that of the stratum's mean; for clusters of one size
    in a stratum, each in one stratum, numerator and denominator are then unbiased.  Estimates are
    kept within 0 and 1, and a column without variance has 0.

    Examples
    --------
    >>> y = np.array([[1.0], [1.0], [0.0], [0.0]])
    >>> design = Design.of(np.ones(4), np.zeros(4), [0, 0, 1, 1])
    >>> intracluster_correlation(centred(y, design), design).tolist()
    [1.0]
    """
    return _correlation(*_pair_products(yc, design))


def _pair_products(
    yc: NDArray[Any], design: Design
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean product of two members of a cluster, and variance, of each column."""
    sizes = np.bincount(design.cluster)
    pairs = int(np.sum(sizes * (sizes - 1)))
    if pairs == 0:
        return np.zeros(yc.shape[1]), np.mean(yc**2, axis=0)
    factor = stratum_factors(design.stratum, design.cluster)
    in_stratum = np.bincount(design.stratum)[design.stratum]
    together = _squared_sums(np.sqrt(factor)[:, None] * yc, design)
    of_means = _squared_sums(np.sqrt(factor / in_stratum)[:, None] * yc, design)
    own = np.sum(yc**2, axis=0) + of_means
    return (together - own) / pairs, own / yc.shape[0]


def _squared_sums(yc: NDArray[Any], design: Design) -> NDArray[np.float64]:
    squared: NDArray[np.float64] = np.sum(group_sums(yc, design.cluster) ** 2, axis=0)
    return squared


def _correlation(products: NDArray[Any], variance: NDArray[Any]) -> NDArray[np.float64]:
    positive = variance > 0
    ratio = np.where(positive, products / np.where(positive, variance, 1.0), 0.0)
    return np.clip(ratio, 0.0, 1.0)
