"""adjust_p against R and statsmodels, and the false coverage rate it serves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.stats.multitest import multipletests

from tests.statistics.oracle import oracle
from valuescape.statistics import adjust_p, fcr_conf_level, wilson
from valuescape.statistics.options import AdjustMethod

METHODS: dict[AdjustMethod, str] = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "bh": "fdr_bh",
    "by": "fdr_by",
}
families = hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-12, 0))


@pytest.mark.parametrize("method", METHODS)
def test_equals_r(method: AdjustMethod) -> None:
    for _, rows in oracle("multiplicity").groupby("family"):
        found = adjust_p(np.log10(rows["p"]), method)
        np.testing.assert_allclose(found, np.log10(rows[method]), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@given(logs=families)
def test_equals_statsmodels(method: AdjustMethod, logs: np.ndarray) -> None:
    reference = multipletests(10**logs, method=METHODS[method])[1]
    np.testing.assert_allclose(adjust_p(logs, method), np.log10(reference), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(logs=families, seed=st.integers(0, 99))
def test_order_of_the_family_does_not_matter(
    method: AdjustMethod, logs: np.ndarray, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(logs.size)
    np.testing.assert_array_equal(adjust_p(logs[order], method), adjust_p(logs, method)[order])


@pytest.mark.parametrize("method", METHODS)
@given(logs=families)
def test_adjusted_p_keep_order_and_never_fall(method: AdjustMethod, logs: np.ndarray) -> None:
    found = adjust_p(logs, method)
    assert np.all(found >= logs)
    assert np.all(found <= 0)
    assert np.all(np.diff(found[np.argsort(logs, kind="stable")]) >= 0)


@pytest.mark.parametrize("method", METHODS)
@given(logs=families)
def test_missing_p_stay_missing_and_do_not_count(method: AdjustMethod, logs: np.ndarray) -> None:
    gaps = np.insert(logs, [0, logs.size // 2, logs.size], np.nan)
    found = adjust_p(gaps, method)
    assert np.isnan(found).sum() == 3
    np.testing.assert_array_equal(found[~np.isnan(gaps)], adjust_p(logs, method))


@given(logs=families)
def test_methods_are_ordered(logs: np.ndarray) -> None:
    bonferroni, holm, hochberg, bh, by = (adjust_p(logs, method) for method in METHODS)
    for larger, smaller in ((bonferroni, holm), (holm, hochberg), (hochberg, bh), (by, bh)):
        assert np.all(larger >= smaller - 1e-12)


def test_p_far_below_the_smallest_double() -> None:
    np.testing.assert_allclose(
        adjust_p([-5000, -4000, -np.inf, -1], "bh"),
        [-5000 + np.log10(2), -4000 + np.log10(4 / 3), -np.inf, -1],
    )


def test_shape_is_kept_and_empty_families_pass() -> None:
    assert adjust_p(np.full((3, 4), -2.0), "bh").shape == (3, 4)
    assert adjust_p([], "holm").shape == (0,)
    assert np.isnan(adjust_p([np.nan, np.nan], "by")).all()


def test_p_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"log10_p\[0, 1\] = 0.2"):
        adjust_p([[-1, 0.2]], "bh")
    with pytest.raises(ValueError, match="method: 'fdr' is not one of bonferroni, holm"):
        adjust_p([-1], "fdr")  # type: ignore[arg-type]


def test_selected_intervals_keep_their_false_coverage_rate() -> None:
    rng = np.random.default_rng(2005)
    naive, adjusted = [], []
    for _ in range(60):
        k = rng.binomial(400, 0.1, 500)
        chosen = k[np.argsort(-k)[:25]]
        for level, record in ((0.95, naive), (fcr_conf_level(25, 500), adjusted)):
            found = wilson(chosen, 400, conf_level=level)
            record.append(np.mean((found.low > 0.1) | (found.high < 0.1)))
    assert np.mean(naive) > 0.2
    assert np.mean(adjusted) <= 0.06


def test_fcr_level() -> None:
    assert fcr_conf_level(7, 7) == pytest.approx(0.95)
    assert fcr_conf_level(1, 100, 0.9) == pytest.approx(0.999)
    with pytest.raises(ValueError, match="n_selected = 0: must be a whole number, at least 1"):
        fcr_conf_level(0, 5)
