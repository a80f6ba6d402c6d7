"""Zip archives read in place: Inspect logs, and the exports of ChatGPT and Claude.

No member is written to disk, so its name can lead nowhere; only members of known names are read,
each through a counter that stops at the limit whatever size the archive claims.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from valuescape.corpora.records import EXPORTED, File, Malformed, Record, document, located
from valuescape.corpora.scanning import LONGEST, Scanner, parsed
from valuescape.corpora.unpacking import check_unpacked
from valuescape.errors import InputError

MOST_MEMBERS = 1_000_000
MOST_BYTES = 1 << 35
_SAMPLE = re.compile(r"^samples/[^/]+\.json$")
_HEADERS = ("header.json", "_journal/start.json")
_METHOD, _NAME_LENGTH = 93, 26
_MEMBERS = ("id", "epoch", "uuid", "messages", "output", "started_at", "attachments")
#: What ``zipfile`` raises for damage, by the field that is damaged.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
)


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
    except _DAMAGED as error:
        raise InputError(f"{file.path}: not a whole zip archive ({error})") from error


def _members(file: File, archive: zipfile.ZipFile, malformed: Malformed) -> Iterator[Record]:
    names = [info.filename for info in archive.infolist()]
    if len(names) > MOST_MEMBERS:
        raise InputError(f"{file.path}: {len(names)} members; allowed are {MOST_MEMBERS}")
    exports = [name for name in names if EXPORTED.search(name)]
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
    except _DAMAGED as error:
        raise InputError(f"damaged ({error})") from error
    return found


class _Zstandard(io.RawIOBase):
    """Bytes of a member compressed by method 93, which ``zipfile`` undoes from Python 3.14 on.

    Inspect writes its logs so.  Size and check sum are held against those the archive states.
    """

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        import pyarrow as pa

        if info.compress_size > LONGEST:
            raise InputError(f"{info.compress_size} bytes packed; allowed are {LONGEST}")
        with Path(str(archive.filename)).open("rb") as stream:
            stream.seek(info.header_offset + _NAME_LENGTH)
            lengths = stream.read(4)
            name, extra = (int.from_bytes(lengths[i : i + 2], "little") for i in (0, 2))
            stream.seek(name + extra, io.SEEK_CUR)
            packed = stream.read(info.compress_size)
        self._stream = pa.CompressedInputStream(pa.BufferReader(packed), "zstd")
        self._left, self._sum, self._wanted = info.file_size, 0, info.CRC

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as there is something left."""
        try:
            found = bytes(self._stream.read(min(len(buffer), self._left + 1)))
        except ValueError as error:
            raise zipfile.BadZipFile(str(error)) from error
        self._left -= len(found)
        self._sum = zlib.crc32(found, self._sum)
        if self._left < 0 or (not found and (self._left or self._sum != self._wanted)):
            raise zipfile.BadZipFile("size or check sum is not the one stated")
        buffer[: len(found)] = found
        return len(found)


def _member(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """Open a member; no more bytes come out of it than the archive says it has."""
    info = archive.getinfo(name)
    if info.file_size > MOST_BYTES:
        raise InputError(f"{info.file_size} bytes; allowed are {MOST_BYTES}")
    check_unpacked(info.file_size, info.compress_size)
    try:
        opened = _Zstandard(archive, info) if info.compress_type == _METHOD else archive.open(info)
        return cast(BinaryIO, io.BufferedReader(cast(Any, opened)))
    except NotImplementedError as error:
        raise InputError(f"compressed by method {info.compress_type}, which is not read") from error
    except _DAMAGED as error:
        raise InputError(f"cannot be read ({error})") from error
