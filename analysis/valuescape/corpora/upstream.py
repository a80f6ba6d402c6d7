"""The public corpora of the study: their files by address and digest, and how to get them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from importlib.resources import as_file, files
from pathlib import Path

from valuescape.corpora.adapters.registry import SOURCES
from valuescape.corpora.download import Upstream, download
from valuescape.corpora.jsonl import write_jsonl
from valuescape.corpora.reading import conversations
from valuescape.errors import InputError

_COLUMNS = ["source", "repository", "commit", "path", "url", "bytes", "sha256"]


def read_upstream(path: Path) -> list[Upstream]:
    """Read a list of upstream files.

    Raises
    ------
    InputError
        If a column is missing or unknown, or a source has no adapter.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _COLUMNS:
            raise InputError(f"{path}: columns are {reader.fieldnames}; needed are {_COLUMNS}")
        found = [_upstream(row) for row in reader]
    for number, file in enumerate(found, start=2):
        if file.source not in SOURCES:
            allowed = ", ".join(SOURCES)
            raise InputError(f"{path}, line {number}: source {file.source!r}; allowed: {allowed}")
    return found


def _upstream(row: dict[str, str]) -> Upstream:
    given = {name: row[name] for name in _COLUMNS if name not in ("bytes", "sha256")}
    return Upstream(**given, n_bytes=int(row["bytes"]), sha256=row["sha256"])


def packaged_upstream() -> list[Upstream]:
    """Return the list that comes with the package, equal to ``data/acquire/upstream.csv``."""
    with as_file(files("valuescape.resources") / "corpora" / "upstream.csv") as path:
        return read_upstream(path)


def fetch(
    wanted: Iterable[Upstream], folder: Path, done: Callable[[], None]
) -> dict[str, dict[str, Path]]:
    """Bring files to ``folder``; return, by source, upstream path and local file.

    Raises
    ------
    InputError
        If a file cannot be had, or is not the one of its digest.
    """
    local: dict[str, dict[str, Path]] = {}
    for file in wanted:
        target = folder / file.repository / file.commit / file.path
        download(file, target)
        local.setdefault(file.source, {})[file.path] = target
        done()
    return local


def corpus_files(name: str, listed: Iterable[Upstream]) -> list[Upstream]:
    """Return the files of one corpus.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    listed = list(listed)
    found = [file for file in listed if file.source == name]
    if not found:
        allowed = ", ".join(dict.fromkeys(file.source for file in listed))
        raise InputError(f"corpus {name!r} is not known; allowed: {allowed}")
    return found


def listing(listed: Iterable[Upstream]) -> str:
    """Return the corpora with the number and size of their files, one a line."""
    sizes: dict[str, list[int]] = {}
    for file in listed:
        sizes.setdefault(file.source, []).append(file.n_bytes)
    return "\n".join(
        f"{name:<24}{len(found):>3} files{sum(found) / 1e6:>8.1f} MB"
        for name, found in sizes.items()
    )


def fetch_corpus(
    wanted: list[Upstream], folder: Path, done: Callable[[], None]
) -> tuple[Path, int]:
    """Download one corpus and write its conversations.

    Parameters
    ----------
    wanted : list of Upstream
        Its files; those that are there already are not fetched again.
    folder : Path
        Receives ``upstream/`` and the corpus as ``{source}.jsonl.gz``.
    done : callable
        Called after each file.

    Returns
    -------
    Path
        The file written.
    int
        How many conversations it holds: all there are, more than the study used.

    Raises
    ------
    InputError
        As :func:`fetch`, or if a record is malformed.
    """
    source = wanted[0].source
    local = fetch(wanted, folder / "upstream", done)
    target = folder / f"{source}.jsonl.gz"
    return target, write_jsonl(conversations(SOURCES[source], local[source], source), target)
