"""Intervals of selected parameters against R, their duality with selection, and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.statistics.oracle import oracle
from valuescape.statistics import adjust_p, koopman_interval, normal_log10_p, wilson
from valuescape.statistics.fcr import fcr_intervals, normal_interval

z_values = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-8, 8))


def test_equals_r() -> None:
    for _, rows in oracle("fcr").groupby("family"):
        chosen = rows["selected"].to_numpy(bool)
        z = rows["estimate"] / rows["standard_error"]
        np.testing.assert_array_equal(adjust_p(normal_log10_p(z), "bh") <= -1, chosen)
        found = fcr_intervals(chosen, rows["estimate"], rows["standard_error"], conf_level=0.9)
        assert found.interval_level == pytest.approx(rows["level"].iloc[0], rel=1e-14)
        np.testing.assert_allclose(found.low[chosen], rows["low"][chosen], rtol=1e-11)
        np.testing.assert_allclose(found.high[chosen], rows["high"][chosen], rtol=1e-11)
        score = fcr_intervals(chosen, rows["k"], rows["n"], interval=wilson, conf_level=0.9)
        np.testing.assert_allclose(score.low[chosen], rows["score_low"][chosen], rtol=1e-11)
        np.testing.assert_allclose(score.high[chosen], rows["score_high"][chosen], rtol=1e-11)
        np.testing.assert_array_equal(np.isnan(score.low), ~chosen)


@given(z=z_values, rate=st.sampled_from([0.01, 0.05, 0.2]))
def test_bh_selects_what_the_intervals_separate_from_the_null(z: np.ndarray, rate: float) -> None:
    log10_q = adjust_p(normal_log10_p(z), "bh")
    chosen = log10_q <= np.log10(rate)
    near = np.abs(log10_q - np.log10(rate)) < 1e-9
    found = fcr_intervals(chosen, z, 1.0, conf_level=1 - rate)
    assert np.all(((found.low > 0) | (found.high < 0) | near)[chosen])
    if not chosen.all():
        one_more = 1 - (chosen.sum() + 1) * rate / z.size
        best_left_out = np.abs(z[~chosen & ~near]).max(initial=0.0)
        limits = normal_interval(best_left_out, 1.0, conf_level=one_more)
        assert limits.low <= 0, "one more parameter would not have been separated"


@given(z=z_values, seed=st.integers(0, 99))
def test_selecting_fewer_gives_wider_intervals(z: np.ndarray, seed: int) -> None:
    chosen = np.random.default_rng(seed).random(z.size) < 0.5
    every = fcr_intervals(np.ones(z.size, dtype=bool), z, 0.7)
    some = fcr_intervals(chosen, z, 0.7)
    assert every.interval_level == pytest.approx(0.95)
    assert np.all(some.low[chosen] <= every.low[chosen])
    assert np.isnan(some.high[~chosen]).all()
    assert some.n_selected == chosen.sum()


def test_untested_parameters_do_not_count() -> None:
    chosen, tested = np.array([True, False, False, False]), np.array([True, True, False, False])
    found = fcr_intervals(chosen, [3.0, 0.1, np.nan, np.nan], 1.0, tested=tested)
    assert found.interval_level == pytest.approx(0.975)
    assert found.n_tested == 2
    assert fcr_intervals(chosen, 3.0, 1.0).interval_level == pytest.approx(0.9875)


def test_only_selected_elements_reach_the_interval_function() -> None:
    chosen = np.array([[True, False], [False, True]])
    k = np.array([[3, -1], [-1, 9]])
    found = fcr_intervals(chosen, k, 30, [[2, 0], [0, 4]], 40, interval=koopman_interval)
    direct = koopman_interval([3, 9], 30, [2, 4], 40, conf_level=0.975)
    np.testing.assert_array_equal(found.low[chosen], direct.low)
    np.testing.assert_array_equal(found.estimate[chosen], direct.estimate)
    frame = found.to_frame()
    assert frame["parameter"].tolist() == [0, 3]
    assert frame["ci_high"].tolist() == direct.high.tolist()


def test_nothing_selected() -> None:
    found = fcr_intervals([False, False], [1.0, 2.0], 1.0)
    assert np.isnan([found.interval_level, *found.low, *found.high]).all()
    assert found.to_frame().empty


def test_normal_interval_by_hand() -> None:
    found = normal_interval([1.0, -1.0], [0.5, 0.0], df=[np.inf, 3], conf_level=0.9)
    np.testing.assert_allclose(found.low, [1 - 0.5 * 1.6448536269514722, -1])
    np.testing.assert_allclose(found.high, [1 + 0.5 * 1.6448536269514722, -1])
    assert normal_interval(0.0, 1.0, 3).high > normal_interval(0.0, 1.0).high


def false_coverage(
    rng: np.random.Generator, signal: float, correlation: float, *, runs: int = 400
) -> tuple[float, float, float]:
    """Share of missed parameters among BH-selected ones: adjusted, its error, and unadjusted."""
    size = 200
    theta = np.where(np.arange(size) < 30, signal, 0.0)
    shares = np.zeros((2, runs))
    for run in range(runs):
        common = rng.normal()
        noise = np.sqrt(1 - correlation) * rng.normal(size=size) + np.sqrt(correlation) * common
        x = theta + noise
        chosen = adjust_p(normal_log10_p(x), "bh") <= np.log10(0.1)
        plain = normal_interval(x, 1.0, conf_level=0.9)
        for row, limits in enumerate((fcr_intervals(chosen, x, 1.0, conf_level=0.9), plain)):
            missed = (theta < limits.low) | (theta > limits.high)
            shares[row, run] = missed[chosen].sum() / max(chosen.sum(), 1)
    error = shares[0].std(ddof=1) / np.sqrt(runs)
    return float(shares[0].mean()), float(error), float(shares[1].mean())


@pytest.mark.parametrize("correlation", [0.0, 0.4])
@pytest.mark.parametrize("signal", [0.0, 2.0, 4.0])
def test_false_coverage_rate_holds(signal: float, correlation: float) -> None:
    rng = np.random.default_rng([int(signal), int(10 * correlation)])
    adjusted, error, plain = false_coverage(rng, signal, correlation)
    assert adjusted <= 0.1 + 3 * error
    if signal == 2.0 and not correlation:
        assert plain > 0.2


def test_false_coverage_rate_of_score_intervals() -> None:
    rng = np.random.default_rng(11)
    adjusted, naive = [], []
    for _ in range(60):
        k = rng.binomial(400, 0.1, 500)
        chosen = k >= np.sort(k)[-25]
        found = fcr_intervals(chosen, k, 400, interval=wilson)
        adjusted.append(np.mean((found.low > 0.1)[chosen]))
        naive.append(np.mean((wilson(k, 400).low > 0.1)[chosen]))
    assert np.mean(adjusted) <= 0.05 + 3 * np.std(adjusted) / np.sqrt(60)
    assert np.mean(naive) > 0.2


@pytest.mark.parametrize(
    ("selected", "data", "options", "message"),
    [
        ([1, 0], (1.0, 1.0), {}, "selected: must be boolean, not int64"),
        (np.array([], dtype=bool), (1.0, 1.0), {}, "selected: the family holds no parameter"),
        ([True, False], ([1.0], 1.0), {}, r"data\[0\]: shape \(1,\) must be that of selected"),
        ([True, False], (1.0, 1.0), {"tested": [True]}, r"tested: shape \(1,\) must be that"),
        (
            [False, True],
            (1.0, 1.0),
            {"tested": [True, False]},
            r"selected\[1\]: this parameter was not tested",
        ),
        ([False, True], (1.0, 1.0), {"conf_level": 0.0}, "conf_level = 0.0: must lie strictly"),
        ([False, True], ([1.0, np.nan], 1.0), {}, r"data\[0\]\[1\]: is missing"),
        ([True, True], (1.0, [1.0, -1.0]), {}, r"standard_error\[1\] = -1.0: must not be neg"),
    ],
)
def test_bad_input_is_named(
    selected: object, data: tuple[object, ...], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fcr_intervals(selected, *data, **options)  # type: ignore[arg-type]
