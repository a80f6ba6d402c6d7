"""What is committed names no machine, holds no text of conversations and agrees with itself."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT
from valuescape.review.environment import conda_lines

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a Git checkout")
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_path_of_this_machine() -> None:
    folders = "|".join(("work", "root", "home/[a-z]+", "Users/[A-Za-z]+"))
    pattern = re.compile(rf"(?<![\w.\-/])/(?:{folders})/(?:[\w.]+)".encode())
    found = []
    for path in tracked():
        if path.suffix in (".parquet", ".npz", ".png") or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


def test_nothing_is_tracked_that_must_not_be() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert not [n for n in names if n.endswith((".jsonl.gz", "uv.lock", ".env"))]
    assert not [n for n in names if "__pycache__" in n or n.startswith((".dvc/cache", ".venv"))]
    texts = [n for n in names if n.endswith(".jsonl")]
    resources = "analysis/valuescape/resources"
    assert texts == [f"{resources}/demo/conversations.jsonl", f"{resources}/probe/prompts.jsonl"]


def test_no_file_is_larger_than_a_clone_can_bear() -> None:
    large = {p.relative_to(ROOT).as_posix(): p.stat().st_size for p in tracked()}
    assert {n: s for n, s in large.items() if s > 20e6} == {}
    assert sum(large.values()) < 120e6


def test_the_extra_for_embeddings_is_what_the_acquisition_pins() -> None:
    from packaging.requirements import Requirement

    text = (ROOT / "data" / "acquire" / "requirements.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.\-]+)==([\w.]+)", text, flags=re.MULTILINE))
    for line in PROJECT["project"]["optional-dependencies"]["embeddings"]:
        requirement = Requirement(line)
        assert pinned[requirement.name] in requirement.specifier
    assert text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize("line", conda_lines(ROOT)[0])
def test_lines_of_the_conda_entry_are_strict_match_specs(line: str) -> None:
    rattler = pytest.importorskip("rattler")
    spec = rattler.MatchSpec(line, strict=True)
    assert spec.name.normalized == line.split()[0]


def test_the_conda_entry_brings_quarto_from_one_channel() -> None:
    given = {line.split()[0]: line.split()[1:] for line in conda_lines(ROOT)[0]}
    assert given["quarto"] == [">=1.9"]
    assert CONDA["channels"] == ["conda-forge"]


def test_pip_lines_of_the_conda_entry_are_lines_of_a_requirements_file() -> None:
    """They are written to a file for ``pip install -r``, which takes few options."""
    for line in conda_lines(ROOT)[1]:
        if line.startswith("-"):
            assert re.fullmatch(r"-e \.", line), f"{line!r} is no line of a requirements file"


def test_imports_go_down_the_rooms_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_folder_of_tests_is_a_package() -> None:
    scripts = ROOT / "tests" / "oracles"
    folders = {p.parent for p in (ROOT / "tests").rglob("*.py") if scripts not in p.parents}
    assert not [str(f) for f in folders if not (f / "__init__.py").is_file()]
