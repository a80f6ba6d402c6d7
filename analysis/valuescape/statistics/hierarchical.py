"""Families of tests first, then the tests inside the families that were selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from valuescape.statistics.arrays import BoolArray, FloatArray, as_floats, inside_unit, refuse
from valuescape.statistics.multiplicity import adjust_p

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class HierarchicalTests:
    """Selected families and declared members.

    Attributes
    ----------
    family_log10_p : ndarray, shape (n_families,)
        log10 of each family's Simes p-value; NaN for a family without tests.
    family_log10_q : ndarray, shape (n_families,)
        The same, adjusted over the families by Benjamini-Hochberg.
    selected : ndarray of bool, shape (n_families,)
        Families declared.
    declared : ndarray of bool, shape (n_families, n_members)
        Members declared inside the selected families.
    """

    family_log10_p: FloatArray
    family_log10_q: FloatArray
    selected: BoolArray
    declared: BoolArray

    def to_frame(self) -> pd.DataFrame:
        """Return one row a family, numbered, with the number of members declared."""
        import pandas as pd

        return pd.DataFrame(
            {
                "family": np.arange(self.selected.size),
                "log10_p": self.family_log10_p,
                "log10_q": self.family_log10_q,
                "selected": self.selected,
                "n_declared": self.declared.sum(axis=1),
            }
        )


def simes_log10_p(log10_p: ArrayLike) -> FloatArray:
    r"""Simes p-value of each row: :math:`\min_j (m/j) p_{(j)}`.

    Parameters
    ----------
    log10_p : array_like, shape (n_families, n_members)
        log10 p; NaN marks a member that was not tested.

    Returns
    -------
    ndarray, shape (n_families,)
        log10 p that no member's null is false; NaN where no member was tested.

    Raises
    ------
    ValueError
        If the array is not two-dimensional or empty, or a log10 p lies above 0.

    References
    ----------
    Simes, R. J. (1986). *Biometrika* 73, 751-754. https://doi.org/10.1093/biomet/73.3.751

    Examples
    --------
    >>> simes_log10_p([[-3.0, -0.1], [np.nan, -2.0]]).round(3).tolist()
    [-2.699, -2.0]
    """
    logs = as_floats("log10_p", log10_p)
    if logs.ndim != 2 or logs.size == 0:
        raise ValueError(f"log10_p: shape {logs.shape} is not families x members")
    refuse(logs > 0, "log10_p", "log10 p must not be above 0 (p must not be above 1)", logs)
    ordered = np.sort(logs, axis=1)
    size = np.count_nonzero(~np.isnan(logs), axis=1)
    rank = np.arange(1, logs.shape[1] + 1)
    with np.errstate(divide="ignore"):
        scaled = ordered + np.log10(size[:, None] / rank)
    lowest = np.min(np.where(np.isnan(scaled), np.inf, scaled), axis=1, initial=np.inf)
    return np.where(size > 0, np.minimum(lowest, 0.0), np.nan)


def hierarchical_bh(log10_p: ArrayLike, *, level: float = 0.05) -> HierarchicalTests:
    r"""Test families, then members of the selected families at the level that selection leaves.

    A family's null (none of its members holds) is tested by Simes; Benjamini-Hochberg at
    ``level`` selects R of the m families; inside each, Benjamini-Hochberg runs at
    :math:`R/m` times the level.  The false discovery proportion of a selected family is then at
    most ``level`` on average over the selected.

    Parameters
    ----------
    log10_p : array_like, shape (n_families, n_members)
        log10 p, say of values by contexts; NaN marks a member that was not tested.
    level : float
        Nominal level.

    Returns
    -------
    HierarchicalTests
        Families and members declared.

    Raises
    ------
    ValueError
        If the array is not two-dimensional or empty, a log10 p lies above 0, or the level is not
        inside (0, 1).

    References
    ----------
    Benjamini, Y. & Bogomolov, M. (2014). Selective inference on multiple families of hypotheses.
    *JRSS B* 76, 297-318. https://doi.org/10.1111/rssb.12028

    Examples
    --------
    >>> found = hierarchical_bh([[-6.0, -0.2], [-0.5, -1.4]])
    >>> found.selected.tolist(), found.declared.tolist()
    ([True, False], [[True, False], [False, False]])
    """
    inside_unit("level", level)
    logs = as_floats("log10_p", log10_p)
    family = simes_log10_p(logs)
    log10_q = adjust_p(family, "bh")
    selected = np.nan_to_num(log10_q, nan=0.0) <= np.log10(level)
    tested = int(np.count_nonzero(~np.isnan(family)))
    declared = np.zeros(logs.shape, dtype=bool)
    if selected.any():
        inside = np.log10(level * selected.sum() / tested)
        for row in np.flatnonzero(selected):
            members = adjust_p(logs[row], "bh")
            declared[row] = np.nan_to_num(members, nan=0.0) <= inside
    return HierarchicalTests(family, log10_q, selected, declared)
