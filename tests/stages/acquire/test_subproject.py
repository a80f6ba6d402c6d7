"""data/acquire is a DVC project of its own: the default pipeline needs no network."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.paths import Paths
from valuescape.stages.acquire.choices import corpora_folder, load_choices

ACQUIRE = ROOT / "data" / "acquire"
STAGES = ["fetch", "embed", "compare_trees", "fit", "compare_labellers", "label_corpora"]


def test_its_stages_are_declared_and_analytics_is_off() -> None:
    stages = yaml.safe_load((ACQUIRE / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert list(stages) == STAGES
    config = configparser.ConfigParser()
    config.read(ACQUIRE / ".dvc" / "config")
    assert config["core"]["analytics"] == "false"
    for stage in stages.values():
        for path in stage["deps"]:
            assert path == "corpora" or (ACQUIRE / path).exists(), path


def test_the_default_pipeline_names_none_of_its_stages() -> None:
    pytest.importorskip("dvc")
    listed = subprocess.run(
        [sys.executable, "-m", "dvc", "stage", "list", "--all", "--name-only"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "label" in listed.split()
    assert not [line for line in listed.split() if "acquire" in line or line in STAGES]


def test_a_misspelt_choice_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "acquire"
    folder.mkdir(parents=True)
    shutil.copy(ACQUIRE / "acquire.yaml", folder)
    assert load_choices(Paths(tmp_path)).fit.exclude_sources == ["alpaca_eval"]
    text = (folder / "acquire.yaml").read_text(encoding="utf-8")
    (folder / "acquire.yaml").write_text(text.replace("n_boot", "nboot"), encoding="utf-8")
    with pytest.raises(InputError, match=r"n_?boot"):
        load_choices(Paths(tmp_path))


def test_the_corpora_folder_is_chosen_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALUESCAPE_CORPORA", str(tmp_path))
    with pytest.raises(InputError, match="VALUESCAPE_CORPORA"):
        corpora_folder(Paths(ROOT))
    (tmp_path / "a.jsonl.gz").touch()
    assert corpora_folder(Paths(ROOT)) == tmp_path
