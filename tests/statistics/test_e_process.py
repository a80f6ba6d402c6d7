"""E-processes against quadrature, their own intervals, Ville's bound and simulated streams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, binom

from valuescape.statistics.confidence_sequence import confidence_sequence
from valuescape.statistics.e_process import change_e_process, e_process, log_beta_tail


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_equals_quadrature(alternative: str) -> None:
    s, n, p0, prior = 9, 60, 0.1, beta(1.5, 4)
    ends = {"two-sided": (0, 1), "greater": (p0, 1), "less": (0, p0)}[alternative]
    mass = prior.cdf(ends[1]) - prior.cdf(ends[0])

    def integrand(p: float) -> float:
        return float(binom.pmf(s, n, p) / binom.pmf(s, n, p0) * prior.pdf(p) / mass)

    expected = np.log10(quad(integrand, *ends, epsabs=0, epsrel=1e-10)[0])
    found = e_process([4, 5], [20, 40], p0, alternative=alternative, prior=(1.5, 4))  # type: ignore[arg-type]
    assert found.log10_e[-1] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("p", "p0"), [(0.05, 0.05), (0.04, 0.05), (0.06, 0.05)])
def test_mean_is_at_most_one_under_the_null(alternative: str, p: float, p0: float) -> None:
    """Exactly, over all outcomes of 80 trials."""
    outcome = np.arange(81)
    e = [
        10 ** e_process([k], [80], p0, alternative=alternative).log10_e[0]  # type: ignore[arg-type]
        for k in outcome
    ]
    mean = float(binom.pmf(outcome, 80, p) @ np.array(e))
    if p == p0:
        assert mean == pytest.approx(1, rel=1e-10)
    elif (alternative == "greater") == (p < p0) and alternative != "two-sided":
        assert mean < 1


@given(st.integers(0, 40), st.integers(1, 60), st.floats(0.02, 0.98))
def test_two_sided_is_what_the_interval_inverts(s: int, f: int, p0: float) -> None:
    limits = confidence_sequence([s], [s + f])
    reached = e_process([s], [s + f], p0).log10_p[0] <= np.log10(0.05)
    inside = limits.low[0] + 1e-9 < p0 < limits.high[0] - 1e-9
    outside = p0 < limits.low[0] - 1e-9 or p0 > limits.high[0] + 1e-9
    assert not (inside and reached)
    assert not (outside and not reached)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_ville(alternative: str) -> None:
    """Streams that ever reach 20 under the null, of 400."""
    rng = np.random.default_rng(5)
    trials, crossed = np.full(120, 25), 0
    for _ in range(400):
        hits = rng.binomial(trials, 0.08)
        found = e_process(hits, trials, 0.08, alternative=alternative)  # type: ignore[arg-type]
        crossed += bool(found.log10_p[-1] <= np.log10(0.05))
    assert crossed / 400 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_power_and_one_sided_gain() -> None:
    rng = np.random.default_rng(6)
    hits, trials = rng.binomial(100, 0.12, 60), np.full(60, 100)
    two, one = e_process(hits, trials, 0.05), e_process(hits, trials, 0.05, alternative="greater")
    assert two.log10_e[-1] > 20
    assert one.log10_e[-1] > two.log10_e[-1]
    assert e_process(hits, trials, 0.05, alternative="less").log10_p[-1] == 0
    assert np.all(np.diff(two.log10_p) <= 0)
    assert len(two.to_frame()) == 60


def test_long_streams_do_not_underflow() -> None:
    """A stream far on the null's side has a tiny e-value, and it is still a number."""
    found = e_process([10], [100_000], 0.2, alternative="greater")
    assert np.isfinite(found.log10_e[0])
    assert found.log10_e[0] < -2
    assert e_process([50_000], [100_000], 0.2).log10_e[0] > 9000


@given(st.floats(0.5, 400), st.floats(0.5, 400), st.floats(0.05, 0.95))
def test_tail_equals_scipy(a: float, b: float, x: float) -> None:
    expected = beta.logsf(x, a, b)
    if expected > -600:
        assert float(log_beta_tail(a, b, x)) == pytest.approx(expected, rel=1e-7, abs=1e-10)


def test_far_tail_in_closed_form() -> None:
    """(1 - x)^b with a = 1; a binomial sum of three terms with a = 3."""
    b = np.array([2000.0, 50_000.0])
    assert log_beta_tail(1, b, 0.4) == pytest.approx(b * np.log(0.6), rel=1e-12)
    sizes = np.array([915.0, 930.0])
    ways = 1 + (sizes + 2) + (sizes + 2) * (sizes + 1) / 2
    closed = np.log(0.5) * (sizes + 2) + np.log(ways)
    assert log_beta_tail(3, sizes, 0.5) == pytest.approx(closed, rel=1e-11)


def test_change_is_the_smallest_product_over_the_common_share() -> None:
    """Brute force: the two mixtures at every common share, and the least favourable one."""
    found = change_e_process((30, 400), [6, 14], [50, 60], prior=(1, 3))
    grid = np.linspace(0.06, 0.15, 500)
    for look, (s, n) in enumerate([(6, 50), (20, 110)]):
        both = [
            e_process([30], [400], p, prior=(1, 3)).log10_e[0]
            + e_process([s], [n], p, prior=(1, 3)).log10_e[0]
            for p in grid
        ]
        assert found.log10_e[look] == pytest.approx(min(both), abs=1e-5)


def test_change_keeps_its_size_and_finds_changes() -> None:
    rng = np.random.default_rng(7)
    trials, false, found = np.full(80, 50), 0, 0
    for _ in range(300):
        reference = (int(rng.binomial(1000, 0.06)), 1000)
        same = change_e_process(reference, rng.binomial(trials, 0.06), trials)
        changed = change_e_process(reference, rng.binomial(trials, 0.13), trials)
        false += bool(same.log10_p[-1] <= np.log10(0.05))
        found += bool(changed.log10_p[-1] <= np.log10(0.05))
    assert false / 300 < 0.05
    assert found / 300 > 0.95


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p0": 0.0}, "p0 = 0.0"),
        ({"p0": 1.0}, "p0 = 1.0"),
        ({"p0": np.nan}, "p0 = nan"),
        ({"successes": [4]}, r"successes\[0\] = 4"),
        ({"alternative": "up"}, "alternative: 'up'"),
        ({"prior": (1, -1)}, r"prior\[1\] = -1"),
    ],
)
def test_refuses(options: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"successes": [1], "trials": [3], "p0": 0.5, **options}
    with pytest.raises(ValueError, match=message):
        e_process(**arguments)  # type: ignore[arg-type]


def test_change_refuses() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        change_e_process((0, 0), [1], [2])
    with pytest.raises(ValueError, match=r"reference successes\[0\] = 3"):
        change_e_process((3, 2), [1], [2])
