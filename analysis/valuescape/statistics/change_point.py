"""When a change that was found began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from valuescape.statistics.arrays import FloatArray, check_level, result_frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """When a change began.

    Attributes
    ----------
    look : int
        Most likely first look after the change, from 1.
    low, high : int
        Shortest run of looks that holds the change with the posterior probability asked for.
    upward : bool
        Whether the share rose.
    """

    look: int
    low: int
    high: int
    upward: bool

    def to_frame(self) -> pd.DataFrame:
        """One row; the limits are ``look_low`` and ``look_high``."""
        return result_frame(self).rename(columns={"low": "look_low", "high": "look_high"})


def locate_change(growth: FloatArray, *, conf_level: float = 0.95) -> ChangePoint:
    r"""Say when a change that was found began.

    The terms of the Shiryaev-Roberts sum at the last look, one for every look j at which the change
    may have begun and every alternative, are proportional to its posterior probability when all
    are equally likely beforehand.

    Parameters
    ----------
    growth : ndarray of float64, shape (n_looks, n_alternatives)
        `ShiftEvidence.growth` up to and with the look of the alarm; the upward half first.
    conf_level : float, default 0.95
        Posterior probability of the interval.

    Returns
    -------
    ChangePoint

    Raises
    ------
    ValueError
        If there is no look or the level is not inside (0, 1).

    References
    ----------
    Shiryaev, A. N. (1963). *Theory of Probability and its Applications* 8, 22-46.
    https://doi.org/10.1137/1108002.

    Examples
    --------
    >>> from valuescape.statistics.shift import shift_evidence
    >>> found = shift_evidence([5, 5, 4, 14, 15], [[100]] * 5, [0.05])
    >>> place = locate_change(found.growth)
    >>> place.look, place.upward
    (4, True)
    """
    check_level(conf_level)
    if growth.ndim != 2 or not growth.size:
        raise ValueError(f"growth: shape {growth.shape}; a look and an alternative are needed")
    since = np.cumsum(growth[::-1], axis=0)[::-1]
    weight = np.exp(since - special.logsumexp(since))
    upward = bool(weight[:, : growth.shape[1] // 2].sum() >= 0.5)
    share = weight.sum(axis=1)
    low, high = _shortest_run(share, conf_level)
    return ChangePoint(int(np.argmax(share)) + 1, low + 1, high + 1, upward)


def _shortest_run(share: FloatArray, conf_level: float) -> tuple[int, int]:
    """First and last place of the shortest run that holds the level."""
    upto = np.concatenate([[0.0], np.cumsum(share)])
    wanted = upto[:-1] + min(conf_level, float(upto[-1]))
    last = np.minimum(np.searchsorted(upto, wanted - 1e-12), share.size)
    length = np.where(
        upto[last] - upto[:-1] >= conf_level - 1e-9, last - np.arange(last.size), np.inf
    )
    first = int(np.argmin(length))
    return first, int(last[first]) - 1
