"""False discovery control over e-values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import FloatArray, as_floats
from valuescape.statistics.multiplicity import adjust_p


def e_bh(log10_e: ArrayLike) -> FloatArray:
    r"""Adjust the e-values of a family: the smallest false discovery rate at which each is found.

    With m e-values and :math:`e_{[j]}` the j-th largest, :math:`q_{[i]} = \min_{j \ge i}
    m / (j\,e_{[j]})`, at most 1.  The false discovery rate of :math:`q \le \alpha` is at most
    :math:`\alpha` under any dependence, and at any stopping time where the e-values are those of
    e-processes.

    Parameters
    ----------
    log10_e : array_like
        log10 e of every member of the family, of any shape. NaN marks a cell outside the family.

    Returns
    -------
    ndarray of float64
        log10 q, of the shape of `log10_e`.

    Raises
    ------
    ValueError
        If the e-values cannot be read as numbers.

    References
    ----------
    Wang, R. & Ramdas, A. (2022). False discovery rate control with e-values. *JRSS B* 84,
    822-852. https://doi.org/10.1111/rssb.12489.

    Examples
    --------
    >>> (10 ** e_bh([2.0, 1.0, -3.0])).round(3).tolist()
    [0.03, 0.15, 1.0]
    """
    logs = as_floats("log10_e", log10_e)
    return adjust_p(np.minimum(-logs, 0.0), "bh")
