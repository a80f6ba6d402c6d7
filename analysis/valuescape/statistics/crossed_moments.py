"""Quadratic forms of crossed random effects, and what they are expected to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.groups import as_codes, group_sums

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Resampler:
    """Draws whole clusters; levels that lie inside one cluster are new in each copy of it.

    Attributes
    ----------
    rows : tuple of ndarray of int
        Rows of each cluster.
    nested : tuple of bool
        Whether every level of a factor lies inside one cluster.
    """

    rows: tuple[Codes, ...]
    nested: tuple[bool, ...]

    @classmethod
    def of(cls, factors: Sequence[Codes], cluster: Codes) -> Resampler:
        """Prepare the draws.

        Examples
        --------
        >>> prompt, run = np.array([0, 0, 1]), np.array([0, 1, 0])
        >>> Resampler.of([prompt, run], prompt).nested
        (True, False)
        """
        order = np.argsort(cluster, kind="stable")
        ends = np.cumsum(np.bincount(cluster))[:-1]
        nested = tuple(_inside(factor, cluster) for factor in factors)
        return cls(tuple(np.split(order, ends)), nested)

    def draw(self, factors: Sequence[Codes], rng: np.random.Generator) -> tuple[Codes, list[Codes]]:
        """Draw as many clusters as there are: the rows of the sample and its factors."""
        drawn = rng.integers(0, len(self.rows), len(self.rows))
        rows = np.concatenate([self.rows[c] for c in drawn])
        copy = np.repeat(np.arange(drawn.size), [len(self.rows[c]) for c in drawn])
        sample = []
        for factor, nested in zip(factors, self.nested, strict=True):
            codes = factor[rows]
            sample.append(as_codes(codes * drawn.size + copy) if nested else as_codes(codes))
        return rows, sample


def _inside(factor: Codes, cluster: Codes) -> bool:
    pairs = np.unique(factor * (int(cluster.max()) + 1) + cluster)
    return bool(pairs.size == int(factor.max()) + 1)


def observed_forms(outcome: FloatArray, factors: Sequence[Codes]) -> FloatArray:
    r"""Sum the squares of the grand mean, of the means of each factor's levels, of all rows.

    :math:`T_0 = y_{\cdot}^2 / N`, :math:`T_f = \sum_l y_{l\cdot}^2 / n_l`,
    :math:`T_y = \sum_i y_i^2`.

    Parameters
    ----------
    outcome : ndarray, shape (n, n_outcomes)
    factors : sequence of ndarray of int, shape (n,)
        Level of each row, from 0.

    Returns
    -------
    ndarray, shape (n_factors + 2, n_outcomes)

    Examples
    --------
    >>> y = np.array([[1.0], [0.0], [1.0], [1.0]])
    >>> observed_forms(y, [np.array([0, 0, 1, 1])]).ravel().tolist()
    [2.25, 2.5, 3.0]
    """
    forms = [outcome.sum(axis=0) ** 2 / len(outcome)]
    for codes in factors:
        size = np.bincount(codes)[:, None]
        forms.append(np.sum(group_sums(outcome, codes) ** 2 / size, axis=0))
    forms.append(np.sum(outcome**2, axis=0))
    return np.stack(forms)


def expected_forms(factors: Sequence[Codes]) -> FloatArray:
    r"""Coefficients of the squared mean and of each variance in the forms' expectations.

    :math:`E\,T_f = N\mu^2 + \sum_g \sigma_g^2 \sum_l \sum_m n_{lm}^2 / n_l + L_f \sigma_e^2`, with
    l the levels of f, m those of g and :math:`n_{lm}` the rows in both.

    Parameters
    ----------
    factors : sequence of ndarray of int, shape (n,)
        Level of each row, from 0.

    Returns
    -------
    ndarray, shape (n_factors + 2, n_factors + 2)
        A row a form, in the order of :func:`observed_forms`; columns are the squared mean, the
        factors' variances, the residual variance.

    Examples
    --------
    >>> expected_forms([np.array([0, 0, 1, 1])]).tolist()
    [[4.0, 2.0, 1.0], [4.0, 4.0, 2.0], [4.0, 4.0, 4.0]]
    """
    n = len(factors[0])
    whole = np.zeros(n, dtype=np.intp)
    rows = []
    for codes in (whole, *factors):
        size = np.bincount(codes)
        shared = [_shared(codes, other, size) for other in factors]
        rows.append([n, *shared, size.size])
    rows.append([n] * (len(factors) + 2))
    return np.array(rows, dtype=np.float64)


def _shared(codes: Codes, other: Codes, size: Codes) -> float:
    ones = np.ones(len(codes))
    cells = sparse.coo_array((ones, (codes, other))).tocsr()
    cells.sum_duplicates()
    return float(np.sum(np.asarray(cells.power(2).sum(axis=1)).ravel() / size))
