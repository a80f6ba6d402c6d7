"""Fetch the public corpora by URL and SHA-256 and turn them into our JSONL."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.upstream.registry import ADAPTERS
from valuescape.errors import InputError
from valuescape.labelling.progress import steps
from valuescape.settings import paths
from valuescape.stages import run
from valuescape.stages.acquire.choices import acquire_folder
from valuescape.stages.acquire.download import Upstream, download
from valuescape.store import read_table, write_bytes

_COLUMNS = ["source", "repository", "commit", "path", "url", "bytes", "sha256"]


def read_upstream(path: Path) -> list[Upstream]:
    """Read the list of upstream files.

    Raises
    ------
    InputError
        If a column is missing or unknown, or a source has no adapter.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _COLUMNS:
            raise InputError(f"{path}: columns are {reader.fieldnames}; needed are {_COLUMNS}")
        files = [_upstream(row) for row in reader]
    for number, file in enumerate(files, start=2):
        if file.source not in ADAPTERS:
            allowed = ", ".join(ADAPTERS)
            raise InputError(f"{path}, line {number}: source {file.source!r}; allowed: {allowed}")
    return files


def _upstream(row: dict[str, str]) -> Upstream:
    given = {name: row[name] for name in _COLUMNS if name not in ("bytes", "sha256")}
    return Upstream(**given, n_bytes=int(row["bytes"]), sha256=row["sha256"])


def fetch(
    files: list[Upstream], folder: Path, done: Callable[[], None]
) -> dict[str, dict[str, Path]]:
    """Bring all files to ``folder``; return, by source, upstream path and local file."""
    local: dict[str, dict[str, Path]] = {}
    for file in files:
        target = folder / file.repository / file.commit / file.path
        download(file, target)
        local.setdefault(file.source, {})[file.path] = target
        done()
    return local


def write_corpora(
    local: dict[str, dict[str, Path]], wanted: dict[str, set[str]], folder: Path
) -> None:
    """Write one gzip-compressed JSONL a source, with the wanted conversations.

    Raises
    ------
    InputError
        If a wanted conversation is not in the upstream files.
    """
    for source, files in local.items():
        found = {c.id: c for c in ADAPTERS[source](files)}
        absent = sorted(wanted.get(source, set()) - set(found))
        if absent:
            raise InputError(f"{source}: {len(absent)} conversations missing, {absent[0]!r} first")
        kept = [c for c in found.values() if c.id in wanted.get(source, set())]
        name = source.replace("-", "_").replace(".", "")
        write_bytes(packed(kept), folder / f"{name}.jsonl.gz")


def packed(conversations: Iterable[Conversation]) -> bytes:
    """Return conversations as gzip-compressed JSONL; equal content gives equal bytes."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as archive:
        for c in conversations:
            record = {
                "id": c.id,
                "source": c.source,
                "model": c.model,
                "messages": [{"role": t.role, "content": t.content} for t in c.messages],
                "prompt_id": c.prompt_id,
                "meta": c.meta,
            }
            archive.write((json.dumps(record) + "\n").encode("ascii"))
    return stream.getvalue()


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    folder = acquire_folder(where)
    files = read_upstream(folder / "upstream.csv")
    known = read_table(where.labels / "conversations.csv", "conversations")
    wanted = {str(source): set(part["conversation_id"]) for source, part in known.groupby("source")}
    with steps("fetching", len(files)) as done:
        local = fetch(files, folder / "corpora" / "upstream", done)
    write_corpora(local, wanted, folder / "corpora")


if __name__ == "__main__":
    run(main)
