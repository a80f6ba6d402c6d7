"""Agreement of two raters on one category."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, divide
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap
from valuescape.statistics.coefficient import Agreement, coefficient
from valuescape.statistics.groups import missing


def specific_agreement(
    first: ArrayLike,
    second: ArrayLike,
    category: str | bool | int,
    *,
    bootstrap: ClusterBootstrap | None = None,
    conf_level: float = 0.95,
) -> Agreement:
    r"""Chance that one rater gives a category, given that the other one drawn at random did.

    .. math:: \frac{2a}{2a + b + c}

    with a units that both put in the category and b, c that one of them did.  With two categories
    the two specific agreements say what percent agreement and kappa hide when one is common.

    Parameters
    ----------
    first, second : array_like, shape (units,)
        Categories by the two raters; units that one of them left out do not count.
    category : str, bool or int
        The category.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        With chance agreement 0; NaN where neither rater gave the category.

    Raises
    ------
    ValueError
        If the lengths differ or no unit was rated by both.

    References
    ----------
    Cicchetti, D. V. & Feinstein, A. R. (1990). *Journal of Clinical Epidemiology* 43, 551-558.
    https://doi.org/10.1016/0895-4356(90)90159-M

    Examples
    --------
    >>> found = specific_agreement(["y", "y", "y", "n"], ["y", "y", "n", "n"], "y")
    >>> round(found.estimate, 3), found.n_units
    (0.8, 4)
    """
    one, two = np.asarray(first, dtype=object), np.asarray(second, dtype=object)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise ValueError(f"first {one.shape} and second {two.shape} must have one equal length")
    both = ~(missing(one) | missing(two))
    if not both.any():
        raise ValueError("first, second: no unit has a rating by both")
    marks = [both & np.array([given == category for given in side]) for side in (one, two)]
    rows = np.column_stack([2.0 * (marks[0] & marks[1]), marks[0].astype(float) + marks[1]])

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = divide(sums[..., 0], sums[..., 1])
        return found, np.zeros_like(found)

    return coefficient("specific_agreement", rows, agreement, both, bootstrap, conf_level)
