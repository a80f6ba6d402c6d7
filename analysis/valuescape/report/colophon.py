"""With what the paper was made: versions from the lock file, and a digest of the labels."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import valuescape
from valuescape.errors import InputError
from valuescape.report.numbers import Numbers

_NAMED = {
    "numpy": "numpy",
    "scipy": "scipy",
    "pandas": "pandas",
    "statsmodels": "statsmodels",
    "scikit_learn": "scikit-learn",
    "matplotlib": "matplotlib",
    "dvc": "dvc",
    "pypandoc": "pypandoc-binary",
    "typst": "typst",
}
_DIGITS = 12


def colophon(lock: Path, labels: Path) -> Numbers:
    """Collect the versions that the lock file pins and a digest of the released labels.

    The versions are those of the lock file, not of the machine at hand, so that the text is the
    same wherever the paper is built.

    Parameters
    ----------
    lock : Path
        ``requirements.lock``.
    labels : Path
        Folder of the released labels.

    Raises
    ------
    InputError
        If the lock file does not pin a package that the colophon names.
    """
    text = lock.read_text(encoding="utf-8")
    found: Numbers = {"valuescape": valuescape.__version__, "labels": digest(labels)}
    for key, package in _NAMED.items():
        versions = re.findall(rf"^{re.escape(package)}==([\w.]+)", text, re.MULTILINE)
        if not versions:
            raise InputError(f"{lock.name}: {package} is not pinned; the colophon names it")
        found[key] = " or ".join(versions)
    return found


def digest(folder: Path) -> str:
    """Return the first digits of a SHA-256 digest of the files of a folder and their paths.

    What is hidden does not count.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> _ = (home / "a.csv").write_text("x")
    >>> digest(home)
    'bc0ee504c35f'
    """
    whole = hashlib.sha256()
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = path.relative_to(folder)
        if not any(part.startswith(".") for part in name.parts):
            whole.update(name.as_posix().encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:_DIGITS]
