"""Intervals of shares and contrasts against R, statsmodels, published examples and inversion."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.statistics.oracle import oracle
from valuescape.statistics import (
    Interval,
    clopper_pearson,
    critical_value,
    koopman_interval,
    logit_interval,
    miettinen_nurminen,
    mover_difference,
    mover_ratio,
    wilson,
)

Pair = tuple[int, int, int, int]


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    n1, n2 = draw(st.integers(1, 300)), draw(st.integers(1, 3000))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


def test_wilson_and_clopper_pearson_equal_r() -> None:
    for level, rows in oracle("intervals").groupby("conf_level"):
        score = wilson(rows["k"], rows["n"], conf_level=float(level))
        exact = clopper_pearson(rows["k"], rows["n"], conf_level=float(level))
        for found, column in (
            (score.low, "wilson_low"),
            (score.high, "wilson_high"),
            (exact.low, "exact_low"),
            (exact.high, "exact_high"),
        ):
            np.testing.assert_allclose(found, rows[column], rtol=1e-9, atol=1e-15)


@given(n=st.integers(1, 5000), data=st.data())
def test_shares_equal_statsmodels(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    for found, method in ((wilson(k, n), "wilson"), (clopper_pearson(k, n), "beta")):
        low, high = proportion_confint(k, n, method=method)
        assert float(found.low) == pytest.approx(low, abs=1e-12)
        assert float(found.high) == pytest.approx(high, abs=1e-12)


def test_wilson_keeps_digits_of_rare_values() -> None:
    assert float(wilson(0, 10**9).low) == 0.0
    z2 = float(critical_value(0.95)) ** 2
    assert float(wilson(0, 10**9).high) == pytest.approx(z2 / (10**9 + z2), rel=1e-6)
    low = float(wilson(1, 10**9).low)
    assert low == pytest.approx(1e-9 * (1 + z2 / 2 - np.sqrt(z2 + z2**2 / 4)), rel=1e-6)


def test_wilson_on_effective_counts_scales_with_the_design_effect() -> None:
    plain, deflated = wilson(250, 1000), wilson(250 / 2.5, 1000 / 2.5)
    assert float(deflated.estimate) == float(plain.estimate)
    ratio = (deflated.high - deflated.low) / (plain.high - plain.low)
    assert float(ratio) == pytest.approx(np.sqrt(2.5), rel=0.01)


def test_small_df_widen_wilson() -> None:
    assert wilson(3, 20, df=5).high > wilson(3, 20).high
    np.testing.assert_allclose(wilson(3, 20, df=1e9).high, wilson(3, 20).high, rtol=1e-8)


def test_no_trial_allows_every_share() -> None:
    for found in (wilson(0, 0), clopper_pearson(0, 0)):
        assert np.isnan(found.estimate)
        assert (found.low, found.high) == (0, 1)


def test_logit_interval_equals_its_formula_and_is_nan_at_the_ends() -> None:
    found = logit_interval([0.2, 0.0, 1.0], [0.05, 0.01, 0.01], df=12)
    centre, step = np.log(0.2 / 0.8), float(critical_value(0.95, 12)) * 0.05 / 0.16
    assert found.low[0] == pytest.approx(1 / (1 + np.exp(-(centre - step))))
    assert found.high[0] == pytest.approx(1 / (1 + np.exp(-(centre + step))))
    assert np.isnan(found.low[1:]).all()
    assert np.isnan(found.high[1:]).all()


@given(pair=pairs())
def test_newcombe_equals_statsmodels(pair: Pair) -> None:
    found = mover_difference(wilson(*pair[:2]), wilson(*pair[2:]))
    low, high = confint_proportions_2indep(*pair, compare="diff", method="newcomb")
    assert float(found.low) == pytest.approx(low, abs=1e-12)
    assert float(found.high) == pytest.approx(high, abs=1e-12)


@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 10), -0.2775, 0.2775),
    ],
)
def test_newcombe_1998_table_ii_method_10(pair: Pair, low: float, high: float) -> None:
    found = mover_difference(wilson(*pair[:2]), wilson(*pair[2:]))
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)


@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0528, 0.3382),
        ((9, 10, 3, 10), 0.1700, 0.8406),
        ((5, 56, 0, 29), -0.0326, 0.1933),
        ((0, 10, 0, 10), -0.2879, 0.2879),
    ],
)
def test_newcombe_1998_table_ii_method_6(pair: Pair, low: float, high: float) -> None:
    found = miettinen_nurminen(*pair)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)


def test_koopman_1984_example() -> None:
    found = koopman_interval(36, 40, 16, 80)
    assert (round(float(found.low), 2), round(float(found.high), 2)) == (2.94, 7.15)


def likelihood_score(kind: str, parameter: float, pair: Pair) -> float:
    """Signed score statistic where the slope of the restricted likelihood is zero."""
    x1, n1, x2, n2 = pair

    def first(p: float) -> float:
        if kind == "difference":
            return p + parameter
        return parameter * p if kind == "ratio" else parameter * p / (1 - p + parameter * p)

    ends = {
        "difference": (max(0.0, -parameter), min(1.0, 1.0 - parameter)),
        "ratio": (0.0, min(1.0, 1.0 / parameter)),
        "odds": (0.0, 1.0),
    }[kind]

    def slope(p: float) -> float:
        own = x1 / first(p) - (n1 - x1) / max(1 - first(p), 1e-100)
        inner = {"difference": 1.0, "ratio": parameter}
        steepness = inner.get(kind) or (first(p) / p) ** 2 / parameter
        return steepness * own + x2 / p - (n2 - x2) / (1 - p)

    margin = 1e-11 * (ends[1] - ends[0])
    p2 = float(optimize.brentq(slope, ends[0] + margin, ends[1] - margin, xtol=1e-16))
    p1 = first(p2)
    scale = 1.0 if kind == "ratio" else (n1 + n2) / (n1 + n2 - 1)
    v1, v2 = p1 * (1 - p1) / n1, p2 * (1 - p2) / n2
    if kind == "odds":
        return float((x1 / n1 - p1) * n1 / np.sqrt(scale / (1 / (v1 * n1**2) + 1 / (v2 * n2**2))))
    weight = parameter if kind == "ratio" else 1.0
    shift = 0.0 if kind == "ratio" else parameter
    return float((x1 / n1 - weight * x2 / n2 - shift) / np.sqrt(scale * (v1 + weight**2 * v2)))


@given(pair=pairs())
@example(pair=(85, 86, 1, 115))
def test_limits_are_where_the_score_test_turns(pair: Pair) -> None:
    x1, n1, x2, n2 = pair
    assume(0 < x1 < n1 and 0 < x2 < n2)
    z = float(critical_value(0.95))
    for kind, found in (
        ("ratio", koopman_interval(*pair)),
        ("difference", miettinen_nurminen(*pair)),
        ("odds", miettinen_nurminen(*pair, scale="odds_ratio")),
    ):
        assert likelihood_score(kind, float(found.low), pair) == pytest.approx(z, abs=2e-4)
        assert likelihood_score(kind, float(found.high), pair) == pytest.approx(-z, abs=2e-4)


@pytest.mark.parametrize("pair", [(12, 40, 28, 360), (3, 300, 40, 3000), (56, 70, 48, 80)])
def test_score_intervals_equal_statsmodels(pair: Pair) -> None:
    for found, compare, correction in (
        (koopman_interval(*pair), "ratio", False),
        (miettinen_nurminen(*pair, scale="odds_ratio"), "odds-ratio", True),
    ):
        low, high = confint_proportions_2indep(
            *pair, compare=compare, method="score", correction=correction
        )
        assert float(found.low) == pytest.approx(low, rel=1e-6)
        assert float(found.high) == pytest.approx(high, rel=1e-6)


@given(pair=pairs())
def test_score_intervals_turn_over_when_the_groups_swap(pair: Pair) -> None:
    x1, n1, x2, n2 = pair
    difference, mirrored = miettinen_nurminen(*pair), miettinen_nurminen(x2, n2, x1, n1)
    assert float(difference.low) == pytest.approx(-float(mirrored.high), abs=1e-9)
    for found, turned in (
        (koopman_interval(*pair), koopman_interval(x2, n2, x1, n1)),
        (
            miettinen_nurminen(*pair, scale="odds_ratio"),
            miettinen_nurminen(x2, n2, x1, n1, scale="odds_ratio"),
        ),
    ):
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(found.low, 1 / turned.high, rtol=1e-8)
            np.testing.assert_allclose(found.high, 1 / turned.low, rtol=1e-8)


@given(pair=pairs(), factor=st.integers(2, 30))
def test_more_data_narrow_the_interval(pair: Pair, factor: int) -> None:
    small = miettinen_nurminen(*pair)
    large = miettinen_nurminen(*(factor * count for count in pair))
    assert large.high - large.low < small.high - small.low


def test_zero_counts_have_limits() -> None:
    ratio = koopman_interval([0, 5, 0], 9, [4, 0, 0], 30)
    np.testing.assert_array_equal(ratio.estimate, [0, np.inf, np.nan])
    assert ratio.low[0] == 0
    assert 0 < ratio.high[0] < np.inf
    assert 0 < ratio.low[1] < np.inf
    assert ratio.high[1] == np.inf
    assert (ratio.low[2], ratio.high[2]) == (0, np.inf)
    odds = miettinen_nurminen([0, 9], 9, [4, 4], 30, scale="odds_ratio")
    assert odds.low[0] == 0
    assert odds.high[1] == np.inf


@pytest.mark.parametrize(("p1", "p2"), [(0.3, 0.1), (0.05, 0.02), (0.01, 0.005)])
def test_score_intervals_cover_as_they_say(p1: float, p2: float) -> None:
    rng = np.random.default_rng(1985)
    x1, x2 = rng.binomial(400, p1, 4000), rng.binomial(2000, p2, 4000)
    odds = p1 / (1 - p1) / (p2 / (1 - p2))
    for found, truth in (
        (koopman_interval(x1, 400, x2, 2000), p1 / p2),
        (miettinen_nurminen(x1, 400, x2, 2000), p1 - p2),
        (miettinen_nurminen(x1, 400, x2, 2000, scale="odds_ratio"), odds),
        (mover_difference(wilson(x1, 400), wilson(x2, 2000)), p1 - p2),
        (mover_ratio(wilson(x1, 400), wilson(x2, 2000)), p1 / p2),
    ):
        covered = np.mean((found.low <= truth) & (truth <= found.high))
        assert covered == pytest.approx(0.95, abs=0.018)


@given(pair=pairs(), rho=st.floats(-0.9, 0.9))
def test_mover_ratio_limits_solve_the_difference(pair: Pair, rho: float) -> None:
    """At its limits t the interval of first - t second touches zero."""
    x1, n1, x2, n2 = pair
    assume(0 < x1 < n1 and 0 < x2 < n2)
    first, second = wilson(x1, n1), wilson(x2, n2)
    found = mover_ratio(first, second, correlation=rho)
    for t, side in ((float(found.low), "low"), (float(found.high), "high")):
        scaled = Interval(second.estimate * t, second.low * t, second.high * t, 0.95)
        zero = getattr(mover_difference(first, scaled, correlation=rho), side)
        assert float(zero) == pytest.approx(0, abs=1e-9 * max(1, t))


def test_mover_ratio_at_zero() -> None:
    none = mover_ratio(wilson([0, 3, 0], 20), wilson([4, 0, 0], 50))
    np.testing.assert_array_equal(none.estimate, [0, np.inf, np.nan])
    assert none.low[0] == 0
    assert none.high[0] < np.inf
    assert none.low[1] > 0
    assert none.high[1] == np.inf
    assert (none.low[2], none.high[2]) == (0, np.inf)


def test_positive_correlation_narrows_a_difference() -> None:
    first, second = wilson(30, 100), wilson(20, 100)
    loose, tight = mover_difference(first, second), mover_difference(first, second, correlation=0.6)
    assert tight.high - tight.low < loose.high - loose.low


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson([1, 5], [4, 4]), r"k\[1\] = 5.0: must not exceed n"),
        (lambda: wilson(-1, 4), "k = -1.0: must not be negative"),
        (lambda: wilson(np.nan, 4), "k = nan: must be a finite number"),
        (lambda: wilson(1, 4, conf_level=95), "conf_level = 95"),
        (lambda: wilson(1, 4, df=0), "df = 0.0: degrees of freedom must be above zero"),
        (lambda: koopman_interval(1, 4, 0, [3, 0]), r"n2\[1\] = 0.0: a share needs at least one"),
        (lambda: koopman_interval(5, 4, 0, 3), "k1 = 5.0: must not exceed n1"),
        (lambda: miettinen_nurminen(1, 4, 0, 3, scale="log"), "scale: 'log' is not one of"),  # type: ignore[arg-type]
        (lambda: logit_interval(1.2, 0.1), "estimate = 1.2: a share must lie"),
        (lambda: logit_interval(0.2, -0.1), "standard_error = -0.1: must not be negative"),
        (
            lambda: mover_difference(wilson(1, 4), wilson(1, 4, conf_level=0.9)),
            "second: conf_level 0.9 differs from 0.95 of first",
        ),
        (
            lambda: mover_ratio(wilson(1, 4), wilson(1, 4), correlation=2),
            "correlation = 2.0: must lie between -1 and 1",
        ),
        (
            lambda: mover_ratio(mover_difference(wilson(1, 4), wilson(1, 4)), wilson(1, 4)),
            "a ratio needs quantities that are not negative",
        ),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()


@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.95, 0.99999]))
def test_brackets_near_walds_limits_lose_none_of_koopmans(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    n1, n2 = (rng.integers(1, 10 ** rng.integers(1, 7, 20)) for _ in "12")
    k1, k2 = (np.floor(n * rng.random(20) ** rng.choice([1, 9])) for n in (n1, n2))
    found = koopman_interval(k1, n1, k2, n2, conf_level=level)
    z2 = stats.chi2.ppf(level, 1)
    for limit in (found.low, found.high):
        inner = np.isfinite(limit) & (limit > 0)
        theta, a, m, b, n = (x[inner] for x in (limit, k1, n1, k2, n2))
        total, both = theta * (m + b) + a + n, theta * (m + n) * (a + b)
        p2 = 2 * (a + b) / (total + np.sqrt(np.maximum(total**2 - 4 * both, 0)))
        p1 = theta * p2
        spread = p1 * (1 - p1) / m + theta**2 * p2 * (1 - p2) / n
        score = (a / m - theta * b / n) ** 2 / spread
        np.testing.assert_allclose(score, z2, rtol=1e-6)
