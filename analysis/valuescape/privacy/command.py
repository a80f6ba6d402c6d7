"""``valuescape redact``: a file of conversations in, the same without personal data out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError
from valuescape.privacy.finders import Kind
from valuescape.privacy.redaction import RedactionReport, redact_conversation
from valuescape.store import write_table
from valuescape.writing import replaced_file


def redact_file(path: Path, output: Path, report: Path | None = None) -> RedactionReport:
    """Redact a JSONL file and, if asked, write a table of what was hidden.

    Users and prompts are renumbered in the order in which they occur, so that neither an account
    name nor the digest of a prompt's text is carried over; ids of conversations stay, so that
    labels can be joined.

    Parameters
    ----------
    path : Path
        Conversations in our JSONL, plain or gzip-compressed.
    output : Path
        Redacted conversations; compressed if the name ends in ``.gz``.
    report : Path, optional
        CSV with ``kind, n_items, n_conversations``.

    Returns
    -------
    RedactionReport
        The counts.

    Raises
    ------
    InputError
        If the file cannot be read or is empty, a record is malformed, or ``output`` is ``path``.
        Nothing is written then.
    """
    if output.resolve() == path.resolve():
        raise InputError(f"{output}: is the input itself; name another file")
    with _beside(output) as stream:
        found = RedactionReport.of(_written(path, stream))
        if not found.n_conversations:
            raise InputError(f"{path}: no conversation; at least one line of JSON is needed")
    if report is not None:
        write_table(found.to_frame(), report, key=["kind"])
    return found


def _written(path: Path, stream: BinaryIO) -> Iterator[dict[Kind, int]]:
    """Write each conversation redacted, and yield what was hidden in it."""
    users: dict[str, str] = {}
    prompts: dict[str, str] = {}
    for conversation in read_jsonl(path):
        redacted, found = redact_conversation(conversation)
        user = conversation.user_id
        numbered = replace(
            redacted,
            prompt_id=prompts.setdefault(conversation.prompt_id, f"prompt-{len(prompts) + 1}"),
            user_id=None if user is None else users.setdefault(user, f"user-{len(users) + 1}"),
        )
        stream.write(_line(numbered))
        yield found


def _line(conversation: Conversation) -> bytes:
    record = {
        "id": conversation.id,
        "model": conversation.model,
        "messages": [{"role": t.role, "content": t.content} for t in conversation.messages],
        "prompt_id": conversation.prompt_id,
    }
    for name in ("user_id", "started_at", "source"):
        if (value := getattr(conversation, name)) is not None:
            record[name] = value
    return json.dumps(record).encode("ascii") + b"\n"


@contextmanager
def _beside(output: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content takes the place of a file only if nothing fails."""
    with replaced_file(output) as plain:
        if output.suffix == ".gz":
            with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as packed:
                yield cast("BinaryIO", packed)
        else:
            yield plain
