"""WildChat-1M and LMSYS-Chat-1M, as Parquet (or JSON Lines) on Hugging Face.

Written from the datasets' cards and tried on invented Parquet files with their columns; not
checked against a real download, which needs an agreement with the publishers.
WildChat names users by a hash of their address (``hashed_ip``), LMSYS does not name them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import listed, mapping, moment, named, optional_text, text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, answered, joined, party

_WILDCHAT = ("language", "country", "state", "toxic", "redacted")
_LMSYS = ("language", "redacted")


def _of_wildchat(content: Mapping[str, Any]) -> bool:
    return has(content, "conversation_hash", "conversation", "model")


def _of_lmsys(content: Mapping[str, Any]) -> bool:
    return has(content, "conversation_id", "conversation", "model")


def _wildchat(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a row."""
    content, source = record.content, record.file.source
    turns = list(_turns(content))
    first: dict[str, Any] = next((m for m in content["conversation"] if m.get("hashed_ip")), {})
    yield answered(
        f"{source}/{named(content, 'conversation_hash')}",
        source,
        named(content, "model"),
        joined(turns),
        user_id=optional_text(content, "hashed_ip") or optional_text(first, "hashed_ip"),
        started_at=_first_time(content),
        meta=_kept(content, _WILDCHAT),
    )


def _lmsys(record: Record) -> Iterator[Outcome]:
    """Yield one conversation a row; it is told neither when nor by whom it was begun."""
    content, source = record.content, record.file.source
    yield answered(
        f"{source}/{named(content, 'conversation_id')}",
        source,
        named(content, "model"),
        joined(_turns(content)),
        meta=_kept(content, _LMSYS),
    )


def _first_time(content: Mapping[str, Any]) -> str | None:
    """Return the earliest time of the turns; the row's own is that of the last reply."""
    times = [m.get("timestamp") for m in content["conversation"]]
    found = [moment(t, "timestamp") for t in times]
    known = [t for t in found if t]
    return min(known) if known else moment(content.get("timestamp"), "timestamp")


def _turns(content: Mapping[str, Any]) -> Iterator[Turn]:
    for place, message in enumerate(listed(content, "conversation"), start=1):
        found = mapping(message, f"turn {place}")
        role = party(found.get("role"), place)
        if role:
            yield Turn(role, text(found, "content"))


def _kept(content: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: content[name] for name in names if content.get(name) is not None}


WILDCHAT = Adapter(
    "wildchat",
    "WildChat-1M, Parquet as on Hugging Face",
    "wildchat-1m",
    _of_wildchat,
    _wildchat,
    checked=False,
)
LMSYS = Adapter(
    "lmsys",
    "LMSYS-Chat-1M, Parquet as on Hugging Face",
    "lmsys-chat-1m",
    _of_lmsys,
    _lmsys,
    checked=False,
)
