"""Whether dvc.yaml says all that a stage rests on, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from valuescape.errors import InputError
from valuescape.review.graph import (
    PACKAGE,
    SOURCE,
    Stage,
    covered,
    out_paths,
    sources_of,
    stages_of,
)

VERSION_FILE = f"{SOURCE}/{PACKAGE}/__init__.py"
"""Holds the version and nothing that a stage computes with."""
PRODUCTS = {
    "data/release",
    "data/release.sha256",
    "figures",
    "paper/_variables.yml",
    "paper/claims.yaml",
    "paper/explorer.html",
    "paper/tables",
}
"""Outs for people, or for the renderer, which reads the folder of the paper."""
_RENDER = "render"
_UNMADE = {
    _RENDER: ["always changed"],
    "release": [{"changed outs": {"data/release": "deleted"}}],
}
"""What DVC says of outs that are no part of the repository."""


def undeclared_imports(root: Path) -> list[str]:
    """Tell which files a stage imports that its dependencies do not name."""
    found = []
    for name, stage in stages_of(root).items():
        used = sources_of(f"{PACKAGE}.stages.{name}", root) - {VERSION_FILE}
        found += [
            f"{name} imports {path}, which its deps do not name"
            for path in sorted(used)
            if not covered(path, stage["deps"])
        ]
    return found


def unused_dependencies(root: Path) -> list[str]:
    """Tell which dependencies of a stage do not exist, or are sources it does not import."""
    stages = stages_of(root)
    made = [out for stage in stages.values() for out in out_paths(stage)]
    found = []
    for name, stage in stages.items():
        used = sources_of(f"{PACKAGE}.stages.{name}", root)
        for dep in stage["deps"]:
            if not covered(dep, made) and not (root / dep).exists():
                found.append(f"{name}: {dep} does not exist")
            source = dep.startswith(f"{SOURCE}/") and "/resources" not in dep
            if source and not any(covered(path, [dep]) for path in used):
                found.append(f"{name} does not import {dep}")
    return found


def unused_outputs(root: Path) -> list[str]:
    """Tell which outs no other stage depends on and nobody is meant to read."""
    stages = stages_of(root)
    needed = [dep for stage in stages.values() for dep in stage["deps"]]
    return [
        f"{name}: nothing reads {out}"
        for name, stage in stages.items()
        for out in out_paths(stage)
        if out not in PRODUCTS and not any(covered(dep, [out]) for dep in needed)
    ]


def words_apart(root: Path) -> list[str]:
    """Tell which stages do not bear one word in module, options, folder and test."""
    options = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    found = []
    for name, stage in stages_of(root).items():
        missing = [
            what
            for what, there in (
                ("module", (root / SOURCE / PACKAGE / "stages" / f"{name}.py").is_file()),
                ("command", stage["cmd"] == f"python -m {PACKAGE}.stages.{name}"),
                ("block of params.yaml", name == _RENDER or name in options),
                ("folder of results", _has_folder(name, stage)),
                ("test", (root / "tests" / "stages" / f"test_{name}.py").is_file()),
            )
            if not there
        ]
        found += [f"{name}: no {what} of that name" for what in missing]
    return found


def _has_folder(name: str, stage: Stage) -> bool:
    outs = set(out_paths(stage))
    return outs <= PRODUCTS or outs == {f"data/results/{name}"}


def stale_stages(root: Path) -> list[str]:
    """Tell which stages DVC would run, since something changed after the last run.

    Raises
    ------
    InputError
        If DVC is not installed or does not answer.
    """
    command = [sys.executable, "-m", "dvc", "status", "--json"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise InputError(f"dvc status: {done.stderr.strip().splitlines()[-1:]}")
    told = done.stdout + done.stderr
    status: Mapping[str, object] = json.loads(told[told.index("{") : told.rindex("}") + 1])
    return [
        f"{name}: {json.dumps(change)}"
        for name, change in status.items()
        if change != _UNMADE.get(name)
    ]
