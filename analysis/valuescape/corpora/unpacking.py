"""Files as streams of bytes and lines of bounded length, unpacked where they are packed."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from valuescape.corpora.scanning import LONGEST
from valuescape.errors import InputError

#: Bytes out of one byte packed.  Conversations give 3 to 100, a file made to fill a disk 1,000.
MOST_UNPACKED = 300
_GZIP, _MARK = b"\x1f\x8b", b"\xef\xbb\xbf"


def check_unpacked(unpacked: int, packed: int) -> None:
    """Refuse what is large and was packed too well to be conversations.

    Raises
    ------
    InputError
        If more than 64 MiB come out of less than a 300th of that.

    Examples
    --------
    >>> check_unpacked(1 << 30, 1 << 20)
    Traceback (most recent call last):
    ...
    valuescape.errors.InputError: unpacks to more than 300 times its size, which is not read
    """
    if unpacked > LONGEST and unpacked > MOST_UNPACKED * packed:
        raise InputError(f"unpacks to more than {MOST_UNPACKED} times its size, which is not read")


class _Unpacked(io.RawIOBase):
    """Bytes of a gzip file, up to what the part read so far may unpack to."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed, self._stream, self._found = packed, gzip.GzipFile(fileobj=packed), 0

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as there is something left."""
        n = self._stream.readinto(buffer)
        self._found += n
        try:
            check_unpacked(self._found, self._packed.tell())
        except InputError as error:
            raise gzip.BadGzipFile(str(error)) from None
        return n


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacking gzip and passing over a byte order mark."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        whole = _Unpacked(stream) if packed else stream
        buffered = io.BufferedReader(cast(Any, whole), 1 << 20)
        if buffered.peek(3)[:3] == _MARK:
            buffered.read(3)
        yield cast(BinaryIO, buffered)


def bounded_lines(stream: BinaryIO, longest: int) -> Iterator[bytes | None]:
    r"""Yield lines with their ends; None for one that is too long, which is passed over unread.

    Examples
    --------
    >>> list(bounded_lines(io.BytesIO(b"a\n" + b"b" * 9 + b"\nc"), longest=4))
    [b'a\n', None, b'c']
    """
    while line := stream.readline(longest + 1):
        if len(line) <= longest or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(longest + 1)
        yield None
