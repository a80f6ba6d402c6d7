"""Time-uniform intervals against brute force and at every look of simulated streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import beta, binom

from valuescape.statistics.confidence_sequence import confidence_sequence
from valuescape.statistics.shares import clopper_pearson


def log_mixture(p: float, s: int, f: int, a: float, b: float) -> float:
    """Mixture of likelihood ratios by quadrature."""
    centre = (a + s) / (a + b + s + f)
    peak = s * np.log(centre) + f * np.log1p(-centre)

    def integrand(x: float) -> float:
        likelihood = np.exp(s * np.log(x) + f * np.log1p(-x) - peak)
        return float(likelihood * beta.pdf(x, a, b))

    mass = quad(integrand, 0, 1, points=[centre], limit=500, epsabs=0, epsrel=1e-11)[0]
    return float(np.log(mass) + peak - s * np.log(p) - f * np.log1p(-p))


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (2.0, 30.0)])
@pytest.mark.parametrize(("s", "n"), [(3, 50), (12, 40), (45, 300)])
def test_limits_are_roots_of_the_integrated_mixture(s: int, n: int, a: float, b: float) -> None:
    found = confidence_sequence([s], [n], prior=(a, b), conf_level=0.9)

    def gap(p: float) -> float:
        return log_mixture(p, s, n - s, a, b) - np.log(10)

    assert found.low[0] == pytest.approx(brentq(gap, 1e-6, s / n, xtol=1e-13), rel=1e-7)
    assert found.high[0] == pytest.approx(brentq(gap, s / n, 1 - 1e-6, xtol=1e-13), rel=1e-7)


def test_uniform_prior_is_the_binomial_rule_of_darling_and_robbins() -> None:
    """With a = b = 1 the mixture is 1 / ((n + 1) times the binomial probability of S)."""
    found = confidence_sequence([30], [400], prior=(1, 1))
    for limit in (found.low[0], found.high[0]):
        assert 401 * binom.pmf(30, 400, limit) == pytest.approx(0.05, rel=1e-7)


@pytest.mark.parametrize("p", [0.003, 0.05, 0.5])
def test_time_uniform_coverage(p: float) -> None:
    """The share of streams that are ever missed is at most 5 %."""
    rng = np.random.default_rng(1)
    looks, streams = np.unique(np.geomspace(1, 20_000, 40).astype(int)), 160
    trials = np.diff(looks, prepend=0)
    missed = 0
    for _ in range(streams):
        found = confidence_sequence(rng.binomial(trials, p), trials)
        missed += bool(np.any((found.low > p) | (found.high < p)))
    assert missed / streams < 0.05 + 3 * np.sqrt(0.05 * 0.95 / streams)


def test_repeated_fixed_intervals_are_not_uniform() -> None:
    """The reason for confidence sequences: an exact interval at each look misses far more often."""
    rng = np.random.default_rng(2)
    trials, missed = np.full(200, 50), 0
    for _ in range(200):
        total = np.cumsum(rng.binomial(trials, 0.1))
        limits = clopper_pearson(total, np.cumsum(trials))
        missed += bool(np.any((limits.low > 0.1) | (limits.high < 0.1)))
    assert missed / 200 > 0.15


def test_betting_covers_dependent_trials_where_the_mixture_does_not() -> None:
    """Forty answers of a look share one propensity, with mean 0.2 over looks."""
    rng, streams = np.random.default_rng(3), 60
    trials = np.full(200, 40)
    missed = {"betting": 0, "beta-binomial": 0}
    for _ in range(streams):
        hits = rng.binomial(trials, rng.beta(0.8, 3.2, 200))
        for method in ("betting", "beta-binomial"):
            found = confidence_sequence(hits, trials, method=method)  # type: ignore[arg-type]
            missed[method] += bool(np.any((found.low > 0.2) | (found.high < 0.2)))
    assert missed["betting"] / streams < 0.05 + 3 * np.sqrt(0.05 * 0.95 / streams)
    assert missed["beta-binomial"] / streams > 0.2


def brute_capital(x: list[float], p: float, a: float, b: float, alpha: float) -> tuple[float, ...]:
    """Capital of either bet after the looks, step by step from the published recursion."""
    total, squares, up, down = a, (a + b) * (a / (a + b)) * (b / (a + b)), 1.0, 1.0
    for t, value in enumerate(x, start=1):
        variance = squares / (a + b + t - 1)
        bet = np.sqrt(2 * np.log(2 / alpha) / (variance * t * np.log(t + 1)))
        up *= 1 + min(bet, 0.5 / p) * (value - p)
        down *= 1 - min(bet, 0.5 / (1 - p)) * (value - p)
        total += value
        squares += (value - total / (a + b + t)) ** 2
    return up / 2, down / 2


@pytest.mark.parametrize("prior", [(0.5, 0.5), (2.0, 5.0)])
def test_betting_equals_the_recursion(prior: tuple[float, float]) -> None:
    rng = np.random.default_rng(4)
    trials = rng.integers(1, 30, 40)
    hits = rng.binomial(trials, 0.3)
    found = confidence_sequence(hits, trials, method="betting", prior=prior)
    share = (hits / trials).tolist()
    for look in (15, 40):
        low, high = found.low[look - 1], found.high[look - 1]
        assert brute_capital(share[:look], low, *prior, 0.05)[0] == pytest.approx(20, rel=1e-6)
        assert brute_capital(share[:look], high, *prior, 0.05)[1] == pytest.approx(20, rel=1e-6)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 50)), min_size=1, max_size=8))
def test_properties(pairs: list[tuple[int, int]]) -> None:
    s, n = np.array([min(p) for p in pairs]), np.array([max(p) for p in pairs])
    found = confidence_sequence(s, n)
    some = found.trials > 0
    assert np.all((found.low <= found.estimate)[some] & (found.estimate <= found.high)[some])
    assert np.all((found.low >= 0) & (found.high <= 1))
    assert np.all(found.low[~some] == 0)
    assert np.all(found.high[~some] == 1)
    mirror = confidence_sequence(n - s, n)
    assert mirror.low == pytest.approx(1 - found.high, abs=1e-9)
    whole = confidence_sequence([s.sum()], [n.sum()])
    assert whole.high[0] == pytest.approx(found.high[-1], abs=1e-12)
    running = confidence_sequence(s, n, running=True)
    assert np.all(np.diff(running.low) >= 0)
    assert np.all(running.high <= found.high)
    assert np.all(confidence_sequence(s, n, conf_level=0.99).high >= found.high - 1e-12)
    assert len(found.to_frame()) == len(pairs)


def test_prior_is_a_matter_of_width() -> None:
    near = confidence_sequence([20], [2000], prior=(0.5, 49.5))
    flat = confidence_sequence([20], [2000], prior=(1, 1))
    assert near.high[0] - near.low[0] < flat.high[0] - flat.low[0]


@pytest.mark.parametrize("method", ["beta-binomial", "betting"])
def test_looks_without_trials_change_nothing(method: str) -> None:
    found = confidence_sequence([2, 0, 3], [9, 0, 8], method=method)  # type: ignore[arg-type]
    dense = confidence_sequence([2, 3], [9, 8], method=method)  # type: ignore[arg-type]
    assert found.low[[0, 2]] == pytest.approx(dense.low, rel=1e-9)
    assert found.high[[0, 1, 2]] == pytest.approx(dense.high[[0, 0, 1]], rel=1e-9)


@pytest.mark.parametrize(
    ("s", "n", "options", "message"),
    [
        ([1, 5], [3, 4], {}, r"successes\[1\] = 5"),
        ([-1], [3], {}, r"successes\[0\] = -1"),
        ([1], [2.5], {}, r"trials\[0\] = 2.5"),
        ([np.nan], [2], {}, r"successes\[0\]"),
        ([1, 2], [3], {}, "trials: shape"),
        ([], [], {}, "trials: shape"),
        ([1], [3], {"prior": (0, 1)}, r"prior\[0\] = 0"),
        ([1], [3], {"prior": (1,)}, "two are needed"),
        ([1], [3], {"method": "robbins"}, "method: 'robbins'"),
        ([1], [3], {"conf_level": 0}, "conf_level"),
    ],
)
def test_refuses(s: object, n: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        confidence_sequence(s, n, **options)  # type: ignore[arg-type]
