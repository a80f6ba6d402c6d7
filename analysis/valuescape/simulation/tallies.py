"""Counting rejections and declarations over the replicates of a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from valuescape.simulation.methods import Outcomes
from valuescape.simulation.rates import monte_carlo_rate
from valuescape.statistics.arrays import BoolArray, FloatArray, IntArray
from valuescape.statistics.multiplicity import adjust_p
from valuescape.statistics.options import AdjustMethod

if TYPE_CHECKING:
    import pandas as pd

LEVELS: tuple[float, ...] = (0.05, 0.01)
BANDS: dict[str, tuple[float, float]] = {
    "all": (0.0, np.inf),
    "E < 5": (0.0, 5.0),
    "5 ≤ E < 20": (5.0, 20.0),
    "E ≥ 20": (20.0, np.inf),
}
ADJUSTMENTS: tuple[AdjustMethod, ...] = ("bonferroni", "bh")


@dataclass(frozen=True, slots=True)
class Tally:
    """Rejections of true nulls, and declarations, in every replicate of one scenario.

    Attributes
    ----------
    scenario : str
        Its name.
    methods : tuple of str
        Methods, the first axis after the replicates.
    hits : ndarray of int, shape (n_replicates, n_methods, n_levels, n_bands)
        True nulls rejected at :data:`LEVELS`, by band of the expected count.
    trials : ndarray of int, shape (n_replicates, n_methods, n_bands)
        True nulls tested.
    declared, false : ndarray of int, shape (n_replicates, n_methods, n_adjustments)
        Cells declared after adjustment at 0.05 over all cells, and the true nulls among them.
    cells : ndarray of int, shape (n_replicates, n_methods)
        Cells of the family.
    """

    scenario: str
    methods: tuple[str, ...]
    hits: IntArray
    trials: IntArray
    declared: IntArray
    false: IntArray
    cells: IntArray

    def sizes(self, conf_level: float) -> pd.DataFrame:
        """Return one row a method, level and band that has a test: how often nulls are rejected."""
        import pandas as pd

        rows = []
        for i, method in enumerate(self.methods):
            for a, level in enumerate(LEVELS):
                for b, band in enumerate(BANDS):
                    found = monte_carlo_rate(
                        self.hits[:, i, a, b], self.trials[:, i, b], conf_level=conf_level
                    )
                    if found.n_replicates:
                        key = {"scenario": self.scenario, "method": method, "band": band}
                        row = found.to_frame().assign(**key, level=level)
                        rows.append(row[[*key, "level", *found.__slots__]])
        return pd.concat(rows, ignore_index=True)

    def families(self, conf_level: float) -> pd.DataFrame:
        """Return one row a method and adjustment: what is declared and how much of it falsely.

        ``rate`` is the share of replicates with a false declaration, ``false_discovery`` the mean
        share of false ones among those declared (0 where none is).
        """
        import pandas as pd

        rows = []
        for i, method in enumerate(self.methods):
            for j, adjustment in enumerate(ADJUSTMENTS):
                declared, false = self.declared[:, i, j], self.false[:, i, j]
                found = monte_carlo_rate(
                    (false > 0).astype(np.int64), np.ones_like(false), conf_level=conf_level
                )
                share = false / np.maximum(declared, 1)
                rows.append(
                    {
                        "scenario": self.scenario,
                        "method": method,
                        "adjustment": adjustment,
                        "n_replicates": found.n_replicates,
                        "mean_cells": float(self.cells[:, i].mean()),
                        "mean_declared": float(declared.mean()),
                        "mean_false": float(false.mean()),
                        "rate": found.rate,
                        "rate_low": found.rate_low,
                        "rate_high": found.rate_high,
                        "false_discovery": float(share.mean()),
                        "false_discovery_se": _standard_error(share),
                    }
                )
        return pd.DataFrame(rows)


def _standard_error(x: FloatArray) -> float:
    return float(x.std(ddof=1) / np.sqrt(x.size)) if x.size > 1 else float("nan")


def tally(scenario: str, replicates: Iterable[Outcomes]) -> Tally:
    """Count over all replicates of a scenario.

    Raises
    ------
    ValueError
        If there is no replicate.

    Examples
    --------
    >>> log10_p, expected = np.array([-3.0, -1.5, -0.1]), np.array([1.0, 9.0, 30.0])
    >>> one = Outcomes({"m": log10_p}, expected, np.ones(3, dtype=bool))
    >>> found = tally("s", [one, one])
    >>> found.hits[0, 0].tolist(), found.declared[0, 0].tolist()
    ([[2, 1, 1, 0], [1, 1, 0, 0]], [1, 2])
    """
    parts = [_counted(found) for found in replicates]
    if not parts:
        raise ValueError("replicates: at least one is needed")
    methods = parts[0][0]
    arrays = [np.stack([part[1][j] for part in parts]) for j in range(5)]
    return Tally(scenario, methods, *arrays)


def _counted(found: Outcomes) -> tuple[tuple[str, ...], tuple[IntArray, ...]]:
    columns = [_counts_of(p, found) for p in found.log10_p.values()]
    stacked = tuple(np.stack([column[j] for column in columns]) for j in range(5))
    return tuple(found.log10_p), stacked


def _counts_of(log10_p: FloatArray, found: Outcomes) -> tuple[IntArray, ...]:
    known = ~np.isnan(log10_p)
    inside = _bands(found.expected) & (found.null & known)
    small = np.stack([np.where(known, log10_p, 0.0) <= np.log10(level) for level in LEVELS])
    hits = small.astype(np.int64) @ inside.T.astype(np.int64)
    bound = np.log10(LEVELS[0])
    declared = [adjust_p(log10_p, m) <= bound for m in ADJUSTMENTS]
    return (
        hits,
        inside.sum(axis=1),
        np.array([d.sum() for d in declared]),
        np.array([(d & found.null).sum() for d in declared]),
        np.asarray(known.sum()),
    )


def _bands(expected: FloatArray) -> BoolArray:
    return np.stack([(expected >= low) & (expected < high) for low, high in BANDS.values()])
