"""Checksums of a folder, in the form that ``sha256sum --check`` reads."""

from __future__ import annotations

import hashlib
from pathlib import Path


def checksums(folder: Path) -> str:
    """List every file below a folder with its SHA-256, sorted by path.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> _ = (home / "a.txt").write_text("abc")
    >>> checksums(home).split()[1]
    'a.txt'
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files
    )
