"""Open-Assistant message trees: human volunteers wrote the replies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from valuescape.corpora.conversation import Conversation, Role, Turn
from valuescape.corpora.upstream.records import Files, answered, load_lines

SOURCE = "oasst-en-100-tree"
MODEL = "human-volunteer"
_CHILDREN = 3
_ROLES: dict[str, Role] = {"prompter": "user", "assistant": "assistant"}


def conversations(files: Files) -> Iterator[Conversation]:
    """Yield one conversation a path from the root to a last reply, each text once."""
    for path in files.values():
        for number, tree in load_lines(path):
            seen: set[tuple[Turn, ...]] = set()
            for leaf, turns in enumerate(branches(tree["prompt"])):
                while turns and turns[-1].role != "assistant":
                    turns = turns[:-1]
                if turns and turns not in seen:
                    seen.add(turns)
                    identity = f"{SOURCE}/{number}-{leaf}"
                    yield from answered(identity, SOURCE, MODEL, list(turns), {})


def branches(node: dict[str, Any]) -> Iterator[tuple[Turn, ...]]:
    """Yield the turns from a node down to each leaf, through its first three replies."""
    turn = Turn(_ROLES[node["role"]], node["text"])
    replies = node["replies"][:_CHILDREN]
    if not replies:
        yield (turn,)
    for reply in replies:
        for rest in branches(reply):
            yield (turn, *rest)
