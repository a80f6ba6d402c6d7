"""Successes of every arm in every block, from one row an observation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, refuse
from valuescape.statistics.checks import as_indicators, as_weights
from valuescape.statistics.cmh import Strata
from valuescape.statistics.groups import as_codes, group_sums, label_codes


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
    cluster: ArrayLike | None,
) -> PairedBlocks:
    """Sum observations by arm and block.

    Parameters
    ----------
    outcome, arm, block, weight, cluster
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
    y = as_indicators("outcome", outcome)
    arms, of_arm = label_codes("arm", arm, len(y), fewest=2)
    _, of_block = label_codes("block", block, len(y))
    first = np.unique(of_block, return_index=True)[1]
    weights, group = np.ones(first.size), np.arange(first.size)
    if weight is not None:
        weights = _of_block("weight", as_weights("weight", weight, len(y)), of_block, first)
    if cluster is not None:
        group = label_codes("cluster", cluster, len(y))[1]
        group = _of_block("cluster", group, of_block, first)
    cell, shape = of_arm * first.size + of_block, (arms.size, first.size)
    hits = np.zeros((arms.size * first.size, y.shape[1]))
    sums = group_sums(y, cell)
    hits[: len(sums)] = sums
    size = np.bincount(cell, minlength=hits.shape[0]).astype(np.float64)
    robust = weight is not None or cluster is not None
    return PairedBlocks(
        arms, hits.reshape(*shape, -1), size.reshape(shape), weights, as_codes(group), robust
    )


def _of_block(
    name: str, values: NDArray[Any], of_block: NDArray[np.intp], first: NDArray[np.intp]
) -> NDArray[Any]:
    """Value of each block, which all its rows must share."""
    found = values[first]
    refuse(found[of_block] != values, name, "differs from that of the first row of its block")
    return np.asarray(found)
