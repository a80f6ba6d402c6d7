"""Successive releases: turned the right way, Holm within the family, what could be detected."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from tests.study.test_comparison import PLAN, planted
from valuescape.errors import InputError
from valuescape.statistics.multiplicity import adjust_p
from valuescape.study.releases import release_contrasts

MODELS = ["cedar", "apple", "birch"]


def coarse() -> pd.DataFrame:
    """Contrasts whose values pass as headings, which releases are compared in."""
    found = planted()
    return found.assign(quantity=found["quantity"].replace("value", "heading"))


def test_each_release_is_set_against_the_one_before() -> None:
    contrasts = coarse()
    found = release_contrasts(contrasts, "source", MODELS, PLAN)
    assert found.groupby("step")[["arm", "versus"]].first().to_numpy().tolist() == [
        ["source: apple", "source: cedar"],
        ["source: birch", "source: apple"],
    ]
    care = found[found["name"] == "care"].set_index("step")
    assert care.loc[1, "estimate"] > 0.05
    assert care.loc[2, "estimate"] < -0.05
    assert (found["estimate"] - found["share_arm"] + found["share_versus"]).abs().max() < 1e-9
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["ci_high"]).all()
    given = contrasts[
        (contrasts["arm"] == "source: apple") & (contrasts["versus"] == "source: birch")
    ].set_index("name")
    back = found[found["step"] == 2].set_index("name")
    for name in given.index:
        assert back.loc[name, "k_versus"] == given.loc[name, "k_arm"]
        assert back.loc[name, "readings"] == pytest.approx(-given.loc[name, "readings"])


def test_holm_and_detectable_differences_are_of_the_family() -> None:
    found = release_contrasts(coarse(), "source", MODELS, PLAN)
    np.testing.assert_allclose(found["holm"], 10.0 ** adjust_p(found["log10_p"].to_numpy(), "holm"))
    row = found.iloc[0]
    df = row["n_clusters"] - 1
    for name, level in (("detectable_single", 0.05), ("detectable", 0.05 / len(found))):
        reach = t.ppf(1 - level / 2, df) + norm.ppf(0.8)
        assert row[name] == pytest.approx(reach * row["standard_error"])
    assert (found["detectable"] > found["detectable_single"]).all()


def test_a_release_without_contrast_is_named() -> None:
    with pytest.raises(InputError, match=r"'source: elm' and 'source: apple'"):
        release_contrasts(coarse(), "source", ["apple", "elm"], PLAN)
