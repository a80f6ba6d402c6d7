"""Time the counting and testing of a table of contexts by values, ours and the usual way.

``python -m benchmarks`` prints one line a comparison: median seconds of both, and the ratio.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from valuescape.counts.frame import presence
from valuescape.statistics.design import Design, design_scores, design_tests, stratum_counts
from valuescape.statistics.hypergeometric import exact_log10_p

REPEATS = 5


def seconds(job: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median wall time of a job after one run that is not counted."""
    job()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(name: str, ours: float, usual: float, usual_name: str) -> None:
    print(f"{name:<52}{ours:9.4f} s   {usual_name}: {usual:9.4f} s   ratio {usual / ours:8.1f}")


def counts_of(rng: np.random.Generator, n_cells: int) -> tuple[np.ndarray, ...]:
    """Simulated margins and counts of independent context and value."""
    total = np.full(n_cells, 20_000)
    context = rng.integers(20, 2_000, n_cells)
    value = rng.integers(20, 2_000, n_cells)
    k = rng.hypergeometric(context, total - context, value)
    return k, context, value, total


def exact_p(rng: np.random.Generator) -> None:
    """Exact mid-p of many cells against a loop over scipy.stats.hypergeom."""
    table = counts_of(rng, 2_000)

    def usual() -> list[float]:
        found = []
        for k, context, value, total in zip(*table, strict=True):
            cell = stats.hypergeom(total, value, context)
            half = 0.5 * cell.pmf(k)
            found.append(min(1.0, 2 * min(cell.cdf(k) - half, cell.sf(k) + half)))
        return found

    ours = seconds(lambda: exact_log10_p(*table))
    report("exact mid-p, 2,000 cells", ours, seconds(usual, 1), "scipy.stats loop")


def crosstab(rng: np.random.Generator) -> None:
    """Presence counts of 20,000 conversations against pandas.crosstab."""
    n = 20_000
    ids = pd.Series([f"c{i}" for i in range(n)])
    pairs = pd.DataFrame(
        {
            "conversation_id": ids.to_numpy()[rng.integers(0, n, 80_000)],
            "value": rng.integers(0, 300, 80_000).astype(str),
        }
    ).drop_duplicates()
    tasks = pd.DataFrame({"conversation_id": ids, "task": rng.integers(0, 16, n).astype(str)})

    def ours() -> object:
        x = presence(ids, tasks, "task").matrix
        return (x.T @ presence(ids, pairs, "value").matrix).toarray()

    def usual() -> object:
        joined = pairs.merge(tasks, on="conversation_id")
        return pd.crosstab(joined["task"], joined["value"])

    report("counts, 20,000 conversations x 300 values", seconds(ours), seconds(usual), "crosstab")


def design(rng: np.random.Generator) -> None:
    """Clustered scores of every cell against a statsmodels fit for each."""
    import statsmodels.api as sm

    n, n_contexts, n_values = 2_000, 8, 40
    cluster = rng.integers(0, 600, n)
    x = np.eye(n_contexts)[rng.integers(0, n_contexts, n)]
    y = (rng.random((n, n_values)) < 0.1).astype(float)
    plan = Design.of(np.ones(n), np.zeros(n), cluster)

    def ours() -> object:
        return design_tests(design_scores(x, y, plan), stratum_counts(x, y, plan))

    def usual() -> object:
        groups = {"groups": cluster}
        return [
            sm.OLS(y[:, v], sm.add_constant(x[:, c])).fit(cov_type="cluster", cov_kwds=groups)
            for c in range(n_contexts)
            for v in range(n_values)
        ]

    report("clustered tests, 320 cells", seconds(ours), seconds(usual, 1), "statsmodels OLS")


def main() -> None:
    rng = np.random.default_rng(0)
    for job in (exact_p, crosstab, design):
        job(rng)


if __name__ == "__main__":
    main()
