"""Jensen-Shannon divergence against scipy, brute force and simulated truth."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency

from valuescape.statistics.divergence import jensen_shannon, jensen_shannon_pairs
from valuescape.statistics.occurrences import occurrence_units

counts = st.lists(st.integers(0, 30), min_size=4, max_size=4)


def zipf(n_values: int) -> NDArray[np.float64]:
    share = 1 / np.arange(1, n_values + 1)
    return np.asarray(share / share.sum())


def shifted(share: NDArray[np.float64], effect: float, seed: int) -> NDArray[np.float64]:
    other = share * np.exp(effect * np.random.default_rng(seed).normal(size=share.size))
    return np.asarray(other / other.sum())


def in_bits(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(jensenshannon(a, b, base=2) ** 2)


@given(counts, counts)
def test_plugin_equals_scipy(a: list[int], b: list[int]) -> None:
    assume(sum(a) > 1 and sum(b) > 1 and np.count_nonzero(np.add(a, b)) > 1)
    found = jensen_shannon(a, b)
    with np.errstate(invalid="ignore"):
        expected = np.nan_to_num(jensenshannon(a, b, base=2) ** 2)
    assert found.plugin == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    assert found.distance == pytest.approx(found.estimate**0.5)
    swapped = jensen_shannon(b, a)
    assert swapped.estimate == pytest.approx(found.estimate, abs=1e-12)
    assert swapped.log10_p == pytest.approx(found.log10_p, abs=1e-9)
    assert jensen_shannon(a, b, conf_level=0.5).high <= found.high
    padded = jensen_shannon([*a, 0], [*b, 0])
    assert padded.estimate == pytest.approx(found.estimate, abs=1e-12)


def brute_jackknife(
    a: NDArray[np.int64], b: NDArray[np.int64], of_a: list[int], of_b: list[int]
) -> tuple[float, float]:
    """Delete every cluster in turn; estimate and variance."""
    names = sorted({*of_a, *of_b})
    left_out = []
    for name in names:
        in_a = a[[label != name for label in of_a]].sum(axis=0)
        in_b = b[[label != name for label in of_b]].sum(axis=0)
        left_out.append(in_bits(in_a, in_b))
    plugin, g, values = in_bits(a.sum(axis=0), b.sum(axis=0)), len(names), np.array(left_out)
    estimate = plugin - (g - 1) / g * np.sum(values - plugin)
    return float(estimate), float((g - 1) / g * np.sum((values - values.mean()) ** 2))


@pytest.mark.parametrize("shared", [True, False])
def test_jackknife_equals_brute_force(shared: bool) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.poisson(1.2, (30, 6)), rng.poisson([2, 1, 1, 1, 0.3, 0.3], (24, 6))
    of_a, of_b = (np.arange(30) % 12).tolist(), (np.arange(24) % 10 + 20 * (not shared)).tolist()
    found = jensen_shannon(a, b, cluster=(of_a, of_b))
    estimate, variance = brute_jackknife(a, b, of_a, of_b)
    assert found.estimate == pytest.approx(estimate, rel=1e-10)
    assert found.high - found.estimate == pytest.approx(1.959964 * variance**0.5, rel=1e-6)
    assert found.n_clusters == len({*of_a, *of_b})
    rows = jensen_shannon(a, b)
    assert rows.estimate == pytest.approx(
        brute_jackknife(a, b, list(range(30)), list(range(30, 54)))[0], rel=1e-10
    )


def test_counts_are_rows_of_one_occurrence() -> None:
    a, b = np.array([5, 3, 0, 2]), np.array([1, 4, 6, 0])
    rows = [np.eye(4, dtype=int)[np.repeat(np.arange(4), arm)] for arm in (a, b)]
    table, single = jensen_shannon(*rows), jensen_shannon(a, b)
    for name in ("estimate", "low", "high", "plugin", "log10_p", "df", "n_clusters", "unseen"):
        assert getattr(table, name) == pytest.approx(getattr(single, name), rel=1e-9), name
    assert single.unseen == max(0 / 10, 1 / 11)


def test_statistic_is_pearsons_for_many_occurrences() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.multinomial(40_000, zipf(12)), rng.multinomial(25_000, zipf(12))
    found, pearson = jensen_shannon(a, b), chi2_contingency([a, b])
    assert found.df == pytest.approx(11, rel=0.002)
    assert found.statistic == pytest.approx(pearson.statistic, rel=0.002)
    assert 10**found.log10_p == pytest.approx(pearson.pvalue, rel=0.01)


def test_far_apart() -> None:
    found = jensen_shannon([5000, 0], [0, 5000])
    assert (found.plugin, found.estimate, found.high) == (1.0, 1.0, 1.0)
    assert found.log10_p < -1000


@pytest.mark.parametrize(("n_values", "n"), [(5, 200), (50, 1000), (200, 3000)])
@pytest.mark.parametrize("effect", [0.0, 0.3, 1.0])
def test_bias_and_coverage(n_values: int, n: int, effect: float) -> None:
    """The corrected estimate is near the truth where the plug-in one is not."""
    replicates, rng = 120, np.random.default_rng(8)
    base = zipf(n_values)
    other = shifted(base, effect, 1)
    truth = max(in_bits(base, other), 0.0) if effect else 0.0
    runs = [
        jensen_shannon(rng.multinomial(n, base), rng.multinomial(2 * n, other))
        for _ in range(replicates)
    ]
    estimates = np.array([run.estimate for run in runs])
    plugin = np.mean([run.plugin for run in runs]) - truth
    error = estimates.std() / replicates**0.5
    assert abs(estimates.mean() - truth) < 0.2 * plugin + 3 * error
    covered = np.mean([run.low <= truth <= run.high for run in runs])
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates) - 0.01


def paired_arms(
    rng: np.random.Generator, clusters: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two assistants on the same prompts, three values an answer, tastes by prompt."""
    taste = rng.dirichlet(10 * zipf(15), clusters)
    return rng.multinomial(3, taste), rng.multinomial(3, taste)


def test_size_with_shared_prompts() -> None:
    """Prompts in both arms, rows repeated in one arm; without their clusters these reject often."""
    rng, replicates = np.random.default_rng(9), 120
    paired, repeated, naive = [], [], []
    for _ in range(replicates):
        a, b = paired_arms(rng, 120)
        labels = np.arange(120)
        paired.append(jensen_shannon(a, b, cluster=(labels, labels)).log10_p)
        again = [np.repeat(arm, 3, axis=0) for arm in (a, b)]
        units = np.repeat(labels, 3)
        repeated.append(jensen_shannon(*again, cluster=(units, units + 120)).log10_p)
        naive.append(jensen_shannon(*again).log10_p)
    cut, error = np.log10(0.05), 3 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.05 - error < np.mean(np.array(paired) < cut) < 0.05 + error
    assert np.mean(np.array(repeated) < cut) < 0.05 + error
    assert np.mean(np.array(naive) < cut) > 0.15


def test_pairs() -> None:
    table = np.array([[60, 30, 10], [20, 30, 50], [55, 35, 10]])
    frame = jensen_shannon_pairs(table).to_frame()
    assert frame[["first", "second"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 2]]
    assert frame["estimate"][2] == jensen_shannon(table[1], table[2]).estimate
    rng = np.random.default_rng(2)
    rows, group, units = rng.poisson(1, (40, 5)), np.tile(["x", "y"], 20), np.repeat(range(20), 2)
    found = jensen_shannon_pairs(rows, group=group, cluster=units, conf_level=0.8).results[0]
    direct = jensen_shannon(
        rows[group == "x"], rows[group == "y"], cluster=(range(20), range(20)), conf_level=0.8
    )
    assert found == direct
    assert len(direct.to_frame()) == 1


@pytest.mark.parametrize(
    ("a", "b", "clusters", "message"),
    [
        ([1, -1], [1, 2], None, r"counts_a\[1\] = -1"),
        ([1, 1], [1, 2.5], None, r"counts_b\[1\] = 2.5"),
        ([1, np.nan], [1, 2], None, r"counts_a\[1\]"),
        ([1, 1], [1, 2, 3], None, "counts_b: shape"),
        ([1, 0], [1, 2], None, "counts_a: at least two"),
        ([0, 0], [1, 2], None, "counts_a: at least two"),
        ([3, 0], [2, 0], None, "a single value"),
        ([3, 0], [2, 1], ([0, 1], [0, 1]), "cluster: one-dimensional"),
        ([[3, 0], [1, 1]], [[2, 1], [1, 1]], ([0, 1], [0]), r"cluster\[1\]: shape"),
        (
            [[3, 0], [1, 1]],
            [[2, 1], [1, 1]],
            ([0, np.nan], [0, 1]),
            r"cluster\[0\]\[1\]: is missing",
        ),
        ([[3, 0], [1, 1]], [[2, 1], [1, 1]], ([0, 0], [0, 1]), "counts_a: all occurrences"),
    ],
)
def test_refuses(a: object, b: object, clusters: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jensen_shannon(a, b, cluster=clusters)  # type: ignore[arg-type]


def test_pairs_refuse() -> None:
    with pytest.raises(ValueError, match="two axes"):
        jensen_shannon_pairs([1, 2])
    with pytest.raises(ValueError, match="without group"):
        jensen_shannon_pairs([[1, 2], [3, 4]], cluster=[0, 1])
    with pytest.raises(ValueError, match="at least 2 different"):
        jensen_shannon_pairs([[1, 2], [3, 4]], group=["a", "a"])
    with pytest.raises(ValueError, match="conf_level"):
        jensen_shannon([1, 2], [3, 4], conf_level=2)


def test_units_keep_every_occurrence() -> None:
    units = occurrence_units(np.array([[1, 2], [0, 3]]), np.array([[4, 0], [0, 1]]), None)
    assert units.size_a.tolist() == [3, 3, 0, 0]
    assert units.size_b.tolist() == [0, 0, 4, 1]


def test_test_of_clusters_equals_dense_vectors() -> None:
    """Brute force: mean and variance of the squared length under random signs."""
    rng = np.random.default_rng(12)
    a, b = rng.poisson(0.8, (25, 7)), rng.poisson(0.8, (31, 7))
    of_a, of_b = np.arange(25) % 9, np.arange(31) % 11
    found = jensen_shannon(a, b, cluster=(of_a, of_b))
    share = (a.sum(axis=0) + b.sum(axis=0)) / (a.sum() + b.sum())
    z = np.zeros((11, 7))
    for rows, labels, sign in ((a, of_a, 1 / a.sum()), (b, of_b, -1 / b.sum())):
        for row, label in zip(rows, labels, strict=True):
            z[label] += sign * (row - row.sum() * share) / np.sqrt(share)
    gram = z @ z.T
    df = np.trace(gram) ** 2 / (np.sum(gram**2) - np.sum(np.diag(gram) ** 2))
    assert found.df == pytest.approx(df, rel=1e-10)
    assert found.statistic == pytest.approx(np.sum(gram) * df / np.trace(gram), rel=1e-10)
