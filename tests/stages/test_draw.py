"""The stage writes three files a figure and nothing else, or leaves the old ones alone."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.paths import ROOT
from tests.report.figure_rules import planned
from valuescape.errors import InputError
from valuescape.stages import draw


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "data" / "results", tmp_path / "data" / "results")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "dvc.yaml").touch()
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "of_yesterday.svg").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_figures_are_replaced_as_a_whole_or_not_at_all(checkout: Path) -> None:
    draw.main()
    figures = checkout / "figures"
    ready = planned()
    names = {f"{name}.{ending}" for name in ready for ending in ("csv", "svg", "png")}
    assert {path.name for path in figures.iterdir()} == {*names, "README.md"}
    page = (figures / "README.md").read_bytes()
    assert page == (ROOT / "figures" / "README.md").read_bytes()
    for name, drawing in ready.items():
        written = pd.read_csv(figures / f"{name}.csv")
        ordered = drawing.data.sort_values(list(drawing.key)).reset_index(drop=True)
        pd.testing.assert_frame_equal(written, ordered, check_dtype=False, rtol=1e-7)

    first = {path.name: path.read_bytes() for path in figures.iterdir()}
    (checkout / "data" / "results" / "respond" / "mirroring.csv").unlink()
    with pytest.raises(InputError, match=r"mirroring\.csv: no such file; the stage respond writes"):
        draw.main()
    assert {path.name: path.read_bytes() for path in figures.iterdir()} == first
