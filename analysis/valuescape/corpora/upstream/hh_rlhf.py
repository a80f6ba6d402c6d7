"""hh-rlhf, harmless test set: red-teaming dialogues, two last replies to each prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valuescape.corpora.conversation import Conversation, Role, Turn
from valuescape.corpora.upstream.records import Files, answered, load_lines

SOURCE = "hh-rlhf-harmless-test"
MODEL = "anthropic-52b-assistant-2022"
_SPEAKER = re.compile(r"\n\n(Human|Assistant):")
_ROLES: dict[str, Role] = {"Human": "user", "Assistant": "assistant"}


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield the chosen and the rejected dialogue of each line."""
    for path in files.values():
        for number, record in load_lines(path):
            for side in ("chosen", "rejected"):
                turns = dialogue(record[side])
                if turns and turns[-1].role == "assistant":
                    identity = f"{SOURCE}/{number}-{side}"
                    yield from answered(identity, SOURCE, MODEL, turns, {"preference": side})


def dialogue(text: str) -> list[Turn]:
    r"""Part a transcript into turns; consecutive turns of one role are joined.

    Examples
    --------
    >>> dialogue("\n\nHuman: Hi\n\nHuman: there\n\nAssistant: Hello")
    [Turn(role='user', content='Hi\n\nthere'), Turn(role='assistant', content='Hello')]
    """
    pieces = _SPEAKER.split(text)[1:]
    turns: list[Turn] = []
    for speaker, said in zip(pieces[::2], pieces[1::2], strict=True):
        role, content = _ROLES[speaker], said.strip()
        if turns and turns[-1].role == role:
            turns[-1] = Turn(role, f"{turns[-1].content}\n\n{content}".strip())
        else:
            turns.append(Turn(role, content))
    return turns
