"""The README tells what the results say, shows the pipeline that runs, and its example works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.report.manuscript import read_variables
from valuescape.report.readme import findings

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found, f"README.md has no block {name!r}"
    return found[1].strip()


def code_of(path: str) -> str:
    found = re.search(rf"```python\n# {re.escape(path)}\n(.*?)```", README, re.DOTALL)
    assert found, f"README.md shows no {path}"
    return found[1]


def test_findings_are_those_of_the_results() -> None:
    assert block("findings") == findings(read_variables(ROOT / "paper" / "_variables.yml"))


def ran(
    command: list[str | Path], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, text=True
    )


def test_the_graph_is_that_of_the_pipeline() -> None:
    dvc = Path(sys.executable).parent / "dvc"
    done = ran([dvc, "dag", "--md"], ROOT)
    assert done.returncode == 0, done.stderr
    assert block("dag") == done.stdout.strip()


def test_every_named_file_exists() -> None:
    prose = re.sub(r"```.*?```|<!-- findings -->.*?<!-- /findings -->", "", README, flags=re.DOTALL)
    named = re.findall(r"\]\((?!http)([^)#\s]+)\)", prose) + re.findall(r"tests/[\w/]+\.py", prose)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the example needs, with the example's files in it."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("analysis", "data/labels", "data/results/taxonomy"):
        shutil.copytree(
            ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "machine")
        )
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, copy / name)
    for path in (
        "analysis/valuescape/study/turns.py",
        "analysis/valuescape/stages/turns.py",
        "analysis/valuescape/report/figures/turns.py",
    ):
        (copy / path).write_text(code_of(path), encoding="utf-8")
    return copy


def test_the_example_runs(extended: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(extended / "analysis")}
    stage = [sys.executable, "-m", "valuescape.stages.turns"]
    done = ran(stage, extended, environment)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(extended / "data" / "results" / "turns" / "turns.csv")
    assert set(table["turns"]) == {"single", "longer"}
    assert table["estimate"].between(table["ci_low"], table["ci_high"]).all()
    code = (
        "import pandas as pd; from valuescape.report.figures.turns import draw_turns; "
        "draw_turns(pd.read_csv('data/results/turns/turns.csv')).savefig('turns.svg')"
    )
    drawn = ran([sys.executable, "-c", code], extended, environment)
    assert drawn.returncode == 0, drawn.stderr
    assert (extended / "turns.svg").stat().st_size > 1000
