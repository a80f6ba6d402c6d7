"""Download one file: resumed where it stopped, and only kept if it is the file named."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from valuescape.errors import InputError
from valuescape.writing import lock, writing

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

    A connection that is cut is taken up again by a ``Range`` request as long as each attempt
    brings something; what it brought stays in ``target`` + ``.part`` for the next run.

    Parameters
    ----------
    upstream : Upstream
        The file.
    target : Path
        Where it goes.

    Returns
    -------
    bool
        Whether anything was fetched.

    Raises
    ------
    InputError
        If the server does not give the file, or it is not the file of this size and digest; if
        another run is fetching it; WriteError if there is no room for it.
    """
    if _is_there(upstream, target):
        return False
    if not upstream.url.startswith(("https://", "http://")):
        raise InputError(f"{upstream.url}: not a web address; allowed are https and http")
    part = target.with_name(f"{target.name}.part")
    with writing(target), _opened(part) as stream:
        if _is_there(upstream, target):
            return False
        if stream.tell() > upstream.n_bytes:
            stream.truncate(0)
        while stream.seek(0, os.SEEK_END) < upstream.n_bytes:
            _continue(upstream, stream, part)
        found = digest(part)
        if found != upstream.sha256:
            part.unlink()
            raise InputError(f"{upstream.url}: SHA-256 is {found}; needed is {upstream.sha256}")
        part.replace(target)
    return True


def _is_there(upstream: Upstream, target: Path) -> bool:
    return target.is_file() and digest(target) == upstream.sha256


@contextmanager
def _opened(part: Path) -> Iterator[BinaryIO]:
    """Open what was fetched so far for this run alone, so that no two write into it."""
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("ab") as stream:
        if lock(stream.fileno(), wait=False) is False:
            raise InputError(f"{part}: another run is fetching it; wait until that has ended")
        yield stream


def _continue(upstream: Upstream, stream: BinaryIO, part: Path) -> None:
    """Fetch what is missing; raise unless there is more afterwards."""
    start = stream.tell()
    problem = "the connection was cut"
    try:
        with _requested(upstream, start) as response:
            for block in _blocks(upstream, response, stream, start):
                with writing(part):
                    stream.write(block)
                    stream.flush()
    except urllib.error.HTTPError as error:
        raise InputError(f"{upstream.url}: not fetched ({error}); run again to go on") from error
    except (OSError, http.client.HTTPException) as error:
        problem = str(error) or type(error).__name__
    if stream.seek(0, os.SEEK_END) <= start:
        raise InputError(f"{upstream.url}: not fetched ({problem}); run again to go on")


def _requested(upstream: Upstream, start: int) -> http.client.HTTPResponse:
    request = urllib.request.Request(  # noqa: S310
        upstream.url, headers={"User-Agent": "valuescape"}
    )
    if start:
        request.add_header("Range", f"bytes={start}-")
    response: http.client.HTTPResponse = urllib.request.urlopen(  # noqa: S310
        request, timeout=_TIMEOUT
    )
    return response


def _blocks(
    upstream: Upstream, response: http.client.HTTPResponse, stream: BinaryIO, start: int
) -> Iterator[bytes]:
    """Yield what the server sends; from the beginning of the file if it knows no ranges."""
    goes_on = response.status == _PARTIAL_CONTENT
    if goes_on and not _starts_at(response.headers.get("Content-Range"), start):
        raise InputError(f"{upstream.url}: the server sent another range than asked for")
    size = start if goes_on else 0
    stream.truncate(size)
    while block := response.read(_BLOCK):
        size += len(block)
        if size > upstream.n_bytes:
            raise InputError(
                f"{upstream.url}: longer than the {upstream.n_bytes} bytes it should have"
            )
        yield block


def _starts_at(content_range: str | None, start: int) -> bool:
    """Say whether a ``Content-Range`` begins where it should.

    Examples
    --------
    >>> _starts_at("bytes 5-9/10", 5), _starts_at("bytes 0-9/10", 5)
    (True, False)
    """
    return (content_range or "").startswith(f"bytes {start}-")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
