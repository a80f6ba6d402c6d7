"""What each stage of dvc.yaml imports, found by reading its source."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.paths import ROOT

SOURCE = ROOT / "analysis"
PACKAGE = "valuescape"


def pipeline() -> dict[str, dict[str, Any]]:
    """Return the stages of the root's dvc.yaml."""
    content = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))
    stages: dict[str, dict[str, Any]] = content["stages"]
    return stages


def out_paths(stage: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return path and flags of every out of a stage."""
    outs = [{o: {}} if isinstance(o, str) else o for o in stage.get("outs", [])]
    return {path: flags for out in outs for path, flags in out.items()}


def covered(path: str, deps: list[str]) -> bool:
    """Tell whether a path is one of the dependencies or below one."""
    return any(path == dep or path.startswith(f"{dep}/") for dep in deps)


def file_of(module: str) -> Path | None:
    """Return the source of a module of the package, or None if it is a name in a module."""
    base = SOURCE.joinpath(*module.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def sources_of(module: str) -> set[str]:
    """Return the files, from the root, that importing a module may run."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = file_of(name)
        if path is None or (shown := path.relative_to(ROOT).as_posix()) in found:
            continue
        found.add(shown)
        waiting += _imports(path)
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return found


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Return the package's modules that a file imports, in functions as well."""
    tree = ast.parse(path.read_text("utf-8"))
    unseen = {id(n) for branch in ast.walk(tree) if _for_types(branch) for n in ast.walk(branch)}
    found = []
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.append(str(node.module))
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(name for name in found if name.split(".")[0] == PACKAGE)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
