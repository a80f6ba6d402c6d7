"""Whether the files that describe the environment agree: project, lock and conda entry."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework[duckdb]": "ibis-duckdb",
    "matplotlib": "matplotlib-base",
    "pandera[pandas]": "pandera",
    "pypandoc-binary": "pypandoc",
}
"""Under another name on conda-forge, or there without its extra."""
CONDA_ALONE = {"python", "quarto", "pip", "pandoc"}
NOT_LOCKED = ("embeddings", "spark")
"""Extras that are no part of the default pipeline or of conda-forge."""


def project_of(root: Path) -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(project: Mapping[str, Any]) -> dict[str, str]:
    """Return name (with its extra) and bound of every direct dependency.

    Examples
    --------
    >>> requirements({"project": {"dependencies": ["numpy>=2.0"], "optional-dependencies": {}},
    ...               "dependency-groups": {"dev": ["ruff>=0.8"]}})
    {'numpy': '>=2.0', 'ruff': '>=0.8'}
    """
    extras = project["project"]["optional-dependencies"]
    lists = [
        project["project"]["dependencies"],
        *(lines for name, lines in extras.items() if name not in NOT_LOCKED),
        *project["dependency-groups"].values(),
    ]
    found = {}
    for line in (line for lines in lists for line in lines):
        name = re.match(r"[\w.\-\[\],]+", line)
        found[name[0] if name else line] = line[len(name[0]) if name else 0 :].strip()
    return found


def locked_versions(root: Path) -> dict[str, list[str]]:
    """Return the versions that requirements.lock pins, by normal name."""
    found: dict[str, list[str]] = {}
    for line in _entries(root):
        name, _, rest = line.partition("==")
        found.setdefault(normal(name), []).append(re.split(r"[ ;\\]", rest)[0])
    return found


def _entries(root: Path) -> Iterator[str]:
    for line in (root / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            yield line


def normal(name: str) -> str:
    """Spell a package's name as the lock does.

    Examples
    --------
    >>> normal("Pandera[pandas]"), normal("scikit_learn")
    ('pandera', 'scikit-learn')
    """
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def lock_faults(root: Path) -> list[str]:
    """Tell where requirements.lock does not pin what pyproject.toml asks for, by hash."""
    versions = locked_versions(root)
    found = []
    for name, bound in requirements(project_of(root)).items():
        pinned = versions.get(normal(name), [])
        specifier = Requirement(f"{name}{bound}").specifier
        if not pinned:
            found.append(f"requirements.lock: {name} is not pinned")
        found += [
            f"requirements.lock: {name} {version} is outside {bound}"
            for version in pinned
            if Version(version) not in specifier
        ]
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    entries = [e for e in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[\w.\[\]-]+==", e)]
    found += [
        f"requirements.lock: {entry.split('==')[0]} has no hash"
        for entry in entries
        if "--hash=sha256:" not in entry
    ]
    if re.search(r"https?://|--index|--extra-index|--find-links|@ file", text):
        found.append("requirements.lock: names an index or a file")
    return found


def conda_lines(root: Path) -> tuple[list[str], list[str]]:
    """Return the lines of environment.yml: of conda, and of pip inside it."""
    listed = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = [line for line in listed if isinstance(line, str)]
    return plain, [line for part in listed if isinstance(part, dict) for line in part["pip"]]


def conda_faults(root: Path) -> list[str]:
    """Tell where environment.yml has other packages or bounds than pyproject.toml."""
    project = project_of(root)
    plain, by_pip = conda_lines(root)
    given = {line.split()[0]: "".join(line.split()[1:]) for line in plain}
    for line in (line for line in by_pip if not line.startswith("-")):
        name, bound = re.split(r"\s*(?=[<>=~!])", line, maxsplit=1)
        given[name] = bound
    wanted = {CONDA_NAMES.get(name, name): bound for name, bound in requirements(project).items()}
    found = [
        f"environment.yml: {name} is {given.get(name, 'absent')}, pyproject.toml asks {bound}"
        for name, bound in wanted.items()
        if given.get(name) != bound
    ]
    found += [
        f"environment.yml: pyproject.toml does not ask for {name}"
        for name in sorted(set(given) - set(wanted) - CONDA_ALONE)
    ]
    asked = project["project"]["requires-python"]
    if given.get("python") != asked:
        found.append(f"environment.yml: python is {given.get('python')}, asked is {asked}")
    return found


def version_faults(root: Path) -> list[str]:
    """Tell where version and licence differ between the files that name them."""
    project = project_of(root)["project"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    deposit = json.loads((root / ".zenodo.json").read_text(encoding="utf-8"))
    module = (root / "analysis" / "valuescape" / "__init__.py").read_text(encoding="utf-8")
    own = re.search(r'__version__ = "([^"]+)"', module)
    said = {
        "CITATION.cff": str(citation["version"]),
        "the package": own[1] if own else "absent",
    }
    found = [
        f"{where}: version {version}, pyproject.toml has {project['version']}"
        for where, version in said.items()
        if version != project["version"]
    ]
    licences = {
        "CITATION.cff": citation["license"],
        ".zenodo.json": deposit["license"],
    }
    return found + [
        f"{where}: licence {licence}, pyproject.toml has {project['license']}"
        for where, licence in licences.items()
        if str(licence).lower() != project["license"].lower()
    ]
