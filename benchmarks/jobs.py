"""What is timed: our way and the usual way of each job, on simulated corpora."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import labelling
from valuescape.simulation.corpus import Corpus, CorpusPlan, simulate_corpus, write_corpus

SIZES = (308_210, 700_000)
FOLDER = Path(tempfile.gettempdir()) / "valuescape-bench"


@dataclass(frozen=True)
class Job:
    """One way of doing something.

    ``share`` is the part of the work for n conversations that is done; times are divided by it.
    """

    run: Callable[[int], Any]
    repeats: int
    share: Callable[[int], float] = lambda _: 1.0
    prepare: Callable[[int], Any] = lambda n: codes(n)  # noqa: PLW0108 (it is defined below)


def files(n: int) -> tuple[Path, Path]:
    """Label files of n simulated conversations, made once."""
    folder = FOLDER / str(n)
    paths = folder / "labels.parquet", folder / "expressions.parquet"
    if not all(path.exists() for path in paths):
        write_corpus(corpus(n), folder)
        made = corpus(n)
        np.savez(folder / "codes.npz", made.task, made.user, made.conversation, made.value)
    return paths


def corpus(n: int) -> Corpus:
    return simulate_corpus(CorpusPlan(n), np.random.default_rng(20_250_423))


@cache
def codes(n: int) -> tuple[np.ndarray, ...]:
    """Task, user, conversation and value codes, as narrow as `code_labels` gives them."""
    files(n)
    with np.load(FOLDER / str(n) / "codes.npz") as held:
        return tuple(held[name].astype(np.int32) for name in held.files)


def table(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    task, _, conversation, value = codes(n)
    k = np.bincount(task[conversation] * 3_307 + value, minlength=3_307_000).reshape(1_000, 3_307)
    return k, np.bincount(task, minlength=1_000), k.sum(axis=0)


def associate(n: int) -> Any:
    from valuescape.counts.association import association_table

    return association_table(*files(n), context="task")


def associate_usual(n: int) -> Any:
    import pandas as pd
    from scipy import stats
    from statsmodels.stats.contingency_tables import Table
    from statsmodels.stats.multitest import multipletests

    labels, expressions = (pd.read_parquet(path) for path in files(n))
    joined = expressions.merge(labels, on="conversation_id")
    counts = pd.crosstab(joined["task"], joined["value"])
    residual = Table(counts, shift_zeros=False).standardized_resids
    p = 2 * stats.norm.sf(np.abs(residual.to_numpy().ravel()))
    return multipletests(np.where(np.isnan(p), 1.0, p), method="fdr_bh")


def scipy_loop(n: int) -> Any:
    from scipy import stats

    k, size, having = table(n)
    rng = np.random.default_rng(0)
    found = []
    for cell in rng.choice(k.size, 2_000, replace=False):
        c, v = divmod(int(cell), k.shape[1])
        law = stats.hypergeom(n, having[v], size[c])
        half = 0.5 * law.pmf(k[c, v])
        found.append(min(1.0, 2 * min(law.cdf(k[c, v]) - half, law.sf(k[c, v]) + half)))
    return found


def bootstrap(n: int) -> Any:
    from valuescape.statistics.resampling import poisson_bootstrap

    task, _, conversation, value = codes(n)
    return poisson_bootstrap(task, conversation, value, n_boot=1_000)


def bootstrap_users(n: int) -> Any:
    from valuescape.statistics.resampling import poisson_bootstrap

    task, user, conversation, value = codes(n)
    return poisson_bootstrap(task, conversation, value, cluster=user, n_boot=1_000)


def bootstrap_usual(n: int) -> Any:
    task, _, conversation, value = codes(n)
    cell = task[conversation] * 3_307 + value
    first, second = np.zeros(3_307_000), np.zeros(3_307_000)
    rng = np.random.default_rng(0)
    for _ in range(4):
        weight = rng.poisson(1.0, n).astype(float)
        share = np.bincount(cell, weight[conversation], 3_307_000).reshape(1_000, -1)
        share /= np.bincount(task, weight, 1_000)[:, None]
        first += share.ravel()
        second += share.ravel() ** 2
    return first, second


def compiled(n: int) -> None:
    """Have the permutation compiled, and the codes at hand."""
    from valuescape.statistics.resampling_min_p import permutation_min_p

    codes(n)
    permutation_min_p([0, 1, 1], [0, 2], [0, 0], n_permutations=2)


def permute(n: int) -> Any:
    from valuescape.statistics.resampling_min_p import permutation_min_p

    task, _, conversation, value = codes(n)
    return permutation_min_p(task, conversation, value, n_permutations=1_000)


def permute_usual(n: int) -> Any:
    task, _, conversation, value = codes(n)
    _, size, having = table(n)
    rng, largest = np.random.default_rng(0), []
    expected = np.outer(size, having) / n
    spread = np.sqrt(expected * np.outer(1 - size / n, 1 - having / n))
    for _ in range(4):
        cell = rng.permutation(task)[conversation] * 3_307 + value
        k = np.bincount(cell, minlength=3_307_000).reshape(1_000, -1)
        largest.append(np.max(np.abs(k - expected) / spread))
    return largest


def pairs(n: int) -> Any:
    from valuescape.statistics.cooccurrence import cooccurrence

    _, _, conversation, value = codes(n)
    return cooccurrence(conversation, value, n)


def pairs_usual(n: int) -> Any:
    import pandas as pd

    _, _, conversation, value = codes(n)
    frame = pd.DataFrame({"conversation": conversation, "value": value})
    joined = frame.merge(frame, on="conversation")
    counts = pd.crosstab(joined["value_x"], joined["value_y"]).to_numpy().astype(float)
    having = np.diagonal(counts) / n
    expected = n * np.outer(having, having)
    return (counts - expected) / np.sqrt(expected * np.outer(1 - having, 1 - having))


def clustered_data() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    cluster = rng.integers(0, 600, 2_000)
    x = np.eye(8)[rng.integers(0, 8, 2_000)]
    return cluster, x, (rng.random((2_000, 40)) < 0.1).astype(float)


def clustered(_: int) -> Any:
    from valuescape.statistics.design import Design, design_scores, design_tests, stratum_counts

    cluster, x, y = clustered_data()
    plan = Design.of(np.ones(2_000), np.zeros(2_000), cluster)
    return design_tests(design_scores(x, y, plan), stratum_counts(x, y, plan))


def clustered_usual(_: int) -> Any:
    import statsmodels.api as sm

    cluster, x, y = clustered_data()
    groups = {"groups": cluster}
    return [
        sm.OLS(y[:, v], sm.add_constant(x[:, c])).fit(cov_type="cluster", cov_kwds=groups)
        for c in range(8)
        for v in range(40)
    ]


def residuals(n: int) -> Any:
    from valuescape.statistics.clustered_residual import clustered_residual

    task, user, conversation, value = codes(n)
    return clustered_residual(task, (conversation, value), user)


def residuals_usual(n: int) -> Any:
    import statsmodels.api as sm

    task, user, conversation, value = codes(n)
    rng, found = np.random.default_rng(0), []
    for cell in rng.choice(3_307_000, 10, replace=False):
        c, v = divmod(int(cell), 3_307)
        y, x = np.zeros(n), sm.add_constant((task == c).astype(float))
        y[conversation[value == v]] = 1.0
        found.append(sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": user}).pvalues)
    return found


JOBS = {
    "associate": Job(associate, 7, prepare=files),
    "pandas + statsmodels": Job(associate_usual, 1, prepare=files),
    "scipy loop": Job(scipy_loop, 1, lambda _: 2_000 / 3_307_000),
    "bootstrap": Job(bootstrap, 4),
    "bootstrap by user": Job(bootstrap_users, 4),
    "numpy bootstrap": Job(bootstrap_usual, 1, lambda _: 4 / 1_000),
    "permute": Job(permute, 1, prepare=compiled),
    "numpy permutation": Job(permute_usual, 1, lambda _: 4 / 1_000),
    "pairs": Job(pairs, 5),
    "pandas pairs": Job(pairs_usual, 1),
    "residuals": Job(residuals, 5),
    "statsmodels OLS of all": Job(residuals_usual, 1, lambda _: 10 / 3_307_000),
    "clustered": Job(clustered, 5, prepare=files),
    "statsmodels OLS": Job(clustered_usual, 1, prepare=files),
    "label": Job(labelling.label, 2, labelling.share, labelling.loaded),
    "scikit-learn TF-IDF": Job(labelling.label_usual, 1, labelling.share, labelling.fitted),
}
"""Ours run once before timing, where they are repeated; the usual ways are timed at once."""

COMPARED = (
    ("association table from Parquet", "associate", "pandas + statsmodels"),
    ("the same, exact p", "associate", "scipy loop"),
    ("1,000 bootstraps of every cell", "bootstrap", "numpy bootstrap"),
    ("the same by user", "bootstrap by user", "numpy bootstrap"),
    ("1,000 permutations, min-P", "permute", "numpy permutation"),
    ("co-occurrence with residuals", "pairs", "pandas pairs"),
    ("user-robust residuals and p of all cells", "residuals", "statsmodels OLS of all"),
    ("clustered tests, 2,000 conversations x 320 cells", "clustered", "statsmodels OLS"),
    ("embedded labelling of all, from a part", "label", "scikit-learn TF-IDF"),
)
