"""Ratings of units by several raters, as counts per category."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray
from valuescape.statistics.groups import missing


def rating_codes(ratings: ArrayLike) -> tuple[NDArray[np.intp], int]:
    """Code the categories of a table of ratings.

    Parameters
    ----------
    ratings : array_like, shape (units, raters)
        Numbers, strings or booleans; None or NaN is missing.

    Returns
    -------
    ndarray of int
        Codes from 0 in sorted order, -1 where missing.
    int
        Number of categories.

    Raises
    ------
    ValueError
        If the table is not two-dimensional with at least two raters, or holds no rating.

    Examples
    --------
    >>> rating_codes([["b", "a"], [None, "b"]])
    (array([[ 1,  0],
           [-1,  1]]), 2)
    """
    table = np.asarray(ratings, dtype=object)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(f"ratings: shape {table.shape} is not (units, at least two raters)")
    flat = table.ravel()
    present = ~missing(flat)
    if not present.any():
        raise ValueError("ratings: every rating is missing")
    names = sorted(set(flat[present]), key=lambda name: (str(type(name)), name))
    lookup = {name: code for code, name in enumerate(names)}
    codes = np.full(flat.shape, -1, dtype=np.intp)
    codes[present] = [lookup[value] for value in flat[present]]
    return codes.reshape(table.shape), len(names)


def category_counts(ratings: ArrayLike) -> FloatArray:
    """Ratings of each unit in each category.

    Parameters
    ----------
    ratings : array_like, shape (units, raters)
        As in `rating_codes`.

    Returns
    -------
    ndarray of float64, shape (units, categories)
        Counts.

    Raises
    ------
    ValueError
        As in `rating_codes`, or if no unit has two ratings.

    Examples
    --------
    >>> category_counts([["b", "a"], ["b", "b"]]).tolist()
    [[1.0, 1.0], [0.0, 2.0]]
    """
    codes, size = rating_codes(ratings)
    marks = codes[:, :, None] == np.arange(size)
    counts = np.asarray(marks.sum(axis=1), dtype=np.float64)
    if counts.sum(axis=1).max() < 2:
        raise ValueError("ratings: no unit has two ratings")
    return counts


def pair_agreement(counts: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Share of agreeing pairs of ratings of each unit.

    Parameters
    ----------
    counts : ndarray of float64, shape (units, categories)
        From `category_counts`.

    Returns
    -------
    ndarray of float64
        Share of each unit; 0 where it has no pair.
    ndarray of bool
        Whether the unit has a pair.

    Examples
    --------
    >>> pair_agreement(np.array([[2.0, 1.0], [1.0, 0.0]]))
    (array([0.33333333, 0.        ]), array([ True, False]))
    """
    raters = counts.sum(axis=1)
    paired = raters >= 2
    pairs = np.where(paired, raters * (raters - 1), 1.0)
    agreeing = (counts * (counts - 1)).sum(axis=1)
    return np.where(paired, agreeing / pairs, 0.0), paired
