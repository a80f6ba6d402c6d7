"""Zip archives read in place: Inspect logs, and the exports of ChatGPT and Claude.

No member is written to disk, so its name can lead nowhere; only members of known names are read,
each through a counter that stops at the limit whatever size the archive claims.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from valuescape.corpora.records import File, Malformed, Record, document, located
from valuescape.corpora.scanning import Scanner, parsed
from valuescape.errors import InputError

MOST_MEMBERS = 1_000_000
MOST_BYTES = 1 << 35
_CONVERSATIONS = re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$")
_SAMPLE = re.compile(r"^samples/[^/]+\.json$")
_HEADERS = ("header.json", "_journal/start.json")
_MEMBERS = ("id", "epoch", "uuid", "messages", "output", "started_at", "attachments")


def archived(file: File, malformed: Malformed) -> Iterator[Record]:
    """Read an archive.

    Raises
    ------
    InputError
        If it is damaged, has too many members, or holds nothing that is read.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            yield from _members(file, archive, malformed)
    except zipfile.BadZipFile as error:
        raise InputError(f"{file.path}: not a whole zip archive ({error})") from error


def _members(file: File, archive: zipfile.ZipFile, malformed: Malformed) -> Iterator[Record]:
    names = [info.filename for info in archive.infolist()]
    if len(names) > MOST_MEMBERS:
        raise InputError(f"{file.path}: {len(names)} members; allowed are {MOST_MEMBERS}")
    exports = [name for name in names if _CONVERSATIONS.search(name)]
    header = next((name for name in _HEADERS if name in names), None)
    if header is not None:
        yield from _samples(file, archive, header, malformed)
    elif exports:
        for name in exports:
            yield from _exported(file, archive, name, malformed)
    else:
        raise InputError(
            f"{file.path}: neither conversations.json nor {_HEADERS[0]} in the archive"
        )


def _exported(
    file: File, archive: zipfile.ZipFile, name: str, malformed: Malformed
) -> Iterator[Record]:
    try:
        stream = _member(archive, name)
    except InputError as error:
        malformed(located(file, name, error))
        return
    with stream:
        yield from document(file, stream, malformed, f"{name}, ")


def _samples(
    file: File, archive: zipfile.ZipFile, header: str, malformed: Malformed
) -> Iterator[Record]:
    try:
        with _member(archive, header) as stream:
            around = _object(stream, ("eval",))
    except InputError as error:
        raise located(file, header, error) from error
    names = [i.filename for i in archive.infolist() if _SAMPLE.match(i.filename)]
    for index, name in enumerate(names):
        try:
            with _member(archive, name) as stream:
                content = _object(stream, _MEMBERS)
        except InputError as error:
            malformed(located(file, name, error))
            continue
        yield Record(content, file, index, name, around)


def _object(stream: BinaryIO, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Read some members of a JSON object; the others, however long, are passed over."""
    try:
        found = {str(e.key): parsed(e.raw) for e in Scanner(stream).elements(wanted)}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(f"damaged ({error})") from error
    return found


def _member(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """Open a member; no more bytes come out of it than the archive says it has."""
    info = archive.getinfo(name)
    if info.file_size > MOST_BYTES:
        raise InputError(f"{info.file_size} bytes; allowed are {MOST_BYTES}")
    try:
        return cast(BinaryIO, io.BufferedReader(cast(Any, archive.open(info))))
    except NotImplementedError as error:
        raise InputError(
            f"compressed by method {info.compress_type}, which this Python "
            "cannot undo (93 is Zstandard: Python 3.14 can)"
        ) from error
    except (RuntimeError, zipfile.BadZipFile) as error:
        raise InputError(f"cannot be read ({error})") from error
