"""What is committed names no machine, holds no text of conversations and agrees with itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
# Under another name on conda-forge, or there without its extra.
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework[duckdb]": "ibis-duckdb",
    "matplotlib": "matplotlib-base",
    "pandera[pandas]": "pandera",
    "pypandoc-binary": "pypandoc",
}
CONDA_ALONE = {"python", "quarto", "pip", "pandoc"}
# For names that are not in the shipped table; no part of the default pipeline or of conda-forge.
NOT_LOCKED = {"embeddings", "spark"}


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


def locked() -> Iterator[str]:
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            yield line


def test_the_lock_pins_every_package_by_hash_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.search(r"https?://|--index|--extra-index|--find-links|@ file", text)
    entries = re.split(r"\n(?=[a-z0-9])", text)
    pinned = [e for e in entries if re.match(r"[A-Za-z0-9._\[\]-]+==", e)]
    assert len(pinned) == len(list(locked()))
    assert all("--hash=sha256:" in entry for entry in pinned)


def requirements() -> dict[str, str]:
    """Return name (with its extra) and bound of every direct dependency."""
    project = PROJECT["project"]
    lists = [
        project["dependencies"],
        *(x for name, x in project["optional-dependencies"].items() if name not in NOT_LOCKED),
        *PROJECT["dependency-groups"].values(),
    ]
    split = [re.fullmatch(r"([\w.\-\[\]]+?)(>=[\d.]+)", item) for items in lists for item in items]
    assert all(split)
    return {m[1]: m[2] for m in split if m}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def test_every_direct_dependency_is_locked_within_its_bound() -> None:
    from packaging.requirements import Requirement
    from packaging.version import Version

    versions: dict[str, list[str]] = {}
    for line in locked():
        name, _, rest = line.partition("==")
        versions.setdefault(normal(name), []).append(re.split(r"[ ;\\]", rest)[0])
    for name, bound in requirements().items():
        specifier = Requirement(f"{name}{bound}").specifier
        assert normal(name) in versions, name
        assert all(Version(v) in specifier for v in versions[normal(name)]), name
    assert "hatchling" in versions


def test_the_extra_for_embeddings_is_what_the_acquisition_pins() -> None:
    from packaging.requirements import Requirement

    text = (ROOT / "data" / "acquire" / "requirements.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.\-]+)==([\w.]+)", text, flags=re.MULTILINE))
    for line in PROJECT["project"]["optional-dependencies"]["embeddings"]:
        requirement = Requirement(line)
        assert pinned[requirement.name] in requirement.specifier
    assert text.count("--hash=sha256:") >= len(pinned)


def conda_lines() -> tuple[list[str], list[str]]:
    plain = [d for d in CONDA["dependencies"] if isinstance(d, str)]
    by_pip = [line for d in CONDA["dependencies"] if isinstance(d, dict) for line in d["pip"]]
    return plain, by_pip


@pytest.mark.parametrize("line", conda_lines()[0])
def test_lines_of_the_conda_entry_are_strict_match_specs(line: str) -> None:
    rattler = pytest.importorskip("rattler")
    spec = rattler.MatchSpec(line, strict=True)
    assert spec.name.normalized == line.split()[0]


def test_the_conda_entry_has_the_packages_and_bounds_of_the_project() -> None:
    plain, by_pip = conda_lines()
    bounds = {line.split()[0]: "".join(line.split()[1:]) for line in plain}
    piped = dict(re.fullmatch(r"([\w.\-]+?)\s*(>=[\d.]+)", i).groups()  # type: ignore[union-attr]
                 for i in by_pip if not i.startswith("-"))  # fmt: skip
    wanted = {CONDA_NAMES.get(name, name): bound for name, bound in requirements().items()}
    given = bounds | piped
    assert set(given) - CONDA_ALONE == set(wanted)
    assert {n: given[n] for n in wanted} == wanted
    assert bounds["python"] == PROJECT["project"]["requires-python"]
    assert bounds["quarto"] == ">=1.9"
    assert CONDA["channels"] == ["conda-forge"]


def test_pip_lines_of_the_conda_entry_are_lines_of_a_requirements_file() -> None:
    """They are written to a file for ``pip install -r``, which takes few options."""
    for line in conda_lines()[1]:
        if line.startswith("-"):
            assert re.fullmatch(r"-e \.", line), f"{line!r} is no line of a requirements file"


def test_imports_go_down_the_rooms_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_version_and_licence_agree_everywhere() -> None:
    from valuescape import __version__

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    deposit = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    assert PROJECT["project"]["version"] == __version__ == str(citation["version"])
    assert citation["license"] == PROJECT["project"]["license"]
    assert deposit["license"].lower() == "apache-2.0"


def test_every_folder_of_tests_is_a_package() -> None:
    scripts = ROOT / "tests" / "oracles"
    folders = {p.parent for p in (ROOT / "tests").rglob("*.py") if scripts not in p.parents}
    assert not [str(f) for f in folders if not (f / "__init__.py").is_file()]
