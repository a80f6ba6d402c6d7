"""A gigabyte of conversations passes through at most 500 MB of memory.

The peak is Linux's own for the reading process: that of getrusage includes its parent's.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.corpora import invented

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc"),
]
GIGABYTE = 10**9
MOST = 500
CHILD = """
import re, sys
from pathlib import Path
from valuescape.corpora.reading import read_corpus
n = sum(1 for _ in read_corpus([Path(sys.argv[1])]))
peak = re.search(r"VmHWM:\\s*([0-9]+) kB", Path("/proc/self/status").read_text())
print(n, int(peak.group(1)) // 1024)
"""


def told(i: int) -> str:
    return f'{i}: a word, a "quotation", a line\n' * 60


def chat(i: int) -> str:
    mapping = {**invented.CHATGPT["mapping"]}
    mapping["last"] = invented.node("last", "a2", **invented.said("assistant", told(i)))
    return json.dumps({**invented.CHATGPT, "conversation_id": f"c-{i}", "mapping": mapping})


def own(i: int) -> str:
    turns = [{"role": "user", "content": told(i)}, {"role": "assistant", "content": told(i)}]
    return json.dumps({"id": f"v-{i}", "model": "m", "messages": turns})


def written(path: Path, pieces: Iterator[str], between: str, ends: tuple[str, str]) -> int:
    n = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(ends[0])
        for piece in pieces:
            stream.write(f"{between if n else ''}{piece}")
            n += 1
            if stream.tell() >= GIGABYTE:
                break
        stream.write(ends[1])
    return n


def numbers() -> Iterator[int]:
    yield from range(GIGABYTE)


def lines(path: Path) -> int:
    return written(path, map(own, numbers()), "\n", ("", "\n"))


def array(path: Path) -> int:
    return written(path, map(chat, numbers()), ",", ("[", "]"))


def parquet(path: Path) -> int:
    """Write row groups of 5,000 conversations, the texts too various to be packed small."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, n, writer = np.random.default_rng(5), 0, None
    while writer is None or path.stat().st_size < GIGABYTE:
        texts = [bytes(x).decode("ascii") for x in rng.integers(97, 123, (10_000, 4_000), np.uint8)]
        turns = [
            [{"role": "user", "content": u}, {"role": "assistant", "content": a}]
            for u, a in zip(texts[::2], texts[1::2], strict=True)
        ]
        ids = [str(n + i) for i in range(len(turns))]
        table = pa.table({"conversation_id": ids, "model": ["m"] * len(ids), "conversation": turns})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        n += len(ids)
    writer.close()
    return n


@pytest.mark.parametrize(
    ("write", "name"),
    [(lines, "c.jsonl"), (array, "conversations.json"), (parquet, "lmsys.parquet")],
)
def test_a_gigabyte_is_read_in_half_of_that(tmp_path: Path, write: object, name: str) -> None:
    assert callable(write)
    path = tmp_path / name
    n = write(path)
    assert path.stat().st_size >= GIGABYTE
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )
    path.unlink()
    read, megabytes = map(int, done.stdout.split())
    assert read == n
    assert megabytes <= MOST
