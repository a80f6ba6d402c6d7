"""Poisson bootstrap of cells against theory and plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.simulation.corpus import Corpus, CorpusPlan, simulate_corpus
from valuescape.statistics import resampling_kernels as kernels
from valuescape.statistics.options import CellStatistic
from valuescape.statistics.resampling import poisson_bootstrap

PLAN = CorpusPlan(3_000, n_tasks=12, n_values=40, n_users=300)
CORPUS = simulate_corpus(PLAN, np.random.default_rng(5))


def codes(corpus: Corpus) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return corpus.task, corpus.conversation, corpus.value


def test_weights_have_mean_and_variance_exactly_one() -> None:
    weight = np.arange(len(kernels.POISSON_16_BIT))
    times = np.array(kernels.POISSON_16_BIT)
    assert times.sum() == (weight * times).sum() == (weight**2 * times).sum() // 2 == 65_536
    factorial = np.cumprod(np.maximum(weight, 1))
    np.testing.assert_allclose(times / 65_536, np.exp(-1) / factorial, atol=6e-5)


def test_drawn_weights_have_the_law_they_claim() -> None:
    weights = np.empty((20_000, kernels.LANES), dtype=np.uint8)
    size = np.zeros(kernels.LANES, dtype=np.int64)
    members = np.ones(20_000, dtype=np.int64)
    kernels.fill_weights(np.uint64(9), 0, 20_000, kernels.THRESHOLDS, members, weights, size)
    np.testing.assert_array_equal(size, weights.sum(axis=0))
    found = np.bincount(weights.ravel(), minlength=9)
    expected = np.array(kernels.POISSON_16_BIT) / 65_536 * weights.size
    assert ((found - expected) ** 2 / expected).sum() < 30  # 8 degrees of freedom, p = 2e-4
    between = np.corrcoef(weights[:, :8].T) - np.eye(8)
    assert np.abs(between).max() < 4.5 / np.sqrt(20_000)
    assert abs(np.corrcoef(weights[:-1, 0], weights[1:, 0])[0, 1]) < 4.5 / np.sqrt(20_000)


def weights_of(n_clusters: int, n_boot: int, seed: int) -> np.ndarray:
    """Weights of every replicate, by the kernel itself: shape (n_clusters, n_boot)."""
    from valuescape.statistics.resampling_data import stream_key

    blocks = []
    for block in range(-(-n_boot // kernels.LANES)):
        weights = np.empty((n_clusters, kernels.LANES), dtype=np.uint8)
        size = np.zeros(kernels.LANES, dtype=np.int64)
        members = np.ones(n_clusters, dtype=np.int64)
        key = stream_key(seed, block)
        kernels.fill_weights(key, 0, n_clusters, kernels.THRESHOLDS, members, weights, size)
        blocks.append(weights)
    return np.concatenate(blocks, axis=1)[:, :n_boot].astype(float)


@pytest.mark.parametrize("by_user", [False, True])
@pytest.mark.parametrize("statistic", ["count", "prevalence", "risk_difference"])
def test_replicates_are_what_loops_find(statistic: CellStatistic, by_user: bool) -> None:
    task, conversation, value = codes(CORPUS)
    users = CORPUS.user if by_user else np.arange(task.size)
    keep = np.array([[0, 0], [3, 1], [11, 2]])
    found = poisson_bootstrap(
        task, conversation, value, cluster=users, statistic=statistic, keep=keep, n_boot=70, seed=4
    )
    group = np.unique(users, return_inverse=True)[1]
    weights = weights_of(group.max() + 1, 70, 4)[group]
    for row, (c, v) in enumerate(keep):
        has = np.zeros(task.size)
        has[conversation[value == v]] = 1
        inside = (task == c).astype(float)
        expected = (inside * has) @ weights
        if statistic != "count":
            expected = expected / (inside @ weights)
        if statistic == "risk_difference":
            expected -= ((1 - inside) * has) @ weights / ((1 - inside) @ weights)
        np.testing.assert_allclose(found.replicates[row], expected, rtol=1e-12, atol=1e-13)
        cell = found.kept[row]
        assert (found.context[cell], found.value[cell]) == (c, v)
        assert found.mean[cell] == pytest.approx(expected.mean(), rel=1e-10)
        assert found.standard_error[cell] == pytest.approx(expected.std(ddof=1), rel=1e-9)
        assert found.n_defined[cell] == 70


def test_standard_errors_are_those_of_theory() -> None:
    task, conversation, value = codes(CORPUS)
    found = poisson_bootstrap(task, conversation, value, n_boot=2_000, seed=1)
    size = np.bincount(task)[found.context]
    theory = np.sqrt(found.estimate * (1 - found.estimate) / size)
    regular = (size > 150) & (found.estimate > 0.05)
    assert regular.sum() > 30
    ratio = found.standard_error[regular] / theory[regular]
    assert np.abs(ratio - 1).max() < 0.09  # 4.5 Monte-Carlo SE and terms of order 1 / size
    assert ratio.mean() == pytest.approx(1, abs=0.01)
    bias = (found.mean - found.estimate)[regular] / found.standard_error[regular]
    assert np.abs(bias).max() < 4.5 / np.sqrt(2_000) + 0.01


def test_the_variance_of_a_count_is_the_sum_of_squares_over_clusters() -> None:
    task, conversation, value = codes(CORPUS)
    found = poisson_bootstrap(
        task, conversation, value, cluster=CORPUS.user, statistic="count", n_boot=2_000, seed=2
    )
    for cell in np.argsort(-found.estimate)[:20]:
        rows = conversation[value == found.value[cell]]
        rows = rows[task[rows] == found.context[cell]]
        theory = np.sqrt((np.bincount(CORPUS.user[rows]) ** 2).sum())
        assert found.standard_error[cell] == pytest.approx(theory, rel=0.09)


def test_large_contexts_do_not_overflow() -> None:
    n = 70_000
    task = np.repeat([0, 1], [n - 10, 10])
    found = poisson_bootstrap(
        task, np.arange(n), np.zeros(n, int), statistic="count", n_boot=64, seed=3
    )
    assert found.mean[0] == pytest.approx(n - 10, rel=0.01)


def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for threads in ("1", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        results.append(poisson_bootstrap(*codes(CORPUS), statistic="risk_difference", n_boot=100))
    np.testing.assert_array_equal(results[0].mean, results[1].mean)
    np.testing.assert_array_equal(results[0].standard_error, results[1].standard_error)


def test_each_option_changes_the_result() -> None:
    base = poisson_bootstrap(*codes(CORPUS), n_boot=65)
    for change in (
        {"seed": 1},
        {"n_boot": 66},
        {"cluster": CORPUS.user},
        {"statistic": "count"},
    ):
        other = poisson_bootstrap(*codes(CORPUS), **({"n_boot": 65} | change))  # type: ignore[arg-type]
        assert not np.array_equal(base.standard_error, other.standard_error)
    assert poisson_bootstrap(*codes(CORPUS), keep=[[0, 0]], n_boot=65).replicates.shape == (1, 65)


def test_percentile_interval_covers() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for seed in range(200):
        task, has = np.repeat([0, 1], [150, 50]), np.flatnonzero(rng.random(200) < 0.3)
        found = poisson_bootstrap(
            task, has, np.zeros(has.size, int), keep=[[0, 0]], n_boot=256, seed=seed
        )
        low, high = found.percentile_interval(0.9)
        covered += bool(low[0] <= 0.3 <= high[0])
    assert abs(covered / 200 - 0.9) < 3.5 * np.sqrt(0.09 / 200)


def test_a_replicate_without_the_context_is_left_out() -> None:
    task = np.array([0] + [1] * 30)
    found = poisson_bootstrap(task, [0, 1, 2], [0, 0, 0], keep=[[0, 0]], n_boot=500)
    assert found.n_defined[0] == np.isfinite(found.replicates[0]).sum()
    assert found.n_defined[0] / 500 == pytest.approx(1 - np.exp(-1), abs=0.09)
    assert found.mean[0] == 1.0
    assert found.standard_error[0] == 0.0
    assert list(found.to_frame().columns)[:3] == ["context", "value", "estimate"]


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_doubling_each_conversation_as_a_cluster_changes_no_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    task, rows = rng.permutation(np.arange(20) % 2), np.flatnonzero(rng.random(20) < 0.5)
    if rows.size == 0:
        return
    zeros = np.zeros(rows.size, int)
    one = poisson_bootstrap(task, rows, zeros, n_boot=64, seed=seed)
    twice = poisson_bootstrap(
        np.tile(task, 2),
        np.concatenate([rows, rows + 20]),
        np.tile(zeros, 2),
        cluster=np.tile(np.arange(20), 2),
        n_boot=64,
        seed=seed,
    )
    np.testing.assert_allclose(one.mean, twice.mean, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"context": [0, 0, 0]}, "context: all are 0; at least two contexts are needed"),
        ({"context": [0, -1, 1]}, r"context\[1\] = -1: a count must not be negative"),
        ({"context": [0, 0.5, 1]}, r"context\[1\] = 0.5: a count must be a whole number"),
        ({"context": []}, r"context: shape \(0,\); allowed is one dimension, not empty"),
        ({"conversation": [0, 3]}, r"conversation\[1\] = 3: there are 3 conversations"),
        ({"conversation": [0]}, "conversation has 1 entries and value 2"),
        ({"value": [0, 70_000]}, r"value\[1\] = 70000: codes are below 60,000"),
        ({"conversation": [1, 1]}, r"value\[1\] = 0: the conversation has this value in an ear"),
        ({"cluster": [0, 0, 0]}, "cluster: there is only one"),
        ({"cluster": ["a", None, "b"]}, r"cluster\[1\]: is missing"),
        ({"cluster": [0.0, np.nan, 1.0]}, r"cluster\[1\]: is missing"),
        ({"cluster": [0, 1]}, r"cluster: shape \(2,\) is not one label for each of 3 rows"),
        ({"statistic": "mean"}, "statistic: 'mean' is not one of count, prevalence"),
        ({"keep": [[0, 0], [1, 4]]}, r"keep\[1\]: the cell is empty"),
        ({"keep": [[0, 0], [0, 0]]}, r"keep\[1\]: the cell is named in an earlier row"),
        ({"keep": [0, 0]}, r"keep: shape \(2,\); allowed is \(n_kept, 2\)"),
        ({"n_boot": 0}, "n_boot = 0: at least one is needed"),
        ({"seed": -1}, "seed = -1: must not be negative"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"context": [0, 1, 1], "conversation": [0, 1], "value": [0, 0]}
    with pytest.raises(ValueError, match=message):
        poisson_bootstrap(**(given | change))  # type: ignore[arg-type]


def test_an_interval_needs_kept_cells() -> None:
    with pytest.raises(ValueError, match="keep: no cell was kept"):
        poisson_bootstrap(*codes(CORPUS), n_boot=64).percentile_interval()
