"""Inspect's evaluation logs: ``.json``, or ``.eval`` archives.

One conversation a sample and epoch: its messages, with the reply under ``output`` where they end
before it.  Texts that a log stores once and refers to (``attachment://...``) are put back.  Tools,
reasoning and other parts that are not text are left out and counted.

Checked on a log that Inspect 0.3.285 wrote with its stand-in model; not on one of a real model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Turn
from valuescape.corpora.fields import identity, inner, listed, many, mapping, moment, optional_text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import UNNAMED, Outcome, answered, joined, party, plain
from valuescape.errors import InputError

_REFERENCE = "attachment://"


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "id", "epoch", "messages")


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield the conversation of a sample."""
    content, source, head = record.content, record.file.source, inner(record.around, "eval")
    run, sample = identity(head, "eval_id", "task_id", "run_id"), identity(content, "id")
    if sample is None:
        raise InputError("'id' is missing; needed is a text or a whole number")
    left_out: Counter[str] = Counter()
    output = inner(content, "output")
    meta = {"sample": sample, "epoch": content.get("epoch"), "task": head.get("task")}
    yield answered(
        f"{source}/{run or record.file.path.stem}-{sample}-{content.get('epoch')}",
        source,
        optional_text(output, "model") or optional_text(head, "model") or UNNAMED,
        joined(_turns(content, output, left_out)),
        started_at=moment(content.get("started_at") or head.get("created"), "started_at"),
        meta={k: v for k, v in meta.items() if v is not None},
        left_out=left_out,
    )


def _turns(
    content: Mapping[str, Any], output: Mapping[str, Any], left_out: Counter[str]
) -> Iterator[Turn]:
    messages = list(listed(content, "messages"))
    choices = output.get("choices")
    last = mapping(messages[-1], "a message").get("role") if messages else None
    if last == "user" and isinstance(choices, list) and choices:
        messages.append(mapping(choices[0], "a choice").get("message"))
    stored = inner(content, "attachments")
    for place, message in enumerate(messages, start=1):
        found = mapping(message, f"turn {place}")
        role = party(found.get("role"), place)
        left_out["tool"] += len(many(found, "tool_calls")) + (role is None)
        if role:
            yield Turn(role, _restored(plain(found.get("content"), left_out, place), stored))


def _restored(said: str, stored: Mapping[str, Any]) -> str:
    """Put back a text that is stored elsewhere in the sample."""
    if not said.startswith(_REFERENCE):
        return said
    found = stored.get(said.removeprefix(_REFERENCE))
    if not isinstance(found, str):
        raise InputError("a message refers to an attachment that is not in the sample")
    return found


INSPECT = Adapter(
    "inspect",
    "Inspect evaluation logs, .eval or .json",
    "inspect",
    _recognises,
    _convert,
    checked=True,
)
