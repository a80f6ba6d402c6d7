"""contingency against R, scipy and published tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from tests.statistics.oracle import oracle
from valuescape.statistics import contingency

NAMES = ["gender_party", "berkeley", "sparse", "large", "skewed"]


def table(name: str, column: str) -> np.ndarray:
    rows = oracle("contingency")
    rows = rows[rows["table"] == name]
    return rows.pivot(index="row", columns="column", values=column).to_numpy()


@pytest.mark.parametrize("name", NAMES)
def test_equals_r(name: str) -> None:
    found = contingency(table(name, "count"))
    assert found.statistic == pytest.approx(table(name, "statistic")[0, 0], rel=1e-9)
    assert found.df == table(name, "df")[0, 0]
    assert found.log10_p == pytest.approx(table(name, "log10_p")[0, 0], rel=1e-9)
    assert found.g_statistic == pytest.approx(table(name, "g_statistic")[0, 0], rel=1e-9)
    np.testing.assert_allclose(found.expected, table(name, "expected"), rtol=1e-12)
    np.testing.assert_allclose(found.adjusted_residual, table(name, "stdres"), rtol=1e-9)


def test_berkeley_admissions() -> None:
    found = contingency([[1198, 1493], [557, 1278]])
    assert round(found.statistic, 3) == 92.205
    assert round(found.cramers_v, 4) == 0.1427


tables = hnp.arrays(
    np.int64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=5),
    elements=st.integers(0, 60),
).filter(lambda t: bool((t.sum(axis=0) > 0).all() and (t.sum(axis=1) > 0).all()))


@given(counts=tables)
def test_equals_scipy(counts: np.ndarray) -> None:
    found = contingency(counts)
    reference = stats.chi2_contingency(counts, correction=False)
    assert found.statistic == pytest.approx(reference.statistic, abs=1e-9)
    assert found.df == reference.dof
    assert found.log10_p == pytest.approx(np.log10(reference.pvalue), abs=1e-9)
    assert found.cramers_v == pytest.approx(
        stats.contingency.association(counts, method="cramer"), abs=1e-9
    )
    assert 0 <= found.cramers_v_corrected <= 1 + 1e-12


@given(counts=tables)
def test_transposing_changes_nothing(counts: np.ndarray) -> None:
    found, turned = contingency(counts), contingency(counts.T)
    assert found.statistic == pytest.approx(turned.statistic, rel=1e-12, abs=1e-12)
    assert found.cramers_v_corrected == pytest.approx(turned.cramers_v_corrected, abs=1e-9)
    np.testing.assert_allclose(found.adjusted_residual, turned.adjusted_residual.T, atol=1e-9)


@given(counts=tables, factor=st.integers(2, 9))
def test_scaling_the_counts_scales_the_statistic_and_keeps_v(
    counts: np.ndarray, factor: int
) -> None:
    found, scaled = contingency(counts), contingency(factor * counts)
    assert scaled.statistic == pytest.approx(factor * found.statistic, rel=1e-9, abs=1e-9)
    assert scaled.cramers_v == pytest.approx(found.cramers_v, rel=1e-9, abs=1e-9)


def test_corrected_v_is_zero_on_average_where_plain_v_is_not() -> None:
    rng = np.random.default_rng(2013)
    found = [
        contingency(t) for t in rng.multinomial(400, np.full(30, 1 / 30), 300).reshape(-1, 5, 6)
    ]
    assert np.mean([t.cramers_v for t in found]) > 0.1
    assert np.mean([t.cramers_v_corrected for t in found]) < 0.05


def test_bergsma_formula() -> None:
    counts = np.array([[10, 4, 3], [2, 9, 8]])
    n, phi2 = 36, stats.chi2_contingency(counts, correction=False).statistic / 36
    corrected = max(0, phi2 - 2 / (n - 1))
    smaller = min(2 - 1 / (n - 1), 3 - 4 / (n - 1))
    assert contingency(counts).cramers_v_corrected == pytest.approx(
        np.sqrt(corrected / (smaller - 1))
    )


def test_far_tail_has_a_logarithm() -> None:
    found = contingency([[4_000_000, 1_000_000], [1_000_000, 4_000_000]])
    assert found.statistic == pytest.approx(3_600_000)
    assert -800_000 < found.log10_p < -780_000


def test_fixed_expected_counts_equal_scipy_and_r() -> None:
    counts = np.array([[20, 30], [25, 25]])
    expected = np.array([[25.0, 25.0], [25.0, 25.0]])
    found = contingency(counts, expected=expected)
    reference = stats.chisquare(counts.ravel(), expected.ravel())
    assert found.statistic == pytest.approx(reference.statistic)
    assert found.df == 3
    assert found.log10_p == pytest.approx(np.log10(reference.pvalue))
    # R: chisq.test(c(20, 30, 25, 25), p = rep(0.25, 4))$stdres
    np.testing.assert_allclose(
        found.adjusted_residual, [[-1.1547005, 1.1547005], [0, 0]], atol=1e-7
    )
    assert np.isnan(found.cramers_v)


def test_cell_that_cannot_occur_is_left_out() -> None:
    found = contingency([[0, 30], [35, 35]], expected=[[0, 40], [30, 30]])
    assert found.df == 2
    assert np.isnan(found.adjusted_residual[0, 0])


def test_frame_has_a_row_a_cell() -> None:
    frame = contingency([[10, 4, 3], [2, 9, 8]]).to_frame()
    assert frame["k"].tolist() == [10, 4, 3, 2, 9, 8]
    assert frame["column"].tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 2], [0, 0]],), r"counts: row total \[1\] = 0: an empty category must be left out"),
        (([[1, 0], [3, 0]],), r"counts: column total \[1\] = 0"),
        (([1, 2, 3],), r"counts: shape \(3,\) is not a table"),
        (([[1, 2, 3]],), r"counts: shape \(1, 3\) is not a table"),
        (([[0, 0], [0, 0]],), "counts: the table is empty"),
        (([[1, -2], [3, 4]],), r"counts\[0, 1\] = -2: a count must not be negative"),
        (([[1, 2], [3, np.nan]],), r"counts\[1, 1\] = nan: a count must be a finite number"),
        (([[1, 2], [3, 4]], [[1, 2]]), "expected: shape"),
        (([[1, 2], [3, 4]], [[0, 3], [3, 4]]), r"expected\[0, 0\] = 0.0: is zero where"),
        (([[1, 2], [3, 4]], [[1, 2], [3, 5]]), "expected: sum 11.0 differs from sum 10"),
        (([[0, 0], [0, 4]], [[0, 0], [0, 4]]), "expected: at least two cells"),
    ],
)
def test_bad_tables_are_named(arguments: tuple[object, ...], message: str) -> None:
    expected = arguments[1] if len(arguments) > 1 else None
    with pytest.raises(ValueError, match=message):
        contingency(arguments[0], expected=expected)  # type: ignore[arg-type]
