"""Labels of observations as codes, and sums over the observations of one label."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import BoolArray, refuse


def label_codes(
    name: str, labels: ArrayLike, n: int, *, fewest: int = 1
) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Code the label of every observation by whole numbers from 0, in sorted order.

    Parameters
    ----------
    name : str
        Argument name, for the message.
    labels : array_like, shape (n,)
        Numbers or strings.
    n : int
        Observations there are.
    fewest : int, default 1
        Different labels there must be.

    Returns
    -------
    names : ndarray, shape (n_labels,)
        The different labels, sorted.
    codes : ndarray of int, shape (n,)
        Place of each label among the names.

    Raises
    ------
    ValueError
        If the length differs, a label is missing (None, NaN, NaT, pandas.NA), or too few differ.

    Examples
    --------
    >>> names, codes = label_codes("cluster", ["b", "a", "b"], 3)
    >>> names.tolist(), codes.tolist()
    (['a', 'b'], [1, 0, 1])
    >>> label_codes("cluster", ["b", float("nan")], 2)
    Traceback (most recent call last):
        ...
    ValueError: cluster[1]: is missing
    """
    given = _uncast(labels)
    if given.shape != (n,):
        raise ValueError(f"{name}: shape {given.shape} is not one label for each of {n} rows")
    refuse(missing(given), name, "is missing")
    names, codes = _coded(given)
    if names.size < fewest:
        held = f"all are {names[0]}" if names.size else "there is none"
        raise ValueError(f"{name}: {held}, at least {fewest} different ones are needed")
    return names, codes


def missing(labels: NDArray[Any]) -> BoolArray:
    """Mark labels that are None, NaN, NaT or pandas.NA.

    Parameters
    ----------
    labels : ndarray
        Of any kind.

    Returns
    -------
    ndarray of bool
        Same shape as `labels`.

    Examples
    --------
    >>> missing(np.array(["a", None, float("nan")], dtype=object)).tolist()
    [False, True, True]
    """
    if labels.dtype.kind == "f":
        return np.asarray(np.isnan(labels))
    if labels.dtype.kind in "mM":
        return np.asarray(np.isnat(labels))
    if labels.dtype.kind != "O":
        return np.zeros(labels.shape, dtype=np.bool_)
    return np.array([_absent(label) for label in labels.ravel()], dtype=np.bool_).reshape(
        labels.shape
    )


def as_codes(labels: ArrayLike) -> NDArray[np.intp]:
    """Code distinct labels, known to be complete, by whole numbers from 0, in sorted order.

    Parameters
    ----------
    labels : array_like, shape (n,)
        Numbers or strings.

    Returns
    -------
    ndarray of int, shape (n,)

    Examples
    --------
    >>> as_codes(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    return np.unique(np.asarray(labels), return_inverse=True)[1].ravel()


def group_sums(values: NDArray[Any], codes: NDArray[Any]) -> NDArray[np.float64]:
    """Sum the rows of each group.

    Parameters
    ----------
    values : ndarray, shape (n,) or (n, m)
        What is summed.
    codes : ndarray of int, shape (n,)
        Group of each row, from 0.

    Returns
    -------
    ndarray, shape (n_groups,) or (n_groups, m)

    Examples
    --------
    >>> group_sums(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 0])).tolist()
    [5.0, 2.0]
    """
    size = int(codes.max()) + 1 if len(codes) else 0
    if values.ndim == 1:
        return np.bincount(codes, weights=values, minlength=size).astype(np.float64)
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    sums = np.zeros((size, values.shape[1]))
    sums[present] = np.add.reduceat(values[order], starts, axis=0)
    return sums


def stratum_factors(stratum: NDArray[np.intp], cluster: NDArray[np.intp]) -> NDArray[np.float64]:
    """G / (G - 1) of the stratum of each row, G being the clusters with a row in that stratum.

    It repays the degree of freedom that a stratum's own mean takes (Sarndal, Swensson & Wretman
    1992, eq. 4.6.2).  A stratum of one cluster, which tells nothing about variance, has 1.

    Parameters
    ----------
    stratum, cluster : ndarray of int, shape (n,)
        Codes from 0.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> stratum_factors(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2])).tolist()
    [2.0, 2.0, 2.0, 1.0]
    """
    pairs = np.unique(np.column_stack([stratum, cluster]), axis=0)
    n_clusters = np.bincount(pairs[:, 0])
    factors: NDArray[np.float64] = n_clusters / np.maximum(n_clusters - 1, 1)
    return factors[stratum]


def _uncast(labels: ArrayLike) -> NDArray[Any]:
    """Labels as an array in which a number or a missing entry has not become a string."""
    given = np.asarray(labels)
    if given.dtype.kind != "U" or isinstance(labels, np.ndarray):
        return given
    kept = np.asarray(labels, dtype=object)
    return given if all(isinstance(label, str) for label in kept.ravel()) else kept


def _absent(label: object) -> bool:
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas.NA is neither equal to itself nor not
        return True


def _coded(labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Distinct labels and codes; labels of several types are sorted by type first."""
    try:
        names, codes = np.unique(labels, return_inverse=True)
        return names, codes.ravel()
    except TypeError:
        by_type = sorted(set(labels.tolist()), key=lambda label: (type(label).__name__, label))
        place = {label: code for code, label in enumerate(by_type)}
        codes = np.array([place[label] for label in labels.tolist()], dtype=np.intp)
        return np.array(by_type, dtype=object), codes
