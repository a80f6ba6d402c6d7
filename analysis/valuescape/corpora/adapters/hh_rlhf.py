"""hh-rlhf: dialogues with two last replies, the chosen and the rejected one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from valuescape.corpora.adapters.adapter import Adapter, has
from valuescape.corpora.conversation import Role, Turn
from valuescape.corpora.fields import text
from valuescape.corpora.records import Record
from valuescape.corpora.turns import Outcome, Skipped, answered

MODEL = "anthropic-52b-assistant-2022"
_SPEAKER = re.compile(r"\n\n(Human|Assistant):")
_ROLES: dict[str, Role] = {"Human": "user", "Assistant": "assistant"}


def _convert(record: Record) -> Iterator[Outcome]:
    """Yield the chosen and the rejected dialogue of a line, if the assistant speaks last."""
    source = record.file.source
    for side in ("chosen", "rejected"):
        turns = dialogue(text(record.content, side))
        if turns and turns[-1].role == "assistant":
            identity = f"{source}/{record.index}-{side}"
            yield answered(identity, source, MODEL, turns, meta={"preference": side})
        else:
            yield Skipped("no reply of the assistant")


def dialogue(transcript: str) -> list[Turn]:
    r"""Part a transcript into turns; consecutive turns of one role are joined.

    Examples
    --------
    >>> dialogue("\n\nHuman: Hi\n\nHuman: there\n\nAssistant: Hello")
    [Turn(role='user', content='Hi\n\nthere'), Turn(role='assistant', content='Hello')]
    """
    pieces = _SPEAKER.split(transcript)[1:]
    turns: list[Turn] = []
    for speaker, said in zip(pieces[::2], pieces[1::2], strict=True):
        role, content = _ROLES[speaker], said.strip()
        if turns and turns[-1].role == role:
            turns[-1] = Turn(role, f"{turns[-1].content}\n\n{content}".strip())
        else:
            turns.append(Turn(role, content))
    return turns


def _recognises(content: Mapping[str, Any]) -> bool:
    return has(content, "chosen", "rejected") and "\n\nHuman:" in str(content["chosen"])


HH_RLHF = Adapter(
    "hh-rlhf",
    "hh-rlhf: JSON Lines with chosen and rejected",
    "hh-rlhf",
    _recognises,
    _convert,
    checked=True,
)
