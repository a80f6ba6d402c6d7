"""How often a planted association is found, by its size and the expected count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from valuescape.simulation.methods import Outcomes, Trust, design_battery
from valuescape.simulation.rates import monte_carlo_rate
from valuescape.simulation.skeleton import (
    Skeleton,
    null_cells,
    planted_ratio,
    simulated_values,
)
from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.hypergeometric import exact_log10_p

if TYPE_CHECKING:
    import pandas as pd

RATIOS = (1.5, 2.0, 3.0)
BANDS: dict[str, tuple[float, float]] = {
    "E < 5": (0.0, 5.0),
    "5 ≤ E < 10": (5.0, 10.0),
    "10 ≤ E < 20": (10.0, 20.0),
    "20 ≤ E < 50": (20.0, 50.0),
    "50 ≤ E < 100": (50.0, 100.0),
    "E ≥ 100": (100.0, np.inf),
}
EXPECTED = (3.0, 7.0, 15.0, 30.0, 70.0, 150.0)
"""Expected counts of independent conversations, one in each band."""
LEVELS = (0.05, 0.001)
_CONVERSATIONS, _IN_CONTEXT = 20_000, 1_000


def exact_power(n: int, conf_level: float, rng: np.random.Generator) -> pd.DataFrame:
    """Power of the exact test of independent conversations: 1,000 in the context of 20,000.

    Parameters
    ----------
    n : int
        Replicates of each ratio and expected count.
    conf_level : float
        Level of the Monte-Carlo interval.
    rng : Generator
        Source of all randomness.

    Returns
    -------
    DataFrame
        One row a ``risk_ratio``, band of the expected count and ``level``.

    Examples
    --------
    >>> table = exact_power(20, 0.95, np.random.default_rng(1))
    >>> len(table), float(table["rate"].max())
    (36, 1.0)
    """
    rows = []
    for ratio in RATIOS:
        for band, expected in zip(BANDS, EXPECTED, strict=True):
            p = expected / _IN_CONTEXT
            k = _binomial(rng, _IN_CONTEXT, p * ratio, n)
            outside = _binomial(rng, _CONVERSATIONS - _IN_CONTEXT, p, n)
            log10_p = exact_log10_p(k, _IN_CONTEXT, k + outside, _CONVERSATIONS)
            key = {
                "method": "conversation_exact",
                "risk_ratio": ratio,
                "band": band,
                "expected": expected,
            }
            rows += _rows(key, list(log10_p[:, None]), conf_level)
    return _frame(rows)


def _binomial(rng: np.random.Generator, trials: int, p: float, n: int) -> IntArray:
    """Draw counts by their quantiles: numpy's own draws differ from version to version."""
    from scipy import stats

    return np.asarray(stats.binom.ppf(rng.random(n), trials, p), dtype=np.int64)


def null_outcomes(skeleton: Skeleton, trust: Trust, rng: np.random.Generator) -> Outcomes:
    """Test the study's design with values that depend on no context."""
    values = simulated_values(skeleton, rng)
    planted = np.ones((skeleton.contexts.shape[1], values.shape[1]))
    return _outcomes(skeleton, values, planted, trust)


def planted_outcomes(
    skeleton: Skeleton, trust: Trust, rng: np.random.Generator
) -> tuple[Outcomes, FloatArray]:
    """Test the study's design with associations planted in every second value.

    Returns
    -------
    Outcomes
        All cells; the nulls are the cells of values that are planted nowhere.
    ndarray, shape (n_cells,)
        The planted ratio, 1 where none is.
    """
    factor, planted = planted_ratio(skeleton, RATIOS, rng)
    values = simulated_values(skeleton, rng, factor)
    return _outcomes(skeleton, values, planted, trust), planted.ravel()


def _outcomes(skeleton: Skeleton, values: IntArray, planted: FloatArray, trust: Trust) -> Outcomes:
    """Test by the design, and as if conversations were independent, where there is information."""
    x = skeleton.contexts
    k, n, m = x.T @ values, x.sum(axis=0)[:, None], values.sum(axis=0)[None, :]
    grids = design_battery(x, values, skeleton.design, trust)
    known = ~np.isnan(grids["design_based"])
    independent = exact_log10_p(k, n, m, values.shape[0])
    grids["conversation_exact"] = np.where(known, independent, np.nan)
    log10_p = {name: grid.ravel() for name, grid in grids.items()}
    return Outcomes(log10_p, skeleton.expected.ravel(), null_cells(planted).ravel())


def design_power(
    replicates: Iterable[tuple[Outcomes, FloatArray]], conf_level: float
) -> pd.DataFrame:
    """Power of the study's test in planted cells, by ratio and band of expected count."""
    done = list(replicates)
    rows = []
    for ratio in RATIOS:
        for band, (low, high) in BANDS.items():
            cells = [
                (planted == ratio)
                & (found.expected >= low)
                & (found.expected < high)
                & ~np.isnan(found.log10_p["design_based"])
                for found, planted in done
            ]
            pairs = [(found, inside) for (found, _), inside in zip(done, cells, strict=True)]
            sizes = np.concatenate([found.expected[inside] for found, inside in pairs])
            if sizes.size:
                key = {
                    "method": "design_based",
                    "risk_ratio": ratio,
                    "band": band,
                    "expected": float(sizes.mean()),
                }
                tests = [found.log10_p["design_based"][inside] for found, inside in pairs]
                rows += _rows(key, tests, conf_level)
    return _frame(rows)


def _rows(
    key: dict[str, object], log10_p: list[FloatArray], conf_level: float
) -> list[dict[str, object]]:
    """One row a level, from the tests of each replicate."""
    trials = [p.size for p in log10_p]
    rows = []
    for level in LEVELS:
        hits = [int((p <= np.log10(level)).sum()) for p in log10_p]
        found = monte_carlo_rate(hits, trials, conf_level=conf_level)
        rate = {name: getattr(found, name) for name in found.__slots__}
        rows.append({**key, "level": level, **rate})
    return rows


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)
