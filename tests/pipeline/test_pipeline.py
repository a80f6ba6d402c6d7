"""The pipeline file says all that a stage rests on, and one word serves five places."""

from __future__ import annotations

import ast
import configparser
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.checkout import Trace
from tests.paths import ROOT
from valuescape.review.graph import covered, out_paths, sources_of, stages_of
from valuescape.review.pipeline import VERSION_FILE

SOURCE = ROOT / "analysis"
STAGES = stages_of(ROOT)
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
UNHASHED = {"label", "render"}
RELEASED = "data/release"


@pytest.mark.parametrize("name", STAGES)
def test_one_word_names_module_block_folder_and_test(name: str) -> None:
    stage = STAGES[name]
    assert (SOURCE / "valuescape" / "stages" / f"{name}.py").is_file()
    assert stage["cmd"] == f"python -m valuescape.stages.{name}"
    assert stage["desc"]
    if name != "render":
        assert name in PARAMS
        assert name in stage["params"]
    outs = out_paths(stage)
    elsewhere = {
        "draw": {"figures"},
        "explore": {"paper/explorer.html"},
        "release": {"data/release", "data/release.sha256"},
        "write": {"paper/_variables.yml", "paper/claims.yaml", "paper/tables"},
    }
    assert set(outs) == elsewhere.get(name, set() if name == "render" else {f"data/results/{name}"})


def test_every_block_of_the_options_is_a_stage() -> None:
    assert set(PARAMS) == set(STAGES) - {"render"}


@pytest.mark.parametrize("name", STAGES)
def test_outs_stay_in_git_and_are_replaced_by_the_stage_alone(name: str) -> None:
    for flags in out_paths(STAGES[name]).values():
        assert flags == {"cache": False, "persist": True}


def test_the_exempt_file_holds_a_version_alone() -> None:
    body = ast.parse((ROOT / VERSION_FILE).read_text("utf-8")).body
    assert len(body) == 2
    assert isinstance(body[1], ast.Assign)


@pytest.mark.parametrize("name", STAGES)
def test_deps_are_sorted_and_named_once(name: str) -> None:
    deps = STAGES[name]["deps"]
    assert deps == sorted(set(deps))


@pytest.mark.parametrize("name", sorted(set(STAGES) - UNHASHED))
def test_versions_of_libraries_are_part_of_what_numbers_rest_on(name: str) -> None:
    assert "requirements.lock" in STAGES[name]["deps"]


@pytest.mark.parametrize("name", STAGES)
def test_the_blocks_of_options_that_a_stage_reads_are_its_params(name: str) -> None:
    tree = ast.parse((SOURCE / "valuescape" / "stages" / f"{name}.py").read_text("utf-8"))
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in PARAMS
        and (
            (isinstance(node.value, ast.Name) and node.value.id in ("settings", "everything"))
            or (isinstance(node.value, ast.Call) and "load_settings" in ast.dump(node.value.func))
        )
    }
    listed = STAGES[name].get("params", [])
    assert read <= set(listed) or "params.yaml" in STAGES[name]["deps"]


@pytest.mark.parametrize(
    "name", ["count", "associate", "respond", "correct", "compare", "robustness"]
)
def test_a_stage_opens_only_what_it_depends_on(name: str, small_run: tuple[Path, Trace]) -> None:
    folder, trace = small_run
    deps = [*STAGES[name]["deps"], "params.yaml"]
    own = (f"data/results/{name}/", f"data/results/.{name}.new.")
    strange = []
    for path in map(Path, trace[name]["opened"]):
        for root in (folder, ROOT):
            if path.is_relative_to(root) and path.suffix not in (".pyc", ".py"):
                shown = path.relative_to(root).as_posix()
                inside = root == folder or shown.startswith("analysis/")
                if inside and path.is_file() and not covered(shown, deps):
                    strange += [] if shown.startswith(own) else [shown]
    assert not strange, f"{name} opens {sorted(set(strange))}, which its deps do not name"


@pytest.mark.parametrize(
    "name", ["count", "associate", "respond", "correct", "compare", "robustness"]
)
def test_the_imports_found_by_reading_are_those_that_happen(
    name: str, small_run: tuple[Path, Trace]
) -> None:
    loaded = {
        Path(m).relative_to(ROOT).as_posix()
        for m in small_run[1][name]["modules"]
        if Path(m).is_relative_to(SOURCE)
    }
    read = sources_of(f"valuescape.stages.{name}", ROOT)
    assert {path for path in loaded - read if "/resources/" not in path} == set()
    assert f"analysis/valuescape/stages/{name}.py" in loaded


def test_dvc_sends_nothing_home_and_ignores_caches() -> None:
    config = configparser.ConfigParser()
    config.read_string(
        "\n".join(line.strip() for line in (ROOT / ".dvc/config").read_text("utf-8").splitlines())
    )
    assert config["core"]["analytics"] == "false"
    ignored = (ROOT / ".dvcignore").read_text("utf-8").split()
    assert "__pycache__" in ignored


@pytest.fixture(scope="module")
def copy_of_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy all that Git tracks or would, so that DVC needs no lock of the checkout's own."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a Git checkout")
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def dvc(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_rebuild_runs_every_stage_and_no_acquisition(copy_of_checkout: Path) -> None:
    planned = dvc(copy_of_checkout, "repro", "--force", "--dry")
    for name in STAGES:
        assert f"Running stage '{name}'" in planned
    assert "acquire" not in planned
    assert planned.count("Running stage") == len(STAGES)


def test_the_lock_is_in_accord_with_the_files(copy_of_checkout: Path) -> None:
    if not (ROOT / "dvc.lock").is_file():
        pytest.skip("needs dvc.lock, which the first run of the pipeline writes")
    told = dvc(copy_of_checkout, "status", "--json")
    status = json.loads(told[told.index("{") : told.rindex("}") + 1])
    # The paper's pages and the released folder are made anew in every checkout.
    unmade = {"render": ["always changed"], "release": [{"changed outs": {RELEASED: "deleted"}}]}
    stale = {name: change for name, change in status.items() if change != unmade.get(name)}
    assert not stale, f"run dvc repro: {stale} changed since the last run"
