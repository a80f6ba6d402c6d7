"""Data behind the figures of assistants, releases and axes."""

import pandas as pd
import pytest

from tests.report.figure_rules import SETTINGS, assert_same_numbers, planned, result
from valuescape.report.comparison_findings import points_range
from valuescape.report.figures import axes, comparison


@pytest.fixture(scope="module")
def behind() -> dict[str, pd.DataFrame]:
    names = ("assistant_contrasts", "releases", "axes_loadings", "axes_profiles")
    ready = planned()
    return {name: ready[name].data for name in names}


def test_contrasts_are_those_of_the_results_turned_to_be_positive(
    behind: dict[str, pd.DataFrame],
) -> None:
    data, found = behind["assistant_contrasts"], result("compare/contrasts.csv")
    assert (data["estimate"] >= 0).all()
    key = ["source", "group", "quantity", "name", "arm", "versus"]
    turned = found.rename(columns={"arm": "versus", "versus": "arm"}).assign(
        estimate=-found["estimate"], ci_low=-found["ci_high"], ci_high=-found["ci_low"]
    )
    both = pd.concat([found, turned[found.columns]])
    assert_same_numbers(data, both, key, ["estimate", "ci_low", "ci_high", "log10_p"])
    assert set(data["quantity"]) <= {"value", "response_type"}
    assert data.groupby("block").size().max() <= SETTINGS.draw.contrasts_per_source
    for _, part in data.groupby(["source", "group"]):
        whole = found[found["quantity"].isin(["value", "response_type"])]
        whole = whole[whole["source"] == part["source"].iloc[0]]
        whole = whole[whole["group"] == part["group"].iloc[0]]
        assert part["log10_p"].max() <= whole["log10_p"].nsmallest(len(part)).max()
    assert data["row"].is_unique


def test_releases_have_a_row_an_outcome_in_every_panel(behind: dict[str, pd.DataFrame]) -> None:
    data, found = behind["releases"], result("compare/releases.csv")
    assert_same_numbers(data, found, ["quantity", "name", "step"], ["estimate", "detectable"])
    assert len({tuple(sorted(part["row"])) for _, part in data.groupby("step")}) == 1
    assert data.groupby("row")["label"].nunique().max() == 1


def test_loadings_are_the_largest_of_each_axis(behind: dict[str, pd.DataFrame]) -> None:
    data, found = behind["axes_loadings"], result("compare/loadings.csv")
    found = found[found["group"] == "ordinary"]
    assert_same_numbers(data, found, ["axis", "value"], ["loading", "loading_low", "loading_high"])
    for axis, part in data.groupby("axis"):
        size = found.loc[found["axis"] == axis, "loading"].abs()
        assert part["loading"].abs().min() >= size.nlargest(len(part)).min() - 1e-12
        assert part.sort_values("row")["loading"].is_monotonic_decreasing


def test_profiles_are_all_of_the_group_on_the_axes_shown(behind: dict[str, pd.DataFrame]) -> None:
    data, found = behind["axes_profiles"], result("compare/profiles.csv")
    found = found[found["group"] == "ordinary"]
    assert len(data) == found["axis"].isin(data["axis"]).sum()
    assert data["axis"].nunique() <= SETTINGS.draw.axes_shown
    assert_same_numbers(data, found, ["axis", "run"], ["estimate", "ci_low", "ci_high"])
    assert data.groupby("run")["row"].nunique().max() == 1


def test_figures_follow_their_choices() -> None:
    contrasts = result("compare/contrasts.csv")
    nodes = result("taxonomy/taxonomy.csv")
    polarity = nodes[nodes["level"] == 0].set_index("name")["polarity"]
    two = comparison.contrasts_data(contrasts, polarity, 2)
    assert two.groupby("block").size().max() == 2
    loadings = result("compare/loadings.csv")
    assert axes.loadings_data(loadings, "ordinary", [1, 2], 3).groupby("axis").size().max() == 3
    assert set(axes.loadings_data(loadings, "adversarial", [1], 3)["group"]) == {"adversarial"}


def test_ranges_are_printed_in_points() -> None:
    assert points_range(-0.054, 0.062) == "−5 to 6"
