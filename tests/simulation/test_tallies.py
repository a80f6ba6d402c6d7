"""Counts of rejections and declarations, by hand."""

from itertools import pairwise

import numpy as np
import pytest

from valuescape.simulation.methods import Outcomes
from valuescape.simulation.tallies import BANDS, tally

CELLS = Outcomes(
    {"a": np.log10([0.001, 0.04, 0.5, 0.0001]), "b": np.array([np.nan, -3.0, -1.0, -0.1])},
    np.array([1.0, 5.0, 20.0, 40.0]),
    np.array([True, True, True, False]),
)


def test_rejections_are_of_true_nulls_by_band() -> None:
    table = tally("s", [CELLS, CELLS]).sizes(0.95).set_index(["method", "band", "level"])
    assert table.loc[("a", "all", 0.05), ["n_trials", "n_hits"]].tolist() == [6, 4]
    assert table.loc[("a", "all", 0.01), "n_hits"] == 2
    assert table.loc[("a", "E < 5", 0.05), ["n_trials", "n_hits"]].tolist() == [2, 2]
    assert table.loc[("a", "5 ≤ E < 20", 0.05), ["n_trials", "n_hits"]].tolist() == [2, 2]
    assert table.loc[("a", "E ≥ 20", 0.05), ["n_trials", "n_hits"]].tolist() == [2, 0]
    assert ("b", "E < 5", 0.05) not in table.index
    assert table.loc[("b", "all", 0.05), ["n_trials", "n_hits"]].tolist() == [4, 2]
    assert (table["n_replicates"] == 2).all()


def test_declarations_count_true_and_false_ones() -> None:
    table = tally("s", [CELLS, CELLS]).families(0.95).set_index(["method", "adjustment"])
    a = table.loc[("a", "bonferroni")]
    assert (a["mean_declared"], a["mean_false"], a["false_discovery"]) == (2.0, 1.0, 0.5)
    assert (a["rate"], a["false_discovery_se"]) == (1.0, 0.0)
    assert table.loc[("b", "bh"), "mean_cells"] == 3.0


def test_bands_share_out_every_expected_count() -> None:
    limits = [limit for name, limit in BANDS.items() if name != "all"]
    assert limits[0][0] == 0
    assert all(one[1] == two[0] for one, two in pairwise(limits))


def test_nothing_to_count_is_refused() -> None:
    with pytest.raises(ValueError, match="replicates"):
        tally("s", [])
