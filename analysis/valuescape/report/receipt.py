"""What a rendering was made from, so that it is not made twice."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from valuescape.writing import write_text


@dataclass(frozen=True, slots=True)
class Receipt:
    """Inputs, renderer and outputs of one rendering.

    Attributes
    ----------
    renderer : str
        Name and version, as in ``quarto 1.9.12``.
    inputs, outputs : dict
        sha256 in hexadecimal of each file, by its path relative to the paper's folder.
    commit : str
        The commit checked out, with a plus where files differ from it; empty outside Git.  It
        stands here and not in the pages, whose bytes follow from their inputs alone.
    """

    renderer: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    commit: str = ""


def checked_out(folder: Path) -> str:
    """Return the commit checked out in a folder, with a plus where files differ from it."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return commit + ("+" if _git(folder, "status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(folder: Path, *words: str) -> str:
    command = ["git", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()


def fingerprints(files: Iterable[Path], folder: Path) -> dict[str, str]:
    """Return the sha256 of each file that exists, by its path relative to ``folder``.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> _ = (home / "a").write_text("abc")
    >>> fingerprints([home / "a", home / "b"], home)["a"][:8]
    'ba7816bf'
    """
    found = [file for file in sorted(files) if file.is_file()]
    names = [Path(os.path.relpath(file, folder)).as_posix() for file in found]
    sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in found]
    return dict(zip(names, sums, strict=True))


def read_receipt(path: Path) -> Receipt | None:
    """Return the receipt at ``path``, or None if there is none that can be read."""
    try:
        return Receipt(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_receipt(receipt: Receipt, path: Path) -> None:
    """Write a receipt beside its place and rename it."""
    write_text(json.dumps(asdict(receipt), indent=2, sort_keys=True) + "\n", path)
