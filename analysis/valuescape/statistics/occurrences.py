"""Occurrences of values in two arms, by the units that are independent of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.groups import label_codes


@dataclass(frozen=True, slots=True)
class OccurrenceUnits:
    """Occurrences in two arms by independent unit, as a list of non-zero entries.

    Attributes
    ----------
    unit, value : ndarray of int, shape (n_entries,)
        Unit and value of the entry.
    in_a, in_b : ndarray of float64, shape (n_entries,)
        Occurrences in either arm.
    size_a, size_b : ndarray of float64, shape (n_units,)
        Occurrences of the unit in either arm.
    copies : ndarray of float64, shape (n_units,)
        How many units are like it.
    """

    unit: NDArray[np.intp]
    value: NDArray[np.intp]
    in_a: FloatArray
    in_b: FloatArray
    size_a: FloatArray
    size_b: FloatArray
    copies: FloatArray


def occurrence_units(
    a: IntArray, b: IntArray, cluster: tuple[ArrayLike, ArrayLike] | None
) -> OccurrenceUnits:
    """Sort the occurrences of two arms into independent units.

    Parameters
    ----------
    a, b : ndarray of int64, shape (n_values,) or (n_rows, n_values)
        Occurrences; one-dimensional ones are a unit each, rows of two-dimensional ones are.
    cluster : tuple of array_like, optional
        Cluster of each row of `a` and of `b`; rows of one label are one unit.

    Returns
    -------
    OccurrenceUnits

    Raises
    ------
    ValueError
        If shapes differ, an arm holds fewer than two occurrences or lies in one unit, only one
        value occurs, or clusters do not fit.

    Examples
    --------
    >>> occurrence_units(np.array([2, 1]), np.array([0, 4]), None).copies.tolist()
    [2.0, 1.0, 4.0]
    """
    if a.ndim not in (1, 2) or a.ndim != b.ndim or a.shape[-1] != b.shape[-1]:
        raise ValueError(f"counts_b: shape {b.shape} does not fit counts_a of shape {a.shape}")
    for name, arm in (("counts_a", a), ("counts_b", b)):
        if arm.sum() < 2:
            raise ValueError(f"{name}: at least two occurrences are needed")
    if np.count_nonzero(np.atleast_2d(a).sum(axis=0) + np.atleast_2d(b).sum(axis=0)) < 2:
        raise ValueError("counts_a: a single value occurs; two are needed for a distribution")
    if a.ndim == 1:
        if cluster is not None:
            raise ValueError("cluster: one-dimensional counts have no rows to cluster")
        return _single_occurrences(a, b)
    return _rows(a, b, cluster)


def _single_occurrences(a: IntArray, b: IntArray) -> OccurrenceUnits:
    """Units of one occurrence: as many kinds as there are values in either arm."""
    in_a, in_b = np.flatnonzero(a), np.flatnonzero(b)
    is_a = np.repeat([1.0, 0.0], [in_a.size, in_b.size])
    value = np.concatenate([in_a, in_b])
    copies = np.concatenate([a[in_a], b[in_b]]).astype(np.float64)
    return OccurrenceUnits(np.arange(value.size), value, is_a, 1 - is_a, is_a, 1 - is_a, copies)


def _rows(a: IntArray, b: IntArray, cluster: tuple[ArrayLike, ArrayLike] | None) -> OccurrenceUnits:
    """Make units of rows, or of clusters of rows."""
    n_rows = a.shape[0] + b.shape[0]
    if cluster is None:
        codes, size = np.arange(n_rows), n_rows
    else:
        codes = _joint_codes(cluster, (a.shape[0], b.shape[0]))
        size = int(codes.max()) + 1
    key_a, in_a = _entries(a, codes[: a.shape[0]])
    key_b, in_b = _entries(b, codes[a.shape[0] :])
    keys, where = np.unique(np.concatenate([key_a, key_b]), return_inverse=True)
    unit, value = np.divmod(keys, a.shape[1])
    entry_a = np.bincount(where[: key_a.size], in_a, keys.size).astype(np.float64)
    entry_b = np.bincount(where[key_a.size :], in_b, keys.size).astype(np.float64)
    size_a = np.bincount(unit, entry_a, size).astype(np.float64)
    size_b = np.bincount(unit, entry_b, size).astype(np.float64)
    for name, arm in (("counts_a", size_a), ("counts_b", size_b)):
        if np.count_nonzero(arm) < 2:
            raise ValueError(f"{name}: all occurrences lie in one cluster; two are needed")
    return OccurrenceUnits(unit, value, entry_a, entry_b, size_a, size_b, np.ones(size))


def _joint_codes(cluster: tuple[ArrayLike, ArrayLike], rows: tuple[int, int]) -> NDArray[np.intp]:
    """Code the clusters of the rows of both arms together."""
    if len(cluster) != 2:
        raise ValueError("cluster: labels of the rows of counts_a and of counts_b are needed")
    labels: list[object] = []
    for i, (side, n) in enumerate(zip(cluster, rows, strict=True)):
        names, codes = label_codes(f"cluster[{i}]", side, n)
        labels.extend(names[codes].tolist())
    return label_codes("cluster", np.array(labels, dtype=object), sum(rows), fewest=2)[1]


def _entries(
    counts: IntArray, codes: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a key of unit and value, and the count, of every non-zero entry."""
    row, value = np.nonzero(counts)
    return codes[row].astype(np.int64) * counts.shape[1] + value, counts[row, value]


def unit_totals(units: OccurrenceUnits, n_values: int) -> tuple[FloatArray, FloatArray]:
    """Add up the occurrences of each value in either arm.

    Examples
    --------
    >>> units = occurrence_units(np.array([2, 1]), np.array([0, 4]), None)
    >>> [total.tolist() for total in unit_totals(units, 2)]
    [[2.0, 1.0], [0.0, 4.0]]
    """
    copies = units.copies[units.unit]
    in_a, in_b = units.in_a * copies, units.in_b * copies
    return (
        np.asarray(np.bincount(units.value, in_a, n_values), dtype=np.float64),
        np.asarray(np.bincount(units.value, in_b, n_values), dtype=np.float64),
    )
