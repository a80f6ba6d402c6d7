"""Successes of every arm in every block, from one row an observation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, as_numbers, refuse
from valuescape.statistics.clusters import as_codes, group_sums
from valuescape.statistics.cmh import Strata


@dataclass(frozen=True, slots=True)
class PairedBlocks:
    """Successes and observations of every arm in every block.

    Attributes
    ----------
    arms : ndarray, shape (n_arms,)
        Their labels, sorted.
    hits : ndarray, shape (n_arms, n_blocks, n_outcomes)
        Successes.
    size : ndarray, shape (n_arms, n_blocks)
        Observations.
    weight : ndarray, shape (n_blocks,)
        Weight of each block.
    cluster : ndarray of int, shape (n_blocks,)
        Group of each block.
    robust : bool
        Whether weights or groups were given.
    """

    arms: NDArray[Any]
    hits: FloatArray
    size: FloatArray
    weight: FloatArray
    cluster: NDArray[np.intp]
    robust: bool

    def strata(self, first: int, other: int) -> Strata | None:
        """Blocks that hold both arms; None if there are none."""
        both = (self.size[first] > 0) & (self.size[other] > 0)
        if not both.any():
            return None
        return Strata(
            self.hits[first, both],
            self.hits[other, both],
            self.size[first, both, None],
            self.size[other, both, None],
            self.weight[both, None],
            as_codes(self.cluster[both]),
            self.robust,
        )


def paired_blocks(
    outcome: ArrayLike,
    arm: ArrayLike,
    block: ArrayLike,
    weight: ArrayLike | None,
    clusters: ArrayLike | None,
) -> PairedBlocks:
    """Sum observations by arm and block.

    Parameters
    ----------
    outcome, arm, block, weight, clusters
        As in :func:`~valuescape.statistics.paired.paired_contrast`.

    Raises
    ------
    ValueError
        As there.

    Examples
    --------
    >>> found = paired_blocks([1, 0, 1], ["a", "b", "b"], [7, 7, 7], None, None)
    >>> found.hits.ravel().tolist(), found.size.ravel().tolist()
    ([1.0, 1.0], [1.0, 2.0])
    """
    y = _outcomes(outcome)
    of_arm, of_block = (
        _codes(name, labels, len(y)) for name, labels in (("arm", arm), ("block", block))
    )
    arms = np.unique(np.asarray(arm))
    if arms.size < 2:
        raise ValueError("arm: at least two arms are needed to compare them")
    first = np.unique(of_block, return_index=True)[1]
    weights, group = np.ones(first.size), np.arange(first.size)
    if weight is not None:
        weights = _of_block("weight", _weights(weight, len(y)), of_block, first)
    if clusters is not None:
        group = _of_block("clusters", _codes("clusters", clusters, len(y)), of_block, first)
    cell, shape = of_arm * first.size + of_block, (arms.size, first.size)
    hits = np.zeros((arms.size * first.size, y.shape[1]))
    sums = group_sums(y, cell)
    hits[: len(sums)] = sums
    size = np.bincount(cell, minlength=hits.shape[0]).astype(np.float64)
    robust = weight is not None or clusters is not None
    return PairedBlocks(
        arms, hits.reshape(*shape, -1), size.reshape(shape), weights, as_codes(group), robust
    )


def _outcomes(outcome: ArrayLike) -> FloatArray:
    y = as_numbers("outcome", outcome)
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or 0 in y.shape:
        raise ValueError(f"outcome: shape {y.shape} is not observations by outcomes")
    refuse((y != 0) & (y != 1), "outcome", "must be 0 or 1", y)
    return y


def _codes(name: str, labels: ArrayLike, size: int) -> NDArray[np.intp]:
    """Code labels in sorted order, refusing missing ones."""
    found = np.asarray(labels)
    if found.shape != (size,):
        raise ValueError(f"{name}: shape {found.shape} is not one label for each of {size} rows")
    if found.dtype.kind in ("f", "O"):
        missing = [label is None or label != label for label in found.tolist()]
        refuse(np.array(missing, dtype=np.bool_), name, "is missing")
    return as_codes(found)


def _weights(weight: ArrayLike, size: int) -> FloatArray:
    found = as_numbers("weight", weight)
    if found.shape != (size,):
        raise ValueError(f"weight: shape {found.shape} is not one weight for each of {size} rows")
    refuse(found <= 0, "weight", "must be above zero", found)
    return found


def _of_block(
    name: str, values: NDArray[Any], of_block: NDArray[np.intp], first: NDArray[np.intp]
) -> NDArray[Any]:
    """Value of each block, which all its rows must share."""
    found = values[first]
    refuse(found[of_block] != values, name, "differs from that of the first row of its block")
    return np.asarray(found)
