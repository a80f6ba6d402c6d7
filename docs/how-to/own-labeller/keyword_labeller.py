"""A labeller that looks for words: an example, good for nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from valuescape.corpora.conversation import Conversation
from valuescape.labelling.protocol import Expression, Label

WORDS = {
    "honesty": re.compile(r"\b(?:honest|truth|truthful)", re.IGNORECASE),
    "safety": re.compile(r"\b(?:safe|danger|careful|risk)", re.IGNORECASE),
    "politeness": re.compile(r"\b(?:please|thank|sorry|kind)", re.IGNORECASE),
}
REFUSAL = re.compile(r"\bI (?:can(?:no|')t|won't) ", re.IGNORECASE)


class KeywordLabeller:
    """Finds three values by words in the assistant's turns."""

    name = "keywords"
    version = "1"

    def label(self, conversations: Iterable[Conversation]) -> Iterator[Label]:
        """Label conversations one at a time, in the order given."""
        for conversation in conversations:
            said = " ".join(t.content for t in conversation.messages if t.role == "assistant")
            values = [value for value, words in WORDS.items() if words.search(said)]
            yield Label(
                conversation.id,
                status="ok",
                subjective=bool(values),
                task_type="casual_chat",
                task="",
                response_type="strong_resistance" if REFUSAL.search(said) else "no_values",
                expressions=tuple(
                    Expression("assistant", value, explicit=None, rank=rank)
                    for rank, value in enumerate(values, start=1)
                ),
            )
