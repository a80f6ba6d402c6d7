"""Top sets and rank sets against published sets, R, brute force and simulation."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.statistics.oracle import oracle
from valuescape.statistics.options import RankCoverage
from valuescape.statistics.rank_sets import rank_sets
from valuescape.statistics.top_set import tied_top_set

COVERAGES: tuple[RankCoverage, ...] = ("simultaneous", "marginal")

PISA = pd.DataFrame(
    {  # OECD, PISA 2018: mean mathematics scores of 37 member countries and their standard errors
        "score": [
            *(491.3600252, 498.9423138, 508.0703063, 512.0169429, 417.4065563, 390.9322732),
            *(499.4676508, 509.3983746, 523.4145802, 507.3013618, 495.4075794, 500.0437805),
            *(451.3703438, 481.0826364, 495.1873762, 499.632894, 463.0345488, 486.5898573),
            *(526.9732502, 525.933002, 496.1263306, 481.1911884, 483.421485, 408.8014734),
            *(519.2309824, 494.489676, 500.9637885, 515.6478747, 492.4874062, 486.1648542),
            *(508.8975441, 481.3926126, 502.3877022, 515.3147131, 453.5077774, 501.7698992),
            478.2447174,
        ],
        "error": [
            *(1.939833031, 2.970998694, 2.262662011, 2.357475749, 2.41588757, 2.989559274),
            *(2.460661531, 1.735002337, 1.743602224, 1.967920411, 2.320214487, 2.647083096),
            *(3.091228197, 2.319596741, 1.953082603, 2.198621128, 3.498563228, 2.780045867),
            *(2.471475318, 3.121394315, 1.962766789, 1.953282039, 1.097632409, 2.493225544),
            *(2.632277885, 1.705942856, 2.219044878, 2.602085176, 2.684570081, 2.555595707),
            *(1.363877596, 1.462417763, 2.654250935, 2.908003898, 2.260406789, 2.564428111),
            3.235444099,
        ],
        # Rank sets at 95 % as the manual of the R package csranks 1.2.2 prints them (1,000 draws)
        "simultaneous_low": [
            *(12, 7, 4, 3, 35, 37, 7, 4, 1, 4, 12, 7, 32, 23, 12, 8, 31, 15, 1, 1),
            *(12, 23, 23, 35, 1, 12, 7, 1, 12, 18, 4, 24, 5, 1, 32, 6, 23),
        ],
        "simultaneous_high": [
            *(30, 26, 18, 17, 36, 37, 25, 18, 6, 18, 26, 25, 34, 31, 26, 25, 34, 31, 6, 7),
            *(26, 31, 31, 36, 11, 26, 24, 12, 31, 31, 18, 31, 24, 13, 34, 24, 32),
        ],
        "marginal_low": [
            *(15, 10, 5, 4, 35, 37, 10, 5, 1, 5, 12, 10, 32, 25, 12, 10, 32, 19, 1, 1),
            *(12, 25, 25, 35, 1, 12, 10, 2, 12, 20, 5, 25, 7, 2, 32, 8, 25),
        ],
        "marginal_high": [
            *(26, 24, 18, 12, 36, 37, 24, 14, 6, 18, 26, 24, 34, 31, 26, 24, 34, 31, 4, 6),
            *(25, 31, 31, 36, 7, 26, 23, 11, 26, 31, 14, 31, 23, 11, 34, 23, 31),
        ],
    }
)
PISA_BEST_FIVE = {  # places of the countries in csranks' sets of the five best
    0.95: {2, 3, 7, 8, 9, 18, 19, 24, 27, 30, 32, 33},
    0.9: {2, 3, 7, 8, 9, 18, 19, 24, 27, 30, 33},
}


@pytest.mark.parametrize("coverage", COVERAGES)
def test_equals_published_rank_sets(coverage: RankCoverage) -> None:
    found = rank_sets(
        PISA["score"], standard_error=PISA["error"], coverage=coverage, n_draws=10_000
    )
    off = np.concatenate(
        [found.low - PISA[f"{coverage}_low"], found.high - PISA[f"{coverage}_high"]]
    )
    assert np.abs(off).max() <= 1
    assert np.count_nonzero(off) <= (0 if coverage == "simultaneous" else 2)


@pytest.mark.parametrize("conf_level", [0.95, 0.9])
def test_published_best_five(conf_level: float) -> None:
    noise = {"standard_error": PISA["error"], "conf_level": conf_level, "n_draws": 20_000}
    projected = rank_sets(PISA["score"], **noise).low <= 5
    assert set(np.flatnonzero(projected).tolist()) == PISA_BEST_FIVE[conf_level]
    assert not np.any(tied_top_set(PISA["score"], k=5, **noise).in_set & ~projected)


def critical_of(row: pd.Series, n_draws: int, seed: int) -> float:
    size, level = int(row["size"]), row["level"]
    settings = {"conf_level": level, "stepwise": False, "n_draws": n_draws, "seed": seed}
    if row["case"] == "range":
        found = tied_top_set(np.zeros(size), standard_error=np.full(size, 0.3), **settings)
        return float(found.critical_value[0])
    if row["case"] == "best":
        errors = 1 / np.arange(1, size + 1)
        found = tied_top_set(np.zeros(size), standard_error=errors, coverage="marginal", **settings)
        return float(found.critical_value[int(row["j"]) - 1])
    s, r = row[["s1", "s2", "s3"]].to_numpy(float), np.eye(3)
    r[0, 1], r[0, 2], r[1, 2] = row[["r12", "r13", "r23"]]
    matrix = np.outer(s, s) * (r + r.T - np.eye(3))
    return float(rank_sets(np.zeros(3), covariance=matrix, **settings).critical_value[0])


def test_critical_values_equal_r() -> None:
    n_draws = 60_000
    for seed, row in oracle("ranks").iterrows():
        error = np.sqrt(row["level"] * (1 - row["level"]) / n_draws) / row["slope"]
        found = critical_of(row, n_draws, int(str(seed)))
        assert found == pytest.approx(row["critical"], abs=4 * error), row.to_dict()


def by_enumeration(
    x: np.ndarray, replicates: np.ndarray, pairs: set[tuple[int, int]], level: float, k: int
) -> tuple[set[tuple[int, int]], float]:
    """Stepwise tests of every pair i, j for x_i > x_j, in plain loops."""
    deviation = {
        (i, j): np.std(replicates[:, i] - replicates[:, j], ddof=1)
        for i, j in permutations(range(x.size), 2)
    }
    rejected: set[tuple[int, int]] = set()
    critical = np.nan
    while pairs:
        maxima = sorted(
            max((row[i] - x[i] - row[j] + x[j]) / deviation[i, j] for i, j in pairs)
            for row in replicates
        )
        critical = maxima[int(np.ceil((len(replicates) + 1) * level)) - 1]
        new = {(i, j) for i, j in pairs if (x[i] - x[j]) / deviation[i, j] > critical}
        if not new:
            break
        rejected |= new
        out = {j for j in range(x.size) if sum(pair[1] == j for pair in rejected) >= k}
        pairs = {pair for pair in pairs - new if pair[1] not in out}
    return rejected, critical


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_equals_enumeration(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 2.5, 6)
    replicates = x + rng.normal(size=(99, 6)) @ rng.normal(0, 0.4, (6, 6))
    every = set(permutations(range(6), 2))
    found = tied_top_set(x, replicates=replicates, k=k, conf_level=0.9)
    rejected, critical = by_enumeration(x, replicates, every, 0.9, k)
    above = [sum(pair[1] == j for pair in rejected) for j in range(6)]
    assert found.n_above.tolist() == above
    assert found.critical_value == pytest.approx(np.full(6, critical), rel=1e-9)
    ranks = rank_sets(x, replicates=replicates, conf_level=0.9)
    rejected, _ = by_enumeration(x, replicates, every, 0.9, 6)
    assert ranks.low.tolist() == [1 + sum(p[1] == j for p in rejected) for j in range(6)]
    assert ranks.high.tolist() == [6 - sum(p[0] == j for p in rejected) for j in range(6)]
    for j in range(6):
        own = {(i, j) for i in range(6) if i != j}
        rejected, critical = by_enumeration(x, replicates, own, 0.9, k)
        found = tied_top_set(x, replicates=replicates, k=k, conf_level=0.9, coverage="marginal")
        assert found.n_above[j] == len(rejected)
        assert found.critical_value[j] == pytest.approx(critical, rel=1e-9)
        both = own | {(j, i) for i in range(6) if i != j}
        rejected, _ = by_enumeration(x, replicates, both, 0.9, 6)
        ranks = rank_sets(x, replicates=replicates, conf_level=0.9, coverage="marginal")
        assert ranks.low[j] == 1 + sum(pair[1] == j for pair in rejected)
        assert ranks.high[j] == 6 - sum(pair[0] == j for pair in rejected)


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    size = draw(st.integers(2, 7))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = rng.normal(0, draw(st.sampled_from([0.1, 1.0, 4.0])), size)
    if draw(st.booleans()):
        x = np.round(x)
    return x, x + rng.normal(size=(60, size)) * rng.uniform(0.2, 1.0, size), rng


@given(problem=problems(), coverage=st.sampled_from(COVERAGES), k=st.integers(1, 2))
def test_what_must_not_matter(
    problem: tuple[np.ndarray, np.ndarray, np.random.Generator], coverage: RankCoverage, k: int
) -> None:
    x, drawn, rng = problem
    settings = {"coverage": coverage, "conf_level": 0.9}
    top, ranks = (
        tied_top_set(x, replicates=drawn, k=k, **settings),
        rank_sets(x, replicates=drawn, **settings),
    )
    moved = tied_top_set(3 * x + 8, replicates=3 * drawn + 8, k=k, **settings)
    np.testing.assert_array_equal(moved.n_above, top.n_above)
    order = rng.permutation(x.size)
    mixed = tied_top_set(x[order], replicates=drawn[:, order], k=k, **settings)
    np.testing.assert_array_equal(mixed.in_set, top.in_set[order])
    mirrored = rank_sets(-x, replicates=-drawn, **settings)
    np.testing.assert_array_equal(x.size + 1 - mirrored.low, ranks.high)
    np.testing.assert_array_equal(x.size + 1 - mirrored.high, ranks.low)


@given(problem=problems(), coverage=st.sampled_from(COVERAGES))
def test_what_must_hold(
    problem: tuple[np.ndarray, np.ndarray, np.random.Generator], coverage: RankCoverage
) -> None:
    x, drawn, _ = problem
    settings = {"replicates": drawn, "coverage": coverage, "conf_level": 0.8}
    top, ranks = tied_top_set(x, **settings), rank_sets(x, **settings)
    assert np.all((ranks.low <= ranks.rank) & (ranks.rank <= ranks.high))
    assert top.in_set[np.argmax(x)]
    assert not np.any(top.in_set & (ranks.low > 1)), "the top set is within the projected one"
    wider = (
        tied_top_set(x, **settings, stepwise=False),
        tied_top_set(x, **settings, k=2),
        tied_top_set(x, **settings | {"conf_level": 0.95}),
        tied_top_set(x, **settings | {"coverage": "simultaneous"}),
    )
    for other in wider:
        assert not np.any(top.in_set & ~other.in_set)
    single = rank_sets(x, **settings, stepwise=False)
    assert np.all((single.low <= ranks.low) & (ranks.high <= single.high))
    assert tied_top_set(x, **settings, k=2).in_set.sum() >= 2
    assert tied_top_set(x, **settings, k=x.size).in_set.all()


def test_contexts_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    x, error = rng.normal(size=(2, 3, 9)), rng.uniform(0.1, 0.4, (2, 3, 9))
    matrices = error[..., :, None] * np.eye(9) * error[..., None, :]
    whole = tied_top_set(x, standard_error=error, k=2)
    again = tied_top_set(x, covariance=matrices, k=2)
    assert whole.size.shape == (2, 3)
    np.testing.assert_allclose(whole.critical_value, again.critical_value, rtol=1e-9)
    one = tied_top_set(x[1, 2], standard_error=error[1, 2], k=2)
    np.testing.assert_array_equal(one.n_above, whole.n_above[1, 2])
    np.testing.assert_array_equal(one.critical_value, whole.critical_value[1, 2])


def test_more_steps_exclude_more() -> None:
    x, error = np.array([3.0, 1.8, *np.linspace(-1, -4, 28)]), np.full(30, 0.25)
    first = tied_top_set(x, standard_error=error, stepwise=False)
    last = tied_top_set(x, standard_error=error)
    assert first.in_set.tolist() == [True, True] + [False] * 28
    assert last.in_set.tolist() == [True] + [False] * 29
    assert last.critical_value[0] < first.critical_value[0]


def test_draws_and_seed_are_read() -> None:
    x, error = np.zeros(5), np.ones(5)
    found = {
        float(tied_top_set(x, standard_error=error, n_draws=n, seed=s).critical_value[0])
        for n in (100, 200)
        for s in (0, 1)
    }
    assert len(found) == 4


def test_one_and_the_same_value_is_tied() -> None:
    matrix = np.array([[0.04, 0.04, 0.0], [0.04, 0.04, 0.0], [0.0, 0.0, 0.04]])
    found = tied_top_set([1.0, 1.0, -1.0], covariance=matrix)
    assert found.in_set.tolist() == [True, True, False]
    assert found.rank.tolist() == [1, 1, 3]
    with pytest.raises(ValueError, match="values 0 and 1 of context 0 differ, but their"):
        tied_top_set([1.0, 1.1, -1.0], covariance=matrix)


def test_a_single_value_is_compared_with_nothing() -> None:
    found = tied_top_set([[2.0], [1.0]], standard_error=[[1.0], [1.0]], coverage="marginal")
    assert found.in_set.all()
    assert np.isnan(found.critical_value).all()
    assert rank_sets([2.0], replicates=[[1.0], [2.5]]).high.tolist() == [1]


def test_frames() -> None:
    x, error = np.arange(6.0).reshape(2, 3), np.full((2, 3), 0.1)
    top = tied_top_set(x, standard_error=error).to_frame()
    assert top["in_set"].tolist() == [False, False, True] * 2
    assert set(top["coverage"]) == {"simultaneous"}
    ranks = rank_sets(x, standard_error=error).to_frame()
    assert ranks[["rank_low", "rank_high"]].to_numpy().tolist() == [[3, 3], [2, 2], [1, 1]] * 2


TRUTHS = {
    "all_equal": np.zeros(10),
    "two_best": np.array([1.0, 1.0, *np.linspace(0.3, -2, 8)]),
    "near_ties": np.linspace(0.15, 0.0, 10),
    "one_best": np.array([5.0, *np.zeros(9)]),
}


@pytest.mark.parametrize("truth", TRUTHS)
def test_top_sets_and_rank_sets_cover(truth: str) -> None:
    theta, runs = TRUTHS[truth], 500
    rng = np.random.default_rng(2024)
    mixing = 0.3 * np.eye(10) + 0.1 * rng.normal(size=(10, 10))
    x = theta + rng.normal(size=(runs, 10)) @ mixing.T
    noise = {"covariance": np.broadcast_to(mixing @ mixing.T, (runs, 10, 10)), "n_draws": 2000}
    rank = 1 + (theta[None, :] > theta[:, None]).sum(axis=1)
    error = np.sqrt(0.95 * 0.05 * (1 / runs + 1 / 2000))
    for k in (1, 3):
        member = rank <= k
        joint = tied_top_set(x, k=k, **noise).in_set[:, member]
        assert joint.all(axis=1).mean() >= 0.95 - 3 * error
        each = tied_top_set(x, k=k, coverage="marginal", **noise).in_set[:, member]
        assert each.mean(axis=0).min() >= 0.95 - 3.5 * error
    ranks = rank_sets(x, **noise)
    assert ((ranks.low <= rank) & (rank <= ranks.high)).all(axis=1).mean() >= 0.95 - 3 * error
    if truth == "all_equal":
        joint = tied_top_set(x, **noise).in_set
        assert joint.all(axis=1).mean() == pytest.approx(0.95, abs=4 * error)
    if truth == "one_best":
        assert tied_top_set(x, **noise).size.mean() < 1.1


def test_bootstrap_percentiles_of_ranks_do_not_cover_near_ties() -> None:
    theta, runs = np.array([0.1, *np.zeros(9)]), 400
    rng = np.random.default_rng(7)
    x = theta + rng.normal(0, 0.3, (runs, 10))
    drawn = x + rng.normal(0, 0.3, (500, runs, 10))
    ranks = 1 + (drawn > drawn[..., :1]).sum(axis=-1)
    naive = np.quantile(ranks, 0.025, axis=0) <= 1
    ours = rank_sets(x, standard_error=np.full(x.shape, 0.3), coverage="marginal", n_draws=2000)
    assert naive.mean() < 0.9
    assert (ours.low[:, 0] <= 1).mean() >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimate": [1.0, np.nan]}, r"estimate\[1\] = nan: must be a finite number"),
        ({"estimate": []}, r"estimate: shape \(0,\) holds no values to rank"),
        ({"estimate": 1.0}, r"estimate: shape \(\) holds no values to rank"),
        ({"standard_error": None}, "standard_error, covariance, replicates: exactly one"),
        ({"covariance": np.eye(2)}, "standard_error, covariance, replicates: exactly one"),
        ({"standard_error": [1.0, 0.0]}, r"standard_error\[1\] = 0.0: must be above zero"),
        ({"standard_error": [1.0]}, r"standard_error: shape \(1,\) must be \(2,\) to fit"),
        ({"k": 0}, "k = 0: must be a whole number, at least 1"),
        ({"k": 3}, "k = 3: must not exceed the number of values, 2"),
        ({"conf_level": 1.0}, "conf_level = 1.0: must lie strictly between 0 and 1"),
        ({"coverage": "joint"}, "coverage: 'joint' is not one of simultaneous, marginal"),
        ({"n_draws": 0}, "n_draws = 0: must be a whole number, at least 1"),
        ({"n_draws": 18}, "18 draws are too few for conf_level = 0.95"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, object], message: str) -> None:
    base: dict[str, object] = {"estimate": [1.0, 2.0], "standard_error": [1.0, 1.0]}
    with pytest.raises(ValueError, match=message):
        tied_top_set(**base | arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        ({"covariance": [[1.0, 0.5], [0.2, 1.0]]}, r"covariance\[0, 1\] = 0.5: must be symmetric"),
        ({"covariance": [[1.0, 0.0], [0.0, -1.0]]}, r"covariance\[1\] = -1.0: a variance must not"),
        ({"covariance": [[1.0, 2.0], [2.0, 1.0]]}, "covariance of context 0: eigenvalue -1 is neg"),
        ({"covariance": [1.0, 1.0]}, r"covariance: shape \(2,\) must be \(2, 2\)"),
        ({"replicates": [[1.0, np.inf]]}, r"replicates\[0, 1\] = inf"),
        ({"replicates": [[1.0, 2.0]]}, "replicates: 1 are too few for a standard error"),
        ({"replicates": [[1.0], [2.0]]}, r"replicates: shape \(2, 1\) must be \(2, 2\)"),
    ],
)
def test_bad_noise_is_named(noise: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rank_sets([1.0, 2.0], **noise)  # type: ignore[arg-type]
