"""Chance-corrected agreement from column sums, with its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from valuescape.statistics.arrays import BoolArray, FloatArray, check_level, divide, result_frame
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap, bootstrap_interval

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 1e-12
"""Chance agreement this close to 1 is complete: the rest is rounding."""

FromSums: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Maps column sums of shape (..., columns) to observed and chance agreement."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement coefficient.

    Attributes
    ----------
    coefficient : str
        Which one.
    estimate : float
        ``(observed - expected) / (1 - expected)``; NaN where chance agreement is complete, as when
        only one category was used.
    low, high : float
        Cluster-bootstrap percentile limits; NaN if none was asked for.
    observed, expected : float
        Observed agreement, and the agreement the coefficient ascribes to chance.
    n_units : int
        Units that at least two raters (or both sets) labelled.
    conf_level : float
        Two-sided coverage of the limits.
    """

    coefficient: str
    estimate: float
    low: float
    high: float
    observed: float
    expected: float
    n_units: int
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row, one column a field."""
        return result_frame(self)


def coefficient(
    name: str,
    rows: FloatArray,
    agreement: FromSums,
    used: BoolArray,
    bootstrap: ClusterBootstrap | None,
    conf_level: float,
) -> Agreement:
    """Correct observed agreement for chance, with an interval if one is asked for.

    Parameters
    ----------
    name : str
        What the coefficient is called.
    rows : ndarray of float64, shape (units, columns)
        What each unit adds to the sums.
    agreement : callable
        Maps sums to observed and chance agreement.
    used : ndarray of bool, shape (units,)
        Units that the coefficient rests on.
    bootstrap : ClusterBootstrap, optional
        Asks for an interval.
    conf_level : float
        Its coverage.

    Returns
    -------
    Agreement
        The coefficient.

    Raises
    ------
    ValueError
        If the clusters do not fit the units, or the level is not inside (0, 1).

    Examples
    --------
    >>> rows = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    >>> def half(sums):
    ...     return sums[..., 0] / sums[..., 1], np.full(sums.shape[:-1], 0.5)
    >>> coefficient("toy", rows, half, rows[:, 1] > 0, None, 0.95).estimate
    0.5
    """
    observed, expected = agreement(rows.sum(axis=0))

    def corrected(sums: FloatArray) -> FloatArray:
        found, chance = agreement(sums)
        return np.where(1 - chance > ROUNDING, divide(found - chance, 1 - chance), np.nan)

    low = high = np.asarray(np.nan)
    if bootstrap is not None:
        low, high = bootstrap_interval(rows, corrected, bootstrap, conf_level)
    return Agreement(
        coefficient=name,
        estimate=float(corrected(rows.sum(axis=0))),
        low=float(low),
        high=float(high),
        observed=float(observed),
        expected=float(expected),
        n_units=int(used.sum()),
        conf_level=check_level(conf_level),
    )
