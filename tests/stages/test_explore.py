"""The explorer of the study is small, whole and the same on every run."""

import shutil
from pathlib import Path

import pytest

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.stages import explore

NEEDED = ("associate", "correct", "count", "taxonomy")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for stage in NEEDED:
        shutil.copytree(ROOT / "data" / "results" / stage, tmp_path / "data" / "results" / stage)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "dvc.yaml").touch()
    (tmp_path / "paper").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_page_is_small_and_made_as_a_whole_or_not_at_all(checkout: Path) -> None:
    explore.main()
    page = checkout / "paper" / "explorer.html"
    first = page.read_bytes()
    assert first == (ROOT / "paper" / "explorer.html").read_bytes()
    assert len(first) <= 3_000_000
    (checkout / "data" / "results" / "count" / "contexts.csv").unlink()
    with pytest.raises(InputError, match=r"contexts\.csv: no such file; the stage count writes"):
        explore.main()
    assert page.read_bytes() == first
