"""ShareGPT: ``conversations`` of ``from`` (human, gpt, system, ...) and ``value``.

Written from public descriptions and tried on an invented file; not checked against a real export.
The format does not name the assistant: without a field ``model`` it is ``not-named``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import identity, listed, mapping, optional_text, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import UNNAMED, Outcome, answered, joined, party


def _recognises(content: Mapping[str, Any]) -> bool:
    turns = content.get("conversations")
    return (
        isinstance(turns, list)
        and bool(turns)
        and isinstance(turns[0], dict)
        and {"from", "value"} <= set(turns[0])
    )


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a record."""
    content, source = record.content, record.file.source
    left_out: Counter[str] = Counter()
    system = optional_text(content, "system")
    turns = [Turn("system", system)] if system else []
    for place, message in enumerate(listed(content, "conversations"), start=1):
        found = mapping(message, f"turn {place}")
        role = party(found.get("from"), place)
        if role is None:
            left_out["tool"] += 1
        else:
            turns.append(Turn(role, text(found, "value")))
    name = identity(content, "id") or f"{PurePosixPath(record.file.name).stem}-{record.index}"
    model = optional_text(content, "model") or UNNAMED
    yield answered(f"{source}/{name}", source, model, joined(turns), left_out=left_out)


SHAREGPT = Adapter(
    "sharegpt",
    "ShareGPT: conversations of from and value",
    "sharegpt",
    _recognises,
    _convert,
    checked=False,
)
