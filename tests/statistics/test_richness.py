"""Rarefaction and the Chao estimate against vegan, enumeration and the formulas."""

from itertools import combinations
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.statistics.oracle import oracle
from valuescape.statistics.richness import richness

CASES = ("BCI", "dune", "rare", "no_pairs")


def incidences(text: str) -> list[int]:
    return [int(v) for v in text.split()]


def standard_error(low: float, observed: int, chao: float) -> float:
    """Standard error that a log-normal interval of the unseen implies."""
    spread = log((chao - observed) / (low - observed)) / 1.959963984540054
    return (chao - observed) * sqrt(exp(spread**2) - 1)


@pytest.mark.parametrize("case", CASES)
def test_rarefaction_equals_vegan(case: str) -> None:
    rows = oracle("design_richness").query("case == @case")
    counts = incidences(rows["incidence"].iloc[0])
    ours = [
        richness(counts, int(n), n_rarefied=int(m)).rarefied
        for n, m in rows[["n_units", "m"]].to_numpy()
    ]
    np.testing.assert_allclose(ours, rows["rarefied"], rtol=1e-10)


@pytest.mark.parametrize("case", CASES)
def test_chao_equals_vegan(case: str) -> None:
    row = oracle("design_richness").query("case == @case").iloc[0]
    counts = incidences(row["incidence"])
    # estimateR has no (t - 1)/t; with three billion units ours has none either
    assert richness(counts, 3_000_000_000, n_rarefied=1).chao2 == pytest.approx(
        row["estimate_chao1"], rel=1e-8
    )


def test_without_duplicates_estimate_and_error_equal_vegan_specpool() -> None:
    row = oracle("design_richness").query("case == 'no_pairs'").iloc[0]
    found = richness(incidences(row["incidence"]), int(row["n_units"]), n_rarefied=1)
    assert found.duplicates == 0
    assert found.chao2 == pytest.approx(row["specpool_chao"], rel=1e-12)
    implied = standard_error(found.chao2_low, found.observed, found.chao2)
    assert implied == pytest.approx(row["specpool_se"], rel=1e-10)


def test_interval_by_hand() -> None:
    counts, t = [1] * 30 + [2] * 10 + [5] * 20, 200
    found = richness(counts, t, n_rarefied=50)
    a = 199 / 200
    variance = (
        a * 30 * 29 / (2 * 11)
        + a**2 * 30 * 59**2 / (4 * 11**2)
        + a**2 * 900 * 10 * 29**2 / (4 * 11**4)
    )
    assert found.chao2 == pytest.approx(60 + a * 30 * 29 / 22)
    assert standard_error(found.chao2_low, 60, found.chao2) == pytest.approx(sqrt(variance))
    up, down = found.chao2_high - 60, found.chao2_low - 60
    assert up * down == pytest.approx((found.chao2 - 60) ** 2)


@given(st.lists(st.sets(st.integers(0, 6)), min_size=2, max_size=7), st.integers(1, 7))
def test_rarefaction_is_the_mean_over_all_samples(units: list[set[int]], m: int) -> None:
    m = min(m, len(units))
    counts = [sum(name in unit for unit in units) for name in range(7)]
    seen = [len(set().union(*chosen)) for chosen in combinations(units, m)]
    found = richness(counts, len(units), n_rarefied=m)
    assert found.rarefied == pytest.approx(np.mean(seen), abs=1e-9)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(1, 30))
def test_order_of_the_estimates(counts: list[int], m: int) -> None:
    found = richness(counts, 30, n_rarefied=m)
    assert -1e-9 <= found.rarefied <= found.observed + 1e-9
    assert found.observed <= found.chao2_low <= found.chao2 <= found.chao2_high
    assert found.observed == sum(c > 0 for c in counts)
    full = richness(counts, 30, n_rarefied=30)
    assert full.rarefied == pytest.approx(full.observed)
    assert richness([*counts, 0, 0], 30, n_rarefied=m) == found


def test_lower_bound_covers_where_names_are_equally_common() -> None:
    rng = np.random.default_rng(1987)
    covered = 0
    for _ in range(300):
        counts = rng.binomial(100, 0.02, 150)
        found = richness(counts, 100, n_rarefied=10)
        covered += found.chao2_low <= 150 <= found.chao2_high
    assert 0.91 <= covered / 300 <= 0.99


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"incidence\[1\] = 6: a name is in more than 5"):
        richness([1, 6], 5, n_rarefied=2)
    with pytest.raises(ValueError, match="n_rarefied = 6: allowed is 1 to 5"):
        richness([1], 5, n_rarefied=6)
    with pytest.raises(ValueError, match="incidence"):
        richness([-1], 5, n_rarefied=2)


def test_frame_has_one_row() -> None:
    frame = richness([3, 1, 1, 2], 5, n_rarefied=2).to_frame()
    assert frame.shape == (1, 8)
    assert frame["observed"].iloc[0] == 4
