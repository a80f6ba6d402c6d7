"""Each question finds the fault that is planted in a copy, and none in the checkout itself."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.paths import Paths
from valuescape.review import checks, environment, paper, pipeline
from valuescape.review.graph import stages_of

FILES = ("params.yaml", "dvc.yaml", "pyproject.toml", "requirements.lock", "environment.yml",
         "CITATION.cff", ".zenodo.json")  # fmt: skip
AT_REST = (
    pipeline.undeclared_imports,
    pipeline.unused_dependencies,
    pipeline.unused_outputs,
    pipeline.words_apart,
    environment.lock_faults,
    environment.conda_faults,
    environment.version_faults,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that describe the checkout, and links to the rest."""
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    for name in ("analysis", "data", "tests", "figures"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "paper", tmp_path / "paper")
    return tmp_path


def change(path: Path, pattern: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    changed = re.sub(pattern, new, text, count=1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


@pytest.mark.parametrize("question", AT_REST, ids=lambda q: q.__name__)
def test_nothing_is_amiss_in_the_checkout(question: Callable[[Path], list[str]]) -> None:
    assert question(ROOT) == []


@pytest.mark.parametrize(
    ("question", "file", "pattern", "new", "told"),
    [
        (pipeline.undeclared_imports, "dvc.yaml",
         r"( {6}- analysis/valuescape/store\.py\n)", "", "which its deps do not name"),
        (pipeline.unused_dependencies, "dvc.yaml",
         r"(    deps:\n)", r"\1      - data/labels/nothing.csv\n", "nothing.csv does not exist"),
        (pipeline.unused_dependencies, "dvc.yaml",
         r"(    deps:\n)", r"\1      - analysis/valuescape/audit\n", "does not import"),
        (pipeline.unused_outputs, "dvc.yaml",
         r"(    outs:\n)", r"\1      - data/results/forgotten\n", "nothing reads"),
        (pipeline.words_apart, "dvc.yaml",
         r"python -m valuescape\.stages\.count", "python count.py", "count: no command"),
        (pipeline.words_apart, "params.yaml", r"(?m)^count:", "counts:", "count: no block"),
        (environment.lock_faults, "requirements.lock",
         r"(?m)^pandas==", "pandaz==", "pandas is not"),
        (environment.lock_faults, "pyproject.toml",
         r"scipy>=1\.\d+", "scipy>=9.0", "outside >=9.0"),
        (environment.lock_faults, "requirements.lock",
         r"(?m)^(typer==\S+) \\\n( +--hash\S+( \\)?\n)+", r"\1\n", "typer has no hash"),
        (environment.conda_faults, "environment.yml",
         r"scipy >=\S+", "scipy >=1.0", "scipy is >=1.0"),
        (environment.conda_faults, "environment.yml", r"(  - numpy)", r"  - torch\n\1", "torch"),
        (environment.conda_faults, "environment.yml", r"python >=\S+", "python >=3.9", "python is"),
        (environment.version_faults, "CITATION.cff", r"(?m)^version: .*", "version: 9.9", "9.9"),
        (environment.version_faults, ".zenodo.json",
         r'"license": "[^"]+"', '"license": "MIT"', "MIT"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_told(
    copy: Path, question: Callable[[Path], list[str]], file: str, pattern: str, new: str, told: str
) -> None:
    change(copy / file, pattern, new)
    assert any(told in fault for fault in question(copy))


def test_a_number_that_was_typed_is_told_with_both(copy: Path) -> None:
    home = Paths(copy)
    assert paper.numbers_apart(home) == []
    change(copy / "paper" / "_variables.yml", r"n_conversations: .*", "n_conversations: '7'")
    [fault] = paper.numbers_apart(home)
    assert re.search(r"n_conversations is '7', results give '[\d,]+'", fault)


def test_a_claim_that_was_edited_and_a_hole_are_told(copy: Path) -> None:
    home = Paths(copy)
    assert paper.claims_apart(home) == []
    assert paper.holes(home) == []
    change(copy / "paper" / "claims.yaml", "section: abstract", "section: nowhere")
    assert "is not what the stage write would write" in paper.claims_apart(home)[0]
    change(copy / "paper" / "paper.qmd", r"@tbl-claims", "@tbl-none")
    assert "tbl-none" in paper.holes(home)[0]


def test_what_cannot_be_asked_says_why(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> list[str]:
        raise InputError("no DVC here")

    monkeypatch.setattr(checks.pipeline, "stale_stages", refuse)
    asked = [c for c in checks.checked(Paths(copy)) if c.question.endswith("the last run")]
    assert [(c.outcome, c.prevented, c.passed) for c in asked] == [
        ("not asked", "no DVC here", False)
    ]


def test_faults_beyond_the_fifth_are_counted() -> None:
    told = checks.line(checks.Check("paper", "is it whole", tuple("abcdefg")))
    assert told.splitlines()[1:] == [*(f"{'':<14} {x}" for x in "abcde"), f"{'':<14} and 2 more"]


def test_the_command_ends_with_1_where_something_is_amiss(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "--quiet", str(copy)], check=True)
    monkeypatch.chdir(copy)
    change(copy / "CITATION.cff", r"(?m)^version: .*", "version: 9.9")
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code == 1
    assert "CITATION.cff: version 9.9" in done.output
    assert len(re.findall(r"\?", done.output)) >= 12


def test_a_folder_without_a_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dvc\.yaml: does not exist"):
        stages_of(tmp_path)
    (tmp_path / "dvc.yaml").write_text("stages: [", encoding="utf-8")
    with pytest.raises(InputError, match="no YAML"):
        stages_of(tmp_path)
