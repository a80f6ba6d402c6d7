"""Min-P permutations against full enumeration, plain loops and simulation."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuescape.simulation.corpus import CorpusPlan, simulate_corpus
from valuescape.statistics import resampling_min_p_kernels as kernels
from valuescape.statistics.hypergeometric import exact_log10_p, stirling
from valuescape.statistics.resampling_min_p import SEARCHED, _leading, permutation_min_p

CONTEXT = np.array([0, 0, 0, 1, 1, 2])
HAS = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1], [0, 1, 1]])
ROWS, VALUES = np.nonzero(HAS)


def table(context: np.ndarray, has: np.ndarray) -> np.ndarray:
    sides = np.eye(context.max() + 1, dtype=int)[context]
    n = sides.sum(axis=0)
    return exact_log10_p(sides.T @ has, n[:, None], has.sum(axis=0), context.size)


def smallest(context: np.ndarray) -> float:
    return float(table(context, HAS).min())


def law(arrangements: set[tuple[int, ...]]) -> np.ndarray:
    """Smallest p of each equally likely arrangement, sorted."""
    return np.sort([smallest(np.array(a)) for a in arrangements])


def check_law(found: np.ndarray, expected: np.ndarray) -> None:
    """Every share of the found law lies within 4.5 Monte-Carlo SE of the enumerated one."""
    for p in np.unique(expected.round(9)):
        share = float((expected <= p + 1e-8).mean())
        error = np.sqrt(max(share * (1 - share), 1e-12) / found.size)
        assert abs((found <= p + 1e-8).mean() - share) <= 4.5 * error + 1e-12


def test_the_law_of_the_smallest_p_is_that_of_full_enumeration() -> None:
    result = permutation_min_p(CONTEXT, ROWS, VALUES, n_permutations=8_000, seed=1)
    check_law(result.log10_min_p, law(set(permutations(CONTEXT.tolist()))))
    np.testing.assert_allclose(result.log10_p, table(CONTEXT, HAS), atol=1e-12)


def test_strata_are_permuted_within() -> None:
    strata = np.array(["a", "b", "a", "b", "a", "b"])
    arrangements = {
        tuple(int(x) for pair in zip(a, b, strict=True) for x in pair)
        for a in permutations(CONTEXT[::2].tolist())
        for b in permutations(CONTEXT[1::2].tolist())
    }
    result = permutation_min_p(CONTEXT, ROWS, VALUES, stratum=strata, n_permutations=8_000, seed=2)
    check_law(result.log10_min_p, law(arrangements))


def test_clusters_of_one_size_change_places_whole() -> None:
    clusters = np.array([0, 0, 1, 1, 2, 3])
    a, b = (0, 0), (0, 1)
    arrangements = {
        (*first, *second, *last) for first, second in ((a, b), (b, a)) for last in ((1, 2), (2, 1))
    }
    result = permutation_min_p(
        CONTEXT, ROWS, VALUES, cluster=clusters, n_permutations=4_000, seed=3
    )
    check_law(result.log10_min_p, law(arrangements))
    assert result.movable == 1.0


def test_adjusted_p_counts_smaller_minima() -> None:
    corpus = simulate_corpus(CorpusPlan(600, 8, 30, 90), np.random.default_rng(3))
    found = permutation_min_p(
        corpus.task, corpus.conversation, corpus.value, n_permutations=199, seed=5
    )
    below = (found.log10_min_p[:, None, None] <= found.log10_p + 1e-9).sum(axis=0)
    np.testing.assert_allclose(found.log10_p_adjusted, np.log10((1 + below) / 200))
    assert (found.log10_p_adjusted >= found.log10_p - 1e-9).all()
    frame = found.to_frame()
    assert frame["k"].sum() == corpus.value.size
    assert frame.loc[31, ["context", "value"]].tolist() == [1, 1]


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_the_smallest_p_is_found_wherever_it_is(seed: int) -> None:
    """With the identity as only permutation the smallest p is the table's own."""
    rng = np.random.default_rng(seed)
    context = rng.integers(0, rng.integers(2, 6), 80)
    context[:2] = 0, 1
    shares = rng.beta(0.5, 1.0, (int(context.max()) + 1, 6))
    has = (rng.random((80, 6)) < shares[context]).astype(int)
    has[0, 0] = 1
    clusters = np.where(np.arange(80) < 78, 0, np.arange(80))
    context[78:] = context[78]
    rows, values = np.nonzero(has)
    result = permutation_min_p(context, rows, values, cluster=clusters, n_permutations=1)
    swapped = table(context, has)[:, has.sum(axis=0) > 0].min()
    assert result.log10_min_p[0] == pytest.approx(swapped, abs=1e-10)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from(SEARCHED))
def test_counts_between_the_critical_ones_never_reach_the_limit(seed: int, limit: float) -> None:
    rng = np.random.default_rng(seed)
    total = int(rng.integers(20, 3_000))
    sizes = np.sort(rng.integers(1, total, 4))
    having = rng.integers(1, total, 3)
    high, low = np.empty((2, 3, 4), dtype=np.int32)
    lookup = stirling(np.arange(total + 1)) + _leading(total)
    kernels.critical_counts(np.log(limit), 0, 3, having, sizes, np.arange(4), lookup, high, low)
    for v, c in np.ndindex(3, 4):
        n, m = int(sizes[c]), int(having[v])
        k = np.arange(max(0, n + m - total), min(n, m) + 1)
        p = exact_log10_p(k, n, m, total)
        between = (k > low[v, c]) & (k < high[v, c])
        assert np.all(p[between] > np.log10(limit) - 1e-9)


def test_the_family_wise_error_is_held_where_values_depend() -> None:
    """Null data, values in bundles, contexts independent of them."""
    rng = np.random.default_rng(11)
    runs, rejected = 150, 0
    for seed in range(runs):
        context = rng.integers(0, 4, 120)
        has = (rng.random((120, 4)) < 0.3)[:, [0, 0, 0, 1, 1, 2, 3]]
        rows, values = np.nonzero(has)
        found = permutation_min_p(context, rows, values, n_permutations=99, seed=seed)
        rejected += bool(found.log10_p_adjusted.min() <= np.log10(0.05) + 1e-12)
    assert abs(rejected / runs - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / runs)


def test_cluster_permutations_hold_the_error_that_free_ones_do_not() -> None:
    rng = np.random.default_rng(12)
    runs, rejected = 100, {"free": 0, "cluster": 0}
    clusters = np.repeat(np.arange(30), 8)
    for seed in range(runs):
        context = np.repeat(rng.integers(0, 2, 30), 8)
        taste = rng.beta(0.3, 0.7, (30, 3))
        rows, values = np.nonzero(rng.random((240, 3)) < taste[clusters])
        for name, given_clusters in (("free", None), ("cluster", clusters)):
            found = permutation_min_p(
                context, rows, values, cluster=given_clusters, n_permutations=99, seed=seed
            )
            rejected[name] += bool(found.log10_p_adjusted.min() <= np.log10(0.05) + 1e-12)
    assert abs(rejected["cluster"] / runs - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / runs)
    assert rejected["free"] / runs > 0.5


def test_threads_change_nothing_and_options_do(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = simulate_corpus(CorpusPlan(500, 6, 20, 50), np.random.default_rng(4))
    codes = corpus.task, corpus.conversation, corpus.value
    results = []
    for threads in ("1", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        results.append(permutation_min_p(*codes, n_permutations=30).log10_min_p)
    np.testing.assert_array_equal(*results)
    for change in ({"seed": 1}, {"stratum": corpus.task % 2}, {"cluster": corpus.user}):
        other = permutation_min_p(*codes, n_permutations=30, **change).log10_min_p
        assert not np.array_equal(results[0], other)
    assert permutation_min_p(*codes, n_permutations=7).log10_min_p.size == 7


def test_the_share_that_can_move_is_told() -> None:
    clusters = [0, 0, 0, 0, 1, 2]
    found = permutation_min_p(CONTEXT, ROWS, VALUES, cluster=clusters, n_permutations=3)
    assert found.movable == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": [0, 0, 0, 1, 1, 2]}, "stratum, cluster: no conversation has another"),
        ({"stratum": range(6)}, "stratum, cluster: no conversation has another"),
        (
            {"cluster": [0, 0, 1, 1, 2, 2], "stratum": [0, 0, 0, 1, 1, 1]},
            r"cluster\[2\]: the cluster spans strata",
        ),
        ({"stratum": ["a", "a", None, "b", "b", "b"]}, r"stratum\[2\]: is missing"),
        ({"n_permutations": 0}, "n_permutations = 0: at least one is needed"),
        ({"value": VALUES - 1}, r"value\[0\] = -1: a count must not be negative"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"context": CONTEXT, "conversation": ROWS, "value": VALUES}
    with pytest.raises(ValueError, match=message):
        permutation_min_p(**(given | change))  # type: ignore[arg-type]
