"""The stage writes what is committed, from results alone; tables are replaced as a whole."""

import shutil
from pathlib import Path

import pytest

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.stages import write

WRITTEN = ("_variables.yml", "claims.yaml", "tables")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with all that the stage reads, and nothing of what it writes."""
    for name in ("params.yaml", "dvc.yaml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("data", "analysis", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "paper").mkdir()
    for name in ("paper.qmd", "sources.yaml"):
        shutil.copy(ROOT / "paper" / name, tmp_path / "paper")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(paper: Path) -> dict[str, bytes]:
    files = [f for name in WRITTEN for f in sorted((paper / name).rglob("*"))]
    files += [paper / name for name in WRITTEN if (paper / name).is_file()]
    return {f.relative_to(paper).as_posix(): f.read_bytes() for f in files}


def test_the_same_bytes_are_written_as_are_committed(checkout: Path) -> None:
    write.main()
    assert contents(checkout / "paper") == contents(ROOT / "paper")


def test_a_number_without_a_source_leaves_the_tables_as_they_were(checkout: Path) -> None:
    write.main()
    before = contents(checkout / "paper")["tables/claims.md"]
    sources = checkout / "paper" / "sources.yaml"
    sources.write_text("verdicts: []\nnumbers: []\n", encoding="utf-8")
    with pytest.raises(InputError):
        write.main()
    assert contents(checkout / "paper")["tables/claims.md"] == before
    assert not list((checkout / "paper").glob(".tables*"))
