"""``valuescape convert``: files of any known format in, one file of ours out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from valuescape.corpora.adapters.registry import FORMATS
from valuescape.corpora.conversation import Conversation
from valuescape.corpora.jsonl import write_jsonl
from valuescape.corpora.reading import DETECT, Tally, nothing_read, read_corpus
from valuescape.errors import InputError


def convert_files(
    paths: Sequence[Path],
    output: Path,
    format: str = DETECT,  # noqa: A002
    *,
    source: str | None = None,
    tally: Tally | None = None,
    done: Callable[[], None] = lambda: None,
) -> int:
    """Read conversations of one format and write them as our JSON Lines.

    Parameters
    ----------
    paths : sequence of Path
        Files or folders.
    output : Path
        File to write; not written unless there is a conversation.
    format, source : str
        As in :func:`~valuescape.corpora.reading.read_corpus`.
    tally : Tally or None
        Receives what is malformed or left out; None stops at the first malformed record.
    done : callable
        Called after each conversation.

    Returns
    -------
    int
        Number of conversations written.

    Raises
    ------
    InputError
        If no file gives a conversation, or as reading raises.
    """
    tally = tally or Tally(strict=True)
    found = read_corpus(
        paths, format, source=source, malformed=tally.on_malformed, skipped=tally.on_skipped
    )
    n = write_jsonl(_counted(found, done), output)
    if not n:
        raise InputError(nothing_read(paths[0], tally))
    return n


def _counted(
    conversations: Iterable[Conversation], done: Callable[[], None]
) -> Iterator[Conversation]:
    for conversation in conversations:
        yield conversation
        done()


def formats() -> str:
    """Return the formats that are read, one a line; * marks those never tried on a real file."""
    lines = [f"{a.name:<17}{' ' if a.checked else '*'} {a.about}" for a in FORMATS.values()]
    return "\n".join([*lines, "* written from public descriptions, not checked on a real file"])
