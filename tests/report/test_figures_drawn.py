"""Drawn figures: nothing clipped, overprinted or too small; the same bytes each time."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from tests.report.figure_rules import check_texts, planned
from valuescape.errors import InputError
from valuescape.report import style
from valuescape.report.figures import agreement, associations, prevalences, resistance
from valuescape.report.figures.base import Drawing, write_drawing

NAMES = (
    "assistant_contrasts",
    "axes_loadings",
    "axes_profiles",
    "calibration",
    "common_values",
    "early_warning",
    "headings",
    "hhh",
    "machine_against_reading",
    "machine_by_category",
    "mirroring",
    "monitoring",
    "releases",
    "resistance",
    "response_types",
    "response_types_adversarial",
    "response_types_by_assistant",
    "response_types_by_task_type",
    "robustness",
    "simulated_stream",
    "task_values_adversarial",
    "task_values_ordinary",
    "taxonomy",
    "top_values",
    "undesired_by_assistant",
    "undesired_values",
)


@pytest.fixture(scope="module")
def ready() -> dict[str, Drawing]:
    return planned()


def test_every_figure_is_named_here(ready: dict[str, Drawing]) -> None:
    assert sorted(ready) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_whole_apart_and_large_enough(
    ready: dict[str, Drawing], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with style.applied():
        figure = ready[name].draw(ready[name].data)
    assert figure.get_figwidth() == style.PAPER_WIDTH
    assert figure.get_figheight() <= 8.9
    check_texts(figure, monkeypatch)


@pytest.mark.parametrize("name", ["taxonomy", "task_values_ordinary", "resistance"])
def test_same_data_give_the_same_bytes(
    ready: dict[str, Drawing], name: str, tmp_path: Path
) -> None:
    write_drawing(ready[name], tmp_path / "once")
    shuffled = ready[name].data.sample(frac=1, random_state=3)
    twice = Drawing(name, shuffled, ready[name].key, ready[name].draw)
    with mpl.rc_context({"font.size": 23, "svg.hashsalt": "other", "axes.grid": True}):
        write_drawing(twice, tmp_path / "twice")
    for ending in ("csv", "svg", "png"):
        once = (tmp_path / "once" / f"{name}.{ending}").read_bytes()
        assert once == (tmp_path / "twice" / f"{name}.{ending}").read_bytes()
    svg = (tmp_path / "once" / f"{name}.svg").read_text(encoding="utf-8")
    assert "<dc:date>" not in svg
    assert "<text" not in svg
    assert b"Software" not in (tmp_path / "once" / f"{name}.png").read_bytes()


def test_nothing_to_draw_is_refused_by_name(tmp_path: Path) -> None:
    empty = Drawing("resistance", pd.DataFrame({"row": []}), ("row",), resistance.draw_resistance)
    with pytest.raises(InputError, match="figure 'resistance': the results hold no row"):
        write_drawing(empty, tmp_path)


def test_zero_and_infinite_ratios_are_arrows_at_the_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame(
        {
            "group": "adversarial",
            "value": ["only resisting", "both", "only supporting"],
            "n_both": [9, 5, 0],
            "n_context": 50,
            "n_value": [9, 9, 8],
            "n_total": 100,
            "risk_ratio": [np.inf, 1.2, 0.0],
            "ci_low": [3.0, 0.5, 0.0],
            "ci_high": [np.inf, 3.0, 0.4],
            "q_value": [0.01, 0.6, 0.02],
        }
    )
    polarity = pd.Series("desirable", index=table["value"])
    data = resistance.resistance_data(table, polarity, "adversarial", 5, 0.05)
    with style.applied():
        figure = resistance.draw_resistance(data)
    axes = figure.axes[0]
    points = np.concatenate([np.asarray(dots.get_offsets()) for dots in _dots(axes)])
    at_row = {int(row): x for x, row in points}
    low, high = axes.get_xlim()
    assert high / 1.2 < at_row[1] < high
    assert at_row[2] == 1.2
    assert low < at_row[3] < low * 1.2
    check_texts(figure, monkeypatch)


def _dots(axes: mpl.axes.Axes) -> list[mpl.collections.PathCollection]:
    return [c for c in axes.collections if isinstance(c, mpl.collections.PathCollection)]


def test_marks_of_the_heat_map_are_discs_for_more_and_rings_for_less(
    ready: dict[str, Drawing],
) -> None:
    data = ready["task_values_adversarial"].data
    with style.applied():
        axes = associations.draw_heat_map(data).axes[0]
    found = {True: set(), False: set()}
    for dots in _dots(axes):
        filled = len(dots.get_facecolor()) > 0
        found[filled] |= {(x + 0.5, y + 0.5) for x, y in np.asarray(dots.get_offsets())}
    marked = data[data["marked"]]
    for filled, part in ((True, marked[marked["z"] > 0]), (False, marked[marked["z"] < 0])):
        assert found[filled] == set(zip(part["column"], part["row"], strict=True))
    mesh = axes.collections[0]
    assert mesh.get_clim() == (-10, 10)


def test_a_task_type_without_a_distinctive_value_says_so(ready: dict[str, Drawing]) -> None:
    with style.applied():
        figure = associations.draw_top_values(ready["top_values"].data)
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    silent = (ready["top_values"].data["value"] == associations.NOTHING).sum()
    assert said.count(associations.NOTHING) == silent
    for name in ready["top_values"].data["context"].unique():
        assert sum(text.startswith(style.TASK_TYPE_NAMES[name]) for text in said) == 1


def test_machine_and_second_reading_are_named_beside_their_marks(
    ready: dict[str, Drawing],
) -> None:
    with style.applied():
        figure = agreement.draw_agreement(ready["machine_against_reading"].data)
    said = [text.get_text() for text in figure.axes[0].texts]
    assert {"embedded labeller", "second reading"} <= set(said)
    for n in ready["machine_against_reading"].data["n"]:
        assert style.count(n) in said


def test_a_heading_without_an_estimate_says_so(ready: dict[str, Drawing]) -> None:
    data = ready["headings"].data
    gap = data[~((data["group"] == "ordinary") & (data["row"] == 1))]
    for shown in (data, gap):
        with style.applied():
            figure = prevalences.draw_headings(shown)
        for axes, group in zip(figure.axes, ("ordinary", "adversarial"), strict=True):
            silent = sum(text.get_text() == "too few readings" for text in axes.texts)
            assert silent == shown["row"].nunique() - (shown["group"] == group).sum()
