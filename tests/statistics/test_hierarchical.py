"""Families and members against statsmodels, brute force and planted truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from valuescape.statistics.hierarchical import hierarchical_bh, simes_log10_p

P = arrays(np.float64, (5, 4), elements=st.floats(1e-12, 1.0))


def simes(p: np.ndarray) -> float:
    ordered = sorted(p)
    return min(1.0, *(len(p) / (j + 1) * v for j, v in enumerate(ordered)))


@given(P)
def test_simes_is_the_smallest_bh_adjusted_p(p: np.ndarray) -> None:
    found = 10 ** simes_log10_p(np.log10(p))
    np.testing.assert_allclose(found, [simes(row) for row in p], rtol=1e-10)
    smallest = [multipletests(row, method="fdr_bh")[1].min() for row in p]
    np.testing.assert_allclose(found, smallest, rtol=1e-10)


@given(P, st.sampled_from([0.05, 0.2]))
def test_members_are_those_of_bh_at_the_level_left(p: np.ndarray, level: float) -> None:
    found = hierarchical_bh(np.log10(p), level=level)
    family = np.array([simes(row) for row in p])
    chosen = multipletests(family, alpha=level, method="fdr_bh")[0]
    clear = np.abs(multipletests(family, method="fdr_bh")[1] - level) > 1e-9
    np.testing.assert_array_equal(found.selected[clear], chosen[clear])
    left = level * found.selected.sum() / len(p)
    for row, ours in zip(p, found.declared, strict=True):
        q = multipletests(row, method="fdr_bh")[1]
        clear = np.abs(q - left) > 1e-9
        is_chosen = found.selected[np.flatnonzero((p == row).all(axis=1))[0]]
        np.testing.assert_array_equal(ours[clear], (q <= left)[clear] & is_chosen)


def test_untested_members_and_families_are_left_out() -> None:
    given_ = np.array([[-6.0, np.nan, -0.2], [np.nan, np.nan, np.nan], [-0.1, -0.2, -0.3]])
    found = hierarchical_bh(given_)
    alone = hierarchical_bh(given_[[0, 2]])
    np.testing.assert_array_equal(found.selected, [alone.selected[0], False, alone.selected[1]])
    assert np.isnan(found.family_log10_p[1])
    assert not found.declared[:, 1].any()
    frame = found.to_frame()
    assert frame["n_declared"].tolist() == found.declared.sum(axis=1).tolist()


def test_false_discoveries_of_selected_families_stay_at_the_level() -> None:
    rng = np.random.default_rng(20250418)
    false_shares = []
    for _ in range(400):
        z = rng.normal(size=(40, 12))
        z[:8, :3] += 4.0
        found = hierarchical_bh(np.log10(2 * norm.sf(np.abs(z))), level=0.1)
        truth = np.zeros(z.shape, dtype=bool)
        truth[:8, :3] = True
        declared = found.declared[found.selected]
        wrong = (declared & ~truth[found.selected]).sum(axis=1)
        shares = wrong / np.maximum(declared.sum(axis=1), 1)
        false_shares.append(shares.mean() if shares.size else 0.0)
    error = np.std(false_shares) / np.sqrt(len(false_shares))
    assert np.mean(false_shares) <= 0.1 + 3 * error


def test_a_stricter_level_declares_less() -> None:
    logs = np.log10(np.random.default_rng(2).uniform(size=(30, 6)) ** 4)
    strict, lax = hierarchical_bh(logs, level=0.01), hierarchical_bh(logs, level=0.2)
    assert not (strict.declared & ~lax.declared).any()
    assert strict.declared.sum() < lax.declared.sum()


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"log10_p: shape \(2,\) is not families x members"):
        hierarchical_bh([-1.0, -2.0])
    with pytest.raises(ValueError, match=r"log10_p\[1, 0\] = 0.5"):
        hierarchical_bh([[-1.0], [0.5]])
    with pytest.raises(ValueError, match="level"):
        hierarchical_bh([[-1.0]], level=1.5)
