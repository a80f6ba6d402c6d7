"""The closed-form clustered residual: loops, dense design, statsmodels, simulated users."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import poisson
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.families import Gaussian
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.stats.sandwich_covariance import S_crosssection

from valuescape.statistics import adjusted_residual, exact_log10_p, rao_scott_counts
from valuescape.statistics.clustered_moments import LOOPS_A_PRODUCT
from valuescape.statistics.clustered_residual import (
    ClusteredResidual,
    _guarded_error,
    clustered_residual,
)
from valuescape.statistics.design import Design, design_scores
from valuescape.statistics.tails import normal_log10_p

Codes = NDArray[np.int64]


def conversations(
    n: int = 300, contexts: int = 4, n_values: int = 12, users: int = 40, seed: int = 0
) -> tuple[Codes, NDArray[np.bool_], Codes]:
    """Simulated contexts, values and users, unrelated to each other; users' sizes are skewed."""
    rng = np.random.default_rng(seed)
    context = np.concatenate([np.arange(contexts), rng.integers(0, contexts, n - contexts)])
    y = rng.random((n, n_values)) < np.geomspace(0.02, 0.8, n_values)
    y[0] = True
    return context, y, np.minimum(rng.geometric(min(0.5, 3 / users), n), users)


def cells(context: Codes, y: NDArray[np.bool_], users: Codes, **limits: int) -> ClusteredResidual:
    return clustered_residual(context, np.nonzero(y), users, **limits)


def loops(context: Codes, y: NDArray[np.bool_], users: Codes) -> NDArray[np.float64]:
    found = np.zeros((context.max() + 1, y.shape[1]))
    groups = np.unique(users)
    for c in range(found.shape[0]):
        for v in range(y.shape[1]):
            x = (context == c).astype(float)
            u = (x - x.mean()) * (y[:, v] - y[:, v].mean())
            found[c, v] = sum(u[users == g].sum() ** 2 for g in groups)
    return found * len(groups) / (len(groups) - 1)


@pytest.mark.parametrize("users", [3, 40, 280])
def test_variance_equals_loops(users: int) -> None:
    data = conversations(users=users)
    np.testing.assert_allclose(cells(*data).variance, loops(*data), rtol=1e-11)


@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(2, 4), st.integers(1, 30))
def test_equals_the_dense_design_scores(seed: int, n: int, contexts: int, n_values: int) -> None:
    context, y, users = conversations(n, contexts, n_values, users=6, seed=seed)
    users[:2] = 1, 2
    found = cells(context, y, users)
    x = np.eye(contexts)[context]
    dense = design_scores(x, y, Design.of(np.ones(n), np.zeros(n), users))
    np.testing.assert_allclose(found.variance, dense.score_variance, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.design_effect, dense.design_effect, rtol=1e-9)
    np.testing.assert_array_equal(found.k, x.T.astype(int) @ y)
    np.testing.assert_array_equal(found.n_clusters_context, dense.n_clusters_context)
    np.testing.assert_array_equal(found.n_clusters_value, dense.n_clusters_value)
    assert np.all(np.isfinite(found.log10_p) & (found.log10_p <= 0))


def test_clusters_with_much_and_with_little_of_the_table() -> None:
    context, y, users = conversations(n_values=60)
    y[1:] &= np.random.default_rng(1).random((299, 60)) < 0.2
    work = [
        np.unique(context[users == g]).size * y[users == g].any(axis=0).sum()
        for g in np.unique(users)
    ]
    assert min(work) * LOOPS_A_PRODUCT < 4 * 60 < max(work) * LOOPS_A_PRODUCT
    found = cells(context, y, users)
    np.testing.assert_allclose(found.variance, loops(context, y, users), rtol=1e-11)


def test_a_cluster_whose_products_no_single_precision_number_holds() -> None:
    users = np.repeat([1, 2, 3], [9001, 60, 40])
    context = (np.arange(users.size) % 2) * (users > 1)
    y = np.stack([users == 1, np.arange(users.size) % 3 == 0], axis=1)
    found = cells(context, y, users)
    np.testing.assert_allclose(found.variance, loops(context, y, users), rtol=1e-6)


def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = conversations(n=2_000, contexts=300, n_values=80, users=200)
    results = []
    for threads in ("1", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        results.append(cells(*data))
    np.testing.assert_array_equal(results[0].z, results[1].z)
    np.testing.assert_array_equal(results[0].log10_p, results[1].log10_p)


def test_equals_score_test_of_statsmodels() -> None:
    context, y, users = conversations(n=400, contexts=2)
    found = cells(context, y, users)
    g = found.n_clusters
    for v in range(y.shape[1]):
        x = np.column_stack([np.ones(400), context == 0]).astype(float)
        kind = {"groups": users, "family": Gaussian(), "cov_struct": Independence()}
        null = GEE(y[:, v].astype(float), x[:, :1], **kind).fit()
        statistic = GEE(y[:, v].astype(float), x, **kind).compare_score_test(null)["statistic"]
        assert found.robust_z[0, v] ** 2 * g / (g - 1) == pytest.approx(statistic, rel=1e-9)
        u = (x[:, 1] - x[:, 1].mean()) * (y[:, v] - y[:, v].mean())
        meat = S_crosssection(u[:, None], np.unique(users, return_inverse=True)[1])
        assert found.variance[0, v] == pytest.approx(meat.item() * g / (g - 1), rel=1e-10)


def test_one_conversation_each_gives_the_adjusted_residual_and_the_exact_test() -> None:
    context, y, _ = conversations(n=3000)
    found = cells(context, y, np.arange(3000))
    counts = found.k, found.n_context[:, None], found.n_value, 3000
    np.testing.assert_allclose(found.design_effect, 1)
    np.testing.assert_allclose(found.robust_z, adjusted_residual(*counts), rtol=0.1, atol=0.05)
    assert found.valid.any()
    assert not found.valid.all()
    exact = exact_log10_p(*counts)
    np.testing.assert_allclose(found.log10_p[~found.valid], exact[~found.valid])
    np.testing.assert_allclose(found.log10_p[found.valid], exact[found.valid], rtol=0.1, atol=0.05)


def test_depletion_is_no_surer_than_the_exact_test_says() -> None:
    """Twenty are expected, few are seen: the unguarded score invents certainty."""
    n, seen = 40_000, np.array([2, 5, 8, 11])
    context = (np.arange(n) >= 400).astype(int)
    y = np.zeros((n, 4), dtype=bool)
    for v, k in enumerate(seen):
        y[:k, v] = True
        y[400 : 400 + 2000 - k, v] = True
    found = cells(context, y, np.arange(n))
    assert found.valid.all()
    exact = exact_log10_p(found.k[0], 400, found.n_value, n)
    np.testing.assert_allclose(found.log10_p[0], exact, rtol=0.08)
    assert found.robust_z[0, 1] == pytest.approx(-6.35, abs=0.01)
    assert found.z[0, 1] == pytest.approx(-4.08, abs=0.01)


@pytest.mark.parametrize("expected", [20, 50, 200, 1000])
def test_size_in_the_far_tail_by_enumeration(expected: int) -> None:
    """Independent rare context and value: the count is Poisson, its robust variance the count."""
    k = np.arange(20 * expected)
    probability = poisson.pmf(k, expected)
    robust, null = k + 0.03 * expected, np.full(k.size, 0.97 * expected)
    guarded = (k - expected) / _guarded_error(robust, null)
    for level, allowed in ((0.05, 1.0), (1e-3, 1.0), (1e-6, 1.0), (1e-9, 2.1)):
        size = probability[normal_log10_p(guarded) <= np.log10(level)].sum()
        assert 0.2 * level < size <= allowed * level
    plain = normal_log10_p((k - expected) / np.sqrt(robust))
    size = probability[plain <= -6].sum()
    assert size == pytest.approx(255e-6, rel=0.01) or expected > 20


def test_copies_by_their_user_add_nothing() -> None:
    context, y, users = conversations()
    once = cells(context, y, users)
    copied = cells(np.tile(context, 3), np.tile(y, (3, 1)), np.tile(users, 3))
    np.testing.assert_allclose(copied.robust_z, once.robust_z, rtol=1e-10)


@given(st.integers(0, 10**6), st.randoms())
def test_order_and_names_do_not_matter(seed: int, shuffler: object) -> None:
    context, y, users = conversations(80, seed=seed)
    order = np.random.default_rng(seed).permutation(80)
    found, again = (
        cells(context, y, users),
        cells(context[order], y[order], users[order] * -7),
    )
    np.testing.assert_allclose(again.log10_p, found.log10_p, rtol=1e-9, atol=1e-12)
    named = clustered_residual(context, np.nonzero(y), users.astype(str))
    np.testing.assert_allclose(named.variance, found.variance, rtol=1e-9, atol=1e-12)


def test_sparse_matrix_equals_pairs() -> None:
    context, y, users = conversations()
    pairs = cells(context, y, users)
    for matrix in (sparse.csr_array(y), sparse.csr_matrix(y.astype(int)), sparse.coo_array(y)):
        np.testing.assert_array_equal(
            clustered_residual(context, matrix, users).log10_p, pairs.log10_p
        )


def test_value_of_all_says_nothing() -> None:
    context, y, users = conversations()
    y[:, 3] = True
    found = cells(context, y, users)
    assert np.all(found.z[:, 3] == 0)
    assert found.log10_p[:, 3] == pytest.approx(0, abs=1e-14)
    assert np.all(np.isnan(found.variance_ratio[:, 3]))


def test_limits_decide_what_is_valid() -> None:
    context, y, users = conversations(n=2000, users=60)
    found = cells(context, y, users)
    assert cells(context, y, users, minimum_expected=0, minimum_clusters=0).valid.all()
    assert not cells(context, y, users, minimum_clusters=10**6).valid.any()
    assert cells(context, y, users, minimum_expected=60).valid.sum() < found.valid.sum()
    assert set(np.unique(found.method)) == {"clustered score", "exact on deflated counts"}


def test_cell_of_one_user_counts_once() -> None:
    """Thirty conversations of one user are hardly evidence."""
    n = 6000
    users, context = np.arange(n), np.zeros(n, dtype=int)
    context[:60] = 1
    y = np.zeros((n, 2), dtype=bool)
    y[:30, 0] = y[60:62, 0] = y[:30, 1] = y[60:62, 1] = True
    many = cells(context, y, users).log10_p[1, 0]
    users[:30] = 0
    found = cells(context, y, users)
    assert not found.valid[1, 0]
    assert many < -40
    assert found.log10_p[1, 0] > -2.5


def skewed_users(rng: np.random.Generator) -> tuple[Codes, NDArray[np.bool_], Codes]:
    """Null: users of very different sizes, each with tastes and with contexts of their own."""
    n, users, contexts = 8000, 1600, 8
    size = rng.pareto(1.1, users) + 1
    size = np.minimum(size, 0.03 * size.sum())
    user = rng.choice(users, n, p=size / size.sum())
    cumulative = rng.dirichlet(np.full(contexts, 0.8), users).cumsum(axis=1)
    context = (rng.random(n)[:, None] > cumulative[user]).sum(axis=1).clip(0, contexts - 1)
    p = np.geomspace(0.4, 0.002, 40)
    taste = rng.beta(4 * p, 4 * (1 - p), (users, 40))
    y = rng.random((n, 40)) < taste[user]
    return context, y[:, y.any(axis=0)], user


def test_size_with_skewed_users() -> None:
    rng = np.random.default_rng(20250418)
    shares = []
    for _ in range(40):
        context, y, user = skewed_users(rng)
        found = cells(context, y, user)
        naive = exact_log10_p(found.k, found.n_context[:, None], found.n_value, found.n_total)
        log10_p = [found.log10_p[found.valid], found.log10_p[~found.valid], naive.ravel()]
        shares.append([[np.mean(p <= np.log10(a)) for p in log10_p] for a in (0.05, 0.001)])
    (score, deflated, naive_size), (score_far, deflated_far, _) = np.mean(shares, axis=0)
    error = np.std(shares, axis=0, ddof=1)[0, 0] / np.sqrt(40)
    assert 0.025 <= score <= 0.05 + 3 * error
    assert deflated <= 0.05
    assert naive_size > 0.15
    assert score_far <= 0.002
    assert deflated_far <= 0.001


def test_power_with_skewed_users() -> None:
    context, y, user = skewed_users(np.random.default_rng(3))
    extra = np.random.default_rng(4).random(y.shape) < 0.15
    y = np.where((context == 2)[:, None] & extra, True, y)
    found = cells(context, y, user)
    assert np.mean(found.log10_p[2] <= -3) > 0.6


def test_deflated_cells_are_the_exact_test_of_deflated_counts() -> None:
    context, y, users = conversations(n=2000, users=60)
    found = cells(context, y, users, minimum_expected=10**6)
    matrix = np.stack([np.eye(60)[users[context == c] - 1].T @ y[context == c] for c in range(4)])
    n_pairs = [np.sum(np.square(np.bincount(users[context == c]))) for c in range(4)]
    rate = found.k / found.n_context[:, None]
    excess = (matrix**2).sum(axis=1) - found.k - rate**2 * (n_pairs - found.n_context)[:, None]
    gathered = 1 + np.maximum(excess, 0) / found.k
    counts = found.k, found.n_context[:, None], found.n_value, found.n_total
    deflated = rao_scott_counts(*counts, np.maximum(found.design_effect, gathered))
    np.testing.assert_allclose(found.log10_p, exact_log10_p(*deflated), rtol=1e-12)


def test_frame_has_one_row_a_cell() -> None:
    frame = cells(*conversations()).to_frame()
    assert len(frame) == 48
    assert frame["context"].tolist() == np.repeat(np.arange(4), 12).tolist()
    assert not frame.isna().any().any()


BAD = {
    "negative context": ({"context": [0, -1, 1]}, r"context\[1\] = -1"),
    "broken context": ({"context": [0, 0.5, 1]}, r"context\[1\] = 0.5"),
    "missing context": ({"context": [0, np.nan, 1]}, r"context\[1\]"),
    "unused context": ({"context": [0, 2, 2]}, r"context\[1\] = 0"),
    "one context": ({"context": [0, 0, 0]}, "two contexts"),
    "no conversation": ({"context": []}, "context"),
    "unknown conversation": ({"values": ([0, 3], [0, 0])}, r"values\[1\] = 3"),
    "negative value": ({"values": ([0, 1], [0, -2])}, r"values\[1\] = -2"),
    "unused value": ({"values": ([0, 1], [0, 2])}, r"values\[1\] = 0"),
    "no expression": ({"values": ([], [])}, "values"),
    "repeated": ({"values": ([2, 1, 2], [0, 0, 0])}, "conversation 2 has a value twice"),
    "unpaired": ({"values": ([2, 1], [0])}, "values"),
    "dense": ({"values": np.eye(3)}, "values"),
    "short matrix": ({"values": sparse.csr_array(np.eye(2))}, "values has 2 rows"),
    "counts": ({"values": sparse.csr_array([[1], [2], [0]])}, r"values\[1\] = 2"),
    "empty column": ({"values": sparse.csr_array([[1, 0], [1, 0], [0, 0]])}, r"values\[1\]"),
    "one cluster": ({"cluster": [4, 4, 4]}, "at least 2"),
    "missing cluster": ({"cluster": ["a", None, "b"]}, r"cluster\[1\]: is missing"),
    "short clusters": ({"cluster": [0, 1]}, "cluster: shape"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    good = {"context": [0, 1, 1], "values": ([0, 1], [0, 0]), "cluster": [0, 1, 2]}
    changed, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        clustered_residual(**(good | changed))


def test_limits_are_nested() -> None:
    data = conversations(n=2000, users=60)
    masks = [cells(*data, minimum_expected=e).valid for e in (0, 5, 20, 80)]
    assert all(np.all(narrow <= wide) for wide, narrow in pairwise(masks))
