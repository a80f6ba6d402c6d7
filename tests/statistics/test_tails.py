"""Far tails against R."""

import numpy as np
import pytest

from tests.statistics.oracle import oracle
from valuescape.statistics import chi2_log10_p, normal_log10_p


def test_equal_r() -> None:
    rows = oracle("tails")
    np.testing.assert_allclose(
        chi2_log10_p(rows["statistic"], rows["df"]), rows["chi2"], rtol=1e-9, atol=1e-13
    )
    np.testing.assert_allclose(
        normal_log10_p(np.sqrt(rows["statistic"]), alternative="greater"),
        rows["normal"],
        rtol=1e-12,
    )


def test_normal_and_chi_square_agree() -> None:
    z = np.array([0.0, 0.5, 3, 30, 300])
    np.testing.assert_allclose(normal_log10_p(z), chi2_log10_p(z**2, 1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        normal_log10_p(-z, alternative="less"), normal_log10_p(z, alternative="greater")
    )


def test_missing_statistics_stay_missing() -> None:
    assert np.isnan(normal_log10_p(np.nan))
    assert np.isnan(chi2_log10_p(np.nan, 2))


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"statistic\[1\] = -1.0: must not be negative"):
        chi2_log10_p([1, -1], 2)
    with pytest.raises(ValueError, match=r"df = 0\.0: degrees of freedom must be above zero"):
        chi2_log10_p(1, 0)
