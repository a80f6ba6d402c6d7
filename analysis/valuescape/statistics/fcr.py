"""Intervals of the parameters that were selected for being remarkable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import (
    BoolArray,
    FloatArray,
    as_floats,
    as_numbers,
    check_level,
    refuse,
    result_frame,
)
from valuescape.statistics.checks import common_shape
from valuescape.statistics.multiplicity import fcr_conf_level
from valuescape.statistics.shares import Interval, critical_value

if TYPE_CHECKING:
    import pandas as pd


IntervalFunction: TypeAlias = Callable[..., Interval]
"""Called with data and the keyword ``conf_level``; one interval for each element."""


@dataclass(frozen=True, slots=True)
class SelectedIntervals:
    """Intervals of the selected parameters; NaN, not computed, for those not selected.

    Attributes
    ----------
    selected : ndarray of bool
        The selection.
    estimate, low, high : ndarray of float64
        Of the family's shape.
    interval_level : float
        Level of each interval; NaN if nothing was selected.
    conf_level : float
        1 minus the false coverage rate.
    n_selected, n_tested : int
        Parameters selected, and parameters of the family.
    """

    selected: BoolArray
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    interval_level: float
    conf_level: float
    n_selected: int
    n_tested: int

    def to_frame(self) -> pd.DataFrame:
        """One row a selected parameter, in C order, with its place in the family."""
        frame = result_frame(self)
        return frame[frame.pop("selected")].rename_axis("parameter").reset_index()


def fcr_intervals(
    selected: ArrayLike,
    *data: ArrayLike,
    interval: IntervalFunction | None = None,
    tested: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> SelectedIntervals:
    r"""Intervals of selected parameters with a controlled false coverage rate.

    Of R parameters selected out of m, each gets its interval at level :math:`1 - R\alpha/m`. The
    expected share of the intervals that miss their parameter is then at most :math:`\alpha`, for
    independent estimates or positive dependence, if a parameter's own estimate decides whether it
    is selected given the others, as by Benjamini-Hochberg, by a threshold, or by the top R; under
    any dependence it is at most :math:`\alpha\sum_{j \le m} 1/j`. If parameters are selected by
    Benjamini-Hochberg at rate :math:`\alpha` from the p-values that belong to the intervals, none
    of the intervals contains the null value.

    Parameters
    ----------
    selected : array_like of bool
        The selection, over the whole family.
    *data : array_like
        What `interval` needs, each scalar or of the shape of `selected`; only the selected
        elements are used. Estimates and standard errors by default.
    interval : callable, optional
        Called as ``interval(*data, conf_level=level)``, such as `wilson`, `koopman_interval` or
        `miettinen_nurminen`; its limits need not be symmetric. The default is `normal_interval`.
    tested : array_like of bool, optional
        Members of the family, of the shape of `selected`; all by default.
    conf_level : float, default 0.95
        1 minus the false coverage rate :math:`\alpha`.

    Returns
    -------
    SelectedIntervals
        Of the family's shape.

    Raises
    ------
    ValueError
        If `selected` or `tested` is not boolean or empty, data do not fit or are missing for a
        selected parameter, one is selected that was not tested, or the interval function refuses
        its data.

    References
    ----------
    Benjamini, Y. & Yekutieli, D. (2005). False discovery rate-adjusted multiple confidence
    intervals for selected parameters. *JASA* 100, 71-81.
    https://doi.org/10.1198/016214504000001907

    Examples
    --------
    One of four is selected, so its level is 1 - 0.05 / 4:

    >>> found = fcr_intervals([False, True, False, False], [0.1, 1.0, 0.2, -0.3], 0.3)
    >>> round(found.interval_level, 4), found.low.round(3).tolist()
    (0.9875, [nan, 0.251, nan, nan])

    Shares with score intervals:

    >>> from valuescape.statistics.shares import wilson
    >>> found = fcr_intervals([True, False], [9, 1], [10, 10], interval=wilson)
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([0.547, nan], [0.985, nan])
    """
    chosen = _marks("selected", selected)
    family = np.ones_like(chosen) if tested is None else _marks("tested", tested)
    if family.shape != chosen.shape:
        raise ValueError(f"tested: shape {family.shape} must be that of selected")
    refuse(chosen & ~family, "selected", "this parameter was not tested")
    check_level(conf_level)
    own = [_chosen_part(index, part, chosen) for index, part in enumerate(data)]
    n_selected, n_tested = int(chosen.sum()), int(family.sum())
    limits = {name: np.full(chosen.shape, np.nan) for name in ("estimate", "low", "high")}
    level = np.nan
    if n_selected:
        level = fcr_conf_level(n_selected, n_tested, conf_level)
        found = (interval or normal_interval)(*own, conf_level=level)
        for name, array in limits.items():
            array[chosen] = getattr(found, name)
    return SelectedIntervals(
        selected=chosen,
        interval_level=level,
        conf_level=conf_level,
        n_selected=n_selected,
        n_tested=n_tested,
        **limits,
    )


def normal_interval(
    estimate: ArrayLike,
    standard_error: ArrayLike,
    df: ArrayLike = np.inf,
    *,
    conf_level: float = 0.95,
) -> Interval:
    r"""Interval :math:`\hat\theta \pm c\,\hat\sigma` with a normal or t critical value.

    Parameters
    ----------
    estimate : array_like
        Estimates.
    standard_error : array_like
        Their standard errors.
    df : array_like, default infinity
        Degrees of freedom of the standard errors.
    conf_level : float, default 0.95
        Two-sided coverage.

    Returns
    -------
    Interval
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If an entry is missing, a standard error negative, or a `df` not above zero.

    Examples
    --------
    >>> found = normal_interval([1.0, 2.0], 0.5, [np.inf, 4])
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([0.02, 0.612], [1.98, 3.388])
    """
    centre = as_numbers("estimate", estimate)
    error = as_numbers("standard_error", standard_error)
    refuse(error < 0, "standard_error", "must not be negative", error)
    centre, error, critical = common_shape(
        estimate=centre, standard_error=error, df=critical_value(conf_level, df)
    )
    reach = critical * error
    return Interval(np.array(centre), centre - reach, centre + reach, conf_level)


def _marks(name: str, values: ArrayLike) -> BoolArray:
    """Boolean marks of at least one parameter."""
    marks = np.asarray(values)
    if marks.dtype != np.bool_:
        raise ValueError(f"{name}: must be boolean, not {marks.dtype}")
    if marks.size == 0:
        raise ValueError(f"{name}: the family holds no parameter")
    return marks


def _chosen_part(index: int, part: ArrayLike, chosen: BoolArray) -> ArrayLike:
    """Elements of one argument that belong to selected parameters."""
    array = as_floats(f"data[{index}]", part)
    if array.ndim == 0:
        refuse(np.isnan(array), f"data[{index}]", "is missing")
        return array
    if array.shape != chosen.shape:
        raise ValueError(f"data[{index}]: shape {array.shape} must be that of selected")
    refuse(chosen & np.isnan(array), f"data[{index}]", "is missing for a selected parameter")
    return array[chosen]
