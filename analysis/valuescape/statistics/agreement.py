"""Agreement between labellings: percent, Cohen, Fleiss, Krippendorff, Gwet.

A labelling may come from a reading or a machine; the coefficients treat both alike. Intervals
come from resampling clusters of units.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, divide, refuse
from valuescape.statistics.checks import whole_number
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap
from valuescape.statistics.coefficient import Agreement, coefficient
from valuescape.statistics.ratings import category_counts, pair_agreement, rating_codes


def percent_agreement(
    ratings: ArrayLike, *, bootstrap: ClusterBootstrap | None = None, conf_level: float = 0.95
) -> Agreement:
    """Share of pairs of raters that agree, averaged over units.

    Parameters
    ----------
    ratings : array_like, shape (units, raters)
        Category of each rating; None or NaN is missing. Units with one rating are left out.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        With chance agreement 0.

    Raises
    ------
    ValueError
        If `ratings` is not two-dimensional with two raters, or no unit has two ratings.

    Examples
    --------
    >>> percent_agreement([["a", "a"], ["a", "b"], ["b", "b"], ["b", None]]).estimate.__round__(3)
    0.667
    """
    counts = category_counts(ratings)
    pairs, paired = pair_agreement(counts)
    rows = np.column_stack([pairs, paired])

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        observed = divide(sums[..., 0], sums[..., 1])
        return observed, np.zeros_like(observed)

    return coefficient("percent", rows, agreement, paired, bootstrap, conf_level)


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    bootstrap: ClusterBootstrap | None = None,
    conf_level: float = 0.95,
) -> Agreement:
    r"""Cohen's kappa of two raters, each with their own category shares.

    .. math:: \kappa = \frac{p_o - \sum_c p_{1c}p_{2c}}{1 - \sum_c p_{1c}p_{2c}}

    For rare categories kappa can be low although nearly all ratings agree; read it beside
    `gwet_ac1`.

    Parameters
    ----------
    first, second : array_like, shape (units,)
        Categories by the two raters; units that one of them left out do not count.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        The coefficient.

    Raises
    ------
    ValueError
        If the lengths differ or no unit was rated by both.

    References
    ----------
    Cohen, J. (1960). *Educational and Psychological Measurement* 20, 37-46.
    https://doi.org/10.1177/001316446002000104

    Examples
    --------
    >>> second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    >>> found = cohen_kappa(["y"] * 25 + ["n"] * 25, second)
    >>> round(found.estimate, 3), round(found.expected, 3)
    (0.4, 0.5)
    """
    one, two = np.asarray(first, dtype=object), np.asarray(second, dtype=object)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise ValueError(f"first {one.shape} and second {two.shape} must have one equal length")
    codes, size = rating_codes(np.stack([one, two], axis=1))
    both = np.asarray((codes >= 0).all(axis=1))
    if not both.any():
        raise ValueError("first, second: no unit has a rating by both")
    marks = (codes[:, :, None] == np.arange(size)) & both[:, None, None]
    agree = both & (codes[:, 0] == codes[:, 1])
    rows = np.column_stack([agree, both, marks[:, 0], marks[:, 1]]).astype(np.float64)

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        total = sums[..., 1]
        products = sums[..., 2 : 2 + size] * sums[..., 2 + size :]
        return divide(sums[..., 0], total), divide(products.sum(axis=-1), total**2)

    return coefficient("cohen_kappa", rows, agreement, both, bootstrap, conf_level)


def fleiss_kappa(
    ratings: ArrayLike, *, bootstrap: ClusterBootstrap | None = None, conf_level: float = 0.95
) -> Agreement:
    r"""Fleiss' kappa: the same number of ratings for every unit, raters interchangeable.

    Chance agreement is :math:`\sum_c p_c^2` with the pooled category shares.

    Parameters
    ----------
    ratings : array_like, shape (units, raters)
        Category of each rating, none missing.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        The coefficient.

    Raises
    ------
    ValueError
        If a rating is missing (use `krippendorff_alpha` then) or there are fewer than two raters.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. *Psychological
    Bulletin* 76, 378-382. https://doi.org/10.1037/h0031619

    Examples
    --------
    >>> round(fleiss_kappa([["a", "a", "b"], ["b", "b", "b"], ["a", "a", "a"]]).estimate, 4)
    0.55
    """
    counts = category_counts(ratings)
    raters = counts.sum(axis=1)
    refuse(raters < np.shape(ratings)[1], "ratings: unit ", "has a missing rating", raters)
    pairs, paired = pair_agreement(counts)
    rows = np.column_stack([pairs, paired, counts])

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        shares = divide(sums[..., 2:], sums[..., 2:].sum(axis=-1, keepdims=True))
        return divide(sums[..., 0], sums[..., 1]), (shares**2).sum(axis=-1)

    return coefficient("fleiss_kappa", rows, agreement, paired, bootstrap, conf_level)


def krippendorff_alpha(
    ratings: ArrayLike, *, bootstrap: ClusterBootstrap | None = None, conf_level: float = 0.95
) -> Agreement:
    r"""Krippendorff's alpha for nominal categories, ratings missing at will.

    .. math:: \alpha = 1 - \frac{D_o}{D_e},\quad
        D_o = \frac1n\sum_u\frac{m_u^2 - \sum_c n_{uc}^2}{m_u - 1},\quad
        D_e = \frac{n^2 - \sum_c n_c^2}{n(n-1)}

    over units with at least two ratings, n of them in all.

    Parameters
    ----------
    ratings : array_like, shape (units, raters)
        Category of each rating; None or NaN is missing.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        ``observed`` is :math:`1 - D_o`, ``expected`` is :math:`1 - D_e`.

    Raises
    ------
    ValueError
        If `ratings` is not two-dimensional with two raters, or no unit has two ratings.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability.
    https://repository.upenn.edu/handle/20.500.14332/2089

    Examples
    --------
    >>> ratings = [[1, 1, None], [2, 2, 3], [3, 3, 3], [None, 1, 1]]
    >>> round(krippendorff_alpha(ratings).estimate, 3)
    0.719
    """
    counts = category_counts(ratings)
    raters = counts.sum(axis=1)
    paired = raters >= 2
    counts = np.where(paired[:, None], counts, 0.0)
    disagreement = divide(raters**2 - (counts**2).sum(axis=1), np.where(paired, raters - 1, 1.0))
    rows = np.column_stack([np.where(paired, disagreement, 0.0), counts])

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        total = sums[..., 1:].sum(axis=-1)
        squares = (sums[..., 1:] ** 2).sum(axis=-1)
        chance = divide(total**2 - squares, total * (total - 1))
        return 1 - divide(sums[..., 0], total), 1 - chance

    return coefficient("krippendorff_alpha", rows, agreement, paired, bootstrap, conf_level)


def gwet_ac1(
    ratings: ArrayLike,
    *,
    n_categories: int | None = None,
    bootstrap: ClusterBootstrap | None = None,
    conf_level: float = 0.95,
) -> Agreement:
    r"""Gwet's AC1, which stays stable where one category is rare.

    Chance agreement is :math:`\frac1{q-1}\sum_c\pi_c(1-\pi_c)`, with :math:`\pi_c` the mean over
    units of the share of ratings in category c.

    Parameters
    ----------
    ratings : array_like, shape (units, raters)
        Category of each rating; None or NaN is missing. Units with one rating count for
        :math:`\pi_c` only.
    n_categories : int, optional
        q, if raters could have used more categories than occur.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float, default 0.95
        Its coverage.

    Returns
    -------
    Agreement
        The coefficient; with a single category chance agreement is 0.

    Raises
    ------
    ValueError
        If `ratings` does not hold two raters, no unit has two ratings, or `n_categories` is below
        the number that occur.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
    agreement. *BJMSP* 61, 29-48. https://doi.org/10.1348/000711006X126600

    Examples
    --------
    >>> found = gwet_ac1([["n", "n"]] * 118 + [["y", "n"]] * 5 + [["n", "y"]] * 2)
    >>> round(found.estimate, 3)
    0.941
    """
    counts = category_counts(ratings)
    size = counts.shape[1]
    if n_categories is not None:
        size = whole_number("n_categories", n_categories, least=1)
    if size < counts.shape[1]:
        raise ValueError(f"n_categories = {size}: {counts.shape[1]} categories occur")
    raters = counts.sum(axis=1)
    pairs, paired = pair_agreement(counts)
    shares = counts / np.maximum(raters, 1.0)[:, None]
    rows = np.column_stack([pairs, paired, raters > 0, shares])

    def agreement(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        pi = divide(sums[..., 3:], sums[..., 2:3])
        chance = (pi * (1 - pi)).sum(axis=-1) / max(size - 1, 1)
        return divide(sums[..., 0], sums[..., 1]), chance

    return coefficient("gwet_ac1", rows, agreement, paired, bootstrap, conf_level)
