"""Download one file: resumed where it stopped, and only kept if it is the file named."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from valuescape.errors import InputError

_BLOCK = 1 << 16
_TIMEOUT = 60.0
_PARTIAL_CONTENT = 206


@dataclass(frozen=True, slots=True)
class Upstream:
    """One file of a public corpus.

    Attributes
    ----------
    source, repository, commit, path, url : str
        What it belongs to and where it is.
    n_bytes : int
        Its size.
    sha256 : str
        Its digest.
    """

    source: str
    repository: str
    commit: str
    path: str
    url: str
    n_bytes: int
    sha256: str


def download(upstream: Upstream, target: Path) -> bool:
    """Bring a file to ``target`` unless it is there already.

    Parameters
    ----------
    upstream : Upstream
        The file.
    target : Path
        Where it goes; a part that an earlier attempt left in ``target`` + ``.part`` is continued.

    Returns
    -------
    bool
        Whether anything was fetched.

    Raises
    ------
    InputError
        If the server does not give the file, or it is not the file of this digest.
    """
    if target.is_file() and digest(target) == upstream.sha256:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    if not (part.is_file() and part.stat().st_size >= upstream.n_bytes):
        _continue(upstream, part)
    found = digest(part)
    if found != upstream.sha256:
        part.unlink()
        raise InputError(f"{upstream.url}: SHA-256 is {found}; needed is {upstream.sha256}")
    part.replace(target)
    return True


def _continue(upstream: Upstream, part: Path) -> None:
    start = part.stat().st_size if part.is_file() else 0
    if not upstream.url.startswith(("https://", "http://")):
        raise InputError(f"{upstream.url}: not a web address; allowed are https and http")
    headers = {"User-Agent": "valuescape"}
    request = urllib.request.Request(upstream.url, headers=headers)  # noqa: S310
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310
            mode = "ab" if start and response.status == _PARTIAL_CONTENT else "wb"
            with part.open(mode) as stream:
                while block := response.read(_BLOCK):
                    stream.write(block)
    except (urllib.error.URLError, OSError) as error:
        raise InputError(f"{upstream.url}: not fetched ({error}); run again to go on") from error


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
