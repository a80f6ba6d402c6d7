"""Files made to fill the memory or the disk: refused or counted, and nothing is written beside."""

from __future__ import annotations

import gzip
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fuzz.mutations import zipped
from valuescape.corpora.reading import Tally, read_corpus
from valuescape.errors import InputError

MEGABYTES = 400
GIGABYTE = 1 << 30
CHILD = """
import re, sys
from pathlib import Path
from valuescape.errors import InputError
{reader}
try:
    told = read(Path(sys.argv[1]))
except InputError as error:
    told = str(error)
status = Path("/proc/self/status").read_text()
print(int(re.search(r"VmHWM:\\s*([0-9]+) kB", status).group(1)) // 1024)
print(" ".join(str(told).split()))
"""
CORPUS = """
from valuescape.corpora.reading import Tally, read_corpus
def read(path):
    tally = Tally()
    n = sum(1 for _ in read_corpus([path], malformed=tally.on_malformed))
    return f"{n} read; " + "; ".join(tally.lines())
"""
OWN = """
from valuescape.corpora.jsonl import read_jsonl
def read(path):
    errors = []
    n = sum(1 for _ in read_jsonl(path, errors.append))
    return f"{n} read; " + "; ".join(map(str, errors))
"""
NAMES = """
from valuescape.taxonomy.namelist import read_names as read
"""
TABLE = """
from valuescape.store import read_table
def read(path):
    return read_table(path, "labels")
"""
SETTINGS = """
from valuescape.settings import load_settings as read
"""
SHEET = """
from valuescape.audit.answers import read_answers
def read(path):
    return read_answers(path, "d", ["1"], ())
"""

GOOD = json.dumps(
    {
        "id": "v-1",
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
    }
).encode()
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux's /proc"
)


def packed(head: bytes, filling: bytes, size: int) -> bytes:
    """Compress ``head`` and then ``filling`` up to a size, a piece at a time."""
    out = io.BytesIO()
    piece = filling * ((1 << 20) // len(filling))
    with gzip.GzipFile("", fileobj=out, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(head)
        for _ in range(size >> 20):
            stream.write(piece)
    return out.getvalue()


def archive(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into,
        into.open(name, "w", force_zip64=True) as member,
    ):
        for _ in range(size >> 20):
            member.write(b" " * (1 << 20))
    return out.getvalue()


def lying(name: str, size: int, said: int) -> bytes:
    """Give an archive that states another size than comes out of it."""
    content = archive(name, size)
    return content.replace(size.to_bytes(4, "little"), said.to_bytes(4, "little"))


def rows_of_nothing() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = pa.BufferOutputStream()
    column = pa.DictionaryArray.from_arrays(pa.nulls(1 << 24, pa.int8()).fill_null(0), ["x"])
    table = pa.table({"conversation_id": column})
    with pq.ParquetWriter(out, table.schema) as writer:
        for _ in range(64):
            writer.write_table(table)
    return out.getvalue().to_pybytes()


LONG = b"x" * (100 << 20)
CASES: dict[str, tuple[str, str, Callable[[], bytes], str]] = {
    "gzip of one line": ("c.jsonl", CORPUS, lambda: packed(b"{", b" ", GIGABYTE), "300 times"),
    "gzip of an array": ("c.json", CORPUS, lambda: packed(b"[", b"[", GIGABYTE), "10,000 deep"),
    "gzip of blank lines": ("c.jsonl", CORPUS, lambda: packed(b"", b"\n", GIGABYTE), "300 times"),
    "gzip of a CSV cell": ("c.csv", CORPUS, lambda: packed(b"a,b\n", b'"', GIGABYTE), "300 times"),
    "gzip of commas": ("c.csv", CORPUS, lambda: packed(b"a,b\n", b",", GIGABYTE), "300 times"),
    "gzip of quoted lines": (
        "c.csv",
        CORPUS,
        lambda: packed(b"a,b\n", b'"\n",', GIGABYTE - (1 << 20)),
        "8,388,608 bytes",
    ),
    "gzip of our own": ("c.jsonl.gz", OWN, lambda: packed(b"{", b" ", GIGABYTE), "300 times"),
    "zip export": ("c.zip", CORPUS, lambda: archive("conversations.json", GIGABYTE), "300 times"),
    "zip log": ("c.eval", CORPUS, lambda: archive("header.json", GIGABYTE), "300 times"),
    "zip that lies": (
        "c.zip",
        CORPUS,
        lambda: lying("conversations.json", GIGABYTE, 100),
        "conversations.json|not a whole zip",
    ),
    "a long line": ("c.jsonl", CORPUS, lambda: LONG + b"\n" + GOOD, "1 read.*longer than 64 MiB"),
    "a long line of our own": ("c.jsonl", OWN, lambda: LONG + b"\n" + GOOD, "1 read.*64 MiB"),
    "a long element": ("c.json", CORPUS, lambda: b'["' + LONG + b'",' + GOOD + b"]", "1 read.*64"),
    "a long line of CSV": ("c.csv", CORPUS, lambda: b"a\n" + LONG, "8,388,608 bytes"),
    "brackets": ("c.json", CORPUS, lambda: b"[" * (8 << 20), "nested more than 10,000 deep"),
    "a long name": ("n.txt", NAMES, lambda: LONG, "line 1: over 65,536 bytes"),
    "long settings": ("params.yaml", SETTINGS, lambda: LONG, "longer than 1 MiB"),
    "many laughs": (
        "params.yaml",
        SETTINGS,
        lambda: b"a: &a [x]\n" + b"".join(b"b%d: [*a]\n" % i for i in range(9)),
        "aliases",
    ),
    "a long sheet": ("a.json", SHEET, lambda: LONG, "longer than 64 MiB"),
    "rows of nothing": ("t.parquet", TABLE, rows_of_nothing, "1,073,741,824 rows in"),
}
QUICK = ("a long name", "long settings", "many laughs", "a long line of CSV", "brackets")


@needs_proc
@pytest.mark.parametrize(
    "kind", [c if c in QUICK else pytest.param(c, marks=pytest.mark.slow) for c in CASES]
)
def test_what_fills_the_memory_is_refused_in_little_of_it(kind: str, tmp_path: Path) -> None:
    name, reader, make, said = CASES[kind]
    path = tmp_path / name
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(reader=reader), str(path)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    peak, told = done.stdout.split("\n", 1)
    assert re.search(said, told), told[:500]
    assert int(peak) <= MEGABYTES, peak


PLACES = ("../../x", "/etc/valuescape-x", "..\\..\\x", "C:\\x", "a/../../x", "samples/../../x.json")


@pytest.mark.parametrize("place", PLACES)
def test_members_that_lead_outside_are_not_written(place: str, tmp_path: Path) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    path = inside / "c.zip"
    members = {place: GOOD, "conversations.json": b"[]", f"{place}/conversations.json": b"[]"}
    path.write_bytes(zipped(members))
    _nothing_else_is_there(tmp_path, path)
    log = {"header.json": b'{"eval": {}}', place: GOOD, f"samples/{place}.json": GOOD}
    path.write_bytes(zipped(log))
    _nothing_else_is_there(tmp_path, path)
    assert not Path("/etc/valuescape-x").exists()


def test_links_in_an_archive_are_text_and_are_not_followed(tmp_path: Path) -> None:
    secret, path = tmp_path / "secret.json", tmp_path / "c.zip"
    secret.write_text("[" + GOOD.decode() + "]")
    link = zipfile.ZipInfo("conversations.json")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, str(secret))
    tally = Tally()
    assert not list(read_corpus([path], malformed=tally.on_malformed))
    assert tally.n_malformed == 1
    assert sorted(tmp_path.iterdir()) == [path, secret]


def _nothing_else_is_there(folder: Path, path: Path) -> None:
    before = sorted(folder.rglob("*"))
    for name in ("auto", "chatgpt", "inspect"):
        with suppress(InputError):
            list(read_corpus([path], name, malformed=Tally().on_malformed))
    assert sorted(folder.rglob("*")) == before
