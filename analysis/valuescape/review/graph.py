"""What each stage of dvc.yaml names, and what it imports, found by reading its source."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from valuescape.errors import InputError

PACKAGE = "valuescape"
SOURCE = "analysis"
Stage = dict[str, Any]


def stages_of(root: Path) -> dict[str, Stage]:
    """Return the stages of a checkout's dvc.yaml.

    Raises
    ------
    InputError
        If the file is absent, is no YAML or has no stages.
    """
    path = root / "dvc.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: does not exist; run this in a checkout") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: no YAML: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("stages"), dict):
        raise InputError(f"{path}: has no stages")
    stages: dict[str, Stage] = content["stages"]
    return stages


def out_paths(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return path and flags of every out of a stage.

    Examples
    --------
    >>> out_paths({"outs": ["a", {"b": {"cache": False}}]})
    {'a': {}, 'b': {'cache': False}}
    """
    outs = [{o: {}} if isinstance(o, str) else o for o in stage.get("outs", [])]
    return {path: flags for out in outs for path, flags in out.items()}


def covered(path: str, deps: Iterable[str]) -> bool:
    """Tell whether a path is one of the dependencies or below one.

    Examples
    --------
    >>> covered("a/b.py", ["a"]), covered("ab.py", ["a"])
    (True, False)
    """
    return any(path == dep or path.startswith(f"{dep}/") for dep in deps)


def sources_of(module: str, root: Path) -> set[str]:
    """Return the files, from the root, that importing a module may run."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _file_of(name, root)
        if path is None or (shown := path.relative_to(root).as_posix()) in found:
            continue
        found.add(shown)
        waiting += _imports(path)
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return found


def _file_of(module: str, root: Path) -> Path | None:
    """Return the source of a module of the package, or None if it is a name in a module."""
    base = root.joinpath(SOURCE, *module.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Return the package's modules that a file imports, in functions as well."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {id(n) for branch in ast.walk(tree) if _for_types(branch) for n in ast.walk(branch)}
    found = []
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(str(node.module))
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(name for name in found if name.split(".")[0] == PACKAGE)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
