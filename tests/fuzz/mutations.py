"""Damage done to a file that is in order: to its bytes, its lines, or the values in it."""

from __future__ import annotations

import copy
import gzip
import io
import json
import math
import random
import zipfile
from collections.abc import Callable
from typing import Any

Random = random.Random
Damage = Callable[[Random, bytes], bytes]

DEPTH = 100_000
_NOISE = (
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\r",
    b"\r\n",
    b"\n",
    b'"',
    b",",
    b";",
    b"[",
    b"{",
    b"}",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 400,
    b"9" * 5000,
    b"null",
    b"&a [*a]",
    b"!!timestamp x",
    b"2020-99-99",
)
JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**300,
    -0.5,
    1e308,
    math.nan,
    math.inf,
    "",
    " ",
    "\x00",
    "\ud800",
    "\ufeff",
    "=1+1",
    "../../x",
    "NaN",
    "2020-99-99",
    "9" * 400,
    "x" * 5000,
    [],
    {},
    [None],
    [[[]]],
    {"": None},
    {"role": "user"},
    ["text"],
)


def _cut(rng: Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _flip(rng: Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        if found:
            found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def _insert(rng: Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(_NOISE) + content[at:]


def _overwrite(rng: Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    piece = rng.choice(_NOISE)
    return content[:at] + piece + content[at + len(piece) :]


def _remove(rng: Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + content[at + rng.randint(1, 40) :]


def _shuffle_lines(rng: Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    doing = rng.randrange(3)
    if doing == 0:
        lines.insert(at, lines[at])
    elif doing == 1:
        del lines[at]
    else:
        rng.shuffle(lines)
    return b"".join(lines)


def _other_newlines(rng: Random, content: bytes) -> bytes:
    ends = (b"\n", b"\r\n", b"\r", b"\n\n", b"\x0b", "\u2028".encode())
    return b"".join(line + rng.choice(ends) for line in content.split(b"\n"))


def _deep(rng: Random, content: bytes) -> bytes:
    opening = rng.choice((b"[", b'{"a":', b"{", b"[[],", b'{"content":[{"type":"text","text":'))
    at = rng.choice((0, len(content), rng.randrange(len(content) + 1)))
    depth = rng.choice((300, 900, 5000, DEPTH))
    return content[:at] + opening * depth + content[at:]


def _empty(rng: Random, content: bytes) -> bytes:
    return rng.choice((b"", b"\n", b"\x00", b"\xef\xbb\xbf", b"null", b"[]", b"{}", b" " * 9999))


def _other_encoding(rng: Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-32", "utf-8-sig", "cp500")), "replace")


def _packed_and_cut(rng: Random, content: bytes) -> bytes:
    packed = gzip.compress(content, mtime=0)
    return rng.choice((_cut, _flip, _doubled, _overwrite))(rng, packed)


def _zipped_and_cut(rng: Random, content: bytes) -> bytes:
    packed = zipped({rng.choice(("conversations.json", "../../x", "header.json")): content})
    return rng.choice((_cut, _flip, _overwrite))(rng, packed)


def _doubled(rng: Random, content: bytes) -> bytes:
    return content + content


BYTES: tuple[Damage, ...] = (
    _cut,
    _flip,
    _insert,
    _overwrite,
    _remove,
    _shuffle_lines,
    _other_newlines,
    _deep,
    _empty,
    _other_encoding,
    _packed_and_cut,
    _zipped_and_cut,
    _doubled,
)


def damaged_bytes(rng: Random, content: bytes) -> bytes:
    """Do one to three kinds of damage."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        content = rng.choice(BYTES)(rng, content)
    return content


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack members into an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values inside a document; none inside a text or number."""
    found = [path] if path else []
    keys: Any = ()
    if isinstance(value, dict):
        keys = value
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        found += places(value[key], (*path, key))
    return found


def _within(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def damaged_value(rng: Random, value: Any) -> Any:
    """Put junk at up to three places of a document, leave some out, or repeat some."""
    changed = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        there = places(changed)
        if not there:
            return changed
        path = rng.choice(there)
        within, key = _within(changed, path[:-1]), path[-1]
        doing = rng.randrange(5)
        if doing == 0:
            del within[key]
        elif doing == 1 and isinstance(within, list):
            within.insert(key, copy.deepcopy(within[key]))
        elif doing == 2:
            within[key] = copy.deepcopy(_within(changed, rng.choice(there)))
        else:
            within[key] = copy.deepcopy(rng.choice(JUNK))
    return changed


def spelt(rng: Random, value: Any) -> bytes:
    """Write a document as JSON, some with a key twice."""
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.1 and text.startswith("{") and len(text) > 2:
        text = "{" + text[1:-1] + "," + text[1:]
    return text.encode("utf-8", "surrogatepass")
