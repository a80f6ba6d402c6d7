"""cell_tests and its parts against R, statsmodels and their own symmetries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

from tests.statistics.oracle import oracle
from tests.statistics.test_hypergeometric import tables
from valuescape.statistics import (
    adjusted_residual,
    cell_tests,
    exact_log10_p,
    rao_scott_counts,
    signed_root_deviance,
)


def margins(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray]:
    rows = oracle("contingency")
    rows = rows[rows["table"] == name]
    by_row = rows.groupby("row")["count"].transform("sum")
    by_column = rows.groupby("column")["count"].transform("sum")
    total = int(rows["count"].sum())
    stdres = rows["stdres"].to_numpy()
    return rows["count"].to_numpy(), by_row.to_numpy(), by_column.to_numpy(), total, stdres


@pytest.mark.parametrize("name", ["gender_party", "berkeley", "sparse", "large", "skewed"])
def test_residual_equals_r(name: str) -> None:
    *counts, stdres = margins(name)
    np.testing.assert_allclose(adjusted_residual(*counts), stdres, rtol=1e-9)


def test_residual_of_published_table() -> None:
    counts = np.array([[762, 327, 468], [484, 239, 477]])
    found = adjusted_residual(
        counts, counts.sum(axis=1, keepdims=True), counts.sum(axis=0), counts.sum()
    )
    np.testing.assert_array_equal(found.round(2), [[4.5, 0.7, -5.32], [-4.5, -0.7, 5.32]])


@given(table=tables())
def test_residual_and_deviance_square_to_pearson_and_g(table: tuple[int, int, int, int]) -> None:
    k, n, m, total = table
    cells = np.array([[k, n - k], [m - k, total - n - m + k]], dtype=float)
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / total
    residual, root = float(adjusted_residual(*table)), float(signed_root_deviance(*table))
    if not expected.all():
        assert np.isnan(residual)
        assert np.isnan(root)
        return
    assert residual**2 == pytest.approx(((cells - expected) ** 2 / expected).sum(), abs=1e-9)
    positive = cells > 0
    g = 2 * (cells[positive] * np.log(cells[positive] / expected[positive])).sum()
    assert root**2 == pytest.approx(g, abs=1e-9)
    assert np.sign(root) == np.sign(residual)


@given(table=tables())
def test_context_and_value_may_swap(table: tuple[int, int, int, int]) -> None:
    k, n, m, total = table
    one, two = cell_tests(k, n, m, total), cell_tests(k, m, n, total)
    for name in ("expected", "adjusted_residual", "signed_root_deviance", "log10_p", "odds_ratio"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-9, atol=1e-12)


@given(table=tables())
def test_intervals_contain_their_estimates(table: tuple[int, int, int, int]) -> None:
    found = cell_tests(*table)
    for name in (
        "prevalence_inside",
        "prevalence_outside",
        "risk_ratio",
        "odds_ratio",
        "risk_difference",
    ):
        estimate = float(getattr(found, name))
        low, high = float(getattr(found, f"{name}_low")), float(getattr(found, f"{name}_high"))
        if not np.isnan(estimate):
            assert low <= estimate + 1e-12
            assert estimate - 1e-12 <= high


def test_effects_equal_statsmodels() -> None:
    found = cell_tests(12, 40, 40, 400)
    table = Table2x2(np.array([[12, 28], [28, 332]]))
    assert float(found.risk_ratio) == pytest.approx(table.riskratio)
    assert float(found.odds_ratio) == pytest.approx(table.oddsratio)
    assert float(found.prevalence_inside) == 12 / 40
    assert float(found.prevalence_outside) == 28 / 360
    assert float(found.risk_difference) == pytest.approx(12 / 40 - 28 / 360)
    assert float(found.expected) == 4


def test_frame_has_a_row_a_cell() -> None:
    frame = cell_tests([[1, 2], [3, 4]], [[10], [20]], [6, 9], 50).to_frame()
    assert len(frame) == 4
    assert frame["k"].tolist() == [1, 2, 3, 4]
    assert frame["n_context"].tolist() == [10, 10, 20, 20]
    assert set(frame["alternative"]) == {"two-sided"}
    assert len(cell_tests(1, 10, 6, 50).to_frame()) == 1


def test_empty_side_gives_nan_and_p_one() -> None:
    found = cell_tests(0, 0, 4, 9)
    assert float(found.log10_p) == pytest.approx(0, abs=1e-14)
    for name in ("risk_ratio", "odds_ratio_low", "risk_difference_high", "adjusted_residual"):
        assert np.isnan(getattr(found, name))


def test_bad_level_is_refused() -> None:
    with pytest.raises(ValueError, match=r"conf_level = 1\.0"):
        cell_tests(1, 10, 6, 50, conf_level=1.0)


@given(table=tables(largest=3000))
def test_deflation_by_one_changes_nothing(table: tuple[int, int, int, int]) -> None:
    assert tuple(int(count) for count in rao_scott_counts(*table, 1.0)) == table


@given(table=tables(largest=3000), deff=st.floats(1.0, 60.0))
def test_deflation_never_adds_evidence(table: tuple[int, int, int, int], deff: float) -> None:
    deflated = rao_scott_counts(*table, deff)
    before, after = 10 ** exact_log10_p(*table), 10 ** exact_log10_p(*deflated)
    assert after >= min(before, 0.33) - 1e-9
    assert abs(float(deflated[3]) - table[3] / deff) < 1


def test_deflation_divides_chi_square_of_large_counts() -> None:
    table = (150_000, 400_000, 1_000_000, 3_000_000)
    for deff in (1.7, 3.0, 6.5):
        ratio = (
            adjusted_residual(*table) ** 2 / adjusted_residual(*rao_scott_counts(*table, deff)) ** 2
        )
        assert float(ratio) == pytest.approx(deff, rel=1e-3)


def test_design_effect_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"deff\[1\] = 0.9: a design effect must be at least 1"):
        rao_scott_counts(1, 4, 4, 9, [1.0, 0.9])
