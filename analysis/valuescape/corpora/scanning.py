"""Values of a JSON document one by one, without the document in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from valuescape.errors import InputError

LONGEST = 1 << 26
_BLOCK, _DEEPEST = 1 << 20, 10_000
_IN_STRING = re.compile(rb'(?s)[^"\\]*+(?:\\.[^"\\]*+)*+')
_TO_BRACKET = re.compile(rb'(?s)[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+')
_SCALAR = re.compile(rb"[^,\]}\s]*+")
_QUOTE, _OPENING = ord('"'), b"{["
_BLANK = re.compile(rb"\s*+")


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a document.

    Attributes
    ----------
    key : str or None
        Name of the member of the outer object it belongs to; None in an outer array.
    index : int or None
        Place in the array, from 0; None for a member that was not unpacked.
    raw : bytes or None
        Its JSON; None if it is longer than the limit.
    """

    key: str | None
    index: int | None
    raw: bytes | None


class Scanner:
    """Cuts a stream of bytes into JSON values by their brackets.

    Values are told apart by brackets and quotation marks only; whoever parses one learns whether
    it is JSON inside.  Memory is bounded by the limit whatever the document's length.

    Parameters
    ----------
    stream : file of bytes
        UTF-8.
    longest : int
        Bytes of the longest value that is kept.
    """

    def __init__(self, stream: BinaryIO, longest: int = LONGEST) -> None:
        self._stream, self._longest = stream, longest
        self._chunk, self._at, self._base = b"", 0, 0

    def peek(self) -> bytes:
        """Return the next byte that is not blank; empty at the end."""
        while True:
            self._at = _end(_BLANK, self._chunk, self._at)
            if self._at < len(self._chunk):
                return self._chunk[self._at : self._at + 1]
            if not self._refill():
                return b""

    def take(self, *allowed: bytes) -> bytes:
        """Consume the next byte that is not blank.

        Raises
        ------
        InputError
            If it is not one of those allowed.
        """
        found = self.peek()
        if found not in allowed:
            where = f"byte {self._base + self._at}"
            wanted = " or ".join(repr(a.decode()) for a in allowed)
            have = "the end" if not found else repr(found.decode("latin-1"))
            raise InputError(f"{where}: {have} where {wanted} belongs")
        self._at += 1
        return found

    def value(self, *, keep: bool = True) -> bytes | None:
        """Consume one value and return its JSON; None if it is too long or not to be kept.

        Raises
        ------
        InputError
            If the document ends before the value does, or it is nested more than 10,000 deep.
        """
        kept = _Kept(self._longest if keep else 0)
        first = self.peek()
        if first in (b"{", b"["):
            self._nested(kept)
        elif first == b'"':
            self._advance(1, kept)
            self._string(kept)
        else:
            self._scalar(first, kept)
        return kept.whole() if keep else None

    def elements(self, wanted: Container[str], unpack: Container[str] = ()) -> Iterator[Element]:
        """Yield what an outer array or object holds.

        Parameters
        ----------
        wanted : container of str
            Members of an outer object to yield; others are passed over unread.
        unpack : container of str
            Members whose elements are yielded one by one, if they are arrays.
        """
        if self.take(b"[", b"{") == b"[":
            yield from self._array(None)
            return
        while self._more(b"}"):
            key = self._key()
            if key in unpack and self.peek() == b"[":
                self.take(b"[")
                yield from self._array(key)
            elif key in wanted:
                yield Element(key, None, self.value())
            else:
                self.value(keep=False)

    def _key(self) -> str:
        if self.peek() != b'"':
            raise InputError(f"byte {self._base + self._at}: no name of a member")
        key = str(parsed(self.value()))
        self.take(b":")
        return key

    def _array(self, key: str | None) -> Iterator[Element]:
        index = 0
        while self._more(b"]"):
            yield Element(key, index, self.value())
            index += 1

    def _more(self, end: bytes) -> bool:
        if self.peek() == b",":
            self.take(b",")
        if self.peek() == end:
            self.take(end)
            return False
        if not self.peek():
            raise InputError(f"byte {self._base + self._at}: the file ends inside a value")
        return True

    def _nested(self, kept: _Kept) -> None:
        depth, at, start = 0, self._at, self._at
        while True:
            at = _end(_TO_BRACKET, self._chunk, at)
            if at == len(self._chunk):
                self._advance(at - start, kept)
                self._need_more()
                at = start = 0
                continue
            found = self._chunk[at]
            at += 1
            if found == _QUOTE:
                self._advance(at - start, kept)
                self._string(kept)
                at = start = self._at
                continue
            depth += 1 if found in _OPENING else -1
            if depth > _DEEPEST:
                where = f"byte {self._base + at}"
                raise InputError(f"{where}: nested more than {_DEEPEST:,} deep, which is not read")
            if depth == 0:
                self._advance(at - start, kept)
                return

    def _string(self, kept: _Kept) -> None:
        self._run(_IN_STRING, kept)
        while self._chunk[self._at : self._at + 1] != b'"':
            self._need_more()
            self._run(_IN_STRING, kept)
        self._advance(1, kept)

    def _scalar(self, first: bytes, kept: _Kept) -> None:
        if first in (b"", b",", b":", b"}", b"]"):
            found = repr(first.decode()) if first else "the end"
            raise InputError(f"byte {self._base + self._at}: {found} where a value belongs")
        self._run(_SCALAR, kept)

    def _run(self, pattern: re.Pattern[bytes], kept: _Kept) -> None:
        """Consume what the pattern matches, over as many blocks as it takes."""
        while True:
            self._advance(_end(pattern, self._chunk, self._at) - self._at, kept)
            if self._at < len(self._chunk):
                return
            if pattern is not _SCALAR:
                self._need_more()
            elif not self._refill():
                return

    def _advance(self, n: int, kept: _Kept) -> None:
        kept.add(self._chunk[self._at : self._at + n])
        self._at += n

    def _need_more(self) -> None:
        if not self._refill():
            raise InputError(f"byte {self._base + self._at}: the file ends inside a value")

    def _refill(self) -> bool:
        block = self._stream.read(_BLOCK)
        self._base += self._at
        self._chunk, self._at = self._chunk[self._at :] + block, 0
        return bool(block)


def _end(pattern: re.Pattern[bytes], chunk: bytes, at: int) -> int:
    found = pattern.match(chunk, at)
    return found.end() if found else at


class _Kept:
    """Bytes gathered up to a limit, after which none are."""

    def __init__(self, longest: int) -> None:
        self._room = longest
        self._pieces: list[bytes] | None = []

    def add(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            self._pieces = None
        elif self._pieces is not None:
            self._pieces.append(piece)

    def whole(self) -> bytes | None:
        return None if self._pieces is None else b"".join(self._pieces)


def parsed(raw: bytes | None) -> Any:
    """Parse one value.

    Raises
    ------
    InputError
        If it was too long to be kept or is not JSON in UTF-8.
    """
    if raw is None:
        raise InputError(f"longer than {LONGEST >> 20} MiB; records up to that are read")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON in UTF-8 ({error})") from error
