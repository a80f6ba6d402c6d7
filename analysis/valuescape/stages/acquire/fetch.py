"""Fetch the public corpora by URL and SHA-256 and turn them into our JSONL."""

from __future__ import annotations

from pathlib import Path

from valuescape.corpora.adapters.registry import SOURCES
from valuescape.corpora.jsonl import write_jsonl
from valuescape.corpora.reading import conversations
from valuescape.corpora.upstream import fetch, read_upstream
from valuescape.errors import InputError
from valuescape.paths import paths
from valuescape.progress import steps
from valuescape.stages import run
from valuescape.stages.acquire.choices import acquire_folder
from valuescape.store import read_table


def write_corpora(
    local: dict[str, dict[str, Path]], wanted: dict[str, set[str]], folder: Path
) -> None:
    """Write one gzip-compressed JSONL a source, with the wanted conversations.

    Raises
    ------
    InputError
        If a wanted conversation is not in the upstream files, or one of their records is
        malformed.
    """
    for source, files in local.items():
        found = {c.id: c for c in conversations(SOURCES[source], files, source)}
        absent = sorted(wanted.get(source, set()) - set(found))
        if absent:
            raise InputError(f"{source}: {len(absent)} conversations missing, {absent[0]!r} first")
        kept = [c for c in found.values() if c.id in wanted.get(source, set())]
        name = source.replace("-", "_").replace(".", "")
        write_jsonl(kept, folder / f"{name}.jsonl.gz")


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
