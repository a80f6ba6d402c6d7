"""The figure of sizes: its numbers are the full run's, and rates off the scale stay visible."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.collections import PathCollection

from tests.report.figure_rules import assert_same_numbers, result
from valuescape.report import style
from valuescape.report.figures import calibration

KEY = ["run", "scenario", "method", "band", "level"]


def test_two_methods_a_scenario_from_the_full_run() -> None:
    sizes = result("calibrate/sizes.csv")
    families = result("calibrate/families.csv")
    data = calibration.calibration_data(sizes, families, 0.05)
    assert_same_numbers(data, sizes, KEY, ["rate", "rate_low", "rate_high", "n_replicates"])
    declared = families[families["adjustment"] == "bonferroni"]
    counted = data[data["scenario"] != "memorising_labeller"]
    assert_same_numbers(counted, declared, KEY[:3], ["mean_false"])
    assert set(data["run"]) == {"full"}
    assert set(data["scenario"]) == set(calibration.SCENARIOS)
    assert (data.groupby("scenario")["side"].nunique() == 2).all()
    assert (counted.groupby(["scenario", "side"])["band"].nunique() == 3).all()
    alone = data[data["scenario"] == "memorising_labeller"]
    assert set(alone["panel"]) == {"E ≥ 20"}
    assert data.groupby("scenario")["row"].first().tolist() == [
        list(calibration.SCENARIOS).index(name) + 1 for name in sorted(calibration.SCENARIOS)
    ]


def test_another_level_shows_other_rates() -> None:
    sizes = result("calibrate/sizes.csv")
    sizes = sizes[sizes["scenario"] != "memorising_labeller"]
    families = result("calibrate/families.csv")
    five, one = (calibration.calibration_data(sizes, families, p) for p in (0.05, 0.01))
    assert (one["rate"].to_numpy() <= five["rate"].to_numpy()).all()


def test_a_rate_of_zero_is_an_arrow_at_the_edge() -> None:
    row = {"row": 1, "label": "x", "level": 0.05, "panel": "E < 5", "band": "E < 5"}
    rates = {"rate": 0.0, "rate_low": 0.0, "rate_high": 0.03, "mean_false": np.nan}
    table = pd.DataFrame([row | rates | {"side": side} for side in ("naive", "ours")])
    with style.applied():
        figure = calibration.draw_calibration(table)
    points = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    places = [float(x) for c in points for x, _ in np.asarray(c.get_offsets())]
    assert places.count(calibration.LEFT_END * 1.12) == 2
