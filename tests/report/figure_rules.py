"""What every figure must keep to, measured on the drawn figure."""

from itertools import combinations

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tests.paths import ROOT
from valuescape.report import style
from valuescape.report.figures.base import Drawing
from valuescape.report.results import Results
from valuescape.settings import load_settings
from valuescape.stages.draw import drawings

RESULTS = ROOT / "data" / "results"
SETTINGS = load_settings(ROOT / "params.yaml")
MINIMUM_SIZE = 6.5


def planned() -> dict[str, Drawing]:
    return {drawing.name: drawing for drawing in drawings(Results(RESULTS), SETTINGS)}


def result(file: str) -> pd.DataFrame:
    return pd.read_csv(RESULTS / file)


def drawn_texts(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Text, Bbox]]:
    """Every text that reaches the canvas, with its box in pixels."""
    seen: list[Text] = []
    original = Text.draw

    def draw(self: Text, *args: object, **options: object) -> None:
        seen.append(self)
        original(self, *args, **options)

    monkeypatch.setattr(Text, "draw", draw)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    seen.clear()
    canvas.draw()
    monkeypatch.undo()
    shown = [text for text in seen if text.get_visible() and text.get_text().strip()]
    return [(text, text.get_window_extent(canvas.get_renderer())) for text in shown]


def check_texts(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse text that leaves the canvas, is too small, or lies on other text."""
    with style.applied():
        texts = drawn_texts(figure, monkeypatch)
    assert texts
    frame = figure.bbox
    for text, box in texts:
        inside = box.x0 >= -0.5 and box.y0 >= -0.5
        inside = inside and box.x1 <= frame.x1 + 0.5 and box.y1 <= frame.y1 + 0.5
        assert inside, f"{text.get_text()!r} leaves the canvas: {box} in {frame}"
        assert text.get_fontsize() >= MINIMUM_SIZE, text.get_text()
    level = [(text.get_text(), box) for text, box in texts if text.get_rotation() % 90 == 0]
    for (one, a), (other, b) in combinations(level, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        smaller = min(a.height, b.height)
        assert width <= 1 or height <= 0.35 * smaller, f"{one!r} lies on {other!r}"


def assert_same_numbers(
    behind: pd.DataFrame, results: pd.DataFrame, key: list[str], numbers: list[str]
) -> None:
    """Each row of a figure's data is one row of the results, number by number."""
    assert not results.duplicated(key).any()
    joined = behind[key + numbers].merge(
        results[key + numbers], on=key, suffixes=("", "_result"), how="left", validate="m:1"
    )
    assert len(joined) == len(behind)
    for name in numbers:
        pd.testing.assert_series_equal(joined[name], joined[f"{name}_result"], check_names=False)
