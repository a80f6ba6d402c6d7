"""Multiplicity over a family of tests that was fixed before looking."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, as_floats, check_level, refuse
from valuescape.statistics.checks import whole_number
from valuescape.statistics.options import AdjustMethod, check_option


def adjust_p(log10_p: ArrayLike, method: AdjustMethod) -> FloatArray:
    r"""Adjust the p-values of a family, on the log10 scale.

    With m p-values and :math:`p_{(i)}` the i-th smallest:

    ============ =====================================================================
    bonferroni   :math:`m p`
    holm         :math:`\max_{j \le i} (m - j + 1) p_{(j)}`
    hochberg     :math:`\min_{j \ge i} (m - j + 1) p_{(j)}`
    bh           :math:`\min_{j \ge i} (m / j) p_{(j)}`
    by           :math:`\min_{j \ge i} (m H_m / j) p_{(j)}`, :math:`H_m = \sum_{j\le m} 1/j`
    ============ =====================================================================

    each at most 1. Bonferroni and Holm hold the family-wise error under any dependence, Hochberg
    under positive dependence; BH holds the false discovery rate under positive dependence, BY
    under any.

    Parameters
    ----------
    log10_p : array_like
        log10 p of every test of the family, of any shape. NaN marks a cell outside the family: it
        stays NaN and is not counted in m. Minus infinity (p = 0) is accepted.
    method : {"bonferroni", "holm", "hochberg", "bh", "by"}
        Adjustment.

    Returns
    -------
    ndarray of float64
        log10 of the adjusted p, of the shape of `log10_p`.

    Raises
    ------
    ValueError
        If a log10 p lies above 0 or the method is unknown.

    References
    ----------
    Holm, S. (1979). *Scandinavian Journal of Statistics* 6, 65-70.
    https://www.jstor.org/stable/4615733.
    Hochberg, Y. (1988). *Biometrika* 75, 800-802. https://doi.org/10.1093/biomet/75.4.800.
    Benjamini, Y. & Hochberg, Y. (1995). *JRSS B* 57, 289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x.
    Benjamini, Y. & Yekutieli, D. (2001). *Annals of Statistics* 29, 1165-1188.
    https://doi.org/10.1214/aos/1013699998

    Examples
    --------
    >>> log10_q = adjust_p([-4000.0, -2.0, np.nan, -1.0], "bh")
    >>> log10_q.round(3).tolist()
    [-3999.523, -1.824, nan, -1.0]
    """
    check_option("method", method, AdjustMethod)
    logs = as_floats("log10_p", log10_p)
    refuse(logs > 0, "log10_p", "log10 p must not be above 0 (p must not be above 1)", logs)
    tested = ~np.isnan(logs)
    adjusted = np.full(logs.shape, np.nan)
    family = logs[tested]
    order = np.argsort(family, kind="stable")
    ordered = np.empty(family.size)
    ordered[order] = _adjust_sorted(family[order], method)
    adjusted[tested] = np.minimum(ordered, 0.0)
    return adjusted


def _adjust_sorted(logs: FloatArray, method: AdjustMethod) -> FloatArray:
    """Compute adjusted log10 p of an ascending family, not yet capped at 0."""
    size = logs.size
    rank = np.arange(1, size + 1, dtype=np.float64)
    match method:
        case "bonferroni":
            return np.asarray(logs + np.log10(max(size, 1)))
        case "holm":
            return np.maximum.accumulate(logs + np.log10(size - rank + 1))
        case "hochberg":
            return _running_minimum(logs + np.log10(size - rank + 1))
        case "bh":
            return _running_minimum(logs + np.log10(size / rank))
        case "by":
            return _running_minimum(logs + np.log10(size / rank * (1 / rank).sum()))
        case _:
            assert_never(method)


def _running_minimum(logs: FloatArray) -> FloatArray:
    """Minimum of each element and all that follow."""
    return np.asarray(np.minimum.accumulate(logs[::-1])[::-1])


def fcr_conf_level(n_selected: int, n_tested: int, conf_level: float = 0.95) -> float:
    r"""Level at which intervals of selected parameters keep their false coverage rate.

    If R of m parameters are listed because their adjusted p was small, intervals at level
    :math:`1 - R\alpha/m` cover all but a share :math:`\alpha` of the listed ones on average.

    Parameters
    ----------
    n_selected : int
        R, parameters that are listed; at least 1.
    n_tested : int
        m, parameters of the family.
    conf_level : float, default 0.95
        :math:`1 - \alpha`.

    Returns
    -------
    float
        Level for each interval, at least `conf_level`.

    Raises
    ------
    ValueError
        If not ``1 <= n_selected <= n_tested``, both whole, or the level is not inside (0, 1).

    References
    ----------
    Benjamini, Y. & Yekutieli, D. (2005). False discovery rate-adjusted multiple confidence
    intervals for selected parameters. *JASA* 100, 71-81.
    https://doi.org/10.1198/016214504000001907

    Examples
    --------
    >>> round(fcr_conf_level(20, 1000), 6)
    0.999
    """
    check_level(conf_level)
    whole_number("n_tested", n_tested, least=1)
    if whole_number("n_selected", n_selected, least=1) > n_tested:
        raise ValueError(f"n_selected = {n_selected}: must lie between 1 and n_tested = {n_tested}")
    return 1.0 - n_selected * (1.0 - conf_level) / n_tested
